import { PRESSURE_SENSOR } from './sensors.ts'
import type { Snapshot } from './snapshot.ts'
import type { StateEstimate } from './state-estimate.ts'
import type { StateEstimator } from './state-estimator.ts'

const HOUR = 3_600_000
/** Memory of the present disagreement and of the usual one. */
const FAST = 2 * HOUR
const SLOW = 96 * HOUR
/** Until this much has been seen, nothing is called unusual. */
const LEARNING = 24 * HOUR
/** Chance at which equal readings are no coincidence. */
const IMPOSSIBLE = 1e-7
const FEWEST_EQUAL = 4
/** Standard deviations of unusual disagreement from which a sensor is looked at, and at which it is believed again. */
const UNUSUAL = 6
const USUAL = 2.5
/** Unusual disagreement enters the memory of usual ones as no more than this many standard deviations. */
const WINSOR = 2
/** How much better one sensor's fault must explain the readings than any withdrawal, in units of squared standard deviations. */
const CLEARLY = 9
/** Readings in a row that must fit before a sensor is believed again. */
const FITS = 12

export interface SensorVerdict {
  /** Row of the sensor. */
  readonly sensor: number
  /**
   * `stuck` and `drift`: taken out. `withdrawal`: it disagrees together with others, as gas taken somewhere would make them; it stays.
   * `recovered`: believed again.
   */
  readonly kind: 'stuck' | 'drift' | 'withdrawal' | 'recovered'
  /** Unix ms. */
  readonly at: number
  /** Unusual disagreement in its standard deviations; of `stuck`, equal readings. */
  readonly score: number
  /** Pa or kg/s by which it departs from what the others say. */
  readonly departure: number
  /** Of `withdrawal`: the node whose withdrawal explains the readings best. */
  readonly node?: number
}

/**
 * Watches sensors over time: names those that stand still or drift and takes them out of estimates, without taking out those that
 * tell of a leak. Every sensor's disagreement with all others is compared with its own usual one, so that what calibration could
 * not explain is no alarm.
 */
export class SensorWatch {
  /** 1 for sensors that are not to be believed; hand it to the estimator. */
  readonly leftOut: Uint8Array
  readonly #estimator: StateEstimator
  readonly #state: Uint8Array
  readonly #value: Float64Array
  readonly #equal: Int32Array
  readonly #fast: Float64Array
  readonly #slow: Float64Array
  readonly #variance: Float64Array
  readonly #innovation: Float64Array
  readonly #usualInnovation: Float64Array
  readonly #seen: Float64Array
  readonly #fits: Int32Array
  readonly #score: Float64Array
  #before = Number.NaN

  constructor(estimator: StateEstimator) {
    const { count } = estimator.sensors
    this.#estimator = estimator
    this.leftOut = new Uint8Array(count)
    this.#state = new Uint8Array(count)
    this.#value = new Float64Array(count).fill(Number.NaN)
    this.#equal = new Int32Array(count)
    this.#fast = new Float64Array(count)
    this.#slow = new Float64Array(count)
    this.#variance = new Float64Array(count)
    this.#innovation = new Float64Array(count)
    this.#usualInnovation = new Float64Array(count)
    this.#seen = new Float64Array(count)
    this.#fits = new Int32Array(count)
    this.#score = new Float64Array(count)
  }

  /** Takes one estimate, in order of time; what changed. */
  step(estimate: StateEstimate, snapshot: Snapshot): SensorVerdict[] {
    const verdicts: SensorVerdict[] = []
    const elapsed = Number.isNaN(this.#before) ? 0 : Math.max(0, snapshot.at - this.#before)
    this.#before = snapshot.at
    this.#countEqual(snapshot, verdicts)
    if (estimate.status !== 'estimated') return verdicts
    this.#follow(estimate, elapsed)
    this.#judge(estimate, snapshot.at, verdicts)
    return verdicts
  }

  #countEqual(snapshot: Snapshot, verdicts: SensorVerdict[]): void {
    const { sensors } = this.#estimator
    for (let k = 0; k < sensors.count; k++) {
      const value = snapshot.measured[k] as number
      if (Number.isNaN(value)) continue
      const same = value === this.#value[k]
      this.#equal[k] = same ? (this.#equal[k] as number) + 1 : 0
      this.#value[k] = value
      if (this.#state[k] === STUCK) continue
      const noise = (sensors.noise[k] as number) / Math.sqrt(snapshot.samples ?? 1)
      const step = sensors.step[k] as number
      const chance = step > 0 ? Math.min(0.9, step / (2 * Math.sqrt(Math.PI) * noise)) : 1e-3
      const equal = this.#equal[k] as number
      if (equal < FEWEST_EQUAL || chance ** equal > IMPOSSIBLE) continue
      this.#state[k] = STUCK
      this.#takeOut(k)
      verdicts.push({ sensor: k, kind: 'stuck', at: snapshot.at, score: equal + 1, departure: 0 })
    }
  }

  #takeOut(k: number): void {
    this.leftOut[k] = 1
    this.#fits[k] = 0
  }

