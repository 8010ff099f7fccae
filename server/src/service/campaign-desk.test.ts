import { CityCalendar } from '@gastwin/twin'
import { describe, expect, test } from 'vitest'
import { CommandLedger } from '../command/ledger.ts'
import type { LedgerEntry } from '../command/ledger-snapshot.ts'
import type { CampaignRequest, SpreadingProposal } from '../contract/index.ts'
import { DeviceBooks } from '../devices/device-books.ts'
import type { FirmwareImage } from '../devices/firmware-image.ts'
import { personalSeal } from '../devices/personal-seal.ts'
import { CampaignDesk } from './campaign-desk.ts'
import { CommandDesk } from './command-desk.ts'

const FIRST = 181_702_000_000
const DAY_MS = 86_400_000
const imageOf = (number: number, version: string, security: number): FirmwareImage => ({
  ...{ number, maker: 'acme', model: 'nb-1', version, security, min_battery_mv: 0, size: 10, sm3: `0${number}` },
  ...{ signed: '', signer: 'acme', signer_serial: 5, uploaded_by: 'root', uploaded_at: 0, reason: 'test' },
  ...{ withdrawn_at: null, withdrawn_by: null },
})

function setUp(meters = 10, plan?: SpreadingProposal) {
  const books = new DeviceBooks()
  const ledger = new CommandLedger()
  const commands = new CommandDesk(
    ledger,
    async () => {},
    () => {},
  )
  let now = 1_800_000_000_000
  let danger: string | undefined
  let consent: string | undefined
  for (const image of [imageOf(1, '1.0.0', 1), imageOf(2, '1.1.0', 1), imageOf(3, '2.0.0', 2)])
    books.firmware.apply(image)
  const desk = new CampaignDesk({
    ...{ books, commands, record: async () => {}, audit: async () => {}, now: () => now, failed: () => {} },
    cellOf: () => 7,
    isBehind: () => false,
    push: () => {},
    targets: async () => Float64Array.from({ length: meters }, (_, i) => FIRST + i),
    deviceAt: (point) => (point === FIRST + 1 ? FIRST + 51 : point),
    usableFirmware: (number) => books.firmware.image(number) as FirmwareImage,
    planOfCell: () => plan as SpreadingProposal,
    permitRefusal: () => danger,
    consentFor: () => consent,
    seal: personalSeal(new Uint8Array(16)),
    calendar: new CityCalendar('Asia/Shanghai'),
    sessionOf: () => -1,
    cellAnswers: 10,
    secondPersonAbove: 20,
  })
  const request = (more: Partial<CampaignRequest>): CampaignRequest => ({
    ...{ name: 'test', filter: {}, canary: 2, wave: 5, stop_rate: 0.1, expected_devices: meters, reason: 'test' },
    ...more,
  })
  const runs = (device: number, version: string) =>
    books.firmware.note(
      {
        ...{ device, kind: 'meter', trigger: 'timed', deviceTime: now, sequence: 1, readings: [], events: [] },
        status: { firmware: version },
      },
      now,
    )
  return {
    ...{ books, ledger, desk, request, runs },
    later: (ms: number) => {
      now += ms
    },
    endanger: (why: string | undefined) => {
      danger = why
    },
    agree: (id: string | undefined) => {
      consent = id
    },
    now: () => now,
  }
}

describe('what a busy cell holds back', () => {
  const order = { kind: 'parameter', device: String(FIRST), cause: 'anna', expiresAt: 1e15 } as const
  const setting = { parameter: 'report_base_s', value: 60 } as const

  test('is a setting of one meter, but no longer than a day; what is urgent goes at once', () => {
    const { desk, ledger, now, later } = setUp()
    const patient = ledger.request({ ...order, now: now(), setting })
    const urgent = ledger.request({ ...order, cause: 'now', now: now(), setting, priority: 'urgent' })
    expect(desk.rules.holds(patient)).toBe(false)
    const flood = () => {
      for (let i = 0; i < 11; i++) desk.load.note(7, now())
    }
    flood()
    expect([desk.rules.holds(patient), desk.rules.holds(urgent)]).toEqual([true, false])
    later(180_000)
    expect(desk.rules.holds(patient)).toBe(false)
    later(DAY_MS - 181_000)
    flood()
    expect(desk.rules.holds(patient)).toBe(true)
    later(1_000)
    expect(desk.rules.holds(patient)).toBe(false)
  })

  test('no close is held, and the setting goes with a report when the cell is calm', () => {
    const { desk, ledger, now, later } = setUp()
    ledger.request({ ...order, now: now(), setting })
    for (let i = 0; i < 11; i++) desk.load.note(7, now())
    const all = { clock: true, close: true, parameter: true }
    const next = () => ledger.nextFor(FIRST, now(), all, desk.rules).command?.kind
    expect(next()).toBeUndefined()
    const close = ledger.request({ ...order, kind: 'close', now: now() })
    expect(next()).toBe('close')
    ledger.advance(close.id, 'accepted', now())
    later(180_000)
    expect(next()).toBe('parameter')
  })
})

