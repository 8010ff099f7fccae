import type { ConcentratorOrder } from '@gastwin/twin'

/** Settings a device takes, in their wire order: append only. Seconds; `over_flow_permille` is the S0-104 coefficient × 1000; days of the month. */
export const PARAMETERS = [
  'report_base_s',
  'report_spread_s',
  'report_interval_s',
  'over_flow_permille',
  'settlement_day',
  'reading_day',
  'report_offset_s',
] as const
export type ParameterName = (typeof PARAMETERS)[number]

/** What waits for a sleeping device and rides on the answer to its next report. There is no command that opens a valve. */
export type QueuedCommand =
  | { readonly kind: 'close'; readonly id: number }
  | { readonly kind: 'parameter'; readonly id: number; readonly parameter: ParameterName; readonly value: number }
  /** Fetch image number `image`, and run it when its signature holds. */
  | { readonly kind: 'firmware'; readonly id: number; readonly image: number }
  /** For so many seconds the button at the meter opens its valve; the order itself moves nothing. */
  | { readonly kind: 'permit'; readonly id: number; readonly windowS: number }

/** Orders that travel in the form of a setting, by the number that stands in the parameter's place. */
const FIRMWARE = 16
const PERMIT = 17

/** A command other than a close, as the number and value that every language's form of a setting carries. */
export function settingForm(command: Exclude<QueuedCommand, { kind: 'close' }>): { number: number; value: number } {
  switch (command.kind) {
    case 'firmware':
      return { number: FIRMWARE, value: command.image }
    case 'permit':
      return { number: PERMIT, value: command.windowS }
    default:
      return { number: PARAMETERS.indexOf(command.parameter), value: command.value }
  }
}

/** Mirror of `settingForm`; undefined for a number that has no meaning. */
export function commandOfForm(id: number, number: number, value: number): QueuedCommand | undefined {
  if (number === FIRMWARE) return { kind: 'firmware', id, image: value }
  if (number === PERMIT) return { kind: 'permit', id, windowS: value }
  const parameter = PARAMETERS[number]
  return parameter && { kind: 'parameter', id, parameter, value }
}

/** The answer to a report. */
export interface DeviceAnswer {
  readonly device: number
  /** The service's clock, Unix ms; the device sets its own by it. CJ/T 188 carries whole seconds. */
  readonly now: number
  readonly command?: QueuedCommand
  /** Concentrators only, in the CBOR profile. */
  readonly orders?: readonly ConcentratorOrder[]
}
