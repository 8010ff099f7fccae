import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Report } from '@gastwin/twin'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type {
  CampaignView,
  CommandRecord,
  DeviceCard,
  DeviceRow,
  DeviceTwin,
  FittingView,
  GrantedDelegation,
  ImportOutcome,
  Page,
  QuarantineItem,
  ZonePeriod,
} from '../contract/index.ts'
import { Accounts } from '../http/auth/accounts.ts'
import { FIRST_METER, madeCity } from '../pipeline/testing/made-city.ts'
import { type ServiceProcess, spawnService } from '../pipeline/testing/service-process.ts'
import { ReportingMeters } from './testing/reporting-meters.ts'

const METERS = 40
const HOUR = 3_600_000
/** The meter that is changed, the stranger that comes in its place. */
const OLD = FIRST_METER
const STRANGER = 555_000_000_001

let dir = ''
let key = ''
let service: ServiceProcess
let meters: ReportingMeters

async function start(): Promise<void> {
  service = await spawnService({
    network: path.join(dir, 'network.json'),
    dataDir: path.join(dir, 'data'),
    // A campaign that rests must not wait a minute for a snapshot.
    env: { GASTWIN_SNAPSHOT_MINUTES: '1' },
  }).ready
  meters = await ReportingMeters.open(service.coapPort)
}
async function killed(): Promise<void> {
  await service.kill()
  meters.close()
  await start()
}
/** A stop in order writes a snapshot: the state then comes from there. */
async function stopped(): Promise<void> {
  await service.stop()
  meters.close()
  await start()
}

beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'gastwin-devices-'))
  await writeFile(path.join(dir, 'network.json'), JSON.stringify(madeCity(2, METERS / 2, 1)))
  key = await (await Accounts.open(path.join(dir, 'data'))).addApiKey('test', 'admin')
  await start()
}, 60_000)
afterAll(async () => {
  meters.close()
  await service.kill()
  await rm(dir, { recursive: true, force: true })
})

