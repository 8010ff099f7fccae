import { type Following, followingOf, type SpanTown } from './span-town.ts'
import { JOINED, type SpanShape, type StepHours, spanShape, stepFloor, UNKNOWN } from './step-hours.ts'

/** A constant flow that fills the last hours of a coarse register. */
export interface SpanRise {
  /** Logarithm of how much likelier the span is with the flow than without, beyond what is asked; 0 and more. */
  readonly strength: number
  /** Steps an hour, 90 % interval. */
  readonly flow: { readonly p05: number; readonly p50: number; readonly p95: number }
}

/** Hours that are judged together: with a judgement every eight hours a flow has filled such a span within two days. */
export const SPAN_H = 40
const DAY_H = 24
/** Spans are compared with those of the days before the last two. */
const APART_D = 2
const APART_H = APART_D * DAY_H
const COMPARED_DAYS = 60
export const KEPT_H = APART_H + COMPARED_DAYS * DAY_H + SPAN_H
const LEAST_COMPARED = 14

/** Flows looked for, steps an hour: from 16 L/h on at steps of 0.1 m³. */
const RATIO = 1.15
const FLOWS = Array.from({ length: 27 }, (_, k) => 0.16 * RATIO ** k)
/** Width of the prior on the logarithm of the flow. */
const FLOW_PRIOR = 1 / 3
const MOST_LEAKY = FLOW_PRIOR * FLOWS.length * Math.log(RATIO)
/** @source chosen on the development half of real water homes and own homes of seeds 777 to 779; docs/LOW-FLOW.md */
const TOLD = 2.9
/** So much more is asked where the town is not known, and of homes that follow it, are known to be heated or in weather that none of their spans has seen. */
const ALONE_TOLD = 0.6
const WEATHER_TOLD = 1.5
/** And of gas homes of which it is known whether they are heated: fewer of their spans are passed over as shared rises (own homes of seeds 778 and 780). */
const KIND_TOLD = 0.4
/** A flow must be so many times what the weather explains in the mean: a boiler that ceases to pause raises the floor by more than the mean. */
const BEYOND_WEATHER = 6
/** The town's floors stand this high among their own: the rise is the season's. */
const SHARED = 0.5
/** So many homes rose on the same days, one by one no more than chance: those that are heated, in mild cold. */
const RISING = 0.03
/** The hours of who uses much are filled by chance: from so many steps a day to twice as many so much more is asked (own heated homes). */
const LARGE_TOLD = 2
const LARGE_STEPS = 10

/** A floor that more than this share of the days reach, or all but reach, is usual. */
const USUAL_SHARE = 0.2
const USUAL_WIDTH = 0.05
const GLANCE_DAYS = 4
const GLANCE_FLOWS = 3
const GLANCE_DOUBT = 1.5

/** Spans resemble each other within these, logarithms. */
const ALIKE = { floor: 0.16, partFloor: 0.15, steps: 0.3 }
/** Spans that resemble no earlier one, and how far their floors may be from the usual ones. */
const ODD = 0.1
const ODD_SPREAD = 0.8
const ODD_DENSITY = (ALIKE.floor * ALIKE.steps) / ODD_SPREAD
/** Visitors: as if so many of the home's own days were lived at once. */
const VISITED = 0.1
const LIVES = [2, 3, 5]
/** Where between two steps a register may stand: spread evenly. */
const GOLDEN = 0.6180339887

/**
 * Asks whether a constant flow has filled the last 40 hours of a register that shows coarse steps. Three numbers of the span (the largest
 * constant flow it allows, the same of its parts, its volume) are compared with those of the home's own earlier spans that begin at the same
 * time of day, as they were and with a flow added to them, all with the gaps of the present one.
 * @param end  the hour after the last one of the span
 * @param town of the home, over the spans; undefined for a home alone
 * @param heated whether the home is heated with its gas; undefined where nobody knows
 * @returns undefined when nothing of the kind is likely, or too little is known
 */
