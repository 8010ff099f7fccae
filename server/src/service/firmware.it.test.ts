import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Report } from '@gastwin/twin'
import Type from 'typebox'
import Value from 'typebox/value'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  CampaignView,
  CommandRecord,
  ConsentView,
  DeviceCard,
  FirmwareList,
  type FirmwareView,
  type SpreadingProposal,
} from '../contract/index.ts'
import { Accounts } from '../http/auth/accounts.ts'
import { signFirmware } from '../identity/firmware-package.ts'
import { TestAuthority } from '../identity/testing/demo-authority.ts'
import { CoapCaller } from '../ingest/testing/coap-caller.ts'
import { FIRST_METER, writeMadeCity } from '../pipeline/testing/made-city.ts'
import { type ServiceProcess, spawnService, TEST_MASTER_KEY } from '../pipeline/testing/service-process.ts'
import { COAP_CODE, readBlock } from '../protocol/index.ts'
import { ReportingMeters } from './testing/reporting-meters.ts'

const METERS = 6
const IMAGE = Uint8Array.from({ length: 5_000 }, (_, i) => (i * 131 + (i >> 8)) & 0xff)
const claims = { maker: 'acme', model: 'nb-1', version: '1.1.0', security: 1, minBatteryMv: 0 }

let dir = ''
let network = ''
let authority: TestAuthority
let service: ServiceProcess
let meters: ReportingMeters
let caller: CoapCaller
const keys = { admin: '', safety: '', second: '', dispatcher: '' }

async function start(): Promise<void> {
  service = await spawnService({
    ...{ network, dataDir: path.join(dir, 'data') },
    env: { ...authority.environment, GASTWIN_CAMPAIGN_SECOND_PERSON: '5' },
  }).ready
  meters = await ReportingMeters.open(service.coapPort)
  caller = await CoapCaller.open(service.coapPort)
}
async function again(how: 'kill' | 'stop' = 'kill'): Promise<void> {
  await service[how]()
  meters.close()
  caller.close()
  await start()
}

beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'gastwin-firmware-'))
  network = await writeMadeCity(dir, 1, METERS)
  authority = new TestAuthority(dir, Buffer.from(TEST_MASTER_KEY, 'hex'))
  const accounts = await Accounts.open(path.join(dir, 'data'))
  keys.admin = await accounts.addApiKey('root', 'admin')
  keys.safety = await accounts.addApiKey('anna', 'safety')
  keys.second = await accounts.addApiKey('bert', 'safety')
  keys.dispatcher = await accounts.addApiKey('dora', 'dispatcher')
  await start()
}, 60_000)
afterAll(async () => {
  meters.close()
  caller.close()
  await service.kill()
  await rm(dir, { recursive: true, force: true })
})

