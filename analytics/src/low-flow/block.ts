/** A piece of a customer's time on which one judgement rests: a night, a morning, an evening (8 h), or a day between two daily readings. */
export interface Block {
  /** 0 night (22–06 local), 1 morning (06–14), 2 evening (14–22), 3 a day or more. */
  readonly part: 0 | 1 | 2 | 3
  /** Unix ms. */
  readonly from: number
  readonly to: number
  readonly totalM3: number
  /** Largest constant flow that the register allows within the block, m³/h: least of (advance + step) / length over all its stretches. */
  readonly floorM3H: number
  /** Largest mean flow between two readings that is certain, m³/h: (advance − step) / length. */
  readonly peakM3H: number
}

/** Parts a block can be. */
export const BLOCK_PARTS = 4

/** How often a register is read. */
export type Cadence = 'hourly' | 'daily'

/** Share of the eight hours that must be known. */
const LEAST_KNOWN_H = 6
const LONGEST_INTERVAL_H = 84
/** Readings nearer than this are taken together: bounds the memory of a block. */
const SHORTEST_INTERVAL_H = 0.45
/** Daily readings come at spread times; several a day are added up to a day. */
const LEAST_DAY_H = 18
const HOUR = 3_600_000

/**
 * Cuts intervals of a register into blocks as they arrive, in bounded memory (at most 20 intervals).
 * Night blocks begin at 22 h because use that lasts past midnight would otherwise make every day restless.
 */
export class BlockCutter {
  readonly #cadence: Cadence
  readonly #stepM3: number
  #key = Number.NaN
  #from = Number.NaN
  #to = Number.NaN
  readonly #hours: number[] = []
  readonly #advances: number[] = []

  constructor(cadence: Cadence, stepM3: number) {
    this.#cadence = cadence
    this.#stepM3 = stepM3
  }

  /**
   * Takes the interval between two readings.
   * @param advanceM3   NaN when unknown: a faulty register
   * @param utcOffsetMs local time minus UTC
   * @returns the block that this interval ended, if it did
   */
  add(from: number, to: number, advanceM3: number, utcOffsetMs: number): Block | undefined {
    return this.#cadence === 'daily'
      ? this.#addToDay(from, to, advanceM3)
      : this.#addToPart(from, to, advanceM3, utcOffsetMs)
  }

  #addToDay(from: number, to: number, advance: number): Block | undefined {
    if (Number.isNaN(advance) || to - from > LONGEST_INTERVAL_H * HOUR) {
      this.#empty()
      return undefined
    }
    if (this.#hours.length === 0) this.#from = from
    this.#put(from, to, advance)
    if (to - this.#from < LEAST_DAY_H * HOUR) return undefined
    const block = this.#close(3)
    this.#empty()
    return block
  }

  #addToPart(from: number, to: number, advance: number, utcOffsetMs: number): Block | undefined {
    const key = Math.floor(((from + to) / 2 + utcOffsetMs + 2 * HOUR) / (8 * HOUR))
    let ended: Block | undefined
    if (key !== this.#key) {
      const known = this.#hours.reduce((a, b) => a + b, 0)
      if (known >= LEAST_KNOWN_H) ended = this.#close((((this.#key % 3) + 3) % 3) as 0 | 1 | 2)
      this.#empty()
      this.#key = key
    }
    if (!Number.isNaN(advance) && to - from <= 4 * HOUR) {
      if (this.#hours.length === 0) this.#from = from
      this.#put(from, to, advance)
    }
    return ended
  }

  #put(from: number, to: number, advance: number): void {
    const last = this.#hours.length - 1
    if (last >= 0 && (this.#hours[last] as number) < SHORTEST_INTERVAL_H) {
      this.#hours[last] = (this.#hours[last] as number) + (to - from) / HOUR
      this.#advances[last] = (this.#advances[last] as number) + advance
    } else {
      this.#hours.push((to - from) / HOUR)
      this.#advances.push(advance)
    }
    this.#to = to
  }

  #close(part: Block['part']): Block {
    return {
      part,
      from: this.#from,
      to: this.#to,
      totalM3: this.#advances.reduce((a, b) => a + b, 0),
      floorM3H: leastFlow(this.#advances, this.#hours, this.#stepM3),
      peakM3H: this.#advances.reduce(
        (most, a, i) => Math.max(most, (a - this.#stepM3) / (this.#hours[i] as number)),
        0,
      ),
    }
  }

  #empty(): void {
    this.#hours.length = 0
    this.#advances.length = 0
    this.#key = Number.NaN
  }
}

/**
 * Largest constant flow compatible with readings of a register that shows whole steps only, m³/h: in any stretch the true volume
 * is below advance + step, so no constant flow above (advance + step) / length can have passed.
 * @param advances m³ between readings that follow each other
 * @param hours    their lengths, h
 */
export function leastFlow(advances: readonly number[], hours: readonly number[], stepM3: number): number {
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < advances.length; i++) {
    let advance = stepM3
    let length = 0
    for (let j = i; j < advances.length; j++) {
      advance += advances[j] as number
      length += hours[j] as number
      least = Math.min(least, advance / length)
    }
  }
  return least
}
