import type { CalibrationOptions, SuspectedDiameter } from './calibration.ts'
import type { CalibrationRounds, Round } from './calibration-rounds.ts'
import { diameterShift } from './friction-prior.ts'

const USUAL_SHARE = 0.02
/** Nominal sizes to either side that are thought of. */
const NEIGHBOURS = 2
/** Logarithm of the odds from which another diameter is worth solving for; the linear evidence exaggerates either way. */
const TRIED = -30
const REPORTED = 0.05
/** A flow that nothing diverts. */
const STIFF = 1e6

export interface DiameterHypothesis {
  readonly edge: number
  readonly diameterM: number
  /** Shift of the logarithm of the friction factor. */
  readonly shift: number
}

/** Other diameters a pipe may have: the neighbours among those that exist. */
export class DiameterSearch {
  readonly accepted = new Map<number, DiameterHypothesis>()
  readonly #rounds: CalibrationRounds
  readonly #diameterOf: Float64Array
  readonly #diameters: readonly number[]
  readonly #share: number
  readonly #weighed = new Map<string, { readonly hypothesis: DiameterHypothesis; readonly probability: number }>()
  #bypass: Float64Array = new Float64Array(0)
  readonly #refused = new Set<string>()

  constructor(rounds: CalibrationRounds, diameterM: Float64Array, options: CalibrationOptions) {
    this.#rounds = rounds
    this.#diameterOf = diameterM
    const own = [...new Set(diameterM)].filter((d) => d > 0)
    this.#diameters = [...(options.diameters ?? own)].sort((a, b) => a - b)
    this.#share = options.wrongDiameterShare ?? USUAL_SHARE
  }

  /** The most promising other diameters, best first, by the linear equations. */
  propose(round: Round, most: number): DiameterHypothesis[] {
    if (this.#share <= 0) return []
    this.#measureBypass()
    const { active, layout } = this.#rounds
    const found: { readonly hypothesis: DiameterHypothesis; readonly odds: number }[] = []
    for (let a = 0; a < active.length; a++) {
      const edge = active[a] as number
      if (edge >= layout.edges || this.accepted.has(edge)) continue
      for (const hypothesis of this.#alternatives(edge)) {
        if (this.#refused.has(key(hypothesis))) continue
        const odds = this.priorOdds() + this.#evidence(round, [[a, hypothesis.shift]])
        if (odds > TRIED) found.push({ hypothesis, odds })
      }
    }
    return found
      .sort((x, y) => y.odds - x.odds)
      .slice(0, most)
      .map(({ hypothesis }) => hypothesis)
  }

  accept(hypothesis: DiameterHypothesis): void {
    this.accepted.set(hypothesis.edge, hypothesis)
    this.#rounds.centre[hypothesis.edge] = hypothesis.shift
    this.#rounds.friction[hypothesis.edge] = hypothesis.shift
  }

  /** Takes a trial back. @param forGood  it is not proposed again */
  refuse(hypothesis: DiameterHypothesis, forGood: boolean): void {
    this.accepted.delete(hypothesis.edge)
    if (forGood) this.#refused.add(key(hypothesis))
    this.#rounds.centre[hypothesis.edge] = 0
    this.#rounds.friction[hypothesis.edge] = 0
  }

  /** Logarithm of the odds of one certain other diameter before anything was measured. */
  priorOdds(): number {
    return Math.log(this.#share / (2 * NEIGHBOURS) / (1 - this.#share))
  }

  /**
   * Keeps one turn's trials: the hypotheses of a turn exclude each other, and one of them, or none, is true.
   * @param costs  half sums of squares that each leaves, `none` that of the document's diameters
   */
  weigh(trials: readonly { readonly hypothesis: DiameterHypothesis; readonly cost: number }[], none: number): void {
    const odds = trials.map(({ cost }) => Math.exp(Math.min(500, none - cost + this.priorOdds())))
    const total = odds.reduce((sum, o) => sum + o, 1)
    trials.forEach(({ hypothesis }, i) => {
      const before = this.#weighed.get(key(hypothesis))?.probability ?? 0
      const probability = 1 - (1 - before) * (1 - (odds[i] as number) / total)
      this.#weighed.set(key(hypothesis), { hypothesis, probability })
    })
  }

  suspects(): SuspectedDiameter[] {
    return [...this.#weighed.values()]
      .filter(({ probability }) => probability >= REPORTED)
      .map(({ hypothesis: { edge, diameterM, shift }, probability }) => ({
        edge,
        factor: Math.exp(shift),
        diameterM,
        probability,
      }))
      .sort((a, b) => b.probability - a.probability)
  }

  #alternatives(edge: number): DiameterHypothesis[] {
    const diameter = this.#diameterOf[edge] as number
    if (!(diameter > 0)) return []
    const smaller = this.#diameters.filter((d) => d < diameter * 0.97).slice(-NEIGHBOURS)
    const larger = this.#diameters.filter((d) => d > diameter * 1.03).slice(0, NEIGHBOURS)
    const { model } = this.#rounds.linear
    return [...smaller, ...larger].map((diameterM) => ({
      edge,
      diameterM,
      shift: diameterShift(model, edge, diameter, diameterM),
    }))
  }

  /**
   * Logarithm of the Bayes factor for moving the prior centres of some friction factors, exact for linear equations.
   */
  #evidence(round: Round, shifts: readonly (readonly [active: number, shift: number])[]): number {
    const n = this.#rounds.active.length
    const scaled = shifts.map(([a, shift]) => [a, this.#effect(a, shift) / this.#rounds.deviation(a)] as const)
    let sum = 0
    for (const [a, s] of scaled) {
      sum += s * (round.mean[a] as number) - (s * s) / 2
      for (const [b, other] of scaled) sum += (s * other * (round.covariance[a * n + b] as number)) / 2
    }
    return sum
  }

  /**
   * How far a change of the logarithm goes in terms of a small one. Seen from the pipe the rest of the network is a pressure
   * difference behind a resistance τ (in units of the pipe's loss per flow): f u² + τ u = 1 + τ gives the pipe's new flow.
   */
  #effect(a: number, shift: number): number {
    const tau = this.#bypass[a] as number
    const f = Math.exp(shift)
    const u = (2 * (1 + tau)) / (tau + Math.sqrt(tau * tau + 4 * f * (1 + tau)))
    return (1 - u) * (2 + tau)
  }

  /** τ of every active pipe at the linearised instant. */
  #measureBypass(): void {
    const { active, layout, linear } = this.#rounds
    const { from, to } = linear.model
    const weight = new Float64Array(layout.nodes)
    const multiplier = new Float64Array(layout.nodes)
    this.#bypass = Float64Array.from(active, (edge) => {
      const g = edge < layout.edges ? (linear.conductance[edge] as number) : 0
      if (g === 0) return STIFF
      const a = from[edge] as number
      const b = to[edge] as number
      weight.fill(0)
      weight[a] = g
      weight[b] = -g
      linear.adjoint(weight, -1, multiplier)
      const across = (multiplier[a] as number) - (multiplier[b] as number)
      const flow = (linear.lostByFriction[edge] as number) * (1 - across)
      const tau = Math.abs(linear.massFlow[edge] as number) / Math.abs(flow) - 2
      return Math.min(STIFF, Math.max(0, Number.isNaN(tau) ? STIFF : tau))
    })
  }
}

function key({ edge, diameterM }: DiameterHypothesis): string {
  return `${edge} ${diameterM}`
}
