/** Deterministic randomness: the same seed gives the same city, the same households and the same losses on every machine. */

/** 32-bit hash of a few integers; the base of everything that must be answerable for any device and any day without history. */
export function hash32(a: number, b = 0, c = 0, d = 0): number {
  let h = 0x9e3779b9 ^ (a | 0)
  h = mix(h)
  h = mix(h ^ (b | 0) ^ Math.floor(b / 4294967296))
  h = mix(h ^ (c | 0))
  h = mix(h ^ (d | 0))
  return h >>> 0
}

/** Uniform number in [0, 1) from a few integers. */
export function unitHash(a: number, b = 0, c = 0, d = 0): number {
  return hash32(a, b, c, d) / 4294967296
}

/** Standard normal number from a few integers. */
export function normalHash(a: number, b = 0, c = 0, d = 0): number {
  const u = Math.max(unitHash(a, b, c, d), 1e-12)
  return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * unitHash(d ^ 0x5bd1, c, b, a))
}

function mix(value: number): number {
  let h = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/** A stream of random numbers from one seed. */
export class SeededRandom {
  #state: number
  constructor(a: number, b = 0, c = 0, d = 0) {
    this.#state = hash32(a, b, c, d)
  }

  /** Uniform in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    const s = this.#state
    let t = Math.imul(s ^ (s >>> 15), 1 | s)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.next()
  }

  /** Integer in [0, count). */
  below(count: number): number {
    return Math.floor(this.next() * count)
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  normal(mean = 0, deviation = 1): number {
    const u = Math.max(this.next(), 1e-12)
    return mean + deviation * Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * this.next())
  }

  /** One of a non-empty list. */
  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)]
    if (item === undefined) throw new RangeError('nothing to pick from')
    return item
  }
}
