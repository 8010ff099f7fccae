/** What lies between two readings of a register. */
export interface Interval {
  /** Unix ms. */
  readonly from: number
  readonly to: number
  /** m³; NaN where the register ran backwards or jumped. */
  readonly advanceM3: number
  readonly fault: 'none' | 'backwards' | 'jump'
}

export interface RegisterLimits {
  readonly stepM3: number
  /** More than this cannot pass the meter, m³/h. */
  readonly mostM3H: number
  /** A register that passes this begins at 0 again, m³. */
  readonly turnsM3: number
}

/** Walks a register from reading to reading; keeps the last one only. Readings that are not later than the last are passed over. */
export class RegisterWalk {
  readonly #limits: RegisterLimits
  #at = Number.NaN
  #value = Number.NaN

  constructor(limits: RegisterLimits) {
    this.#limits = limits
  }

  /** @returns the interval that ends with this reading; undefined for the first reading and for one out of order */
  next(at: number, value: number): Interval | undefined {
    const { stepM3, mostM3H, turnsM3 } = this.#limits
    const from = this.#at
    const before = this.#value
    if (!Number.isFinite(at) || !Number.isFinite(value) || at <= from) return undefined
    this.#at = at
    this.#value = value
    if (Number.isNaN(from)) return undefined
    let advance = value - before
    if (advance < -1.5 * stepM3 && before > 0.98 * turnsM3 && value < 0.02 * turnsM3) advance += turnsM3
    if (advance < -1.5 * stepM3) return { from, to: at, advanceM3: Number.NaN, fault: 'backwards' }
    if (advance - stepM3 > (mostM3H * (at - from)) / 3_600_000)
      return { from, to: at, advanceM3: Number.NaN, fault: 'jump' }
    // Steps are counted in binary fractions: what is no whole step is rounding of the file.
    return { from, to: at, advanceM3: Math.max(0, advance), fault: 'none' }
  }
}

/** Steps that registers have, m³; the usual ones of gas (cubic foot) and water meters (US gallon) among them. */
const STEPS = [10, 1, 0.1, 0.0283168, 0.01, 0.00378541, 0.001, 0.0005, 0.0001]

/**
 * Step of a register, m³: the largest usual step of which 98 % of the advances are whole multiples.
 * @param values readings in order of time, m³
 */
export function registerStep(values: ArrayLike<number>): number {
  const advances: number[] = []
  for (let i = 1; i < values.length && advances.length < 2000; i++) {
    const advance = (values[i] as number) - (values[i - 1] as number)
    if (advance > 1e-9) advances.push(advance)
  }
  if (advances.length < 3) return 0.1
  for (const step of STEPS) {
    const whole = advances.filter((a) => Math.abs(a / step - Math.round(a / step)) < 0.03 && Math.round(a / step) > 0)
    if (whole.length >= 0.98 * advances.length) return step
  }
  return Math.min(...advances)
}
