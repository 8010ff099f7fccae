import { setTimeout as pause } from 'node:timers/promises'
import type { CampaignView, CommandRecord, FirmwareList, FirmwareView } from '@gastwin/server/contract'
import { signFirmware } from '@gastwin/server/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../../../server/src/pipeline/testing/until.ts'
import { buildCity } from '../city/write-city.ts'
import { ServedFleet } from './testing/served-fleet.ts'

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

let served: ServedFleet

beforeAll(async () => {
  served = await ServedFleet.open({
    ...{ name: 'fleet-firmware', document, truth, begin: BEGIN, speed: SPEED, leadMs: 15_000 },
    fleet: { scenario: 'frail-firmware', seed: 28, loss: 0.01 },
  })
})
afterAll(() => served.close())

const LONG = [240, () => [served.fleet.firmware?.counts, served.fleet.stats()]] as const
const campaignOf = async (id: string): Promise<CampaignView> => {
  const items = await served.api.items<CampaignView>('/campaigns')
  return items.find((one) => one.id === id) as CampaignView
}
const counts = () =>
  served.fleet.firmware?.counts ?? { ordered: 0, blocks: 0, resumed: 0, running: 0, returned: 0, refused: 0 }
const upload = (version: string): Promise<FirmwareView> => {
  const signer = served.authority.firmwareSigner('gastwin')
  const image = Uint8Array.from({ length: BLOCKS * 1024 - 100 }, (_, i) => (i * 131 + version.length * (i >> 8)) & 0xff)
  image.set(Buffer.from(version), 64)
  const claims = { maker: 'gastwin', model: 'nb-1', version, security: 1, minBatteryMv: 0 }
  const signed = signFirmware(image, claims, signer.certificate, signer.keys)
  const [text, more] = [image, signed].map((bytes) => Buffer.from(bytes).toString('base64'))
  return served.api.call('/firmware', { image: text, signed: more, reason: 'test' })
}

test('a fleet of which 5 % do not come up is stopped at its canary, over a kill in the middle of the downloads, and rolled back', async () => {
  const [factory, fresh] = [await upload('1.0.0'), await upload('1.1.0')]
  const filter = { devices: homes.map(({ id }) => String(Number(id))) }
  const { devices } = await served.api.call<{ devices: number }>('/campaigns/preview', filter)
  expect(devices).toBe(homes.length)
  const order = {
    ...{ name: 'to 1.1.0', firmware: fresh.number, canary: CANARY, wave: 100, stop_rate: 0.05, reason: 'test' },
    expires_in_s: 2_592_000,
    ...{ filter, expected_devices: devices },
  }
  const { id } = await served.api.call<CampaignView>('/campaigns', order)

  // Somebody has a part of the image: the service dies, and is back at the same port.
  while (served.fleet.firmware?.fetching === 0) await pause(2)
  await served.killAndStart()

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
  const items = await served.api.items<CommandRecord>('/commands?limit=1000')
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
    const consumer = served.fleet.book.consumers.find((one) => one.device === Number(row?.id))
    expect([firmware?.from, served.fleet.firmware?.versionOf(consumer?.index ?? -1)]).toEqual([
      firmware?.from === null ? null : '1.0.0',
      state === 'confirmed' ? '1.1.0' : '1.0.0',
    ])
  }
  const runs = async () =>
    (await served.api.call<FirmwareList>('/firmware')).versions.find(({ version }) => version === '1.1.0')?.devices ?? 0
  expect(await runs()).toBe(confirmed)

  const back = await served.api.call<CampaignView>(`/campaigns/${id}/rollback`, { reason: 'it drinks', stop_rate: 1 })
  expect(back).toMatchObject({ targets: confirmed, firmware: { image: factory.number, version: '1.0.0' } })
  const done = await until(
    () => campaignOf(back.id),
    ({ state }) => state === 'done',
    ...LONG,
  )
  expect(done.past).toEqual({ confirmed, failed: 0, cancelled: 0 })
  expect(await runs()).toBe(0)
}, 600_000)
