import { decodeColumns, type EstimateMeta } from '@gastwin/server/contract'

/** An estimate older than this, ms of event time, says little about now. */
const OLD_MS = 15 * 60_000
/** Root mean square of the residuals, standard deviations: above it model and readings contradict each other. */
const MISFIT = 3

/** The state estimate of every pipe, in the map's numbering; units as in the contract. */
export interface PipeEstimate {
  readonly meta: EstimateMeta
  readonly pressure: Float32Array
  readonly pressureSigma: Float32Array
  readonly flow: Float32Array
  readonly flowSigma: Float32Array
  readonly velocity: Float32Array
  /** 0 … 255: share of the first uncertainty that is left. */
  readonly blind: Uint8Array
}

/** Why an estimate is not to be trusted like a good one. */
export type EstimateDoubt = 'waiting' | 'stalled' | 'no_source' | 'old' | 'misfit'

/** @throws RangeError when the body is not GMC1, or a column is missing or has another type or length than the others */
export function readEstimate(body: ArrayBuffer): PipeEstimate {
  const { columns, meta } = decodeColumns(body)
  const blind = columns['pipe_blind']
  if (!(blind instanceof Uint8Array)) throw new RangeError('estimate: pipe_blind is missing')
  const f32 = (name: string): Float32Array => {
    const found = columns[name]
    if (!(found instanceof Float32Array) || found.length !== blind.length)
      throw new RangeError(`estimate: column ${name} is missing or does not fit`)
    return found
  }
  return {
    meta: meta as EstimateMeta,
    pressure: f32('pipe_pressure'),
    pressureSigma: f32('pipe_pressure_sigma'),
    flow: f32('pipe_flow'),
    flowSigma: f32('pipe_flow_sigma'),
    velocity: f32('pipe_velocity'),
    blind,
  }
}

/** @param now event time, Unix ms. @returns the gravest first; empty for an estimate that can be believed */
export function doubtsOf({ status, at, misfit }: EstimateMeta, now: number): readonly EstimateDoubt[] {
  if (status === 'waiting') return ['waiting']
  return [
    ...(status === 'converged' ? [] : [status]),
    ...(now - at > OLD_MS ? (['old'] as const) : []),
    ...(misfit !== null && misfit > MISFIT ? (['misfit'] as const) : []),
  ]
}
