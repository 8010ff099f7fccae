import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { DeviceTwin, HostileTerminal, KeysHealth } from '@gastwin/server/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Accounts } from '../../../server/src/http/auth/accounts.ts'
import { TestAuthority } from '../../../server/src/identity/testing/demo-authority.ts'
import {
  type ServiceProcess,
  spawnService,
  TEST_MASTER_KEY,
} from '../../../server/src/pipeline/testing/service-process.ts'
import { until } from '../../../server/src/pipeline/testing/until.ts'
import { buildCity } from '../city/write-city.ts'
import { Fleet } from './fleet.ts'

const HOUR = 3_600_000
const BEGIN = Date.parse('2026-03-10T22:00:00+08:00')
const SPEED = 1_200
/** The clone needs five reports of its victim, who speaks every two hours. */
const LIVED_H = 14
const IDENTITIES = 20
const { network: document, truth } = buildCity({ meters: 200, seed: 11 })

let dir = ''
let key = ''
let service: ServiceProcess
let fleet: Fleet
let plan: { segments: { wall: number; event: number; speed: number }[] }
let authority: TestAuthority
const spawn = () =>
  spawnService({
    network: path.join(dir, 'network.json'),
    dataDir: path.join(dir, 'data'),
    env: { ...authority.environment, GASTWIN_CLOCK: JSON.stringify(plan) },
  }).ready

beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'gastwin-attack-'))
  await writeFile(path.join(dir, 'network.json'), JSON.stringify(document))
  const masterKey = Buffer.from(TEST_MASTER_KEY, 'hex')
  authority = new TestAuthority(dir, masterKey)
  key = await (await Accounts.open(path.join(dir, 'data'))).addApiKey('test', 'admin')
  const homes = document.meters.filter((m) => m.class === 'residential' && m.profile == null).slice(0, IDENTITIES)
  const made = authority.makeAll(homes.map(({ id }) => Number(id)))
  const devices = new Map(made.map((making) => [Number(making.certificate.subject), making]))
  // The night must not pass while a busy machine starts the service.
  plan = { segments: [{ wall: Date.now() + 15_000, event: BEGIN, speed: SPEED }] }
  service = await spawn()
  const options = { document, truth, host: '127.0.0.1', port: service.coapPort, plan, seed: 5, masterKey }
  const authorityKey = authority.folder.certificate.publicKey
  fleet = await Fleet.open({ ...options, scenario: 'attack', sockets: 64, identities: { authorityKey, devices } })
  fleet.run()
}, 60_000)
afterAll(async () => {
  await fleet.close()
  await service.kill()
  await rm(dir, { recursive: true, force: true })
})

const get = async <T>(place: string): Promise<T> =>
  (await (await fetch(`${service.url}/api/v1${place}`, { headers: { 'x-api-key': key } })).json()) as T
const terminals = async () => (await get<{ items: HostileTerminal[] }>('/devices/hostile')).items
const isAway = ({ step }: HostileTerminal): boolean => step === 'isolate' || step === 'offline'
/** Of the wall, however slow the machine. */
const LONG_S = 600
const state = () => fleet.stats()

test('clone, replays and flood are isolated, meters with certificates meet the platform, and sound meters lose nothing', async () => {
  await until(
    () => fleet.stats()['event_time'] ?? 0,
    (time) => time >= BEGIN + LIVED_H * HOUR,
    LONG_S,
    state,
  )
  const known = await until(terminals, (all) => all.filter(isAway).length >= 4, LONG_S, state)
  const away = known.filter(isAway)
  expect(new Set(away.map(({ from }) => from))).toEqual(new Set(fleet.attackers.sources))
  const attacked = new Set(away.map(({ device }) => device))
  expect(away.find(({ reasons }) => reasons.some(({ code }) => code === 'flood'))?.step).toBe('offline')
  expect(away.filter(({ reasons }) => reasons.some(({ code }) => code === 'replayed')).length).toBeGreaterThanOrEqual(2)
  expect((await terminals()).filter(({ from }) => from !== null && !fleet.attackers.sources.includes(from))).toEqual([])

  const health = await until(
    () => get<KeysHealth>('/keys/health'),
    ({ sessions }) => sessions >= IDENTITIES - 3 && sessions === fleet.stats()['contacts'],
    LONG_S,
    state,
  )
  expect(health.contacts['proof']).toBe(0)
  const sound = fleet.book.consumers.filter(({ home, device }) => home && !attacked.has(String(device)))
  let heard = 0
  for (const consumer of sound) {
    const twin = await get<DeviceTwin>(`/devices/${consumer.device}`)
    const { index_m3: index, index_at: at } = twin.meter ?? {}
    if (typeof index !== 'number' || typeof at !== 'number') continue
    heard += 1
    expect(Math.abs(index - fleet.book.register(consumer, at))).toBeLessThanOrEqual(consumer.quantum + 0.02)
  }
  // Dead batteries never speak, and one cell's night lies outside of what was lived.
  expect(heard).toBeGreaterThan(0.9 * fleet.households.count - attacked.size)
}, 2_400_000)
