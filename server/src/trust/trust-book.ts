import { TERMINAL_STEPS, type TerminalStep } from '@gastwin/analytics'
import { UsageError } from '@gastwin/twin'
import { deviceKeys } from '../identity/device-keys.ts'
import { Envelope } from '../identity/envelope.ts'
import { hmacSm3 } from '../identity/sm3.ts'
import type { LogRecord } from '../log/event-log.ts'
import { PLATFORM_EVENT_ENTRY } from '../log/event-log.ts'
import { readEvent } from '../log/platform-events.ts'
import { ANY_FORM, type CipherPolicy, SESSION_POLICY } from './cipher-policy.ts'
import { MessageCounters } from './message-counters.ts'
import { noRelayFacts, RelayBook, type RelayFacts } from './relay-book.ts'
import { type KnownSecureOnly, SecureOnlyBook } from './secure-only.ts'
import { emptySessions, type Session, type SessionColumns, SessionTable } from './session-table.ts'
import type { PolicyEvent, StepEvent, TrustEvent } from './trust-events.ts'

/** A policy or a step with its place in the log. */
export interface TrustAct {
  readonly position: number
  readonly event: PolicyEvent | StepEvent
}

/** What a thread must be given to read the log as everybody else does; grows in place, so that one started later knows more. */
export interface TrustFacts {
  readonly sessions: SessionColumns
  /** In the order of the log. */
  readonly acts: TrustAct[]
  /** By which way values of meters behind concentrators may come. */
  readonly relays: RelayFacts
  /** Which devices are believed over DTLS only. */
  readonly secure: KnownSecureOnly[]
}

export const noTrustFacts = (): TrustFacts => ({
  sessions: emptySessions(),
  acts: [],
  relays: noRelayFacts(),
  secure: [],
})

const SEAL = new TextEncoder().encode('gastwin log seal 1')
const FIRST_WORD = Buffer.from('{"type":"trust_')
const FITTED = Buffer.from('{"type":"meter_fitted"')

/**
 * Which key a device has, how its messages must travel and how a terminal is treated, at one place of the log: every event holds
 * for the records behind it. Whoever reads the log sets `at` to the record's position and hands over every platform event; events
 * that are known already change nothing.
 */
export class TrustBook {
  readonly facts: TrustFacts
  readonly relays: RelayBook
  readonly secure: SecureOnlyBook
  /** Of sealed messages: kept where they come in, since the log says of each whether it was said before. */
  readonly counters = new MessageCounters()
  /** How often a key of each kind was asked for. */
  readonly uses = { session: 0, device: 0, seal: 0 }
  /** Position of the record that is being read; infinite for what is received now. */
  at = Number.POSITIVE_INFINITY
  readonly #deviceKey: (device: number) => Uint8Array | undefined
  readonly #seal: Envelope | undefined
  readonly #sessions: SessionTable
  readonly #acts = new Map<number, TrustAct[]>()
  #offline = 0
  #since = -1

  /** @param rootKey 16 bytes, or empty: no frame can be opened then */
  constructor(rootKey: Uint8Array, facts: TrustFacts = noTrustFacts()) {
    this.facts = facts
    this.#deviceKey = deviceKeys(rootKey)
    this.#seal = rootKey.length === 0 ? undefined : new Envelope(hmacSm3(rootKey, SEAL))
    this.#sessions = new SessionTable(facts.sessions)
    this.relays = new RelayBook(facts.relays)
    this.secure = new SecureOnlyBook(facts.secure)
    const { positions, count } = facts.sessions
    for (let row = 0; row < count; row++) this.#since = Math.max(this.#since, positions[row] ?? -1)
    for (const act of facts.acts) this.#index(act)
    for (const { position } of [...facts.relays.relays, ...facts.relays.sources, ...facts.secure])
      this.#since = Math.max(this.#since, position)
  }

  /** Position of the newest event, −1 before the first. */
  get since(): number {
    return this.#since
  }

  get sessionCount(): number {
    return this.facts.sessions.count
  }

  /** The key of a device's frames: of its session, otherwise the one derived for it; none when its session was ended. */
  keyOf(device: number): Uint8Array | undefined {
    const own = this.facts.sessions.count === 0 ? undefined : this.#sessions.keyOf(device, this.at)
    if (own === 'ended') return undefined
    if (own !== undefined) {
      this.uses.session++
      return own
    }
    this.uses.device++
    return this.#deviceKey(device)
  }

  sessionOf(device: number): Session | undefined {
    return this.#sessions.find(device, this.at)
  }

  sessions(): IterableIterator<readonly [device: number, session: Session]> {
    return this.#sessions.all()
  }

  /** How messages of a device must travel. @param ofProfile what its vendor profile says */
  policyOf(device: number, ofProfile: CipherPolicy | undefined): CipherPolicy {
    const acts = this.#acts.get(device)
    if (acts !== undefined) {
      const act = acts.findLast(({ position, event }) => event.type === 'trust_policy' && position < this.at)
      if (act?.event.type === 'trust_policy' && act.event.policy !== null) return act.event.policy
    }
    if (ofProfile !== undefined) return ofProfile
    return this.facts.sessions.count > 0 && this.sessionOf(device) !== undefined ? SESSION_POLICY : ANY_FORM
  }

  /** How a terminal is treated: what holds for the device wherever it speaks, or for this source, whichever is graver. */
  stepOf(device: number, from: string): TerminalStep {
    const acts = this.#acts.get(device)
    if (acts === undefined) return 'none'
    let [everywhere, here] = [0, 0]
    for (const { position, event } of acts) {
      if (event.type !== 'trust_step' || position >= this.at) continue
      const rank = TERMINAL_STEPS.indexOf(event.step)
      if (event.from === null) everywhere = event.except === from ? 0 : rank
      if (event.from === from || (event.from === null && rank === 0)) here = rank
    }
    return TERMINAL_STEPS[Math.max(everywhere, here)] ?? 'none'
  }

