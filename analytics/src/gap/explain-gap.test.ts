import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { explainGap, type GapExplanation } from './explain-gap.ts'
import { GAP_SHARES, isStated, type StatedGap } from './gap-period.ts'
import { meterSuspects } from './meter-suspects.ts'
import { reopenedPeriods } from './reopened-periods.ts'
import { scoreTown } from './testing/score-gap.ts'
import { inventTown, type Town } from './testing/town-telemetry.ts'

const DAY = 86_400_000
const SMALL = { days: 21, zones: 2, homes: 90 } as const

const sumOfShares = (period: StatedGap) => GAP_SHARES.reduce((sum, share) => sum + period.shares[share].p50, 0)
const firstDay = (town: Town) => town.truth.zoneDays[0]?.from ?? 0

describe('the gap of an invented town', () => {
  let town: Town
  let daily: GapExplanation

  beforeAll(() => {
    town = inventTown({ seed: 41, ...SMALL })
    daily = explainGap(town.network, town.telemetry)
  })

  test('is stated for every zone and whole day after all meters were read once', () => {
    const zones = town.network.zones.ids
    expect(new Set(daily.periods.map((period) => period.zone))).toEqual(new Set(zones))
    expect(daily.periods.length % zones.length).toBe(0)
    expect(daily.periods.length / zones.length).toBeGreaterThanOrEqual(SMALL.days)
    for (const { from, to } of daily.periods) {
      expect(from % DAY).toBe(0)
      expect(to - from).toBe(DAY)
    }
  })

  test('is supply less sales, linepack change and own use, and near the true one', () => {
    const truth = new Map(town.truth.zoneDays.map((day) => [`${day.zone}/${day.from}`, day]))
    let compared = 0
    for (const period of daily.periods.filter(isStated)) {
      const { supply_m3, sales_m3, linepack_change_m3, own_use_m3, gap_m3 } = period
      expect(gap_m3).toBeCloseTo(supply_m3 - sales_m3 - linepack_change_m3 - own_use_m3, 9)
      const day = truth.get(`${period.zone}/${period.from}`)
      if (day === undefined) continue
      compared += 1
      expect(sales_m3).toBeCloseTo(day.sales_m3, 6)
      if (period.inlet_coverage === 1) expect(Math.abs(gap_m3 - day.gap_m3) / day.supply_m3).toBeLessThan(0.001)
    }
    expect(compared).toBe(2 * SMALL.days)
  })

  test('does not depend on the order in which readings came', () => {
    const { telemetry } = town
    const order = Int32Array.from({ length: telemetry.rows }, (_, row) => (row * 7919) % telemetry.rows)
    expect(new Set(order).size).toBe(telemetry.rows)
    const pick = <T extends Float64Array | Int32Array | Uint8Array>(column: T): T =>
      column.map((_, row) => column[order[row] as number] as number) as T
    const shuffled = {
      ...telemetry,
      time: pick(telemetry.time),
      asset: pick(telemetry.asset),
      quantity: pick(telemetry.quantity),
      value: pick(telemetry.value),
    }
    expect(explainGap(town.network, shuffled).periods).toEqual(daily.periods)
  })

  test('is explained better than by calling it unexplained', () => {
    const total = { temperature_pressure: [0, 0], timing: [0, 0], meter_bias: [0, 0] }
    for (const seed of [41, 45, 46]) {
      const one = seed === 41 ? town : inventTown({ seed, ...SMALL })
      const weekly = explainGap(one.network, one.telemetry, { from: firstDay(one), everyDays: 7 })
      const { shares } = scoreTown(weekly, one.truth.zoneDays, () => false)
      for (const share of ['temperature_pressure', 'timing', 'meter_bias'] as const) {
        shares[share].error.forEach((error, k) => {
          const sums = total[share]
          sums[0] = (sums[0] ?? 0) + error
          sums[1] = (sums[1] ?? 0) + (shares[share].truth[k] ?? 0)
        })
      }
    }
    for (const [share, [error = 0, floor = 0]] of Object.entries(total)) expect(error, share).toBeLessThan(0.7 * floor)
  })

  test('of a week is the sum of its days, read from the same registers', () => {
    const from = firstDay(town)
    const week = explainGap(town.network, town.telemetry, { from, to: from + 7 * DAY, everyDays: 7 })
    expect(week.periods.map((period) => [period.from, period.to])).toEqual([
      [from, from + 7 * DAY],
      [from, from + 7 * DAY],
    ])
    for (const period of week.periods.filter(isStated)) {
      const days = daily.periods
        .filter(isStated)
        .filter((day) => day.zone === period.zone && day.from >= from && day.to <= from + 7 * DAY)
      expect(days).toHaveLength(7)
      const sum = days.reduce((total, day) => total + day.gap_m3, 0)
      expect(period.gap_m3).toBeCloseTo(sum, 6)
    }
  })
})

