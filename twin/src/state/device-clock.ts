import type { Report } from '../reading/report.ts'

const DAY = 86_400_000
const YEAR_2020 = Date.UTC(2020, 0, 1)

/** The times of one report, by the device's clock where it can be believed. */
export interface ReportTimes {
  /** The device's clock says nothing, or nonsense. */
  readonly bad: boolean
  /** When the device spoke, Unix s. */
  readonly deviceS: number
  /** Added to its readings' times, ms: puts a bundle with a wrong clock before our receive time. NaN when it cannot. */
  readonly shift: number
}

/** A device's time is believed when it lies between 2020 and one day after our clock. */
export function isUsable(at: number, receivedAt: number): boolean {
  return at >= YEAR_2020 && at <= receivedAt + DAY
}

export function reportTimes(report: Report, receivedAt: number): ReportTimes {
  const { deviceTime, readings } = report
  const spoken = Number.isNaN(deviceTime) ? (readings.at(-1)?.at ?? Number.NaN) : deviceTime
  if (isUsable(spoken, receivedAt)) return { bad: false, deviceS: Math.ceil(spoken / 1000), shift: 0 }
  return {
    bad: true,
    deviceS: Math.ceil(receivedAt / 1000),
    shift: Number.isFinite(spoken) ? receivedAt - spoken : Number.NaN,
  }
}

/** Time of one reading, Unix ms: its own, shifted, or our receive time when neither can be. */
export function readingTime(at: number, times: ReportTimes, receivedAt: number): number {
  const own = times.bad ? at + times.shift : at
  return isUsable(own, receivedAt) ? own : receivedAt
}
