import { compileHydraulics, type Network, type SteadySolver } from '@gastwin/twin'
import type { Calibration } from './calibration.ts'
import { choleskyInPlace, invertCholesky, products } from './dense-symmetric.ts'
import { expectedReadings, Forward, noiseVariance } from './forward.ts'
import { frictionSigma } from './friction-prior.ts'
import { LinearNetwork } from './linear-network.ts'
import { measurementRows } from './measurement-rows.ts'
import { orderOfReach } from './order-of-reach.ts'
import { type ParameterLayout, type Prior, parameterLayout, takeSnapshot, timesCovariance } from './parameters.ts'
import { PosteriorSpread } from './posterior-spread.ts'
import type { Sensors } from './sensors.ts'
import type { Snapshot } from './snapshot.ts'
import type { EstimateOptions, StateEstimate } from './state-estimate.ts'

const MOST_SOLVES = 4
/** Largest change of an expected reading, in standard deviations of its noise, from which the estimate stands. */
const SETTLED = 0.1
/** Change of all withdrawals together from which the equations are linearised anew. */
const OTHER_LEVEL = 0.05
/** And from which standard deviations are worked out anew. */
const OTHER_SPREAD = 0.15
/** Times an instant is linearised when the last linearisation does not serve: at the prior, and at the estimate. */
const ROUNDS_OF_LINEARISING = 2
const USUAL_CLASSES = 32

export interface StateEstimatorOptions {
  /** What history said; the document and the class of the instruments when missing. */
  readonly calibration?: Calibration
  /** Bound of the relative error of roughness where nothing is calibrated; 0.3 when missing. */
  readonly roughnessError?: number
  readonly resistanceError?: number
  /** Directions per kind of parameter by which spreads are worked out; 32 when missing. */
  readonly classes?: number
}

/**
 * The most probable state of the network at an instant, and how sure it is: withdrawals, friction factors, errors of sensors and given
 * pressures are Gaussian beforehand, readings are what the solved network says plus noise. The update is dense algebra of the
 * size of the sensors; the state is always an exact solution of the network, so that mass is balanced everywhere.
 */
export class StateEstimator {
  readonly network: Network
  readonly sensors: Sensors
  readonly layout: ParameterLayout
  readonly linear: LinearNetwork
  readonly solver: SteadySolver
  readonly spread: PosteriorSpread
  /** Rows of derivatives, the same times the prior covariance, and the covariance of readings without noise. */
  readonly rows: Float64Array
  readonly covarying: Float64Array
  readonly readingCovariance: Float64Array
  readonly #forward: Forward
  readonly #prior: Prior
  readonly #calibration: Calibration | undefined
  readonly #parameters: Float64Array
  readonly #common: Float64Array
  readonly #withdrawal: Float64Array
  readonly #pressure: Float64Array
  readonly #massFlow: Float64Array
  readonly #expected: Float64Array
  readonly #disagreement: Float64Array
  readonly #normalised: Float64Array
  readonly #noise: Float64Array
  #valves: Uint8Array | undefined
  #level = Number.NaN
  #spreadIsFresh = false
  #spreadLevel = Number.NaN
  #spreadValves: Uint8Array | undefined
  #used: Int32Array = new Int32Array(0)
  #inverse: Float64Array = new Float64Array(0)
  #innovation: Float64Array = new Float64Array(0)
  /** By sensor: innovations weighed by the inverse of their covariance. */
  readonly #pull: Float64Array

