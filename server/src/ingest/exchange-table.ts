import { hashSourceKey, SOURCE_KEY_WORDS } from './source-key.ts'

/** How long a message id of an endpoint stays taken, ms. @source RFC 7252 §4.8.2, EXCHANGE_LIFETIME with default parameters */
const EXCHANGE_LIFETIME_MS = 247_000

const FREE = 0
const IN_WORK = 1
const ANSWERED = 2

interface ExchangeTableOptions {
  /** Exchanges remembered at most; the oldest is forgotten first. */
  readonly capacity: number
  /** Bytes for answers that may have to be sent again. */
  readonly answerBytes: number
  /** Keeps outsiders from choosing colliding keys. */
  readonly seed: number
  readonly lifetimeMs?: number
}

/**
 * Which requests (source and message id) were seen, and what was answered, so that a retransmission is never processed twice.
 * About 52 bytes an exchange in flat arrays, plus the answers in one ring of bytes; memory is bounded whatever arrives.
 *
 * Exchanges are numbered in the order of arrival. They lie in a ring by that number, and as they all live equally long the
 * oldest is always the first to expire. A hash index with linear probing points into the ring.
 */
export class ExchangeTable {
  readonly #capacity: number
  readonly #lifetimeMs: number
  readonly #seed: number
  readonly #keys: Uint32Array
  readonly #hashes: Uint32Array
  readonly #startedAt: Float64Array
  readonly #states: Uint8Array
  readonly #answerAt: Float64Array
  readonly #answerLength: Uint16Array
  readonly #index: Int32Array
  readonly #mask: number
  readonly #answers: Buffer
  /** Bytes ever written to the ring of answers, so that an overwritten answer is recognised. */
  #answered = 0
  #oldest = 0
  #next = 0
  #inWork = 0

  constructor(options: ExchangeTableOptions) {
    const { capacity } = options
    this.#capacity = capacity
    this.#lifetimeMs = options.lifetimeMs ?? EXCHANGE_LIFETIME_MS
    this.#seed = options.seed
    this.#keys = new Uint32Array(capacity * SOURCE_KEY_WORDS)
    this.#hashes = new Uint32Array(capacity)
    this.#startedAt = new Float64Array(capacity)
    this.#states = new Uint8Array(capacity)
    this.#answerAt = new Float64Array(capacity)
    this.#answerLength = new Uint16Array(capacity)
    const indexSize = 2 ** Math.ceil(Math.log2(capacity * 2))
    this.#index = new Int32Array(indexSize)
    this.#mask = indexSize - 1
    this.#answers = Buffer.alloc(options.answerBytes)
  }

  /** Exchanges remembered, those that were forgotten on purpose included until they expire. */
  get size(): number {
    return this.#next - this.#oldest
  }

  /** Exchanges that wait for their answer. */
  get inWork(): number {
    return this.#inWork
  }

