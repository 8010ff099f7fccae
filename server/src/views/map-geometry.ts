import { METER_CLASSES, members, type Network, pipeOf } from '@gastwin/twin'
import { type Column, encodeColumns, type GeometryMeta } from '../contract/index.ts'
import { type MapNumbering, type Numbering, placeOfEdge, placeOfNode, placeOfRtu } from './map-numbering.ts'

const TIERS = ['low', 'medium', 'high']
const STREET_CLASSES = ['arterial', 'collector', 'local']

/** The geometry of the map as GMC1 columns; contract/map.ts lists them. Float32 offsets from the origin keep centimetres. */
export function mapGeometry(network: Network, numbering: MapNumbering, snapshot: number): Uint8Array {
  const [lon0, lat0] = numbering.origin
  const xy = (places: Iterable<readonly [number, number]>) => {
    const out: number[] = []
    for (const [lon, lat] of places) out.push(lon - lon0, lat - lat0)
    return Float32Array.from(out)
  }
  const { edges, rtus, zones, nodes } = network
  const rows = <T>(of: Numbering, value: (row: number) => T): T[] => Array.from(of.rowOf, value)
  const stations = stationsOf(network)
  const columns: Record<string, Column> = {
    ...pipeColumns(network, numbering, lon0, lat0),
    valve_xy: xy(rows(numbering.valves, (v) => placeOfEdge(network, edges.first.valve + v))),
    valve_remote: Uint8Array.from(rows(numbering.valves, (v) => edges.remote[edges.first.valve + v] ?? 0)),
    valve_pipe: Uint32Array.from(rows(numbering.valves, (v) => pipeBeside(network, edges.first.valve + v, numbering))),
    rtu_xy: xy(rows(numbering.rtus, (r) => placeOfRtu(network, r))),
    ...meterColumns(network, numbering, lon0, lat0),
    station_xy: xy(stations.map((s) => placeOfNode(network, s.node))),
    ...ringColumns(
      'zone_ring',
      (network.document.zones ?? []).map((z) => z.outline ?? []),
      lon0,
      lat0,
    ),
    ...streetColumns(network, lon0, lat0),
    ...ringColumns(
      'water',
      (network.document.basemap?.water ?? []).map((w) => w.polygon),
      lon0,
      lat0,
    ),
  }
  const meta: GeometryMeta = {
    snapshot,
    origin: numbering.origin,
    meters_left_out: network.meters.count - numbering.meters.rowOf.length,
    pipe_ids: rows(numbering.pipes, (p) => edges.ids[edges.first.pipe + p] ?? ''),
    valve_ids: rows(numbering.valves, (v) => edges.ids[edges.first.valve + v] ?? ''),
    rtu_ids: rows(numbering.rtus, (r) => rtus.ids[r] ?? ''),
    zones: zones.ids.map((id, z) => ({ id, name: zones.names[z] ?? id, inlets: inletsOf(network, z) })),
    stations: stations.map(({ node, kind }) => ({ id: nodes.ids[node] ?? '', kind })),
    places: network.document.basemap?.places ?? [],
  }
  return encodeColumns(columns, meta)
}

function inletsOf(network: Network, zone: number) {
  return (network.zones.inlets[zone] ?? []).flatMap(({ edge, sign }) => {
    const [lon, lat] = placeOfEdge(network, edge)
    return Number.isFinite(lon + lat) ? [{ edge: network.edges.ids[edge] ?? '', sign, lon, lat }] : []
  })
}

const zoneNumber = (zone: number | undefined) => (zone === undefined || zone < 0 ? 65_535 : zone)

function meterColumns(network: Network, numbering: MapNumbering, lon0: number, lat0: number): Record<string, Column> {
  const { meters, nodes } = network
  const { rowOf } = numbering.meters
  const count = rowOf.length
  const columns = {
    meter_xy: new Float32Array(2 * count),
    meter_number: new Float64Array(count),
    meter_zone: new Uint16Array(count),
    meter_class: new Uint8Array(count),
  }
  for (let i = 0; i < count; i++) {
    const m = rowOf[i] ?? 0
    const node = meters.node[m] ?? -1
    const [lon, lat] = [meters.lon[m] ?? Number.NaN, meters.lat[m] ?? Number.NaN]
    const isPlaced = !Number.isNaN(lon + lat)
    columns.meter_xy[2 * i] = (isPlaced ? lon : (nodes.lon[node] ?? Number.NaN)) - lon0
    columns.meter_xy[2 * i + 1] = (isPlaced ? lat : (nodes.lat[node] ?? Number.NaN)) - lat0
    columns.meter_number[i] = meters.device[m] ?? Number.NaN
    columns.meter_zone[i] = zoneNumber(meters.zone[m])
    columns.meter_class[i] = Math.min(meters.class[m] ?? 0, METER_CLASSES.length - 1)
  }
  return columns
}

