import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Report } from '../reading/report.ts'
import { CityCalendar } from '../time/city-day.ts'
import { viewDevice } from './device-view.ts'
import { FleetRestore, type RestoredFleet, snapshotFleet } from './fleet-snapshot.ts'
import { FleetState } from './fleet-state.ts'
import { DAY, HeardSink, MONDAY, meterReport, rtuReport } from './testing/heard.ts'
import { xxhash32 } from './xxhash32.ts'

const calendar = new CityCalendar('Asia/Shanghai')
const options = { dayNumber: (at: number) => calendar.dayNumber(at) }

function fleet(): FleetState {
  const made = new FleetState({ ...options, capacity: 16 })
  for (let i = 0; i < 20; i++) made.register({ number: 100 + i, kind: 'meter', asset: i, zone: i % 3, node: i })
  made.register({ number: 900, kind: 'rtu', asset: 0, zone: 1, node: 2, minPressure: 102_000 })
  made.register({ number: 950, kind: 'valve', asset: 0, zone: 1, node: 2 })
  return made
}

function bytesOf(state: FleetState, position: number): Uint8Array<ArrayBuffer> {
  const parts = [...snapshotFleet(state, position)].map((part) => part.slice())
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

function restore(bytes: Uint8Array, piece: number): RestoredFleet {
  const reader = new FleetRestore(options)
  for (let at = 0; at < bytes.length; at += piece) reader.push(bytes.subarray(at, at + piece))
  return reader.finish()
}

/** Anything a few devices may say within 30 days. */
const report: fc.Arbitrary<Report> = fc
  .record({
    device: fc.integer({ min: 98, max: 119 }),
    day: fc.integer({ min: 0, max: 30 }),
    m3: fc.nat(1000),
    rtu: fc.boolean(),
  })
  .map(({ device, day, m3, rtu }) =>
    rtu
      ? rtuReport(900, MONDAY + day * DAY + m3 * 60_000, 'pressure_pa', 100_000 + m3)
      : meterReport(
          device,
          MONDAY + day * DAY,
          m3,
          m3 % 9 === 0 ? { events: ['magnet'], status: { batteryVolt: 3.1 } } : {},
        ),
  )

describe('a snapshot', () => {
  test('read back in pieces of any size goes on exactly as if nothing had happened', () => {
    fc.assert(
      fc.property(
        fc.array(report, { maxLength: 80 }),
        fc.array(report, { maxLength: 40 }),
        fc.integer({ min: 7, max: 5000 }),
        (before, after, piece) => {
          const going = fleet()
          const now = MONDAY + 31 * DAY
          for (const r of before) going.apply(r, now, new HeardSink())
          going.noteHost(21, '10.0.0.7')
          const restored = restore(bytesOf(going, 4711), piece)
          if (!restored.ok) throw new Error(restored.reason)
          expect(restored.position).toBe(4711)
          const [a, b] = [new HeardSink(), new HeardSink()]
          const outcomes = (state: FleetState, sink: HeardSink) => after.map((r) => state.apply(r, now, sink))
          expect(outcomes(restored.fleet, b)).toEqual(outcomes(going, a))
          expect(b).toEqual(a)
          expect(bytesOf(restored.fleet, 1)).toEqual(bytesOf(going, 1))
          for (let slot = 0; slot < going.count; slot++)
            expect(viewDevice(restored.fleet, slot)).toEqual(viewDevice(going, slot))
        },
      ),
      { numRuns: Number(process.env['FUZZ'] ?? 30) },
    )
  })

  test('that is cut anywhere, or has one bit wrong anywhere, is refused and never half believed', () => {
    const state = fleet()
    state.apply(meterReport(100, MONDAY, 5), MONDAY, new HeardSink())
    const bytes = bytesOf(state, 1)
    for (let cut = 0; cut < bytes.length; cut += 97) expect(restore(bytes.subarray(0, cut), 1 << 20).ok).toBe(false)
    for (let at = 0; at < bytes.length; at += 53) {
      const damaged = bytes.slice()
      damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 8))
      const read = restore(damaged, 1 << 20)
      expect(read.ok).toBe(false)
      if (!read.ok) expect(read.code).toBe('TWN_SNAPSHOT')
    }
    expect(restore(bytes, 1 << 20).ok).toBe(true)
  })

  test('takes devices that were registered again under a changed network', () => {
    const state = fleet()
    const restored = restore(bytesOf(state, 1), 1000)
    if (!restored.ok) throw new Error(restored.reason)
    expect(restored.fleet.register({ number: 100, kind: 'meter', asset: 7, zone: 2, node: 1 })).toBe(0)
    expect(restored.fleet.columns.zone[0]).toBe(2)
    expect(restored.fleet.register({ number: 5000, kind: 'meter', asset: 8, zone: 2, node: 1 })).toBe(state.count)
  })
})

test.each([
  ['', 0x02cc5d05],
  ['a', 0x550d7456],
  ['abc', 0x32d153ff],
  ['Nobody inspects the spammish repetition', 0xe2293b2f],
])('the checksum of "%s" is the published XXH32', (text, sum) => {
  expect(xxhash32(Uint8Array.from(text, (letter) => letter.charCodeAt(0)))).toBe(sum)
})