  /** Number of the exchange with this key, or −1 when none is remembered. */
  find(key: Uint32Array, now: number): number {
    this.#expire(now)
    const hash = hashSourceKey(key, SOURCE_KEY_WORDS, this.#seed)
    for (let at = hash & this.#mask; ; at = (at + 1) & this.#mask) {
      const entry = this.#index[at] ?? 0
      if (entry === 0) return -1
      const slot = entry - 1
      if (this.#hashes[slot] !== hash || !this.#sameKey(slot, key)) continue
      const exchange = this.#exchangeIn(slot)
      // What cannot be answered again is no use as a memory.
      if (this.#states[slot] === ANSWERED && this.#isOverwritten(slot)) {
        this.#remove(slot)
        return -1
      }
      return exchange
    }
  }

  /** Remembers an exchange that `find` does not know, as being in work. */
  begin(key: Uint32Array, now: number): number {
    if (this.size === this.#capacity) this.#dropOldest()
    const exchange = this.#next++
    const slot = exchange % this.#capacity
    const hash = hashSourceKey(key, SOURCE_KEY_WORDS, this.#seed)
    this.#keys.set(key, slot * SOURCE_KEY_WORDS)
    this.#hashes[slot] = hash
    this.#startedAt[slot] = now
    this.#states[slot] = IN_WORK
    this.#inWork++
    let at = hash & this.#mask
    while (this.#index[at] !== 0) at = (at + 1) & this.#mask
    this.#index[at] = slot + 1
    return exchange
  }

  /** Whether the exchange waits for its answer; false too when it is not remembered any more. */
  isInWork(exchange: number): boolean {
    return exchange >= this.#oldest && this.#states[exchange % this.#capacity] === IN_WORK
  }

  /** Marks an exchange as answered. An answer that is too long for the ring, or none, is not kept: duplicates are then ignored. */
  finish(exchange: number, answer: Uint8Array | undefined): void {
    if (!this.isInWork(exchange)) return
    const slot = exchange % this.#capacity
    this.#states[slot] = ANSWERED
    this.#inWork--
    const length = answer === undefined || answer.length > this.#answers.length / 4 ? 0 : answer.length
    this.#answerLength[slot] = length
    if (answer === undefined || length === 0) return
    const place = this.#answered % this.#answers.length
    if (place + length > this.#answers.length) this.#answered += this.#answers.length - place
    this.#answers.set(answer, this.#answered % this.#answers.length)
    this.#answerAt[slot] = this.#answered
    this.#answered += length
  }

  /** The answer to an answered exchange, a view that the next `finish` may overwrite; undefined when it has none. */
  answerOf(exchange: number): Uint8Array | undefined {
    const slot = exchange % this.#capacity
    const length = this.#answerLength[slot] ?? 0
    if (exchange < this.#oldest || this.#states[slot] !== ANSWERED || length === 0) return undefined
    const at = (this.#answerAt[slot] ?? 0) % this.#answers.length
    return this.#answers.subarray(at, at + length)
  }

  /** Makes the next arrival of the same message a fresh request. */
  forget(exchange: number): void {
    if (exchange >= this.#oldest) this.#remove(exchange % this.#capacity)
  }

  #expire(now: number): void {
    const before = now - this.#lifetimeMs
    while (this.#oldest < this.#next && (this.#startedAt[this.#oldest % this.#capacity] ?? 0) <= before) {
      this.#dropOldest()
    }
  }

  #dropOldest(): void {
    this.#remove(this.#oldest % this.#capacity)
    this.#oldest++
  }

  #exchangeIn(slot: number): number {
    const first = this.#oldest % this.#capacity
    return this.#oldest + (slot >= first ? slot - first : slot + this.#capacity - first)
  }

  #isOverwritten(slot: number): boolean {
    if (this.#answerLength[slot] === 0) return false
    return this.#answered - (this.#answerAt[slot] ?? 0) > this.#answers.length
  }

  #sameKey(slot: number, key: Uint32Array): boolean {
    const at = slot * SOURCE_KEY_WORDS
    for (let i = 0; i < SOURCE_KEY_WORDS; i++) if (this.#keys[at + i] !== key[i]) return false
    return true
  }

  /** Takes a slot out of the index and closes the gap, so that no tombstones pile up. */
  #remove(slot: number): void {
    if (this.#states[slot] === FREE) return
    if (this.#states[slot] === IN_WORK) this.#inWork--
    this.#states[slot] = FREE
    const index = this.#index
    let gap = (this.#hashes[slot] ?? 0) & this.#mask
    while (index[gap] !== slot + 1) gap = (gap + 1) & this.#mask
    for (let at = (gap + 1) & this.#mask; index[at] !== 0; at = (at + 1) & this.#mask) {
      const home = (this.#hashes[(index[at] ?? 0) - 1] ?? 0) & this.#mask
      // An entry may move back only if its home does not lie behind the gap.
      if (((at - home) & this.#mask) < ((at - gap) & this.#mask)) continue
      index[gap] = index[at] ?? 0
      gap = at
    }
    index[gap] = 0
  }
}
