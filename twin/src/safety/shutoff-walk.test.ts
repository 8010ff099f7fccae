import { describe, expect, test } from 'vitest'
import { INTERLOCKS } from './interlocks.table.ts'
import {
  isFinal,
  SAFETY_POLICY,
  type SafetyMode,
  type SafetyPolicy,
  SHUTOFF_STATES,
  type Shutoff,
  type ShutoffEffect,
  type ShutoffEvent,
  type ShutoffPlan,
  type ShutoffTimer,
} from './shutoff.ts'
import { openShutoff, type ShutoffRequest, type ShutoffStep, stepShutoff } from './step.ts'
import type { Vote } from './votes.ts'

/** Small numbers, so that every reachable state can be visited; the code knows no other than these bounds. */
const POLICY: SafetyPolicy = { ...SAFETY_POLICY, maxTries: 2, parallelCloses: 1, maxReplans: 1, approvalReminders: 1 }
const AT = 1_700_000_000_000
const asset = { kind: 'rtu', id: 'R1' }
const vote = (evidenceKind: string, strength: Vote['strength']): Vote => ({
  evidenceKind,
  strength,
  rule: `${evidenceKind}-${strength}`,
  asset,
  at: AT,
})
const VOTES = [
  vote('gas_concentration', 'certain'),
  vote('pressure', 'strong'),
  vote('flow_balance', 'strong'),
  vote('flow_balance', 'weak'),
] as const

function plan(hash: string, valves: readonly string[], part: Partial<ShutoffPlan> = {}): ShutoffPlan {
  const rows = valves.map((valve) => ({
    valve,
    actuator: valve === 'V2' ? ('manual' as const) : ('remote' as const),
    travelMs: 1000,
  }))
  return { hash, feasible: true, protectedMeters: 0, valves: rows, ...part }
}

/** Every event the outside world can make in a state, and some it cannot. Timers: the one that runs, and one that ran before. */
function eventsFor(shutoff: Shutoff): readonly ShutoffEvent[] {
  const { asked, replans, verifications, requestedBy } = shutoff
  const timeout = (timer: ShutoffTimer, round: number, valve?: string): ShutoffEvent => ({
    kind: 'timeout',
    at: AT,
    timer,
    round,
    ...(valve !== undefined && { valve }),
  })
  return [
    ...STEADY,
    ...(requestedBy === null ? ['second'] : [requestedBy, 'second']).flatMap((user) =>
      ['P1', 'P2', 'P3'].map((planHash) => ({ kind: 'approve' as const, at: AT, user, planHash })),
    ),
    ...shutoff.valves.flatMap(({ valve, tries }) => [
      timeout('valve', tries, valve),
      timeout('valve', tries - 1, valve),
    ]),
    ...[replans * 1000 + asked, asked - 1].map((round) => timeout('approval', round)),
    ...[verifications, verifications - 1].map((round) => timeout('verify', round)),
    timeout('votes', 0),
    timeout('valve', 1, 'unknown'),
  ]
}

const STEADY: readonly ShutoffEvent[] = [
  ...VOTES.slice(0, 2).flatMap((v) =>
    [true, false].map((active) => ({ kind: 'vote' as const, at: AT, vote: v, active })),
  ),
  { kind: 'abort', at: AT, user: 'anyone', reason: 'works' },
  ...['V1', 'V2', 'V3', 'V4', 'unknown'].flatMap((valve): ShutoffEvent[] => [
    { kind: 'valve_accepted', at: AT, valve },
    { kind: 'valve_closed', at: AT, valve, saidAt: AT },
    { kind: 'valve_closed', at: AT, valve, saidAt: AT - 3_600_000 },
    { kind: 'valve_refused', at: AT, valve, error: 'refused' },
  ]),
  { kind: 'plan', at: AT, plan: plan('P2', ['V1', 'V3']) },
  { kind: 'plan', at: AT, plan: plan('P3', ['V2', 'V4'], { protectedMeters: 2 }) },
  { kind: 'plan', at: AT, plan: plan('P4', ['V4'], { feasible: false }) },
  { kind: 'plan_impossible', at: AT, reason: 'no valve left' },
  ...[true, false].map((stopped) => ({
    kind: 'proof' as const,
    at: AT,
    stopped,
    proof: { code: 'flow', at: AT, value: 0, limit: 1, unit: 'm3/s' },
  })),
  { kind: 'restart', at: AT },
]

/** What really happened on the way to a state, kept by the walk itself and not by the machine under test. */
interface History {
  /** Two independent kinds stood together once. */
  readonly twoKinds: boolean
  readonly certain: boolean
  /** Plans that a person other than the requester approved while they were the plan. */
  readonly approved: readonly string[]
  /** Valves whose close was ordered and audited. */
  readonly ordered: readonly string[]
}