describe('a permit', () => {
  const all = { clock: true, close: true, parameter: true }
  test('waits for the customer, waits while there is danger, and keeps the consent under which it went', () => {
    const { desk, ledger, now, agree, endanger } = setUp()
    const { id } = ledger.request({
      ...{ kind: 'permit', device: String(FIRST), cause: 'visit', now: now(), expiresAt: now() + DAY_MS },
      permit: { window_s: 600 },
    })
    const next = () => ledger.nextFor(FIRST, now(), all, desk.rules).command
    expect(next()).toBeUndefined()
    agree('K3')
    endanger('the alarm gas_detected of this meter stands')
    expect(next()).toBeUndefined()
    endanger(undefined)
    for (let i = 0; i < 11; i++) desk.load.note(7, now())
    expect(next()).toEqual({ kind: 'permit', id, windowS: 600 })
    expect(ledger.get(id)).toMatchObject({ state: 'sent', consent: 'K3' })
    agree(undefined)
    expect(next()).toBeUndefined()
  })
})

describe('a campaign to many', () => {
  test('is agreed to by a second person, who is not the first', async () => {
    const { desk, request } = setUp(21)
    const campaign = await desk.begin(request({ parameter: 'report_base_s', value: 60 }), 'anna')
    expect(campaign.state).toBe('proposed')
    await expect(desk.approve(campaign.id, 'seen', 'anna')).rejects.toThrow(/somebody else/)
    expect(await desk.approve(campaign.id, 'seen', 'bert')).toMatchObject({ state: 'running', approved_by: 'bert' })
    const small = setUp(20)
    expect((await small.desk.begin(small.request({ parameter: 'report_base_s', value: 60 }), 'anna')).state).toBe(
      'running',
    )
  })
  test('gives an order to all as it gives a setting; an address is sealed in it, and a key is renewed by who has one', async () => {
    const { desk, ledger, request } = setUp()
    const server = { kind: 'connection', setting: 'server_address', value: '10.1.2.3:5683' } as const
    const { order } = await desk.begin(request({ order: server }), 'anna')
    expect(order?.connection?.value).toMatch(/^sealed:/)
    desk.runner.tick()
    const [entry] = ledger.list()
    expect(entry).toMatchObject({ kind: 'connection', connection: { setting: 'server_address' } })
    expect(ledger.nextFor(Number(entry?.device), 0, { clock: true, close: true, parameter: true }, desk.rules)).toEqual(
      expect.objectContaining({ command: expect.objectContaining({ kind: 'connection', text: '10.1.2.3:5683' }) }),
    )
    await expect(desk.begin(request({ order: { kind: 'renew_key' } }), 'anna')).rejects.toThrow(/no session key/)
  })
  test('gives a setting or an image, never both and never neither', async () => {
    const { desk, request } = setUp()
    for (const more of [
      {},
      { parameter: 'report_base_s' as const },
      { firmware: 2, parameter: 'report_base_s' as const, value: 1 },
    ])
      await expect(desk.begin(request(more), 'anna')).rejects.toThrow(
        /parameter with its value, a firmware image, or an order/,
      )
  })
})

