import type { Selection } from '../state/selection.ts'
import type { MapGeometry } from './geometry.ts'
import { ZOOM } from './network-layers.ts'
import { centreOfRing, gridOfPoints, gridOfSegments, insideRing, type PickGrid } from './pick-grid.ts'

/** What lies under the pointer, by what can be seen at this zoom: small things before long ones before areas. */
export class HitFinder {
  readonly #geometry: MapGeometry
  readonly #aspect: number
  readonly #grids: Readonly<Record<'rtus' | 'valves' | 'stations' | 'pipes', PickGrid>>
  #meters: PickGrid | undefined

  constructor(geometry: MapGeometry) {
    this.#geometry = geometry
    this.#aspect = Math.cos((geometry.meta.origin[1] * Math.PI) / 180)
    this.#grids = {
      rtus: gridOfPoints(geometry.rtus.xy, this.#aspect),
      valves: gridOfPoints(geometry.valves.xy, this.#aspect),
      stations: gridOfPoints(geometry.stations.xy, this.#aspect),
      pipes: gridOfSegments(geometry.pipes.segments, this.#aspect),
    }
  }

  /** @param reach degrees of latitude */
  find(lon: number, lat: number, reach: number, zoom: number, planShown: boolean): Selection | null {
    const { meta, pipes, meters, zones } = this.#geometry
    const x = lon - meta.origin[0]
    const y = lat - meta.origin[1]
    const id = (ids: readonly string[], i: number, kind: Selection['kind']): Selection | null =>
      i < 0 ? null : { kind, id: ids[i] ?? '' }
    const rtu = id(meta.rtu_ids, this.#grids.rtus.nearest(x, y, reach), 'rtu')
    if (rtu !== null) return rtu
    const station = this.#grids.stations.nearest(x, y, reach)
    if (station >= 0) return { kind: 'station', id: meta.stations[station]?.id ?? '' }
    const valve = zoom >= ZOOM.valves ? this.#grids.valves.nearest(x, y, reach) : -1
    if (valve >= 0) return id(meta.valve_ids, valve, 'valve')
    if (zoom >= ZOOM.meters && !planShown) {
      // Built when first needed: a million meters take a moment, and far out nobody can point at one.
      this.#meters ??= gridOfPoints(meters.xy, this.#aspect)
      const meter = this.#meters.nearest(x, y, reach * (zoom >= 15 ? 0.8 : 0.4))
      if (meter >= 0) return { kind: 'meter', id: String(meters.number[meter] ?? '') }
    }
    const segment = this.#grids.pipes.nearest(x, y, reach * 0.75)
    if (segment >= 0) return id(meta.pipe_ids, pipes.segmentPipe[segment] ?? -1, 'pipe')
    for (let zone = 0; zone < meta.zones.length; zone++)
      if (insideRing(zones.xy, zones.start, zone, x, y)) return { kind: 'zone', id: meta.zones[zone]?.id ?? '' }
    return null
  }

  /** Box around a selected thing, degrees; a point has no extent. */
  boxOf(selection: Selection | null): readonly [number, number, number, number] | undefined {
    if (selection === null) return undefined
    const { meta, pipes, zones, rtus, valves, stations, meters } = this.#geometry
    const [lon, lat] = meta.origin
    const points = (xy: Float32Array, from: number, to: number) => {
      let box: [number, number, number, number] | undefined
      for (let i = from; i < to; i++) {
        const x = lon + (xy[2 * i] ?? 0)
        const y = lat + (xy[2 * i + 1] ?? 0)
        box =
          box === undefined
            ? [x, y, x, y]
            : [Math.min(box[0], x), Math.min(box[1], y), Math.max(box[2], x), Math.max(box[3], y)]
      }
      return box
    }
    const one = (xy: Float32Array, i: number | undefined) =>
      i === undefined || i < 0 ? undefined : points(xy, i, i + 1)
    switch (selection.kind) {
      case 'rtu':
        return one(rtus.xy, this.#geometry.rtuNumber.get(selection.id))
      case 'valve':
        return one(valves.xy, this.#geometry.valveNumber.get(selection.id))
      case 'station':
        return one(stations.xy, this.#geometry.stationNumber.get(selection.id))
      case 'meter':
        return one(meters.xy, meters.number.indexOf(Number(selection.id)))
      case 'zone': {
        const zone = this.#geometry.zoneNumber.get(selection.id)
        return zone === undefined ? undefined : points(zones.xy, zones.start[zone] ?? 0, zones.start[zone + 1] ?? 0)
      }
      case 'pipe': {
        const pipe = this.#geometry.pipeNumber.get(selection.id)
        if (pipe === undefined) return undefined
        const first = pipes.segmentPipe.indexOf(pipe)
        const last = pipes.segmentPipe.lastIndexOf(pipe)
        return first < 0 ? undefined : points(pipes.segments, 2 * first, 2 * last + 2)
      }
      default:
        return undefined
    }
  }
}

/** Id of the pipe nearest to a place (degrees): what an isolation would be planned around. */
export function nearestPipe(geometry: MapGeometry, lon: number, lat: number): string | undefined {
  const grid = gridOfSegments(geometry.pipes.segments, Math.cos((geometry.meta.origin[1] * Math.PI) / 180))
  const segment = grid.nearest(lon - geometry.meta.origin[0], lat - geometry.meta.origin[1], 0.01)
  return segment < 0 ? undefined : geometry.meta.pipe_ids[geometry.pipes.segmentPipe[segment] ?? -1]
}

/** Where an alarm without own coordinates is drawn: the middle of its zone. */
export function middleOfZone(geometry: MapGeometry, zone: string): readonly [lon: number, lat: number] | undefined {
  const number = geometry.zoneNumber.get(zone)
  if (number === undefined) return undefined
  const [x, y] = centreOfRing(geometry.zones.xy, geometry.zones.start, number)
  return [geometry.meta.origin[0] + x, geometry.meta.origin[1] + y]
}
