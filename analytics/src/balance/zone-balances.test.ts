import { buildNetwork, CityCalendar, FleetState, type Report, registerNetwork } from '@gastwin/twin'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { smallCity } from '../../../twin/src/network/testing/small-city.ts'
import { DAY, HOUR, meterReport, rtuReport } from '../../../twin/src/state/testing/heard.ts'
import type { BalanceConfig } from './balance-config.ts'
import { CITY, ZoneBalances } from './zone-balances.ts'
import type { ZonePeriod } from './zone-period.ts'

/** Midnight in Shanghai, a Monday. */
const START = Date.UTC(2026, 0, 4, 16)
const MINUTE = 60_000
const GATE = 800_000_001
const DISTRICT = 800_000_002
const TAP = 800_000_003
const INDOOR = 101
const OUTDOOR = 102
const SHOP = 103

interface City {
  readonly fleet: FleetState
  readonly balances: ZoneBalances
  say(report: Report, receivedAt?: number): void
}

function city(config: Partial<BalanceConfig> = {}): City {
  const network = buildNetwork(smallCity())
  const calendar = new CityCalendar(network.timeZone)
  const fleet = new FleetState({ dayNumber: (at) => calendar.dayNumber(at) })
  registerNetwork(fleet, network)
  const balances = new ZoneBalances(network, fleet, { scanEveryMs: 0, ...config })
  return {
    fleet,
    balances,
    say: (report, receivedAt = report.deviceTime) => {
      fleet.apply(report, receivedAt, balances)
    },
  }
}

const shopReport = (at: number, m3: number) =>
  meterReport(SHOP, at, 0, { readings: [{ quantity: 'standard_index_m3', at, value: m3 }] })

/** One value per minute of [from, to): the sample at the end of each. */
function* eachMinute(device: number, from: number, to: number, flow: (at: number) => number): IterableIterator<Report> {
  for (let at = from + MINUTE; at <= to; at += MINUTE) yield rtuReport(device, at, 'standard_flow_m3_s', flow(at))
}

describe('supply', () => {
  test('is the signed inlet flow; what was not measured is known as not covered', () => {
    const { balances, say } = city()
    for (const r of eachMinute(GATE, START, START + HOUR, () => 0.5)) say(r)
    for (const r of eachMinute(DISTRICT, START, START + HOUR / 2, () => 0.2)) say(r)
    const now = START + HOUR
    const trunk = balances.period('MP', START, START + HOUR, now)
    expect(trunk.supply_m3).toBeCloseTo(0.5 * 3600 - 0.2 * 1800, 3)
    expect(trunk.inlet_coverage).toBe(0.5)
    expect(balances.period('LP', START, START + HOUR, now)).toMatchObject({ inlet_coverage: 0.5 })
    expect(balances.period('LP', START, START + HOUR, now).supply_m3).toBeCloseTo(360, 3)
    const whole = balances.period(CITY, START, START + HOUR, now)
    expect(whole.supply_m3).toBeCloseTo(1800, 6)
    expect(whole.inlet_coverage).toBe(1)
  })

  test('is live only while its inlets are heard', () => {
    const { balances, say } = city()
    say(rtuReport(GATE, START + MINUTE, 'standard_flow_m3_s', 0.5))
    say(rtuReport(DISTRICT, START + MINUTE, 'standard_flow_m3_s', 0.2))
    expect(balances.live('MP', START + 2 * MINUTE).supply_m3_s).toBeCloseTo(0.3, 12)
    expect(balances.live(CITY, START + 2 * MINUTE).supply_m3_s).toBe(0.5)
    expect(balances.live('MP', START + 5 * MINUTE).supply_m3_s).toBeNull()
  })
})

describe('sales', () => {
  test('are last reading up to the end minus last reading up to the begin', () => {
    const { balances, say } = city()
    for (let day = 0; day <= 3; day++) say(meterReport(INDOOR, START + day * DAY, 100 + day * day))
    const now = START + 4 * DAY
    const sold = (from: number, to: number) => balances.period('LP', START + from * DAY, START + to * DAY, now).sales_m3
    expect([sold(0, 1), sold(1, 2), sold(2, 3), sold(3, 4), sold(0, 4)]).toEqual([1, 3, 5, 0, 9])
  })

  test('leave water out', () => {
    const network = buildNetwork({
      ...smallCity(),
      meters: [{ id: '7', node: 'B', zone: 'LP', kind: 'water' }],
    })
    const fleet = new FleetState({ dayNumber: () => 1 })
    registerNetwork(fleet, network)
    const balances = new ZoneBalances(network, fleet)
    for (const day of [0, 1]) fleet.apply(meterReport(7, START + day * DAY, day * 5), START + day * DAY, balances)
    expect(balances.period('LP', START, START + DAY, START + DAY)).toMatchObject({ sales_m3: 0, meters: 0 })
  })
})

