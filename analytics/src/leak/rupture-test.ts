import type { LeakSettings } from './leak-settings.ts'

/** Slots of history before a jump means anything, and slots whose largest jump is remembered. */
const LEARNED = 48 * 12
const HOUR_SLOTS = 12
const KEPT_HOURS = 96
/** A rupture exceeds the largest jump of usual days by this factor. */
const BEYOND = 1.5

/** Tells a rupture from the first flows after it: a jump beyond all jumps of the days before, while pressures fall. */
export class RuptureTest {
  readonly #settings: LeakSettings
  readonly #largest = new Map<number, number>()
  #mean = Number.NaN
  #slots = 0
  #done = Number.NEGATIVE_INFINITY

  constructor(settings: LeakSettings) {
    this.#settings = settings
  }

  /** Whether a slot has not been judged. */
  waits(slot: number): boolean {
    return slot > this.#done
  }

  /**
   * Judges a slot.
   * @param now     inflow, m³/s
   * @param before  mean inflow of the slots before; NaN when unknown
   * @param partly  whether some inlet did not report: then flow may only have moved between inlets
   * @param fall    mean fall of the zone's pressures, Pa
   * @returns the jump of a rupture, m³/s
   */
  take(slot: number, now: number, before: number, fall: number, partly = false): number | undefined {
    this.#done = slot
    this.#slots += 1
    if (!partly)
      this.#mean = Number.isNaN(this.#mean) ? now : this.#mean + (now - this.#mean) / Math.min(this.#slots, 7 * 288)
    const jump = now - before
    if (Number.isNaN(jump)) return undefined
    let usual = 0
    for (const value of this.#largest.values()) usual = Math.max(usual, value)
    const broken =
      this.#slots > LEARNED &&
      fall > 0 &&
      jump > this.#settings.ruptureShare * this.#mean &&
      jump > (partly ? 2 : 1) * BEYOND * usual
    if (!broken && !partly) {
      const hour = Math.floor(slot / HOUR_SLOTS)
      this.#largest.set(hour, Math.max(this.#largest.get(hour) ?? 0, Math.abs(jump)))
      this.#largest.delete(hour - KEPT_HOURS)
    }
    return broken ? jump : undefined
  }
}
