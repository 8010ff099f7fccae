import { DEVICE_EVENTS, type DeviceEvent, type Quantity, type Trigger, type ValvePosition } from '@gastwin/twin'

/** Words in their wire order: the position is the number on the wire. Append only. */
export const TRIGGERS: readonly Trigger[] = ['timed', 'button', 'alarm', 'answer', 'registration']
export const DEVICE_KINDS = ['meter', 'rtu', 'valve', 'concentrator'] as const
export const VALVE_POSITIONS: readonly ValvePosition[] = ['open', 'closed', 'moving', 'abnormal', 'unknown']
export const RELAYS = ['on', 'off'] as const
export const QUANTITIES: readonly Quantity[] = [
  'index_m3',
  'standard_index_m3',
  'settlement_index_m3',
  'pressure_pa',
  'temperature_k',
  'standard_flow_m3_s',
  'flow_m3_s',
  'gas_lel',
  'active_energy_j',
  'reverse_active_energy_j',
  'heat_energy_j',
  'cooling_energy_j',
  'power_w',
  'return_temperature_k',
  'voltage_a_v',
  'voltage_b_v',
  'voltage_c_v',
  'current_a_a',
  'current_b_a',
  'current_c_a',
  'frequency_hz',
]
/** Steps per SI unit in which each quantity travels, in the order of `QUANTITIES`. */
export const QUANTITY_SCALES: readonly number[] = [
  1_000, 1_000, 1_000, 1, 100, 1_000_000, 1_000_000, 10_000, 1, 1, 1, 1, 10, 100, 10, 10, 10, 1_000, 1_000, 1_000, 100,
]

const NO_EVENTS: readonly DeviceEvent[] = []

/**
 * Events of a bit mask (bit n = entry n of DEVICE_EVENTS). Bits without a name are passed over: a device of a later make must
 * not lose its readings; the raw frame is kept.
 */
export const eventsOf = (mask: number): readonly DeviceEvent[] =>
  mask === 0 ? NO_EVENTS : DEVICE_EVENTS.filter((_, bit) => (mask & (1 << bit)) !== 0)

/** Mirror of `eventsOf`. */
export function maskOf(events: readonly DeviceEvent[]): number {
  let mask = 0
  for (const event of events) mask |= 1 << DEVICE_EVENTS.indexOf(event)
  return mask >>> 0
}
