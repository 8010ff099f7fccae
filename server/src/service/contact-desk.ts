import { randomBytes } from 'node:crypto'
import { filter, map, type Observable } from 'rxjs'
import type { AuthorityWatch } from '../identity/authority-watch.ts'
import { type Certificate, encodeCertificate, keyId } from '../identity/certificate.ts'
import { confirmation, decodeContact, encodeContact } from '../identity/contact-message.ts'
import { ContactNonces, nonceTime } from '../identity/contact-nonce.ts'
import type { ContactThread } from '../identity/contact-thread.ts'
import type { ContactBytes, FromDevice } from '../identity/contact-work.ts'
import { NONCE_BYTES, sessionKey, transportKey } from '../identity/session-key.ts'
import type { CoapEndpoint } from '../ingest/coap-endpoint.ts'
import type { InboundRequest } from '../ingest/inbound-request.ts'
import { SourceBudget } from '../ingest/source-budget.ts'
import { hashEndpoint, SOURCE_KEY_WORDS, writeSourceKey } from '../ingest/source-key.ts'
import type { EventLog } from '../log/event-log.ts'
import { entryOf } from '../log/platform-events.ts'
import { COAP_CODE, CONTENT_FORMAT } from '../protocol/index.ts'
import { sourceOf } from '../trust/read-frame.ts'
import type { TrustBook } from '../trust/trust-book.ts'
import type { SessionEvent } from '../trust/trust-events.ts'

/** How long a device may take between its two exchanges, ms of the wall. */
const NONCE_LIFE_MS = 120_000
/** Contacts of one source at once and per second; a device needs one in months. */
const SOURCE = { burst: 8, perSecond: 0.1 }
/** … and of one address, behind which many honest devices may be. */
const ADDRESS = { burst: 400, perSecond: 40 }
const BUCKETS = 16_384
/** How long who is turned away waits, s; spread over its double. A source has earned another contact by then. */
const AWAY_S = 10

/** Why a contact was not made; `ok` when it was. */
export type ContactOutcome =
  | 'ok'
  | 'challenged'
  | 'again'
  | 'budget'
  | 'busy'
  | 'malformed'
  | 'role'
  | 'issuer'
  | 'time'
  | 'revoked'
  | 'signature'
  | 'nonce'
  | 'proof'
  | 'rollback'
  | 'kept_away'
  | 'log_refused'

export interface ContactDeskParts {
  readonly authority: AuthorityWatch
  readonly thread: ContactThread
  readonly trust: TrustBook
  readonly rootKey: Uint8Array
  readonly log: EventLog
  readonly endpoint: CoapEndpoint
  /** Service clock, Unix ms. */
  readonly now: () => number
  /** Wall clock, Unix ms. */
  readonly wall: () => number
  /** Told of refusals that say something about the sender. */
  readonly onSuspicious: (device: number, request: InboundRequest, outcome: ContactOutcome) => void
}

/**
 * First contacts of devices (`POST /reg`): two exchanges, then a session. What is cheap is asked first, and nothing is remembered
 * between the exchanges: source, certificate's outside, revocation, nonce; then signatures, in a thread of their own.
 */
export class ContactDesk {
  readonly counts: Record<ContactOutcome, number> = {
    ...{ ok: 0, challenged: 0, again: 0, budget: 0, busy: 0, malformed: 0, role: 0, issuer: 0, time: 0, revoked: 0 },
    ...{ signature: 0, nonce: 0, proof: 0, rollback: 0, kept_away: 0, log_refused: 0 },
  }
  readonly #parts: ContactDeskParts
  readonly #nonces = new ContactNonces(randomBytes(32), NONCE_LIFE_MS)
  readonly #hellos = new SourceBudget(SOURCE, BUCKETS)
  /** Apart: a source that always begins anew must not spend what the end of its contact needs. */
  readonly #proofs = new SourceBudget(SOURCE, BUCKETS)
  readonly #addresses = new SourceBudget(ADDRESS, BUCKETS)
  readonly #key = new Uint32Array(SOURCE_KEY_WORDS)
  readonly #seed = randomBytes(4).readUInt32LE(0)
  readonly #platform: Uint8Array
  readonly #issuer: Uint8Array