test('linepack is the gas law over the pipes’ volume, from full hour to full hour', () => {
  const { balances, say } = city()
  for (const [at, pressure] of [
    [START, 400_000],
    [START + HOUR / 2, 350_000],
    [START + HOUR, 300_000],
  ] as const)
    say(rtuReport(GATE, at, 'pressure_pa', pressure))
  const { linepack_change_m3, gap_m3 } = balances.period('MP', START, START + HOUR, START + HOUR)
  const volume = (Math.PI / 4) * 0.2 ** 2 * 1000
  expect(linepack_change_m3).toBeCloseTo((volume * -100_000 * 293.15) / (101_325 * 288.15), 6)
  expect(gap_m3).toBeCloseTo(-linepack_change_m3, 9)
})

test('temperature and pressure explain what uncorrected meters do not count', () => {
  const { balances, say } = city()
  for (let hour = 0; hour <= 24; hour++) {
    say(rtuReport(DISTRICT, START + hour * HOUR, 'pressure_pa', 103_325))
  }
  for (const device of [INDOOR, OUTDOOR])
    for (const day of [0, 1]) say(meterReport(device, START + day * DAY, day * 10))
  for (const day of [0, 1]) say(shopReport(START + day * DAY, day * 50))
  const { temperature_pressure_m3, sales_m3 } = balances.period('LP', START, START + DAY, START + DAY)
  expect(sales_m3).toBe(70)
  const pressure = 103_325 / 101_325
  expect(temperature_pressure_m3).toBeCloseTo(10 * (pressure - 1) + 10 * ((pressure * 293.15) / 288.15 - 1), 4)
})

describe('unread', () => {
  test('is what a silent meter is expected to have used, and is given back when it catches up', () => {
    const { balances, say } = city()
    for (let day = 0; day <= 3; day++)
      for (const device of [INDOOR, OUTDOOR]) say(meterReport(device, START + day * DAY, day * 2))
    for (let day = 4; day <= 6; day++) say(meterReport(OUTDOOR, START + day * DAY, day * 2))
    say(shopReport(START, 1))
    const day = (n: number, now: number) =>
      balances.period('LP', START + n * DAY, START + (n + 1) * DAY, START + now * DAY)
    expect(day(3, 6)).toMatchObject({ sales_m3: 2 })
    expect(day(4, 6).unread_m3).toBeCloseTo(2, 6)
    expect(day(5, 6).unread_m3).toBeCloseTo(2, 6)
    expect(day(5, 6).unread_meters).toBe(2)
    say(meterReport(INDOOR, START + 7 * DAY, 14))
    say(meterReport(OUTDOOR, START + 7 * DAY, 14))
    const caughtUp = day(6, 7)
    expect(caughtUp.sales_m3).toBe(2 * 4 + 2)
    expect(caughtUp.unread_m3).toBeCloseTo(-6, 6)
    expect(day(3, 7).unread_m3 + day(4, 7).unread_m3 + day(5, 7).unread_m3).toBeCloseTo(6, 6)
    expect(day(5, 7).unread_meters).toBe(2)
  })

  test('vanishes when the missing readings arrive late after all', () => {
    const { balances, say } = city()
    for (const day of [0, 1, 2, 3, 6, 7]) say(meterReport(INDOOR, START + day * DAY, day * 2))
    const day = (n: number) => balances.period('LP', START + n * DAY, START + (n + 1) * DAY, START + 8 * DAY)
    expect(day(4).unread_m3).toBeCloseTo(2, 6)
    for (const late of [5, 4]) say(meterReport(INDOOR, START + late * DAY, late * 2), START + 8 * DAY)
    for (let n = 0; n < 7; n++) {
      expect(day(n).unread_m3).toBeCloseTo(0, 9)
      expect(day(n).sales_m3).toBe(2)
    }
  })
})

