import { type Column, encodeColumns, type LayerName, type StateMeta } from '../contract/index.ts'
import { MapLayer } from './map-layer.ts'

const SHARED_FOR_MS = 1000

export type LayerSizes = Readonly<Record<LayerName, number>>

/** All layers of the map under one numbering (`snapshot`), and the state columns a console starts from. */
export class MapLayers {
  readonly snapshot: number
  readonly layers: Readonly<Record<LayerName, MapLayer>>
  #shared: { readonly at: number; readonly body: Uint8Array } | undefined

  /** @param snapshot changes whenever the numbering of the objects changes */
  constructor(snapshot: number, sizes: LayerSizes) {
    this.snapshot = snapshot
    this.layers = {
      meters: new MapLayer('meters', sizes.meters),
      // Steps of 10 Pa above 90 kPa reach 745 kPa absolute: fine enough for 2 kPa districts, far enough for medium pressure A.
      pipes: new MapLayer('pipes', sizes.pipes, { scale: 10, offset: 90_000 }),
      rtus: new MapLayer('rtus', sizes.rtus, { scale: 10, offset: 90_000 }),
      zones: new MapLayer('zones', sizes.zones, { scale: 1 / 30_000, offset: -1 }),
      valves: new MapLayer('valves', sizes.valves),
    }
  }

  get seq(): Record<LayerName, number> {
    const { meters, pipes, rtus, zones, valves } = this.layers
    return { meters: meters.seq, pipes: pipes.seq, rtus: rtus.seq, zones: zones.seq, valves: valves.seq }
  }

  /** GMC1 body of the present state; made at most once a second and shared by all who ask. */
  stateColumns(now: number, wall: number): Uint8Array {
    if (this.#shared !== undefined && wall - this.#shared.at < SHARED_FOR_MS) return this.#shared.body
    const columns: Record<string, Column> = {}
    for (const layer of Object.values(this.layers)) {
      columns[`${layer.name}_state`] = layer.state
      if (layer.value !== undefined) columns[`${layer.name}_value`] = layer.value
    }
    const meta: StateMeta = { snapshot: this.snapshot, seq: this.seq, now }
    const body = encodeColumns(columns, meta)
    this.#shared = { at: wall, body }
    return body
  }
}