  constructor(parts: ContactDeskParts) {
    this.#parts = parts
    this.#platform = encodeCertificate(parts.authority.identity.certificate)
    this.#issuer = keyId(parts.authority.identity.authorityKey)
  }

  /** Takes first contacts out of the requests; the rest goes on. */
  divert(requests$: Observable<readonly InboundRequest[]>): Observable<readonly InboundRequest[]> {
    return requests$.pipe(
      map((requests) => {
        if (!requests.some(isContact)) return requests
        for (const request of requests) if (isContact(request)) void this.#take(request)
        return requests.filter((request) => !isContact(request))
      }),
      filter((requests) => requests.length > 0),
    )
  }

  /** Ends the sessions that rest on certificates that were revoked meanwhile. To be called every few seconds. */
  async renew(): Promise<number> {
    const revoked = new Set(this.#parts.authority.renew())
    if (revoked.size === 0) return 0
    const { trust, log, now } = this.#parts
    const ended = new Set<number>()
    for (const [device, session] of trust.sessions())
      if (revoked.has(session.serial) && trust.sessionOf(device)?.serial === session.serial) ended.add(device)
    const events = [...ended].map(
      (device) => ({ type: 'trust_session_end', at: now(), device, reason: 'revoked' }) as const,
    )
    const hold = (from: number): void => {
      for (const [i, event] of events.entries()) trust.hold(event, from + i)
    }
    if (events.length > 0) await log.append(events.map(entryOf)).then(hold)
    return events.length
  }

  stop(): Promise<void> {
    return this.#parts.thread.stop()
  }

  /** Questions that wait for the signatures. */
  get waiting(): number {
    return this.#parts.thread.waiting
  }

  async #take(request: InboundRequest): Promise<void> {
    try {
      await this.#answer(request)
    } catch {
      // The log refused: unanswered, so that the device tries again.
      this.counts.log_refused++
      this.#parts.endpoint.drop(request)
    }
  }

  async #answer(request: InboundRequest): Promise<void> {
    const wall = this.#parts.wall()
    const message = decodeContact(request.payload)
    // Nothing is spent on what could not be done now.
    if (message !== undefined && !this.#parts.thread.hasRoom) return this.#away(request, 'busy')
    if (!this.#withinBudget(request, message?.kind === 'proof', wall)) return this.#away(request, 'budget')
    if (message?.kind !== 'hello' && message?.kind !== 'proof') return this.#refuse(request, 'malformed', -1)
    const device = Number(message.certificate.subject)
    const wrong = this.#wrongOutside(message.certificate, device, request, wall)
    if (wrong !== undefined) return this.#refuse(request, wrong, device)
    return message.kind === 'hello'
      ? this.#challenge(request, message, wall)
      : this.#conclude(request, message, device, wall)
  }

  async #challenge(request: InboundRequest, hello: FromDevice & { kind: 'hello' }, wall: number): Promise<void> {
    if (hello.nonce.length !== NONCE_BYTES) return this.#refuse(request, 'malformed', -1)
    const { certificate } = this.#parts.authority.identity
    const subject = { from: sourceOf(request), device: hello.certificate.subject, deviceNonce: hello.nonce }
    const nonce = this.#nonces.issue(subject, wall)
    const proof = await this.#parts.thread.prove(this.#contact(hello.certificate, hello.nonce, nonce))
    if (proof === undefined) return this.#parts.endpoint.drop(request)
    this.counts.challenged++
    this.#send(request, encodeContact({ kind: 'challenge', nonce, proof, certificate }))
  }

