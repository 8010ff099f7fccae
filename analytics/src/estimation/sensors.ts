import { type Network, RTU_CHANNELS } from '@gastwin/twin'

export const PRESSURE_SENSOR = 0
export const FLOW_SENSOR = 1

/** Instruments of the network as columns, one row each; an RTU with pressure and flow has two rows. */
export interface Sensors {
  readonly count: number
  /** Id of the RTU. */
  readonly ids: readonly string[]
  /** Row of the RTU in the network. */
  readonly rtu: Int32Array
  /** PRESSURE_SENSOR (Pa absolute) or FLOW_SENSOR (kg/s, positive from → to). */
  readonly kind: Uint8Array
  /** Node number of a pressure, edge number of a flow. */
  readonly place: Int32Array
  /** One standard deviation of a single sample, Pa or kg/s: noise and the step of the reading together. */
  readonly noise: Float64Array
  /** One standard deviation of the part of a sample's noise that grows with the reading, as a share of it. */
  readonly relativeNoise: Float64Array
  /** One standard deviation of what does not change: an offset in Pa of a pressure, a relative gain of a flow. */
  readonly fixedError: Float64Array
  /** Smallest difference between two readings, Pa or kg/s; 0 when unknown. */
  readonly step: Float64Array
}

export interface InstrumentClass {
  /** Of the span: bound of the fixed offset, and one standard deviation of the noise. */
  readonly offsetOfSpan: number
  readonly noiseOfSpan: number
  /** Span where the document names none, Pa. */
  readonly usualSpanPa: number
  /** Step of a pressure reading, Pa. */
  readonly stepPa: number
  /** Of the reading: bound of a flow's fixed gain error, and one standard deviation of its noise. */
  readonly flowGain: number
  readonly flowNoise: number
  /** One standard deviation of a flow's noise that does not depend on the reading, kg/s. */
  readonly flowFloorKgS: number
}

/** Transmitters of class 0.1 and custody-transfer flow meters. */
export const INSTRUMENTS: InstrumentClass = {
  offsetOfSpan: 0.001,
  noiseOfSpan: 0.00015,
  usualSpanPa: 160_000,
  stepPa: 5,
  flowGain: 0.005,
  flowNoise: 0.002,
  flowFloorKgS: 2e-5,
}

const PRESSURE_BIT = 1 << RTU_CHANNELS.indexOf('pressure')
const FLOW_BIT = 1 << RTU_CHANNELS.indexOf('flow')

/** The pressures and flows that the network's RTUs measure, with what is known of their errors. */
export function sensorsOf(network: Network, instruments: Partial<InstrumentClass> = {}): Sensors {
  const own = { ...INSTRUMENTS, ...instruments }
  const { rtus, edges } = network
  const rows: { rtu: number; kind: number; place: number; noise: number; fixed: number; step: number }[] = []
  for (let rtu = 0; rtu < rtus.count; rtu++) {
    const channels = rtus.channels[rtu] ?? 0
    const edge = rtus.edge[rtu] ?? -1
    const node = (rtus.node[rtu] ?? -1) >= 0 ? (rtus.node[rtu] ?? -1) : (edges.to[edge] ?? -1)
    if ((channels & PRESSURE_BIT) !== 0 && node >= 0) {
      const span = network.document.rtus[rtu]?.span_pa ?? own.usualSpanPa
      const noise = Math.hypot(own.noiseOfSpan * span, own.stepPa / Math.sqrt(12))
      // A bound on a fixed offset that may lie anywhere within it.
      const fixed = (own.offsetOfSpan * span) / Math.sqrt(3)
      rows.push({ rtu, kind: PRESSURE_SENSOR, place: node, noise, fixed, step: own.stepPa })
    }
    if ((channels & FLOW_BIT) !== 0 && edge >= 0)
      rows.push({
        rtu,
        kind: FLOW_SENSOR,
        place: edge,
        noise: own.flowFloorKgS,
        fixed: own.flowGain / Math.sqrt(3),
        step: 0,
      })
  }
  return {
    count: rows.length,
    ids: rows.map((row) => network.rtus.ids[row.rtu] ?? ''),
    rtu: Int32Array.from(rows, (row) => row.rtu),
    kind: Uint8Array.from(rows, (row) => row.kind),
    place: Int32Array.from(rows, (row) => row.place),
    noise: Float64Array.from(rows, (row) => row.noise),
    relativeNoise: Float64Array.from(rows, (row) => (row.kind === FLOW_SENSOR ? own.flowNoise : 0)),
    fixedError: Float64Array.from(rows, (row) => row.fixed),
    step: Float64Array.from(rows, (row) => row.step),
  }
}
