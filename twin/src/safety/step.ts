import { askProof, beginByVotes, decide, planned, proceed, progressOf, widen } from './closing.ts'
import {
  isFinal,
  type SafetyMode,
  type SafetyPolicy,
  type Shutoff,
  type ShutoffCause,
  type ShutoffEffect,
  type ShutoffEvent,
  type ShutoffEventKind,
  type ShutoffPlan,
  type ShutoffState,
} from './shutoff.ts'
import { approvalRound, ShutoffDraft } from './shutoff-draft.ts'
import { castVote, evidenceKinds, type Vote, verdictOf } from './votes.ts'

export interface ShutoffRequest {
  readonly id: string
  readonly mode: SafetyMode
  readonly zone: string | null
  readonly edge: string
  readonly cause: ShutoffCause
  /** The operator who asks; null for a detection. */
  readonly requestedBy: string | null
  readonly reason: string
  readonly plan: ShutoffPlan
  readonly votes: readonly Vote[]
  readonly at: number
}

export interface ShutoffStep {
  readonly shutoff: Shutoff
  /** To be done in this order; the audit records before what they record. */
  readonly effects: readonly ShutoffEffect[]
}

/** Begins a shut-off. One vote may begin it; it then waits for the second. */
export function openShutoff(request: ShutoffRequest, policy: SafetyPolicy): ShutoffStep {
  const { at, votes, plan, ...facts } = request
  const fresh: Shutoff = {
    ...facts,
    plan,
    state: 'detected',
    authority: null,
    createdAt: at,
    updatedAt: at,
    valves: plan.valves.map(progressOf),
    votes: votes.reduce<readonly Vote[]>((all, vote) => castVote(all, vote, true, policy.voteWindowMs), []),
    inoperable: [],
    replanPending: false,
    replans: 0,
    asked: 0,
    verifications: 0,
    proof: null,
    ending: null,
  }
  const draft = new ShutoffDraft(fresh, at, policy)
  draft.audit('begun', { detail: request.reason, ...(request.requestedBy !== null && { by: request.requestedBy }) })
  decide(draft)
  if (draft.now.state === 'detected')
    draft.effects.push({ kind: 'start_timer', timer: 'votes', ms: policy.voteWaitMs, round: 0 })
  return { shutoff: draft.now, effects: draft.effects }
}

/**
 * What a shut-off becomes by one event, and what shall be done. Pure and total: any event in any state, also repeated or late,
 * gives an answer, and an event that means nothing in the present state changes nothing.
 */
export function stepShutoff(shutoff: Shutoff, event: ShutoffEvent, policy: SafetyPolicy): ShutoffStep {
  const draft = new ShutoffDraft(shutoff, event.at, policy)
  if (isFinal(shutoff.state)) afterTheEnd(draft, event)
  else handle(draft, event)
  return { shutoff: draft.now, effects: draft.effects }
}

type EventOf<K extends ShutoffEventKind> = Extract<ShutoffEvent, { kind: K }>
type Handlers = { readonly [K in ShutoffEventKind]?: (draft: ShutoffDraft, event: EventOf<K>) => void }
type LiveState = Exclude<ShutoffState, 'isolated' | 'failed' | 'aborted' | 'dry_run_complete'>

/** Which event means something in which state; all others mean nothing there. */
const TRANSITIONS: Readonly<Record<LiveState, Handlers>> = {
  detected: {
    vote: (draft, { vote, active }) => {
      if (takeVote(draft, vote, active)) decide(draft)
    },
    timeout: (draft, { timer }) => {
      if (timer === 'votes') draft.abort('no_second_vote')
    },
    abort: (draft, { user, reason }) => draft.abort(reason, user),
    restart: (draft) =>
      draft.effects.push({ kind: 'start_timer', timer: 'votes', ms: draft.policy.voteWaitMs, round: 0 }),
  },
  awaiting_approval: {
    vote: (draft, { vote, active }) => {
      if (!takeVote(draft, vote, active)) return
      const { mode, cause, votes, plan } = draft.now
      if (mode === 'automatic' && cause.kind === 'detection' && verdictOf(votes, plan.protectedMeters) === 'shut')
        beginByVotes(draft)
    },
    approve: approve,
    timeout: (draft, event) => {
      if (event.timer === 'valve') valveLost(draft, event.valve ?? '', 'no_answer', event.round)
      else if (event.timer === 'approval' && event.round === approvalRound(draft.now)) approvalMissed(draft)
    },
    abort: (draft, { user, reason }) => draft.abort(reason, user),
    valve_accepted: (draft, { valve }) => accepted(draft, valve),
    valve_closed: closed,
    valve_refused: (draft, { valve, error }) => valveLost(draft, valve, error),
    restart: (draft) => {
      draft.set({ asked: Math.max(0, draft.now.asked - 1) })
      draft.askApproval()
    },
  },
  closing: {
    vote: (draft, { vote, active }) => {
      takeVote(draft, vote, active)
    },
    valve_accepted: (draft, { valve }) => accepted(draft, valve),
    valve_closed: (draft, event) => {
      closed(draft, event)
      proceed(draft)
    },
    valve_refused: (draft, { valve, error }) => {
      valveLost(draft, valve, error)
      proceed(draft)
    },
    timeout: (draft, { timer, valve, round }) => {
      if (timer !== 'valve') return
      valveLost(draft, valve ?? '', 'no_answer', round)
      proceed(draft)
    },
    plan: (draft, { plan }) => {
      if (draft.now.replanPending) widen(draft, plan)
    },
    plan_impossible: (draft, { reason }) => {
      if (draft.now.replanPending) draft.fail(reason)
    },
    abort: (draft, { user, reason }) => draft.abort(reason, user),
    restart: reissue,
  },
  verifying: {
    proof: (draft, { stopped, proof }) => {
      draft.set({ proof })
      draft.audit(stopped ? 'flow_stopped' : 'flow_not_stopped_yet', {
        detail: `${proof.code} ${proof.value} ${proof.unit}`,
      })
      if (!stopped) return
      draft.set({ state: 'isolated' })
      draft.audit('isolated')
    },
    timeout: (draft, { timer, round }) => {
      if (timer === 'verify' && round === draft.now.verifications)
        draft.fail(draft.now.proof === null ? 'not_measured' : 'flow_not_stopped')
    },
    valve_refused: (draft, { valve, error }) => {
      if (!planned(draft.now).some((row) => row.valve === valve)) return
      valveLost(draft, valve, error)
      draft.set({ state: 'closing' })
      proceed(draft)
    },
    abort: (draft, { user }) => draft.audit('abort_refused_all_sent', { by: user }),
    restart: askProof,
  },
}

