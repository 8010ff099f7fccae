import { type Alarm, type ProposedStep, TERMINAL_STEPS } from '@gastwin/analytics'
import { type Malformed, UsageError } from '@gastwin/twin'
import type { AuditLog } from '../command/audit-log.ts'
import type { HostileModel, HostileTerminal, StepRequest } from '../contract/index.ts'
import type { FailedFrameCounts } from '../identity/failed-frames.ts'
import type { CoapEndpoint } from '../ingest/coap-endpoint.ts'
import type { InboundRequest } from '../ingest/inbound-request.ts'
import type { EventLog } from '../log/event-log.ts'
import { entryOf } from '../log/platform-events.ts'
import type { ShelvedTerminalModel } from '../models/terminal-shelf.ts'
import type { CityState } from '../pipeline/city-state.ts'
import { claimedDevice, noteUntaken, originOf } from '../pipeline/untaken-frames.ts'
import type { CipherPolicy } from '../trust/cipher-policy.ts'
import { isRefused, isSealed } from '../trust/read-frame.ts'
import type { TrustBook } from '../trust/trust-book.ts'
import type { PolicyEvent, StepEvent, StepOpinion } from '../trust/trust-events.ts'
import type { ContactOutcome } from './contact-desk.ts'

export interface HostileDeskParts {
  readonly city: CityState
  readonly trust: TrustBook
  readonly log: EventLog
  readonly audit: AuditLog
  readonly endpoint: CoapEndpoint
  readonly failed: FailedFrameCounts
  /** What watches beside the rules; a sentence where there is none. */
  readonly learned: ShelvedTerminalModel | string
  readonly now: () => number
  readonly onAlarms: (alarms: readonly Alarm[]) => void
  readonly onFailure: (error: unknown) => void
}

const ISOLATE = TERMINAL_STEPS.indexOf('isolate')
const CONTACT_SIGNS: Partial<Readonly<Record<ContactOutcome, Parameters<CityState['hostile']['noteRefused']>[3]>>> = {
  revoked: 'contact_revoked',
  proof: 'contact_refused',
  signature: 'contact_refused',
  rollback: 'contact_replayed',
  kept_away: 'knocking',
}

/**
 * Steps against hostile terminals (S0-54): what the watch asks for and what operators order goes on record, holds from there on for
 * everybody who reads the log, and is told to the socket, so that a flood is dropped before it is read.
 */
export class HostileDesk {
  readonly #parts: HostileDeskParts

  constructor(parts: HostileDeskParts) {
    this.#parts = parts
    for (const event of parts.trust.standing()) this.#tellSocket(event)
    if (typeof parts.learned !== 'string') parts.city.hostile.useModel(parts.learned.model)
  }

  /** A frame that was not taken: what it says of its sender. */
  refused(request: InboundRequest, content: Malformed): void {
    const { city, failed, trust, onAlarms } = this.#parts
    const { receivedAt } = request
    const alarms = noteUntaken(city, trust, request, content, receivedAt)
    if (alarms.length > 0) onAlarms(alarms)
    if (!isSealed(request.contentFormat) || isRefused(content)) return
    const device = claimedDevice(request)
    if (device > 0) failed.add(device, content.reason, receivedAt)
  }

  /** A first contact that says something about its sender. */
  contact(device: number, request: InboundRequest, outcome: ContactOutcome): void {
    const code = CONTACT_SIGNS[outcome]
    if (code === undefined) return
    const { city, now } = this.#parts
    city.hostile.noteRefused(device, city.fleet.slotOf(device), originOf(request), code, now())
    this.follow()
  }

  /** Somebody used a DTLS identity of the device and did not know its key. */
  wrongKey(device: number, address: string, port: number): void {
    const { city, now } = this.#parts
    const origin = { address, port, sealed: false }
    city.hostile.noteRefused(device, city.fleet.slotOf(device), origin, 'contact_refused', now())
    this.follow()
  }

  /** Takes the steps that the watch asks for. To be called after each turn. */
  follow(): void {
    const due = this.#parts.city.hostile.takeProposals()
    if (due.length > 0) void this.#record(due.map((step) => this.#eventOf(step))).catch(this.#parts.onFailure)
  }

