import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { DeviceTwin } from '@gastwin/server/contract'
import { afterAll, beforeAll, test } from 'vitest'
import { Accounts } from '../../../server/src/http/auth/accounts.ts'
import {
  readMetrics,
  type ServiceProcess,
  spawnService,
  TEST_MASTER_KEY,
} from '../../../server/src/pipeline/testing/service-process.ts'
import { until } from '../../../server/src/pipeline/testing/until.ts'
import { buildCity } from '../city/write-city.ts'
import { readSecureIdentities } from './devices/device-identity.ts'
import { Fleet } from './fleet.ts'

const BEGIN = Date.parse('2026-03-10T22:00:00+08:00')
const SPEED = 3_600
const SECURE = 20
const { network: document, truth } = buildCity({ meters: 200, seed: 11 })

let dir = ''
let api = ''
let service: ServiceProcess
let fleet: Fleet
let plan: { segments: { wall: number; event: number; speed: number }[] }
const homes = document.meters
  .filter((m) => m.class === 'residential' && m.read_schedule !== '5min')
  .slice(0, SECURE)
  .map(({ id }) => Number(id))

const spawn = (coapPort: number, dtlsPort: number) =>
  spawnService({
    ...{ network: path.join(dir, 'network.json'), dataDir: path.join(dir, 'data'), coapPort },
    env: {
      GASTWIN_CLOCK: JSON.stringify(plan),
      GASTWIN_DTLS_PORT: String(dtlsPort),
      GASTWIN_DTLS_KEYS: path.join(dir, 'keys'),
    },
  }).ready

beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'gastwin-secure-fleet-'))
  await writeFile(path.join(dir, 'network.json'), JSON.stringify(document))
  const lines = homes.map((home, i) => `${home},${(i + 16).toString(16).repeat(16)},,only`)
  await writeFile(path.join(dir, 'keys'), lines.join('\n'), { mode: 0o600 })
  api = await (await Accounts.open(path.join(dir, 'data'))).addApiKey('test', 'admin')
  // The night must not pass while a busy machine starts the service.
  plan = { segments: [{ wall: Date.now() + 12_000, event: BEGIN, speed: SPEED }] }
  service = await spawn(0, 0)
  const options = { document, truth, host: '127.0.0.1', port: service.coapPort, plan, seed: 5 }
  const identities = readSecureIdentities(path.join(dir, 'keys'))
  fleet = await Fleet.open({
    ...{ ...options, scenario: 'calm', sockets: 32, masterKey: Buffer.from(TEST_MASTER_KEY, 'hex') },
    secure: { host: '127.0.0.1', port: service.dtlsPort ?? 0, identities },
  })
  fleet.run()
}, 60_000)
afterAll(async () => {
  await fleet.close()
  await service.kill()
  await rm(dir, { recursive: true, force: true })
})

/** Of the wall, however slow the machine. */
const LONG_S = 300
const dtls = async (what: string) => (await readMetrics(service)).get(`gastwin_dtls{what="${what}"}`) ?? 0
/** Homes among those that speak DTLS whose register the twin knows as it is. */
async function heardRight(): Promise<number> {
  let right = 0
  for (const consumer of fleet.book.consumers.filter(({ device }) => homes.includes(device))) {
    const answer = await fetch(`${service.url}/api/v1/devices/${consumer.device}`, { headers: { 'x-api-key': api } })
    const { index_m3: index, index_at: at } = ((await answer.json()) as DeviceTwin).meter ?? {}
    if (typeof index !== 'number' || typeof at !== 'number') continue
    // Its first report may be of a clock that nobody has set yet.
    if (Math.abs(index - fleet.book.register(consumer, at)) <= consumer.quantum + 0.02) right++
  }
  return right
}

test('meters that speak DTLS are heard as all others, and make new associations when the service was killed', async () => {
  // One or two of a city's batteries are dead.
  const nearlyAll = (count: number): boolean => count >= SECURE - 3
  const state = () => fleet.stats()
  await until(() => dtls('received'), nearlyAll, LONG_S, state)
  await until(heardRight, nearlyAll, LONG_S, state)
  await service.kill()
  service = await spawn(service.coapPort, service.dtlsPort ?? 0)
  await until(() => dtls('established'), nearlyAll, LONG_S, state)
  await until(heardRight, nearlyAll, LONG_S, state)
}, 900_000)