function handle(draft: ShutoffDraft, event: ShutoffEvent): void {
  const handlers = TRANSITIONS[draft.now.state as LiveState]
  const handler = handlers[event.kind] as ((draft: ShutoffDraft, event: ShutoffEvent) => void) | undefined
  handler?.(draft, event)
}

/** What was on its way when it ended still arrives: it is written down and moves nothing. */
function afterTheEnd(draft: ShutoffDraft, event: ShutoffEvent): void {
  if (event.kind === 'valve_accepted') accepted(draft, event.valve)
  if (event.kind === 'valve_closed') closed(draft, event)
}

/** @returns whether the votes changed */
function takeVote(draft: ShutoffDraft, vote: Vote, active: boolean): boolean {
  const votes = castVote(draft.now.votes, vote, active, draft.policy.voteWindowMs)
  if (votes === draft.now.votes) return false
  draft.set({ votes })
  draft.audit(active ? 'vote' : 'vote_ended', { detail: `${vote.rule} ${vote.evidenceKind} ${vote.strength}` })
  const { authority } = draft.now
  const kinds = evidenceKinds(votes)
  if (authority?.basis === 'votes' && kinds > authority.evidenceKinds)
    draft.set({ authority: { ...authority, evidenceKinds: kinds } })
  return true
}

function approve(draft: ShutoffDraft, { user, planHash, at }: EventOf<'approve'>): void {
  const { requestedBy, plan } = draft.now
  if (user === requestedBy) draft.audit('approval_refused_same_person', { by: user })
  else if (planHash !== plan.hash) draft.audit('approval_refused_other_plan', { by: user, detail: planHash })
  else {
    draft.set({ authority: { basis: 'approval', at, by: user, planHash }, state: 'closing' })
    draft.audit('approved', { by: user, detail: planHash })
    proceed(draft)
  }
}

function approvalMissed(draft: ShutoffDraft): void {
  if (draft.now.asked <= draft.policy.approvalReminders) {
    draft.audit('approval_reminded')
    draft.askApproval()
  } else if (draft.now.valves.some(({ state }) => state !== 'waiting')) {
    draft.fail('approval_expired')
  } else {
    draft.abort('approval_expired')
    draft.effects.push({ kind: 'raise_alarm', code: 'approval_expired' })
  }
}

function accepted(draft: ShutoffDraft, valve: string): void {
  if (draft.now.valves.find((row) => row.valve === valve)?.state !== 'sent') return
  draft.setValve(valve, { state: 'accepted', acceptedAt: draft.at })
  draft.audit('valve_accepted', { valve })
}

/** A valve's own word that it is closed counts whoever closed it, unless it was said before the order: it may have moved since. */
function closed(draft: ShutoffDraft, { valve, saidAt }: EventOf<'valve_closed'>): void {
  const progress = draft.now.valves.find((row) => row.valve === valve)
  if (progress === undefined || progress.state === 'closed' || progress.state === 'failed') return
  if (progress.sentAt !== null && saidAt < progress.sentAt - draft.policy.clockErrorMs) {
    draft.audit('closed_said_too_early', { valve })
    return
  }
  draft.setValve(valve, { state: 'closed', confirmedAt: draft.at })
  draft.audit('valve_closed', { valve })
}

/** A try that came to nothing: the valve waits for the next one. Only the timer of the last try counts. */
function valveLost(draft: ShutoffDraft, valve: string, error: string, round?: number): void {
  const progress = draft.now.valves.find((row) => row.valve === valve)
  if (progress === undefined || (round !== undefined && round !== progress.tries)) return
  const said = round === undefined && progress.state === 'closed'
  if (progress.state !== 'sent' && progress.state !== 'accepted' && !said) return
  draft.audit('close_not_done', { valve, detail: error })
  draft.setValve(valve, { state: 'waiting', confirmedAt: null, error })
}

/** After a restart nobody knows what arrived: closes that were not confirmed are ordered again. */
function reissue(draft: ShutoffDraft): void {
  draft.audit('restarted')
  for (const progress of planned(draft.now)) {
    if (draft.now.state !== 'closing') return
    if (progress.state === 'sent' || progress.state === 'accepted') draft.close(progress, progress.tries)
  }
  if (draft.now.replanPending)
    draft.effects.push({ kind: 'replan', edge: draft.now.edge, inoperable: draft.now.inoperable })
  proceed(draft)
}