test('the shares add up to the gap, whatever the town, the periods and the assumptions', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000 }),
      fc.integer({ min: 1, max: 5 }),
      fc.double({ min: 0, max: 0.02, noNaN: true }),
      fc.double({ min: 280, max: 296, noNaN: true }),
      (seed, everyDays, leak, room) => {
        const town = inventTown({ seed, days: 10, zones: 2, homes: 40 })
        const { periods } = explainGap(town.network, town.telemetry, {
          everyDays,
          sweeps: 40,
          assumptions: { leak: [leak, 0.008], room },
        })
        const stated = periods.filter(isStated)
        expect(stated.length).toBeGreaterThan(0)
        for (const period of stated) {
          expect(Math.abs(sumOfShares(period) - period.gap_m3)).toBeLessThan(1e-6 * Math.max(1, period.supply_m3))
          for (const share of GAP_SHARES) {
            const { p05, p50, p95 } = period.shares[share]
            expect(p05).toBeLessThanOrEqual(p50)
            expect(p50).toBeLessThanOrEqual(p95)
          }
          expect(period.shares.leak.p05).toBeGreaterThanOrEqual(0)
          expect(period.shares.theft.p05).toBeGreaterThanOrEqual(0)
        }
      },
    ),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 6), seed: 5 },
  )
})

test('without a single inlet sample the ledger says so and states no gap', () => {
  const town = inventTown({ seed: 47, days: 10, zones: 2, homes: 30 }, (row) => row.quantity !== 'standard_flow_m3_s')
  const { periods } = explainGap(town.network, town.telemetry, { sweeps: 40 })
  expect(periods.length).toBeGreaterThan(10)
  for (const period of periods) {
    expect(period.inlet_coverage).toBe(0)
    expect(period.supply_state).toBe('not_measured')
    expect(period.supply_doubt_m3).toBeGreaterThan(0.3 * period.sales_m3)
    expect([period.gap_m3, period.gap_rate, period.shares]).toEqual([null, null, null])
    expect(period.sales_m3).toBeGreaterThan(0)
  }
})

test('an archive without readings of meters has no periods', () => {
  const town = inventTown({ seed: 48, days: 10, zones: 2, homes: 30 }, (row) => !row.quantity.endsWith('index_m3'))
  expect(explainGap(town.network, town.telemetry)).toEqual({ periods: [], suspicions: [] })
})

test('a reading that arrives late re-opens its period, and only what it touches', () => {
  const whole = inventTown({ seed: 42, ...SMALL })
  const from = firstDay(whole)
  const late = whole.network.document.meters.find((meter) => meter.read_schedule === 'daily')?.id ?? ''
  const hole = [from + 9 * DAY, from + 11 * DAY] as const
  const partial = inventTown(
    { seed: 42, ...SMALL },
    (row) => row.asset !== late || row.time < hole[0] || row.time >= hole[1],
  )
  const before = explainGap(partial.network, partial.telemetry, { from, sweeps: 40 }).periods
  const after = explainGap(whole.network, whole.telemetry, { from, sweeps: 40 }).periods
  expect(reopenedPeriods(after, after)).toEqual([])
  const reopened = reopenedPeriods(before, after)
  expect(reopened.length).toBeGreaterThanOrEqual(2)
  for (const period of reopened) {
    expect(period.from).toBeGreaterThanOrEqual(hole[0])
    expect(period.to).toBeLessThanOrEqual(hole[1] + DAY)
    expect(period.gap_change_m3 ?? Number.NaN).toBeCloseTo(-period.sales_change_m3, 9)
  }
  expect(reopened.reduce((sum, period) => sum + period.sales_change_m3, 0)).toBeCloseTo(0, 6)
})

