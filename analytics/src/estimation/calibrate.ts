import type { Network } from '@gastwin/twin'
import type { Calibration, CalibrationOptions, LeftOut } from './calibration.ts'
import { CalibrationRounds, type Round } from './calibration-rounds.ts'
import { type DiameterHypothesis, DiameterSearch } from './diameter-search.ts'
import { deviationsOf, lowRankPosterior } from './low-rank.ts'
import type { Sensors } from './sensors.ts'
import type { Snapshot } from './snapshot.ts'

const USUAL_ROUNDS = 6
/** Diameters accepted and sensors left out, together. */
const MOST_TURNS = 12
/** Other diameters solved for in one turn, and rounds given to each. */
const TRIALS = 10
const TRIAL_ROUNDS = 3
/** Change of a parameter, in prior standard deviations, below which the rounds end. */
const SETTLED = 0.02
/** Equal readings in a row that no living pressure gives. */
const STUCK_RUN = 6
/** Root mean square of a sensor's normalised residual from which it is not believed. */
const SPREAD = 3
/** Share of its residual that runs with time, from which it drifts. */
const DRIFTING = 0.5

/**
 * Learns from history what lasts: resistance of every pipe, fixed errors of sensors, pipes of another diameter, sensors that
 * cannot be believed. Snapshots at different demand tell a pipe's resistance from a sensor's offset; a few days of hourly
 * means do. They should hold no leak.
 */
export function calibrate(
  network: Network,
  sensors: Sensors,
  snapshots: readonly Snapshot[],
  options: CalibrationOptions = {},
): Calibration {
  const rounds = new CalibrationRounds(network, sensors, snapshots, options)
  const search = new DiameterSearch(rounds, network.edges.diameterM, options)
  const leftOut: LeftOut[] = stuckSensors(sensors, snapshots)
  for (const { sensor } of leftOut) rounds.leftOut[sensor] = 1
  const most = options.rounds ?? USUAL_ROUNDS
  let taken = 0
  const settle = (limit: number): Round => {
    let round = rounds.run()
    taken += 1
    for (let k = 1; k < limit && round.used > 0 && round.change > SETTLED; k++) {
      round = rounds.run()
      taken += 1
    }
    return round
  }
  let round = settle(most)
  for (let turn = 0; turn < MOST_TURNS && round.used > 0; turn++) {
    const better = betterDiameter(rounds, search, round, settle, most)
    if (better !== undefined) {
      round = better
      continue
    }
    const worst = worstSensor(sensors, round, rounds.leftOut)
    if (worst === undefined) break
    leftOut.push(worst)
    rounds.leftOut[worst.sensor] = 1
    rounds.fixedError[worst.sensor] = 0
    round = settle(most)
  }
  return summary(rounds, search, round, leftOut, taken, snapshots.length)
}

interface Trial {
  readonly hypothesis: DiameterHypothesis
  readonly cost: number
}

/** Tries the most promising other diameters by solving for each, and keeps the best that explains more than it is improbable. */
function betterDiameter(
  rounds: CalibrationRounds,
  search: DiameterSearch,
  round: Round,
  settle: (limit: number) => Round,
  most: number,
): Round | undefined {
  const saved = rounds.save()
  const wanted = round.cost + search.priorOdds()
  let best: Trial | undefined
  const done: Trial[] = []
  const trials = search.propose(round, TRIALS)
  for (const hypothesis of trials) {
    search.accept(hypothesis)
    const { used, cost } = settle(TRIAL_ROUNDS)
    const kept = used > 0 && cost < wanted
    if (used > 0) done.push({ hypothesis, cost })
    if (kept && cost < (best?.cost ?? Number.POSITIVE_INFINITY)) best = { hypothesis, cost }
    search.refuse(hypothesis, !kept)
    rounds.restore(saved)
  }
  if (best === undefined) return undefined
  search.weigh(done, round.cost)
  search.accept(best.hypothesis)
  rounds.chooseActive()
  return settle(most)
}

