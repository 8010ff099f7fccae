import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Report } from '../reading/report.ts'
import { CityCalendar } from '../time/city-day.ts'
import { viewDevice } from './device-view.ts'
import { BYTES_PER_ROW } from './fleet-columns.ts'
import { FleetState } from './fleet-state.ts'
import { METER_STATE, RTU_STATE, VALVE_STATE } from './map-state.ts'
import { DEAF_SINK } from './state-sink.ts'
import { DAY, HeardSink, HOUR, MONDAY, meterReport, rtuReport } from './testing/heard.ts'

const calendar = new CityCalendar('UTC')
const METER = 18_170_200_002_700
const RTU = 8001
const VALVE = 9001

function fleetOfThree(): FleetState {
  const fleet = new FleetState({ capacity: 4, dayNumber: (at) => calendar.dayNumber(at) })
  fleet.register({ number: METER, kind: 'meter', asset: 0, zone: 0, node: 0 })
  fleet.register({ number: RTU, kind: 'rtu', asset: 0, zone: 0, node: 0, minPressure: 102_000, maxPressure: 106_000 })
  fleet.register({ number: VALVE, kind: 'valve', asset: 3, zone: 0, node: 0 })
  return fleet
}

describe('a report', () => {
  test('of a device nobody registered is unknown and changes nothing', () => {
    expect(fleetOfThree().apply(meterReport(7, MONDAY, 1), MONDAY, DEAF_SINK)).toBe('unknown_device')
  })

  test('repeated counts once and is a duplicate', () => {
    const fleet = fleetOfThree()
    const sink = new HeardSink()
    fleet.apply(meterReport(METER, MONDAY, 100), MONDAY, sink)
    const next = meterReport(METER, MONDAY + DAY, 102.5)
    expect(fleet.apply(next, MONDAY + DAY, sink)).toBe('fresh')
    expect(fleet.apply(next, MONDAY + DAY + 90_000, sink)).toBe('duplicate')
    expect(sink.advances).toEqual([{ slot: 0, from: MONDAY, to: MONDAY + DAY, volume: 2.5, sign: 1 }])
    expect(viewDevice(fleet, 0)).toMatchObject({
      fresh: 2,
      late: 0,
      duplicates: 1,
      lastReceivedAt: MONDAY + DAY + 90_000,
    })
  })

  test('that comes late splits the interval it falls into', () => {
    const fleet = fleetOfThree()
    const sink = new HeardSink()
    fleet.apply(meterReport(METER, MONDAY, 100), MONDAY, sink)
    fleet.apply(meterReport(METER, MONDAY + 2 * DAY, 110), MONDAY + 2 * DAY, sink)
    expect(fleet.apply(meterReport(METER, MONDAY + DAY, 103), MONDAY + 2 * DAY + HOUR, sink)).toBe('late')
    expect(sink.sales(MONDAY, MONDAY + DAY)).toBe(3)
    expect(sink.sales(MONDAY + DAY, MONDAY + 2 * DAY)).toBe(7)
  })

  test.each([
    ['1970', 0],
    ['in two days', MONDAY + 2 * DAY],
    ['no time at all', Number.NaN],
  ])('whose clock says %s is taken at receive time', (_, deviceTime) => {
    const fleet = fleetOfThree()
    const sink = new HeardSink()
    fleet.apply(meterReport(METER, MONDAY - DAY, 100), MONDAY - DAY, sink)
    expect(fleet.apply(meterReport(METER, deviceTime, 101), MONDAY, sink)).toBe('bad_clock')
    expect(fleet.lastReading(0)).toEqual({ at: MONDAY, register: 101 })
    expect(sink.advances).toMatchObject([{ to: MONDAY, volume: 1 }])
    expect(fleet.apply(meterReport(METER, deviceTime, 101), MONDAY + 90_000, sink)).toBe('duplicate')
    expect(sink.advances).toHaveLength(1)
  })

  test('with a wrong clock keeps the distances between its readings', () => {
    const fleet = fleetOfThree()
    const wrong = Date.UTC(2010, 0, 1)
    const readings = [2, 1, 0].map((h) => ({ quantity: 'index_m3' as const, at: wrong - h * HOUR, value: 10 - h }))
    fleet.apply(meterReport(METER, wrong, 0, { readings }), MONDAY, DEAF_SINK)
    expect(viewDevice(fleet, 0).readings.map((r) => r.at)).toEqual([MONDAY - 2 * HOUR, MONDAY - HOUR, MONDAY])
  })

  test('with a lower register sells nothing, is flagged, and counting goes on from there', () => {
    const fleet = fleetOfThree()
    const sink = new HeardSink()
    for (const [day, m3] of [
      [0, 100],
      [1, 0.5],
      [2, 1.5],
    ] as const)
      fleet.apply(meterReport(METER, MONDAY + day * DAY, m3), MONDAY + day * DAY, sink)
    expect(sink.sales(0, MONDAY + 9 * DAY)).toBe(1)
    expect(sink.anomalies).toEqual([{ slot: 0, kind: 'register_backwards', at: MONDAY + DAY, before: 100, after: 0.5 }])
  })

  test('of a meter with corrector is billed by its corrected register', () => {
    const fleet = fleetOfThree()
    const slot = fleet.register({ number: 44, kind: 'meter', asset: 1, zone: 0, node: 0, corrector: true })
    const both = (at: number, a: number, b: number): Report =>
      meterReport(44, at, 0, {
        readings: [
          { quantity: 'index_m3', at, value: a },
          { quantity: 'standard_index_m3', at, value: b },
        ],
      })
    const sink = new HeardSink()
    fleet.apply(both(MONDAY, 10, 40), MONDAY, sink)
    fleet.apply(both(MONDAY + DAY, 12, 48), MONDAY + DAY, sink)
    expect(sink.advances).toMatchObject([{ slot, volume: 8 }])
  })
})

