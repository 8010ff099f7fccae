import type { Network } from '@gastwin/twin'

/** Order of drawing and of ids on the wire: neighbours on the map have neighbouring numbers, so deltas are short. */
export interface Numbering {
  /** Row in the network's table, by map number. */
  readonly rowOf: Uint32Array
  /** Map number, by row. */
  readonly numberOf: Uint32Array
}

export interface MapNumbering {
  /** Degrees: middle of the network's bounds. */
  readonly origin: readonly [lon: number, lat: number]
  /** west, south, east, north, degrees. */
  readonly bounds: readonly [number, number, number, number]
  readonly pipes: Numbering
  readonly valves: Numbering
  readonly rtus: Numbering
  /** Empty in a city of too many meters. */
  readonly meters: Numbering
}

/** Points for more meters would be 19 bytes each in what every console loads first; a city beyond it is drawn without them. */
const MOST_DRAWN_METERS = 2_000_000

/** How many of a city's meters the map shows: all or none. */
export function drawnMeters(count: number): number {
  return count > MOST_DRAWN_METERS ? 0 : count
}

/** Numbers all map objects in Morton (Z) order of their places. */
export function numberMapObjects(network: Network): MapNumbering {
  const bounds = boundsOf(network)
  const [west, south, east, north] = bounds
  const span = Math.max(east - west, north - south, 1e-9)
  const morton = (lon: number, lat: number) =>
    interleave(((lon - west) / span) * 65_535) + 2 * interleave(((lat - south) / span) * 65_535)
  const { edges, nodes, rtus, meters } = network
  const edgeCode = (edge: number) => {
    const a = edges.from[edge] ?? 0
    const b = edges.to[edge] ?? 0
    return morton(((nodes.lon[a] ?? 0) + (nodes.lon[b] ?? 0)) / 2, ((nodes.lat[a] ?? 0) + (nodes.lat[b] ?? 0)) / 2)
  }
  return {
    origin: [(west + east) / 2, (south + north) / 2],
    bounds,
    pipes: order(edges.countOf.pipe, (i) => edgeCode(edges.first.pipe + i)),
    valves: order(edges.countOf.valve, (i) => edgeCode(edges.first.valve + i)),
    rtus: order(rtus.count, (i) => {
      const [lon, lat] = placeOfRtu(network, i)
      return morton(lon, lat)
    }),
    meters: order(drawnMeters(meters.count), (i) => {
      const own = (meters.lon[i] ?? Number.NaN) + (meters.lat[i] ?? Number.NaN)
      const node = meters.node[i] ?? -1
      return Number.isNaN(own)
        ? morton(nodes.lon[node] ?? Number.NaN, nodes.lat[node] ?? Number.NaN)
        : morton(meters.lon[i] ?? 0, meters.lat[i] ?? 0)
    }),
  }
}

/** Degrees. A meter without its own place stands at its node. */
export function placeOfMeter(network: Network, meter: number): [lon: number, lat: number] {
  const lon = network.meters.lon[meter] ?? Number.NaN
  const lat = network.meters.lat[meter] ?? Number.NaN
  return Number.isNaN(lon) || Number.isNaN(lat) ? placeOfNode(network, network.meters.node[meter] ?? -1) : [lon, lat]
}

/** Degrees. */
export function placeOfRtu(network: Network, rtu: number): [lon: number, lat: number] {
  const node = network.rtus.node[rtu] ?? -1
  return node >= 0 ? placeOfNode(network, node) : placeOfEdge(network, network.rtus.edge[rtu] ?? -1)
}

/** Degrees: the middle between an edge's ends. */
export function placeOfEdge(network: Network, edge: number): [lon: number, lat: number] {
  const [lonA, latA] = placeOfNode(network, network.edges.from[edge] ?? -1)
  const [lonB, latB] = placeOfNode(network, network.edges.to[edge] ?? -1)
  return [(lonA + lonB) / 2, (latA + latB) / 2]
}

/** Degrees. */
export function placeOfNode(network: Network, node: number): [lon: number, lat: number] {
  return [network.nodes.lon[node] ?? Number.NaN, network.nodes.lat[node] ?? Number.NaN]
}

function boundsOf(network: Network): [number, number, number, number] {
  let [west, south, east, north] = [
    Number.POSITIVE_INFINITY,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ]
  for (let i = 0; i < network.nodes.count; i++) {
    const [lon, lat] = placeOfNode(network, i)
    if (Number.isNaN(lon) || Number.isNaN(lat)) continue
    west = Math.min(west, lon)
    east = Math.max(east, lon)
    south = Math.min(south, lat)
    north = Math.max(north, lat)
  }
  return west <= east ? [west, south, east, north] : [0, 0, 0, 0]
}

/** Rows in order of their codes, equal codes in order of rows: a radix sort, because comparing takes many seconds for 10 million. */
function order(count: number, codeOf: (row: number) => number): Numbering {
  const codes = new Uint32Array(count)
  for (let row = 0; row < count; row++) codes[row] = codeOf(row)
  let from = new Uint32Array(count)
  let to = new Uint32Array(count)
  for (let row = 0; row < count; row++) from[row] = row
  for (const shift of [0, 16]) {
    const start = new Uint32Array(65_537)
    for (let row = 0; row < count; row++) {
      const digit = ((codes[row] ?? 0) >>> shift) & 0xffff
      start[digit + 1] = (start[digit + 1] ?? 0) + 1
    }
    for (let digit = 0; digit < 65_536; digit++) start[digit + 1] = (start[digit + 1] ?? 0) + (start[digit] ?? 0)
    for (let i = 0; i < count; i++) {
      const row = from[i] ?? 0
      const digit = ((codes[row] ?? 0) >>> shift) & 0xffff
      const at = start[digit] ?? 0
      start[digit] = at + 1
      to[at] = row
    }
    ;[from, to] = [to, from]
  }
  for (let number = 0; number < count; number++) to[from[number] ?? 0] = number
  return { rowOf: from, numberOf: to }
}

/** Spreads 16 bits so that a zero stands between each two. */
function interleave(value: number): number {
  let x = Math.max(0, Math.min(65_535, Math.floor(value) || 0))
  x = (x | (x << 8)) & 0x00ff00ff
  x = (x | (x << 4)) & 0x0f0f0f0f
  x = (x | (x << 2)) & 0x33333333
  return (x | (x << 1)) & 0x55555555
}
