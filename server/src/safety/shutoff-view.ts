import type { Shutoff as TwinShutoff } from '@gastwin/twin'
import type { IsolationPlan, Shutoff } from '../contract/index.ts'

/** A shut-off in the words of the API. */
export function shutoffView(shutoff: TwinShutoff, plan: IsolationPlan, auditHash: string): Shutoff {
  return {
    id: shutoff.id,
    mode: shutoff.mode,
    state: shutoff.state,
    zone: shutoff.zone,
    edge: shutoff.edge,
    cause: { ...shutoff.cause, rules: [...shutoff.cause.rules] },
    requested_by: shutoff.requestedBy,
    approved_by: shutoff.authority?.basis === 'approval' ? shutoff.authority.by : null,
    reason: shutoff.reason,
    ending: shutoff.ending,
    created_at: shutoff.createdAt,
    updated_at: shutoff.updatedAt,
    plan,
    valves: shutoff.valves.map((v) => ({
      valve: v.valve,
      state: v.state,
      sent_at: v.sentAt,
      accepted_at: v.acceptedAt,
      confirmed_at: v.confirmedAt,
      tries: v.tries,
      error: v.error,
    })),
    proof: shutoff.proof,
    audit_hash: auditHash,
  }
}
