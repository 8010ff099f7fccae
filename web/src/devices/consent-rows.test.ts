import type { ConsentView, InvitationView } from '@gastwin/server/contract'
import { expect, test } from 'vitest'
import { consentRows } from './consent-rows.ts'

const NOW = 1_000_000
const consent = (id: string, more: Partial<ConsentView> = {}): ConsentView => ({
  ...{ id, point: '7', given_by: 'L**', how: 'written', evidence: 'letter 9', until: NOW + 1, recorded_at: 500 },
  ...{ recorded_by: 'han', by_customer: false, revoked_at: null, revoked_by: null, ...more },
})
const invitation = (id: string, more: Partial<InvitationView> = {}): InvitationView => ({
  ...{ id, point: '7', asked_by: 'app:home', reason: 'gas is back', asked_at: 400, expires_at: NOW + 1 },
  ...{ state: 'pending', consent: null, answered_at: null, ...more },
})
const states = (consents: ConsentView[], invitations: InvitationView[]) =>
  consentRows(consents, invitations, NOW).map(({ id, state }) => `${id} ${state}`)

test('a consent holds, has ended or was taken back, an invitation has its own end', () => {
  expect(
    states(
      [consent('K1'), consent('K2', { until: NOW }), consent('K3', { revoked_at: 600, revoked_by: 'customer' })],
      [
        ...[invitation('I1'), invitation('I2', { expires_at: NOW }), invitation('I3', { state: 'declined' })],
        ...[invitation('I4', { state: 'locked' }), invitation('I5', { state: 'undelivered' })],
      ],
    ),
  ).toEqual([
    ...['K3 revoked', 'K2 ended', 'K1 holds', 'I5 undelivered', 'I4 locked', 'I3 declined', 'I2 expired', 'I1 pending'],
  ])
})

test('an invitation that was agreed to is one line with its consent, and says who asked', () => {
  const given = consent('K1', { by_customer: true, recorded_by: 'customer', how: 'app' })
  const rows = consentRows([given], [invitation('I1', { state: 'agreed', consent: 'K1' })], NOW)
  expect(rows).toMatchObject([{ id: 'K1', state: 'holds', by: 'app:home', by_customer: true }])
})

test('the newest stands first, of consents and invitations alike', () => {
  const rows = [invitation('I1', { asked_at: 900 }), invitation('I2', { asked_at: 100 })]
  expect(states([consent('K1')], rows).map((one) => one.slice(0, 2))).toEqual(['I1', 'K1', 'I2'])
})
