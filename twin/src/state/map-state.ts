import { DEVICE_EVENTS, type DeviceEvent, type ValvePosition } from '../reading/report.ts'

/** State bytes of the map's layers; the same numbers stand in the server's contract (live.ts). */
export const METER_STATE = { unknown: 0, normal: 1, stale: 2, warning: 3, alarm: 4, closed: 5 } as const
export const RTU_STATE = { unknown: 0, normal: 1, stale: 2, low: 3, high: 4, fault: 5 } as const
export const VALVE_STATE = { unknown: 0, open: 1, closed: 2, moving: 3, abnormal: 4 } as const

export const VALVE_POSITIONS = [
  'unknown',
  'open',
  'closed',
  'moving',
  'abnormal',
] as const satisfies readonly ValvePosition[]

const mask = (...events: readonly DeviceEvent[]) =>
  events.reduce((bits, e) => bits | (1 << DEVICE_EVENTS.indexOf(e)), 0)
const ALARMING = mask('gas_leak', 'dismantled', 'magnet', 'cover_open', 'over_flow', 'reverse_flow', 'valve_abnormal')
const CLOSING = mask('closed_by_device')
const FAULTY = mask('under_voltage', 'battery_low', 'clock_fault', 'cover_open', 'dismantled')

/** Combustible gas at which an RTU is shown as high, fraction of the lower explosive limit. */
const HIGH_LEL = 0.2

/** @param silentS s since the device was heard, staleS s after which it is stale */
export function meterState(heard: boolean, events: number, valve: number, silentS: number, staleS: number): number {
  if (!heard) return METER_STATE.unknown
  if ((events & ALARMING) !== 0) return METER_STATE.alarm
  if (VALVE_POSITIONS[valve] === 'closed' || (events & CLOSING) !== 0) return METER_STATE.closed
  if (events !== 0) return METER_STATE.warning
  return silentS > staleS ? METER_STATE.stale : METER_STATE.normal
}

/** @param limits Pa absolute, NaN where there is none */
export function rtuState(
  heard: boolean,
  events: number,
  silentS: number,
  staleS: number,
  value: { readonly pressure: number; readonly gasLel: number; readonly min: number; readonly max: number },
): number {
  if (!heard) return RTU_STATE.unknown
  if (silentS > staleS) return RTU_STATE.stale
  if (value.pressure < value.min) return RTU_STATE.low
  if (value.pressure > value.max || value.gasLel >= HIGH_LEL) return RTU_STATE.high
  return (events & FAULTY) !== 0 ? RTU_STATE.fault : RTU_STATE.normal
}

/** A valve's byte is the place of its position, which is what the contract numbers too. */
export function valveState(position: number): number {
  return VALVE_STATE[VALVE_POSITIONS[position] ?? 'unknown']
}
