import type { ConsentView, InvitationView } from '@gastwin/server/contract'

export const CONSENT_STATES = [
  'pending',
  'holds',
  'declined',
  'revoked',
  'expired',
  'ended',
  'replaced',
  'locked',
  'undelivered',
] as const
export type ConsentState = (typeof CONSENT_STATES)[number]

/** One line about a customer: a consent, or an invitation that none followed. */
export interface ConsentRow {
  readonly id: string
  readonly point: string
  readonly state: ConsentState
  /** Who agreed, masked; null while nobody did. */
  readonly given_by: string | null
  readonly how: ConsentView['how'] | null
  /** Where it can be looked up, or why it was asked. */
  readonly what: string
  /** Who of the company asked or recorded. */
  readonly by: string
  readonly by_customer: boolean
  readonly at: number
  readonly until: number
}

/** Consents and invitations as one list, newest first: an invitation that was agreed to stands in its consent. @param now Unix ms */
export function consentRows(
  consents: readonly ConsentView[],
  invitations: readonly InvitationView[],
  now: number,
): readonly ConsentRow[] {
  const shown = new Set(consents.map(({ id }) => id))
  const asked = new Map(invitations.flatMap((one) => (one.consent === null ? [] : [[one.consent, one.asked_by]])))
  return [
    ...consents.map((one) => rowOfConsent(one, asked.get(one.id), now)),
    ...invitations.filter(({ consent }) => consent === null || !shown.has(consent)).map((one) => rowOfAsked(one, now)),
  ].sort((a, b) => b.at - a.at || b.id.localeCompare(a.id, undefined, { numeric: true }))
}

function rowOfConsent(one: ConsentView, askedBy: string | undefined, now: number): ConsentRow {
  const { id, point, given_by, how, evidence, until, recorded_at, recorded_by, by_customer, revoked_at } = one
  return {
    ...{ id, point, given_by, how, by_customer, until, what: evidence, by: askedBy ?? recorded_by, at: recorded_at },
    state: revoked_at !== null ? 'revoked' : until > now ? 'holds' : 'ended',
  }
}

function rowOfAsked(one: InvitationView, now: number): ConsentRow {
  const { id, point, state, reason, asked_by, asked_at, expires_at } = one
  return {
    ...{ id, point, given_by: null, how: null, by_customer: false },
    ...{ what: reason, by: asked_by, at: asked_at, until: expires_at },
    state: stateOfAsked(state, expires_at, now),
  }
}

/** An answer is as old as the page: what ended since has ended. A consent that is not listed any more tells nothing of itself. */
function stateOfAsked(state: InvitationView['state'], expiresAt: number, now: number): ConsentState {
  if (state === 'pending') return expiresAt > now ? 'pending' : 'expired'
  if (state === 'withdrawn') return 'revoked'
  return state === 'agreed' ? 'ended' : state
}
