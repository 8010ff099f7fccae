import { compileHydraulics, type Network } from '@gastwin/twin'
import type { CalibrationOptions } from './calibration.ts'
import { choleskyInPlace, invertCholesky, solveCholesky, solveLower } from './dense-symmetric.ts'
import { Evidence } from './evidence.ts'
import { expectedReadings, Forward, noiseVariance } from './forward.ts'
import { frictionSigma } from './friction-prior.ts'
import { LinearNetwork } from './linear-network.ts'
import { measurementRows } from './measurement-rows.ts'
import { type ParameterLayout, type Prior, parameterLayout, takeSnapshot } from './parameters.ts'
import type { Sensors } from './sensors.ts'
import type { Snapshot } from './snapshot.ts'

/** Friction factors and lasting errors of withdrawals that are estimated at most; others keep their prior and add to the noise. */
const MOST_FRICTIONS = 800
const MOST_NODES = 400
/** Information about a parameter, relative to its prior, below which it is not estimated. */
const WORTHWHILE = 0.01
/** Standard deviation of given pressures, as a share of them, that leaves them to the instruments. */
const UNKNOWN_SHARE = 0.1
const USUAL_LASTING_ERROR = 0.1
/** Snapshots looked at to choose them. */
const PROBED = 10
/** Largest change of a logarithm of a friction factor in one round. */
const LONGEST_STEP = 0.7

/** What one round over all snapshots left behind. */
export interface Round {
  readonly used: number
  /** Largest change of a parameter, in prior standard deviations. */
  readonly change: number
  /** Half the sum of squares that the round began with: residuals and distance from the prior. */
  readonly cost: number
  readonly measurements: number
  readonly squares: number
  /** Sums per sensor over its residual against all others, in standard deviations: count, z, z², and z against place in time. */
  readonly against: {
    readonly count: Float64Array
    readonly sum: Float64Array
    readonly squares: Float64Array
    readonly byTime: Float64Array
  }
  /** Of the scaled active parameters. */
  readonly mean: Float64Array
  readonly covariance: Float64Array
}

/**
 * Gauss–Newton over all snapshots for what lasts: friction factors, fixed errors of sensors, lasting errors of withdrawals. What
 * belongs to one instant (withdrawals, source pressures) is integrated out, and followed only as the point to linearise at.
 */
export class CalibrationRounds {
  readonly layout: ParameterLayout
  readonly linear: LinearNetwork
  readonly sensors: Sensors
  /** Prior centre of the logarithm of each friction factor: not zero for a pipe of another diameter. */
  readonly centre: Float64Array
  readonly sigma: Float64Array
  /** log friction, fixed errors, relative lasting errors of withdrawals. */
  readonly friction: Float64Array
  readonly fixedError: Float64Array
  readonly lasting: Float64Array
  readonly leftOut: Uint8Array
  /** Standard deviation of lasting errors of withdrawals, relative. */
  readonly lastingSigma: number
  /** Active parameters: edge, edges + sensor, edges + sensors + node. */
  active: Int32Array = new Int32Array(0)
  /** Per snapshot and source: estimated pressure and flow, NaN where unused. */
  readonly sourcePressure: Float64Array
  readonly sourceFlow: Float64Array
  readonly #snapshots: readonly Snapshot[]
  readonly #forward: Forward
  readonly #passing: Float64Array[] = []
  readonly #prior: Prior
  readonly #parameters: Float64Array
  readonly #rows: Float64Array
  readonly #expected: Float64Array
  #isActive: Uint8Array = new Uint8Array(0)

  constructor(network: Network, sensors: Sensors, snapshots: readonly Snapshot[], options: CalibrationOptions) {
    const solver = compileHydraulics(network)
    this.layout = parameterLayout(network, solver.model, sensors)
    this.linear = new LinearNetwork(solver.model)
    this.sensors = sensors
    this.#snapshots = snapshots
    this.#forward = new Forward(solver, this.layout)
    this.centre = new Float64Array(this.layout.edges)
    this.sigma = frictionSigma(solver.model, options.roughnessError, options.resistanceError)
    this.friction = new Float64Array(this.layout.edges)
    this.fixedError = new Float64Array(sensors.count)
    this.lasting = new Float64Array(this.layout.nodes)
    this.leftOut = new Uint8Array(sensors.count)
    this.lastingSigma = options.lastingDemandError ?? USUAL_LASTING_ERROR
    const { size } = this.layout
    this.#prior = { mean: new Float64Array(size), sigma: new Float64Array(size), known: undefined }
    this.#parameters = new Float64Array(size)
    this.#rows = new Float64Array(sensors.count * size)
    this.#expected = new Float64Array(sensors.count)
    const sources = solver.model.sourceNode.length
    this.sourcePressure = new Float64Array(snapshots.length * sources).fill(Number.NaN)
    this.sourceFlow = new Float64Array(snapshots.length * sources).fill(Number.NaN)
  }

