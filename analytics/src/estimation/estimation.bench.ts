import process from 'node:process'
import { compileHydraulics } from '@gastwin/twin'
import { bestNextRtu } from './next-rtu.ts'
import { sensorsOf } from './sensors.ts'
import type { Snapshot } from './snapshot.ts'
import { StateEstimator } from './state-estimator.ts'
import { largeMesh } from './testing/large-mesh.ts'
import { randomStream } from './testing/true-city.ts'

/**
 * Times the estimate of a meshed network with pressure RTUs, minute by minute over an evening whose demand rises and falls; the truth
 * has other withdrawals at every node. A minute either uses the linearisation at hand or makes it anew, with standard deviations.
 */
export async function run(options: {
  readonly json: boolean
  readonly nodes?: number
  readonly rtus?: number
}): Promise<Record<string, number | string>> {
  const side = Math.round(Math.sqrt(options.nodes ?? 10_000))
  const network = largeMesh(side, options.rtus ?? 100)
  const sensors = sensorsOf(network)
  const began = performance.now()
  const estimator = new StateEstimator(network, sensors)
  const compiled = performance.now() - began
  const truth = compileHydraulics(network)
  const { normal } = randomStream(3)
  const usual = truth.model.demand
  const usualFixed = sensors.fixedError.map((s) => s * normal())
  const lasting = usual.map(() => Math.exp(0.3 * normal()))
  const warm: number[] = []
  const anew: number[] = []
  const busy = { warm: 0, anew: 0, spread: 0, spreads: 0 }
  let unsolved = 0
  let inside = 0
  let compared = 0
  let squares = 0
  for (let minute = 0; minute < MINUTES; minute++) {
    const level = 1 + 0.25 * Math.sin(minute / 12)
    const withdrawal = usual.map((w) => w * level)
    const own = withdrawal.map((w, i) => w * (lasting[i] ?? 1) * (1 + 0.05 * normal()))
    const solution = truth.solve({ demands: own })
    const measured = Float64Array.from(
      sensors.place,
      (node, k) => (solution.pressure[node] ?? 0) + (usualFixed[k] ?? 0) + (sensors.noise[k] ?? 0) * normal(),
    )
    const snapshot: Snapshot = {
      at: minute * 60_000,
      measured,
      withdrawal,
      withdrawalSigma: withdrawal.map((w) => 0.35 * w),
      commonSigma: new Float64Array(network.zones.count + 1).fill(0.1),
    }
    const cpu = process.cpuUsage()
    const start = performance.now()
    const estimate = estimator.estimate(snapshot)
    const took = performance.now() - start
    ;(estimate.linearisations > 0 ? anew : warm).push(took)
    const used = process.cpuUsage(cpu)
    const kind = estimate.spreadIsFresh ? 'spread' : estimate.linearisations > 0 ? 'anew' : 'warm'
    busy[kind] += (used.user + used.system) / 1000
    if (estimate.spreadIsFresh) busy.spreads += 1
    if (estimate.status !== 'estimated') unsolved += 1
    solution.pressure.forEach((p, i) => {
      const error = (estimate.pressure[i] ?? 0) - p
      squares += error * error
      if (Math.abs(error) < 1.645 * (estimate.pressureSigma[i] ?? 0)) inside += 1
      compared += 1
    })
  }
  const start = performance.now()
  const places = bestNextRtu(estimator, Int32Array.from(network.nodes.ids.keys()))
  const placed = performance.now() - start
  const result = {
    nodes: network.nodes.count,
    pipes: network.edges.count,
    rtus: sensors.count,
    compile_ms: round(compiled),
    minutes: MINUTES,
    minutes_linearised_anew: anew.length,
    minute_median_ms: round(median(warm)),
    minute_worst_ms: round(Math.max(...warm)),
    minute_linearised_median_ms: round(median(anew)),
    minute_mean_ms: round([...warm, ...anew].reduce((a, b) => a + b, 0) / MINUTES),
    minutes_with_spread: busy.spreads,
    cpu_minute_ms: round(busy.warm / warm.length),
    cpu_minute_linearised_ms: round(busy.anew / Math.max(1, anew.length - busy.spreads)),
    cpu_minute_with_spread_ms: round(busy.spread / Math.max(1, busy.spreads)),
    unsolved,
    inside_90_percent: round((100 * inside) / compared),
    pressure_error_rms_pa: round(Math.sqrt(squares / compared)),
    next_rtu_of_all_nodes_ms: round(placed),
    next_rtu_gain: round(places[0]?.pressureGain ?? Number.NaN),
  }
  if (!options.json) for (const [key, value] of Object.entries(result)) console.log(key, value)
  return result
}

const MINUTES = 40

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN
}

function round(x: number): number {
  return Math.round(x * 1000) / 1000
}
