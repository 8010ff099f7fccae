import type { LastingRise, LowFlowFinding, LowFlowKind, MeterSuspect, RisenFloor } from '@gastwin/analytics'
import type { SuspectFact, SuspectReason } from '../contract/index.ts'

/** As what a low-flow finding is told; what lasts for an hour or is an alarm anyway is no suspect. */
const KIND_OF: Partial<Readonly<Record<LowFlowKind, SuspectReason['kind']>>> = {
  leak_behind_meter: 'leak_behind_meter',
  flow_never_stops: 'leak_behind_meter',
  prolonged_small_flow: 'small_flow',
  appliance_left_on: 'small_flow',
  night_flow: 'small_flow',
  dead_meter: 'stopped',
  meter_too_large: 'oversized',
}
/** Of registers that stand longer than they ever did, the part where the meter is at fault and not the home empty (assumption). */
const AT_FAULT = 0.6

/** What the walk over a meter's register says, as reasons to suspect it. @param home small flows of businesses are their business */
export function lowFlowReasons(findings: readonly LowFlowFinding[], home: boolean): SuspectReason[] {
  return findings.flatMap((finding): SuspectReason[] => {
    const kind = KIND_OF[finding.kind]
    if (kind === undefined || finding.until !== null) return []
    const { since, probability, flowM3H } = finding
    switch (kind) {
      case 'leak_behind_meter':
      case 'small_flow':
        if (!home) return []
        return [{ kind, probability, since, m3_per_day: perDay(flowM3H), facts: flowFacts(finding) }]
      case 'stopped':
        return [
          {
            ...{ kind, probability: AT_FAULT * probability, since, m3_per_day: null },
            facts: [fact('stands_still', null, '1', since), fact('longer_than_its_pauses', probability, '1', since)],
          },
        ]
      default:
        return [
          {
            ...{ kind, probability, since: null, m3_per_day: null },
            facts: [fact('largest_hour', flowM3H?.p50 ?? null, 'm3/h', since)],
          },
        ]
    }
  })
}

/** A use that rose by the same amount on all days. @param begin of the first day, Unix ms */
export function risenReason({ day, m3PerDay, strength, chance }: RisenFloor, begin: number): SuspectReason {
  const since = begin + day * 86_400_000
  return {
    ...{ kind: 'small_flow', probability: chance, since, m3_per_day: m3PerDay },
    facts: [
      fact('risen_floor', m3PerDay.p50, 'm3/day', since),
      fact('steady_flow', m3PerDay.p50 / 24, 'm3/h', since),
      fact('strength', strength),
    ],
  }
}

/** Of flows that are told within days, the part that lasts: gas homes live less evenly than the water homes the rule was made on (assumption). */
const LASTS = 0.7

/** A constant flow that began within days. @param begin of the first day, Unix ms */
export function freshReason({ day, m3PerDay, strength, chance }: LastingRise, begin: number): SuspectReason {
  const since = begin + day * 86_400_000
  return {
    ...{ kind: 'small_flow', probability: LASTS * chance, since, m3_per_day: m3PerDay },
    facts: [
      fact('fresh_rise', m3PerDay.p50, 'm3/day', since),
      fact('steady_flow', m3PerDay.p50 / 24, 'm3/h', since),
      fact('strength', strength),
    ],
  }
}

/** A suspicion of the ledger as a reason. */
export const ledgerReason = ({ kind, score, since, m3_per_day, facts }: MeterSuspect): SuspectReason => ({
  kind,
  probability: Math.min(1, Math.max(0, score)),
  since,
  m3_per_day,
  facts: facts.map(({ code, value, unit, at }) => ({ code, value: finite(value), unit, at })),
})

/**
 * One reason of each kind, the best supported first. Two views of one thing are one reason: the more probable one, with the facts of
 * both.
 */
export function mergeReasons(reasons: readonly SuspectReason[]): readonly SuspectReason[] {
  const merged = new Map<SuspectReason['kind'], SuspectReason>()
  for (const one of reasons) {
    const known = merged.get(one.kind)
    if (known === undefined) {
      merged.set(one.kind, one)
      continue
    }
    const [strong, weak] = one.probability > known.probability ? [one, known] : [known, one]
    const codes = new Set(strong.facts.map(({ code }) => code))
    merged.set(one.kind, {
      ...strong,
      since: strong.since ?? weak.since,
      m3_per_day: strong.m3_per_day ?? weak.m3_per_day,
      facts: [...strong.facts, ...weak.facts.filter(({ code }) => !codes.has(code))],
    })
  }
  return [...merged.values()].sort((a, b) => b.probability - a.probability || a.kind.localeCompare(b.kind))
}

function flowFacts({ kind, since, probability, flowM3H }: LowFlowFinding): SuspectFact[] {
  const flow = fact('steady_flow', flowM3H?.p50 ?? null, 'm3/h', since)
  if (kind === 'night_flow') return [fact('restless_nights', probability, '1', since), flow]
  if (kind === 'prolonged_small_flow') return [fact('longest_steady_run', probability, '1', since), flow]
  return [fact('never_zero', probability, '1', since), flow]
}

const perDay = (flow: LowFlowFinding['flowM3H']) =>
  flow === null ? null : { p05: 24 * flow.p05, p50: 24 * flow.p50, p95: 24 * flow.p95 }

const finite = (value: number | null) => (value !== null && Number.isFinite(value) ? value : null)

const fact = (code: string, value: number | null, unit = '1', at: number | null = null): SuspectFact => ({
  code,
  value,
  unit,
  at,
})
