import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CityCalendar } from '../time/city-day.ts'
import { FleetRestore, fleetBlock, fleetEnd, fleetSides, snapshotFleet } from './fleet-snapshot.ts'
import { FleetState } from './fleet-state.ts'
import { SteadyRows } from './steady-rows.ts'
import { DAY, HeardSink, MONDAY, meterReport, rtuReport } from './testing/heard.ts'

const calendar = new CityCalendar('Asia/Shanghai')
const options = { dayNumber: (at: number) => calendar.dayNumber(at) }

function fleet(): FleetState {
  const made = new FleetState({ ...options, capacity: 16 })
  for (let i = 0; i < 40; i++) made.register({ number: 100 + i, kind: 'meter', asset: i, zone: i % 3, node: i })
  made.register({ number: 900, kind: 'rtu', asset: 0, zone: 1, node: 2, minPressure: 102_000 })
  return made
}

/** One thing that happens to the fleet. */
type Act = (state: FleetState) => void
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ device: fc.integer({ min: 100, max: 141 }), day: fc.nat(30), m3: fc.nat(1000) }).map(
    ({ device, day, m3 }): Act =>
      (state) => {
        state.apply(meterReport(device, MONDAY + day * DAY, m3), MONDAY + 31 * DAY, new HeardSink())
      },
  ),
  fc.nat(1000).map(
    (m3): Act =>
      (state) => {
        state.apply(rtuReport(900, MONDAY + m3 * 60_000, 'pressure_pa', 100_000 + m3), MONDAY + DAY, new HeardSink())
      },
  ),
  fc.nat(90).map(
    (day): Act =>
      (state) =>
        state.tick(MONDAY + day * DAY),
  ),
  fc.integer({ min: 2000, max: 2100 }).map(
    (number): Act =>
      (state) => {
        state.register({ number, kind: 'meter', asset: number, zone: 0, node: 0 })
      },
  ),
  fc.nat(39).map(
    (i): Act =>
      (state) => {
        state.register({ number: 100 + i, kind: 'meter', asset: i, zone: 2, node: 1 })
      },
  ),
)

function bytesOf(state: FleetState): Uint8Array[] {
  return [...snapshotFleet(state, 7)].map((piece) => piece.slice())
}

describe('rows copied while they live', () => {
  test('are all as they were at the begin, whatever happens between two blocks', () => {
    fc.assert(
      fc.property(
        fc.array(act, { maxLength: 60 }),
        fc.array(fc.array(act, { maxLength: 8 }), { minLength: 12, maxLength: 12 }),
        fc.integer({ min: 1, max: 9 }),
        (before, between, blockRows) => {
          const state = fleet()
          for (const happens of before) happens(state)
          const expected = bytesOf(state)
          const sides = fleetSides(state, 7)
          const rows = new SteadyRows(state.rowColumns(), state.count, blockRows)
          state.watch = rows
          const restore = new FleetRestore(options)
          const acts = between.flat()
          const each = Math.ceil(acts.length / Math.ceil(rows.count / blockRows))
          for (let block = rows.next(); block !== undefined; block = rows.next()) {
            if (block.first === 0) for (const piece of sides) restore.push(piece)
            for (const piece of fleetBlock(block.first, block.columns)) restore.push(piece)
            for (const happens of acts.splice(0, each)) happens(state)
          }
          for (const piece of fleetEnd()) restore.push(piece)
          const restored = restore.finish()
          if (!restored.ok) throw new Error(restored.reason)
          expect(bytesOf(restored.fleet)).toEqual(expected)
        },
      ),
      { numRuns: Number(process.env['FUZZ'] ?? 25) },
    )
  })

  test('keep aside only what changes before its block was handed out', () => {
    const column = new Float64Array(100)
    const rows = new SteadyRows([{ name: 'value', width: 1, array: () => column }], 100, 10)
    rows.next()
    for (const row of [3, 50, 50, 99, 100]) rows.before(row)
    expect(rows.kept).toBe(2)
    column.fill(1)
    const handed: number[] = []
    for (let block = rows.next(); block !== undefined; block = rows.next())
      handed.push(...new Float64Array(block.columns[0]?.buffer ?? new ArrayBuffer(0)))
    expect(handed.flatMap((value, i) => (value === 0 ? [i + 10] : []))).toEqual([50, 99])
  })

  test('are lost when all change at once before the end, not when all were handed out', () => {
    const column = new Uint8Array(20)
    const make = () => new SteadyRows([{ name: 'value', width: 1, array: () => column }], 20, 10)
    const half = make()
    half.next()
    half.beforeAll()
    expect([half.isSpoiled, half.next()]).toEqual([true, undefined])
    const whole = make()
    whole.next()
    whole.next()
    whole.beforeAll()
    expect(whole.isSpoiled).toBe(false)
  })
})