async function call<T>(method: string, place: string, body?: unknown, as = keys.admin) {
  const response = await fetch(`${service.url}/api/v1${place}`, {
    method,
    headers: { 'x-api-key': as, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as T & { detail?: string } }
}
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
const upload = (image: Uint8Array, signed: Uint8Array, as = keys.admin) =>
  call<FirmwareView>(
    'POST',
    '/firmware',
    { image: base64(image), signed: base64(signed), reason: 'maker’s mail 7' },
    as,
  )
const until = async <T>(ask: () => Promise<T>, fits: (found: T) => boolean): Promise<T> => {
  for (let tries = 0; tries < 100; tries++) {
    const found = await ask()
    if (fits(found)) return found
    await pause(100)
  }
  throw new Error(JSON.stringify(await ask()))
}

let sequence = 0
const reportOf = (device: number, status: Report['status'] = {}): Report => {
  const at = Math.floor(Date.now() / 1000) * 1000
  return {
    ...{ device, kind: 'meter', trigger: status.command ? 'answer' : 'timed', deviceTime: at, sequence: ++sequence },
    ...{ readings: [{ quantity: 'index_m3', at, value: 10 }], events: [], status: { valve: 'closed', ...status } },
  }
}
const campaignOf = async (id: string) => {
  const { items } = (await call<{ items: CampaignView[] }>('GET', '/campaigns')).body
  return items.find((one) => one.id === id) as CampaignView
}
const commandOf = async (id: number) => {
  const { items } = (await call<{ items: CommandRecord[] }>('GET', '/commands?limit=1000')).body
  return items.find((one) => one.id === id) as CommandRecord
}

describe('images', () => {
  test('are taken when the maker’s or the utility’s signature holds, and refused in words when not', async () => {
    const acme = authority.firmwareSigner('acme')
    const good = signFirmware(IMAGE, claims, acme.certificate, acme.keys)
    expect((await upload(IMAGE, good, keys.safety)).status).toBe(403)
    const other = authority.firmwareSigner('other')
    const cases: [Uint8Array, Uint8Array, RegExp][] = [
      [IMAGE.subarray(1), good, /another length/],
      [IMAGE.map((byte, i) => (i === 7 ? byte ^ 1 : byte)), good, /SM3 differs/],
      [IMAGE, good.subarray(3), /no signed manifest/],
      [IMAGE, signFirmware(IMAGE, claims, acme.certificate, other.keys), /signature over the manifest is wrong/],
      [IMAGE, signFirmware(IMAGE, claims, other.certificate, other.keys), /another maker/],
      [IMAGE, signFirmware(IMAGE, claims, authority.make(5).certificate, acme.keys), /not one for firmware/],
    ]
    for (const [image, signed, why] of cases) {
      const refused = await upload(image, signed)
      expect([refused.status >= 400, refused.body.detail]).toEqual([true, expect.stringMatching(why)])
    }
    const taken = await upload(IMAGE, good)
    expect([taken.status, taken.body]).toEqual([
      201,
      expect.objectContaining({ number: 1, maker: 'acme', version: '1.1.0', size: 5_000, held: true, signer: 'acme' }),
    ])
    expect((await upload(IMAGE, good)).body.number).toBe(1)
    const changed = IMAGE.map((byte) => byte ^ 1)
    const conflict = await upload(changed, signFirmware(changed, claims, acme.certificate, acme.keys))
    expect([conflict.status, conflict.body.detail]).toEqual([409, expect.stringMatching(/another version/)])
    const utility = authority.firmwareSigner('*')
    const factory = signFirmware(changed, { ...claims, version: '1.0.0' }, utility.certificate, utility.keys)
    expect((await upload(changed, factory)).body.number).toBe(2)
    await again()
    expect((await call<FirmwareList>('GET', '/firmware')).body.items.map(({ number, held }) => [number, held])).toEqual(
      [
        [2, true],
        [1, true],
      ],
    )
  })
})

describe('an order to run another firmware', () => {
  const [METER, FAILING] = [FIRST_METER, FIRST_METER + 1]
  const order = { name: 'to 1.1.0', firmware: 1, canary: 2, wave: 4, stop_rate: 0.6, reason: 'leak of memory' }
  let command = 0
  let id = ''

  test('asks for a second person when it goes to many, and is told with the answer to a report', async () => {
    await meters.report(reportOf(METER, { firmware: '1.0.0' }))
    const all = await call<CampaignView>(
      'POST',
      '/campaigns',
      { ...order, filter: {}, expected_devices: METERS },
      keys.safety,
    )
    expect(all.body).toMatchObject({ state: 'proposed', firmware: { image: 1, version: '1.1.0' }, setting: null })
    await again()
    const approve = (as: string) =>
      call<CampaignView>('POST', `/campaigns/${all.body.id}/approve`, { reason: 'seen' }, as)
    expect([(await approve(keys.safety)).status, (await approve(keys.dispatcher)).status]).toEqual([409, 403])
    expect((await approve(keys.second)).body).toMatchObject({ state: 'running', approved_by: 'key:bert' })
    const change = { state: 'cancelled', reason: 'only a test' }
    expect((await call('POST', `/campaigns/${all.body.id}/state`, change, keys.safety)).status).toBe(200)
    const filter = { devices: [String(METER), String(FAILING)] }
    const few = await call<CampaignView>('POST', '/campaigns', { ...order, filter, expected_devices: 2 }, keys.safety)
    expect(few.body.state).toBe('running')
    id = few.body.id
    await until(
      () => campaignOf(id),
      ({ progress }) => progress.queued === 2,
    )
    const told = (await meters.report(reportOf(METER))).command
    if (told?.kind !== 'firmware') throw new Error(`told ${JSON.stringify(told)}`)
    expect(told.image).toBe(1)
    command = told.id
    expect(await commandOf(command)).toMatchObject({ firmware: { image: 1, version: '1.1.0', from: '1.0.0' } })
  })

  test('lets the device fetch the image block by block, over a kill, and nobody else', async () => {
    await meters.report(reportOf(METER, { command: { id: command, accepted: true } }))
    expect((await commandOf(command)).state).toBe('accepted')
    const query = [`d=${METER}`, `c=${command}`]
    const get = (number: number, szx: number) => caller.get('fw/1', query, (number << 4) | szx)
    for (const [place, asked] of [
      ['fw/1', [`d=${FAILING}`, `c=${command}`]],
      ['fw/1', [`d=${METER}`, 'c=999']],
      ['fw/2', query],
      ['fw/1', []],
    ] as const)
      expect((await caller.get(place, asked, 5)).code).toBe(COAP_CODE.FORBIDDEN)
    expect((await caller.get('fw/9', query, 5)).code).toBe(COAP_CODE.NOT_FOUND)
    const signed = await caller.get('fw/1/m', query, 6)
    expect([signed.code, signed.payload.length > 200]).toEqual([COAP_CODE.CONTENT, true])
    const parts = [await get(0, 6), await get(1, 6)].map(({ payload }) => payload)
    await again()
    // The same byte in smaller blocks, after the restart.
    for (let number = 4; ; number++) {
      const answer = await get(number, 5)
      expect(answer.code).toBe(COAP_CODE.CONTENT)
      parts.push(answer.payload)
      if (!readBlock(answer.block2).more) break
    }
    expect(Buffer.concat(parts).equals(Buffer.from(IMAGE))).toBe(true)
  })

  test('ends by what the device runs then: the ordered version, or the old one again', async () => {
    const running = { firmware: '1.1.0', update: { id: command, outcome: 'running' as const } }
    await meters.report(reportOf(METER, running))
    expect((await commandOf(command)).state).toBe('confirmed')
    const told = (await meters.report(reportOf(FAILING))).command
    if (told === undefined) throw new Error('nothing was told')
    await meters.report(reportOf(FAILING, { command: { id: told.id, accepted: true } }))
    const returned = { firmware: '1.0.0', update: { id: told.id, outcome: 'returned' as const } }
    await meters.report(reportOf(FAILING, returned))
    expect(await commandOf(told.id)).toMatchObject({ state: 'failed', error: 'returned' })
    expect((await caller.get('fw/1', [`d=${METER}`, `c=${command}`], 6)).code).toBe(COAP_CODE.FORBIDDEN)
    const done = await until(
      () => campaignOf(id),
      ({ state }) => state === 'done',
    )
    expect(done.past).toEqual({ confirmed: 1, failed: 1, cancelled: 0 })
    for (const how of ['kill', 'stop'] as const) {
      await again(how)
      const card = (await call<DeviceCard>('GET', `/devices/${METER}/card`)).body
      expect(card.firmware).toMatchObject({ version: '1.1.0', before: '1.0.0' })
      const { versions } = (await call<FirmwareList>('GET', '/firmware')).body
      expect(versions).toEqual([
        { version: '1.1.0', devices: 1 },
        { version: '1.0.0', devices: 1 },
      ])
    }
  })

  test('is rolled back by an act of its own, for the devices that it changed', async () => {
    const back = await call<CampaignView>('POST', `/campaigns/${id}/rollback`, { reason: 'it drinks' }, keys.safety)
    expect([back.status, back.body]).toEqual([
      201,
      expect.objectContaining({ targets: 1, firmware: { image: 2, version: '1.0.0' }, rollback_of: id }),
    ])
    await until(
      () => campaignOf(back.body.id),
      ({ progress }) => progress.queued === 1,
    )
    const told = (await meters.report(reportOf(METER))).command
    if (told?.kind !== 'firmware') throw new Error(`told ${JSON.stringify(told)}`)
    expect(told.image).toBe(2)
    const withdrawn = await call<FirmwareView>('POST', '/firmware/2/withdraw', { reason: 'a hole' })
    expect(withdrawn.body.withdrawn_by).toBe('key:root')
    const asked = await caller.get('fw/2', [`d=${METER}`, `c=${told.id}`], 6)
    expect(asked.code).toBe(COAP_CODE.NOT_FOUND)
    const again_ = { ...order, firmware: 2, filter: { devices: [String(FAILING)] }, expected_devices: 1 }
    expect((await call('POST', '/campaigns', again_, keys.safety)).body.detail).toMatch(/withdrawn by key:root/)
  })
})

describe('a permit to open at the button', () => {
  const METER = FIRST_METER + 3
  const permit = { device: String(METER), window_s: 1_800, reason: 'debt is paid' }
  const consent = { device: String(METER), given_by: 'Zhang San', how: 'telephone', evidence: 'call 4711' }

  test('waits for the customer’s consent, which is part of what is on record of it, over a kill', async () => {
    const refused = await call('POST', '/commands/permits', { ...permit, require_consent: true }, keys.safety)
    expect([refused.status, refused.body.detail]).toEqual([409, expect.stringMatching(/no consent of the customer/)])
    expect((await call('POST', '/commands/permits', permit, keys.dispatcher)).status).toBe(403)
    const ordered = (await call<CommandRecord>('POST', '/commands/permits', permit, keys.safety)).body
    expect(ordered).toMatchObject({
      kind: 'permit',
      state: 'queued',
      waiting_for: 'consent',
      permit: { window_s: 1_800 },
    })
    expect((await meters.report(reportOf(METER))).command).toBeUndefined()
    const until_ = Date.now() + 86_400_000
    const tooLong = await call('POST', '/consents', { ...consent, until: until_ * 2 }, keys.dispatcher)
    expect(tooLong.status).toBe(400)
    const given = (await call<ConsentView>('POST', '/consents', { ...consent, until: until_ }, keys.dispatcher)).body
    expect(given).toMatchObject({ given_by: 'Z**', how: 'telephone', recorded_by: 'key:dora', revoked_at: null })
    await call('POST', `/consents/${given.id}/revoke`, undefined, keys.dispatcher)
    expect((await meters.report(reportOf(METER))).command).toBeUndefined()
    const fresh = (await call<ConsentView>('POST', '/consents', { ...consent, until: until_ }, keys.dispatcher)).body
    await again()
    expect((await commandOf(ordered.id)).waiting_for).toBe('uplink')
    expect((await meters.report(reportOf(METER))).command).toEqual({ kind: 'permit', id: ordered.id, windowS: 1_800 })
    expect(await commandOf(ordered.id)).toMatchObject({ state: 'sent', consent: fresh.id })
    await meters.report(reportOf(METER, { command: { id: ordered.id, accepted: true } }))
    await again('stop')
    expect(await commandOf(ordered.id)).toMatchObject({ state: 'confirmed', consent: fresh.id })
    const listed = await call<{ items: ConsentView[] }>('GET', `/consents?device=${METER}`)
    expect(listed.body.items.map(({ id, revoked_by }) => [id, revoked_by])).toEqual([
      [fresh.id, null],
      [given.id, 'key:dora'],
    ])
  })

  test('is refused while the meter is about to be closed', async () => {
    const close = { device: String(METER), reason: 'smell of gas' }
    expect((await call('POST', '/commands', close, keys.safety)).status).toBe(201)
    const refused = await call('POST', '/commands/permits', permit, keys.safety)
    expect([refused.status, refused.body.detail]).toEqual([409, expect.stringMatching(/about to be closed/)])
  })
})

describe('the plan of a radio cell', () => {
  test('is given as a campaign: base time, k and x of each of its meters, one after the other in one contact', async () => {
    const cell = [FIRST_METER + 4, FIRST_METER + 5]
    for (const device of cell) await meters.report(reportOf(device, { pci: 7 }))
    const plan = (await call<SpreadingProposal>('GET', '/spreading/7?capacity_per_minute=10')).body
    expect(plan.meters).toBe(2)
    const request = { capacity_per_minute: 10, expected_meters: 2, canary: 2, reason: 'busy cell' }
    const wrong = await call('POST', '/spreading/7/apply', { ...request, expected_meters: 3 }, keys.safety)
    expect([wrong.status, wrong.body.detail]).toEqual([409, expect.stringMatching(/for 2 meters, not 3/)])
    const { id } = (await call<CampaignView>('POST', '/spreading/7/apply', request, keys.safety)).body
    await until(
      () => campaignOf(id),
      ({ progress }) => progress.queued === 2,
    )
    await again()
    for (const device of cell) {
      const told: [string, number][] = []
      let { command } = await meters.report(reportOf(device, { pci: 7 }))
      while (command?.kind === 'parameter') {
        told.push([command.parameter, command.value])
        command = (await meters.report(reportOf(device, { pci: 7, command: { id: command.id, accepted: true } })))
          .command
      }
      const group = plan.groups.find((one) => one.meters.includes(String(device)))
      expect(told).toEqual([
        ['report_base_s', group?.report_base_s],
        ['report_spread_s', group?.report_spread_s],
        ['report_offset_s', expect.any(Number)],
      ])
    }
    const done = await until(
      () => campaignOf(id),
      ({ state }) => state === 'done',
    )
    expect(done).toMatchObject({ spreading: { pci: 7 }, past: { confirmed: 2, failed: 0, cancelled: 0 } })
  })
})

test('what the API answers about all this fits its schemas and has nothing beside them', async () => {
  const items = <T extends Type.TSchema>(schema: T) => Type.Object({ items: Type.Array(schema) })
  const cases: readonly (readonly [string, Type.TSchema])[] = [
    ['/firmware', FirmwareList],
    ['/consents', items(ConsentView)],
    ['/campaigns', items(CampaignView)],
    ['/commands?limit=1000', items(CommandRecord)],
    [`/devices/${FIRST_METER}/card`, DeviceCard],
  ]
  for (const [place, schema] of cases) {
    const { status, body } = await call<unknown>('GET', place)
    expect([place, status, [...Value.Errors(schema, body)].slice(0, 3)]).toEqual([place, 200, []])
    expect(Value.Clean(schema, structuredClone(body)), place).toEqual(body)
  }
})