  async #conclude(
    request: InboundRequest,
    message: FromDevice & { kind: 'proof' },
    device: number,
    wall: number,
  ): Promise<void> {
    const { thread, trust } = this.#parts
    const { certificate, deviceNonce, platformNonce, proof } = message
    const subject = { from: sourceOf(request), device: certificate.subject, deviceNonce }
    if (!this.#nonces.isGood(platformNonce, subject, wall)) return this.#refuse(request, 'nonce', device)
    const known = trust.sessionOf(device)
    const nonceAt = nonceTime(platformNonce)
    if (known !== undefined && nonceAt < known.nonceAt) return this.#refuse(request, 'rollback', device)
    const contact = this.#contact(certificate, deviceNonce, platformNonce)
    const refusal = await thread.check(contact, proof, Math.floor(wall / 1000))
    if (refusal === undefined) return this.#parts.endpoint.drop(request)
    if (refusal !== null) return this.#refuse(request, refusal, device)
    await this.#begin(request, message, device, nonceAt)
  }

  /** The session is on record before the device is told: its next report must be readable whatever happens. */
  async #begin(
    request: InboundRequest,
    { certificate, deviceNonce, platformNonce }: FromDevice & { kind: 'proof' },
    device: number,
    nonceAt: number,
  ): Promise<void> {
    const { trust, log, rootKey, authority } = this.#parts
    const platform = authority.identity.certificate.subject
    const key = sessionKey(transportKey(rootKey, device), { device, platform, deviceNonce, platformNonce })
    const known = trust.sessionOf(device)
    // While signatures were checked a newer contact may have come to its end.
    if (known !== undefined && nonceAt < known.nonceAt) return this.#refuse(request, 'rollback', device)
    const repeated = known?.nonceAt === nonceAt && known.key !== undefined && Buffer.from(known.key).equals(key)
    if (!repeated) {
      const at = this.#parts.now()
      const sealed = trust.sealKey(key, device, at)
      const { serial } = certificate
      const event: SessionEvent = {
        ...{ type: 'trust_session', at, device, serial, platform },
        ...{ nonce_at: nonceAt, key: sealed },
      }
      // Directly behind the append: a report that comes behind the session is read with its key.
      await log.append([entryOf(event)]).then((position) => trust.hold(event, position))
    }
    this.counts[repeated ? 'again' : 'ok']++
    const now = this.#parts.now()
    this.#send(request, encodeContact({ kind: 'confirmed', now, mac: confirmation(key, now) }))
  }

  /** What can be told without a signature. */
  #wrongOutside(
    { role, issuer, notBefore, notAfter, serial, subject }: Certificate,
    device: number,
    request: InboundRequest,
    wall: number,
  ): ContactOutcome | undefined {
    const second = Math.floor(wall / 1000)
    if (role !== 'device' || !/^[1-9][0-9]{0,13}$/.test(subject)) return 'role'
    if (!Buffer.from(issuer).equals(this.#issuer)) return 'issuer'
    if (second < notBefore || second > notAfter) return 'time'
    if (this.#parts.authority.isRevoked(serial)) return 'revoked'
    const step = this.#parts.trust.stepOf(device, sourceOf(request))
    return step === 'isolate' || step === 'offline' ? 'kept_away' : undefined
  }

  #withinBudget({ address, port }: InboundRequest, isProof: boolean, wall: number): boolean {
    writeSourceKey(this.#key, address, port, 0)
    const sources = isProof ? this.#proofs : this.#hellos
    return (
      sources.take(hashEndpoint(this.#key, port, this.#seed), wall) &&
      this.#addresses.take(hashEndpoint(this.#key, 0, this.#seed), wall)
    )
  }

  #contact(device: Certificate, deviceNonce: Uint8Array, platformNonce: Uint8Array): ContactBytes {
    return { device: encodeCertificate(device), deviceNonce, platform: this.#platform, platformNonce }
  }

  #send(request: InboundRequest, payload: Uint8Array): void {
    this.#parts.endpoint.answer(request, COAP_CODE.CHANGED, { payload, contentFormat: CONTENT_FORMAT.CONTACT })
  }

  #refuse(request: InboundRequest, outcome: ContactOutcome, device: number): void {
    this.counts[outcome]++
    const again = outcome === 'nonce' || outcome === 'rollback'
    const code = outcome === 'malformed' ? COAP_CODE.BAD_REQUEST : again ? COAP_CODE.UNAUTHORIZED : COAP_CODE.FORBIDDEN
    this.#parts.endpoint.answer(request, code)
    if (device > 0) this.#parts.onSuspicious(device, request, outcome)
  }

  #away(request: InboundRequest, outcome: 'budget' | 'busy'): void {
    this.counts[outcome]++
    const maxAge = Math.ceil(AWAY_S * (1 + request.message.messageId / 0xffff))
    this.#parts.endpoint.answer(request, COAP_CODE.SERVICE_UNAVAILABLE, { maxAge })
  }
}

const isContact = ({ contentFormat }: InboundRequest): boolean => contentFormat === CONTENT_FORMAT.CONTACT
