import type { ConcentratorNews } from './concentrator-news.ts'
import type { TerminalLogPiece } from './terminal-log.ts'

/** What a device said, in the field's words and SI units. Codecs produce it; the twin consumes it and never hears of bytes. */

export type DeviceKind = 'meter' | 'rtu' | 'valve' | 'concentrator'

/** Why the device spoke: its schedule, its button, an urgent alarm, or the answer to a command. */
export type Trigger = 'timed' | 'button' | 'alarm' | 'answer' | 'registration'

/**
 * `index_m3` register at working conditions, m³ · `standard_index_m3` corrected register, m³ at the reference state ·
 * `settlement_index_m3` register at the settlement day, m³ · `pressure_pa` absolute, Pa · `temperature_k` K ·
 * `standard_flow_m3_s` m³/s at the reference state, positive from→to · `flow_m3_s` m³/s at working conditions ·
 * `gas_lel` combustible gas, fraction of the lower explosive limit (0…1+).
 * Of the other meters of a household: `active_energy_j`, `reverse_active_energy_j` electricity drawn and fed back, J ·
 * `heat_energy_j`, `cooling_energy_j` J · `power_w` W, negative when fed back · `return_temperature_k` K, beside the supply in
 * `temperature_k` · voltages, currents and the frequency of a supply, by phase. A water meter's register is `index_m3`.
 */
export type Quantity =
  | 'index_m3'
  | 'standard_index_m3'
  | 'settlement_index_m3'
  | 'pressure_pa'
  | 'temperature_k'
  | 'standard_flow_m3_s'
  | 'flow_m3_s'
  | 'gas_lel'
  | 'active_energy_j'
  | 'reverse_active_energy_j'
  | 'heat_energy_j'
  | 'cooling_energy_j'
  | 'power_w'
  | 'return_temperature_k'
  | 'voltage_a_v'
  | 'voltage_b_v'
  | 'voltage_c_v'
  | 'current_a_a'
  | 'current_b_a'
  | 'current_c_a'
  | 'frequency_hz'

/** One value at the device's own time `at` (Unix ms). */
export interface Reading {
  readonly quantity: Quantity
  readonly at: number
  readonly value: number
}

/** What a device noticed by itself (S0-103, S1-24…26, S2-17). Order is the bit order used in stored event masks: append only. */
export const DEVICE_EVENTS = [
  'gas_leak',
  'dismantled',
  'magnet',
  'cover_open',
  'battery_low',
  'valve_abnormal',
  'over_flow',
  'small_flow',
  'reset',
  'reverse_flow',
  'under_voltage',
  'pressure_low',
  'pressure_high',
  'closed_by_device',
  'dead_meter',
  'clock_fault',
] as const
export type DeviceEvent = (typeof DEVICE_EVENTS)[number]

/** `unknown` when the maker's status word has no profile: never guessed. */
export type ValvePosition = 'open' | 'closed' | 'moving' | 'abnormal' | 'unknown'

/**
 * What became of an order to run another firmware. `running`: the ordered image came up · `returned`: it did not, the device runs
 * the one before again · the rest: the device did not try, and why. Order is the number on the wire: append only.
 */
export const UPDATE_OUTCOMES = [
  'running',
  'returned',
  'bad_signature',
  'bad_digest',
  'wrong_model',
  'low_battery',
  'below_floor',
  'not_loaded',
] as const
export type UpdateOutcome = (typeof UPDATE_OUTCOMES)[number]

/** Everything about the device itself; a missing field was not in the frame. */
export interface DeviceStatus {
  readonly valve?: ValvePosition
  /** Electricity meters: whether the relay lets power through. */
  readonly relay?: 'on' | 'off'
  readonly batteryVolt?: number
  readonly rsrpDbm?: number
  readonly sinrDb?: number
  readonly ecl?: number
  readonly pci?: number
  readonly firmware?: string
  /** Answer to a command: the command's id and whether the device accepted it. */
  readonly command?: { readonly id: number; readonly accepted: boolean }
  /** End of an order to run another firmware, by the order's number; `firmware` says what runs. */
  readonly update?: { readonly id: number; readonly outcome: UpdateOutcome }
  /** Valve actuators: UDP port at which the device itself serves `/v`. */
  readonly servicePort?: number
}

export interface Report {
  /** Device number: up to 14 decimal digits, an exact integer. */
  readonly device: number
  readonly kind: DeviceKind
  readonly trigger: Trigger
  /** The device's own clock when it sent, Unix ms; NaN when the frame carries none. */
  readonly deviceTime: number
  /** The device's report counter, or −1 when the frame carries none. */
  readonly sequence: number
  /** In time order. A bundle carries many. */
  readonly readings: readonly Reading[]
  readonly events: readonly DeviceEvent[]
  readonly status: DeviceStatus
  /** Concentrators only. */
  readonly concentrator?: ConcentratorNews
  /** Of the terminal's own log, when it was asked for it. */
  readonly terminalLog?: TerminalLogPiece
}

export type MalformedReason =
  | 'truncated'
  | 'checksum'
  | 'bad-start'
  | 'bad-end'
  | 'bad-length'
  | 'bad-bcd'
  | 'bad-time'
  | 'bad-unit'
  | 'unknown-identifier'
  | 'unsupported'
  | 'decrypt'
  | 'no-key'
  | 'out-of-range'
  | 'trailing-bytes'
  | 'refused'

/** A frame that could not be read, as a value: counted and kept with its bytes by the caller. */
export interface Malformed {
  readonly kind: 'malformed'
  readonly reason: MalformedReason
  /** Byte offset where reading failed. */
  readonly at: number
  readonly detail: string
}
