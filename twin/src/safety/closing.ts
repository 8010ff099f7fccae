import type { PlannedValve, Shutoff, ShutoffPlan, ValveProgress } from './shutoff.ts'
import type { ShutoffDraft } from './shutoff-draft.ts'
import { evidenceKinds, verdictOf } from './votes.ts'

export function progressOf(planned: PlannedValve): ValveProgress {
  return { ...planned, state: 'waiting', sentAt: null, acceptedAt: null, confirmedAt: null, tries: 0, error: null }
}

/** From a decision to whatever the mode asks for: the next state after votes or an operator's request suffice. */
export function decide(draft: ShutoffDraft): void {
  const { cause, votes, plan, mode } = draft.now
  const verdict = cause.kind === 'operator' ? 'ask' : verdictOf(votes, plan.protectedMeters)
  if (verdict === 'wait') return
  if (!plan.feasible) {
    draft.fail('plan_impossible')
  } else if (mode === 'dry_run') {
    for (const { valve } of plan.valves) draft.audit('would_close', { valve })
    draft.set({ state: 'dry_run_complete' })
    draft.audit('dry_run_complete')
  } else if (mode === 'automatic' && verdict === 'shut') {
    beginByVotes(draft)
  } else if (draft.now.state !== 'awaiting_approval') {
    draft.audit('approval_asked')
    draft.askApproval()
  }
}

export function beginByVotes(draft: ShutoffDraft): void {
  draft.set({
    authority: { basis: 'votes', at: draft.at, evidenceKinds: evidenceKinds(draft.now.votes) },
    state: 'closing',
    asked: 0,
  })
  draft.audit('closing_by_votes', { detail: draft.now.votes.map((vote) => vote.rule).join(' + ') })
  proceed(draft)
}

/** Sends what may be sent; when every valve of the plan is closed, asks for the proof. */
export function proceed(draft: ShutoffDraft): void {
  for (const { valve, actuator } of draft.now.valves) {
    if (draft.now.state !== 'closing') return
    const progress = planned(draft.now).find((row) => row.valve === valve)
    if (progress?.state !== 'waiting') continue
    const free = actuator === 'manual' || onTheirWay(draft.now) < draft.policy.parallelCloses
    if (free) tryValve(draft, progress)
  }
  const { state, replanPending } = draft.now
  if (state !== 'closing' || replanPending || !planned(draft.now).every((progress) => progress.state === 'closed'))
    return
  draft.set({ state: 'verifying', proof: null, verifications: draft.now.verifications + 1 })
  draft.audit('all_valves_closed')
  askProof(draft)
}

export function askProof(draft: ShutoffDraft): void {
  draft.effects.push({ kind: 'request_proof', edge: draft.now.edge })
  draft.effects.push({
    kind: 'start_timer',
    timer: 'verify',
    ms: draft.policy.verifyMs,
    round: draft.now.verifications,
  })
}

/** One more try, or, when all are spent, a plan without this valve. */
export function tryValve(draft: ShutoffDraft, progress: ValveProgress): void {
  if (progress.tries < draft.policy.maxTries) draft.close(progress, progress.tries + 1)
  else stuck(draft, progress)
}

function stuck(draft: ShutoffDraft, { valve, error }: ValveProgress): void {
  draft.setValve(valve, { state: 'failed' })
  draft.audit('valve_stuck', { valve, ...(error !== null && { detail: error }) })
  draft.effects.push({ kind: 'raise_alarm', code: 'valve_stuck', valve })
  draft.set({ inoperable: [...draft.now.inoperable, valve] })
  replan(draft)
}

function replan(draft: ShutoffDraft): void {
  if (draft.now.replans >= draft.policy.maxReplans) {
    draft.fail('too_many_plans')
    return
  }
  draft.set({ replanPending: true, replans: draft.now.replans + 1 })
  draft.effects.push({ kind: 'replan', edge: draft.now.edge, inoperable: draft.now.inoperable })
}

/** Takes a wider plan: known valves keep their progress, and who must approve approves anew. */
export function widen(draft: ShutoffDraft, plan: ShutoffPlan): void {
  if (!plan.feasible) {
    draft.fail('plan_impossible')
    return
  }
  if (plan.valves.some(({ valve }) => draft.now.inoperable.includes(valve))) {
    // Made before the last valve failed: the planner is asked again, a bounded number of times.
    replan(draft)
    return
  }
  const known = draft.now.valves.filter(
    ({ valve, state }) => state !== 'waiting' || plan.valves.some((row) => row.valve === valve),
  )
  const fresh = plan.valves.filter(({ valve }) => !known.some((row) => row.valve === valve))
  draft.set({ plan, valves: [...known, ...fresh.map(progressOf)], replanPending: false })
  draft.audit('plan_widened', { detail: plan.hash })
  if (needsApproval(draft.now)) {
    draft.set({ asked: 0 })
    draft.audit('approval_asked')
    draft.askApproval()
  } else {
    proceed(draft)
  }
}

/** Valves of the present plan with their progress. */
export function planned({ plan, valves }: Shutoff): readonly ValveProgress[] {
  return valves.filter(({ valve }) => plan.valves.some((row) => row.valve === valve))
}

function needsApproval({ mode, cause, authority, plan }: Shutoff): boolean {
  if (mode === 'approval' || cause.kind === 'operator' || authority?.basis === 'approval') return true
  return plan.protectedMeters > 0 && (authority === null || authority.evidenceKinds < 2)
}

function onTheirWay({ valves }: Shutoff): number {
  return valves.filter(({ state, actuator }) => actuator === 'remote' && (state === 'sent' || state === 'accepted'))
    .length
}