  /** What the socket dropped of terminals that are kept away. To be called every second or so. */
  tick(): void {
    const dropped = new Map(this.#parts.endpoint.takeDropped().map((source) => [source.from, source.dropped]))
    if (dropped.size === 0) return
    for (const { device, from } of this.#parts.trust.standing()) {
      const count = from === null ? undefined : dropped.get(from)
      if (from !== null && count !== undefined)
        this.#parts.city.hostile.noteDropped(device, from, count, this.#parts.now())
    }
    this.follow()
  }

  /** An operator's step. @throws UsageError API_INPUT; (rejects) StoreError LOG_FULL */
  async act(device: string, { step, from, reason }: StepRequest, user: string): Promise<HostileTerminal[]> {
    const number = Number(device)
    if (from !== undefined && !/^.+:\d{1,5}$/.test(from))
      throw new UsageError('API_INPUT', `from is "${from}", expected address:port`)
    const event: StepEvent = {
      ...{ type: 'trust_step', at: this.#parts.now(), device: number, from: from ?? null, except: null, step },
      ...{ score: 0, reasons: [], by: user, note: reason },
    }
    await this.#record([event])
    return this.list().filter((terminal) => terminal.device === device)
  }

  /** An operator's word on how messages of a device must travel. @throws (rejects) StoreError LOG_FULL */
  async setPolicy(device: string, policy: CipherPolicy | null, user: string): Promise<CipherPolicy> {
    const { log, trust, audit, now } = this.#parts
    const at = now()
    const event: PolicyEvent = { type: 'trust_policy', at, device: Number(device), policy, user }
    await audit.append(at, 'cipher_policy', { device, by: user, detail: JSON.stringify(policy) })
    await log.append([entryOf(event)]).then((position) => trust.hold(event, position))
    return trust.policyOf(Number(device), undefined)
  }

  /** Terminals at a step, and those with a score; gravest first. */
  list(): HostileTerminal[] {
    const scored = new Map(this.#parts.city.hostile.subjects().map((s) => [`${s.device}@${s.from}`, s]))
    const steps = [...this.#parts.trust.standing()].map((event): HostileTerminal => {
      const key = `${event.device}@${event.from}`
      const subject = scored.get(key)
      scored.delete(key)
      return {
        ...{ device: String(event.device), from: event.from, except: event.except, step: event.step },
        ...{ score: round(subject?.score ?? event.score), since: subject?.since ?? event.at, updated_at: event.at },
        ...{ reasons: [...(subject?.reasons ?? event.reasons)], by: event.by, note: event.note },
        learned: opinionOf(subject?.learned ?? event.learned),
      }
    })
    const watched = [...scored.values()].map(
      ({ device, from, score, since, at, reasons, learned }): HostileTerminal => ({
        ...{ device: String(device), from, except: null, step: 'none', score: round(score), since, updated_at: at },
        ...{ reasons: [...reasons], by: 'rules', note: null, learned: opinionOf(learned) },
      }),
    )
    const rank = ({ step }: HostileTerminal) => TERMINAL_STEPS.indexOf(step)
    return [...steps, ...watched].sort((a, b) => rank(b) - rank(a) || b.score - a.score)
  }

  /** The learned model, without its trees. */
  model(): HostileModel {
    const { learned, city } = this.#parts
    const watched = city.hostile.episodes.size
    if (typeof learned === 'string') return { model: null, refused: learned, watched }
    const { source, file, sha256, model } = learned
    const { seed, rows, positives, kinds, warn, observe } = model.facts
    const facts = { source, file, sha256, seed, rows, positives, kinds: [...kinds], warn, observe }
    return { model: facts, refused: null, watched }
  }

  #eventOf({ device, from, except, step, score, reasons, by, learned }: ProposedStep): StepEvent {
    const at = this.#parts.now()
    const event = { type: 'trust_step' as const, at, device, from, except, step, score, reasons, by, note: null }
    return learned === undefined ? event : { ...event, learned }
  }

  async #record(events: readonly StepEvent[]): Promise<void> {
    const { log, trust, audit } = this.#parts
    for (const { at, device, from, step, by, score, reasons, note, learned } of events) {
      const signs = reasons.map(({ code, count }) => `${code} ${count}`)
      const said = (learned?.because ?? []).map(({ feature }) => `${feature} (learned ${learned?.probability})`)
      const why = note ?? [...signs, ...said].join(', ')
      await audit.append(at, `terminal_${step}`, { device: String(device), from, by, score, detail: why })
    }
    // Directly behind the append: what comes behind a step in the log is read with it.
    await log.append(events.map(entryOf)).then((first) => {
      for (const [i, event] of events.entries()) {
        trust.hold(event, first + i)
        this.#tellSocket(event)
        const alarms = this.#parts.city.takeStep(event, trust.isAtStep(event.device))
        if (alarms.length > 0) this.#parts.onAlarms(alarms)
      }
    })
  }

  #tellSocket({ from, step, device }: Pick<StepEvent, 'from' | 'step' | 'device'>): void {
    const { endpoint, trust, city } = this.#parts
    const away = TERMINAL_STEPS.indexOf(step) >= ISOLATE
    // The budget is of a whole source: who stands behind one with others is kept away by its number alone.
    if (from !== null) endpoint.distrust(from, away && !city.hostile.isShared(city.fleet.slotOf(device), from))
    else if (!away) for (const source of trust.sourcesOf(device)) endpoint.distrust(source, false)
  }
}

const opinionOf = (learned: StepOpinion | undefined): HostileTerminal['learned'] =>
  learned === undefined ? null : { probability: learned.probability, because: [...learned.because] }

const round = (score: number): number => Math.round(100 * score) / 100
