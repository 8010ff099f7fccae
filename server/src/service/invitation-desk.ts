import { UsageError } from '@gastwin/twin'
import type { AuditFacts } from '../command/audit-chain.ts'
import type {
  CustomerAnswer,
  CustomerQuestion,
  InvitationRequest,
  InvitationView,
  MadeInvitation,
} from '../contract/index.ts'
import type { Archive, ArchiveRow } from '../devices/archive.ts'
import type { Consent, ConsentBook } from '../devices/consent-book.ts'
import { type Invitation, type InvitationBook, makeInvitationToken } from '../devices/invitation-book.ts'
import { masked, type PersonalSeal } from '../devices/personal-seal.ts'
import type { PlatformEvent } from '../log/platform-events.ts'
import { deliverNotice } from '../notices/deliver-notice.ts'
import { GuessLimit } from './guess-limit.ts'

const MOST_WRONG_PROOFS = 5
const DELIVER_WITHIN_MS = 15_000
const PHONE_END = 4

export interface InvitationDeskParts {
  readonly book: InvitationBook
  readonly consents: ConsentBook
  readonly archive: Archive
  readonly seal: PersonalSeal
  readonly utility: string
  /** Program and arguments that send a token to the customer; null for none. */
  readonly deliver: readonly string[] | null
  readonly record: (events: readonly PlatformEvent[]) => Promise<void>
  readonly audit: (at: number, event: string, facts: AuditFacts) => Promise<unknown>
  readonly now: () => number
  /** Point that a number means. @throws UsageError for numbers that are no meter with a valve */
  readonly pointOf: (device: string) => number
  readonly deviceAt: (point: number) => number
  /** A customer agreed: a permit of that point may wait for it. */
  readonly agreed: (point: number) => void
}

/**
 * The customer's own way to agree (S0-106): a token of one meter and some time, which an application of the utility is given, or the
 * customer's telephone. Who only works for the utility never sees one.
 */
export class InvitationDesk {
  readonly #parts: InvitationDeskParts
  readonly #guesses = new GuessLimit()
  #last: Promise<unknown> = Promise.resolve()

  constructor(parts: InvitationDeskParts) {
    this.#parts = parts
  }

  /** @param isApplication another application asks, which passes the token on to its user. @throws UsageError */
  invite(request: InvitationRequest, user: string, isApplication: boolean): Promise<MadeInvitation> {
    return this.#inTurn(() => this.#invite(request, user, isApplication))
  }

  /** What the holder of a token is asked. @throws UsageError AUT_REQUIRED, AUT_LOCKED */
  question(token: string, address: string): CustomerQuestion {
    return this.#asked(this.#find(token, address))
  }