function after(
  history: History,
  before: Shutoff | undefined,
  event: ShutoffEvent | undefined,
  step: ShutoffStep,
): History {
  const kinds = new Set(step.shutoff.votes.filter((v) => v.strength !== 'weak').map((v) => v.evidenceKind))
  const approves =
    event?.kind === 'approve' &&
    before?.state === 'awaiting_approval' &&
    event.user !== before.requestedBy &&
    event.planHash === before.plan.hash
  const ordered = step.effects.flatMap((effect) =>
    effect.kind === 'close_valve' || effect.kind === 'ask_crew' ? [effect.valve] : [],
  )
  return {
    twoKinds: history.twoKinds || kinds.size >= 2,
    certain: history.certain || step.shutoff.votes.some((v) => v.strength === 'certain'),
    approved: approves ? [...new Set([...history.approved, event.planHash])].sort() : history.approved,
    ordered: [...new Set([...history.ordered, ...ordered])].sort(),
  }
}

const ALLOWED = new Set([
  'close_valve',
  'ask_crew',
  'ask_approval',
  'replan',
  'request_proof',
  'raise_alarm',
  'start_timer',
  'audit',
])
const moves = (effects: readonly ShutoffEffect[]) =>
  effects.flatMap((effect) => (effect.kind === 'close_valve' || effect.kind === 'ask_crew' ? [effect.valve] : []))

/** The promises, checked at each transition from the walk's own history. */
function broken(
  before: Shutoff | undefined,
  event: ShutoffEvent | undefined,
  step: ShutoffStep,
  history: History,
): string | undefined {
  const { shutoff, effects } = step
  const closes = moves(effects)
  const human = history.approved.includes(shutoff.plan.hash)
  for (const effect of effects) if (!ALLOWED.has(effect.kind)) return `effect ${effect.kind}`
  if (effects.length > 0 && /open/.test(JSON.stringify(effects))) return 'something is opened'
  if (before !== undefined && isFinal(before.state) && (shutoff.state !== before.state || closes.length > 0))
    return 'a final state was left'
  if (shutoff.valves.some((v) => v.tries > POLICY.maxTries)) return 'too many tries'
  if (shutoff.ending?.startsWith('interlock')) return `the machine ran into ${shutoff.ending}`
  for (const [i, effect] of effects.entries()) {
    if (effect.kind !== 'close_valve' && effect.kind !== 'ask_crew') continue
    const record = effects[i - 1]
    if (record?.kind !== 'audit' || record.code !== 'close_ordered' || record.valve !== effect.valve)
      return 'close without audit'
    if (
      !effects.some(
        (e) =>
          e.kind === 'start_timer' && e.timer === 'valve' && e.valve === effect.valve && e.round === effect.attempt,
      )
    )
      return 'close without timer'
  }
  for (const valve of history.ordered) {
    const progress = shutoff.valves.find((row) => row.valve === valve)
    if (progress === undefined || progress.tries === 0) return `close of ${valve} was forgotten`
  }
  if (closes.length === 0) return undefined
  if (shutoff.mode === 'dry_run') return 'close in dry run'
  if (shutoff.mode === 'approval' && !human) return 'close before approval'
  if (shutoff.cause.kind === 'operator' && !human) return 'close on one person alone'
  if (shutoff.mode === 'automatic' && !human && !history.twoKinds && !history.certain) return 'close without votes'
  if (shutoff.plan.protectedMeters > 0 && !human && !history.twoKinds)
    return 'protected customers without a second vote'
  if (closes.some((valve) => !shutoff.plan.valves.some((row) => row.valve === valve)))
    return 'close of a valve outside the plan'
  if (closes.some((valve) => before?.inoperable.includes(valve))) return 'close of a valve given up'
  if (event?.kind === 'approve' && event.user === shutoff.requestedBy) return 'own approval closed'
  return undefined
}

const ONCE = new Set(['vote', 'approve', 'abort', 'valve_accepted', 'valve_closed', 'proof', 'timeout'])

