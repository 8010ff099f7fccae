import type { Network } from '@gastwin/twin'
import { calibrate } from '../estimation/calibrate.ts'
import { PRESSURE_SENSOR, sensorsOf } from '../estimation/sensors.ts'
import type { Snapshot } from '../estimation/snapshot.ts'
import type { PatternInput } from './pattern-model.ts'

const MOST_SNAPSHOTS = 18

/** What a history without leaks says about the pipes. */
export interface LearnedFriction {
  /** Float64Array[edges]: factor of each pipe's friction loss. */
  readonly resistance: Float64Array
  /** Float64Array[edges]: standard deviation of its logarithm. */
  readonly sigma: Float64Array
}

/**
 * Calibrates the network by hourly means: friction of pipes, among it that of pipes of another diameter than the map's.
 * @param inputs    hours, spread over times of day
 * @param sigmaOf   standard deviation of each node's homes within an hour, kg/s
 */
export function learnFriction(
  network: Network,
  inputs: readonly { readonly at: number; readonly input: PatternInput; readonly byRtu: RtuMeans }[],
  sigmaOf: (input: PatternInput) => Float64Array,
): LearnedFriction | undefined {
  if (inputs.length < 12) return undefined
  const sensors = sensorsOf(network)
  const every = Math.max(1, Math.ceil(inputs.length / MOST_SNAPSHOTS))
  const snapshots: Snapshot[] = inputs
    .filter((_, i) => i % every === 0)
    .map(({ at, input, byRtu }) => ({
      at,
      measured: Float64Array.from({ length: sensors.count }, (_, k) => {
        const rtu = sensors.rtu[k] as number
        return (sensors.kind[k] === PRESSURE_SENSOR ? byRtu.pressure[rtu] : byRtu.massFlow[rtu]) ?? Number.NaN
      }),
      samples: 12,
      withdrawal: input.metered.map((value, node) => value + (input.homes[node] as number)),
      withdrawalSigma: sigmaOf(input),
      commonSigma: new Float64Array(network.zones.count + 1).fill(0.02),
      commonPart: input.homes,
      valveOpen: input.valveOpen,
    }))
  const learned = calibrate(network, sensors, snapshots)
  return learned.status === 'stalled'
    ? undefined
    : { resistance: learned.resistanceFactor, sigma: learned.resistanceSigma }
}

/** Means of an hour by RTU: Pa absolute and kg/s, NaN where there is none. */
export interface RtuMeans {
  readonly pressure: Float64Array
  readonly massFlow: Float64Array
}