function pipeColumns(network: Network, numbering: MapNumbering, lon0: number, lat0: number): Record<string, Column> {
  const { edges } = network
  const segments: number[] = []
  const owner: number[] = []
  numbering.pipes.rowOf.forEach((row, number) => {
    const edge = edges.first.pipe + row
    const ends = [placeOfNode(network, edges.from[edge] ?? -1), placeOfNode(network, edges.to[edge] ?? -1)]
    const line = pipeOf(network, edge)?.geometry ?? ends
    for (let i = 1; i < line.length; i++) {
      const [a, b] = [line[i - 1], line[i]]
      if (a === undefined || b === undefined) continue
      segments.push(a[0] - lon0, a[1] - lat0, b[0] - lon0, b[1] - lat0)
      owner.push(number)
    }
  })
  const rows = <T>(value: (edge: number) => T): T[] =>
    Array.from(numbering.pipes.rowOf, (row) => value(edges.first.pipe + row))
  return {
    pipe_segments: Float32Array.from(segments),
    pipe_segment_pipe: Uint32Array.from(owner),
    pipe_diameter: Float32Array.from(rows((e) => edges.diameterM[e] ?? Number.NaN)),
    pipe_tier: Uint8Array.from(rows((e) => tierOf(pipeOf(network, e)?.pressure_tier))),
    pipe_zone: Uint16Array.from(rows((e) => zoneNumber(edges.zone[e]))),
  }
}

/** Grades of a pressure, as in `medium_a`, lie within it. */
const tierOf = (name: string | null | undefined) => Math.max(0, TIERS.indexOf(name?.split('_')[0] ?? 'low'))

function streetColumns(network: Network, lon0: number, lat0: number): Record<string, Column> {
  const xy: number[] = []
  const kind: number[] = []
  for (const street of network.document.basemap?.streets ?? []) {
    for (let i = 1; i < street.line.length; i++) {
      const [a, b] = [street.line[i - 1], street.line[i]]
      if (a === undefined || b === undefined) continue
      xy.push(a[0] - lon0, a[1] - lat0, b[0] - lon0, b[1] - lat0)
      kind.push(Math.max(0, STREET_CLASSES.indexOf(street.class)))
    }
  }
  return { street_xy: Float32Array.from(xy), street_class: Uint8Array.from(kind) }
}

function ringColumns(
  name: string,
  rings: readonly (readonly (readonly [number, number])[])[],
  lon0: number,
  lat0: number,
): Record<string, Column> {
  const xy: number[] = []
  const start = [0]
  for (const ring of rings) {
    for (const [lon, lat] of ring) xy.push(lon - lon0, lat - lat0)
    start.push(xy.length / 2)
  }
  const points = name === 'zone_ring' ? 'zone_ring_xy' : `${name}_xy`
  return { [points]: Float32Array.from(xy), [`${name}_start`]: Uint32Array.from(start) }
}

function stationsOf(network: Network): { node: number; kind: 'gate_station' | 'regulator_station' }[] {
  const out: { node: number; kind: 'gate_station' | 'regulator_station' }[] = []
  network.nodes.kind.forEach((kind, node) => {
    if (kind === 'gate_station' || kind === 'regulator_station') out.push({ node, kind })
  })
  return out
}

function pipeBeside(network: Network, valve: number, numbering: MapNumbering): number {
  const { adjacency, edges } = network
  for (const node of [edges.from[valve] ?? -1, edges.to[valve] ?? -1]) {
    if (node < 0) continue
    for (const edge of members(adjacency, node)) {
      const row = edge - edges.first.pipe
      if (row >= 0 && row < edges.countOf.pipe) return numbering.pipes.numberOf[row] ?? 0
    }
  }
  return 0xffffffff
}