test('silent meters raise the unread share while they are silent and lower it on the day they catch up', () => {
  const town = inventTown({ seed: 43, ...SMALL })
  const from = firstDay(town)
  const silent = [from + 8 * DAY, from + 12 * DAY] as const
  const isHome = new Set(
    town.network.document.meters.filter((meter) => meter.class === 'residential').map((meter) => meter.id),
  )
  const quiet = inventTown(
    { seed: 43, ...SMALL },
    (row) => !isHome.has(row.asset) || row.time < silent[0] || row.time >= silent[1],
  )
  const unread = (day: number) =>
    explained.periods
      .filter((period) => period.from === from + day * DAY)
      .reduce((sum, { shares }) => sum + (shares?.unread.p50 ?? Number.NaN), 0)
  const explained = explainGap(quiet.network, quiet.telemetry, { from, sweeps: 40 })
  expect(unread(9)).toBeGreaterThan(0)
  expect(unread(10)).toBeGreaterThan(0)
  expect(unread(12)).toBeLessThan(-unread(10))
  for (const period of explained.periods) {
    if (period.from === from + 10 * DAY) expect(period.unread_meters).toBeGreaterThan(0.6 * period.meters)
  }
})

test('a meter that stops is a suspect, dated, with what it no longer counts', () => {
  const options = { seed: 44, ...SMALL } as const
  const town = inventTown(options)
  const from = firstDay(town)
  const stop = from + 8 * DAY
  const heaviest = explainGap(town.network, town.telemetry, { from, sweeps: 10 })
    .suspicions.filter(({ meter, standing }) => meter.register.home && standing === undefined)
    .sort((a, b) => (b.meter.register.total.at(-1) ?? 0) - (a.meter.register.total.at(-1) ?? 0))[0]
  const meter = town.network.meters.idOf(heaviest?.meter.register.meter ?? -1)
  const rows = town.telemetry
  const own = rows.assets.indexOf(meter)
  let held = Number.NaN
  const value = rows.value.slice()
  for (const row of Array.from(value.keys())
    .filter((r) => rows.asset[r] === own)
    .sort((a, b) => (rows.time[a] ?? 0) - (rows.time[b] ?? 0))) {
    if ((rows.time[row] ?? 0) < stop) held = value[row] as number
    else value[row] = held
  }
  const explained = explainGap(town.network, { ...rows, value }, { from, sweeps: 100 })
  const suspect = meterSuspects(town.network, explained.suspicions).find(
    (one) => one.meter === meter && one.kind === 'stopped',
  )
  expect(suspect?.score).toBeGreaterThan(0.4)
  expect(Math.abs((suspect?.since ?? 0) - stop)).toBeLessThanOrEqual(1.5 * DAY)
  const use = (heaviest?.meter.register.total.at(-1) ?? 0) / (SMALL.days + 7)
  expect(suspect?.m3_per_day?.p50).toBeGreaterThan(0.5 * use)
  expect(suspect?.m3_per_day?.p50).toBeLessThan(1.6 * use)
})

test('nine of ten truths lie in the intervals of towns it was not tuned on, roughly', () => {
  const held: number[] = []
  for (const seed of [7001, 7002, 7003]) {
    const town = inventTown({ seed, days: 28, zones: 2, homes: 150 })
    const { shares } = scoreTown(
      explainGap(town.network, town.telemetry, { from: firstDay(town), everyDays: 7 }),
      town.truth.zoneDays,
      () => false,
    )
    for (const share of GAP_SHARES) held.push(...shares[share].held)
  }
  const coverage = held.reduce((sum, v) => sum + v, 0) / held.length
  expect(held.length).toBeGreaterThan(150)
  expect(coverage).toBeGreaterThan(0.75)
})
