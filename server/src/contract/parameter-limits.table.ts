import type { COMMAND_PARAMETERS } from './safety.ts'

/** What a setting may be, both ends included: seconds, and permille of the meter's largest flow, and days that every month has. */
export const PARAMETER_LIMITS: Readonly<
  Record<(typeof COMMAND_PARAMETERS)[number], readonly [least: number, most: number]>
> = {
  report_base_s: [0, 86_399],
  // 99 steps of ten minutes are more than any night has.
  report_spread_s: [0, 600],
  report_interval_s: [300, 2_678_400],
  over_flow_permille: [1_000, 5_000],
  settlement_day: [1, 28],
  reading_day: [1, 28],
  // The x of the formula, within the longest slot.
  report_offset_s: [0, 600],
}
