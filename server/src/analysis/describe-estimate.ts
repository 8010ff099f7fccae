import type { StateEstimate } from '@gastwin/analytics'
import { referenceDensity, velocities } from '@gastwin/twin'
import type { EstimateMeta } from '../contract/index.ts'
import type { PipeEstimate } from './analysis-messages.ts'
import { type CityWatch, isFlow } from './city-watch.ts'

/** An estimate as it travels to the service: columns of pipes, and what became of each instrument. */
export function describePipes(watch: CityWatch, estimate: StateEstimate): PipeEstimate {
  const { network, estimator } = watch
  const { edges } = network
  const { first, countOf } = edges
  const density = referenceDensity(network.document.fluid)
  const speed = new Float64Array(edges.count)
  velocities(estimator.solver.model, estimate.pressure, estimate.massFlow, speed)
  const pipes = (of: (edge: number) => number) =>
    Float32Array.from({ length: countOf.pipe }, (_, row) => of(first.pipe + row))
  const at = (column: Float64Array, place: number) => column[place] ?? Number.NaN
  const supplied = (edge: number) => !Number.isNaN(at(estimate.pressure, at2(edges.from, edge)))
  const left = (edge: number) => {
    const before = at(estimate.flowPriorSigma, edge)
    return before > 0 ? at(estimate.flowSigma, edge) / before : 1
  }
  return {
    pressureFrom: pipes((edge) => at(estimate.pressure, at2(edges.from, edge))),
    pressureTo: pipes((edge) => at(estimate.pressure, at2(edges.to, edge))),
    pressureSigma: pipes((edge) =>
      Math.max(at(estimate.pressureSigma, at2(edges.from, edge)), at(estimate.pressureSigma, at2(edges.to, edge))),
    ),
    flow: pipes((edge) => (supplied(edge) ? at(estimate.massFlow, edge) / density : Number.NaN)),
    flowSigma: pipes((edge) => at(estimate.flowSigma, edge) / density),
    velocity: pipes((edge) => (supplied(edge) ? at(speed, edge) : Number.NaN)),
    blind: Uint8Array.from({ length: countOf.pipe }, (_, row) =>
      Math.round(255 * Math.min(1, Math.max(0, left(first.pipe + row)))),
    ),
  }
}

const at2 = (column: Int32Array, edge: number) => column[edge] ?? -1

/** Every instrument with what all others say it should show. */
export function describeSensors(watch: CityWatch, estimate: StateEstimate): EstimateMeta['sensors'] {
  const { sensors, network, minute, leftOut } = watch
  const density = referenceDensity(network.document.fluid)
  return sensors.ids.map((rtu, s) => {
    const flow = isFlow(sensors, s)
    const unit = flow ? density : 1
    const number = (value: number) => (Number.isFinite(value) ? value / unit : null)
    const measured = minute.newest(s, estimate.at)
    const residual = estimate.normalised[s] ?? Number.NaN
    const reason = leftOut.get(s) ?? null
    return {
      rtu,
      kind: flow ? 'flow' : 'pressure',
      measured: number(measured),
      expected: number(measured - (estimate.disagreement[s] ?? Number.NaN)),
      residual: Number.isFinite(residual) ? residual : null,
      state: reason !== null ? 'left_out' : Number.isNaN(measured) ? 'silent' : 'used',
      reason,
    }
  })
}

/** Where one more transmitter would help, by id and place. */
export function describeNextRtus(watch: CityWatch): EstimateMeta['next_rtus'] {
  const { nodes, zones } = watch.network
  return watch.nextRtus().map(({ node, pressureGain }) => ({
    node: nodes.ids[node] ?? '',
    lon: nodes.lon[node] ?? Number.NaN,
    lat: nodes.lat[node] ?? Number.NaN,
    zone: zones.ids[nodes.zone[node] ?? -1] ?? null,
    gain: pressureGain,
  }))
}