/** Anything the small city may say within four days, at scheduled times. */
const told = fc
  .array(
    fc.oneof(
      fc.record({ who: fc.constantFrom('indoor', 'outdoor'), step: fc.integer({ min: 0, max: 4 }) }),
      fc.record({ who: fc.constant('shop'), step: fc.integer({ min: 0, max: 60 }) }),
      fc.record({
        who: fc.constantFrom('gate', 'district', 'pressure', 'heat'),
        step: fc.integer({ min: 0, max: 500 }),
      }),
    ),
    { minLength: 1, maxLength: 80 },
  )
  .map((said) => said.map(({ who, step }) => reportOf(who, step)))

function reportOf(who: string, step: number): Report {
  const wiggle = ((step * 7919) % 97) / 97
  if (who === 'shop') return shopReport(START + step * 300_000, step * 3 + wiggle)
  if (who === 'gate') return rtuReport(GATE, START + step * MINUTE, 'standard_flow_m3_s', 0.5 + wiggle)
  if (who === 'district') return rtuReport(DISTRICT, START + step * MINUTE, 'standard_flow_m3_s', 0.2 + wiggle)
  if (who === 'pressure') return rtuReport(TAP, START + step * MINUTE, 'pressure_pa', 103_000 + 500 * wiggle)
  if (who === 'heat') return rtuReport(DISTRICT, START + step * MINUTE, 'temperature_k', 280 + wiggle)
  return meterReport(who === 'indoor' ? INDOOR : OUTDOOR, START + step * DAY, step * 2 + wiggle)
}

const NOW = START + 5 * DAY
const hours = fc.integer({ min: -2, max: 118 })
const additive = [
  'supply_m3',
  'sales_m3',
  'linepack_change_m3',
  'gap_m3',
  'temperature_pressure_m3',
  'unread_m3',
] as const
const runs = { numRuns: Number(process.env['FUZZ'] ?? 40) }

function heard(reports: readonly Report[]): City {
  const made = city()
  for (const report of reports) made.say(report, NOW)
  return made
}
function expectSame(a: ZonePeriod, b: ZonePeriod): void {
  expect(a.sales_m3).toBe(b.sales_m3)
  expect(a.unread_meters).toBe(b.unread_meters)
  expect(a.inlet_coverage).toBe(b.inlet_coverage)
  expect(a.supply_m3).toBe(b.supply_m3)
  for (const key of ['linepack_change_m3', 'temperature_pressure_m3'] as const) expect(a[key]).toBeCloseTo(b[key], 6)
}

