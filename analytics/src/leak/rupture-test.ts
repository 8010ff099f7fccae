import type { LeakSettings } from './leak-settings.ts'

/** Hours of which some slot is known before a jump beyond the usual ones means anything. */
const LEARNED = 24
/** With less known, a morning might begin: only what no morning does is a rupture, of jump, of inflow and of the pressures' usual change. */
const HARDLY_LEARNED = 6
const BEYOND_ANY_MORNING = 30
const TIMES_THE_HIGHEST = 3
const FALLS_BEYOND = 20
const HOUR_SLOTS = 12
/** Slots that are remembered as counted: an hour is looked at again within that time. */
const COUNTED = 288
/** A week and a day: on Mondays much begins at once. */
const KEPT_HOURS = 192
/** A rupture exceeds the largest jump of usual days by this factor; by more before two days, and before a whole week is known. */
const BEYOND = 1.5
const BEYOND_AT_FIRST = 2
const BEYOND_FIRST_DAYS = 3
const FIRST_DAYS = 48
/** Pressures beside a gate hardly fall: a rise within so many usual ones is no contradiction, but then a second slot must say the same. */
const USUAL_FALLS = 3

/** Tells a rupture from the first flows after it: a jump beyond all jumps of the days before, while pressures fall. */
export class RuptureTest {
  readonly #settings: LeakSettings
  readonly #largest = new Map<number, number>()
  #mean = Number.NaN
  #highest = 0
  #slots = 0
  #done = Number.NEGATIVE_INFINITY
  /** Slots that have been counted, of the last hours. */
  readonly #counted = new Set<number>()
  /** Mean square of the pressures' usual change from slot to slot, Pa². */
  #square = Number.NaN
  /** A jump that pressures did not confirm, with the inflow before it. */
  #doubtful: { readonly slot: number; readonly before: number } | undefined

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
    this.#count(slot, now, partly)
    const { before: base } = this.#doubtful?.slot === slot - 1 ? this.#doubtful : { before }
    const jump = now - base
    if (Number.isNaN(jump)) return undefined
    const large = this.#isLarge(jump, partly, fall)
    const contradicted = fall < -USUAL_FALLS * Math.sqrt(this.#square)
    const broken = large && !contradicted && (fall > 0 || base !== before)
    if (large && !broken && !contradicted && base === before) {
      this.#doubtful = { slot, before }
      return undefined
    }
    this.#doubtful = undefined
    if (!broken && !partly) this.#remember(slot, now, now - before, fall)
    return broken ? jump : undefined
  }

  /**
   * Judges what devices report before their time.
   * @param jump of the inlets that did, m³/s. @param fall mean fall of the zone's pressures that did, Pa; NaN when none did
   */
  isSudden(jump: number, fall: number): boolean {
    return fall > USUAL_FALLS * Math.sqrt(this.#square) && this.#isLarge(jump, true, fall)
  }

  #isLarge(jump: number, partly: boolean, fall: number): boolean {
    const hours = this.#largest.size
    let usual = 0
    for (const value of this.#largest.values()) usual = Math.max(usual, value)
    if (hours < LEARNED)
      return (
        hours >= HARDLY_LEARNED &&
        jump > BEYOND_ANY_MORNING * usual &&
        jump > TIMES_THE_HIGHEST * this.#highest &&
        fall > FALLS_BEYOND * Math.sqrt(this.#square)
      )
    const beyond =
      hours < FIRST_DAYS ? BEYOND_FIRST_DAYS : this.#slots < KEPT_HOURS * HOUR_SLOTS ? BEYOND_AT_FIRST : BEYOND
    return jump > this.#settings.ruptureShare * this.#mean && jump > (partly ? 2 : 1) * beyond * usual
  }

  /** Learns from a slot that was not complete when it would have been judged. NaN where something never came. */
  learn(slot: number, now: number, before: number, fall: number): void {
    if (this.#counted.has(slot) || Number.isNaN(now)) return
    this.#count(slot, now, false)
    if (!Number.isNaN(before)) this.#remember(slot, now, now - before, fall)
  }

  #count(slot: number, now: number, partly: boolean): void {
    this.#slots += 1
    this.#counted.add(slot)
    if (this.#counted.size > COUNTED)
      for (const old of this.#counted) if (old < slot - COUNTED) this.#counted.delete(old)
    if (partly) return
    this.#mean = Number.isNaN(this.#mean) ? now : this.#mean + (now - this.#mean) / Math.min(this.#slots, 7 * 288)
  }

  #remember(slot: number, now: number, jump: number, fall: number): void {
    this.#highest = Math.max(this.#highest, now)
    const hour = Math.floor(slot / HOUR_SLOTS)
    this.#largest.set(hour, Math.max(this.#largest.get(hour) ?? 0, Math.abs(jump)))
    for (const old of this.#largest.keys()) {
      if (old > hour - KEPT_HOURS) break
      this.#largest.delete(old)
    }
    if (Number.isNaN(fall)) return
    const square = Math.min(fall * fall, 16 * (Number.isNaN(this.#square) ? fall * fall : this.#square))
    this.#square = Number.isNaN(this.#square) ? square : this.#square + (square - this.#square) / KEPT_HOURS
  }
}
