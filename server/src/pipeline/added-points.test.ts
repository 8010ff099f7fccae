import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buildNetwork, CityCalendar, type Meter, type NetworkDocument } from '@gastwin/twin'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MeterBook } from '../devices/meter-book.ts'
import { CityState, type PositionedReport } from './city-state.ts'
import { readSnapshot, writeSnapshot } from './snapshots.ts'
import { FIRST_METER, FIRST_RTU, madeCity } from './testing/made-city.ts'

const START = Date.UTC(2026, 0, 5)
const CLOCK = { segments: [{ wall: START, event: START, speed: 1 }] }
const ZONES = 3
const OLD = 40
/** The last meter of each zone, as points that come later. */
const document = madeCity(ZONES, OLD, 2)
const LATER: readonly Meter[] = document.meters.filter((_, i) => i % OLD === OLD - 1)
const without: NetworkDocument = { ...document, meters: document.meters.filter((meter) => !LATER.includes(meter)) }

let dir = ''
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'gastwin-points-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

/** A day of hourly readings of all meters, and of pressures. */
function live(city: CityState, fromHour: number, toHour: number): void {
  for (let hour = fromHour; hour < toHour; hour++) {
    const now = START + hour * 3_600_000
    const meters = document.meters.map(({ id }, i): PositionedReport['report'] => ({
      ...{ device: Number(id), kind: 'meter', trigger: 'timed', deviceTime: now, sequence: hour, events: [] },
      ...{ readings: [{ quantity: 'index_m3', at: now, value: 100 + hour * (0.1 + i / 1000) }], status: {} },
    }))
    const rtus = Array.from({ length: ZONES }, (_, z): PositionedReport['report'] => ({
      ...{ device: FIRST_RTU + z, kind: 'rtu', trigger: 'timed', deviceTime: now, sequence: hour, events: [] },
      ...{ readings: [{ quantity: 'pressure_pa', at: now, value: 103_500 }], status: {} },
    }))
    const all = [...meters, ...rtus]
    city.take(
      all.map((report, i) => ({ position: hour * all.length + i, receivedAt: now, report, host: '10.0.0.1' })),
      now,
    )
  }
}
const facts = (city: CityState) => {
  const to = START + 18 * 3_600_000
  return {
    zones: city.network.zones.ids.map((zone) => city.balances.period(zone, START + 7 * 3_600_000, to, to)),
    twins: document.meters.map(({ id }) => city.views.twin(id)),
    devices: city.fleet.count,
  }
}

test('points that came before anything was said count as if the document had them', () => {
  const [grown, whole] = [without, document].map((one) => new CityState(buildNetwork(one), CLOCK))
  if (grown === undefined || whole === undefined) throw new Error('two cities')
  grown.addPoints(LATER)
  for (const city of [grown, whole]) live(city, 0, 18)
  expect(facts(grown)).toEqual(facts(whole))
  expect(facts(grown).zones[0]?.meters).toBe(OLD)
})

test('points that came in mid-life count from there on, and live through a snapshot', async () => {
  const city = new CityState(buildNetwork(without), CLOCK)
  live(city, 0, 6)
  expect(city.fleet.slotOf(Number(LATER[0]?.id))).toBe(-1)
  city.addPoints(LATER)
  live(city, 6, 12)
  await writeSnapshot(path.join(dir, 'a'), city, 'net', undefined, false)
  const calendar = new CityCalendar('Asia/Shanghai')
  const found = await readSnapshot(path.join(dir, 'a'), 'net', calendar, (fault) => {
    throw new Error(fault)
  })
  if (found === undefined) throw new Error('no snapshot')
  const network = buildNetwork(without)
  const again = new CityState(network, CLOCK)
  again.addPoints(LATER)
  const restored = new CityState(again.network, CLOCK, found.fleet)
  expect(await restored.load(found.balances, found.rows, found.city)).toBeUndefined()
  for (const one of [city, restored]) live(one, 12, 18)
  expect(facts(restored)).toEqual(facts(city))
  expect(facts(city).zones.map(({ meters }) => meters)).toEqual([OLD, OLD, OLD])
  const { sales_m3: sales = 0 } = facts(city).zones[0] ?? {}
  expect(sales).toBeGreaterThan(0)
})

test('what a device said before it was a point is nobody’s, whoever reads the log and however often', () => {
  const report: PositionedReport['report'] = {
    ...{ device: FIRST_METER, kind: 'meter', trigger: 'timed', deviceTime: START, sequence: 1 },
    ...{ readings: [], events: [], status: {} },
  }
  const points = [{ since: 10, points: [{ id: String(FIRST_METER), node: 'C1', kind: 'gas' as const }] }]
  const book = new MeterBook([], points)
  book.points.hold({ since: 10, points: [{ id: '7', node: 'C1', kind: 'gas' }] })
  const heard = (position: number, device = FIRST_METER) => book.atPoint({ ...report, device }, position, START)?.device
  expect([heard(9), heard(10), heard(11)]).toEqual([undefined, undefined, FIRST_METER])
  expect([heard(9, 7), heard(9, FIRST_METER + 1)]).toEqual([7, FIRST_METER + 1])
})
