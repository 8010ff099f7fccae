import { dropBetween, expectedUse, fitUse, type MeterWindows, type UseDrop, type UseModel } from './meter-behaviour.ts'
import { DAY_MS } from './period-grid.ts'

/** A loss that some windows show against the others. */
export interface ShownDrop extends UseDrop {
  readonly model: UseModel
  /** Whether a window is one of those that lost. */
  readonly shows: (k: number) => boolean
}

/** A loss from a day on. */
export interface LastingDrop extends ShownDrop {
  /** First window of the loss; the number of windows when there is none. */
  readonly at: number
  /** Days from then to the end. */
  readonly days: number
  /** Part of the last windows that show it, −0.5…0.5. */
  readonly lasts: number
  /** The register hardly moved since. */
  readonly toNothing: boolean
}

const FEWEST_BEFORE_DAYS = 4
const FEWEST_AFTER_DAYS = 3
const FEWEST_WINDOWS = 2
/** Use of one day leans on the day before; a strength counts less for it. */
const MEMORY = 1.5
/** Days that the spread of all windows counts for beside that of the windows before. */
const PRIOR_DAYS = 6
const LEAST_FRACTION = 0.05
const LAST_WINDOWS = 6
const NOTHING_M3 = 0.15

/** The step down that explains the windows best. */
export function lastingDrop(w: MeterWindows): LastingDrop {
  const count = w.volume.length
  const all = fitUse(w, () => true)
  const none = {
    z: 0,
    fraction: 0,
    perDay: 0,
    at: count,
    days: 0,
    lasts: 0,
    toNothing: false,
    model: all,
    shows: () => false,
  }
  let best: LastingDrop = none
  let least = squares(w, all, () => 1)
  const begin = w.time[0] as number
  const end = w.time[count] as number
  for (let at = FEWEST_WINDOWS; at <= count - FEWEST_WINDOWS; at++) {
    const onset = w.time[at] as number
    if (onset - begin < (FEWEST_BEFORE_DAYS - 0.5) * DAY_MS || end - onset < (FEWEST_AFTER_DAYS - 0.5) * DAY_MS)
      continue
    const shows = (k: number) => k >= at
    const model = fitUse(w, (k) => k < at)
    const guess = dropBetween(w, model, shows)
    if (guess.fraction <= LEAST_FRACTION) continue
    const left = squares(w, model, (k) => (k < at ? 1 : 1 - guess.fraction))
    if (left >= least) continue
    least = left
    const before = (onset - begin) / DAY_MS
    const spread = (model.deviation ** 2 * before + (left / count) * PRIOR_DAYS) / (before + PRIOR_DAYS)
    const sure = dropBetween(w, { ...model, deviation: Math.sqrt(Math.max(spread, left / count)) }, shows)
    let used = 0
    for (let k = at; k < count; k++) used += w.volume[k] as number
    best = {
      ...sure,
      z: sure.z / MEMORY,
      at,
      days: (end - onset) / DAY_MS,
      lasts: lastPart(w, model, at, guess.fraction),
      toNothing: used <= NOTHING_M3,
      model,
      shows,
    }
  }
  return best
}

function squares(w: MeterWindows, model: UseModel, part: (k: number) => number): number {
  let sum = 0
  for (let k = 0; k < w.volume.length; k++)
    sum += ((w.volume[k] as number) - part(k) * expectedUse(model, w, k)) ** 2 / (w.length[k] as number)
  return sum
}

function lastPart(w: MeterWindows, model: UseModel, at: number, fraction: number): number {
  let lower = 0
  let seen = 0
  for (let k = Math.max(at, w.volume.length - LAST_WINDOWS); k < w.volume.length; k++) {
    seen += 1
    if ((w.volume[k] as number) < (1 - fraction / 2) * expectedUse(model, w, k)) lower += 1
  }
  return lower / Math.max(1, seen) - 0.5
}

/** Days that a mean leans towards no change. */
const LEANING_DAYS = 2

/** Use per unit of the clock before and after, however little that proves: logarithm of the ratio, above 0 for a loss. */
export interface PlainDrop {
  /** Of the whole series cut in the middle. */
  readonly halves: number
  /** At the cut where it is largest. */
  readonly largest: number
  /** Of the last days against all before. */
  readonly lately: number
}

const LATELY_DAYS = 10

export function plainDrop(w: MeterWindows): PlainDrop {
  const count = w.volume.length
  const end = w.time[count] as number
  const begin = w.time[0] as number
  let volume = 0
  let clock = 0
  for (let k = 0; k < count; k++) {
    volume += w.volume[k] as number
    clock += w.clock[k] as number
  }
  if (volume <= 0 || clock <= 0) return { halves: 0, largest: 0, lately: 0 }
  const rate = volume / clock
  const leaning = LEANING_DAYS * rate + NOTHING_M3
  const out = { halves: 0, largest: -1, lately: 0 }
  let before = 0
  let ticks = 0
  for (let k = 0; k < count - 1; k++) {
    before += w.volume[k] as number
    ticks += w.clock[k] as number
    const at = w.time[k + 1] as number
    if (at - begin < 4.5 * DAY_MS || end - at < 2.5 * DAY_MS) continue
    const expected = { before: rate * ticks, after: rate * (clock - ticks) }
    const loss = Math.log(
      ((before + leaning) * (expected.after + leaning)) / ((expected.before + leaning) * (volume - before + leaning)),
    )
    out.largest = Math.max(out.largest, loss)
    if (at <= (begin + end) / 2) out.halves = loss
    if (end - at >= LATELY_DAYS * DAY_MS) out.lately = loss
  }
  return out
}

/** Whether a meter counts less than it should when its neighbours burn most. */
export function coldDrop(w: MeterWindows): ShownDrop {
  const speed = Float64Array.from(w.clock, (c, k) => c / (w.length[k] as number))
  const sorted = speed.slice().sort()
  const at = (part: number) => sorted[Math.floor(sorted.length * part)] ?? 1
  const span = at(0.9) - at(0.1)
  const model = fitUse(w, (k) => (speed[k] as number) <= at(0.5))
  const shows = (k: number) => (speed[k] as number) > at(0.5) + 0.1 * span
  const found = dropBetween(w, model, shows)
  return { ...found, z: span < 0.1 ? 0 : found.z / MEMORY, model, shows }
}

/** Whether a meter counts less at weekends than on other days. @param utcOffset ms of the city's clock */
export function weekendDrop(w: MeterWindows, utcOffset: number): ShownDrop {
  const part = Float64Array.from(w.volume, (_, k) =>
    weekendPart(w.time[k] as number, w.time[k + 1] as number, utcOffset),
  )
  const model = fitUse(w, (k) => (part[k] as number) < 0.5)
  const shows = (k: number) => (part[k] as number) >= 0.5
  const found = dropBetween(w, model, shows)
  return { ...found, z: found.z / MEMORY, model, shows }
}

const PROBE_MS = DAY_MS / 4

function weekendPart(from: number, to: number, utcOffset: number): number {
  let inside = 0
  let probes = 0
  for (let at = from; at < to; at += PROBE_MS) {
    const day = (Math.floor((at + utcOffset) / DAY_MS) + 4) % 7
    if (day === 0 || day === 6) inside += 1
    probes += 1
  }
  return inside / Math.max(1, probes)
}