/** Visits every reachable state with every event; returns what was reached and the first broken promise. */
function walk(request: ShutoffRequest, policy: SafetyPolicy) {
  const seen = new Map<string, number>()
  const cameFrom: number[][] = []
  const finals: number[] = []
  const queue: { shutoff: Shutoff; history: History }[] = []
  const enter = (shutoff: Shutoff, history: History, from: number) => {
    const key = keyOf(shutoff, history)
    let id = seen.get(key)
    if (id === undefined) {
      id = seen.size
      seen.set(key, id)
      queue.push({ shutoff, history })
      cameFrom.push([])
      if (isFinal(shutoff.state)) finals.push(id)
    }
    if (from >= 0 && from !== id) cameFrom[id]?.push(from)
  }
  const first = openShutoff(request, policy)
  const history = after({ twoKinds: false, certain: false, approved: [], ordered: [] }, undefined, undefined, first)
  let fault = broken(undefined, undefined, first, history)
  enter(first.shutoff, history, -1)
  let steps = 0
  for (let id = 0; id < queue.length && fault === undefined; id++) {
    const at = queue[id]
    if (at === undefined) break
    for (const event of eventsFor(at.shutoff)) {
      steps += 1
      const step = stepShutoff(at.shutoff, event, policy)
      if (step.shutoff === at.shutoff && step.effects.length === 0) continue
      const then = after(at.history, at.shutoff, event, step)
      fault ??= broken(at.shutoff, event, step, then)
      if (ONCE.has(event.kind) && moves(step.effects).length > 0) {
        const again = moves(stepShutoff(step.shutoff, event, policy).effects)
        if (moves(step.effects).some((valve) => again.includes(valve)))
          fault ??= `told twice, closed twice: ${event.kind}`
      }
      if (fault !== undefined) fault += ` by ${event.kind} in ${JSON.stringify(at.shutoff)}`
      // What trickles in after the end was checked above; it leads nowhere else.
      if (!isFinal(at.shutoff.state)) enter(step.shutoff, then, id)
    }
  }
  const reached = new Set(queue.map(({ shutoff }) => shutoff.state))
  return { states: seen.size, steps, reached, fault, stranded: seen.size - reaching(finals, cameFrom) }
}

/** Two states with the same key behave alike: times, words of errors and numbers of timers are not in it; `ordered` follows from the tries. */
function keyOf(shutoff: Shutoff, { twoKinds, certain, approved }: History): string {
  const { state, votes, authority, inoperable, replanPending, replans, asked, plan: p } = shutoff
  if (isFinal(state)) return `${state} ${shutoff.valves.map((row) => row.state)}`
  let key = `${state} ${p.hash} ${inoperable} ${replanPending} ${replans} ${state === 'awaiting_approval' ? asked : 0} ${twoKinds}${certain} ${approved} `
  for (const row of shutoff.valves) key += `${row.valve}${row.state}${row.tries} `
  for (const rule of votes.map((v) => v.rule).sort()) key += rule
  return authority?.basis === 'votes'
    ? `${key} ${authority.evidenceKinds}`
    : `${key} ${authority?.by} ${authority?.planHash}`
}

/** How many states can still come to an end. */
function reaching(finals: readonly number[], endsFrom: readonly (readonly number[])[]): number {
  const found = new Set(finals)
  for (const id of found) for (const from of endsFrom[id] ?? []) found.add(from)
  return found.size
}

const BEGINNINGS: readonly (readonly [string, readonly Vote[], string | null])[] = [
  ['one strong vote', [VOTES[1]], null],
  ['one certain vote', [VOTES[0]], null],
  ['two kinds of evidence', [VOTES[1], VOTES[2]], null],
  ['a weak vote', [VOTES[3]], null],
  ['an operator', [], 'requester'],
]
const MODES: readonly SafetyMode[] = ['automatic', 'approval', 'dry_run']

/** Valves of the first plan and tries of each. GASTWIN_WALK=full adds the largest (minutes). */
const SIZES: readonly (readonly [valves: readonly string[], maxTries: number])[] = [
  [['V1'], 2],
  [['V1', 'V2'], 1],
  ...(process.env['GASTWIN_WALK'] === 'full'
    ? ([
        [['V1', 'V2'], 2],
        [['V1', 'V2', 'V3'], 1],
      ] as const)
    : []),
]

