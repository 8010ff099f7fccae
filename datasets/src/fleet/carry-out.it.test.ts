import dgram from 'node:dgram'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import type { CampaignView, CommandRecord, DeviceOrder, KeysHealth } from '@gastwin/server/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../../../server/src/pipeline/testing/until.ts'
import { buildCity } from '../city/write-city.ts'
import { Relay } from './testing/relay.ts'
import { ServedFleet } from './testing/served-fleet.ts'

const BEGIN = Date.parse('2026-03-10T20:00:00+08:00')
const SPEED = 3_600
const { network: document, truth } = buildCity({ meters: 120, seed: 11 })
// Those whose language carries our orders: a maker of their own is none of them.
const homes = document.meters.filter(
  (m) => m.class === 'residential' && m.read_schedule === 'daily' && (m.profile === undefined || m.profile === null),
)
const KNOWN = homes.slice(0, 6).map(({ id }) => String(Number(id)))

const relay = new Relay()

let served: ServedFleet

beforeAll(async () => {
  served = await ServedFleet.open({
    ...{ name: 'fleet-orders', document, truth, begin: BEGIN, speed: SPEED, leadMs: 15_000 },
    certified: KNOWN.slice(0, 2).map(Number),
    env: { GASTWIN_CAMPAIGN_SECOND_PERSON: '1000' },
    fleet: { scenario: 'calm', seed: 28, loss: 0.01 },
  })
})
afterAll(async () => {
  await served.close()
  relay.close()
})

const order = async (device: string, what: DeviceOrder): Promise<number> =>
  (
    await served.api.call<CommandRecord>('/commands/orders', {
      ...{ device, order: what, priority: 'urgent', reason: 'test', expires_in_s: 20 * 86_400 },
    })
  ).id
const set = async (device: string, parameter: string, value: number): Promise<number> =>
  (
    await served.api.call<CommandRecord>('/commands/settings', {
      ...{ device, parameter, value, priority: 'urgent', reason: 'test', expires_in_s: 20 * 86_400 },
    })
  ).id
const commandOf = async (id: number): Promise<CommandRecord> => {
  const items = await served.api.items<CommandRecord>('/commands?limit=1000')
  return items.find((one) => one.id === id) as CommandRecord
}
const LIVE = ['queued', 'sent', 'accepted']
const ended = (id: number): Promise<CommandRecord> =>
  until(
    () => commandOf(id),
    ({ state }) => !LIVE.includes(state),
    180,
    () => served.fleet.stats(),
  )
/** Waits until so many devices have a session key. */
const sessionsOf = (count: number): Promise<KeysHealth> =>
  until(
    () => served.api.call<KeysHealth>('/keys/health'),
    ({ sessions }) => sessions >= count,
    180,
    () => served.fleet.stats(),
  )
const consumerOf = (device: string) => {
  const found = served.fleet.book.consumers.find((one) => String(one.device) === device)
  if (found === undefined) throw new Error(`no consumer ${device}`)
  return found
}

