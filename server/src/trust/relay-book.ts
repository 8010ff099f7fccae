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
const NOBODY: readonly number[] = []

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
  /** How many concentrators speak from a source. */
  readonly #speaking = new Map<string, number>()

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
    const via = this.viaOf(device, at)
    if (via.length === 0 || via.some((number) => this.sourceOf(number, at) === from)) return undefined
    return `it did not come from concentrator ${via.join(' or ')}`
  }

  /** Concentrators that may bring values of a meter and are known to speak from a source, for the record at `at`. */
  relaysAt(device: number, from: string, at: number): readonly number[] {
    const via = this.viaOf(device, at)
    return via.length === 0 ? via : via.filter((number) => this.sourceOf(number, at) === from)
  }

  /** Whether the archive has a meter behind a concentrator that proved who it is, or behind one that it stands in for. */
  mayBring(concentrator: number, meter: number, at: number): boolean {
    return this.viaOf(meter, at).includes(concentrator)
  }

  /** Whether a concentrator is known to speak from a source. */
  isSource(from: string): boolean {
    return (this.#speaking.get(from) ?? 0) > 0
  }

  /** Concentrators that may bring values of a meter, its own first; none when it speaks for itself. */
  viaOf(device: number, at: number): readonly number[] {
    if (this.isEmpty) return NOBODY
    const point = this.#points.get(device)?.findLast(({ position }) => position < at)?.point ?? device
    return this.#routes.get(point)?.findLast(({ position }) => position < at)?.via ?? NOBODY
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
    const left = before.at(-1)?.event.from
    const others = left === undefined ? 0 : (this.#speaking.get(left) ?? 0) - 1
    if (left !== undefined && others > 0) this.#speaking.set(left, others)
    else if (left !== undefined) this.#speaking.delete(left)
    this.#speaking.set(known.event.from, (this.#speaking.get(known.event.from) ?? 0) + 1)
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