describe('every reachable state with every event', () => {
  const reachedAtAll = new Set<string>()
  const sum = { states: 0, steps: 0 }

  function check(
    mode: SafetyMode,
    votes: readonly Vote[],
    requestedBy: string | null,
    first: ShutoffPlan,
    maxTries: number,
  ): void {
    const kind = requestedBy === null ? 'detection' : 'operator'
    const cause = { kind, alarm: 'A1', rules: [], asset } as const
    const result = walk(
      { id: 'S1', mode, zone: 'Z1', edge: 'E1', cause, requestedBy, reason: 'test', plan: first, votes, at: AT },
      { ...POLICY, maxTries },
    )
    expect(result.fault).toBeUndefined()
    expect(result.stranded).toBe(0)
    for (const state of result.reached) reachedAtAll.add(state)
    sum.states += result.states
    sum.steps += result.steps
  }

  describe.each(SIZES)('of a plan of %s with %i tries', (valves, maxTries) => {
    for (const mode of MODES) {
      for (const [name, votes, requestedBy] of BEGINNINGS) {
        for (const protectedMeters of [0, 1]) {
          test(`${mode}, begun by ${name}, ${protectedMeters} protected: no promise is broken and every state can end`, () => {
            check(mode, votes, requestedBy, plan('P1', valves, { protectedMeters }), maxTries)
          })
        }
      }
    }
  })

  test('a plan of three valves keeps the promises too', () => {
    check('automatic', [VOTES[1], VOTES[2]], null, plan('P1', ['V1', 'V2', 'V3']), 1)
  })

  test('together the walks reached every state there is', () => {
    console.log(`shut-off walk: ${sum.states} states, ${sum.steps} steps`)
    expect([...reachedAtAll].sort()).toEqual([...SHUTOFF_STATES].sort())
  })

  test('the walk notices a machine that breaks a promise', () => {
    const { shutoff } = openShutoff(
      {
        id: 'S',
        mode: 'dry_run',
        zone: null,
        edge: 'E',
        cause: { kind: 'detection', alarm: null, rules: [], asset },
        requestedBy: null,
        reason: '',
        plan: plan('P1', ['V1']),
        votes: [],
        at: AT,
      },
      POLICY,
    )
    const bad: ShutoffStep = { shutoff, effects: [{ kind: 'close_valve', valve: 'V1', attempt: 1 }] }
    const history: History = { twoKinds: false, certain: false, approved: [], ordered: [] }
    expect(broken(undefined, undefined, bad, history)).toBe('close without audit')
    const audited: ShutoffStep = {
      shutoff,
      effects: [
        { kind: 'audit', at: AT, code: 'close_ordered', valve: 'V1' },
        ...bad.effects,
        { kind: 'start_timer', timer: 'valve', ms: 1, round: 1, valve: 'V1' },
      ],
    }
    expect(broken(undefined, undefined, audited, history)).toBe('close in dry run')
    expect(broken(undefined, undefined, { ...audited, shutoff: { ...shutoff, mode: 'approval' } }, history)).toBe(
      'close before approval',
    )
    expect(broken(undefined, undefined, { ...audited, shutoff: { ...shutoff, mode: 'automatic' } }, history)).toBe(
      'close without votes',
    )
  })
})

describe('the interlocks', () => {
  const closing: Shutoff = {
    ...openShutoff(
      {
        id: 'S',
        mode: 'automatic',
        zone: null,
        edge: 'E',
        cause: { kind: 'detection', alarm: null, rules: [], asset },
        requestedBy: 'requester',
        reason: '',
        plan: plan('P1', ['V1']),
        votes: [VOTES[1], VOTES[2]],
        at: AT,
      },
      POLICY,
    ).shutoff,
  }
  const approval = { basis: 'approval', at: AT, by: 'second', planHash: 'P1' } as const
  /** For each interlock a shut-off that only it forbids. */
  const FORGED: Readonly<Record<string, Partial<Shutoff>>> = {
    not_in_dry_run: { mode: 'dry_run' },
    only_while_closing: { state: 'awaiting_approval' },
    authority: { authority: null },
    approval_of_this_plan: { mode: 'approval' },
    second_person: { authority: { ...approval, by: 'requester' } },
    protected_customers: {
      plan: { ...closing.plan, protectedMeters: 1 },
      authority: { basis: 'votes', at: AT, evidenceKinds: 1 },
    },
    valve_of_this_plan: { inoperable: ['V1'] },
    bounded_tries: { valves: closing.valves.map((row) => ({ ...row, tries: 3 })) },
  }

  test.each(INTERLOCKS)('$id: $statement', ({ id, holds }) => {
    expect(closing.state).toBe('closing')
    expect(INTERLOCKS.filter((lock) => !lock.holds(closing, 'V1', POLICY))).toEqual([])
    const forged = FORGED[id]
    expect(forged).toBeDefined()
    expect(holds({ ...closing, ...forged }, 'V1', POLICY)).toBe(false)
  })

  test('a machine state that should not exist closes nothing: it fails with an alarm', () => {
    const step = stepShutoff(
      { ...closing, mode: 'dry_run' },
      { kind: 'valve_refused', at: AT, valve: 'V1', error: 'x' },
      POLICY,
    )
    expect(step.shutoff).toMatchObject({ state: 'failed', ending: 'interlock:not_in_dry_run' })
    expect(moves(step.effects)).toEqual([])
    expect(step.effects).toContainEqual({ kind: 'raise_alarm', code: 'shutoff_failed' })
  })
})