  /** One round: linearises every snapshot, gathers the evidence, moves to the posterior mean. */
  run(): Round {
    if (this.active.length === 0) this.chooseActive()
    const count = this.sensors.count
    const evidence = new Evidence(this.active.length)
    const against = {
      count: new Float64Array(count),
      sum: new Float64Array(count),
      squares: new Float64Array(count),
      byTime: new Float64Array(count),
    }
    let used = 0
    let measurements = 0
    let squares = 0
    for (let t = 0; t < this.#snapshots.length; t++) {
      const seen = this.#linearise(t)
      if (seen === undefined) continue
      used += 1
      measurements += seen.length
      const { factor, residual } = this.#integrateOut(t, seen)
      this.#compare(t, seen, factor, residual, against)
      solveLower(factor, seen.length, residual)
      for (const r of residual) squares += r * r
      this.#gather(t, seen, factor, residual, evidence)
    }
    const { mean, covariance } = evidence.posterior()
    let cost = squares
    let change = 0
    for (let a = 0; a < this.active.length; a++) {
      const z = this.#scaled(a)
      cost += z * z
      change = Math.max(change, Math.abs((mean[a] as number) - z))
    }
    this.#move(mean)
    return { used, measurements, squares, cost: cost / 2, change, against, mean, covariance }
  }

  /** Chooses anew which parameters have evidence worth estimating them. */
  chooseActive(): void {
    const { edges, sensors, nodes } = this.layout
    const score = new Float64Array(edges + sensors + nodes)
    const stride = Math.max(1, Math.floor(this.#snapshots.length / PROBED))
    this.active = Int32Array.from(score, (_, j) => j)
    this.#isActive = new Uint8Array(edges).fill(1)
    for (let t = 0; t < this.#snapshots.length; t += stride) {
      const seen = this.#linearise(t)
      if (seen === undefined) continue
      const { factor } = this.#integrateOut(t, seen)
      const rows = this.#whitenedRows(t, seen, factor)
      for (let k = 0; k < seen.length; k++)
        for (let j = 0; j < score.length; j++)
          score[j] = (score[j] as number) + stride * (rows[k * score.length + j] as number) ** 2
    }
    const best = (from: number, to: number, most: number): number[] => {
      const order: number[] = []
      for (let j = from; j < to; j++) if ((score[j] as number) > WORTHWHILE) order.push(j)
      return order
        .sort((a, b) => (score[b] as number) - (score[a] as number))
        .slice(0, most)
        .sort((a, b) => a - b)
    }
    const chosen = best(0, edges, MOST_FRICTIONS)
    this.active = Int32Array.from([
      ...chosen,
      ...best(edges, edges + sensors, sensors),
      ...best(edges + sensors, edges + sensors + nodes, MOST_NODES),
    ])
    this.#isActive = new Uint8Array(edges)
    for (const edge of chosen) this.#isActive[edge] = 1
  }

  /** What lasts, as it stands, to be taken up again. */
  save(): readonly [Float64Array, Float64Array, Float64Array] {
    return [this.friction.slice(), this.fixedError.slice(), this.lasting.slice()]
  }

  restore(saved: readonly [Float64Array, Float64Array, Float64Array]): void {
    this.friction.set(saved[0])
    this.fixedError.set(saved[1])
    this.lasting.set(saved[2])
  }

  /** Prior standard deviation of an active parameter. */
  deviation(a: number): number {
    const j = this.active[a] as number
    const { edges, sensors } = this.layout
    if (j < edges) return this.sigma[j] as number
    if (j < edges + sensors) return this.sensors.fixedError[j - edges] as number
    return this.lastingSigma
  }

  /** Present value of an active parameter, in prior standard deviations from its centre. */
  #scaled(a: number): number {
    const j = this.active[a] as number
    const { edges, sensors } = this.layout
    const value =
      j < edges
        ? (this.friction[j] as number) - (this.centre[j] as number)
        : j < edges + sensors
          ? (this.fixedError[j - edges] as number)
          : (this.lasting[j - edges - sensors] as number)
    const deviation = this.deviation(a)
    return deviation > 0 ? value / deviation : 0
  }

  #move(mean: Float64Array): void {
    const { edges, sensors } = this.layout
    for (let a = 0; a < this.active.length; a++) {
      const j = this.active[a] as number
      const value = (mean[a] as number) * this.deviation(a)
      if (j < edges) {
        const step = (this.centre[j] as number) + value - (this.friction[j] as number)
        this.friction[j] = (this.friction[j] as number) + Math.max(-LONGEST_STEP, Math.min(LONGEST_STEP, step))
      } else if (j < edges + sensors) this.fixedError[j - edges] = value
      else this.lasting[j - edges - sensors] = Math.max(-0.9, value)
    }
  }

