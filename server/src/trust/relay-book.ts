import { unpackNumbers } from '../log/packed-numbers.ts'
import type { RelayEvent, SourceEvent } from './trust-events.ts'

/** Which meters a concentrator may bring from here on, and which others may bring them. */
interface KnownRelay {
  readonly position: number
  readonly event: RelayEvent
}
interface KnownSource {
  readonly position: number
  readonly event: SourceEvent
}
interface KnownFitted {
  readonly position: number
  readonly device: number
  readonly point: number
}

/** What another thread must be given; grows in place. */
export interface RelayFacts {
  readonly relays: KnownRelay[]
  readonly sources: KnownSource[]
  readonly fitted: KnownFitted[]
}

export const noRelayFacts = (): RelayFacts => ({ relays: [], sources: [], fitted: [] })

/** Sources of a concentrator that are remembered: records so far back are read by nobody. */
const MOST_SOURCES = 64

interface Route {
  readonly position: number
  /** Concentrators, its own first; empty: the meter speaks for itself. */
  readonly via: readonly number[]
}

/**
 * By which way values of a meter behind a concentrator may come, at one place of the log: from where its own concentrator, or one
 * that the archive names beside it, is known to speak. Before the first word of the log about it, any way.
 */
export class RelayBook {
  readonly facts: RelayFacts
  readonly #routes = new Map<number, Route[]>()
  readonly #sources = new Map<number, KnownSource[]>()
  readonly #points = new Map<number, KnownFitted[]>()
  /** The last word about each concentrator, as JSON. */
  readonly #told = new Map<number, string>()
  readonly #members = new Map<number, ReadonlySet<number>>()

  constructor(facts: RelayFacts = noRelayFacts()) {
    this.facts = facts
    for (const one of facts.relays) this.#index(one)
    for (const one of facts.sources) this.#indexSource(one)
    for (const one of facts.fitted) this.#indexFitted(one)
  }

  get isEmpty(): boolean {
    return this.#routes.size === 0
  }

  hold(event: RelayEvent | SourceEvent, position: number): void {
    if (event.type === 'trust_relay') {
      const known = { position, event }
      this.facts.relays.push(known)
      this.#index(known)
    } else {
      const known = { position, event }
      this.facts.sources.push(known)
      this.#indexSource(known)
    }
  }

  /** Another meter stands at a point behind a record. */
  fitted(point: number, device: number, position: number): void {
    if (this.#points.get(device)?.some((one) => one.position === position) === true) return
    const known = { position, device, point }
    this.facts.fitted.push(known)
    this.#indexFitted(known)
  }

  /** Whether the log says exactly this of a concentrator already. */
  says({ device, meters, others }: Pick<RelayEvent, 'device' | 'meters' | 'others'>): boolean {
    return this.#told.get(device) === wordOf(meters, others)
  }

  /** Concentrators the log knows. */
  get concentrators(): readonly number[] {
    return [...this.#told.keys()]
  }

  /** `address:port` from which a concentrator speaks, for the record at `at`. */
  sourceOf(concentrator: number, at: number): string | undefined {
    return this.#sources.get(concentrator)?.findLast(({ position }) => position < at)?.event.from
  }

  /** Why a report cannot have come this way; undefined when it can. @param device its own number @param at position of the record */
  stray(device: number, kind: 'meter' | 'concentrator', from: string, at: number): string | undefined {
    if (kind === 'concentrator') {
      const known = this.sourceOf(device, at)
      return known === undefined || known === from ? undefined : `the concentrator is known to speak from ${known}`
    }
    if (this.isEmpty) return undefined
    const point = this.#points.get(device)?.findLast(({ position }) => position < at)?.point ?? device
    const via = this.#routes.get(point)?.findLast(({ position }) => position < at)?.via ?? []
    if (via.length === 0 || via.some((number) => this.sourceOf(number, at) === from)) return undefined
    return `it did not come from concentrator ${via.join(' or ')}`
  }

  /** What a snapshot keeps: the last word about everything. */
  save(): RelayFacts {
    const relays = new Map(this.facts.relays.map((one) => [one.event.device, one]))
    return { relays: [...relays.values()], sources: this.#lastSources(), fitted: [] }
  }

  #lastSources(): KnownSource[] {
    return [...this.#sources.values()].flatMap((known) => known.slice(-1))
  }

  #index({ position, event }: KnownRelay): void {
    const { device, others } = event
    const meters = new Set(unpackNumbers(event.meters))
    for (const meter of this.#members.get(device) ?? []) {
      // A meter that another concentrator has taken meanwhile keeps that one's way.
      const now = this.#routes.get(meter)?.at(-1)
      if (!meters.has(meter) && now?.via[0] === device) this.#route(meter, { position, via: [] })
    }
    const via = [device, ...others]
    for (const meter of meters) this.#route(meter, { position, via })
    this.#members.set(device, meters)
    this.#told.set(device, wordOf(event.meters, others))
  }

  #route(meter: number, route: Route): void {
    const known = this.#routes.get(meter)
    if (known === undefined) this.#routes.set(meter, [route])
    else known.push(route)
  }

  #indexSource(known: KnownSource): void {
    const { device } = known.event
    const before = this.#sources.get(device) ?? []
    this.#sources.set(device, [...before, known].slice(-MOST_SOURCES))
    const oldest = before.length < MOST_SOURCES ? undefined : before[0]
    if (oldest !== undefined) this.facts.sources.splice(this.facts.sources.indexOf(oldest), 1)
  }

  #indexFitted(known: KnownFitted): void {
    const before = this.#points.get(known.device)
    if (before === undefined) this.#points.set(known.device, [known])
    else before.push(known)
  }
}

const wordOf = (meters: string, others: readonly number[]): string => `${meters} ${others.join(',')}`
