import { UsageError } from '@gastwin/twin'
import type { AuditFacts } from '../command/audit-chain.ts'
import type { LedgerEntry, PermitOrder } from '../command/ledger-snapshot.ts'
import type { ConsentRequest, ConsentView, PermitRequest } from '../contract/index.ts'
import type { Consent, ConsentBook } from '../devices/consent-book.ts'
import { masked, type PersonalSeal } from '../devices/personal-seal.ts'
import type { PlatformEvent } from '../log/platform-events.ts'
import type { CommandDesk } from './command-desk.ts'

const COMMAND_LIFE_MS = 7 * 86_400_000
/** A consent is for one visit of a fitter, not for ever. */
const LONGEST_CONSENT_MS = 31 * 86_400_000

export interface PermitDeskParts {
  readonly book: ConsentBook
  readonly commands: CommandDesk
  readonly seal: PersonalSeal
  /** Consents count only when customers gave them themselves. */
  readonly ownConsentOnly: boolean
  readonly record: (events: readonly PlatformEvent[]) => Promise<void>
  readonly audit: (at: number, event: string, facts: AuditFacts) => Promise<unknown>
  readonly now: () => number
  /** Point that a number means. @throws UsageError for numbers that are no meter with a valve */
  readonly pointOf: (device: string) => number
  /** Number of the meter that stands at a point now, and the point of a meter. */
  readonly deviceAt: (point: number) => number
  readonly pointOfDevice: (device: number) => number | undefined
  /** Why a meter can never be told this; undefined when it can. */
  readonly refusal: (device: number, permit: PermitOrder) => string | undefined
  /** Tells at once who listens. */
  readonly push: (device: number) => void
  /** Why gas must stay off at a point: what was shut off there, an alarm of gas; undefined when nothing speaks against it. */
  readonly danger: (point: number) => string | undefined
}

/**
 * Permits to open a valve at its own button, and the consents of customers that they need (S0-106): the company orders, the customer
 * has agreed, a person presses the button on site. Nothing here opens a valve.
 */
export class PermitDesk {
  readonly #parts: PermitDeskParts

  constructor(parts: PermitDeskParts) {
    this.#parts = parts
  }

  /** @throws UsageError saying why not */
  async permit(request: PermitRequest, user: string): Promise<LedgerEntry> {
    const { book, commands, audit, now, pointOf, deviceAt, danger, ownConsentOnly, refusal, push } = this.#parts
    const { window_s, reason, idempotency_key: key, expires_in_s } = request
    const point = pointOf(request.device)
    const device = deviceAt(point)
    const why = refusal(device, { window_s }) ?? danger(point) ?? this.#closing(device)
    if (why !== undefined) throw new UsageError('CMD_REFUSED', why)
    const at = now()
    if (request.require_consent === true && book.covering(point, at, ownConsentOnly) === undefined)
      throw new UsageError('CMD_REFUSED', `no consent of the customer at ${point} is on record`)
    await audit(at, 'permit_open', { device: String(device), by: user, detail: `${window_s} s: ${reason}` })
    const entry = await commands.order({
      ...{ kind: 'permit', device: String(device), permit: { window_s }, now: at },
      cause: key === undefined ? `${user} ${new Date(at).toISOString()}: ${reason}` : `key ${key}`,
      expiresAt: at + (expires_in_s === undefined ? COMMAND_LIFE_MS : expires_in_s * 1000),
    })
    push(device)
    return entry
  }

  /** Why a permit that waits may not reach its device now. */
  readonly refusal = (entry: LedgerEntry): string | undefined => {
    const device = Number(entry.device)
    const point = this.#parts.pointOfDevice(device)
    if (point === undefined) return `${device} stands nowhere`
    return this.#parts.danger(point) ?? this.#closing(device)
  }

  /** Id of the consent that covers the point where a device stands. */
  readonly consentFor = (device: number): string | undefined => {
    const point = this.#parts.pointOfDevice(device)
    const { book, now, ownConsentOnly } = this.#parts
    return point === undefined ? undefined : book.covering(point, now(), ownConsentOnly)?.id
  }

  /** @throws UsageError */
  async consent(request: ConsentRequest, user: string): Promise<ConsentView> {
    const { book, seal, record, audit, now, pointOf } = this.#parts
    const { given_by, how, evidence, until } = request
    if (this.#parts.ownConsentOnly)
      throw new UsageError('CMD_REFUSED', 'customers agree themselves here: ask them by an invitation')
    const point = pointOf(request.device)
    const at = now()
    if (until <= at) throw new UsageError('API_INPUT', 'the consent has ended already')
    if (until > at + LONGEST_CONSENT_MS) throw new UsageError('API_INPUT', 'a consent holds for 31 days at most')
    if (!seal.canSeal) throw new UsageError('API_INPUT', 'given_by: personal values need a master key of the service')
    const consent: Consent = {
      ...{ id: book.takeId(), point, given_by: seal.seal(given_by), how, evidence, until },
      ...{ recorded_at: at, recorded_by: user, revoked_at: null, revoked_by: null },
    }
    await audit(at, 'record_consent', { id: consent.id, device: String(point), how, by: user, detail: evidence })
    await record([{ type: 'consent', at, device: point, consent }])
    book.apply(consent)
    // A permit that waited for it.
    this.#parts.push(this.#parts.deviceAt(point))
    return this.#view(consent)
  }

  /** Takes a consent back: a permit that no device was told waits again. @throws UsageError API_NOT_FOUND */
  async revoke(id: string, user: string): Promise<ConsentView> {
    const { book, record, audit, now } = this.#parts
    const known = book.get(id)
    if (known === undefined) throw new UsageError('API_NOT_FOUND', `no consent has the id ${id}`)
    const at = now()
    const consent = known.revoked_at === null ? { ...known, revoked_at: at, revoked_by: user } : known
    await audit(at, 'revoke_consent', { id, device: String(known.point), by: user })
    await record([{ type: 'consent', at, device: known.point, consent }])
    book.apply(consent)
    return this.#view(consent)
  }

  /** Newest first. @param device of one point */
  consents(limit: number, device?: string): ConsentView[] {
    const { book, pointOf } = this.#parts
    const found = device === undefined ? book.list() : book.ofPoint(pointOf(device))
    return found.slice(0, limit).map((one) => this.#view(one))
  }

  /** An order to close that is under way goes before any permit. */
  #closing(device: number): string | undefined {
    const closing = this.#parts.commands
      .ofDevice(device)
      .some(({ kind, state }) => kind === 'close' && (state === 'queued' || state === 'sent'))
    return closing ? `${device} is about to be closed` : undefined
  }

  #view({ point, given_by, invitation, ...consent }: Consent): ConsentView {
    return {
      ...consent,
      by_customer: invitation !== undefined,
      point: String(point),
      given_by: masked(this.#parts.seal.open(given_by) ?? ''),
    }
  }
}
