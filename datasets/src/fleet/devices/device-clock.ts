import { normalHash, unitHash } from '../../seeded-random.ts'

const YEAR_MS = 365.2425 * 86_400_000
/** A meter's clock errs by at most 5 min a year. @source wireless reading scheme §3.3.5.3 */
const WORST_DRIFT = (5 * 60_000) / YEAR_MS

/** A device's own clock: it drifts, and is set by the service's answers. */
export class DeviceClock {
  readonly #drift: number
  #offset: number
  #setAt: number

  /** @param start Unix ms when the device begins to be simulated */
  constructor(seed: number, device: number, start: number) {
    this.#drift = WORST_DRIFT * (2 * unitHash(seed, 61, device) - 1)
    this.#setAt = start
    const forgotten = unitHash(seed, 62, device) < 0.003
    this.#offset = (forgotten ? 240_000 : 800) * normalHash(seed, 63, device)
  }

  /** What the device believes, Unix ms, at a true instant. */
  read(at: number): number {
    return Math.round(at + this.error(at))
  }

  /** ms fast. */
  error(at: number): number {
    return this.#offset + this.#drift * (at - this.#setAt)
  }

  /**
   * Sets the clock to what the service says, unless they agree within what the way of the answer explains.
   * @param at true instant of the answer, Unix ms @param tolerance ms
   */
  set(at: number, said: number, tolerance: number): void {
    const off = said - at - this.error(at)
    if (Math.abs(off) <= tolerance) return
    this.#offset = said - at
    this.#setAt = at
  }
}

/** How long an answer may be under way, ms of the wall, before it is worth setting a clock by it. */
const ANSWER_DELAY_MS = 250
/** Clocks that agree so well are left alone, ms. */
const CLOSE_ENOUGH_MS = 2000

/** Tolerance of a correction at a speed of the plan's clock. @param speed event seconds per wall second */
export function clockTolerance(speed: number): number {
  return CLOSE_ENOUGH_MS + ANSWER_DELAY_MS * speed
}
