import type { Association } from './association.ts'

/** Associations that one identity may have at once: it dies and comes again sooner than the platform notices. */
const MOST_OF_ONE = 4
/** An association that was heard is moved to the end of the queue of the forgotten this often at most, ms. */
const TOUCH_MS = 60_000

export const sourceName = (address: string, port: number): string => `${address} ${port}`
const cidName = (cid: Uint8Array): string => Buffer.from(cid).toString('latin1')

interface Place {
  readonly association: Association
  touchedAt: number
}

/** Established associations by number, by connection id, and by source where there is none. The one not heard longest makes room. */
export class AssociationTable {
  readonly #most: number
  readonly #places = new Map<number, Place>()
  readonly #byCid = new Map<string, number>()
  readonly #bySource = new Map<string, number>()
  readonly #byIdentity = new Map<string, number[]>()
  #next: number

  /** @param first number of the first one: different at each start, so that no answer meant for another life reaches it */
  constructor(most: number, first: number) {
    this.#most = most
    this.#next = first
  }

  get size(): number {
    return this.#places.size
  }

  /** Takes one in. @returns numbers of those that make room, to be taken out */
  add(association: Association, now: number): { readonly number: number; readonly crowded: readonly number[] } {
    const { cid, address, port, entry } = association
    const crowded: number[] = []
    const number = this.#next++
    if (cid.length > 0) this.#byCid.set(cidName(cid), number)
    else {
      const source = sourceName(address, port)
      const former = this.#bySource.get(source)
      if (former !== undefined) crowded.push(former)
      this.#bySource.set(source, number)
    }
    const others = this.#byIdentity.get(entry.identity)
    if (others === undefined) this.#byIdentity.set(entry.identity, [number])
    else {
      others.push(number)
      if (others.length > MOST_OF_ONE) crowded.push(others[0] ?? number)
    }
    this.#places.set(number, { association, touchedAt: now })
    if (this.#places.size > this.#most) crowded.push(this.#oldest() ?? number)
    return { number, crowded: [...new Set(crowded)] }
  }

  remove(number: number): Association | undefined {
    const association = this.#places.get(number)?.association
    if (association === undefined) return undefined
    this.#places.delete(number)
    const { cid, address, port, entry } = association
    const source = sourceName(address, port)
    if (cid.length > 0) this.#byCid.delete(cidName(cid))
    else if (this.#bySource.get(source) === number) this.#bySource.delete(source)
    const others = this.#byIdentity.get(entry.identity)?.filter((one) => one !== number) ?? []
    if (others.length === 0) this.#byIdentity.delete(entry.identity)
    else this.#byIdentity.set(entry.identity, others)
    return association
  }

  get(number: number): Association | undefined {
    return this.#places.get(number)?.association
  }

  withCid(cid: Uint8Array): number | undefined {
    return this.#byCid.get(cidName(cid))
  }

  at(address: string, port: number): number | undefined {
    return this.#bySource.get(sourceName(address, port))
  }

  ofIdentity(identity: string): readonly number[] {
    return this.#byIdentity.get(identity) ?? []
  }

  /** It was heard. */
  touch(number: number, now: number): void {
    const place = this.#places.get(number)
    if (place === undefined || now - place.touchedAt < TOUCH_MS) return
    place.touchedAt = now
    this.#places.delete(number)
    this.#places.set(number, place)
  }

  /** Numbers of those that were not heard since `before`, about. */
  silentSince(before: number): readonly number[] {
    const found: number[] = []
    for (const [number, { association, touchedAt }] of this.#places) {
      if (touchedAt >= before) break
      if (association.heardAt < before) found.push(number)
    }
    return found
  }

  identities(): IterableIterator<string> {
    return this.#byIdentity.keys()
  }

  #oldest(): number | undefined {
    return this.#places.keys().next().value
  }
}
