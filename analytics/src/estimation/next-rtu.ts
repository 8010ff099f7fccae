import { quantityRow } from './measurement-rows.ts'
import { timesCovariance } from './parameters.ts'
import type { StateEstimator } from './state-estimator.ts'

/** Candidates worked out exactly for the leak's sake; they are the best of all by the pressures' uncertainty. */
const MOST_EXACT = 200

export interface RtuPlace {
  /** Node number. */
  readonly node: number
  /** Present standard deviation of its pressure, Pa. */
  readonly sigmaPa: number
  /** Share of the sum of all pressures' variances (each with its weight) that a transmitter here would take away. */
  readonly pressureGain: number
  /**
   * Share by which a transmitter here would narrow the size of a leak, one standard deviation, on average over where it may be; NaN
   * where not asked for.
   */
  readonly leakGain: number
}

export interface NextRtuOptions {
  /** What counts: `pressure` (default) or `leak`. */
  readonly aim?: 'pressure' | 'leak'
  /** One standard deviation of the transmitter's whole error, Pa; that of class 0.1 with 160 kPa span when missing. */
  readonly noisePa?: number
  /** Float64Array[nodes]: weight of each node; 1 when missing. */
  readonly weight?: Float64Array
  /** How many to return; 10 when missing. */
  readonly count?: number
}

/**
 * Where one more pressure transmitter would help most, best first, at the estimator's last estimate with standard deviations.
 * @param candidates  node numbers; those without gas and those with nothing to learn come last or not at all
 */
export function bestNextRtu(
  estimator: StateEstimator,
  candidates: Int32Array,
  options: NextRtuOptions = {},
): RtuPlace[] {
  const { spread, layout } = estimator
  const { nodes } = layout
  const { stride } = spread
  const noise = (options.noisePa ?? 95) ** 2
  const modes = spread.directions
  const weightOf = (node: number) => options.weight?.[node] ?? 1
  // Between directions: Σ weight · mode · modeᵀ over nodes.
  const together = new Float64Array(modes * modes)
  let total = 0
  for (let a = 0; a < modes; a++)
    for (let b = 0; b <= a; b++) {
      let sum = 0
      for (let i = 0; i < nodes; i++)
        sum += weightOf(i) * (spread.modes[a * stride + i] as number) * (spread.modes[b * stride + i] as number)
      together[a * modes + b] = sum
      together[b * modes + a] = sum
      if (a === b) total += sum
    }
  const places: RtuPlace[] = []
  for (const node of candidates) {
    const sigmaPa = spread.pressureSigma[node] ?? 0
    if (!(sigmaPa > 0) || total === 0) continue
    let gain = 0
    for (let a = 0; a < modes; a++) {
      const own = spread.modes[a * stride + node] as number
      if (own === 0) continue
      for (let b = 0; b < modes; b++)
        gain += own * (together[a * modes + b] as number) * (spread.modes[b * stride + node] as number)
    }
    places.push({ node, sigmaPa, pressureGain: gain / (sigmaPa * sigmaPa + noise) / total, leakGain: Number.NaN })
  }
  places.sort((x, y) => y.pressureGain - x.pressureGain)
  const count = options.count ?? 10
  if (options.aim !== 'leak') return places.slice(0, count)
  const visible = new LeakSight(estimator)
  return places
    .slice(0, MOST_EXACT)
    .map((place) => ({ ...place, leakGain: visible.gain(place.node, noise, weightOf) }))
    .sort((x, y) => y.leakGain - x.leakGain)
    .slice(0, count)
}

/** How well the present readings tell the size of a leak at each node, and how much better with one more. */
class LeakSight {
  readonly #estimator: StateEstimator
  /** Σ (∂reading/∂withdrawal)ᵀ S⁻¹ (…) at each node: 1 / variance of a leak's size there. */
  readonly #information: Float64Array
  readonly #weighed: Float64Array

  constructor(estimator: StateEstimator) {
    this.#estimator = estimator
    const { nodes, size } = estimator.layout
    const { used, inverse } = estimator.evidence
    const m = used.length
    this.#information = new Float64Array(nodes)
    this.#weighed = new Float64Array(m * nodes)
    for (let k = 0; k < m; k++)
      for (let l = 0; l < m; l++) {
        const s = inverse[k * m + l] as number
        const at = (used[l] as number) * size
        for (let i = 0; i < nodes; i++)
          this.#weighed[k * nodes + i] =
            (this.#weighed[k * nodes + i] as number) + s * (estimator.rows[at + i] as number)
      }
    for (let k = 0; k < m; k++)
      for (let i = 0; i < nodes; i++)
        this.#information[i] =
          (this.#information[i] as number) +
          (this.#weighed[k * nodes + i] as number) * (estimator.rows[(used[k] as number) * size + i] as number)
  }

  gain(node: number, noise: number, weightOf: (node: number) => number): number {
    const { layout, linear, prior, rows, commonPart, evidence } = this.#estimator
    const { size, nodes } = layout
    const { used, inverse } = evidence
    const m = used.length
    const row = new Float64Array(size)
    const covarying = new Float64Array(size)
    quantityRow(linear, layout, node, -1, commonPart, new Float64Array(nodes), new Float64Array(nodes), row)
    timesCovariance(layout, prior, row, 1, covarying)
    let variance = noise
    for (let j = 0; j < size; j++) variance += (row[j] as number) * (covarying[j] as number)
    const shared = new Float64Array(m)
    for (let k = 0; k < m; k++) {
      let sum = 0
      const at = (used[k] as number) * size
      for (let j = 0; j < size; j++) sum += (rows[at + j] as number) * (covarying[j] as number)
      shared[k] = sum
    }
    for (let k = 0; k < m; k++)
      for (let l = 0; l < m; l++)
        variance -= (shared[k] as number) * (inverse[k * m + l] as number) * (shared[l] as number)
    let gained = 0
    let total = 0
    for (let i = 0; i < nodes; i++) {
      const before = this.#information[i] as number
      if (!(before > 0)) continue
      let own = row[i] as number
      for (let k = 0; k < m; k++) own -= (shared[k] as number) * (this.#weighed[k * nodes + i] as number)
      gained += weightOf(i) * (1 - Math.sqrt(before / (before + (own * own) / variance)))
      total += weightOf(i)
    }
    return total > 0 ? gained / total : 0
  }
}
