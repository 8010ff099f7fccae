import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
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
import { Relay } from './testing/relay.ts'

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

let dir = ''
let api: ApiCaller
let service: ServiceProcess
let fleet: Fleet
let authority: TestAuthority
let plan: { segments: { wall: number; event: number; speed: number }[] }
const relay = new Relay()
const spawn = (coapPort = 0) =>
  spawnService({
    ...{ network: path.join(dir, 'network.json'), dataDir: path.join(dir, 'data'), coapPort },
    env: { ...authority.environment, GASTWIN_CLOCK: JSON.stringify(plan) },
  }).ready

beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'gastwin-hub-firmware-'))
  await writeFile(path.join(dir, 'network.json'), JSON.stringify(document))
  const masterKey = Buffer.from(TEST_MASTER_KEY, 'hex')
  authority = new TestAuthority(dir, masterKey)
  const key = await (await Accounts.open(path.join(dir, 'data'))).addApiKey('test', 'admin')
  api = new ApiCaller(() => service.url, key)
  // The last one is an older one, without a certificate.
  const made = authority.makeAll(document.concentrators.slice(0, -1).map((one) => Number(one.device_number)))
  const devices = new Map(made.map((making) => [Number(making.certificate.subject), making]))
  plan = { segments: [{ wall: Date.now() + 10_000, event: BEGIN, speed: SPEED }] }
  service = await spawn()
  await relay.open(service.coapPort)
  const options = { document, truth, host: '127.0.0.1', port: relay.port, plan, seed: 5, masterKey }
  const authorityKey = authority.folder.certificate.publicKey
  fleet = await Fleet.open({
    ...{ ...options, scenario: 'calm', sockets: 64, loss: 0.02, steadyConcentrators: true },
    identities: { authorityKey, devices },
  })
  fleet.run()
}, 120_000)
afterAll(async () => {
  await fleet?.close()
  relay.close()
  await service?.kill()
  await rm(dir, { recursive: true, force: true })
})

const state = () => [fleet.hubFirmware?.counts, fleet.stats()]
const upload = (model: string, version: string): Promise<FirmwareView> => {
  const signer = authority.firmwareSigner('gastwin')
  const image = Uint8Array.from({ length: BLOCKS * 1024 - 100 }, (_, i) => (i * 131 + model.length * (i >> 8)) & 0xff)
  image.set(Buffer.from(version), 64)
  const claims = { maker: 'gastwin', model, version, security: 1, minBatteryMv: 3_000 }
  const signed = signFirmware(image, claims, signer.certificate, signer.keys)
  const [text, more] = [image, signed].map((bytes) => Buffer.from(bytes).toString('base64'))
  return api.call('/firmware', { image: text, signed: more, reason: 'test' })
}
const begin = (firmware: number, devices: readonly number[]): Promise<CampaignView> =>
  api.call('/campaigns', {
    ...{ name: 'hubs', firmware, canary: 1, wave: 10, stop_rate: 0, reason: 'test', expires_in_s: 2_592_000 },
    filter: { kind: 'concentrator', devices: devices.map(String) } satisfies CampaignFilter,
    expected_devices: devices.length,
  })
const over = (id: string): Promise<CampaignView> =>
  until(
    async () => (await api.items<CampaignView>('/campaigns')).find((one) => one.id === id) as CampaignView,
    (campaign) => campaign.state === 'done' || campaign.state === 'stopped',
    LONG_S,
    state,
  )
const commandsOf = async (id: string): Promise<readonly CommandRecord[]> =>
  (await api.items<CommandRecord>('/commands?limit=1000')).filter(({ cause }) => cause === `campaign ${id}`)
const versions = async () =>
  (await api.items<ConcentratorSummary>('/concentrators')).map(({ firmware, believed_by }) => [firmware, believed_by])

test('a campaign finds concentrators by kind, and gives them nothing that only meters take', async () => {
  const preview = (filter: CampaignFilter) => api.call<CampaignPreview>('/campaigns/preview', filter)
  expect((await preview({ kind: 'concentrator' })).sample).toEqual(NUMBERS.map(String))
  const [first = 0] = NUMBERS
  expect((await preview({ kind: 'concentrator', query: String(first).slice(-3) })).devices).toBeGreaterThan(0)
  expect((await preview({ kind: 'concentrator', zone: 'nowhere' })).devices).toBe(0)
  const meters = await preview({ kind: 'meter' })
  expect([meters.devices, await preview({})]).toEqual([document.meters.length, meters])
  const part = { name: 'none', canary: 1, wave: 1, stop_rate: 0, reason: 'test', expected_devices: NUMBERS.length }
  const refused = (more: object) => api.answer('/campaigns', { ...part, filter: { kind: 'concentrator' }, ...more })
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
  const blocks = () => fleet.hubFirmware?.counts.blocks ?? 0
  const before = blocks()
  await until(blocks, (count) => count > before + BLOCKS / 4, LONG_S, state)
  await service.kill()
  service = await spawn(service.coapPort)
  expect((await over(id)).state).toBe('done')
  await until(versions, (all) => all.every(([runs]) => runs === '1.1.0'), LONG_S, state)
  const back = await api.call<CampaignView>(`/campaigns/${id}/rollback`, { reason: 'it drinks', stop_rate: 1 })
  expect(back).toMatchObject({ targets: NUMBERS.length, firmware: { image: factory.number, version: '1.0.0' } })
  // Whoever comes up with the former image has lost its session; so has the service what it did not write down.
  await until(
    () => fleet.hubFirmware?.counts.running ?? 0,
    (count) => count > NUMBERS.length,
    LONG_S,
    state,
  )
  await service.kill()
  service = await spawn(service.coapPort)
  expect((await over(back.id)).state).toBe('done')
  await until(versions, (all) => all.every(([runs]) => runs === '1.0.0'), LONG_S, state)
  // Nothing of all that has cost one its voice.
  const heard = async () =>
    (await api.items<ConcentratorSummary>('/concentrators')).map(({ last_heard_at: at }) => at ?? 0)
  const then = Math.max(...(await heard()))
  await until(heard, (times) => times.every((at) => at > then), LONG_S, state)
}, 3_600_000)
