import {
  type Column,
  decodeColumns,
  decodeFrame,
  encodeColumns,
  encodeFrame,
  type GeometryMeta,
  LAYERS,
  type LayerName,
} from '../../contract/index.ts'
import type { Reach } from './reach.ts'

const NONE = 0xffffffff

/** Of one layer: the objects that are told, and what number each has then. */
interface Kept {
  readonly rows: Uint32Array
  /** NONE for what is not told. */
  readonly numberOf: Uint32Array
}
type Columns = Record<string, Column>
type Body = Uint8Array

/**
 * The map of one area: only its objects, in a numbering of their own, so that nothing tells of the others, not even their number.
 * Made anew when the city's map is.
 */
export class AreaMap {
  readonly snapshot: number
  readonly geometry: { readonly etag: string; readonly body: Body }
  readonly #kept: Readonly<Record<LayerName, Kept>>
  readonly #reach: Reach

  /** @param geometry of the whole city */
  constructor(geometry: { readonly etag: string; readonly body: Body }, reach: Reach) {
    this.#reach = reach
    const { columns, meta } = opened<GeometryMeta>(geometry.body)
    const zones = new Set(meta.zones.flatMap(({ id }, z) => (reach.seesZone(id) ? [z] : [])))
    const inZone = (of: Column | undefined) => (row: number) => zones.has(of?.[row] ?? -1)
    this.#kept = {
      zones: keep(meta.zones.length, (row) => zones.has(row)),
      pipes: keep(meta.pipe_ids.length, inZone(columns['pipe_zone'])),
      meters: keep(columns['meter_number']?.length ?? 0, inZone(columns['meter_zone'])),
      rtus: keep(meta.rtu_ids.length, (row) => reach.seesRtu(meta.rtu_ids[row] ?? '')),
      valves: keep(meta.valve_ids.length, (row) => reach.seesEdge(meta.valve_ids[row] ?? '')),
    }
    // Another numbering than that of the city, and of another area.
    this.snapshot = [...reach.zones].sort().reduce(mixed, meta.snapshot ^ NONE) >>> 0
    this.geometry = {
      etag: `"${this.snapshot.toString(16)}-${geometry.etag.replaceAll('"', '')}"`,
      body: this.#geometry(columns, meta),
    }
  }

  /** State of all layers, GMC1. */
  state(body: Body): Body {
    const { columns, meta } = opened<object>(body)
    const cut: Columns = {}
    for (const [name, column] of Object.entries(columns))
      cut[name] = picked(column, this.#kept[name.slice(0, name.lastIndexOf('_')) as LayerName].rows)
    return encodeColumns(cut, { ...meta, snapshot: this.snapshot })
  }

  /** The estimate of pipes, GMC1. */
  estimate(body: Body): Body {
    const { columns, meta } = opened<{ sensors: { rtu: string }[]; next_rtus: { node: string }[] }>(body)
    const cut: Columns = {}
    for (const [name, column] of Object.entries(columns)) cut[name] = picked(column, this.#kept.pipes.rows)
    return encodeColumns(cut, {
      ...meta,
      snapshot: this.snapshot,
      sensors: meta.sensors.filter(({ rtu }) => this.#reach.seesRtu(rtu)),
      next_rtus: meta.next_rtus.filter(({ node }) => this.#reach.seesNode(node)),
    })
  }

  /** A frame of changes; it keeps its sequence number, perhaps without a change. */
  frame(bytes: Body): Body {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const frame = decodeFrame(bytes, () => NONE)
    if ('refused' in frame) throw new RangeError(`a frame of our own is refused: ${frame.refused}`)
    const name = (Object.keys(LAYERS) as LayerName[]).find((one) => LAYERS[one] === frame.layer) ?? 'zones'
    const { numberOf } = this.#kept[name]
    const rows = [...frame.ids.keys()].filter((i) => (numberOf[frame.ids[i] ?? NONE] ?? NONE) !== NONE)
    const { layer, seq, at, ids, states, values } = frame
    return encodeFrame({
      ...{ layer, seq, at, snapshot: this.snapshot },
      ids: Uint32Array.from(rows, (i) => numberOf[ids[i] ?? 0] ?? 0),
      states: Uint8Array.from(rows, (i) => states[i] ?? 0),
      ...(values && {
        values: {
          ...{ scale: view.getFloat32(28, true), offset: view.getFloat32(32, true) },
          value: rows.map((i) => values[i] ?? Number.NaN),
        },
      }),
    })
  }

  #geometry(columns: Columns, meta: GeometryMeta): Body {
    const { pipes, valves, rtus, meters, zones } = this.#kept
    const stations = rowsWhere(meta.stations.length, (row) => this.#reach.seesNode(meta.stations[row]?.id ?? ''))
    const segments = rowsWhere(
      columns['pipe_segment_pipe']?.length ?? 0,
      (row) => pipes.numberOf[columns['pipe_segment_pipe']?.[row] ?? NONE] !== NONE,
    )
    const of: Record<string, readonly [rows: Uint32Array, width: number]> = {
      ...{ pipe_segments: [segments, 4], pipe_segment_pipe: [segments, 1], pipe_diameter: [pipes.rows, 1] },
      ...{ pipe_tier: [pipes.rows, 1], pipe_zone: [pipes.rows, 1], valve_xy: [valves.rows, 2] },
      ...{ valve_remote: [valves.rows, 1], valve_pipe: [valves.rows, 1], rtu_xy: [rtus.rows, 2] },
      ...{ meter_xy: [meters.rows, 2], meter_number: [meters.rows, 1], meter_zone: [meters.rows, 1] },
      ...{ meter_class: [meters.rows, 1], station_xy: [stations, 2] },
    }
    const cut: Columns = {}
    for (const [name, column] of Object.entries(columns)) {
      const [rows, width] = of[name] ?? []
      if (rows !== undefined) cut[name] = picked(column, rows, width)
      // Streets and water are on every map of the town.
      else if (/^(street|water)_/.test(name)) cut[name] = column
    }
    renumber(cut['pipe_segment_pipe'], pipes)
    renumber(cut['valve_pipe'], pipes)
    renumber(cut['pipe_zone'], zones)
    renumber(cut['meter_zone'], zones)
    return encodeColumns({ ...cut, ...rings(columns, zones.rows) }, {
      ...meta,
      snapshot: this.snapshot,
      meters_left_out: 0,
      pipe_ids: listed(meta.pipe_ids, pipes.rows),
      valve_ids: listed(meta.valve_ids, valves.rows),
      rtu_ids: listed(meta.rtu_ids, rtus.rows),
      zones: listed(meta.zones, zones.rows),
      stations: listed(meta.stations, stations),
    } satisfies GeometryMeta)
  }
}

function opened<T>(body: Body): { readonly columns: Columns; readonly meta: T } {
  const { columns, meta } = decodeColumns(body.slice().buffer)
  return { columns, meta: meta as T }
}

const rowsWhere = (count: number, isKept: (row: number) => boolean): Uint32Array =>
  Uint32Array.from([...Array(count).keys()].filter(isKept))

function keep(count: number, isKept: (row: number) => boolean): Kept {
  const rows = rowsWhere(count, isKept)
  const numberOf = new Uint32Array(count).fill(NONE)
  rows.forEach((row, number) => {
    numberOf[row] = number
  })
  return { rows, numberOf }
}

function picked(column: Column, rows: Uint32Array, width = 1): Column {
  const cut = new (column.constructor as new (length: number) => Column)(rows.length * width)
  rows.forEach((row, i) => {
    for (let j = 0; j < width; j++) cut[i * width + j] = column[row * width + j] ?? 0
  })
  return cut
}

const listed = <T>(all: readonly T[], rows: Uint32Array): T[] => [...rows].flatMap((row) => all[row] ?? [])

function renumber(column: Column | undefined, { numberOf }: Kept): void {
  column?.forEach((row, i) => {
    column[i] = numberOf[row] ?? NONE
  })
}

/** Outlines of zones: the points of each, and where they begin. */
function rings(columns: Columns, rows: Uint32Array): Columns {
  const [xy, start] = [columns['zone_ring_xy'] ?? new Float32Array(), columns['zone_ring_start'] ?? new Uint32Array(1)]
  const points: number[] = []
  const starts = [0]
  for (const row of rows) {
    points.push(...xy.subarray(2 * (start[row] ?? 0), 2 * (start[row + 1] ?? 0)))
    starts.push(points.length / 2)
  }
  return { zone_ring_xy: Float32Array.from(points), zone_ring_start: Uint32Array.from(starts) }
}

const mixed = (sum: number, word: string): number =>
  [...`${word};`].reduce((hash, letter) => Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 16_777_619), sum)
