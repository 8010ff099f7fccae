import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { calibrate } from '../calibrate.ts'
import { SensorWatch } from '../sensor-watch.ts'
import { PRESSURE_SENSOR } from '../sensors.ts'
import { StateEstimator } from '../state-estimator.ts'
import { readScenario } from './scenario.ts'

export interface ScenarioCheck {
  readonly verdicts: readonly {
    readonly hour: number
    readonly kind: string
    readonly id: string
    readonly score: number
  }[]
  /** Of each reading against all others, over instants calibration has not seen and sensors that are believed. */
  readonly normalisedMean: number
  readonly normalisedRms: number
  /** The same without the hours in which, by the truth, a bad sensor was still believed. */
  readonly soundRms: number
  /** Root mean square difference of pressures, Pa; the same without calibration. */
  readonly pressureRmsPa: number
  readonly uncalibratedRmsPa: number
  readonly unsolved: number
  readonly suspectedDiameters: readonly string[]
  readonly calibrationMs: number
}

interface TruthPart {
  readonly distractors: readonly {
    readonly kind: string
    readonly asset?: string
    readonly from: string
    readonly to: string
  }[]
}

/** Sensors that the truth calls stuck or drifting, Unix ms. */
function badSensors(folder: string) {
  const truth = JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8')) as TruthPart
  return truth.distractors
    .filter(({ kind }) => kind === 'stuck' || kind === 'rtu_drift')
    .map(({ asset, from, to }) => ({ asset, from: Date.parse(from), to: Date.parse(to) }))
}

/** Learns from a scenario's first hours, then watches the next ones, leaving each RTU out in turn. */
export function checkScenario(
  folder: string,
  options: { readonly learned: number; readonly watched: number; readonly trials: boolean },
): ScenarioCheck {
  const { network, sensors, snapshots } = readScenario(folder, 0, options.learned + options.watched)
  const began = performance.now()
  const calibration = calibrate(
    network,
    sensors,
    snapshots.slice(0, options.learned),
    options.trials ? {} : { wrongDiameterShare: 0 },
  )
  const calibrationMs = performance.now() - began
  const estimator = new StateEstimator(network, sensors, { calibration })
  const plain = new StateEstimator(network, sensors)
  const watch = new SensorWatch(estimator)
  for (const { sensor } of calibration.leftOut) watch.leftOut[sensor] = 1
  const verdicts: { hour: number; kind: string; id: string; score: number }[] = []
  const faults = badSensors(folder)
  const sum = { sound: 0, soundZz: 0, n: 0, z: 0, zz: 0, pressures: 0, dd: 0, plain: 0 }
  let unsolved = 0
  // The watch learns what is usual from the same hours as the calibration.
  snapshots.forEach((snapshot, hour) => {
    const estimate = estimator.estimate(snapshot, { leftOut: watch.leftOut, spread: 'never' })
    if (estimate.status !== 'estimated') unsolved += 1
    const before = watch.leftOut.slice()
    for (const verdict of watch.step(estimate, snapshot))
      verdicts.push({ hour, kind: verdict.kind, id: sensors.ids[verdict.sensor] ?? '', score: verdict.score })
    if (hour < options.learned) return
    const unlearned = plain.estimate(snapshot, { leftOut: before, spread: 'never' })
    const sound = !faults.some(
      ({ asset, from, to }) =>
        snapshot.at > from && snapshot.at <= to && sensors.ids.some((id, k) => id === asset && before[k] === 0),
    )
    estimate.normalised.forEach((z, k) => {
      if (Number.isNaN(z) || before[k] === 1) return
      sum.n += 1
      sum.z += z
      sum.zz += z * z
      if (sound) {
        sum.sound += 1
        sum.soundZz += z * z
      }
      if (sensors.kind[k] !== PRESSURE_SENSOR) return
      sum.pressures += 1
      sum.dd += (estimate.disagreement[k] ?? 0) ** 2
      sum.plain += (unlearned.disagreement[k] ?? 0) ** 2
    })
  })
  return {
    verdicts,
    normalisedMean: sum.z / sum.n,
    normalisedRms: Math.sqrt(sum.zz / sum.n),
    soundRms: Math.sqrt(sum.soundZz / sum.sound),
    pressureRmsPa: Math.sqrt(sum.dd / sum.pressures),
    uncalibratedRmsPa: Math.sqrt(sum.plain / sum.pressures),
    unsolved,
    suspectedDiameters: calibration.suspectedDiameters.map(
      ({ edge, diameterM, probability }) => `${network.edges.ids[edge]} ${diameterM} ${probability.toFixed(2)}`,
    ),
    calibrationMs,
  }
}
