import type { ConcentratorOrder } from '@gastwin/twin'
import { COMMAND_PARAMETERS, type ParameterName } from '../../contract/parameters.table.ts'
import type { PriceTable } from './line-order.ts'

/** What a device needs to reach the platform, in the order of their numbers on the wire: append only. */
export const CONNECTION_SETTINGS = ['apn', 'server_address'] as const
export type ConnectionSetting = (typeof CONNECTION_SETTINGS)[number]

/** What waits for a sleeping device and rides on the answer to its next report. There is no command that opens a valve. */
export type QueuedCommand =
  | { readonly kind: 'close'; readonly id: number }
  | { readonly kind: 'parameter'; readonly id: number; readonly parameter: ParameterName; readonly value: number }
  /** Fetch image number `image`, and run it when its signature holds. */
  | { readonly kind: 'firmware'; readonly id: number; readonly image: number }
  /** For so many seconds the button at the meter opens its valve; the order itself moves nothing. */
  | { readonly kind: 'permit'; readonly id: number; readonly windowS: number }
  /** The register as it stands, or at the begin of each day of a month, as YYYYMM. */
  | { readonly kind: 'read'; readonly id: number; readonly month?: number }
  /** The terminal's own log of so many days, in pieces. */
  | { readonly kind: 'log'; readonly id: number; readonly days: number }
  | { readonly kind: 'restart'; readonly id: number }
  /** Give the session key up and make a first contact for another. */
  | { readonly kind: 'renew_key'; readonly id: number }
  /** Try another access point or address; go back when nobody answers there. */
  | { readonly kind: 'connection'; readonly id: number; readonly setting: ConnectionSetting; readonly text: string }
  | { readonly kind: 'price'; readonly id: number; readonly prices: PriceTable }

/** Commands whose form is one number and its value. */
export type NumberedCommand = Exclude<QueuedCommand, { kind: 'close' | 'connection' | 'price' }>

/** Orders that travel in the form of a setting, by the number that stands in the parameter's place. */
const FIRMWARE = 16
const PERMIT = 17
const READ = 18
const LOG = 19
const RESTART = 20
const RENEW_KEY = 21

/** A command as the number and value that every language's form of a setting carries. */
export function settingForm(command: NumberedCommand): { number: number; value: number } {
  switch (command.kind) {
    case 'firmware':
      return { number: FIRMWARE, value: command.image }
    case 'permit':
      return { number: PERMIT, value: command.windowS }
    case 'read':
      return { number: READ, value: command.month ?? 0 }
    case 'log':
      return { number: LOG, value: command.days }
    case 'restart':
      return { number: RESTART, value: 0 }
    case 'renew_key':
      return { number: RENEW_KEY, value: 0 }
    default:
      return { number: COMMAND_PARAMETERS.indexOf(command.parameter), value: command.value }
  }
}

/** Mirror of `settingForm`; undefined for a number that has no meaning. */
export function commandOfForm(id: number, number: number, value: number): NumberedCommand | undefined {
  switch (number) {
    case FIRMWARE:
      return { kind: 'firmware', id, image: value }
    case PERMIT:
      return { kind: 'permit', id, windowS: value }
    case READ:
      return value === 0 ? { kind: 'read', id } : { kind: 'read', id, month: value }
    case LOG:
      return { kind: 'log', id, days: value }
    case RESTART:
      return { kind: 'restart', id }
    case RENEW_KEY:
      return { kind: 'renew_key', id }
    default: {
      const parameter = COMMAND_PARAMETERS[number]
      return parameter && { kind: 'parameter', id, parameter, value }
    }
  }
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
