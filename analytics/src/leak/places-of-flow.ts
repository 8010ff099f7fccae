import { flowOf, type LeakBalance, sigmaOf } from './leak-balance.ts'
import { type PlacePosterior, placePosterior } from './leak-posterior.ts'
import { SIZE_ERROR } from './open-incident.ts'
import type { PatternTrace } from './pattern-trace.ts'

/** By how much the map errs more on a leak as large as all use of the zone: pressures then answer out of proportion, and elsewhere. */
const STRONG_ERROR = 2.5
/** Rows whose errors of the map are independent, about. */
const INDEPENDENT_ROWS = 8

/** What is known of a zone before its pressures are asked where a flow leaves it. */
export interface FlowPrior {
  /** kg/m³ at the reference state. */
  readonly density: number
  /** What the zone usually uses, m³/s at the reference state. */
  readonly usual: number
  /** A usual leak, as a share of it. */
  readonly leakShare: number
  /** Error of the map, as a share of the pattern of a leak. */
  readonly patternError: number
  readonly isRupture: boolean
}

/** Where a flow that a balance tells of leaves the zone, and how much of it there is, by the pressures of a trace. */
export function placesOfFlow(
  balance: LeakBalance,
  trace: PatternTrace,
  candidates: Int32Array,
  zone: FlowPrior,
): PlacePosterior {
  const flow = flowOf(balance) * zone.density
  // That something is lost is surer than how much: registers and forecasts err in proportion, and leaks grow.
  const sigma = Math.hypot(sigmaOf(balance) * zone.density, SIZE_ERROR * flow)
  // A rupture is as large as it is, whatever the zone uses.
  const usual = zone.leakShare * zone.usual * zone.density
  const prior = zone.isRupture ? Math.max(usual, flow) : usual
  const precision = 1 / (sigma * sigma) + 1 / (prior * prior)
  // However long pressures are averaged, the effect of a leak is only as well known as the map.
  let signal = 0
  for (const x of candidates)
    if ((trace.pull[x] as number) > 0)
      signal = Math.max(signal, (trace.pull[x] as number) ** 2 / Math.max(trace.weight[x] as number, 1e-12))
  const share = Math.min(1, flow / Math.max(1e-12, zone.usual * zone.density))
  const error = zone.patternError * (1 + STRONG_ERROR * share)
  const temper = 1 / (1 + (error ** 2 * signal) / INDEPENDENT_ROWS)
  const said = { mean: flow / (sigma * sigma) / precision, variance: 1 / precision }
  return placePosterior(trace.places, candidates, trace.pull, trace.weight, said, temper)
}
