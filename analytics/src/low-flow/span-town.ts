import type { Block } from './block.ts'
import { JOINED, type StepHours, UNKNOWN } from './step-hours.ts'

const HOUR = 3_600_000
const PART_H = 8
const PARTS_A_DAY = 3
/** Parts of the day begin at 22, 6 and 14 h. */
const NIGHT_BEFORE_MIDNIGHT_H = 2
/** Parts that make a span, and how many of them must be known. */
const SPAN_PARTS = 5
const LEAST_PARTS = 4
/** Places for the parts of two months and the days between. */
const KEPT_PARTS = 64 * PARTS_A_DAY + SPAN_PARTS

/** What a home's town did over the spans that are compared: mean flow of its homes, in any unit; NaN where too little is known. */
export interface SpanTown {
  readonly now: number
  /** Over a span that ended so many days before. */
  readonly daysBefore: (days: number) => number
  /** Mean standing of the homes' floors among their own over the present span. */
  readonly standing: number
  /** Share of the homes that rose in the same days, weighed with the chance that this one rises with them. */
  readonly risen: number
}

/** What is heard of a town in a part of a day. */
interface PartHeard {
  readonly flow: number
  readonly standing: number
  readonly risen: number
}

/** The town's flow in each part of the day for two months, a number each; it is heard when a part has ended. */
export class TownParts implements SpanTown {
  readonly #flow = new Float32Array(KEPT_PARTS).fill(Number.NaN)
  readonly #standing: number[] = []
  #last = Number.NaN
  risen = 0

  /** @param heard mean flow and standing of the town's homes in the hours of the block @param utcOffsetMs local time minus UTC */
  hear({ from, to }: Block, { flow, standing, risen }: PartHeard, utcOffsetMs: number): void {
    const part = Math.floor(((from + to) / 2 + utcOffsetMs + NIGHT_BEFORE_MIDNIGHT_H * HOUR) / (PART_H * HOUR))
    if (part <= this.#last) return
    for (let lost = Math.max(this.#last + 1, part - KEPT_PARTS); lost < part; lost++)
      this.#flow[lost % KEPT_PARTS] = Number.NaN
    this.#flow[part % KEPT_PARTS] = flow
    this.#last = part
    this.risen = risen
    this.#standing.push(standing)
    if (this.#standing.length > SPAN_PARTS) this.#standing.shift()
  }

  get now(): number {
    return this.daysBefore(0)
  }

  get standing(): number {
    return this.#standing.reduce((sum, one) => sum + one, 0) / Math.max(1, this.#standing.length)
  }

  daysBefore(days: number): number {
    const last = this.#last - PARTS_A_DAY * days
    if (!(this.#last - last + SPAN_PARTS <= KEPT_PARTS)) return Number.NaN
    let [sum, known] = [0, 0]
    for (let part = last - SPAN_PARTS + 1; part <= last; part++) {
      const flow = this.#flow[part % KEPT_PARTS] as number
      if (Number.isNaN(flow)) continue
      sum += flow
      known += 1
    }
    return known < LEAST_PARTS ? Number.NaN : sum / known
  }
}

/** How a home's use went with its town's over the spans of two months. */
export interface Following {
  /** Steps an hour. */
  readonly mean: number
  /** That it uses more when its town does, as heated homes do in the cold. */
  readonly follows: boolean
  /** That the town uses more than in all those spans: what the home does in such weather is not known. */
  readonly unseen: boolean
  /** What the town's present use may add to the home's mean, steps an hour; 0 where it does not follow. */
  readonly explained: number
}

/** Share of a home's scatter that its town must explain. */
const FOLLOWS = 0.16
const UNSEEN = 1.1
const LEAST_SPANS = 14
const LEAST_KNOWN = 0.85
/** Beyond the slope, so many of its standard errors. */
const SLOPE_ERRORS = 2

/**
 * Least squares of the home's spans on its town's.
 * @param end    hour after the present span @param length of a span, hours
 * @param apart  days between the present span and the first one compared @param days how many are compared, one a day
 * @returns undefined when too little is known of either
 */
export function followingOf(
  hours: StepHours,
  town: SpanTown,
  { end, length, apart, days }: { end: number; length: number; apart: number; days: number },
): Following | undefined {
  if (Number.isNaN(town.now)) return undefined
  const span = new Uint8Array(length)
  const pairs: { readonly town: number; readonly own: number }[] = []
  for (let day = apart; day < apart + days; day++) {
    const flow = town.daysBefore(day)
    if (Number.isNaN(flow)) continue
    hours.copy(end - 24 * day - length, span)
    const own = meanSteps(span)
    if (!Number.isNaN(own)) pairs.push({ town: flow, own })
  }
  if (pairs.length < LEAST_SPANS) return undefined
  const townMean = pairs.reduce((sum, pair) => sum + pair.town, 0) / pairs.length
  const mean = pairs.reduce((sum, pair) => sum + pair.own, 0) / pairs.length
  let [townSquares, squares, products, most] = [0, 0, 0, 0]
  for (const pair of pairs) {
    townSquares += (pair.town - townMean) ** 2
    squares += (pair.own - mean) ** 2
    products += (pair.town - townMean) * (pair.own - mean)
    most = Math.max(most, pair.town)
  }
  const slope = townSquares > 0 ? products / townSquares : 0
  const follows = slope > 0 && products ** 2 > FOLLOWS * townSquares * squares
  const error = Math.sqrt(Math.max(0, squares - slope * products) / (pairs.length - 2) / Math.max(townSquares, 1e-12))
  return {
    mean,
    follows,
    unseen: town.now > UNSEEN * most,
    explained: follows ? (slope + SLOPE_ERRORS * error) * Math.max(0, town.now - townMean) : 0,
  }
}

/** NaN when too little is known. */
function meanSteps(span: Uint8Array): number {
  let [known, steps] = [0, 0]
  for (const slot of span) {
    if (slot === UNKNOWN) continue
    known += 1
    if (slot !== JOINED) steps += slot
  }
  return known < LEAST_KNOWN * span.length ? Number.NaN : steps / known
}
