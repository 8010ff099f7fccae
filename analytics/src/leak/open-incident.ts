import type { Network } from '@gastwin/twin'
import { flowOf, type LeakBalance, sigmaOf } from './leak-balance.ts'
import type { LeakCandidate, LeakEvidence, LeakIncident, LeakState } from './leak-incident.ts'
import type { PlacePosterior } from './leak-posterior.ts'
import type { PatternFilter } from './pattern-filter.ts'
import type { PatternTrace } from './pattern-trace.ts'

const HOUR = 3_600_000
const COVERED = 0.995
/** Relative error of a flow however long it is known. */
export const SIZE_ERROR = 0.1
/** The same of a size told now: by what forecasts and pressures say of the time since the begin, and by registers. */
const MEAN_ERROR = 0.2
const REGISTER_ERROR = 0.07
const P95 = 1.645

/** An incident that is being followed. */
export interface OpenIncident {
  id: string
  state: LeakState
  suspectedAt: number
  detectedAt: number | undefined
  begin: number
  /** Of a rupture's first slot, until hours are known. */
  firstLook: PatternTrace | undefined
  trace: PatternTrace | undefined
  filter: PatternFilter | undefined
  tracedUntil: number
  retracedAt: number
  posterior: PlacePosterior | undefined
  balance: LeakBalance
  balanceTotal: number
  screenTotal: number
  total: number
  low: number
  kind: 'leak' | 'rupture'
  /** A rupture may be so many times what was heard of it: an inlet that has not spoken may carry as much as those that have. */
  reach: number
  startedAt: number | undefined
}

export function openIncident(id: string, newest: number, balance: LeakBalance): OpenIncident {
  return {
    id,
    state: 'suspected',
    suspectedAt: newest,
    detectedAt: undefined,
    begin: balance.begin,
    firstLook: undefined,
    trace: undefined,
    filter: undefined,
    tracedUntil: 0,
    retracedAt: Number.NEGATIVE_INFINITY,
    posterior: undefined,
    balance,
    balanceTotal: balance.logOdds,
    screenTotal: balance.logOdds,
    total: balance.logOdds,
    low: 0,
    kind: 'leak',
    reach: 1,
    startedAt: undefined,
  }
}

/** The incident as others see it. @param density kg/m³ at the reference state */
export function incidentView(network: Network, zone: number, density: number, open: OpenIncident): LeakIncident {
  const flow = flowView(open, density)
  const standardFlow = { ...flow, p95: flow.p95 * open.reach }
  return {
    id: open.id,
    kind: open.kind,
    state: open.state,
    zone: network.zones.ids[zone] ?? '',
    suspectedAt: open.suspectedAt,
    detectedAt: open.detectedAt,
    startedAt: open.startedAt ?? open.begin * HOUR,
    candidates: candidatesOf(network, open),
    standardFlow,
    evidence: evidenceOf(open, standardFlow),
  }
}

/** Two looks at a size that differ by more than this are not of one flow, as a number of standard deviations. */
const AGREE = 2.5

/**
 * How much flows now. Forecasts and pressures know the mean since the begin, a leak grows, and a large one leaves the range in which
 * pressures answer in proportion: registers say it best, once they have come.
 */
function flowView({ posterior, balance }: OpenIncident, density: number): LeakIncident['standardFlow'] {
  const flow = posterior === undefined ? flowOf(balance) : posterior.flow.p50 / density
  const spread =
    posterior === undefined ? sigmaOf(balance) : (posterior.flow.p95 - posterior.flow.p05) / density / (2 * P95)
  const sigma = Math.hypot(spread, MEAN_ERROR * flow)
  const { byRegisters, registersSigma } = balance
  const counted = Math.hypot(registersSigma, REGISTER_ERROR * byRegisters)
  if (!(byRegisters > 0) || !(counted > 0)) return interval(flow, sigma)
  if (Math.abs(byRegisters - flow) > AGREE * Math.hypot(sigma, counted)) return interval(byRegisters, counted)
  const precision = 1 / (sigma * sigma) + 1 / (counted * counted)
  return interval((flow / (sigma * sigma) + byRegisters / (counted * counted)) / precision, 1 / Math.sqrt(precision))
}

function interval(mean: number, sigma: number): LeakIncident['standardFlow'] {
  return { p05: Math.max(0, mean - P95 * sigma), p50: Math.max(0, mean), p95: Math.max(0, mean + P95 * sigma) }
}

function candidatesOf(network: Network, open: OpenIncident): LeakCandidate[] {
  const { posterior } = open
  const trace = open.trace ?? open.firstLook
  if (posterior === undefined || trace === undefined) return []
  const byPipe = new Map<number, { probability: number; best: number; position: number }>()
  for (const x of trace.candidates) {
    const p = posterior.probability[x] as number
    const pipe = trace.places.pipe[x] as number
    const row = byPipe.get(pipe) ?? { probability: 0, best: -1, position: 0 }
    row.probability += p
    if (p > row.best) {
      row.best = p
      row.position = trace.places.share[x] as number
    }
    byPipe.set(pipe, row)
  }
  const rows = [...byPipe].sort((a, b) => b[1].probability - a[1].probability)
  const out: LeakCandidate[] = []
  let sum = 0
  for (const [pipe, { probability, position }] of rows) {
    out.push({ pipe: network.edges.ids[pipe] ?? '', probability, position })
    sum += probability
    if (sum >= COVERED) break
  }
  return out
}

function evidenceOf(open: OpenIncident, flow: { p50: number }): LeakEvidence {
  const { balance, posterior, trace } = open
  return {
    balance: open.balanceTotal,
    pressure: posterior?.logEvidence ?? 0,
    total: open.total,
    byForecast: balance.byForecast,
    byRegisters: balance.byRegisters,
    pressureHours: trace?.hours ?? 0,
    words: [`about ${(flow.p50 * 3600).toFixed(2)} m³/h more flows into the zone than its use explains`],
  }
}