export function spanRise(hours: StepHours, end: number, town?: SpanTown, heated?: boolean): SpanRise | undefined {
  const span = new Uint8Array(SPAN_H)
  hours.copy(end - SPAN_H, span)
  const shape = spanShape(span)
  if (shape === undefined || Math.exp(shape.floor) < (FLOWS[0] as number)) return undefined
  if (town !== undefined && (town.standing > SHARED || town.risen > RISING)) return undefined
  const compared = { end, length: SPAN_H, apart: APART_D, days: COMPARED_DAYS }
  const following = town === undefined ? undefined : followingOf(hours, town, compared)
  const told = toldFrom(shape, following, heated)
  const before: Earlier[] = []
  let [alikeness, asHigh] = [0, 0]
  for (let day = 0; day < COMPARED_DAYS; day++) {
    const one = earlierSpan(hours, end - APART_H - day * DAY_H, span)
    if (one === undefined) continue
    before.push(one)
    alikeness += alike(shape, one.shape)
    if (one.shape.floor > shape.floor - USUAL_WIDTH) asHigh += 1
    if (asHigh > USUAL_SHARE * COMPARED_DAYS) return undefined
    // No flow can make up for a span that is so usual.
    if (((1 - ODD - VISITED) * alikeness * Math.exp(told)) / COMPARED_DAYS > MOST_LEAKY) return undefined
  }
  if (before.length < LEAST_COMPARED) return undefined
  const floors = before.map((one) => one.shape.floor).sort((a, b) => a - b)
  const middle = floors[floors.length >> 1] as number
  const odd = ODD_DENSITY * kernel(((shape.floor - middle) / ODD_SPREAD) ** 2)
  const known = ((1 - ODD - VISITED) * alikeness) / before.length + ODD * odd
  // Most spans that are a little unusual are dismissed with a part of the flows and days: all of them cost milliseconds.
  const few = before.filter((_, i) => i % GLANCE_DAYS === 0)
  const glance = FLOWS.reduce(
    (sum, flow, k) => (k % GLANCE_FLOWS === 0 ? sum + GLANCE_FLOWS * leakyPart(few, shape, flow) : sum),
    0,
  )
  if (Math.log(glance + 1e-300) - Math.log(known) < told - GLANCE_DOUBT) return undefined
  const without = known + VISITED * visited(before, shape)
  const leaky = FLOWS.map((flow) => leakyPart(before, shape, flow))
  const strength = Math.log(leaky.reduce((sum, part) => sum + part, 0) + 1e-300) - Math.log(without) - told
  const flow = quantiles(leaky, Math.exp(shape.floor))
  return strength < 0 || flow.p50 < BEYOND_WEATHER * (following?.explained ?? 0) ? undefined : { strength, flow }
}

/** Logarithm from which a span is told. */
function toldFrom(shape: SpanShape, following: Following | undefined, heated: boolean | undefined): number {
  const beside = ((Math.exp(shape.steps) - 1) / SPAN_H - Math.exp(shape.floor)) * DAY_H
  const used = Math.max(beside, DAY_H * (following?.mean ?? 0), LARGE_STEPS)
  const weather =
    heated || following?.follows || following?.unseen ? WEATHER_TOLD : following === undefined ? ALONE_TOLD : 0
  const kind = heated === undefined ? 0 : KIND_TOLD
  return TOLD + weather + kind + LARGE_TOLD * Math.min(1, Math.log2(used / LARGE_STEPS))
}

/** Largest constant flow that the register allows in the last hours, steps an hour; infinite when nothing is known. */
export function lastFloor(hours: StepHours, end: number, length: number): number {
  const last = new Uint8Array(length)
  hours.copy(end - length, last)
  return stepFloor(last, 0, length)
}

interface Earlier {
  readonly hours: Uint8Array
  readonly shape: SpanShape
}