describe('whatever is said', () => {
  test('in any order and repeated at will gives the same balance', () => {
    fc.assert(
      fc.property(
        told,
        fc.array(fc.nat(), { maxLength: 30 }),
        fc.nat(),
        hours,
        fc.integer({ min: 1, max: 100 }),
        (said, again, turn, h, n) => {
          const distinct = [...new Map(said.map((r) => [JSON.stringify(r), r])).values()]
          const other = distinct.map((report, i) => ({ report, key: (i * 2654435761 + turn) % 1009 }))
          other.sort((a, b) => a.key - b.key)
          const shuffled = other.map((o) => o.report)
          for (const pick of again)
            shuffled.splice(pick % shuffled.length, 0, distinct[pick % distinct.length] ?? shopReport(0, 0))
          const [a, b] = [heard(distinct), heard(shuffled)]
          for (const zone of ['MP', 'LP', CITY])
            expectSame(
              a.balances.period(zone, START + h * HOUR, START + (h + n) * HOUR, NOW),
              b.balances.period(zone, START + h * HOUR, START + (h + n) * HOUR, NOW),
            )
        },
      ),
      runs,
    )
  })

  test('sells and supplies what the definitions say, computed naively', () => {
    fc.assert(
      fc.property(told, hours, fc.integer({ min: 1, max: 100 }), (said, h, n) => {
        const { balances } = heard(said)
        const [from, to] = [START + h * HOUR, START + (h + n) * HOUR]
        const period = balances.period('LP', from, to, NOW)
        let sales = 0
        for (const device of [INDOOR, OUTDOOR, SHOP]) {
          const readings = said.filter((r) => r.device === device).map((r) => r.readings[0] ?? { at: 0, value: 0 })
          readings.sort((x, y) => x.at - y.at)
          const upTo = (t: number) => readings.findLast((r) => r.at <= t)?.value ?? readings[0]?.value ?? 0
          sales += upTo(to) - upTo(from)
        }
        expect(period.sales_m3).toBeCloseTo(sales, 5)
        const minutes = new Map<number, number>()
        for (const r of said)
          for (const s of r.readings)
            if (r.device === DISTRICT && s.quantity === 'standard_flow_m3_s' && from < s.at && s.at <= to)
              minutes.set(s.at, s.value)
        expect(period.supply_m3).toBeCloseTo(
          [...minutes.values()].reduce((a, b) => a + b * 60, 0),
          3,
        )
        expect(period.inlet_coverage).toBeCloseTo(minutes.size / ((Math.min(to, NOW) - from) / MINUTE), 9)
      }),
      runs,
    )
  })

  test('adds up: the hours of a day are the day, the zones are the city', () => {
    fc.assert(
      fc.property(told, fc.integer({ min: 0, max: 4 }), (said, d) => {
        const { balances } = heard(said)
        const from = START + d * DAY
        for (const zone of ['MP', 'LP', CITY]) {
          const day = balances.period(zone, from, from + DAY, NOW)
          const parts = Array.from({ length: 24 }, (_, h) =>
            balances.period(zone, from + h * HOUR, from + (h + 1) * HOUR, NOW),
          )
          for (const key of additive) expect(parts.reduce((sum, p) => sum + p[key], 0)).toBeCloseTo(day[key], 5)
          expect(day.gap_m3).toBeCloseTo(day.supply_m3 - day.sales_m3 - day.linepack_change_m3 - day.own_use_m3, 9)
        }
        const of = (zone: string) => balances.period(zone, from, from + DAY, NOW)
        for (const key of ['sales_m3', 'linepack_change_m3', 'temperature_pressure_m3', 'unread_m3'] as const)
          expect(of(CITY)[key]).toBeCloseTo(of('MP')[key] + of('LP')[key], 9)
      }),
      runs,
    )
  })

  test('survives a restart: saved, loaded and gone on is the same as never stopped', () => {
    fc.assert(
      fc.property(told, told, (before, after) => {
        const going = heard(before)
        going.balances.tick(NOW)
        const pieces = [...going.balances.save()].map((piece) => piece.slice())
        const stopped = heard(before)
        const resumed = new ZoneBalances(buildNetwork(smallCity()), stopped.fleet, { scanEveryMs: 0 })
        expect(resumed.load(pieces)).toBeUndefined()
        for (const report of after) {
          going.say(report, NOW)
          stopped.fleet.apply(report, NOW, resumed)
        }
        for (const zone of ['MP', 'LP', CITY]) {
          expect(resumed.period(zone, START, START + 4 * DAY, NOW)).toEqual(
            going.balances.period(zone, START, START + 4 * DAY, NOW),
          )
          expect(resumed.frozen(zone, '2026-01-06')).toEqual(going.balances.frozen(zone, '2026-01-06'))
        }
      }),
      { numRuns: Math.min(20, runs.numRuns) },
    )
  })
})

describe('saved balances', () => {
  test('that are damaged, cut, or of another network are refused with a reason', () => {
    const { balances, say } = city()
    say(shopReport(START, 1))
    const pieces = [...balances.save()].map((piece) => piece.slice())
    expect(city().balances.load(pieces.slice(0, -1))).toMatch(/cut/)
    const damaged = pieces.map((piece) => piece.slice())
    const piece = damaged[3] ?? new Uint8Array(1)
    piece[0] = (piece[0] ?? 0) ^ 1
    expect(city().balances.load(damaged)).toMatch(/checksum/)
    const other = buildNetwork({ ...smallCity(), rtus: [] })
    expect(new ZoneBalances(other, new FleetState({ dayNumber: () => 0 })).load(pieces)).toMatch(/another network/)
  })
})

