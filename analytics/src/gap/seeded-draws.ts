/** Draws that are the same for the same seed, everywhere. */
export class SeededDraws {
  #state: number
  constructor(seed: number) {
    this.#state = (Math.imul(seed | 0, 0x9e3779b1) ^ 0x5bd1e995) | 0
  }

  /** Uniform in (0, 1). */
  uniform(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    const s = this.#state
    let t = Math.imul(s ^ (s >>> 15), 1 | s)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 4294967296
  }

  normal(): number {
    return Math.sqrt(-2 * Math.log(this.uniform())) * Math.cos(2 * Math.PI * this.uniform())
  }

  /** From a normal law, given that it is not below 0. @param deviation above 0 */
  positiveNormal(mean: number, deviation: number): number {
    const bound = -mean / deviation
    if (bound < 0.5) {
      for (let i = 0; i < 200; i++) {
        const draw = mean + deviation * this.normal()
        if (draw >= 0) return draw
      }
      return 0
    }
    // Far in the tail: exponential proposals (Robert 1995).
    const rate = (bound + Math.sqrt(bound * bound + 4)) / 2
    for (let i = 0; i < 200; i++) {
      const z = bound - Math.log(this.uniform()) / rate
      if (this.uniform() <= Math.exp(-((z - rate) ** 2) / 2)) return mean + deviation * z
    }
    return 0
  }
}

/** Natural logarithm of the standard normal distribution function. */
export function logNormalBelow(z: number): number {
  if (z < -8) return -0.5 * z * z - Math.log(-z) - 0.9189385332046727
  // Abramowitz and Stegun 26.2.17.
  const t = 1 / (1 + 0.2316419 * Math.abs(z))
  const poly = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  const upper = poly * 0.3989422804014327 * Math.exp(-0.5 * z * z)
  return Math.log(z >= 0 ? 1 - upper : Math.max(upper, 1e-300))
}