  /** The last step of every terminal that is not back at none. */
  *standing(): IterableIterator<StepEvent> {
    for (const acts of this.#acts.values()) {
      const last = new Map<string | null, StepEvent>()
      for (const { event } of acts) {
        if (event.type !== 'trust_step') continue
        if (event.from === null && event.step === 'none') last.clear()
        else if (event.step === 'none') last.delete(event.from)
        else last.set(event.from, event)
      }
      yield* last.values()
    }
  }

  /** Whether any step holds for a device. */
  isAtStep(device: number): boolean {
    for (const event of this.standing()) if (event.device === device) return true
    return false
  }

  /** Every source of a device that ever was at a step. */
  sourcesOf(device: number): readonly string[] {
    const acts = this.#acts.get(device) ?? []
    return acts.flatMap(({ event }) => (event.type === 'trust_step' && event.from !== null ? [event.from] : []))
  }

  /** Whether there is any policy or step: otherwise nobody need be looked at. */
  get hasActs(): boolean {
    return this.#acts.size > 0
  }

  /** Whether anybody was ever forced offline: the rest need not be looked at. */
  get hasOffline(): boolean {
    return this.#offline > 0
  }

  /** A value as it may lie on a disk. @throws UsageError CFG_INVALID without a root key */
  seal(value: Uint8Array, purpose: string): Uint8Array {
    if (this.#seal === undefined) throw new UsageError('CFG_INVALID', 'without a master key nothing can be sealed')
    this.uses.seal++
    return this.#seal.seal(value, purpose)
  }

  /** Mirror of `seal`; undefined when it does not open. */
  open(sealed: Uint8Array, purpose: string): Uint8Array | undefined {
    this.uses.seal++
    return this.#seal?.open(sealed, purpose)
  }

  /** A session key as it is written into the log. @throws UsageError CFG_INVALID without a root key */
  sealKey(key: Uint8Array, device: number, at: number): string {
    return Buffer.from(this.seal(key, purposeOf(device, at))).toString('base64')
  }

  /** Reads one record of the log in its turn; whatever is not about trust is passed over. */
  take(record: LogRecord): void {
    if (record.kind !== PLATFORM_EVENT_ENTRY) return
    if (FITTED.every((byte, i) => record.body[i] === byte)) {
      const event = readEvent(record)
      if (event?.type === 'meter_fitted') this.fitted(event.fitting.point, event.fitting.device, record.position)
      return
    }
    if (!FIRST_WORD.every((byte, i) => record.body[i] === byte)) return
    const event = readEvent(record)
    if (event !== undefined && isTrustEvent(event)) this.hold(event, record.position)
  }

  /** Another meter stands at a point of the network from the record behind `position` on: it comes by the same way. */
  fitted(point: number, device: number, position: number): void {
    this.relays.fitted(point, device, position)
  }

  /** An event holds from the record behind `position` on. */
  hold(event: TrustEvent, position: number): void {
    if (position <= this.#since) return
    this.#since = position
    if (event.type === 'trust_session') {
      // A key that does not open leaves the device without one: its frames are kept and not read.
      const key = this.open(Buffer.from(event.key, 'base64'), purposeOf(event.device, event.at))
      const { serial, platform, nonce_at: nonceAt } = event
      this.#sessions.add(event.device, { position, key, serial, platform, nonceAt })
    } else if (event.type === 'trust_session_end') {
      const before = this.#sessions.find(event.device, Number.POSITIVE_INFINITY)
      this.#sessions.add(event.device, {
        ...{ position, key: undefined, serial: before?.serial ?? 0 },
        ...{ platform: before?.platform ?? '', nonceAt: before?.nonceAt ?? 0 },
      })
    } else if (event.type === 'trust_relay' || event.type === 'trust_source') this.relays.hold(event, position)
    else if (event.type === 'trust_secure') this.secure.hold(event, position)
    else {
      const act = { position, event }
      this.facts.acts.push(act)
      this.#index(act)
    }
  }

  /** Takes up what a snapshot says; sessions of one device oldest first. */
  restore(
    sessions: readonly (readonly [device: number, session: Session])[],
    acts: readonly TrustAct[],
    relays: RelayFacts = noRelayFacts(),
    secure: readonly KnownSecureOnly[] = [],
  ): void {
    for (const { position, event } of secure) {
      this.#since = Math.max(this.#since, position)
      this.secure.hold(event, position)
    }
    for (const { position, event } of [...relays.relays, ...relays.sources]) {
      this.#since = Math.max(this.#since, position)
      this.relays.hold(event, position)
    }
    for (const [device, session] of sessions) {
      this.#sessions.add(device, session)
      this.#since = Math.max(this.#since, session.position)
    }
    for (const act of acts) {
      this.facts.acts.push(act)
      this.#index(act)
    }
  }

  #index(act: TrustAct): void {
    this.#since = Math.max(this.#since, act.position)
    if (act.event.type === 'trust_step' && act.event.step === 'offline') this.#offline++
    const known = this.#acts.get(act.event.device)
    if (known === undefined) this.#acts.set(act.event.device, [act])
    else known.push(act)
  }
}

const purposeOf = (device: number, at: number): string => `session ${device} ${at}`

export const isTrustEvent = (event: { readonly type: string }): event is TrustEvent => event.type.startsWith('trust_')
