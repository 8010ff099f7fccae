import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Alarm, HostileTerminal } from '@gastwin/server/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Accounts } from '../../../server/src/http/auth/accounts.ts'
import { TestAuthority } from '../../../server/src/identity/testing/demo-authority.ts'
import {
  type ServiceProcess,
  spawnService,
  TEST_MASTER_KEY,
} from '../../../server/src/pipeline/testing/service-process.ts'
import { buildCity } from '../city/write-city.ts'
import { Fleet } from './fleet.ts'

const HOUR = 3_600_000
const BEGIN = Date.parse('2026-03-10T06:00:00+08:00')
const SPEED = 2_400
const LIVED_H = 44
/** After six hours the road to the platform is held up for twelve; what was said then comes in the two hours behind. */
const [JAM_H, FREE_H, OVER_H] = [6, 18, 20]
const { network: document, truth } = buildCity({ meters: 200, seed: 11 })
const instruments = [...document.rtus, ...document.valves.filter(({ actuator }) => actuator === 'remote')].flatMap(
  ({ device_number: number }) => (number == null ? [] : [Number(number)]),
)

let dir = ''
let key = ''
let service: ServiceProcess
let fleet: Fleet
let wall = 0

/** The fleet lives behind the service's clock while it is held up, and lives the faster afterwards. */
function heldUp(now: number): number {
  const hours = ((now - wall) * SPEED) / HOUR
  if (hours < JAM_H || hours >= OVER_H) return now
  const lived =
    hours < FREE_H
      ? JAM_H + (hours - JAM_H) / 100
      : JAM_H + 0.12 + ((hours - FREE_H) / (OVER_H - FREE_H)) * (OVER_H - JAM_H - 0.12)
  return wall + (lived * HOUR) / SPEED
}

beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'gastwin-honest-'))
  await writeFile(path.join(dir, 'network.json'), JSON.stringify(document))
  const masterKey = Buffer.from(TEST_MASTER_KEY, 'hex')
  const authority = new TestAuthority(dir, masterKey)
  key = await (await Accounts.open(path.join(dir, 'data'))).addApiKey('test', 'admin')
  const homes = document.meters.filter((m) => m.class === 'residential' && m.profile == null).slice(0, 10)
  const made = authority.makeAll([...homes.map(({ id }) => Number(id)), ...instruments])
  const devices = new Map(made.map((making) => [Number(making.certificate.subject), making]))
  wall = Date.now() + 15_000
  const plan = { segments: [{ wall, event: BEGIN, speed: SPEED }] }
  service = await spawnService({
    network: path.join(dir, 'network.json'),
    dataDir: path.join(dir, 'data'),
    env: { ...authority.environment, GASTWIN_CLOCK: JSON.stringify(plan) },
  }).ready
  const options = { document, truth, host: '127.0.0.1', port: service.coapPort, plan, seed: 5, masterKey }
  const authorityKey = authority.folder.certificate.publicKey
  const identities = { authorityKey, devices }
  fleet = await Fleet.open({
    ...{ ...options, scenario: 'calm', sockets: 64, identities },
    wall: () => heldUp(Date.now()),
  })
  fleet.run()
}, 60_000)
afterAll(async () => {
  await fleet.close()
  await service.kill()
  await rm(dir, { recursive: true, force: true })
})

const get = async <T>(place: string): Promise<T> =>
  (await (await fetch(`${service.url}/api/v1${place}`, { headers: { 'x-api-key': key } })).json()) as T

test('sound homes, RTUs and remote valves are never warned of, though all are held up for half a day and come back in a hurry', async () => {
  expect(instruments.length).toBeGreaterThan(3)
  const warned = new Map<string, HostileTerminal>()
  const lived = async (): Promise<boolean> => {
    for (const one of (await get<{ items: HostileTerminal[] }>('/devices/hostile')).items)
      if (one.step !== 'none') warned.set(`${one.device}@${one.from}`, one)
    return (fleet.stats()['event_time'] ?? 0) >= BEGIN + LIVED_H * HOUR
  }
  for (const end = Date.now() + 270_000; Date.now() < end && !(await lived()); await pause(200));
  expect(fleet.stats()['event_time']).toBeGreaterThan(BEGIN + LIVED_H * HOUR)
  expect([...warned.values()]).toEqual([])
  const { items: alarms } = await get<{ items: Alarm[] }>('/alarms')
  expect(alarms.filter(({ rule }) => rule === 'hostile_terminal')).toEqual([])
  // They were heard all the while.
  const sessions = (await get<{ sessions: number }>('/keys/health')).sessions
  expect(sessions).toBeGreaterThanOrEqual(instruments.length)
}, 300_000)
