import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type {
  Alarm,
  CommandRecord,
  DeviceSummary,
  DeviceTwin,
  IsolationPlan,
  Page,
  Shutoff,
} from '@gastwin/server/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runGastwin } from '../server/src/cli/testing/run-gastwin.ts'
import type { ApiClient } from './support/api-client.ts'
import { type RunningDemo, startDemo } from './support/demo-process.ts'
import { DevicePeer, reportOf } from './support/device-peer.ts'
import { eventually } from './support/eventually.ts'

const dataDir = mkdtempSync(path.join(tmpdir(), 'gastwin-power-cut-'))
const OPTIONS = { scenario: 'calm', speed: 30, dataDir, args: ['--safety-mode', 'approval'] } as const

let demo: RunningDemo
let api: ApiClient
let home = ''
let before: DeviceTwin
let acked: Alarm
let shutoff: Shutoff
let commands: readonly CommandRecord[]

beforeAll(async () => {
  demo = await startDemo(OPTIONS)
  api = await demo.signIn('dispatcher')
  home = demo.homes.at(-1) ?? ''
}, 450_000)
afterAll(async () => {
  await demo?.stop()
  rmSync(dataDir, { recursive: true, force: true })
}, 180_000)

const twin = () => api.get<DeviceTwin>(`/devices/${home}`)
const alarmsOfHome = async () => (await api.alarms()).filter((a) => a.asset.id === home)
const shutoffNow = async () => (await api.shutoffs()).find((s) => s.id === shutoff.id)
const commandsNow = async () => (await api.get<{ items: CommandRecord[] }>('/commands')).items

test('in the middle of a shut-off, with an acknowledged alarm, everything is killed at once', async () => {
  const peer = await DevicePeer.open(demo)
  const { now } = await api.city()
  for (let sequence = 1; sequence <= 5; sequence++) {
    // The twin knows times to the second.
    const at = now - 10_000 + sequence * 1_000
    const reading = { quantity: 'index_m3', at, value: 1000 + sequence } as const
    await peer.report(
      reportOf(Number(home), at, { sequence, trigger: 'alarm', events: ['dismantled'], readings: [reading] }),
    )
  }
  const [alarm] = await eventually(10_000, alarmsOfHome, (all) => all.length > 0)
  acked = await api.post<Alarm>(`/alarms/${alarm?.id}/ack`, { note: 'seen' })
  expect(acked).toMatchObject({ state: 'active_acked', acked_by: 'dispatcher' })

  await eventually(
    30_000,
    () => api.get<Page<DeviceSummary>>('/devices?kind=valve&limit=500'),
    ({ items }) => items.every((valve) => valve.last_received_at !== null),
  )
  // A trunk that remote valves alone cut off; the actuators travel for half a minute of event time.
  for (const pipe of demo.network.pipes.filter((p) => p.zone === 'MP')) {
    const plan = await api.get<IsolationPlan>(`/isolation?edge=${pipe.id}`)
    if (!plan.feasible || plan.close.some((v) => v.actuator !== 'remote')) continue
    shutoff = await api.post<Shutoff>('/shutoffs', { edge: pipe.id, plan_hash: plan.hash, reason: 'works' })
    break
  }
  await (await demo.signIn('safety')).post(`/shutoffs/${shutoff.id}/approve`)
  await eventually(20_000, shutoffNow, (s) => s?.valves.some((v) => v.state !== 'waiting') === true)
  before = await eventually(5_000, twin, (t) => t.meter?.index_m3 === 1005)
  commands = await commandsNow()
  expect(['closing', 'verifying']).toContain((await shutoffNow())?.state)
  peer.close()
  await demo.crash()
}, 270_000)

test('the demo goes on where it was: twins, counters and the acknowledged alarm are as before', async () => {
  demo = await startDemo({ ...OPTIONS, resume: true })
  api = await demo.signIn('dispatcher')
  const after = await twin()
  expect(after.meter).toEqual(before.meter)
  expect([after.reports, after.duplicates, after.events]).toEqual([before.reports, before.duplicates, before.events])
  const [alarm] = await alarmsOfHome()
  expect(alarm).toMatchObject({ id: acked.id, state: 'active_acked', acked_by: 'dispatcher', ack_note: 'seen' })
}, 450_000)

test('commands are still on record, and no number is given twice', async () => {
  const known = await eventually(20_000, commandsNow, (all) => all.length >= commands.length)
  for (const command of commands) expect(known.find((c) => c.id === command.id)?.device).toBe(command.device)
  const ids = known.map((c) => c.id)
  expect(new Set(ids).size).toBe(ids.length)
})

test('the shut-off that was under way is taken up again and completed', async () => {
  const done = await eventually(90_000, shutoffNow, (s) => s?.state === 'isolated' || s?.state === 'failed')
  expect([done?.state, done?.approved_by, done?.requested_by, done?.reason]).toEqual([
    'isolated',
    'safety',
    'dispatcher',
    'works',
  ])
  expect(done?.valves.map((v) => v.state)).toEqual(done?.valves.map(() => 'closed'))
}, 360_000)

test('reports go on being counted, and the audit chain runs unbroken over the cut', async () => {
  const peer = await DevicePeer.open(demo)
  const { now } = await api.city()
  const reading = { quantity: 'index_m3', at: now, value: 1006 } as const
  await peer.report(reportOf(Number(home), now, { sequence: 6, readings: [reading] }))
  const after = await eventually(5_000, twin, (t) => t.meter?.index_m3 === 1006)
  expect(after.reports).toBe(before.reports + 1)
  peer.close()
  const file = path.join(demo.runDir, 'audit.ndjson')
  const verdict = await runGastwin(['audit', file, '--json'])
  expect(JSON.parse(verdict.stdout)).toMatchObject({ ok: true })
  expect(readFileSync(file, 'utf8')).toContain('"isolated"')
})
