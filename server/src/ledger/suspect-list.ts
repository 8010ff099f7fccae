import {
  type GapTariff,
  lastingRise,
  meterSuspects,
  ownUse,
  risenFloor,
  standingRegister,
  type TamperEvent,
  townCourse,
  type WeighedSuspicion,
} from '@gastwin/analytics'
import type { DayPanel } from '@gastwin/analytics/theft'
import { METER_CLASSES, type Network } from '@gastwin/twin'
import type { SuspectFinding, SuspectReason } from '../contract/index.ts'
import { describeEvidence, describeSuspect } from './describe-suspects.ts'
import type { LearnedRanks, LearnedReason } from './learned-scores.ts'
import type { EvidenceBody } from './ledger-messages.ts'
import type { LowFlowWatch } from './low-flow-watch.ts'
import { freshReason, ledgerReason, lowFlowReasons, mergeReasons, risenReason } from './suspect-reasons.ts'
import { SUSPECTED } from './suspect-record.ts'

const MOST_SUSPECTS = 2_000
/** Explaining one course takes a millisecond: those that somebody may look at. */
const MOST_EXPLAINED = 200
const EXPLAINED_FROM = 0.8
/** One pulse of a home's meter, m³. @source wireless reading scheme §3.3.5.9 */
const STEP_M3 = 0.1
const RESIDENTIAL = METER_CLASSES.indexOf('residential')

/** What is known of the meters of some zones. */
export interface SuspectSources {
  readonly network: Network
  readonly found: readonly WeighedSuspicion[]
  readonly tamper: ReadonlyMap<number, readonly TamperEvent[]>
  /** What each of them used by the day, in the same order. */
  readonly use: DayPanel
  readonly learned: LearnedRanks
  readonly lowFlow: LowFlowWatch
  readonly tariff: GapTariff
  /** Too few days to tell a drop from chance. */
  readonly short: boolean
}

export interface SuspectList {
  /** One row a meter, most probable first. */
  readonly suspects: readonly SuspectFinding[]
  /** By meter. */
  readonly evidence: ReadonlyMap<string, EvidenceBody>
  /** Meters with a small flow, or a register that stands, by the walk over their readings. */
  readonly lowFlowFindings: number
  /** Thieves that the shadow would add to the list and take from it. */
  readonly newly: number
  readonly noLonger: number
}

/** Everything that speaks against the meters of some zones, in one list. */
export function listSuspects(sources: SuspectSources): SuspectList {
  const { network, found, tamper, learned, tariff, short } = sources
  const reasons = new Map<number, SuspectReason[]>()
  const add = (meter: number, more: readonly SuspectReason[]) => {
    if (more.length > 0) reasons.set(meter, [...(reasons.get(meter) ?? []), ...more])
  }
  const ranks = short ? new Map<number, number>() : learned.active
  const listed = meterSuspects(network, found, undefined, tamper, ranks).slice(0, MOST_SUSPECTS)
  let explained = 0
  for (const one of listed) {
    const meter = network.meters.meterOf(one.meter)
    // What a size carries shows in a day, and so does a magnet; a drop does not.
    if (short && one.kind !== 'oversized' && (tamper.get(meter) ?? []).length === 0) continue
    const rank = ranks.get(meter) ?? 0
    const isExplained = one.kind === 'theft' && rank >= EXPLAINED_FROM && explained < MOST_EXPLAINED
    if (isExplained) explained += 1
    add(meter, [withCourse(ledgerReason(one), isExplained ? learned.explain(meter) : undefined)])
  }
  let lowFlowFindings = 0
  for (const [meter, more] of smallFlows(sources)) {
    lowFlowFindings += 1
    add(meter, more)
  }
  const suspects: SuspectFinding[] = []
  const evidence = new Map<string, EvidenceBody>()
  for (const one of found) {
    const { meter } = one.meter.register
    const merged = mergeReasons(reasons.get(meter) ?? [])
    if (merged.length === 0) continue
    suspects.push(describeSuspect(network, one, merged, ownUse(one), tariff, ranks.get(meter) ?? null))
    evidence.set(network.meters.idOf(meter), describeEvidence(one, tamper.get(meter) ?? []))
  }
  suspects.sort((a, b) => b.probability - a.probability || a.meter.localeCompare(b.meter))
  return { suspects, evidence, lowFlowFindings, ...changedBy(sources) }
}

/** What the walk over the registers and the days of use tell of small flows, standing registers and sizes, by meter. */
function smallFlows({ network, found, use, lowFlow }: SuspectSources): Map<number, SuspectReason[]> {
  const { days, values } = use
  const rows = found.map((_, row) => values.subarray(row * days, (row + 1) * days))
  const isHome = (meter: number) => network.meters.class[meter] === RESIDENTIAL
  const town = townCourse(
    rows.filter((_, row) => isHome(found[row]?.meter.register.meter ?? -1)),
    days,
  )
  const level = town.map((share) => 1 + share)
  const reasons = new Map<number, SuspectReason[]>()
  found.forEach(({ zone, meter: { register } }, row) => {
    const { meter } = register
    const home = isHome(meter)
    // A boiler fires every day of a winter: of daily readings a constant flow is told only by a rise that is seen to begin.
    const walked = lowFlow.isHourly(meter)
    const standing = walked ? undefined : standingRegister(register.time, register.total, home)
    const lasting = walked ? lowFlow.lasting(meter) : standing === undefined ? [] : [standing]
    const daily = home && !walked
    const rise = daily ? risenFloor(rows[row] ?? [], town) : undefined
    const fresh = daily && rise === undefined ? lastingRise(rows[row] ?? [], level, STEP_M3) : undefined
    const begin = zone.clock.grid.begin
    const risen = rise === undefined ? [] : [risenReason(rise, begin)]
    const begun = fresh === undefined ? [] : [freshReason(fresh, begin)]
    const more = [...lowFlowReasons(lasting, home), ...risen, ...begun]
    if (more.length > 0) reasons.set(meter, more)
  })
  return reasons
}

/** Adds what the learned model sees in the course, and its size and date where the ledger has none. */
function withCourse(reason: SuspectReason, course: LearnedReason | undefined): SuspectReason {
  if (course === undefined) return reason
  return {
    ...reason,
    since: reason.since ?? course.since,
    m3_per_day: reason.m3_per_day ?? course.lost_per_day,
    facts: [
      ...reason.facts,
      ...course.reasons.map(({ reason: code, log_odds }) => ({ code, value: log_odds, unit: '1', at: null })),
    ],
  }
}

/** How many would be suspected of theft with the shadow's ranks only, and with the active model's only. */
function changedBy({ network, found, tamper, learned, short }: SuspectSources): { newly: number; noLonger: number } {
  if (short || learned.shadow.size === 0) return { newly: 0, noLonger: 0 }
  const thieves = (ranks: ReadonlyMap<number, number>) =>
    new Set(
      meterSuspects(network, found, SUSPECTED, tamper, ranks).flatMap(({ kind, meter }) =>
        kind === 'theft' ? [meter] : [],
      ),
    )
  const [before, after] = [thieves(learned.active), thieves(learned.shadow)]
  const beyond = (one: ReadonlySet<string>, other: ReadonlySet<string>) =>
    [...one].reduce((count, meter) => count + (other.has(meter) ? 0 : 1), 0)
  return { newly: beyond(after, before), noLonger: beyond(before, after) }
}
