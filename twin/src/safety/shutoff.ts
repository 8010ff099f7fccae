/**
 * The words of a shut-off: what is remembered, what can happen, what shall be done. Times Unix ms, event time; durations ms.
 * There is no word for opening: a person on site opens.
 * @source draft standard for household meters §7.2.11: a valve is opened by manual intervention on site
 */
import type { Vote } from './votes.ts'

export type SafetyMode = 'automatic' | 'approval' | 'dry_run'

/** In the order of the HTTP contract; the last four are final. */
export const SHUTOFF_STATES = [
  'detected',
  'awaiting_approval',
  'closing',
  'verifying',
  'isolated',
  'failed',
  'aborted',
  'dry_run_complete',
] as const
export type ShutoffState = (typeof SHUTOFF_STATES)[number]

export function isFinal(state: ShutoffState): boolean {
  return state === 'isolated' || state === 'failed' || state === 'aborted' || state === 'dry_run_complete'
}

/** What the planner answers: valves in closing order, and who loses gas. */
export interface ShutoffPlan {
  /** Changes with the topology and every valve position. */
  readonly hash: string
  readonly feasible: boolean
  readonly valves: readonly PlannedValve[]
  /** Hospitals and the like inside what is cut off. */
  readonly protectedMeters: number
}

export interface PlannedValve {
  readonly valve: string
  readonly actuator: 'remote' | 'manual'
  /** Time the actuator (or the crew) needs, ms. */
  readonly travelMs: number
}

/** `waiting`: nothing sent yet · `sent` · `accepted` by the actuator · `closed` by its own word · `failed` after all tries. */
export interface ValveProgress extends PlannedValve {
  readonly state: 'waiting' | 'sent' | 'accepted' | 'closed' | 'failed'
  readonly sentAt: number | null
  readonly acceptedAt: number | null
  readonly confirmedAt: number | null
  readonly tries: number
  readonly error: string | null
}

export interface ShutoffCause {
  readonly kind: 'detection' | 'operator'
  readonly alarm: string | null
  readonly rules: readonly string[]
  readonly asset: { readonly kind: string; readonly id: string }
}

/** Did the gas really stop? A measured fact after closing. */
export interface Proof {
  readonly code: string
  readonly at: number
  readonly value: number
  readonly limit: number
  readonly unit: string
}

/** By what right valves are closed. Once given for a plan it stays: votes may fall silent while valves travel. */
export type Authority =
  | { readonly basis: 'votes'; readonly at: number; readonly evidenceKinds: number }
  | { readonly basis: 'approval'; readonly at: number; readonly by: string; readonly planHash: string }

export interface Shutoff {
  readonly id: string
  readonly mode: SafetyMode
  readonly state: ShutoffState
  readonly zone: string | null
  readonly edge: string
  readonly cause: ShutoffCause
  readonly requestedBy: string | null
  readonly authority: Authority | null
  readonly reason: string
  readonly createdAt: number
  readonly updatedAt: number
  readonly plan: ShutoffPlan
  readonly valves: readonly ValveProgress[]
  readonly votes: readonly Vote[]
  /** Valves that failed: no further plan may count on them. */
  readonly inoperable: readonly string[]
  readonly replanPending: boolean
  readonly replans: number
  /** How often approval was asked for since the present plan came. */
  readonly asked: number
  /** How often all valves were closed and the proof was asked for. */
  readonly verifications: number
  readonly proof: Proof | null
  /** Why it failed or was aborted. */
  readonly ending: string | null
}

export type ShutoffTimer = 'votes' | 'approval' | 'valve' | 'verify'

/** Everything that can happen to a shut-off. Anything may come twice, late, or in the wrong state. */
export type ShutoffEvent =
  | { readonly kind: 'vote'; readonly at: number; readonly vote: Vote; readonly active: boolean }
  | { readonly kind: 'approve'; readonly at: number; readonly user: string; readonly planHash: string }
  | { readonly kind: 'abort'; readonly at: number; readonly user: string; readonly reason: string }
  | { readonly kind: 'valve_accepted'; readonly at: number; readonly valve: string }
  /** `saidAt`: when the valve itself said so, by its own clock. */
  | { readonly kind: 'valve_closed'; readonly at: number; readonly valve: string; readonly saidAt: number }
  /** A code, perhaps `:` and a detail. The actuator answered with an error, or says that it is not closed although it was. */
  | { readonly kind: 'valve_refused'; readonly at: number; readonly valve: string; readonly error: string }
  | { readonly kind: 'plan'; readonly at: number; readonly plan: ShutoffPlan }
  | { readonly kind: 'plan_impossible'; readonly at: number; readonly reason: string }
  | { readonly kind: 'proof'; readonly at: number; readonly stopped: boolean; readonly proof: Proof }
  /** A timer of `start_timer` ran out; `round` says which start of it. */
  | {
      readonly kind: 'timeout'
      readonly at: number
      readonly timer: ShutoffTimer
      readonly round: number
      readonly valve?: string
    }
  /** The service started again: what was on its way may or may not have arrived. */
  | { readonly kind: 'restart'; readonly at: number }
export type ShutoffEventKind = ShutoffEvent['kind']

/** What the shell shall do, in order. `close_valve` and `ask_crew` are the only ones that move a valve, and both close. */
export type ShutoffEffect =
  | { readonly kind: 'close_valve'; readonly valve: string; readonly attempt: number }
  | { readonly kind: 'ask_crew'; readonly valve: string; readonly attempt: number }
  | { readonly kind: 'ask_approval'; readonly planHash: string; readonly reminder: number }
  | { readonly kind: 'replan'; readonly edge: string; readonly inoperable: readonly string[] }
  | { readonly kind: 'request_proof'; readonly edge: string }
  | { readonly kind: 'raise_alarm'; readonly code: string; readonly valve?: string }
  | {
      readonly kind: 'start_timer'
      readonly timer: ShutoffTimer
      readonly ms: number
      readonly round: number
      readonly valve?: string
    }
  | {
      readonly kind: 'audit'
      readonly at: number
      readonly code: string
      readonly by?: string
      readonly valve?: string
      readonly detail?: string
    }

export interface SafetyPolicy {
  /** Votes whose evidence began within this span speak of the same event. */
  readonly voteWindowMs: number
  /** How long one vote waits for a second. */
  readonly voteWaitMs: number
  readonly approvalMs: number
  readonly approvalReminders: number
  /** Beyond the valve's own travel time. */
  readonly closeTimeoutMs: number
  readonly maxTries: number
  /** Remote valves on their way at one time. */
  readonly parallelCloses: number
  readonly maxReplans: number
  readonly verifyMs: number
  /** How wrong an actuator's clock may be, before its word counts as older than an order. */
  readonly clockErrorMs: number
}

export const SAFETY_POLICY: SafetyPolicy = {
  voteWindowMs: 30 * 60_000,
  voteWaitMs: 30 * 60_000,
  approvalMs: 2 * 60_000,
  approvalReminders: 5,
  closeTimeoutMs: 30_000,
  maxTries: 3,
  parallelCloses: 8,
  maxReplans: 3,
  verifyMs: 15 * 60_000,
  clockErrorMs: 5 * 60_000,
}