function summary(
  rounds: CalibrationRounds,
  search: DiameterSearch,
  round: Round,
  leftOut: readonly LeftOut[],
  taken: number,
  snapshots: number,
): Calibration {
  const { edges, sensors } = rounds.layout
  const members: number[] = []
  const rows: number[] = []
  rounds.active.forEach((j, a) => {
    if (j >= edges + sensors) return
    members.push(j)
    rows.push(a)
  })
  const deviation = new Float64Array(edges + sensors)
  deviation.set(rounds.sigma)
  deviation.set(rounds.sensors.fixedError, edges)
  const mean = new Float64Array(edges + sensors)
  mean.set(rounds.friction)
  mean.set(rounds.fixedError, edges)
  const posterior = lowRankPosterior(
    mean,
    deviation,
    Int32Array.from(members),
    Int32Array.from(rows),
    round.covariance,
    rounds.active.length,
  )
  const deviations = deviationsOf(posterior)
  const { count, squares } = round.against
  return {
    status: round.used === 0 ? 'stalled' : round.change > SETTLED ? 'settling' : 'converged',
    rounds: taken,
    used: round.used,
    resistanceFactor: rounds.friction.map(Math.exp),
    resistanceSigma: deviations.slice(0, edges),
    offsets: rounds.fixedError.slice(),
    offsetSigma: deviations.slice(edges),
    withdrawalFactor: rounds.lasting.map((d) => 1 + d),
    withdrawalFactorSigma: lastingSigma(rounds, round),
    posterior,
    suspectedDiameters: round.used === 0 ? [] : search.suspects(),
    leftOut,
    sources: sourceBehaviour(rounds, snapshots),
    normalisedResidual: Math.sqrt(round.squares / Math.max(1, round.measurements)),
    sensorResidual: squares.map((sum, k) => Math.sqrt(sum / (count[k] as number))),
  }
}

/** What is left of the uncertainty of each node's lasting error, relative. */
function lastingSigma(rounds: CalibrationRounds, round: Round): Float64Array {
  const { edges, sensors, nodes } = rounds.layout
  const sigma = new Float64Array(nodes).fill(rounds.lastingSigma)
  const n = rounds.active.length
  rounds.active.forEach((j, a) => {
    const node = j - edges - sensors
    if (node >= 0) sigma[node] = rounds.lastingSigma * Math.sqrt(round.covariance[a * n + a] as number)
  })
  return sigma
}

function stuckSensors(sensors: Sensors, snapshots: readonly Snapshot[]): LeftOut[] {
  const found: LeftOut[] = []
  for (let k = 0; k < sensors.count; k++) {
    let run = 0
    let longest = 0
    let before = Number.NaN
    for (const { measured } of snapshots) {
      const value = measured[k] as number
      if (Number.isNaN(value)) continue
      run = value === before ? run + 1 : 1
      longest = Math.max(longest, run)
      before = value
    }
    if (longest >= STUCK_RUN) found.push({ sensor: k, reason: 'stuck', score: longest })
  }
  return found
}

function worstSensor(sensors: Sensors, round: Round, leftOut: Uint8Array): LeftOut | undefined {
  const { count, squares, byTime } = round.against
  let worst: LeftOut | undefined
  for (let k = 0; k < sensors.count; k++) {
    const n = count[k] as number
    if (leftOut[k] === 1 || n < 3) continue
    const score = Math.sqrt((squares[k] as number) / n)
    if (score < Math.max(SPREAD, worst?.score ?? 0)) continue
    // Of a straight line over the snapshots: Σ place² is a third of their number.
    const line = (3 * (byTime[k] as number) ** 2) / n
    worst = { sensor: k, reason: line > DRIFTING * (squares[k] as number) ? 'drift' : 'spread', score }
  }
  return worst
}

/** A line through each source's estimated pressures by its flow. */
function sourceBehaviour(rounds: CalibrationRounds, snapshots: number): Calibration['sources'] {
  const sources = rounds.linear.model.sourceNode.length
  return Array.from({ length: sources }, (_, s) => {
    let n = 0
    let p = 0
    let q = 0
    let pp = 0
    let pq = 0
    let qq = 0
    for (let t = 0; t < snapshots; t++) {
      const pressure = rounds.sourcePressure[t * sources + s] as number
      const flow = rounds.sourceFlow[t * sources + s] as number
      if (Number.isNaN(pressure)) continue
      n += 1
      const dp = pressure - p
      const dq = flow - q
      p += dp / n
      q += dq / n
      pp += dp * (pressure - p)
      qq += dq * (flow - q)
      pq += dp * (flow - q)
    }
    const slope = qq > 0 ? pq / qq : 0
    const left = n > 2 ? Math.max(0, pp - slope * pq) / (n - 2) : 0
    return { atRest: p - slope * q, droop: -slope, sigma: Math.sqrt(left) }
  })
}
