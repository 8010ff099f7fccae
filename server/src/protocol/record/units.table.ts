/** What a unit is worth: SI value = number × factor + offset. */
export interface UnitScale {
  readonly factor: number
  readonly offset?: number
  /** The SI unit reached, as in the names of quantities. */
  readonly si: 'm3' | 'm3_s' | 'j' | 'w' | 'k' | 'pa' | 'v' | 'a' | 'hz' | 's' | 'none'
}

const HOUR_S = 3_600
const WATT_HOUR_J = 3_600

/** Units that fields of meters stand in. A pressure is absolute where the maker's profile names one of these units. */
export const UNITS = {
  none: { factor: 1, si: 'none' },
  L: { factor: 1e-3, si: 'm3' },
  m3: { factor: 1, si: 'm3' },
  'L/h': { factor: 1e-3 / HOUR_S, si: 'm3_s' },
  'm3/h': { factor: 1 / HOUR_S, si: 'm3_s' },
  J: { factor: 1, si: 'j' },
  kJ: { factor: 1e3, si: 'j' },
  MJ: { factor: 1e6, si: 'j' },
  GJ: { factor: 1e9, si: 'j' },
  Wh: { factor: WATT_HOUR_J, si: 'j' },
  kWh: { factor: 1e3 * WATT_HOUR_J, si: 'j' },
  MWh: { factor: 1e6 * WATT_HOUR_J, si: 'j' },
  W: { factor: 1, si: 'w' },
  kW: { factor: 1e3, si: 'w' },
  MW: { factor: 1e6, si: 'w' },
  'J/h': { factor: 1 / HOUR_S, si: 'w' },
  'kJ/h': { factor: 1e3 / HOUR_S, si: 'w' },
  'MJ/h': { factor: 1e6 / HOUR_S, si: 'w' },
  'GJ/h': { factor: 1e9 / HOUR_S, si: 'w' },
  degC: { factor: 1, offset: 273.15, si: 'k' },
  Pa: { factor: 1, si: 'pa' },
  kPa: { factor: 1e3, si: 'pa' },
  MPa: { factor: 1e6, si: 'pa' },
  V: { factor: 1, si: 'v' },
  mV: { factor: 1e-3, si: 'v' },
  A: { factor: 1, si: 'a' },
  Hz: { factor: 1, si: 'hz' },
  s: { factor: 1, si: 's' },
  min: { factor: 60, si: 's' },
  h: { factor: HOUR_S, si: 's' },
  kvar: { factor: 1, si: 'none' },
  kvarh: { factor: 1, si: 'none' },
  kVA: { factor: 1, si: 'none' },
  kVAh: { factor: 1, si: 'none' },
  degree: { factor: 1, si: 'none' },
  dBm: { factor: 1, si: 'none' },
  dB: { factor: 1, si: 'none' },
  yuan: { factor: 1, si: 'none' },
} as const satisfies Readonly<Record<string, UnitScale>>

export type UnitName = keyof typeof UNITS

/**
 * Unit bytes of CJ/T 188: the unit and how many of it one step of the value counts. Codes that no public text gives are left out,
 * so that a wrong guess cannot make a reading ten times too large.
 * @source CJ/T 188-2004, unit table, as publicly described
 */
export const UNIT_CODES: ReadonlyMap<number, readonly [unit: UnitName, times: number]> = new Map([
  [0x01, ['J', 1]],
  [0x02, ['Wh', 1]],
  [0x03, ['Wh', 10]],
  [0x04, ['Wh', 100]],
  [0x05, ['kWh', 1]],
  [0x06, ['kWh', 10]],
  [0x07, ['kWh', 100]],
  [0x08, ['MWh', 1]],
  [0x09, ['MWh', 10]],
  [0x0a, ['MWh', 100]],
  [0x0b, ['kJ', 1]],
  [0x0e, ['MJ', 1]],
  [0x11, ['GJ', 1]],
  [0x14, ['W', 1]],
  [0x17, ['kW', 1]],
  [0x1a, ['MW', 1]],
  [0x29, ['L', 1]],
  [0x2a, ['L', 10]],
  [0x2b, ['L', 100]],
  [0x2c, ['m3', 1]],
  [0x2d, ['m3', 10]],
  [0x2e, ['m3', 100]],
  [0x32, ['L/h', 1]],
  [0x35, ['m3/h', 1]],
  [0x36, ['m3/h', 10]],
  [0x37, ['m3/h', 100]],
  [0x40, ['J/h', 1]],
  [0x43, ['kJ/h', 1]],
  [0x46, ['MJ/h', 1]],
  [0x49, ['GJ/h', 1]],
] as const satisfies readonly (readonly [number, readonly [UnitName, number]])[])