  constructor(network: Network, sensors: Sensors, options: StateEstimatorOptions = {}) {
    this.network = network
    this.sensors = sensors
    this.solver = compileHydraulics(network)
    const { model } = this.solver
    this.layout = parameterLayout(network, model, sensors)
    this.linear = new LinearNetwork(model)
    this.#forward = new Forward(this.solver, this.layout)
    const { size, nodes, edges, frictionAt, sensorAt } = this.layout
    const classes = options.classes ?? USUAL_CLASSES
    this.spread = new PosteriorSpread(this.layout, orderOfReach(network, model.sourceNode), classes)
    this.rows = new Float64Array(sensors.count * size)
    this.covarying = new Float64Array(sensors.count * size)
    this.readingCovariance = new Float64Array(sensors.count * sensors.count)
    const { calibration } = options
    this.#prior = { mean: new Float64Array(size), sigma: new Float64Array(size), known: calibration?.posterior }
    if (calibration === undefined) {
      this.#prior.sigma.set(frictionSigma(model, options.roughnessError, options.resistanceError), frictionAt)
      this.#prior.sigma.set(sensors.fixedError, sensorAt)
    } else {
      this.#prior.mean.set(calibration.posterior.mean, frictionAt)
      this.#prior.sigma.set(calibration.posterior.deviation, frictionAt)
    }
    this.#calibration = calibration
    this.#parameters = new Float64Array(size)
    this.#common = new Float64Array(nodes)
    this.#withdrawal = new Float64Array(nodes)
    this.#pressure = new Float64Array(nodes).fill(Number.NaN)
    this.#massFlow = new Float64Array(edges)
    const column = () => new Float64Array(sensors.count).fill(Number.NaN)
    this.#expected = column()
    this.#disagreement = column()
    this.#normalised = column()
    this.#noise = new Float64Array(sensors.count)
    this.#pull = new Float64Array(sensors.count)
  }

