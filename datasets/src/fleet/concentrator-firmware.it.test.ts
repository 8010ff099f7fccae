import type {
  CampaignFilter,
  CampaignPreview,
  CampaignView,
  CommandRecord,
  ConcentratorSummary,
  FirmwareView,
} from '@gastwin/server/contract'
import { signFirmware } from '@gastwin/server/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../../../server/src/pipeline/testing/until.ts'
import { buildCity } from '../city/write-city.ts'
import { Relay } from './testing/relay.ts'
import { ServedFleet } from './testing/served-fleet.ts'

const BEGIN = Date.parse('2026-03-10T23:30:00+08:00')
const SPEED = 120
/** Blocks of 1 024 bytes that every device fetches. */
const BLOCKS = 80
const LONG_S = 900
const { network: invented, truth } = buildCity({ meters: 400, seed: 11, concentrators: 3 })
const since = new Date(BEGIN).toISOString()
const document = { ...invented, concentrators: invented.concentrators?.map((one) => ({ ...one, since })) ?? [] }
const NUMBERS = document.concentrators.map((one) => Number(one.device_number)).sort((a, b) => a - b)
/** Begins every signed manifest, behind its length. */
const MANIFEST = Buffer.from('474601', 'hex')

const relay = new Relay()

let served: ServedFleet

beforeAll(async () => {
  served = await ServedFleet.open({
    ...{ name: 'hub-firmware', document, truth, begin: BEGIN, speed: SPEED, leadMs: 10_000 },
    // The last one is an older one, without a certificate.
    certified: document.concentrators.slice(0, -1).map((one) => Number(one.device_number)),
    fleet: { scenario: 'calm', seed: 5, loss: 0.02, steadyConcentrators: true },
    through: async (coapPort) => {
      await relay.open(coapPort)
      return relay.port
    },
  })
})
afterAll(async () => {
  await served?.close()
  relay.close()
})

const state = () => [served.fleet.hubFirmware?.counts, served.fleet.stats()]
const upload = (model: string, version: string): Promise<FirmwareView> => {
  const signer = served.authority.firmwareSigner('gastwin')
  const image = Uint8Array.from({ length: BLOCKS * 1024 - 100 }, (_, i) => (i * 131 + model.length * (i >> 8)) & 0xff)
  image.set(Buffer.from(version), 64)
  const claims = { maker: 'gastwin', model, version, security: 1, minBatteryMv: 3_000 }
  const signed = signFirmware(image, claims, signer.certificate, signer.keys)
  const [text, more] = [image, signed].map((bytes) => Buffer.from(bytes).toString('base64'))
  return served.api.call('/firmware', { image: text, signed: more, reason: 'test' })
}
const begin = (firmware: number, devices: readonly number[]): Promise<CampaignView> =>
  served.api.call('/campaigns', {
    ...{ name: 'hubs', firmware, canary: 1, wave: 10, stop_rate: 0, reason: 'test', expires_in_s: 2_592_000 },
    filter: { kind: 'concentrator', devices: devices.map(String) } satisfies CampaignFilter,
    expected_devices: devices.length,
  })
const over = (id: string): Promise<CampaignView> =>
  until(
    async () => (await served.api.items<CampaignView>('/campaigns')).find((one) => one.id === id) as CampaignView,
    (campaign) => campaign.state === 'done' || campaign.state === 'stopped',
    LONG_S,
    state,
  )
const commandsOf = async (id: string): Promise<readonly CommandRecord[]> =>
  (await served.api.items<CommandRecord>('/commands?limit=1000')).filter(({ cause }) => cause === `campaign ${id}`)
const versions = async () =>
  (await served.api.items<ConcentratorSummary>('/concentrators')).map(({ firmware, believed_by }) => [
    firmware,
    believed_by,
  ])

