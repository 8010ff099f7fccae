/**
 * The columns of the fleet: array type and elements per row. The order is the order in a snapshot: append only.
 * Times are Unix seconds (0 = never), registers m³ (heat and electricity J), rates of them a second.
 */
export const FLEET_COLUMNS = {
  /** Device number. */
  number: [Float64Array, 1],
  /** Place in DEVICE_KINDS. */
  kind: [Uint8Array, 1],
  asset: [Int32Array, 1],
  zone: [Int16Array, 1],
  node: [Int32Array, 1],
  /** See packFlags. */
  flags: [Uint16Array, 1],
  readEveryMinutes: [Uint16Array, 1],
  /** The last readings in time order, oldest first; `readings` of them are set. */
  readings: [Uint8Array, 1],
  readAt: [Uint32Array, 4],
  register: [Float64Array, 4],
  /** The oldest reading ever known. */
  firstAt: [Uint32Array, 1],
  firstRegister: [Float64Array, 1],
  receivedAt: [Uint32Array, 1],
  deviceTime: [Uint32Array, 1],
  sequence: [Int32Array, 1],
  /** Fingerprints of the last reports, and where the next is written. */
  fingerprint: [Uint32Array, 4],
  fingerprintAt: [Uint8Array, 1],
  rate: [Float32Array, 1],
  batteryMv: [Uint16Array, 1],
  /** −dBm, dB, class, cell; see radio.ts for "unknown". */
  rsrp: [Uint8Array, 1],
  sinr: [Int8Array, 1],
  ecl: [Uint8Array, 1],
  pci: [Uint16Array, 1],
  /** Device clock minus ours, s. */
  clockErrorS: [Int32Array, 1],
  /** DEVICE_EVENTS that still stand, one bit each. */
  events: [Uint16Array, 1],
  /** Place in VALVE_POSITIONS. */
  valve: [Uint8Array, 1],
  /** Bit i: a reading of day `heardDay − i` is known. Days are numbered by the city's calendar. */
  heardDays: [Uint32Array, 1],
  heardDay: [Uint16Array, 1],
  fresh: [Uint32Array, 1],
  late: [Uint16Array, 1],
  duplicates: [Uint16Array, 1],
  /** State byte of the map. */
  state: [Uint8Array, 1],
} as const

export const READINGS_KEPT = FLEET_COLUMNS.readAt[1]
export const FINGERPRINTS_KEPT = FLEET_COLUMNS.fingerprint[1]

export type ColumnName = keyof typeof FLEET_COLUMNS
export type FleetColumns = { readonly [K in ColumnName]: InstanceType<(typeof FLEET_COLUMNS)[K][0]> }
export const COLUMN_NAMES = Object.keys(FLEET_COLUMNS) as readonly ColumnName[]

/** Columns of `capacity` rows that begin with the rows of `old`. */
export function makeFleetColumns(capacity: number, old?: FleetColumns): FleetColumns {
  const made: Partial<Record<ColumnName, FleetColumns[ColumnName]>> = {}
  for (const name of COLUMN_NAMES) {
    const [Type, width] = FLEET_COLUMNS[name]
    const column = new Type(capacity * width)
    if (old !== undefined) column.set(old[name].subarray(0, capacity * width))
    made[name] = column
  }
  return made as FleetColumns
}

/** Bytes that one row takes in all columns. */
export const BYTES_PER_ROW = COLUMN_NAMES.reduce((sum, name) => {
  const [Type, width] = FLEET_COLUMNS[name]
  return sum + Type.BYTES_PER_ELEMENT * width
}, 0)
