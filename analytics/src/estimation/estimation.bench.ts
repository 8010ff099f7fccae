import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { compileHydraulics } from '@gastwin/twin'
import { calibrate } from './calibrate.ts'
import { bestNextRtu } from './next-rtu.ts'
import { SensorWatch } from './sensor-watch.ts'
import { sensorsOf } from './sensors.ts'
import type { Snapshot } from './snapshot.ts'
import { StateEstimator } from './state-estimator.ts'
import { checkScenario } from './testing/check-scenario.ts'
import { largeMesh } from './testing/large-mesh.ts'
import { randomStream, TrueCity } from './testing/true-city.ts'

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
  const result: Record<string, number | string> = {
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
  Object.assign(result, towns(), districts())
  if (!options.json) for (const [key, value] of Object.entries(result)) console.log(key, value)
  return result
}

/**
 * Towns of known truth: one wrong diameter each, 48 hours learned; and quiet towns, 48 hours learned and five days watched. A diameter
 * counts as named when its pipe has more than half of the probability.
 */
function towns(): Record<string, number> {
  let found = 0
  let wrongly = 0
  let named = 0
  let notes = 0
  const hours = (city: TrueCity) => Array.from({ length: 48 }, (_, t) => city.hour(t).snapshot)
  for (let seed = 101; seed < 101 + TOWNS; seed++) {
    const city = new TrueCity({ seed, across: 6, down: 5, wrongDiameters: 1 })
    const sure = new Map<number, number>()
    for (const { edge, probability } of calibrate(city.network, city.sensors, hours(city)).suspectedDiameters)
      sure.set(edge, (sure.get(edge) ?? 0) + probability)
    for (const [edge, probability] of sure) {
      if (probability <= 0.5) continue
      if (city.wrong.has(edge)) found += 1
      else wrongly += 1
    }
  }
  for (let seed = 201; seed < 201 + TOWNS; seed++) {
    const city = new TrueCity({ seed, across: 6, down: 5 })
    const calibration = calibrate(city.network, city.sensors, hours(city), { wrongDiameterShare: 0 })
    const estimator = new StateEstimator(city.network, city.sensors, { calibration })
    const watch = new SensorWatch(estimator)
    for (let t = 48; t < 168; t++) {
      const { snapshot } = city.hour(t)
      const estimate = estimator.estimate(snapshot, { leftOut: watch.leftOut, spread: 'never' })
      for (const { kind } of watch.step(estimate, snapshot)) {
        if (kind === 'withdrawal') notes += 1
        else if (kind !== 'recovered') named += 1
      }
    }
  }
  return {
    towns: TOWNS,
    wrong_diameters_named: found,
    right_diameters_named: wrongly,
    quiet_towns_good_sensors_named: named,
    quiet_towns_false_withdrawal_notes: notes,
  }
}

/** Simulated districts, when at hand: three days learned, then every RTU against all others, hour by hour. */
function districts(): Record<string, number | string> {
  const repository = join(dirname(fileURLToPath(import.meta.url)), '../../..')
  const folder = join(process.env['GASTWIN_DATA'] ?? join(repository, '../shared/data'), 'scenarios')
  if (!existsSync(folder)) return { districts: `no reference data at ${folder}` }
  const result: Record<string, number | string> = {}
  for (const [name, watched] of [
    ['leak-district-1', 60],
    ['no-leak-district-1', 200],
  ] as const) {
    const check = checkScenario(join(folder, name), { learned: 72, watched, trials: false })
    result[`${name}_rtu_against_others_pa`] = round(check.pressureRmsPa)
    result[`${name}_uncalibrated_pa`] = round(check.uncalibratedRmsPa)
    result[`${name}_normalised_mean`] = round(check.normalisedMean)
    result[`${name}_normalised_rms`] = round(check.normalisedRms)
    result[`${name}_normalised_rms_bad_sensor_hours_aside`] = round(check.soundRms)
    result[`${name}_verdicts`] = check.verdicts.map(({ hour, kind, id }) => `${hour} h ${kind} ${id}`).join(', ')
  }
  return result
}

const MINUTES = 40
const TOWNS = 20

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN
}

function round(x: number): number {
  return Math.round(x * 1000) / 1000
}
