/** Quantities of an archive of telemetry, in the words of its files. */
export const TELEMETRY_QUANTITIES = [
  'pressure_pa',
  'temperature_k',
  'standard_flow_m3_s',
  'mass_flow_kg_s',
  'index_m3',
  'standard_index_m3',
  'valve_open',
  'event',
] as const
export type TelemetryQuantity = (typeof TELEMETRY_QUANTITIES)[number]

/** An archive as columns; rows stand in the order in which they arrived, each (asset, quantity, time) once. */
export interface Telemetry {
  readonly rows: number
  /** Unix ms at which the device measured. */
  readonly time: Float64Array
  /** Place in `assets`. */
  readonly asset: Int32Array
  /** Place in TELEMETRY_QUANTITIES. */
  readonly quantity: Uint8Array
  /** In the unit of its quantity; of an event the place in `events`. */
  readonly value: Float64Array
  readonly assets: readonly string[]
  readonly events: readonly string[]
  /** Rows left out because the same asset, quantity and time stood before them. */
  readonly repeated: number
}

/** Values of one asset and quantity in order of time; `row` is the place in the archive, that is the order of arrival. */
export interface TelemetrySeries {
  readonly asset: string
  readonly quantity: TelemetryQuantity
  readonly time: Float64Array
  readonly value: Float64Array
  readonly row: Int32Array
}

/** All series of an archive, each in order of time. */
export function seriesOf(telemetry: Telemetry): TelemetrySeries[] {
  return groups(telemetry.asset, telemetry.quantity, telemetry.time, telemetry.rows).map((rows) => {
    const first = rows[0] as number
    return {
      asset: telemetry.assets[telemetry.asset[first] as number] as string,
      quantity: TELEMETRY_QUANTITIES[telemetry.quantity[first] as number] as TelemetryQuantity,
      time: Float64Array.from(rows, (row) => telemetry.time[row] as number),
      value: Float64Array.from(rows, (row) => telemetry.value[row] as number),
      row: rows,
    }
  })
}

/** Rows by asset and quantity, in order of time and, at the same time, of arrival. */
export function groups(asset: Int32Array, quantity: Uint8Array, time: Float64Array, rows: number): Int32Array[] {
  const kinds = TELEMETRY_QUANTITIES.length
  let keys = 0
  for (let row = 0; row < rows; row++) keys = Math.max(keys, ((asset[row] as number) + 1) * kinds)
  const start = new Int32Array(keys + 1)
  const keyOf = (row: number) => (asset[row] as number) * kinds + (quantity[row] as number)
  for (let row = 0; row < rows; row++) start[keyOf(row) + 1] = (start[keyOf(row) + 1] as number) + 1
  for (let key = 0; key < keys; key++) start[key + 1] = (start[key + 1] as number) + (start[key] as number)
  const next = start.slice()
  const sorted = new Int32Array(rows)
  for (let row = 0; row < rows; row++) {
    const key = keyOf(row)
    sorted[next[key] as number] = row
    next[key] = (next[key] as number) + 1
  }
  const found: Int32Array[] = []
  for (let key = 0; key < keys; key++) {
    const group = sorted.subarray(start[key], start[key + 1])
    if (group.length === 0) continue
    if (!inOrder(group, time)) group.sort((a, b) => (time[a] as number) - (time[b] as number) || a - b)
    found.push(group)
  }
  return found
}

function inOrder(rows: Int32Array, time: Float64Array): boolean {
  for (let i = 1; i < rows.length; i++)
    if ((time[rows[i] as number] as number) < (time[rows[i - 1] as number] as number)) return false
  return true
}