describe('samples of an RTU', () => {
  test('count once per minute, late ones too, and the newest is its value', () => {
    const fleet = fleetOfThree()
    const sink = new HeardSink()
    const at = (minute: number) => MONDAY + minute * 60_000
    const say = (minute: number, value: number) =>
      fleet.apply(rtuReport(RTU, at(minute), 'pressure_pa', value), at(10), sink)
    expect([say(5, 104_000), say(5, 104_000), say(3, 103_000), say(3, 103_000)]).toEqual([
      'fresh',
      'duplicate',
      'late',
      'duplicate',
    ])
    expect(sink.samples.map((s) => s.value)).toEqual([104_000, 103_000])
    expect(fleet.rtus.value(1, 'pressure_pa')).toBe(104_000)
    expect(fleet.rtus.at(1, 'pressure_pa')).toBe(at(5))
  })

  test('older than a month are refused', () => {
    const fleet = fleetOfThree()
    const sink = new HeardSink()
    fleet.apply(rtuReport(RTU, MONDAY, 'pressure_pa', 1), MONDAY, sink)
    fleet.apply(rtuReport(RTU, MONDAY - 33 * DAY, 'pressure_pa', 1), MONDAY, sink)
    expect(sink.samples).toHaveLength(1)
    expect(fleet.unplaced).toBe(1)
  })
})

describe('the map', () => {
  test('is told of each change once, and of silence by the tick', () => {
    const fleet = fleetOfThree()
    fleet.apply(meterReport(METER, MONDAY, 1), MONDAY, DEAF_SINK)
    fleet.apply(meterReport(METER, MONDAY + HOUR, 1), MONDAY + HOUR, DEAF_SINK)
    expect([...fleet.takeChanged()]).toEqual([0])
    expect(fleet.columns.state[0]).toBe(METER_STATE.normal)
    fleet.tick(MONDAY + 37 * HOUR)
    expect(fleet.changed).toBe(0)
    fleet.tick(MONDAY + 38 * HOUR)
    expect([...fleet.takeChanged()]).toEqual([0])
    expect(fleet.columns.state[0]).toBe(METER_STATE.stale)
    fleet.apply(
      meterReport(METER, MONDAY + 39 * HOUR, 1, { trigger: 'alarm', events: ['magnet'] }),
      MONDAY + 39 * HOUR,
      DEAF_SINK,
    )
    expect(fleet.columns.state[0]).toBe(METER_STATE.alarm)
    fleet.apply(
      meterReport(METER, MONDAY + 40 * HOUR, 1, { status: { valve: 'closed' } }),
      MONDAY + 40 * HOUR,
      DEAF_SINK,
    )
    expect(fleet.columns.state[0]).toBe(METER_STATE.closed)
  })

  test('shows an RTU outside the limits of its place, and a valve by its position', () => {
    const fleet = fleetOfThree()
    const states = [101_000, 104_000, 107_000].map((value, minute) => {
      fleet.apply(rtuReport(RTU, MONDAY + minute * 60_000, 'pressure_pa', value), MONDAY, DEAF_SINK)
      return fleet.columns.state[1]
    })
    expect(states).toEqual([RTU_STATE.low, RTU_STATE.normal, RTU_STATE.high])
    const report = meterReport(VALVE, MONDAY, 0, {
      kind: 'valve',
      readings: [],
      status: { valve: 'moving', servicePort: 5700 },
    })
    fleet.noteHost(2, '127.0.0.1')
    fleet.apply(report, MONDAY, DEAF_SINK)
    expect(fleet.columns.state[2]).toBe(VALVE_STATE.moving)
    expect(fleet.serviceAddresses.get(2)).toEqual({ host: '127.0.0.1', port: 5700 })
  })

  test('gets every changed slot even when very many change', () => {
    const fleet = new FleetState({ dayNumber: (at) => calendar.dayNumber(at) })
    const many = 70_000
    for (let i = 0; i < many; i++) fleet.register({ number: i + 1, kind: 'meter', asset: i, zone: 0, node: 0 })
    for (let i = 0; i < many; i++) fleet.apply(meterReport(i + 1, MONDAY, 1), MONDAY, DEAF_SINK)
    const slots = fleet.takeChanged()
    expect(slots.length).toBe(many)
    expect(new Set(slots).size).toBe(many)
    expect(fleet.takeChanged().length).toBe(0)
  })
})

