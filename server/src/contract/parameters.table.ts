/**
 * The settings that a device takes, in their wire order (the place is the number on the wire: append only), and what each may be,
 * both ends included: seconds; permille of the meter's largest flow, the S0-104 coefficient × 1000; days that every month has.
 */
export const PARAMETER_LIMITS = {
  report_base_s: [0, 86_399],
  // 99 steps of ten minutes are more than any night has.
  report_spread_s: [0, 600],
  report_interval_s: [300, 2_678_400],
  over_flow_permille: [1_000, 5_000],
  settlement_day: [1, 28],
  reading_day: [1, 28],
  // The x of the formula, within the longest slot.
  report_offset_s: [0, 600],
  // Steps of a price count from the settlement day of every so many months, January's first: 1, 2, 3, 6 and 12 divide the year.
  price_period_months: [1, 12],
} as const satisfies Readonly<Record<string, readonly [least: number, most: number]>>

export type ParameterName = keyof typeof PARAMETER_LIMITS

export const COMMAND_PARAMETERS = Object.keys(PARAMETER_LIMITS) as readonly ParameterName[]