test('a campaign finds concentrators by kind, and gives them nothing that only meters take', async () => {
  const preview = (filter: CampaignFilter) => served.api.call<CampaignPreview>('/campaigns/preview', filter)
  expect((await preview({ kind: 'concentrator' })).sample).toEqual(NUMBERS.map(String))
  const [first = 0] = NUMBERS
  expect((await preview({ kind: 'concentrator', query: String(first).slice(-3) })).devices).toBeGreaterThan(0)
  expect((await preview({ kind: 'concentrator', zone: 'nowhere' })).devices).toBe(0)
  const meters = await preview({ kind: 'meter' })
  expect([meters.devices, await preview({})]).toEqual([document.meters.length, meters])
  const part = { name: 'none', canary: 1, wave: 1, stop_rate: 0, reason: 'test', expected_devices: NUMBERS.length }
  const refused = (more: object) =>
    served.api.answer('/campaigns', { ...part, filter: { kind: 'concentrator' }, ...more })
  const setting = await refused({ parameter: 'report_base_s', value: 60 })
  expect([setting.status, setting.body.detail]).toEqual([409, expect.stringMatching(/concentrators take firmware/)])
  expect((await refused({ order: { kind: 'log', days: 3 } })).body.detail).toMatch(/concentrators take firmware/)
  const conditions = await refused({ firmware: 1, filter: { kind: 'concentrator', conditions: ['silent'] } })
  expect(conditions.body.detail).toMatch(/no conditions/)
})

test('a manifest or block that somebody changed on its way, and the image of a meter, run on no concentrator', async () => {
  const [first = 0] = NUMBERS
  await until(versions, (all) => all.every(([runs]) => runs === '1.0.0'), LONG_S, state)
  const [forMeters, wanted] = [await upload('nb-1', '1.0.1'), await upload('hub-1', '1.0.1')]
  const end = async (image: number): Promise<string | null | undefined> => {
    const { id } = await begin(image, [first])
    expect((await over(id)).state).toBe('stopped')
    return (await commandsOf(id))[0]?.error
  }
  expect(await end(forMeters.number)).toBe('wrong_model')
  // One bit of what was signed.
  relay.touch = (bytes) => {
    const at = bytes.indexOf(MANIFEST)
    if (at >= 0) bytes[at + 4] = (bytes[at + 4] ?? 0) ^ 1
    return bytes
  }
  expect(await end(wanted.number)).toBe('bad_signature')
  const version = Buffer.from('1.0.1')
  relay.touch = (bytes) => {
    const at = bytes.indexOf(version)
    // The manifest names the version too, and is left as it is.
    if (at >= 0 && !bytes.includes(MANIFEST)) bytes[at] = (bytes[at] ?? 0) ^ 1
    return bytes
  }
  expect(await end(wanted.number)).toBe('bad_digest')
  relay.touch = (bytes) => bytes
  expect((await versions()).map(([runs]) => runs)).toEqual(NUMBERS.map(() => '1.0.0'))
}, 1_800_000)

test('all of them run another firmware over loss and a kill of the service in the middle, and go back when told', async () => {
  const [factory, wanted] = [await upload('hub-1', '1.0.0'), await upload('hub-1', '1.1.0')]
  const { id } = await begin(wanted.number, NUMBERS)
  const blocks = () => served.fleet.hubFirmware?.counts.blocks ?? 0
  const before = blocks()
  await until(blocks, (count) => count > before + BLOCKS / 4, LONG_S, state)
  await served.killAndStart()
  expect((await over(id)).state).toBe('done')
  await until(versions, (all) => all.every(([runs]) => runs === '1.1.0'), LONG_S, state)
  const back = await served.api.call<CampaignView>(`/campaigns/${id}/rollback`, { reason: 'it drinks', stop_rate: 1 })
  expect(back).toMatchObject({ targets: NUMBERS.length, firmware: { image: factory.number, version: '1.0.0' } })
  // Whoever comes up with the former image has lost its session; so has the service what it did not write down.
  await until(
    () => served.fleet.hubFirmware?.counts.running ?? 0,
    (count) => count > NUMBERS.length,
    LONG_S,
    state,
  )
  await served.killAndStart()
  expect((await over(back.id)).state).toBe('done')
  await until(versions, (all) => all.every(([runs]) => runs === '1.0.0'), LONG_S, state)
  // Nothing of all that has cost one its voice.
  const heard = async () =>
    (await served.api.items<ConcentratorSummary>('/concentrators')).map(({ last_heard_at: at }) => at ?? 0)
  const then = Math.max(...(await heard()))
  await until(heard, (times) => times.every((at) => at > then), LONG_S, state)
}, 3_600_000)