test('the rate is the mean of the first week, whatever the order, then follows the last one', () => {
  const rateAfter = (days: readonly number[]) => {
    const fleet = fleetOfThree()
    for (const day of days) fleet.apply(meterReport(METER, MONDAY + day * DAY, day ** 2), MONDAY + 40 * DAY, DEAF_SINK)
    return viewDevice(fleet, 0).rate * 86_400
  }
  expect(rateAfter([0, 1, 2, 5])).toBeCloseTo(5, 5)
  expect(rateAfter([5, 1, 0, 2])).toBeCloseTo(5, 5)
  const longer = rateAfter(Array.from({ length: 40 }, (_, day) => day))
  expect(longer).toBeGreaterThan(60)
  expect(longer).toBeLessThan(77)
})

test('days heard are the days of the readings themselves', () => {
  const fleet = fleetOfThree()
  for (const day of [0, 1, 3, 2, 6])
    fleet.apply(meterReport(METER, MONDAY + day * DAY, day), MONDAY + 7 * DAY, DEAF_SINK)
  expect(fleet.columns.heardDays[0]).toBe(0b1111001)
  expect(fleet.columns.heardDay[0]).toBe(calendar.dayNumber(MONDAY + 6 * DAY))
})

/** Readings of one meter at multiples of its schedule, with a register that never falls. */
const schedule = fc
  .record({
    every: fc.constantFrom(5, 60, 1440),
    steps: fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 25 }),
    use: fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 41, maxLength: 41 }),
  })
  .map(({ every, steps, use }) => ({
    every,
    readings: steps.map((step) => ({
      at: MONDAY + step * every * 60_000,
      value: use.slice(0, step + 1).reduce((a, b) => a + b, 0) / 10,
    })),
  }))

test('readings in any order, repeated at will, sell what the definition says and count once', () => {
  fc.assert(
    fc.property(schedule, fc.array(fc.nat(), { maxLength: 20 }), fc.nat(60), fc.nat(60), (meter, again, a, b) => {
      const fleet = new FleetState({ capacity: 16, dayNumber: (at) => calendar.dayNumber(at) })
      fleet.register({ number: 5, kind: 'meter', asset: 0, zone: 0, node: 0, readEveryMinutes: meter.every })
      const { readings } = meter
      const told = [...readings]
      for (const pick of again)
        told.splice(pick % told.length, 0, readings[pick % readings.length] ?? { at: 0, value: 0 })
      const sink = new HeardSink()
      const now = MONDAY + 50 * DAY
      const outcomes = told.map((r) => fleet.apply(meterReport(5, r.at, r.value), now, sink))
      expect(outcomes.filter((o) => o !== 'duplicate')).toHaveLength(readings.length)
      const sorted = readings.toSorted((x, y) => x.at - y.at)
      const upTo = (t: number) => sorted.findLast((r) => r.at <= t)?.value ?? sorted[0]?.value ?? 0
      const [from, to] = [Math.min(a, b), Math.max(a, b)].map((n) => MONDAY + n * meter.every * 45_000)
      if (from === undefined || to === undefined) return
      expect(sink.sales(from, to)).toBeCloseTo(upTo(to) - upTo(from), 6)
    }),
    { numRuns: Number(process.env['FUZZ'] ?? 200) },
  )
})

test('a bundle that arrives after four newer readings is still put into its place', () => {
  const fleet = new FleetState({ dayNumber: (at) => calendar.dayNumber(at) })
  fleet.register({ number: 5, kind: 'meter', asset: 0, zone: 0, node: 0, readEveryMinutes: 5 })
  const bundle = (first: number, last: number): Report => {
    const readings = Array.from({ length: last - first + 1 }, (_, i) => ({
      quantity: 'index_m3' as const,
      at: MONDAY + (first + i) * 300_000,
      value: (first + i) ** 2,
    }))
    return meterReport(5, MONDAY + last * 300_000, 0, { readings })
  }
  const sink = new HeardSink()
  for (const part of [bundle(0, 23), bundle(48, 71), bundle(24, 47)]) fleet.apply(part, MONDAY + HOUR * 7, sink)
  for (let k = 1; k < 72; k++)
    expect(sink.sales(MONDAY + (k - 1) * 300_000, MONDAY + k * 300_000)).toBeCloseTo(k ** 2 - (k - 1) ** 2, 9)
})

test('a meter costs at most 200 bytes, everything included', () => {
  const meters = 120_000
  const fleet = new FleetState({ capacity: meters, dayNumber: (at) => calendar.dayNumber(at) })
  for (let i = 0; i < meters; i++) fleet.register({ number: i + 1, kind: 'meter', asset: i, zone: 0, node: 0 })
  for (let day = 0; day < 6; day++)
    for (let i = 0; i < meters; i++)
      if ((i * 7 + day) % 20 !== 0) fleet.apply(meterReport(i + 1, MONDAY + day * DAY, day), MONDAY, DEAF_SINK)
  expect(fleet.count).toBe(meters)
  expect(BYTES_PER_ROW).toBeLessThan(160)
  expect(fleet.byteLength / meters).toBeLessThan(200)
})
