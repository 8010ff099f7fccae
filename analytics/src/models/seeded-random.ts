/** A stream of numbers that a seed fixes. */
export interface SeededRandom {
  /** Uniform in [0, 1). */
  readonly uniform: () => number
  /** Standard normal. */
  readonly normal: () => number
  /** Uniform among 0 … count − 1. */
  readonly below: (count: number) => number
}

/**
 * @param seed any integer
 * @source mulberry32 by Tommy Ettinger, in the public domain; normal numbers by Box and Muller
 */
export function seededRandom(seed: number): SeededRandom {
  let state = Math.imul(seed | 0, 0x9e3779b1) ^ 0x85ebca6b
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  return {
    uniform,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    below: (count) => Math.floor(uniform() * count),
  }
}

/** The numbers 0 … count − 1 in an order that the random stream decides. */
export function shuffledOrder(count: number, random: SeededRandom): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i)
  for (let i = count - 1; i > 0; i--) {
    const j = random.below(i + 1)
    const kept = order[i] as number
    order[i] = order[j] as number
    order[j] = kept
  }
  return order
}