describe('firmware', () => {
  test('is refused for meters of another model, with an order under way, or above its security', async () => {
    const { desk, request, books, runs, ledger, now } = setUp()
    runs(FIRST + 4, '2.0.0')
    await expect(desk.begin(request({ firmware: 2 }), 'anna')).rejects.toThrow(/1 of the devices run an image above/)
    const twice = await Promise.allSettled([3, 3].map((image) => desk.begin(request({ firmware: image }), 'anna')))
    expect(twice.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    const [running] = books.campaigns.list()
    expect(running?.firmware).toEqual({ image: 3, version: '2.0.0' })
    await expect(desk.begin(request({ firmware: 3 }), 'anna')).rejects.toThrow(
      /10 of the devices have a firmware order/,
    )
    await desk.change(running?.id ?? '', { state: 'cancelled', reason: 'test' }, 'anna')
    const firmware = { image: 3, version: '2.0.0', from: null }
    ledger.request({ kind: 'firmware', device: String(FIRST), cause: 'x', now: now(), expiresAt: 1e15, firmware })
    await expect(desk.begin(request({ firmware: 3 }), 'anna')).rejects.toThrow(
      /1 of the devices have a firmware order under way, or to come, for one 181702000000/,
    )
    books.archive.apply({ table: 'devices', rows: [{ number: String(FIRST + 1), maker: 'other' }] })
    await expect(desk.begin(request({ firmware: 3 }), 'anna')).rejects.toThrow(/by the archive not acme nb-1/)
  })

  test('goes back only where it had come, to what was there before, and not below the security floor', async () => {
    const { desk, request, books, runs } = setUp()
    for (let i = 0; i < 10; i++) runs(FIRST + i, '1.0.0')
    const { id } = await desk.begin(request({ firmware: 2 }), 'anna')
    await expect(desk.rollBack(id, { reason: 'bad' }, 'anna')).rejects.toThrow(/is running: stop it/)
    await desk.change(id, { state: 'cancelled', reason: 'bad' }, 'anna')
    await expect(desk.rollBack(id, { reason: 'bad' }, 'anna')).rejects.toThrow(/no device of campaign/)
    for (const i of [1, 2, 3]) runs(FIRST + i, '1.1.0')
    const back = await desk.rollBack(id, { reason: 'bad', stop_rate: 0.5 }, 'anna')
    expect(back).toMatchObject({
      ...{ targets: 3, firmware: { image: 1, version: '1.0.0' }, rollback_of: id },
      ...{ canary: 2, stop_rate: 0.5 },
    })
    expect([...books.campaigns.targets(back.id)].sort()).toEqual([FIRST + 1, FIRST + 2, FIRST + 3])
    await desk.change(back.id, { state: 'cancelled', reason: 'test' }, 'anna')
    const hole = await desk.begin(request({ firmware: 3 }), 'anna')
    for (const i of [1, 2]) runs(FIRST + i, '2.0.0')
    await desk.change(hole.id, { state: 'cancelled', reason: 'bad' }, 'anna')
    await expect(desk.rollBack(hole.id, { reason: 'bad' }, 'anna')).rejects.toThrow(/run an image above security 1/)
  })
})

test('a cell’s plan becomes settings of each meter, by the digits of the meter that stands there, with its own seconds', async () => {
  const group = { report_base_s: 3_600, report_spread_s: 120, meters: [0, 1, 2].map((i) => String(FIRST + i)) }
  const plan = { meters: 3, groups: [group], peak_before: 9, peak_after: 2 } as unknown as SpreadingProposal
  const { desk, books } = setUp(0, plan)
  const request = { capacity_per_minute: 10, expected_meters: 3, reason: 'busy' }
  await expect(desk.spread(7, { ...request, expected_meters: 4 }, 'anna')).rejects.toThrow(/for 3 meters, not 4/)
  const campaign = await desk.spread(7, request, 'anna')
  const told = (device: number) =>
    books.campaigns.settingsOf(campaign, device).map(({ value }: { value: number }) => value)
  expect([told(FIRST), told(FIRST + 2)]).toEqual([
    [3_600, 120, 0],
    [3_600, 120, 60],
  ])
  // Meter …51 came to point …01: 50 slots later by its digits, so its base lies 50 slots earlier.
  expect(told(FIRST + 51)).toEqual([(3_600 - 50 * 120 + 86_400) % 86_400, 120, 0])
  expect(told(FIRST + 1)).toEqual([])
})

test('an entry of another kind is nobody’s campaign', () => {
  const { desk, now } = setUp()
  const entry = { kind: 'clock', cause: 'campaign X', device: '5', created_at: now() } as unknown as LedgerEntry
  expect(desk.rules.holds(entry)).toBe(false)
})