interface Answered<T> {
  readonly status: number
  readonly body: T
}
async function call<T>(method: string, place: string, body?: unknown, as = key): Promise<Answered<T>> {
  const isTable = typeof body === 'string'
  const response = await fetch(`${service.url}/api/v1${place}`, {
    method,
    headers: {
      'x-api-key': as,
      ...(body === undefined ? {} : { 'content-type': isTable ? 'text/csv' : 'application/json' }),
    },
    ...(body === undefined ? {} : { body: isTable ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    body: (response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text) as T,
  }
}
const twinOf = async (device: number) => (await call<DeviceTwin>('GET', `/devices/${device}`)).body

let sequence = 0
function reportOf(device: number, at: number, register: number, status: Report['status'] = {}): Report {
  return {
    ...{ device, kind: 'meter', trigger: status.command ? 'answer' : 'timed', deviceTime: at, sequence: ++sequence },
    ...{ readings: [{ quantity: 'index_m3', at, value: register }], events: [], status: { valve: 'open', ...status } },
  }
}
const fullHour = () => Math.floor(Date.now() / HOUR) * HOUR
async function sales(from: number, to: number): Promise<number> {
  const place = `/zones/Z1/balance?every=hour&from=${from}&to=${to}`
  const { items } = (await call<{ items: ZonePeriod[] }>('GET', place)).body
  return items.reduce((sum, period) => sum + period.sales_m3, 0)
}

describe('a meter that is changed', () => {
  test('is adopted from quarantine, and the sales of its point add up over the change, restarts and all', async () => {
    const to = fullHour()
    const from = to - 10 * HOUR
    // 100.0 m³ at the begin; the old meter ends at 104.5, the stranger begins at 2.0 and counts to 5.5.
    await meters.report(reportOf(OLD, from, 100))
    await meters.report(reportOf(OLD, to - 6 * HOUR, 104))
    await meters.report(reportOf(STRANGER, to - 4 * HOUR, 3))
    const { items } = (await call<{ items: QuarantineItem[] }>('GET', '/quarantine')).body
    expect(items.map(({ device, reason }) => [device, reason])).toEqual([[String(STRANGER), 'unknown_device']])

    const fit = {
      ...{ point: String(OLD), device: String(STRANGER), fitted_at: to - 5 * HOUR },
      ...{ old_end_m3: 104.5, new_begin_m3: 2, reason: 'ten years old' },
    }
    expect((await call('POST', '/fittings', { ...fit, old_end_m3: 103 })).status).toBe(409)
    expect((await call('POST', '/fittings', { ...fit, fitted_at: to - 7 * HOUR })).status).toBe(409)
    expect((await call('POST', '/fittings', { ...fit, device: String(OLD + 1) })).status).toBe(409)
    expect((await call('POST', '/fittings', { ...fit, point: '1' })).status).toBe(404)
    // Two hands at once: one of them changes the meter.
    const twice = await Promise.all([1, 2].map(() => call<FittingView>('POST', '/fittings', fit)))
    expect(twice.map(({ status }) => status).sort()).toEqual([201, 409])
    expect(twice.find(({ status }) => status === 201)?.body.offset_m3).toBe(102.5)
    expect((await call<{ items: unknown[] }>('GET', '/quarantine')).body.items).toEqual([])

    await killed()
    await meters.report(reportOf(STRANGER, to, 5.5))
    expect((await twinOf(OLD)).meter).toMatchObject({ index_m3: 108, index_at: to })
    expect(await sales(from, to)).toBeCloseTo(8, 6)
    await stopped()
    expect((await twinOf(STRANGER)).meter?.index_m3).toBe(108)
    expect(await sales(from, to)).toBeCloseTo(8, 6)

    // The old meter lies in the store and still speaks: it is heard by nobody's point.
    await meters.report(reportOf(OLD, to + 60_000, 104.6))
    const after = (await call<{ items: QuarantineItem[] }>('GET', '/quarantine')).body.items
    expect(after.map(({ device, reason }) => [device, reason])).toEqual([[String(OLD), 'removed_device']])
    expect((await twinOf(OLD)).meter?.index_m3).toBe(108)
  })

  test('takes over its place in the archive, and orders to the point reach it', async () => {
    const card = (await call<DeviceCard>('GET', `/devices/${OLD}/card`)).body
    expect(card).toMatchObject({ point: String(OLD), device: String(STRANGER), archive: { life: 'in_service' } })
    expect(card.fittings.length).toBe(1)
    const setting = { device: String(OLD), parameter: 'report_base_s', value: 60, reason: 'spread' }
    const ordered = (await call<CommandRecord>('POST', '/commands/settings', setting)).body
    expect(ordered.device).toBe(String(STRANGER))
    const answer = await meters.report(reportOf(STRANGER, fullHour() + 120_000, 5.6))
    expect(answer.command).toMatchObject({ id: ordered.id, parameter: 'report_base_s', value: 60 })
    const { items } = (await call<Page<DeviceRow>>('GET', `/devices?query=${STRANGER}`)).body
    expect(items.map(({ number, device }) => [number, device])).toEqual([[String(OLD), String(STRANGER)]])
  })
})

describe('the archive', () => {
  test('is taken from a table as a whole or not at all, and is there after a kill and after a stop', async () => {
    const table = `premises,point,address\r\nH1,${FIRST_METER + 1},Road 5\r\nH2,1,Road 6\r\n`
    const refused = (await call<ImportOutcome>('POST', '/archive/premises/import', table)).body
    expect(refused).toMatchObject({ applied: false, faults: [{ row: 3, column: 'point', code: 'unknown_reference' }] })
    const mended = table.replace(',1,', `,${FIRST_METER + 2},`)
    const tried = (await call<ImportOutcome>('POST', '/archive/premises/import?dry_run=true', mended)).body
    expect(tried).toMatchObject({ applied: false, added: 2, faults: [] })
    expect((await call<ImportOutcome>('POST', '/archive/premises/import', mended)).body.applied).toBe(true)
    const people = 'customer,premises,name,phone\r\nK1,H1,Zhang San,13912345678\r\n'
    expect((await call<ImportOutcome>('POST', '/archive/customers/import', people)).body.applied).toBe(true)
    const edit = { cells: { tags: 'old;loud', group: 'north' }, reason: 'survey' }
    expect((await call('PUT', `/archive/devices/${FIRST_METER + 1}`, edit)).body).toMatchObject({ tags: 'loud;old' })

    const look = async () => {
      const card = (await call<DeviceCard>('GET', `/devices/${FIRST_METER + 1}/card`)).body
      const tagged = (await call<Page<DeviceRow>>('GET', '/devices?mark=tag:loud')).body
      return [card.premises?.['address'], card.customers[0]?.['name'], tagged.items.map(({ number }) => number)]
    }
    const known = ['R**', 'Z**', [String(FIRST_METER + 1)]]
    expect(await look()).toEqual(known)
    await killed()
    expect(await look()).toEqual(known)
    await stopped()
    expect(await look()).toEqual(known)
    const reveal = { reason: 'a leak is reported' }
    const clear = (await call<DeviceCard>('POST', `/devices/${FIRST_METER + 1}/card/reveal`, reveal)).body
    expect(clear.customers[0]?.['phone']).toBe('13912345678')
    const exported = await call<string>('GET', '/archive/customers/export')
    expect(exported.body).toContain('K1,H1,Z**,139****678,')
  })
})

describe('another application', () => {
  test('deals with the devices in its scope, with nothing else, and no longer than it may', async () => {
    const wanted = { name: 'billing', role: 'viewer', expires_in_s: 3600, reason: 'contract 7' }
    const scope = { marks: ['group:north'] }
    const granted = (await call<GrantedDelegation>('POST', '/delegations', { ...wanted, scope })).body
    const as = granted.key
    await killed()
    const seen = (await call<Page<DeviceRow>>('GET', '/devices', undefined, as)).body
    expect(seen.items.map(({ number }) => number)).toEqual([String(FIRST_METER + 1)])
    expect((await call('GET', `/devices/${FIRST_METER + 1}`, undefined, as)).status).toBe(200)
    expect((await call('GET', `/devices/${FIRST_METER + 2}`, undefined, as)).status).toBe(404)
    for (const place of ['/alarms', '/zones', '/quarantine', '/campaigns', '/archive/customers/export', '/commands'])
      expect([place, (await call('GET', place, undefined, as)).status >= 400]).toEqual([place, true])
    const close = { device: String(FIRST_METER + 1), reason: 'not paid' }
    expect((await call('POST', '/commands', close, as)).status).toBe(403)
    await call('POST', `/delegations/${granted.id}/revoke`)
    await killed()
    expect((await call('GET', '/devices', undefined, as)).status).toBe(401)
  })
})

describe('a campaign', () => {
  const order = (more: object = {}) => ({
    ...{ name: 'spread the night', parameter: 'report_spread_s', value: 30, reason: 'busy cells' },
    ...{ filter: { zone: 'Z2' }, canary: 4, wave: 8, stop_rate: 0.25, expected_devices: METERS / 2 },
    ...more,
  })
  const campaign = async (id: string): Promise<CampaignView> => {
    const { items } = (await call<{ items: CampaignView[] }>('GET', '/campaigns')).body
    const found = items.find((one) => one.id === id)
    if (found === undefined) throw new Error(`no campaign ${id}`)
    return found
  }
  const zoneTwo = FIRST_METER + METERS / 2
  let minute = 0
  /** All meters of the zone report once, and those that are told something answer in the next report. */
  async function round(accepts: (device: number) => boolean): Promise<number> {
    minute++
    let told = 0
    for (let i = 0; i < METERS / 2; i++) {
      const device = zoneTwo + i
      const at = fullHour() + minute * 60_000
      const { command } = await meters.report(reportOf(device, at, 10 + minute))
      if (command === undefined) continue
      told++
      const answer = { command: { id: command.id, accepted: accepts(device) } }
      await meters.report(reportOf(device, at + 1000, 10 + minute + 0.1, answer))
    }
    return told
  }
  const until = async (id: string, fits: (view: CampaignView) => boolean) => {
    for (let tries = 0; tries < 100; tries++) {
      const view = await campaign(id)
      if (fits(view)) return view
      await pause(100)
    }
    throw new Error(JSON.stringify(await campaign(id)))
  }

  test('with failing meters is stopped at its canary: nobody else is told', async () => {
    expect((await call('POST', '/campaigns', order({ expected_devices: 7 }))).status).toBe(409)
    expect((await call('POST', '/campaigns', order({ value: 601 }))).status).toBe(409)
    const { id } = (await call<CampaignView>('POST', '/campaigns', order())).body
    await until(id, ({ progress }) => progress.queued === 4)
    expect(await round(() => false)).toBe(4)
    const stopped = await until(id, ({ state }) => state === 'stopped')
    expect(stopped).toMatchObject({ at_wave: 0, ending: 'failures:4/4' })
    expect(await round(() => true)).toBe(0)
  })

  test('goes on after a kill where it was, rests when it is told to, and tells each meter once', async () => {
    const { id } = (await call<CampaignView>('POST', '/campaigns', order({ name: 'again' }))).body
    await until(id, ({ progress }) => progress.queued === 4)
    await killed()
    expect(await round(() => true)).toBe(4)
    await until(id, ({ at_wave, progress }) => at_wave === 1 && progress.queued === 8)
    await call('POST', `/campaigns/${id}/state`, { state: 'paused', reason: 'storm' })
    await killed()
    expect(await round(() => true)).toBe(0)
    await call('POST', `/campaigns/${id}/state`, { state: 'running', reason: 'calm' })
    expect(await round(() => true)).toBe(8)
    await until(id, ({ at_wave, progress }) => at_wave === 2 && progress.queued === 8)
    await stopped()
    expect(await round(() => true)).toBe(8)
    const done = await until(id, ({ state }) => state === 'done')
    expect(done.past).toEqual({ confirmed: METERS / 2, failed: 0, cancelled: 0 })
    const { items } = (await call<{ items: CommandRecord[] }>('GET', '/commands?limit=1000')).body
    const own = items.filter(({ cause }) => cause === `campaign ${id}`)
    expect([own.length, Math.max(...own.map(({ tries }) => tries))]).toEqual([METERS / 2, 1])
  })
})
