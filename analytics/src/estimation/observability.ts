import type { StateEstimate } from './state-estimate.ts'

/** How much of the prior uncertainty measurements leave: 0 all known, 1 blind, NaN where no gas is. */
export interface Observability {
  /** Float64Array[nodes]. */
  readonly pressure: Float64Array
  /** Float64Array[edges]. */
  readonly flow: Float64Array
  /** Nodes and edges that stay blind. */
  readonly blindNodes: Int32Array
  readonly blindEdges: Int32Array
}

/**
 * Which parts of the network the instruments see.
 * @param blindFrom  share of the prior standard deviation that must be left for a place to count as blind
 */
export function observability(estimate: StateEstimate, blindFrom = 0.8): Observability {
  const share = (after: Float64Array, before: Float64Array, known: (i: number) => boolean) =>
    after.map((sigma, i) =>
      known(i) && (before[i] as number) > 0 ? Math.min(1, sigma / (before[i] as number)) : Number.NaN,
    )
  const pressure = share(
    estimate.pressureSigma,
    estimate.pressurePriorSigma,
    (i) => (estimate.pressure[i] as number) > 0,
  )
  const flow = share(estimate.flowSigma, estimate.flowPriorSigma, () => true)
  const blind = (column: Float64Array) =>
    Int32Array.from(column.keys()).filter((i) => (column[i] as number) >= blindFrom)
  return { pressure, flow, blindNodes: blind(pressure), blindEdges: blind(flow) }
}