/** A span that ended earlier, with the gaps of the present one; undefined when too little of it is known. */
function earlierSpan(hours: StepHours, end: number, like: Uint8Array): Earlier | undefined {
  const span = new Uint8Array(SPAN_H)
  hours.copy(end - SPAN_H, span)
  joinLike(span, like)
  const shape = spanShape(span)
  return shape === undefined ? undefined : { hours: span, shape }
}

/** Takes hours together where they are in another span. */
function joinLike(hours: Uint8Array, like: Uint8Array): void {
  let held = 0
  for (let i = 0; i < hours.length; i++) {
    const slot = hours[i] as number
    if (slot === UNKNOWN) held = 0
    else if (slot === JOINED) continue
    else if (like[i] === JOINED && i < hours.length - 1) {
      held += slot
      hours[i] = JOINED
    } else {
      hours[i] = Math.min(JOINED - 1, slot + held)
      held = 0
    }
  }
}

/** Density of a span when the home lives several of its days at once. */
function visited(before: readonly Earlier[], shape: SpanShape): number {
  const together = new Uint8Array(SPAN_H)
  let [sum, spans] = [0, 0]
  for (const lives of LIVES)
    for (let i = 0; i < before.length; i++) {
      together.fill(0)
      for (let k = 0; k < lives; k++) {
        const { hours } = before[(i + 7 * k * (1 + (i % 3))) % before.length] as Earlier
        for (let h = 0; h < SPAN_H; h++) {
          const slot = hours[h] as number
          if (slot < JOINED) together[h] = Math.min(JOINED - 1, (together[h] as number) + slot)
        }
      }
      const lively = spanShape(together)
      spans += 1
      if (lively !== undefined) sum += alike(shape, lively)
    }
  return sum / spans
}

/** What one of the flows adds to the density with a flow. */
function leakyPart(before: readonly Earlier[], shape: SpanShape, flow: number): number {
  if (flow > RATIO * Math.exp(shape.floor)) return 0
  return FLOW_PRIOR * Math.log(RATIO) * withFlow(before, shape, flow)
}

/** Density of a span when a constant flow is added to the home's own spans. */
function withFlow(before: readonly Earlier[], shape: SpanShape, flow: number): number {
  const more = new Uint8Array(SPAN_H)
  let sum = 0
  for (const [i, { hours }] of before.entries()) {
    const phase = (GOLDEN * i) % 1
    let shown = 0
    for (let h = 0; h < SPAN_H; h++) {
      const slot = hours[h] as number
      const steps = Math.floor(phase + flow * (h + 1))
      more[h] = slot >= JOINED ? slot : Math.min(JOINED - 1, slot + steps - shown)
      if (slot !== JOINED) shown = steps
    }
    const leaky = spanShape(more)
    if (leaky !== undefined) sum += alike(shape, leaky)
  }
  return sum / before.length
}

function alike(a: SpanShape, b: SpanShape): number {
  return kernel(
    ((a.floor - b.floor) / ALIKE.floor) ** 2 +
      ((a.partFloor - b.partFloor) / ALIKE.partFloor) ** 2 +
      ((a.steps - b.steps) / ALIKE.steps) ** 2,
  )
}

/** Heavy tails: a span like none before is not impossible. */
function kernel(apart: number): number {
  const c = 1 / (1 + apart / 3)
  return c * c * c
}

/** @param most no larger constant flow can have passed, steps an hour */
function quantiles(chances: readonly number[], most: number): SpanRise['flow'] {
  const all = chances.reduce((sum, chance) => sum + chance, 0)
  const at = (p: number) => {
    let sum = 0
    for (const [k, chance] of chances.entries()) {
      const here = chance / all
      if (sum + here >= p) return Math.min(most, (FLOWS[k] as number) * RATIO ** ((p - sum) / here - 0.5))
      sum += here
    }
    return most
  }
  return { p05: at(0.05), p50: at(0.5), p95: at(0.95) }
}
