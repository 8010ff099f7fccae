import { type AppliedReport, type Reading, readingTime, reportTimes } from '@gastwin/twin'

/** Whether a report adds knowledge: repeats and strangers do not. */
export function counts(applied: AppliedReport): boolean {
  return applied.slot >= 0 && applied.outcome !== 'duplicate' && applied.outcome !== 'unknown_device'
}

/** Event time of a reading, Unix ms: the device's, or put before our receive time when its clock is of no use. */
export function timeOf(applied: AppliedReport, reading: Reading): number {
  if (applied.outcome !== 'bad_clock' && !Number.isNaN(reading.at)) return reading.at
  return readingTime(reading.at, reportTimes(applied.report, applied.receivedAt), applied.receivedAt)
}
