import { METER_KINDS } from '../network/meter-table.ts'
import { mostOf, registerOf } from '../reading/register-of.ts'
import type { Quantity, Report } from '../reading/report.ts'
import { type ReportTimes, readingTime } from './device-clock.ts'
import { hasCorrector, mediumOf } from './device-entry.ts'
import type { FleetColumns } from './fleet-columns.ts'
import { placeReading } from './last-readings.ts'
import type { ReadingGaps } from './reading-gaps.ts'
import type { RtuSamples } from './rtu-samples.ts'
import { SAMPLE_QUANTITIES, type SampleQuantity, type StateSink } from './state-sink.ts'

/** How many readings of a report were not known before, and how many found no place; whether a pressure moved forward. */
export interface Taken {
  placed: number
  unplaced: number
  pressure: boolean
}

/** The register that a meter is billed by, in m³, or of heat and electricity in J. */
export function applyMeterReadings(
  c: FleetColumns,
  gaps: ReadingGaps,
  slot: number,
  report: Report,
  times: ReportTimes,
  receivedAt: number,
  sink: StateSink,
  dayNumber: (at: number) => number,
): Taken {
  const flags = c.flags[slot] ?? 0
  const billed = registerOf(METER_KINDS[mediumOf(flags)] ?? 'gas', hasCorrector(flags))
  const most = mostOf(billed)
  const taken: Taken = { placed: 0, unplaced: 0, pressure: false }
  for (const reading of report.readings) {
    if (reading.quantity !== billed || !(reading.value >= 0 && reading.value < most)) continue
    const at = readingTime(reading.at, times, receivedAt)
    // Up to the next second: a reading just after midnight must not slip into the day before.
    const placed = placeReading(c, gaps, slot, Math.ceil(at / 1000), reading.value, sink)
    if (placed === 'placed') {
      taken.placed += 1
      markDay(c, slot, dayNumber(at))
    } else if (placed === 'unplaced') taken.unplaced += 1
  }
  return taken
}

/** Samples of an RTU. */
export function applyRtuSamples(
  rtus: RtuSamples,
  slot: number,
  report: Report,
  times: ReportTimes,
  receivedAt: number,
  sink: StateSink,
): Taken {
  const taken: Taken = { placed: 0, unplaced: 0, pressure: false }
  for (const { quantity, at: own, value } of report.readings) {
    if (!isSample(quantity) || !Number.isFinite(value)) continue
    const at = readingTime(own, times, receivedAt)
    const added = rtus.add(slot, quantity, at, value)
    if (added === 'too_old') taken.unplaced += 1
    if (added !== 'fresh' && added !== 'late') continue
    taken.placed += 1
    if (added === 'fresh' && quantity === 'pressure_pa') taken.pressure = true
    sink.sample(slot, quantity, at, value)
  }
  return taken
}

function isSample(quantity: Quantity): quantity is SampleQuantity {
  return (SAMPLE_QUANTITIES as readonly Quantity[]).includes(quantity)
}

/** Notes that a day was read; the newest day is bit 0. */
function markDay(c: FleetColumns, slot: number, day: number): void {
  const newest = c.heardDay[slot] ?? 0
  const known = c.heardDays[slot] ?? 0
  if (day > newest) {
    const moved = newest === 0 || day - newest > 31 ? 0 : known << (day - newest)
    c.heardDays[slot] = (moved | 1) >>> 0
    c.heardDay[slot] = day
  } else if (newest - day < 32) c.heardDays[slot] = (known | (1 << (newest - day))) >>> 0
}