  /** Solves and linearises one snapshot at the present estimate; the sensors to be used, undefined when it has no solution. */
  #linearise(t: number): Int32Array | undefined {
    const snapshot = this.#snapshots[t] as Snapshot
    const { layout, sensors } = this
    takeSnapshot(layout, this.linear.model, snapshot, this.#prior)
    // A source's distance from its set pressure lasts; taken anew at each instant it would count as evidence again and again.
    for (let j = layout.sourceAt; j < layout.size; j++)
      this.#prior.sigma[j] = Math.max(this.#prior.sigma[j] as number, UNKNOWN_SHARE * (this.#prior.mean[j] as number))
    this.#passing[t] ??= new Float64Array(layout.size)
    const passing = this.#passing[t] as Float64Array
    const common = snapshot.commonPart ?? snapshot.withdrawal
    let solution = this.#solve(snapshot, passing, common)
    if (solution.status !== 'converged') {
      passing.fill(0)
      solution = this.#solve(snapshot, passing, common)
      if (solution.status !== 'converged') return undefined
    }
    if (!this.linear.take(this.#forward.solver, solution.pressure, solution.massFlow)) return undefined
    this.#noteSources(t)
    measurementRows(this.linear, layout, sensors, this.fixedError, common, this.#rows)
    expectedReadings(solution, layout, sensors, this.#parameters, this.#expected)
    const seen: number[] = []
    for (let k = 0; k < sensors.count; k++)
      if (this.leftOut[k] === 0 && Number.isFinite((snapshot.measured[k] as number) - (this.#expected[k] as number)))
        seen.push(k)
    return Int32Array.from(seen)
  }

  #solve(snapshot: Snapshot, passing: Float64Array, common: Float64Array) {
    const { layout } = this
    const parameters = this.#parameters
    const { mean } = this.#prior
    for (let j = 0; j < layout.size; j++) parameters[j] = (mean[j] as number) + (passing[j] as number)
    for (let i = 0; i < layout.nodes; i++)
      parameters[i] = (parameters[i] as number) + (this.lasting[i] as number) * (mean[i] as number)
    parameters.set(this.friction, layout.frictionAt)
    parameters.set(this.fixedError, layout.sensorAt)
    return this.#forward.solve(parameters, common, snapshot.valveOpen)
  }

  #noteSources(t: number): void {
    const { sourceNode, from, to } = this.linear.model
    for (let s = 0; s < sourceNode.length; s++) {
      const node = sourceNode[s] as number
      let flow = 0
      for (let e = 0; e < this.layout.edges; e++) {
        if (from[e] === node) flow += this.linear.massFlow[e] as number
        if (to[e] === node) flow -= this.linear.massFlow[e] as number
      }
      this.sourcePressure[t * sourceNode.length + s] = this.linear.pressure[node] as number
      this.sourceFlow[t * sourceNode.length + s] = flow
    }
  }

  /**
   * Residuals about the prior of what belongs to the instant, with the Cholesky factor of their covariance; moves the instant's own
   * parameters to where these residuals pull them.
   */
  #integrateOut(t: number, seen: Int32Array): { readonly factor: Float64Array; readonly residual: Float64Array } {
    const snapshot = this.#snapshots[t] as Snapshot
    const { layout, sensors } = this
    const { size, frictionAt, sensorAt } = layout
    const passing = this.#passing[t] as Float64Array
    const m = seen.length
    const scaled = new Float64Array(m * size)
    const residual = new Float64Array(m)
    for (let k = 0; k < m; k++) {
      const sensor = seen[k] as number
      const at = sensor * size
      let moved = 0
      for (let j = 0; j < size; j++) {
        const h = this.#rows[at + j] as number
        if (h === 0) continue
        if (j >= frictionAt && j < sensorAt) {
          if (this.#isActive[j - frictionAt] === 0) scaled[k * size + j] = h * (this.sigma[j - frictionAt] as number)
          continue
        }
        if (j >= sensorAt && j < layout.sourceAt) continue
        scaled[k * size + j] = h * (this.#prior.sigma[j] as number)
        moved += h * (passing[j] as number)
      }
      residual[k] = (snapshot.measured[sensor] as number) - (this.#expected[sensor] as number) + moved
    }
    const factor = new Float64Array(m * m)
    for (let k = 0; k < m; k++) {
      for (let l = 0; l <= k; l++) {
        let sum = 0
        for (let j = 0; j < size; j++) sum += (scaled[k * size + j] as number) * (scaled[l * size + j] as number)
        factor[k * m + l] = sum
      }
      const sensor = seen[k] as number
      const noise = noiseVariance(sensors, sensor, this.#expected[sensor] as number, snapshot.samples ?? 1)
      factor[k * m + k] = (factor[k * m + k] as number) + noise
    }
    choleskyInPlace(factor, m)
    const pull = residual.slice()
    solveCholesky(factor, m, pull)
    passing.fill(0)
    for (let k = 0; k < m; k++)
      for (let j = 0; j < size; j++) {
        if (j >= frictionAt && j < layout.sourceAt) continue
        const h = scaled[k * size + j] as number
        if (h !== 0) passing[j] = (passing[j] as number) + h * (this.#prior.sigma[j] as number) * (pull[k] as number)
      }
    return { factor, residual }
  }

  /** Rows of the active parameters, scaled to their prior and whitened: Float64Array[seen · active]. */
  #whitenedRows(t: number, seen: Int32Array, factor: Float64Array): Float64Array {
    const { edges, sensors, size, frictionAt } = this.layout
    const { withdrawal } = this.#snapshots[t] as Snapshot
    const n = this.active.length
    const m = seen.length
    const rows = new Float64Array(m * n)
    for (let k = 0; k < m; k++) {
      const at = (seen[k] as number) * size
      for (let a = 0; a < n; a++) {
        const j = this.active[a] as number
        const node = j - edges - sensors
        const h =
          node < 0
            ? (this.#rows[at + frictionAt + j] as number)
            : (this.#rows[at + node] as number) * (withdrawal[node] as number)
        rows[k * n + a] = h * this.deviation(a)
      }
    }
    for (let k = 0; k < m; k++) {
      for (let l = 0; l < k; l++) {
        const weight = factor[k * m + l] as number
        for (let a = 0; a < n; a++) rows[k * n + a] = (rows[k * n + a] as number) - weight * (rows[l * n + a] as number)
      }
      const inverse = 1 / (factor[k * m + k] as number)
      for (let a = 0; a < n; a++) rows[k * n + a] = (rows[k * n + a] as number) * inverse
    }
    return rows
  }

  #gather(t: number, seen: Int32Array, factor: Float64Array, whitened: Float64Array, evidence: Evidence): void {
    const rows = this.#whitenedRows(t, seen, factor)
    const n = this.active.length
    for (let a = 0; a < n; a++) {
      const z = this.#scaled(a)
      if (z === 0) continue
      for (let k = 0; k < seen.length; k++) whitened[k] = (whitened[k] as number) + (rows[k * n + a] as number) * z
    }
    evidence.add(rows, whitened, seen.length)
  }

  /** Each sensor's residual against what all others say. */
  #compare(t: number, seen: Int32Array, factor: Float64Array, residual: Float64Array, against: Round['against']): void {
    const m = seen.length
    const inverse = invertCholesky(factor, m)
    for (let k = 0; k < m; k++) {
      let pull = 0
      for (let l = 0; l < m; l++) pull += (inverse[k * m + l] as number) * (residual[l] as number)
      const z = pull / Math.sqrt(inverse[k * m + k] as number)
      const sensor = seen[k] as number
      const place = this.#snapshots.length > 1 ? (2 * t) / (this.#snapshots.length - 1) - 1 : 0
      against.count[sensor] = (against.count[sensor] as number) + 1
      against.sum[sensor] = (against.sum[sensor] as number) + z
      against.squares[sensor] = (against.squares[sensor] as number) + z * z
      against.byTime[sensor] = (against.byTime[sensor] as number) + z * place
    }
  }
}