  /** Sensors used by the last estimate, the inverse of their covariance, and their innovations about the prior. */
  get evidence(): { readonly used: Int32Array; readonly inverse: Float64Array; readonly innovation: Float64Array } {
    return { used: this.#used, inverse: this.#inverse, innovation: this.#innovation }
  }

  /** kg/s that follow the common error of a node's zone, at the last estimate. */
  get commonPart(): Float64Array {
    return this.#common
  }

  get prior(): Prior {
    return this.#prior
  }

  /** Estimates the state of one instant. */
  estimate(snapshot: Snapshot, options: EstimateOptions = {}): StateEstimate {
    this.#spreadIsFresh = false
    const { layout, sensors } = this
    this.#takePrior(snapshot)
    const parameters = this.#parameters
    const moved = new Float64Array(sensors.count)
    // The last instant's corrections are near this one's.
    this.#correct(moved)
    let solution = this.#forward.solve(parameters, this.#common, snapshot.valveOpen)
    if (solution.status !== 'converged') {
      this.#pull.fill(0)
      this.#correct(moved)
      solution = this.#forward.solve(parameters, this.#common, snapshot.valveOpen)
    }
    if (solution.status !== 'converged') return this.#report(snapshot, 'unsolved', 0, 0, 1)
    expectedReadings(solution, layout, sensors, parameters, this.#expected)
    const first = Number.isNaN(this.#level)
    const stale = this.#isStale(snapshot)
    const wanted = first ? ROUNDS_OF_LINEARISING : stale || options.spread === 'always' ? 1 : 0
    let linearisations = 0
    let solves = 1
    let pull: Float64Array = new Float64Array(0)
    for (; solves <= MOST_SOLVES; solves++) {
      if (linearisations < wanted) {
        if (!this.#linearise(solution)) return this.#report(snapshot, 'unsolved', 0, linearisations, solves)
        linearisations += 1
        this.#movement(moved)
      }
      this.#use(snapshot, options.leftOut)
      pull = this.#update(snapshot, moved)
      solution = this.#forward.solve(parameters, this.#common, snapshot.valveOpen)
      if (solution.status !== 'converged') return this.#report(snapshot, 'unsolved', 0, linearisations, solves)
      const change = this.#advance(solution)
      if (change < SETTLED && linearisations === wanted) break
    }
    if (linearisations > 0 && this.#wantsSpread(options.spread)) this.#spreadOut()
    this.#pressure.set(solution.pressure)
    this.#massFlow.set(solution.massFlow)
    this.#withdrawal.set(this.#forward.withdrawal)
    return this.#report(snapshot, 'estimated', this.#compare(snapshot, pull), linearisations, solves)
  }

  /** What the present parameters move each reading by, from the prior, by the linear equations. */
  #movement(moved: Float64Array): void {
    const { size } = this.layout
    const { mean } = this.#prior
    for (let k = 0; k < moved.length; k++) {
      let sum = 0
      for (let j = 0; j < size; j++) {
        const h = this.rows[k * size + j] as number
        if (h !== 0) sum += h * ((this.#parameters[j] as number) - (mean[j] as number))
      }
      moved[k] = sum
    }
  }

  /** Moves the parameters to their posterior mean; returns the innovations weighed by the inverse of their covariance. */
  #update(snapshot: Snapshot, moved: Float64Array): Float64Array {
    const used = this.#used
    const m = used.length
    // Innovations about the prior: what the solved state leaves over, and what it already moved.
    this.#innovation = Float64Array.from(
      used,
      (k) => (snapshot.measured[k] as number) - (this.#expected[k] as number) + (moved[k] as number),
    )
    const pull = multiply(this.#inverse, this.#innovation, m)
    this.#pull.fill(0)
    for (let k = 0; k < m; k++) this.#pull[used[k] as number] = pull[k] as number
    this.#correct(moved)
    return pull
  }

  /** Parameters at the prior mean and what the weighed innovations correct; and what that moves each reading by. */
  #correct(moved: Float64Array): void {
    const { size } = this.layout
    const count = this.sensors.count
    const parameters = this.#parameters
    parameters.set(this.#prior.mean)
    moved.fill(0)
    for (let sensor = 0; sensor < count; sensor++) {
      const q = this.#pull[sensor] as number
      if (q === 0) continue
      for (let j = 0; j < size; j++)
        parameters[j] = (parameters[j] as number) + q * (this.covarying[sensor * size + j] as number)
      for (let l = 0; l < count; l++)
        moved[l] = (moved[l] as number) + q * (this.readingCovariance[sensor * count + l] as number)
    }
  }

  #takePrior(snapshot: Snapshot): void {
    takeSnapshot(this.layout, this.linear.model, snapshot, this.#prior)
    const { mean, sigma } = this.#prior
    this.#common.set(snapshot.commonPart ?? snapshot.withdrawal)
    if (this.#calibration === undefined) return
    const { withdrawalFactor, withdrawalFactorSigma } = this.#calibration
    for (let i = 0; i < this.layout.nodes; i++) {
      const factor = withdrawalFactor[i] as number
      const lasting = (withdrawalFactorSigma[i] as number) * (mean[i] as number)
      sigma[i] = Math.hypot(sigma[i] as number, lasting)
      mean[i] = (mean[i] as number) * factor
      this.#common[i] = (this.#common[i] as number) * factor
    }
  }

  /** Whether valves or the level of withdrawals have moved away from where the equations were linearised. */
  #isStale(snapshot: Snapshot): boolean {
    let level = 0
    for (let i = 0; i < this.layout.nodes; i++) level += Math.abs(this.#prior.mean[i] as number)
    const valves = snapshot.valveOpen
    const before = this.#valves
    const sameValves =
      valves === before ||
      (valves !== undefined && before !== undefined && valves.every((open, edge) => open === before[edge]))
    if (sameValves && Math.abs(level / this.#level - 1) < OTHER_LEVEL) return false
    if (!sameValves) this.#valves = valves?.slice()
    this.#level = level
    return true
  }

  #wantsSpread(when: EstimateOptions['spread'] = 'linearised'): boolean {
    if (when === 'never') return false
    // A spread changes less than the derivatives do.
    const near = Math.abs(this.#level / this.#spreadLevel - 1) < OTHER_SPREAD && this.#valves === this.#spreadValves
    if (near && when === 'linearised') return false
    this.#spreadLevel = this.#level
    this.#spreadValves = this.#valves
    return true
  }

  #linearise(solution: { readonly pressure: Float64Array; readonly massFlow: Float64Array }): boolean {
    const { layout, sensors, linear } = this
    const { size, sensorAt } = layout
    if (!linear.take(this.solver, solution.pressure, solution.massFlow)) {
      this.#level = Number.NaN
      return false
    }
    const fixed = this.#parameters.subarray(sensorAt, sensorAt + sensors.count)
    measurementRows(linear, layout, sensors, fixed, this.#common, this.rows)
    timesCovariance(layout, this.#prior, this.rows, sensors.count, this.covarying)
    products(this.rows, this.covarying, sensors.count, size, this.readingCovariance)
    return true
  }

  /** Chooses the readings to be used and inverts their covariance. */
  #use(snapshot: Snapshot, leftOut: Uint8Array | undefined): void {
    const { sensors } = this
    const used: number[] = []
    for (let k = 0; k < sensors.count; k++) {
      const expected = this.#expected[k] as number
      this.#noise[k] = noiseVariance(sensors, k, expected, snapshot.samples ?? 1)
      if (leftOut?.[k] !== 1 && Number.isFinite((snapshot.measured[k] as number) - expected)) used.push(k)
    }
    this.#used = Int32Array.from(used)
    const m = used.length
    const covariance = new Float64Array(m * m)
    for (let k = 0; k < m; k++) {
      for (let l = 0; l < m; l++)
        covariance[k * m + l] = this.readingCovariance[
          (used[k] as number) * sensors.count + (used[l] as number)
        ] as number
      covariance[k * m + k] = (covariance[k * m + k] as number) + (this.#noise[used[k] as number] as number)
    }
    // A covariance plus noise is positive definite.
    choleskyInPlace(covariance, m)
    this.#inverse = invertCholesky(covariance, m)
  }

  /** Takes the readings of another solution; the largest change in standard deviations of noise. */
  #advance(solution: { readonly pressure: Float64Array; readonly massFlow: Float64Array }): number {
    const before = this.#expected.slice()
    expectedReadings(solution, this.layout, this.sensors, this.#parameters, this.#expected)
    let largest = 0
    for (const k of this.#used)
      largest = Math.max(
        largest,
        Math.abs((this.#expected[k] as number) - (before[k] as number)) / Math.sqrt(this.#noise[k] as number),
      )
    return largest
  }

  #spreadOut(): void {
    const { size } = this.layout
    const used = this.#used
    const rows = new Float64Array(used.length * size)
    const covarying = new Float64Array(used.length * size)
    used.forEach((sensor, k) => {
      rows.set(this.rows.subarray(sensor * size, (sensor + 1) * size), k * size)
      covarying.set(this.covarying.subarray(sensor * size, (sensor + 1) * size), k * size)
    })
    const noise = Float64Array.from(used, (k) => this.#noise[k] as number)
    this.spread.update(this.linear, this.#prior, this.#common, rows, covarying, this.#inverse, noise)
    this.#spreadIsFresh = true
  }

  /** Each reading against what all others say; returns χ² of the innovations. */
  #compare(snapshot: Snapshot, pull: Float64Array): number {
    const used = this.#used
    const m = used.length
    const count = this.sensors.count
    this.#disagreement.fill(Number.NaN)
    this.#normalised.fill(Number.NaN)
    let chiSquare = 0
    for (let k = 0; k < m; k++) {
      const sensor = used[k] as number
      const precision = this.#inverse[k * m + k] as number
      const q = pull[k] as number
      this.#disagreement[sensor] = q / precision
      this.#normalised[sensor] = q / Math.sqrt(precision)
      chiSquare += q * (this.#innovation[k] as number)
    }
    const isUsed = new Uint8Array(count)
    for (const k of used) isUsed[k] = 1
    const shared = new Float64Array(m)
    for (let sensor = 0; sensor < count; sensor++) {
      const difference = (snapshot.measured[sensor] as number) - (this.#expected[sensor] as number)
      if (isUsed[sensor] === 1 || Number.isNaN(difference)) continue
      let variance = (this.readingCovariance[sensor * count + sensor] as number) + (this.#noise[sensor] as number)
      for (let k = 0; k < m; k++) shared[k] = this.readingCovariance[sensor * count + (used[k] as number)] as number
      const weight = multiply(this.#inverse, shared, m)
      for (let k = 0; k < m; k++) variance -= (weight[k] as number) * (shared[k] as number)
      this.#disagreement[sensor] = difference
      this.#normalised[sensor] = difference / Math.sqrt(Math.max(variance, this.#noise[sensor] as number))
    }
    return chiSquare
  }

  #report(
    snapshot: Snapshot,
    status: StateEstimate['status'],
    chiSquare: number,
    linearisations: number,
    solves: number,
  ): StateEstimate {
    if (status === 'unsolved') this.#level = Number.NaN
    const { pressureSigma, flowSigma, pressurePriorSigma, flowPriorSigma } = this.spread
    return {
      status,
      at: snapshot.at,
      pressure: this.#pressure,
      massFlow: this.#massFlow,
      withdrawal: this.#withdrawal,
      pressureSigma,
      flowSigma,
      pressurePriorSigma,
      flowPriorSigma,
      spreadIsFresh: this.#spreadIsFresh,
      expected: this.#expected,
      disagreement: this.#disagreement,
      normalised: this.#normalised,
      chiSquare,
      measurements: status === 'estimated' ? this.#used.length : 0,
      linearisations,
      solves,
    }
  }
}

function multiply(matrix: Float64Array, vector: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    let sum = 0
    for (let j = 0; j < n; j++) sum += (matrix[i * n + j] as number) * (vector[j] as number)
    out[i] = sum
  }
  return out
}
