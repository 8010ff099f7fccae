import type { ConcentratorOrder } from '@gastwin/twin'

/** Settings a device takes, in their wire order: append only. Seconds; `over_flow_permille` is the S0-104 coefficient × 1000; days of the month. */
export const PARAMETERS = [
  'report_base_s',
  'report_spread_s',
  'report_interval_s',
  'over_flow_permille',
  'settlement_day',
  'reading_day',
] as const
export type ParameterName = (typeof PARAMETERS)[number]

/** What waits for a sleeping device and rides on the answer to its next report. There is no command that opens a valve. */
export type QueuedCommand =
  | { readonly kind: 'close'; readonly id: number }
  | { readonly kind: 'parameter'; readonly id: number; readonly parameter: ParameterName; readonly value: number }

/** The answer to a report. */
export interface DeviceAnswer {
  readonly device: number
  /** The service's clock, Unix ms; the device sets its own by it. CJ/T 188 carries whole seconds. */
  readonly now: number
  readonly command?: QueuedCommand
  /** Concentrators only, in the CBOR profile. */
  readonly orders?: readonly ConcentratorOrder[]
}