describe('a day on record', () => {
  test('is frozen after its night, reopened by late data and frozen again as the next revision', () => {
    const { balances, say } = city()
    for (const r of eachMinute(DISTRICT, START, START + DAY, () => 0.001)) say(r)
    for (const day of [0, 2]) say(meterReport(INDOOR, START + day * DAY, day * 4))
    balances.tick(START + DAY + 5 * HOUR)
    expect(balances.frozen('LP', '2026-01-05')).toBeUndefined()
    balances.tick(START + 2 * DAY)
    const first = balances.frozen('LP', '2026-01-05')
    expect(first).toMatchObject({
      state: 'frozen',
      revision: 1,
      name: '2026-01-05',
      period: { sales_m3: 0, inlet_coverage: 1 },
    })
    expect(balances.days('LP', START)).toHaveLength(1)
    say(meterReport(INDOOR, START + DAY, 5), START + 2 * DAY)
    expect(balances.frozen('LP', '2026-01-05')).toMatchObject({ state: 'reopened', revision: 1 })
    balances.tick(START + 2 * DAY + MINUTE)
    expect(balances.frozen('LP', '2026-01-05')?.state).toBe('reopened')
    balances.tick(START + 2 * DAY + 2 * HOUR)
    expect(balances.frozen('LP', '2026-01-05')).toMatchObject({ state: 'frozen', revision: 2, period: { sales_m3: 5 } })
    expect(balances.frozen(CITY, '2026-01-05')).toMatchObject({ revision: 2, period: { sales_m3: 5 } })
  })

  test('makes a month with the others', () => {
    const { balances, say } = city()
    const january = Date.UTC(2025, 11, 31, 16)
    for (let day = 0; day <= 33; day++) {
      say(shopReport(january + day * DAY, day * 10))
      balances.tick(january + day * DAY)
    }
    expect(balances.frozen('LP', '2026-01')).toMatchObject({ state: 'frozen', revision: 1, period: { sales_m3: 310 } })
    expect(balances.frozen('LP', '2026-02')).toBeUndefined()
  })
})

describe('the estimate of use', () => {
  test('has the mean of the registers and the shape of the inlet, and meets supply when nothing is lost', () => {
    const { balances, say } = city()
    const hourOf = (at: number) => Math.floor(((((at - 1 - START) % DAY) + DAY) % DAY) / HOUR)
    const flow = (at: number) => (hourOf(at) === 18 ? 0.0105 : 0.0005)
    const daily = (0.0105 + 23 * 0.0005) * 3600
    for (let day = 0; day < 9; day++)
      for (const r of eachMinute(DISTRICT, START + day * DAY, START + (day + 1) * DAY, flow)) say(r)
    for (let day = 0; day <= 9; day++)
      for (const device of [INDOOR, OUTDOOR]) say(meterReport(device, START + day * DAY, (day * daily) / 2))
    const now = START + 9 * DAY + MINUTE
    expect(balances.live('LP', START + 9 * DAY + 18.5 * HOUR).sales_estimate_m3_s).toBeCloseTo(0.0105, 6)
    expect(balances.live('LP', now).sales_estimate_m3_s).toBeCloseTo(0.0005, 6)
    const strip = balances.strip('LP', START + 8 * DAY, START + 10 * DAY, HOUR, now)
    expect(strip).toHaveLength(25)
    for (const step of strip.slice(0, 24)) {
      expect(step.supply_m3).not.toBeNull()
      expect(step.sales_estimate_m3).toBeCloseTo(step.supply_m3 ?? 0, 3)
      expect(step.gap_m3).toBeCloseTo(0, 3)
    }
    expect(strip[24]).toMatchObject({ at: START + 9 * DAY, supply_m3: null, gap_m3: null })
  })

  test('is null while nothing is known, and 0 where there are no meters', () => {
    const { balances } = city()
    expect(balances.live('LP', START).sales_estimate_m3_s).toBeNull()
    expect(balances.live('MP', START).sales_estimate_m3_s).toBe(0)
  })
})

test('a period off the hour or of an unknown zone is refused', () => {
  const { balances } = city()
  expect(() => balances.period('LP', START + 1, START + HOUR, START)).toThrow(/full hours/)
  expect(() => balances.period('XX', START, START + HOUR, START)).toThrow(/no zone/)
})

test('100 000 daily advances are taken in well under a second', () => {
  const { balances } = city()
  const begin = performance.now()
  for (let i = 0; i < 100_000; i++) balances.advance(i % 2, START + (i % 1000), START + DAY + (i % 1000), 0.5, 1)
  expect(performance.now() - begin).toBeLessThan(1000)
})
