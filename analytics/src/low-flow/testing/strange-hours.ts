/** An hour of a labelled set. */
export interface LabelledHour {
  /** Unix ms, local time taken as UTC. */
  readonly at: number
  readonly use: number
  readonly temperatureC: number
  readonly marked: boolean
}

const HOUR = 3_600_000
const DAY = 24 * HOUR
const COLD_STEP_K = 2.5
const LEAST_SEEN = 12
/** What the flow is read to, in the unit of use. */
const RESOLUTION = 5
/** The first year is looked at only. */
const LEARNT = 365 * DAY

/** Marked hours less than a day apart are one event. */
function eventsOf(hours: readonly LabelledHour[]): { readonly from: number; readonly to: number }[] {
  const events: { from: number; to: number }[] = []
  for (const { at, marked } of hours) {
    if (!marked) continue
    const last = events.at(-1)
    if (last !== undefined && at - last.to < DAY) last.to = at + HOUR
    else events.push({ from: at, to: at + HOUR })
  }
  return events
}

/**
 * The rule that a labelled set of single hours asks for: an hour is strange when it lies so many standard deviations above earlier hours of
 * the same time of day, kind of day and temperature. Judged on every other event.
 * @returns events met, of how many, and runs of strange hours beside all events
 */
export function strangeHours(hours: readonly LabelledHour[], above: number): [met: number, of: number, beside: number] {
  const events = eventsOf(hours)
  const developed = events.filter((_, k) => k % 2 === 0)
  const met = new Set<number>()
  const seen = new Map<string, number[]>()
  let [beside, last] = [0, Number.NEGATIVE_INFINITY]
  for (const { at, use, temperatureC } of hours) {
    const weekend = (Math.floor(at / DAY) + 3) % 7 >= 5
    const key = `${Math.floor(at / HOUR) % 24} ${weekend} ${Math.round(temperatureC / COLD_STEP_K)}`
    const before = seen.get(key) ?? []
    seen.set(key, before)
    const strange = before.length >= LEAST_SEEN && standing(use, before) > above
    before.push(use)
    if (!strange || at - (hours[0]?.at ?? 0) < LEARNT) continue
    const event = developed.findIndex(({ from, to }) => at >= from && at < to)
    if (event >= 0) met.add(event)
    if (events.some(({ from, to }) => at >= from - DAY && at < to + DAY)) continue
    if (at - last > DAY) beside += 1
    last = at
  }
  return [met.size, developed.length, beside]
}

function standing(use: number, before: readonly number[]): number {
  const mean = before.reduce((sum, one) => sum + one, 0) / before.length
  const variance = before.reduce((sum, one) => sum + (one - mean) ** 2, 0) / before.length
  return (use - mean) / (Math.sqrt(variance) + RESOLUTION)
}

/** Marked hours whose use one hour in ten of the same series reaches: nothing in the use tells them from the others. */
export function unremarkable(hours: readonly LabelledHour[]): [unremarkable: number, of: number] {
  const sorted = hours.map(({ use }) => use).sort((a, b) => a - b)
  const high = sorted[Math.floor(0.9 * sorted.length)] ?? 0
  const marked = hours.filter((hour) => hour.marked)
  return [marked.filter(({ use }) => use <= high).length, marked.length]
}
