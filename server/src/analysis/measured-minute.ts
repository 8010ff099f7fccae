import { FLOW_SENSOR, type Sensors, type Snapshot } from '@gastwin/analytics'
import { type Network, referenceDensity } from '@gastwin/twin'
import type { UseByNode } from './use-by-node.ts'

/** A value older than this says nothing about the present, ms. */
const FRESH_MS = 12 * 60_000
/** What all homes of a zone have in common beyond what the zone's inlets measure, and without them. */
const COMMON_KNOWN = 0.1
const COMMON_UNKNOWN = 0.6
/** Homes of a zone take between these multiples of their mean. */
const LEAST_LEVEL = 0.02
const MOST_LEVEL = 8
/** Where nothing is known a node may still take something, m³/s. */
const LEAST_SIGMA = 2e-6

/** The newest value of every instrument, and what that says about one minute. */
export class MeasuredMinute {
  readonly #network: Network
  readonly #sensors: Sensors
  readonly #density: number
  readonly #at: Float64Array
  readonly #value: Float64Array
  readonly #valveOpen: Uint8Array
  readonly #flowSensorOf = new Map<number, number>()
  readonly #sensorsOfRtu: readonly (readonly number[])[]

  constructor(network: Network, sensors: Sensors) {
    this.#network = network
    this.#sensors = sensors
    this.#density = referenceDensity(network.document.fluid)
    this.#at = new Float64Array(sensors.count)
    this.#value = new Float64Array(sensors.count)
    this.#valveOpen = network.edges.open.slice()
    const ofRtu: number[][] = Array.from({ length: network.rtus.count }, () => [])
    for (let s = 0; s < sensors.count; s++) {
      ofRtu[sensors.rtu[s] ?? -1]?.push(s)
      if (sensors.kind[s] === FLOW_SENSOR) this.#flowSensorOf.set(sensors.place[s] ?? -1, s)
    }
    this.#sensorsOfRtu = ofRtu
  }

  /** @param value Pa absolute of a pressure, m³/s at the reference state of a flow */
  takeReading(rtu: number, flow: boolean, at: number, value: number): void {
    for (const s of this.#sensorsOfRtu[rtu] ?? []) {
      if ((this.#sensors.kind[s] === FLOW_SENSOR) !== flow || at < (this.#at[s] ?? 0)) continue
      this.#at[s] = at
      this.#value[s] = flow ? value * this.#density : value
    }
  }

  takeValve(edge: number, open: boolean): void {
    this.#valveOpen[edge] = open ? 1 : 0
  }

  get valveOpen(): Uint8Array {
    return this.#valveOpen
  }

  /** What is known of an instant: readings no older than some minutes, and withdrawals scaled to what each zone takes in. */
  snapshot(at: number, use: UseByNode): Snapshot {
    const { nodes, zones } = this.#network
    const measured = this.#value.map((value, s) => (at - (this.#at[s] ?? 0) <= FRESH_MS ? value : Number.NaN))
    const homes = new Float64Array(zones.count + 1)
    const business = new Float64Array(zones.count + 1)
    const zoneOf = (node: number) => {
      const zone = nodes.zone[node] ?? -1
      return zone < 0 ? zones.count : zone
    }
    for (let node = 0; node < nodes.count; node++) {
      const zone = zoneOf(node)
      homes[zone] = (homes[zone] ?? 0) + (use.homes[node] ?? 0)
      business[zone] = (business[zone] ?? 0) + (use.business[node] ?? 0)
    }
    const level = new Float64Array(zones.count + 1).fill(1)
    const commonSigma = new Float64Array(zones.count + 1).fill(COMMON_UNKNOWN)
    for (let zone = 0; zone < zones.count; zone++) {
      const inflow = this.#inflow(zone, measured)
      if (Number.isNaN(inflow) || !((homes[zone] ?? 0) > 0)) continue
      const found = (inflow / this.#density - (business[zone] ?? 0)) / (homes[zone] ?? 1)
      level[zone] = Math.min(MOST_LEVEL, Math.max(LEAST_LEVEL, found))
      commonSigma[zone] = COMMON_KNOWN
    }
    const withdrawal = new Float64Array(nodes.count)
    const commonPart = new Float64Array(nodes.count)
    const sigma = new Float64Array(nodes.count)
    for (let node = 0; node < nodes.count; node++) {
      const scale = (level[zoneOf(node)] ?? 1) * this.#density
      commonPart[node] = (use.homes[node] ?? 0) * scale
      withdrawal[node] = (commonPart[node] ?? 0) + (use.business[node] ?? 0) * this.#density
      const own = Math.sqrt(use.variance[node] ?? 0) * scale
      sigma[node] = (withdrawal[node] ?? 0) > 0 ? Math.max(own, LEAST_SIGMA * this.#density) : 0
    }
    return {
      at,
      measured,
      withdrawal,
      withdrawalSigma: sigma,
      commonPart,
      commonSigma,
      valveOpen: this.#valveOpen.slice(),
    }
  }

  /** Unix ms of the newest value of a sensor, and the value; NaN when it is silent. */
  newest(sensor: number, at: number): number {
    return at - (this.#at[sensor] ?? 0) <= FRESH_MS ? (this.#value[sensor] ?? Number.NaN) : Number.NaN
  }

  /** kg/s into a zone; NaN where an inlet is not measured. */
  #inflow(zone: number, measured: Float64Array): number {
    const inlets = this.#network.zones.inlets[zone] ?? []
    if (inlets.length === 0) return Number.NaN
    return inlets.reduce(
      (sum, { edge, sign }) => sum + sign * (measured[this.#flowSensorOf.get(edge) ?? -1] ?? Number.NaN),
      0,
    )
  }
}