  /** Follows present and usual disagreements and innovations. */
  #follow(estimate: StateEstimate, elapsed: number): void {
    const quick = 1 - Math.exp(-elapsed / FAST)
    const { used, innovation } = this.#estimator.evidence
    used.forEach((k, i) => {
      const seen = this.#seen[k] as number
      const share = Math.max(quick, elapsed / (seen + elapsed + 1))
      const e = innovation[i] as number
      this.#innovation[k] = (this.#innovation[k] as number) + share * (e - (this.#innovation[k] as number))
      const calm = (this.#score[k] as number) < USUAL ? 1 - Math.exp(-elapsed / SLOW) : 0
      const slow = seen < LEARNING ? elapsed / (seen + elapsed + 1) : calm
      this.#usualInnovation[k] =
        (this.#usualInnovation[k] as number) + slow * (e - (this.#usualInnovation[k] as number))
    })
    for (let k = 0; k < this.leftOut.length; k++) {
      const d = estimate.disagreement[k] as number
      if (Number.isNaN(d)) continue
      const seen = this.#seen[k] as number
      const share = Math.max(quick, elapsed / (seen + elapsed + 1))
      this.#fast[k] = (this.#fast[k] as number) + share * (d - (this.#fast[k] as number))
      if (this.leftOut[k] === 1) continue
      const slow =
        seen < LEARNING ? elapsed / (seen + elapsed + 1) : this.#state[k] === CALM ? 1 - Math.exp(-elapsed / SLOW) : 0
      // What is being judged must not become the usual.
      if ((this.#score[k] as number) < USUAL)
        this.#slow[k] = (this.#slow[k] as number) + slow * (d - (this.#slow[k] as number))
      const off = (this.#fast[k] as number) - (this.#slow[k] as number)
      const variance = this.#variance[k] as number
      const most = seen < LEARNING ? Number.POSITIVE_INFINITY : WINSOR * WINSOR * variance
      this.#variance[k] = variance + slow * (Math.min(off * off, most) - variance)
      this.#seen[k] = seen + elapsed
    }
  }

  #judge(estimate: StateEstimate, at: number, verdicts: SensorVerdict[]): void {
    const { sensors } = this.#estimator
    let worst = -1
    let worstScore = UNUSUAL
    for (let k = 0; k < sensors.count; k++) {
      if (Number.isNaN(estimate.disagreement[k] as number) || (this.#seen[k] as number) < LEARNING) continue
      const score = this.#scoreOf(k, estimate)
      this.#score[k] = score
      if (this.leftOut[k] === 1) {
        this.#believeAgain(k, score, at, verdicts)
        continue
      }
      if (score < USUAL) this.#state[k] = CALM
      if (score > worstScore) {
        worst = k
        worstScore = score
      }
    }
    if (worst < 0) return
    const departure = (this.#fast[worst] as number) - (this.#slow[worst] as number)
    const { one, other, node } = this.#explain(worst)
    if (sensors.kind[worst] !== PRESSURE_SENSOR || one < other + CLEARLY) {
      if (this.#state[worst] === CALM)
        verdicts.push({ sensor: worst, kind: 'withdrawal', at, score: worstScore, departure, node })
      this.#state[worst] = WITHDRAWAL
      return
    }
    this.#state[worst] = DRIFT
    this.#takeOut(worst)
    verdicts.push({ sensor: worst, kind: 'drift', at, score: worstScore, departure })
  }

  #scoreOf(k: number, estimate: StateEstimate): number {
    const off = (this.#fast[k] as number) - (this.#slow[k] as number)
    // At least a third of what one estimate leaves open: errors of demand last for hours.
    const z = estimate.normalised[k] as number
    const single = z === 0 ? 0 : (estimate.disagreement[k] as number) / z
    return Math.abs(off) / Math.max(Math.sqrt(this.#variance[k] as number), single / 3, 1e-12)
  }

  #believeAgain(k: number, score: number, at: number, verdicts: SensorVerdict[]): void {
    const fits = score < USUAL && (this.#equal[k] as number) === 0
    this.#fits[k] = fits ? (this.#fits[k] as number) + 1 : 0
    if ((this.#fits[k] as number) < FITS) return
    this.leftOut[k] = 0
    this.#state[k] = CALM
    verdicts.push({ sensor: k, kind: 'recovered', at, score, departure: 0 })
  }

  /**
   * Unusual innovations of all sensors, explained by a fault of one and by a withdrawal at the best node: squared standard deviations
   * that each takes away.
   */
  #explain(suspect: number): { readonly one: number; readonly other: number; readonly node: number } {
    const { layout, rows, evidence } = this.#estimator
    const { used, inverse } = evidence
    const { size, nodes } = layout
    const m = used.length
    const pull = new Float64Array(m)
    for (let k = 0; k < m; k++)
      for (let l = 0; l < m; l++) {
        const j = used[l] as number
        const e = (this.#innovation[j] as number) - (this.#usualInnovation[j] as number)
        pull[k] = (pull[k] as number) + (inverse[k * m + l] as number) * e
      }
    const at = used.indexOf(suspect)
    const one = at < 0 ? 0 : (pull[at] as number) ** 2 / (inverse[at * m + at] as number)
    let other = 0
    let node = -1
    const effect = new Float64Array(m)
    for (let i = 0; i < nodes; i++) {
      let along = 0
      for (let k = 0; k < m; k++) {
        effect[k] = rows[(used[k] as number) * size + i] as number
        along += (effect[k] as number) * (pull[k] as number)
      }
      // Gas leaves a pipe; it does not come in.
      if (along <= 0) continue
      let square = 0
      for (let k = 0; k < m; k++) {
        const x = effect[k] as number
        if (x === 0) continue
        for (let l = 0; l < m; l++) square += x * (inverse[k * m + l] as number) * (effect[l] as number)
      }
      const explained = (along * along) / square
      if (explained > other) {
        other = explained
        node = i
      }
    }
    return { one, other, node }
  }
}

const CALM = 0
const STUCK = 1
const DRIFT = 2
const WITHDRAWAL = 3