describe('a fleet of meters carries out, over real sockets,', () => {
  test('readings of a month, its own log, prices from a day on, a restart and another session key, over a kill', async () => {
    const [sealed = '', , asked = '', logged = '', priced = ''] = KNOWN
    const tiers = [1, 2, 3, 4].map((n) => ({ yuan_per_m3: n, to_m3: n < 4 ? n * 100 : null }))
    const month = await order(asked, { kind: 'read', month: '2026-02' })
    const short = await order(asked, { kind: 'read', month: '2026-03' })
    const log = await order(logged, { kind: 'log', days: 30 })
    const price = await order(priced, { kind: 'price', prices: { tiers, from_day: 14 } })
    const restart = await order(priced, { kind: 'restart' })
    const day = await set(KNOWN[5] ?? '', 'settlement_day', 5)
    const half = await set(KNOWN[5] ?? '', 'price_period_months', 6)
    const odd = await set(asked, 'price_period_months', 5)
    expect(await ended(month)).toMatchObject({ state: 'confirmed', read: { month: '2026-02', days: 28 } })
    await served.killAndStart()
    expect(await ended(short)).toMatchObject({ state: 'confirmed', read: { month: '2026-03' } })
    expect((await commandOf(month)).read?.days).toBe(28)
    const told = await ended(log)
    expect(told).toMatchObject({ state: 'confirmed', log: { days: 30 } })
    expect([told.log?.got.length, (told.log?.lines ?? 0) > 0]).toEqual([told.log?.pieces, true])
    expect((await ended(price)).state).toBe('confirmed')
    expect((await ended(restart)).state).toBe('confirmed')
    expect((await ended(day)).state).toBe('confirmed')
    expect((await ended(half)).state).toBe('confirmed')
    expect((await ended(odd)).state).toBe('refused')
    // The steps of its prices count from the fifth of January.
    const { weather, book } = served.fleet
    const [settled = 0] = KNOWN.slice(5).map((device) => consumerOf(device).index)
    const january = weather.dayNumber(Date.parse('2026-01-05T12:00:00+08:00'))
    const [register] = book.dayBegins(consumerOf(KNOWN[5] ?? ''), january, january)
    expect(served.fleet.households.settlementOf(settled)).toBe(register)
    // A session key is renewed where there is one, however many nights the first contact takes on a lossy radio.
    await sessionsOf(2)
    const before = served.fleet.stats()['contacts'] ?? 0
    const renewal = await order(sealed, { kind: 'renew_key' })
    expect((await ended(renewal)).state).toBe('confirmed')
    await until(
      () => served.fleet.stats()['contacts'] ?? 0,
      (contacts) => contacts > before,
    )
    // The fourteenth comes, and the fourth step with it.
    const { index } = consumerOf(priced)
    await until(
      () => served.fleet.households.duties.pricesOf(index),
      (prices) => prices !== undefined,
      180,
      () => served.fleet.now,
    )
    expect(served.fleet.now).toBeGreaterThanOrEqual(Date.parse('2026-03-14T00:00:00+08:00'))
    expect(served.fleet.households.duties.pricesOf(index)?.tiers.length).toBe(4)
  }, 600_000)

  test('another address of the platform, and comes back from one where nobody answers; neither stands readable on the disk', async () => {
    const [, , moving = '', lost = '', , roaming = ''] = KNOWN
    const address = await relay.open(served.service.coapPort)
    const dead = dgram.createSocket('udp4')
    await new Promise<void>((resolve) => dead.bind(0, '127.0.0.1', resolve))
    const silent = `127.0.0.1:${dead.address().port}`
    const connect = (device: string, setting: 'apn' | 'server_address', value: string) =>
      order(device, { kind: 'connection', setting, value })
    const [there, nowhere, apn] = [
      await connect(moving, 'server_address', address),
      await connect(lost, 'server_address', silent),
      await connect(roaming, 'apn', 'no.such.network'),
    ]
    expect(await ended(there)).toMatchObject({
      state: 'confirmed',
      connection: { setting: 'server_address', value: '1**' },
    })
    expect(relay.passed).toBeGreaterThan(0)
    expect(await ended(nowhere)).toMatchObject({ state: 'failed', error: 'returned' })
    expect(await ended(apn)).toMatchObject({ state: 'failed', error: 'returned' })
    dead.close()
    // It stays where it was sent, and hears what it is told there; the others go on where they were.
    const [read, again] = [await order(moving, { kind: 'read' }), await order(lost, { kind: 'read' })]
    expect([(await ended(read)).state, (await ended(again)).state]).toEqual(['confirmed', 'confirmed'])
    const files = await readdir(served.dataDir, { recursive: true, withFileTypes: true })
    for (const file of files) {
      if (!file.isFile()) continue
      const bytes = await readFile(path.join(file.parentPath, file.name))
      expect([file.name, bytes.includes(address), bytes.includes(silent), bytes.includes('no.such.network')]).toEqual([
        ...[file.name, false, false, false],
      ])
    }
  }, 600_000)

  test('the same by meters of businesses, which say no to a rhythm of reports that they do not have', async () => {
    const [device = '', moving = ''] = document.meters
      .filter((m) => m.read_schedule === '5min')
      .map(({ id }) => String(Number(id)))
    const tiers = [{ yuan_per_m3: 3, to_m3: null }]
    const given = [
      await order(device, { kind: 'restart' }),
      await order(device, { kind: 'read' }),
      await order(device, { kind: 'price', prices: { tiers, from_day: null } }),
    ]
    for (const id of given) expect((await ended(id)).state).toBe('confirmed')
    const { index } = consumerOf(device)
    await until(
      () => served.fleet.businesses.duties.pricesOf(index),
      (prices) => prices !== undefined,
    )
    const month = await ended(await order(device, { kind: 'read', month: '2026-02' }))
    expect(month).toMatchObject({ state: 'confirmed', read: { month: '2026-02', days: 28 } })
    const told = await ended(await order(device, { kind: 'log', days: 30 }))
    expect(told).toMatchObject({ state: 'confirmed', log: { days: 30 } })
    expect([told.log?.got.length, (told.log?.lines ?? 0) > 0]).toEqual([told.log?.pieces, true])
    const settings = { device, reason: 'test', parameter: 'report_base_s', value: 60 }
    const { id } = await served.api.call<CommandRecord>('/commands/settings', settings)
    expect((await ended(id)).state).toBe('refused')
    // Another way to the platform, and back from one that is none.
    const there = await order(moving, {
      kind: 'connection',
      setting: 'server_address',
      value: `127.0.0.1:${relay.port}`,
    })
    expect((await ended(there)).state).toBe('confirmed')
    const { passed } = relay
    const apn = await order(moving, { kind: 'connection', setting: 'apn', value: 'no.such.network' })
    expect(await ended(apn)).toMatchObject({ state: 'failed', error: 'returned' })
    expect((await ended(await order(moving, { kind: 'read' }))).state).toBe('confirmed')
    expect(relay.passed).toBeGreaterThan(passed)
  }, 900_000)

  test('an order for many, wave by wave', async () => {
    const filter = { devices: KNOWN }
    const begun = await served.api.call<CampaignView>('/campaigns', {
      ...{ name: 'logs of a week', order: { kind: 'log', days: 7 }, canary: 2, wave: 4, stop_rate: 0, reason: 'test' },
      ...{ filter, expected_devices: KNOWN.length, expires_in_s: 2_592_000, priority: 'urgent' },
    })
    expect(begun).toMatchObject({ order: { kind: 'log', log: { days: 7 } }, setting: null })
    const done = await until(
      async () => (await served.api.items<CampaignView>('/campaigns')).find(({ id }) => id === begun.id),
      (campaign) => campaign?.state === 'done',
      240,
      () => served.fleet.stats(),
    )
    expect(done?.past).toEqual({ confirmed: KNOWN.length, failed: 0, cancelled: 0 })
  }, 300_000)
})

test('what cannot be is refused before a meter is asked', async () => {
  const [, , plain = ''] = KNOWN
  const refused = async (what: DeviceOrder) => {
    const { status, body } = await served.api.answer('/commands/orders', { device: plain, order: what, reason: 'test' })
    return [status >= 400, body.detail]
  }
  expect(await refused({ kind: 'read', month: '2020-01' })).toEqual([true, expect.stringMatching(/a meter keeps 12/)])
  expect(await refused({ kind: 'read', month: '2031-01' })).toEqual([true, expect.stringMatching(/has not begun/)])
  expect(await refused({ kind: 'renew_key' })).toEqual([true, expect.stringMatching(/no session key/)])
  const server = { kind: 'connection', setting: 'server_address', value: 'nowhere' } as const
  expect(await refused(server)).toEqual([true, expect.stringMatching(/host:port/)])
  const tiers = [
    { yuan_per_m3: 1, to_m3: 300 },
    { yuan_per_m3: 2, to_m3: 200 },
  ]
  expect(await refused({ kind: 'price', prices: { tiers, from_day: null } })).toEqual([
    ...[true, expect.stringMatching(/rising volumes/)],
  ])
})
