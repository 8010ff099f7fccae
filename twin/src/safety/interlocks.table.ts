import type { SafetyPolicy, Shutoff } from './shutoff.ts'

/** One condition without which no valve is closed. All are asked before every single close. */
export interface Interlock {
  readonly id: string
  readonly statement: string
  readonly holds: (shutoff: Shutoff, valve: string, policy: SafetyPolicy) => boolean
}

export const INTERLOCKS: readonly Interlock[] = [
  {
    id: 'not_in_dry_run',
    statement: 'in dry run nothing is ever sent',
    holds: ({ mode }) => mode !== 'dry_run',
  },
  {
    id: 'only_while_closing',
    statement: 'a valve is closed only by a shut-off in the state closing',
    holds: ({ state }) => state === 'closing',
  },
  {
    id: 'authority',
    statement: 'detections need their votes, operators their second person',
    holds: ({ authority, cause }) =>
      authority !== null && (cause.kind === 'detection' || authority.basis === 'approval'),
  },
  {
    id: 'approval_of_this_plan',
    statement: 'in approval mode, and for operators, a person approved exactly this plan',
    holds: ({ mode, cause, authority, plan }) =>
      (mode !== 'approval' && cause.kind === 'detection') ||
      (authority?.basis === 'approval' && authority.planHash === plan.hash),
  },
  {
    id: 'second_person',
    statement: 'nobody approves his own request',
    holds: ({ authority, requestedBy }) => authority?.basis !== 'approval' || authority.by !== requestedBy,
  },
  {
    id: 'protected_customers',
    statement:
      'protected customers lose gas only on two independent votes, or by a person who approved exactly this plan',
    holds: ({ plan, authority }) =>
      plan.protectedMeters === 0 ||
      (authority?.basis === 'votes' ? authority.evidenceKinds >= 2 : authority?.planHash === plan.hash),
  },
  {
    id: 'valve_of_this_plan',
    statement: 'only valves of a feasible plan, and none that failed already',
    holds: ({ plan, inoperable }, valve) =>
      plan.feasible && plan.valves.some((planned) => planned.valve === valve) && !inoperable.includes(valve),
  },
  {
    id: 'bounded_tries',
    statement: 'a valve is tried a bounded number of times',
    holds: ({ valves }, valve, policy) =>
      valves.some((progress) => progress.valve === valve && progress.tries <= policy.maxTries),
  },
]

/** The first interlock that forbids closing a valve; undefined when all hold. */
export function forbiddenBy(shutoff: Shutoff, valve: string, policy: SafetyPolicy): Interlock | undefined {
  return INTERLOCKS.find((interlock) => !interlock.holds(shutoff, valve, policy))
}
