import type { Alarm, DeviceTwin, Series } from '@gastwin/server/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runGastwin } from '../server/src/cli/testing/run-gastwin.ts'
import { parseTelemetry } from './living-city/recomputed-balance.ts'
import type { ApiClient } from './support/api-client.ts'
import { type RunningDemo, startDemo } from './support/demo-process.ts'
import { eventually } from './support/eventually.ts'

const KILLS = 3

let demo: RunningDemo
let api: ApiClient

beforeAll(async () => {
  demo = await startDemo({ scenario: 'calm', speed: 600 })
  api = await demo.signIn('dispatcher')
}, 450_000)
afterAll(() => demo?.stop(), 60_000)

const metric = async (name: string): Promise<number> => {
  const text = await (await fetch(`${demo.url}/metrics`)).text()
  const line = text.split('\n').find((l) => l.startsWith(`${name} `))
  return Number(line?.split(' ')[1])
}
const engineAlarm = async (): Promise<Alarm | undefined> =>
  (await api.alarms()).find((a) => a.rule === 'engine_down' && a.state.startsWith('active'))
const rtuNumber = () => String(Number(demo.network.rtus.find((r) => r.channels.includes('pressure'))?.device_number))

test('while the database engine is killed again and again, reports are taken, twins live, and an alarm says so', async () => {
  await eventually(
    60_000,
    () => metric('gastwin_store_up'),
    (up) => up === 1,
  )
  for (let kill = 0; kill < KILLS; kill++) {
    const before = { log: await metric('gastwin_log_records'), engine: demo.pidOf('engine') }
    process.kill(before.engine, 'SIGKILL')
    await eventually(20_000, engineAlarm, (alarm) => alarm !== undefined)
    const ready = await fetch(`${demo.url}/readyz`)
    const body = (await ready.json()) as { parts: { store: { ok: boolean } } }
    // Without history the service still hears and protects: it stays ready.
    expect(ready.status).toBe(200)
    const { last_received_at: heard } = await api.get<DeviceTwin>(`/devices/${rtuNumber()}`)
    await eventually(
      20_000,
      () => api.get<DeviceTwin>(`/devices/${rtuNumber()}`),
      (twin) => (twin.last_received_at ?? 0) > (heard ?? 0),
    )
    expect(await metric('gastwin_log_records')).toBeGreaterThan(before.log)
    if (!body.parts.store.ok) {
      const refused = await api.request('GET', `/devices/${rtuNumber()}/series?quantity=pressure_pa&from=1&to=2`)
      if (!refused.ok) expect(refused.headers.get('content-type')).toContain('application/problem+json')
    }
    await eventually(60_000, engineAlarm, (alarm) => alarm === undefined)
    expect(demo.pidOf('engine')).not.toBe(before.engine)
  }
}, 720_000)

test('afterwards the database catches up and has every reading exactly once', async () => {
  await eventually(
    60_000,
    () => metric('gastwin_store_lag_records'),
    (lag) => lag < 500,
  )
  const { now } = await api.city()
  const to = now - 30 * 60_000
  const { stdout } = await runGastwin(['export', '--data', demo.runDir], { GASTWIN_MASTER_KEY: demo.masterKey })
  const number = rtuNumber()
  const inLog = new Map(
    parseTelemetry(stdout)
      .filter((r) => r.asset === number && r.quantity === 'pressure_pa' && r.at < to)
      .map((r) => [r.at, r.value]),
  )
  const from = Math.min(...inLog.keys())
  const series = await eventually(
    60_000,
    () => api.get<Series>(`/devices/${number}/series?quantity=pressure_pa&from=${from}&to=${to}&points=10000`),
    (found) => found.at.length >= inLog.size,
  )
  expect(series.resolution).toBe('raw')
  expect(series.at.map((at, i) => [at, series.value[i]])).toEqual([...inLog].sort(([a], [b]) => a - b))
  expect(series.at.length).toBeGreaterThan(10)
}, 450_000)
