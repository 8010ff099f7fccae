import { DeviceColumns } from '../columns.ts'

/** What is remembered of each meter's register: 49 bytes. Times Unix s, days since 1970 on the local calendar, volumes m³. */
const LAYOUT = {
  lastAt: Uint32Array,
  lastIndex: Float64Array,
  lastAdvanceAt: Uint32Array,
  /** The day that is being added up, and its advance so far. */
  day: Uint16Array,
  dayAdvance: Float32Array,
  /** Mean of days, m³; days behind it (at most 255); share of days without any advance, 255 = all. */
  dailyUse: Float32Array,
  days: Uint8Array,
  zeroShare: Uint8Array,
  /** Smallest day since the flow was last seen to rest, and how many days that is. */
  smallestDay: Float32Array,
  restlessDays: Uint8Array,
  /** The night that is being added up: its day, advance and measured seconds. */
  night: Uint16Array,
  nightAdvance: Float32Array,
  nightSeconds: Uint16Array,
  /** Usual night flow, m³/h; nights behind it; nights in a row above the limit. */
  nightBase: Float32Array,
  nights: Uint8Array,
  nightsAbove: Uint8Array,
  /** TOLD bits. */
  flags: Uint16Array,
} as const

export type RegisterColumns = DeviceColumns<typeof LAYOUT>

export function registerColumns(rows: number): RegisterColumns {
  return new DeviceColumns(LAYOUT, rows)
}

/** Bits of `flags`: what stands told, and whether the meter's own valve is closed. */
export const TOLD = {
  over_flow: 1,
  stopped_meter: 2,
  prolonged_small_flow: 4,
  night_flow: 8,
  register_backwards: 16,
} as const
export type RegisterRule = keyof typeof TOLD
export const VALVE_CLOSED = 32