  /** @throws UsageError AUT_REQUIRED, AUT_LOCKED, AUT_FORBIDDEN, API_INPUT, API_CONFLICT */
  answer(token: string, address: string, answer: CustomerAnswer): Promise<CustomerQuestion> {
    const { id } = this.#find(token, address)
    return this.#inTurn(async () => {
      // Two answers at once: the second one finds what the first one left.
      const invitation = this.#find(token, address)
      await this.#answer(invitation, answer)
      return this.#asked(this.#parts.book.list().find((one) => one.id === id) ?? invitation)
    })
  }

  /** Newest first. @param device of one point */
  list(limit: number, device?: string): InvitationView[] {
    const { book, pointOf } = this.#parts
    const point = device === undefined ? undefined : pointOf(device)
    return book
      .list()
      .filter((one) => point === undefined || one.point === point)
      .slice(0, limit)
      .map((one) => this.#view(one))
  }

  async #invite(request: InvitationRequest, user: string, isApplication: boolean): Promise<MadeInvitation> {
    const { book, seal, deliver, audit, now, pointOf, utility } = this.#parts
    const point = pointOf(request.device)
    const at = now()
    if (!seal.canSeal) throw new UsageError('API_INPUT', 'personal values need a master key of the service')
    const [phone] = this.#phones(point)
    if (!isApplication && deliver === null)
      throw new UsageError(
        'CMD_REFUSED',
        'tokens of customers are given to an application with a delegation, or sent by consentCommand, which is not set',
      )
    if (!isApplication && phone === undefined)
      throw new UsageError('CMD_REFUSED', `the archive has no telephone of the customer at ${point}`)
    const { token, sha256 } = makeInvitationToken()
    const invitation: Invitation = {
      ...{ id: book.takeId(), point, asked_by: user, reason: request.reason, asked_at: at, sha256 },
      ...{ expires_at: at + request.expires_in_s * 1000, holds_ms: request.holds_s * 1000 },
      ...{ state: 'pending', wrong_proofs: 0, consent: null, answered_at: null },
    }
    const before = book.openOf(point, at)
    await audit(at, 'ask_consent', { id: invitation.id, device: String(point), by: user, detail: request.reason })
    await this.#record([...(before === undefined ? [] : [{ ...before, state: 'replaced' as const }]), invitation])
    if (isApplication) return { ...this.#view(invitation), token }
    const notice = { to: phone, token, utility, meter: masked(String(point)), expires_at: invitation.expires_at }
    const failure = await deliverNotice({ command: deliver ?? [] }, notice, DELIVER_WITHIN_MS)
    if (failure === undefined) return { ...this.#view(invitation), token: null }
    await this.#record([{ ...invitation, state: 'undelivered' }])
    throw new UsageError('API_UNAVAILABLE', `${invitation.id} was not sent to the customer: consentCommand ${failure}`)
  }

  async #answer(invitation: Invitation, { agree, given_by, phone_end }: CustomerAnswer): Promise<void> {
    const { consents, now, seal, audit } = this.#parts
    const { id, point, state } = invitation
    const at = now()
    const given = consents.get(invitation.consent ?? '')
    // The same answer again, because the first one was lost on its way.
    if (agree ? state === 'agreed' : state === 'declined' || state === 'withdrawn') return
    if (agree ? state !== 'pending' : state !== 'pending' && state !== 'agreed')
      throw new UsageError('API_CONFLICT', `the invitation is ${state}: ask the utility for another`)
    await this.#prove(invitation, phone_end, at)
    if (agree) {
      if (given_by === undefined) throw new UsageError('API_INPUT', 'given_by: who agrees?')
      const consent: Consent = {
        ...{ id: consents.takeId(), point, given_by: seal.seal(given_by), how: 'app', evidence: `invitation ${id}` },
        ...{ until: at + invitation.holds_ms, recorded_at: at, recorded_by: 'customer', invitation: id },
        ...{ revoked_at: null, revoked_by: null },
      }
      await audit(at, 'customer_agreed', { id, consent: consent.id, device: String(point) })
      await this.#record([{ ...invitation, state: 'agreed', consent: consent.id, answered_at: at }], consent)
      return
    }
    await audit(at, given === undefined ? 'customer_declined' : 'customer_took_back', { id, device: String(point) })
    const isStanding = given !== undefined && given.revoked_at === null
    await this.#record(
      [{ ...invitation, state: given === undefined ? 'declined' : 'withdrawn', answered_at: at }],
      isStanding ? { ...given, revoked_at: at, revoked_by: 'customer' } : undefined,
    )
  }

  /** A link that went astray agrees to nothing. */
  async #prove(invitation: Invitation, said: string | undefined, at: number): Promise<void> {
    const ends = this.#phoneEnds(invitation.point)
    if (ends.length === 0 || (said !== undefined && ends.includes(said))) return
    if (said === undefined) throw new UsageError('API_INPUT', 'phone_end: the last four digits of the telephone')
    const wrong_proofs = invitation.wrong_proofs + 1
    const isLocked = wrong_proofs >= MOST_WRONG_PROOFS
    const device = String(invitation.point)
    await this.#parts.audit(at, 'customer_not_proven', { id: invitation.id, device, tries: wrong_proofs })
    await this.#record([{ ...invitation, wrong_proofs, ...(isLocked && { state: 'locked' as const }) }])
    throw new UsageError('AUT_FORBIDDEN', 'these are not the last four digits of the telephone that the utility knows')
  }

  /** The invitation of a token that can still be read. */
  #find(token: string, address: string): Invitation {
    const { book, now, consents } = this.#parts
    const found = book.find(token)
    const wall = performance.now()
    if (found !== undefined) {
      if (!this.#guesses.mayAsk(found.id, wall)) throw new UsageError('AUT_LOCKED', 'too many questions: wait')
      // An agreement can be taken back for as long as it holds.
      const until = Math.max(found.expires_at, consents.get(found.consent ?? '')?.until ?? 0)
      if (until > now() && found.state !== 'replaced' && found.state !== 'locked' && found.state !== 'undelivered')
        return found
    }
    if (!this.#guesses.mayGuess(address, wall)) throw new UsageError('AUT_LOCKED', 'too many wrong tokens: wait')
    throw new UsageError('AUT_REQUIRED', 'the token is not known, or its time is over: ask the utility for another')
  }

  async #record(invitations: readonly Invitation[], consent?: Consent): Promise<void> {
    const { book, consents, record, now } = this.#parts
    const at = now()
    await record([
      ...invitations.map((invitation) => ({ type: 'invitation' as const, at, device: invitation.point, invitation })),
      ...(consent === undefined ? [] : [{ type: 'consent' as const, at, device: consent.point, consent }]),
    ])
    for (const one of invitations) book.apply(one)
    if (consent !== undefined) {
      consents.apply(consent)
      this.#parts.agreed(consent.point)
    }
  }

  #asked(invitation: Invitation): CustomerQuestion {
    const { consents, seal, now, utility } = this.#parts
    const premises = this.#premises(invitation.point)
    const name = this.#customers(premises).find((row) => row['name'])?.['name']
    const shown = (value: string | undefined) => (value ? masked(seal.open(value) ?? '') : null)
    return {
      ...{ utility, meter: masked(String(invitation.point)), address: shown(premises?.['address']) },
      ...{ customer: shown(name), state: this.#state(invitation), expires_at: invitation.expires_at },
      holds_until: consents.get(invitation.consent ?? '')?.until ?? now() + invitation.holds_ms,
      needs_phone_end: this.#phoneEnds(invitation.point).length > 0,
    }
  }

  #view(invitation: Invitation): InvitationView {
    const { id, point, asked_by, reason, asked_at, expires_at, consent, answered_at } = invitation
    const state = this.#state(invitation)
    return { id, point: String(point), asked_by, reason, asked_at, expires_at, state, consent, answered_at }
  }

  #state({ state, expires_at }: Invitation): InvitationView['state'] {
    return state === 'pending' && expires_at <= this.#parts.now() ? 'expired' : state
  }

  #premises(point: number): ArchiveRow | undefined {
    const { archive, deviceAt } = this.#parts
    const key = archive.get('devices', String(deviceAt(point)))?.['premises']
    if (key !== undefined) return archive.get('premises', key)
    for (const row of archive.rows('premises')) if (row['point'] === String(point)) return row
    return undefined
  }

  #customers(premises: ArchiveRow | undefined): readonly ArchiveRow[] {
    if (premises === undefined) return []
    return [...this.#parts.archive.rows('customers')].filter((row) => row['premises'] === premises['premises'])
  }

  /** Telephones of the customers at a point, as they are. */
  #phones(point: number): readonly string[] {
    return this.#customers(this.#premises(point)).flatMap((row) => {
      const phone = this.#parts.seal.open(row['phone'] ?? '')
      return phone === undefined || phone === '' ? [] : [phone]
    })
  }

  #phoneEnds(point: number): readonly string[] {
    return this.#phones(point)
      .map((phone) => phone.replace(/\D/g, '').slice(-PHONE_END))
      .filter((end) => end.length === PHONE_END)
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => undefined)
    return done
  }
}
