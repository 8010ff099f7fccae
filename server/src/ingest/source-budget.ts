/** How many datagrams one source may send. */
export interface BudgetLimits {
  /** Datagrams per second in the long run. */
  readonly perSecond: number
  /** Datagrams at once after a silence. */
  readonly burst: number
}

/**
 * Token buckets against a source that floods, in a table of fixed size: sources are hashed into buckets without keeping their
 * names. Two sources that share a bucket share its budget, which is far above what a device needs; so a flood from one source
 * costs one part in `buckets` of the others, and the memory is bounded whatever addresses are forged.
 */
export class SourceBudget {
  readonly #limits: BudgetLimits
  readonly #mask: number
  readonly #tokens: Float32Array
  /** Time of the last refill, ms. */
  readonly #refilledAt: Float64Array

  /** @param buckets a power of two */
  constructor(limits: BudgetLimits, buckets = 65_536) {
    this.#limits = limits
    this.#mask = buckets - 1
    this.#tokens = new Float32Array(buckets).fill(limits.burst)
    this.#refilledAt = new Float64Array(buckets)
  }

  /** Takes one token of the source with this hash; false when it has none left. */
  take(hash: number, now: number): boolean {
    const bucket = hash & this.#mask
    const passed = Math.max(now - (this.#refilledAt[bucket] ?? 0), 0)
    const { perSecond, burst } = this.#limits
    const tokens = Math.min((this.#tokens[bucket] ?? 0) + (passed / 1_000) * perSecond, burst)
    this.#refilledAt[bucket] = now
    this.#tokens[bucket] = tokens < 1 ? tokens : tokens - 1
    return tokens >= 1
  }
}
