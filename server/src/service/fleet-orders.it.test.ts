import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildCity } from '../../../datasets/src/city/write-city.ts'
import { Fleet } from '../../../datasets/src/fleet/fleet.ts'
import type {
  CommandRecord,
  ConcentratorMeter,
  ConcentratorSummary,
  HostileTerminal,
  MeterOrdersAnswer,
  Page,
} from '../contract/index.ts'
import { Accounts } from '../http/auth/accounts.ts'
import { type ServiceProcess, spawnService } from '../pipeline/testing/service-process.ts'

const masterKey = Buffer.from('00112233445566778899aabbccddeeff', 'hex')
const begin = Date.parse('2026-03-10T23:30:00+08:00')
const plan = { segments: [{ wall: Date.now() + 4_000, event: begin, speed: 600 }] }
let dir = ''
let key = ''
let service: ServiceProcess
let fleet: Fleet

beforeAll(async () => {
  const { network: made, truth } = buildCity({ meters: 400, seed: 11, concentrators: 3 })
  const since = new Date(begin).toISOString()
  const document = { ...made, concentrators: made.concentrators?.map((one) => ({ ...one, since })) ?? [] }
  dir = await mkdtemp(path.join(os.tmpdir(), 'gastwin-fleet-orders-'))
  await writeFile(path.join(dir, 'network.json'), JSON.stringify(document))
  key = await (await Accounts.open(path.join(dir, 'data'))).addApiKey('test', 'safety')
  const env = {
    GASTWIN_CLOCK: JSON.stringify(plan),
    GASTWIN_METER_AUTHORITY: '0200000000000000',
    GASTWIN_MASTER_KEY: masterKey.toString('hex'),
  }
  service = await spawnService({ network: path.join(dir, 'network.json'), dataDir: path.join(dir, 'data'), env }).ready
  const at = { host: '127.0.0.1', port: service.coapPort }
  fleet = await Fleet.open({ document, truth, ...at, plan, scenario: 'calm', seed: 5, masterKey, sockets: 8, loss: 0 })
  fleet.run()
}, 120_000)
afterAll(async () => {
  await fleet?.close()
  await service?.kill()
  await rm(dir, { recursive: true, force: true })
})

async function call<T>(place: string, body?: unknown): Promise<T> {
  const response = await fetch(`${service.url}/api/v1${place}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'x-api-key': key, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return (await response.json()) as T
}
const items = async <T>(place: string): Promise<readonly T[]> => (await call<{ items: T[] }>(place)).items
/** Asks until it is so, or a minute and a half are over. */
async function until<T>(ask: () => Promise<T>, isSo: (value: T) => boolean): Promise<T> {
  const latest = Date.now() + 90_000
  for (;;) {
    const value = await ask()
    if (isSo(value) || Date.now() > latest) return value
    await pause(250)
  }
}

test('concentrators of a fleet are known by where they speak, and close gas valves and relays that the twin sees closed', async () => {
  const concentrators = await until(
    () => items<ConcentratorSummary>('/concentrators'),
    (all) => all.every((one) => one.holds_addresses && one.arrivals.in_time + one.arrivals.own > 20),
  )
  expect(concentrators.map((one) => one.holds_addresses)).toEqual([true, true, true])
  const ordered: number[] = []
  for (const { number } of concentrators) {
    const meters = (await call<Page<ConcentratorMeter>>(`/concentrators/${number}/meters?limit=500`)).items
    const [gas] = meters.filter(({ medium, route }) => medium === 'gas' && route !== null)
    const [power] = meters.filter(({ medium, route }) => medium === 'electricity' && route !== null)
    const chosen = [gas, power].flatMap((one) => (one === undefined ? [] : [one.number]))
    const body = { order: { kind: 'close' }, meters: chosen, reason: 'a test of the fleet' }
    const { commands } = await call<MeterOrdersAnswer>(`/concentrators/${number}/orders`, body)
    ordered.push(...commands.map(({ id }) => id))
  }
  expect(ordered.length).toBeGreaterThan(3)
  const ended = await until(
    async () => (await items<CommandRecord>('/commands?limit=1000')).filter(({ id }) => ordered.includes(id)),
    (all) => all.every(({ state }) => state === 'confirmed'),
  )
  expect(ended.map(({ state, tries, error }) => [state, tries, error])).toEqual(
    ordered.map(() => ['confirmed', 1, null]),
  )
  const closed = [...fleet.book.consumers].filter(({ device }) => ended.some((one) => one.device === String(device)))
  expect(closed.length).toBeGreaterThan(0)
  expect(closed.every(({ closedFrom }) => Number.isFinite(closedFrom))).toBe(true)
  const strays = (await items<HostileTerminal>('/devices/hostile')).filter(({ reasons }) =>
    reasons.some(({ code }) => code === 'stray_route'),
  )
  expect(strays).toEqual([])
}, 240_000)
