/** A slot whose count stands in the next one: the hours between two readings are taken together. */
export const JOINED = 254
/** A slot of which nothing is known. */
export const UNKNOWN = 255
const MOST_STEPS = 253

const HOUR = 3_600_000
/** Readings further apart than this leave a gap; nearer ones are hours taken together. */
const LONGEST_H = 12

/**
 * How many steps a coarse register made in each of its last hours, a byte an hour. Hours are counted from the first reading, so that a
 * register read at half past each hour has no reading at the edge of one.
 */
export class StepHours {
  readonly #steps: Uint8Array
  #first = Number.NaN
  /** The hour after the last known one. */
  #end = 0
  #held = 0

  /** @param hours that are kept */
  constructor(hours: number) {
    this.#steps = new Uint8Array(hours).fill(UNKNOWN)
  }

  /** Takes what lies between two readings. @param steps whole ones; NaN when unknown @returns the hour after it */
  add(from: number, to: number, steps: number): number {
    if (Number.isNaN(this.#first)) this.#first = from
    const end = Math.round((to - this.#first) / HOUR)
    const lost = Number.isNaN(steps) || to - from > LONGEST_H * HOUR
    this.#held = lost ? 0 : this.#held + steps
    if (end <= this.#end) return this.#end
    const kept = Math.max(this.#end, end - this.#steps.length)
    for (let hour = kept; hour < end - 1; hour++) this.#put(hour, lost ? UNKNOWN : JOINED)
    this.#put(end - 1, lost ? UNKNOWN : Math.min(MOST_STEPS, this.#held))
    this.#held = 0
    this.#end = end
    return end
  }

  /** Copies the hours from one on; what was read before or after those that are kept is unknown. */
  copy(from: number, into: Uint8Array): void {
    for (let i = 0; i < into.length; i++) into[i] = this.#at(from + i)
    // Of an hour that is taken together with those before, a part lies outside.
    for (let i = 0, open = this.#at(from - 1) === JOINED; open && i < into.length; i++) {
      open = into[i] === JOINED
      into[i] = UNKNOWN
    }
  }

  /** Forgets hours: what was in them is not usual. */
  forget(from: number, to: number): void {
    for (let hour = Math.max(from, this.#end - this.#steps.length); hour < Math.min(to, this.#end); hour++)
      this.#put(hour, UNKNOWN)
  }

  #at(hour: number): number {
    const here = hour >= 0 && hour < this.#end && hour >= this.#end - this.#steps.length
    return here ? (this.#steps[hour % this.#steps.length] as number) : UNKNOWN
  }

  #put(hour: number, steps: number): void {
    this.#steps[hour % this.#steps.length] = steps
  }
}

/** What a span of hours says of a constant flow in it; steps and hours. */
export interface SpanShape {
  /** Largest constant flow that the register allows over the span, as a logarithm. */
  readonly floor: number
  /** Mean of the same of its eighths of a day that are full, as logarithms. */
  readonly partFloor: number
  /** Steps in the span, one added, as a logarithm. */
  readonly steps: number
}

const PART_H = 8
/** Share of a span that must be known. */
const LEAST_KNOWN = 0.85

/** @returns undefined when too little of the span is known @param hours slots of StepHours */
export function spanShape(hours: Uint8Array): SpanShape | undefined {
  let known = 0
  let steps = 0
  for (const slot of hours) {
    if (slot === UNKNOWN) continue
    known += 1
    if (slot !== JOINED) steps += slot
  }
  const floor = stepFloor(hours, 0, hours.length)
  if (known < LEAST_KNOWN * hours.length || floor === Number.POSITIVE_INFINITY) return undefined
  let [sum, parts] = [0, 0]
  for (let i = 0; i + PART_H <= hours.length; i += PART_H) {
    const part = stepFloor(hours, i, i + PART_H)
    if (part === Number.POSITIVE_INFINITY) continue
    sum += Math.log(part)
    parts += 1
  }
  return {
    floor: Math.log(floor),
    partFloor: parts === 0 ? Math.log(floor) : sum / parts,
    steps: Math.log((steps * hours.length) / known + 1),
  }
}

/** Largest constant flow, steps an hour: least of (steps + 1) / hours over all stretches; infinite when nothing is known. */
export function stepFloor(hours: Uint8Array, from: number, to: number): number {
  let least = Number.POSITIVE_INFINITY
  for (let i = from; i < to; i++) {
    if (i > from && hours[i - 1] === JOINED) continue
    let sum = 1
    for (let j = i; j < to; j++) {
      const slot = hours[j] as number
      if (slot === UNKNOWN) break
      if (slot === JOINED) continue
      sum += slot
      const flow = sum / (j - i + 1)
      if (flow < least) least = flow
      // A stretch that is longer than the span allows cannot become less.
      if (sum >= least * (to - i)) break
    }
  }
  return least
}
