import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { CampaignView, CommandRecord, FirmwareList, FirmwareView } from '@gastwin/server/contract'
import { signFirmware } from '@gastwin/server/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Accounts } from '../../../server/src/http/auth/accounts.ts'
import { TestAuthority } from '../../../server/src/identity/testing/demo-authority.ts'
import { ApiCaller } from '../../../server/src/pipeline/testing/api-caller.ts'
import {
  type ServiceProcess,
  spawnService,
  TEST_MASTER_KEY,
} from '../../../server/src/pipeline/testing/service-process.ts'
import { until } from '../../../server/src/pipeline/testing/until.ts'
import { buildCity } from '../city/write-city.ts'
import { Fleet } from './fleet.ts'

const BEGIN = Date.parse('2026-03-10T20:00:00+08:00')
const SPEED = 3_600
const CANARY = 30
/** Blocks of 1 024 bytes that every meter fetches. */
const BLOCKS = 60
const { network: document, truth } = buildCity({ meters: 200, seed: 11 })
// Those whose language carries the order and whose battery lives; a maker of their own is none of them.
const homes = document.meters.filter(
  (m) => m.class === 'residential' && m.read_schedule === 'daily' && (m.profile === undefined || m.profile === null),
)

let dir = ''
let api: ApiCaller
let service: ServiceProcess
let fleet: Fleet
let authority: TestAuthority
let plan: { segments: { wall: number; event: number; speed: number }[] }
const spawn = (coapPort = 0) =>
  spawnService({
    ...{ network: path.join(dir, 'network.json'), dataDir: path.join(dir, 'data'), coapPort },
    env: { ...authority.environment, GASTWIN_CLOCK: JSON.stringify(plan) },
  }).ready

beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'gastwin-fleet-firmware-'))
  await writeFile(path.join(dir, 'network.json'), JSON.stringify(document))
  const masterKey = Buffer.from(TEST_MASTER_KEY, 'hex')
  authority = new TestAuthority(dir, masterKey)
  const key = await (await Accounts.open(path.join(dir, 'data'))).addApiKey('test', 'admin')
  api = new ApiCaller(() => service.url, key)
  // The night must not pass while a busy machine starts the service.
  plan = { segments: [{ wall: Date.now() + 15_000, event: BEGIN, speed: SPEED }] }
  service = await spawn()
  const options = { document, truth, host: '127.0.0.1', port: service.coapPort, plan, seed: 28, masterKey }
  const authorityKey = authority.folder.certificate.publicKey
  fleet = await Fleet.open({
    ...{ ...options, scenario: 'frail-firmware', sockets: 64, loss: 0.01 },
    identities: { authorityKey, devices: new Map() },
  })
  fleet.run()
}, 60_000)
afterAll(async () => {
  await fleet.close()
  await service.kill()
  await rm(dir, { recursive: true, force: true })
})

const LONG = [240, () => [fleet.firmware?.counts, fleet.stats()]] as const
const campaignOf = async (id: string): Promise<CampaignView> => {
  const items = await api.items<CampaignView>('/campaigns')
  return items.find((one) => one.id === id) as CampaignView
}
const counts = () =>
  fleet.firmware?.counts ?? { ordered: 0, blocks: 0, resumed: 0, running: 0, returned: 0, refused: 0 }
const upload = (version: string): Promise<FirmwareView> => {
  const signer = authority.firmwareSigner('gastwin')
  const image = Uint8Array.from({ length: BLOCKS * 1024 - 100 }, (_, i) => (i * 131 + version.length * (i >> 8)) & 0xff)
  image.set(Buffer.from(version), 64)
  const claims = { maker: 'gastwin', model: 'nb-1', version, security: 1, minBatteryMv: 0 }
  const signed = signFirmware(image, claims, signer.certificate, signer.keys)
  const [text, more] = [image, signed].map((bytes) => Buffer.from(bytes).toString('base64'))
  return api.call('/firmware', { image: text, signed: more, reason: 'test' })
}

test('a fleet of which 5 % do not come up is stopped at its canary, over a kill in the middle of the downloads, and rolled back', async () => {
  const [factory, fresh] = [await upload('1.0.0'), await upload('1.1.0')]
  const filter = { devices: homes.map(({ id }) => String(Number(id))) }
  const { devices } = await api.call<{ devices: number }>('/campaigns/preview', filter)
  expect(devices).toBe(homes.length)
  const order = {
    ...{ name: 'to 1.1.0', firmware: fresh.number, canary: CANARY, wave: 100, stop_rate: 0.05, reason: 'test' },
    expires_in_s: 2_592_000,
    ...{ filter, expected_devices: devices },
  }
  const { id } = await api.call<CampaignView>('/campaigns', order)

  // Somebody has a part of the image: the service dies, and is back at the same port.
  const { coapPort } = service
  while (fleet.firmware?.fetching === 0) await pause(2)
  await service.kill()
  service = await spawn(coapPort)

  const stopped = await until(
    () => campaignOf(id),
    ({ state }) => state === 'stopped',
    ...LONG,
  )
  expect(stopped).toMatchObject({ at_wave: 0, ending: expect.stringMatching(/^failures:[1-9]\/30$/) })
  // Who had been told goes on to the end; nobody else is told.
  const ended = await until(
    () => campaignOf(id),
    ({ progress }) => progress.sent + progress.queued === 0,
    ...LONG,
  )
  const items = await api.items<CommandRecord>('/commands?limit=1000')
  const own = items.filter(({ cause }) => cause === `campaign ${id}`)
  const { confirmed, failed, cancelled } = ended.progress
  expect(confirmed + failed + cancelled).toBe(CANARY)
  expect(confirmed).toBeGreaterThan(5)
  const ends = own.flatMap(({ error }) => (error === null || error.startsWith('cancelled') ? [] : [error]))
  expect([counts().running, counts().refused, new Set(ends)]).toEqual([confirmed, 0, new Set(['returned'])])
  expect(counts().ordered).toBe(confirmed + counts().returned)
  // Each fetched the image once: what was there before the kill was not fetched again, whether a block was said again or begun anew.
  expect(counts().blocks).toBe(BLOCKS * counts().ordered)

  for (const { device, state, firmware } of own) {
    if (state === 'cancelled') continue
    const row = homes.find((home) => Number(home.id) === Number(device))
    const consumer = fleet.book.consumers.find((one) => one.device === Number(row?.id))
    expect([firmware?.from, fleet.firmware?.versionOf(consumer?.index ?? -1)]).toEqual([
      firmware?.from === null ? null : '1.0.0',
      state === 'confirmed' ? '1.1.0' : '1.0.0',
    ])
  }
  const runs = async () =>
    (await api.call<FirmwareList>('/firmware')).versions.find(({ version }) => version === '1.1.0')?.devices ?? 0
  expect(await runs()).toBe(confirmed)

  const back = await api.call<CampaignView>(`/campaigns/${id}/rollback`, { reason: 'it drinks', stop_rate: 1 })
  expect(back).toMatchObject({ targets: confirmed, firmware: { image: factory.number, version: '1.0.0' } })
  const done = await until(
    () => campaignOf(back.id),
    ({ state }) => state === 'done',
    ...LONG,
  )
  expect(done.past).toEqual({ confirmed, failed: 0, cancelled: 0 })
  expect(await runs()).toBe(0)
}, 600_000)
