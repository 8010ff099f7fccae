import type { GapShare } from './gap-period.ts'

/** By how much the intervals of the model must be widened so that nine of ten truths lie in them. */
export const INTERVAL_WIDTHS: Readonly<Record<GapShare, number>> = {
  leak: 1.05,
  theft: 1.35,
  meter_bias: 1,
  temperature_pressure: 1.05,
  timing: 1.3,
  unread: 1.1,
  unexplained: 0.97,
}
