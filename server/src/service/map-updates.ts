import { DEVICE_KINDS, type FleetState, type Network, VALVE_POSITIONS } from '@gastwin/twin'
import { PIPE_STATE, ZONE_STATE } from '../contract/index.ts'
import { MapLayers } from '../live/map-layers.ts'
import type { MapNumbering } from '../views/map-numbering.ts'

/** Carries what changed in the twin over to the map's layers, in the map's numbering. */
export class MapUpdates {
  readonly #network: Network
  readonly #fleet: FleetState
  #numbering: MapNumbering
  #layers: MapLayers

  constructor(network: Network, fleet: FleetState, numbering: MapNumbering, snapshot: number) {
    this.#network = network
    this.#fleet = fleet
    this.#numbering = numbering
    this.#layers = emptyLayers(network, numbering, snapshot)
    this.#drawAll()
  }

  /** Other ones after each `renumber`. */
  get layers(): MapLayers {
    return this.#layers
  }

  /** The network has other meters than before: consoles that see another `snapshot` fetch geometry and state anew. */
  renumber(numbering: MapNumbering, snapshot: number): void {
    this.#numbering = numbering
    this.#layers = emptyLayers(this.#network, numbering, snapshot)
    this.#drawAll()
  }

  /** Draws every device whose state changed since the last call. */
  drawChanged(): void {
    for (const slot of this.#fleet.takeChanged()) this.#draw(slot)
  }

  /**
   * Draws pipes: isolated ones as such, the others by their estimated pressure or that of their zone.
   * @param isolated rows of pipes behind closed valves
   * @param zonePressure Pa absolute by zone, NaN when unknown; `zoneLow` 1 where it is below its limit
   * @param estimated Pa absolute by row of the pipe; the zone's pressure is drawn where there is none
   */
  drawPipes(
    isolated: ReadonlySet<number>,
    suspect: { readonly zones: ReadonlySet<number>; readonly pipes: ReadonlySet<number> },
    zonePressure: Float64Array,
    zoneLow: Uint8Array,
    estimated: Float32Array | undefined,
  ): void {
    const { edges } = this.#network
    const { pipes } = this.layers.layers
    for (let row = 0; row < edges.countOf.pipe; row++) {
      const zone = edges.zone[edges.first.pipe + row] ?? -1
      const own = estimated?.[row] ?? Number.NaN
      const pressure = Number.isNaN(own) ? (zonePressure[zone] ?? Number.NaN) : own
      const state = isolated.has(row)
        ? PIPE_STATE.isolated
        : suspect.pipes.has(row) || suspect.zones.has(zone)
          ? PIPE_STATE.suspect
          : Number.isNaN(pressure)
            ? PIPE_STATE.unknown
            : zoneLow[zone] === 1
              ? PIPE_STATE.low_pressure
              : PIPE_STATE.normal
      pipes.set(this.#numbering.pipes.numberOf[row] ?? 0, state, pressure)
    }
  }

  /** @param rate gap / supply, null when there is none. @param tolerance rates within ± this are normal */
  drawZone(zone: number, rate: number | null, tolerance: number, strong: number): void {
    const size = Math.abs(rate ?? 0)
    const up = (rate ?? 0) > 0
    const state =
      rate === null
        ? ZONE_STATE.no_data
        : size <= tolerance
          ? ZONE_STATE.within
          : size <= strong
            ? up
              ? ZONE_STATE.up
              : ZONE_STATE.down
            : up
              ? ZONE_STATE.up_strong
              : ZONE_STATE.down_strong
    this.layers.layers.zones.set(zone, state, rate ?? Number.NaN)
  }

  #drawAll(): void {
    this.#drawManualValves()
    for (let slot = 0; slot < this.#fleet.count; slot++) this.#draw(slot)
  }

  #draw(slot: number): void {
    const { kind, asset, state } = this.#fleet.columns
    const row = asset[slot] ?? -1
    const { meters, rtus, valves } = this.layers.layers
    const drawn = state[slot] ?? 0
    const kindName = DEVICE_KINDS[kind[slot] ?? 0]
    if (kindName === 'meter') {
      const number = this.#numbering.meters.numberOf[row]
      if (number !== undefined) meters.set(number, drawn)
    } else if (kindName === 'rtu')
      rtus.set(this.#numbering.rtus.numberOf[row] ?? 0, drawn, this.#fleet.rtus.value(slot, 'pressure_pa'))
    else valves.set(this.#numbering.valves.numberOf[row - this.#network.edges.first.valve] ?? 0, drawn)
  }

  /** A valve without an actuator stands as the document says. */
  #drawManualValves(): void {
    const { edges } = this.#network
    for (let v = 0; v < edges.countOf.valve; v++) {
      const open = edges.open[edges.first.valve + v] === 1
      this.layers.layers.valves.set(
        this.#numbering.valves.numberOf[v] ?? 0,
        VALVE_POSITIONS.indexOf(open ? 'open' : 'closed'),
      )
    }
  }
}

function emptyLayers(network: Network, numbering: MapNumbering, snapshot: number): MapLayers {
  return new MapLayers(snapshot, {
    meters: numbering.meters.rowOf.length,
    pipes: network.edges.countOf.pipe,
    rtus: network.rtus.count,
    zones: network.zones.count,
    valves: network.edges.countOf.valve,
  })
}
