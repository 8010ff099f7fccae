import type { IsolationPlan, Shutoff } from '@gastwin/server/contract'
import type { Dictionary } from '../text/en/index.ts'

const OVER: ReadonlySet<Shutoff['state']> = new Set(['isolated', 'failed', 'aborted', 'dry_run_complete'])

/** Still needs somebody, or still moves something. */
export const isRunning = (shutoff: Shutoff): boolean => !OVER.has(shutoff.state)

/** "Sent" is not "closed": only a confirmed position counts. */
export const closedValves = (shutoff: Shutoff): number => shutoff.valves.filter((v) => v.state === 'closed').length

export function tagOf(shutoff: Shutoff, t: Dictionary): string {
  const tag = t.safety.tags[shutoff.state]
  return typeof tag === 'function' ? tag(String(closedValves(shutoff)), String(shutoff.valves.length)) : tag
}

export interface PlanChange {
  readonly valvesBefore: string
  readonly valvesAfter: string
  readonly customersBefore: number
  readonly customersAfter: number
}

/** What differs between the plan that was requested and one made anew; undefined when it is the same plan. */
export function comparePlans(requested: IsolationPlan, fresh: IsolationPlan): PlanChange | undefined {
  if (requested.hash === fresh.hash) return undefined
  const valves = (plan: IsolationPlan) => plan.close.map((v) => v.valve).join(', ')
  return {
    valvesBefore: valves(requested),
    valvesAfter: valves(fresh),
    customersBefore: requested.cut_off.meters,
    customersAfter: fresh.cut_off.meters,
  }
}

export type RequestBar = 'offline' | 'role' | 'infeasible' | 'stale' | 'running' | 'reason'

/** Why a close cannot be requested now; the most fundamental reason first. */
export function requestBar(scene: {
  readonly live: boolean
  readonly role: string | undefined
  readonly plan: IsolationPlan
  readonly stale: boolean
  readonly running: boolean
  readonly reason: string
}): RequestBar | undefined {
  if (!scene.live) return 'offline'
  if (scene.role === undefined || scene.role === 'viewer') return 'role'
  if (!scene.plan.feasible || scene.plan.close.length === 0) return 'infeasible'
  if (scene.stale) return 'stale'
  if (scene.running) return 'running'
  return scene.reason.trim().length < 3 ? 'reason' : undefined
}
