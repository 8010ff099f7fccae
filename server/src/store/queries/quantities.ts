/** SI unit of each stored quantity, as the API prints it. */
export const UNITS: Readonly<Record<string, string>> = {
  index_m3: 'm3',
  standard_index_m3: 'm3',
  settlement_index_m3: 'm3',
  pressure_pa: 'Pa',
  temperature_k: 'K',
  standard_flow_m3_s: 'm3/s',
  flow_m3_s: 'm3/s',
  gas_lel: '1',
  battery_volt: 'V',
  rsrp_dbm: 'dBm',
  sinr_db: 'dB',
}

/** Registers only ever grow: what counts at the end of a period is the last value, not the mean. */
export const isRegister = (quantity: string): boolean => quantity.endsWith('index_m3')
