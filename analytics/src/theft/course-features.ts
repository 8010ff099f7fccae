import { quantileWithin, sortFirst } from './ascending.ts'
import { COURSE_FEATURES, FEATURE_COLUMN } from './course-features.table.ts'
import { CoursePlaces } from './course-places.ts'
import { CourseWaves } from './course-waves.ts'
import type { DayPanel } from './day-panel.ts'
import { bestLevelChanges, type LevelChange } from './level-change.ts'
import type { PeerCourse } from './peer-course.ts'
import { sharedZeros } from './shared-zeros.ts'

/** Columns of a row of features. */
export const FEATURES = COURSE_FEATURES.length
const FIRST_WAVE = FEATURE_COLUMN.zeros_shared + 1
const SEGMENTS = 8
const NO_COURSE = Number.NaN
const LOG_OF_NOTHING = Math.log(0.05)

/**
 * Engineered features of every row. Missing days are left out of each statistic and are no feature themselves.
 * @param columns a model that knows only the first so many features is spared what is costly among the others
 * @returns Float32Array[rows × FEATURES]; NaN in a whole row that has fewer than 3 values
 */
export function courseFeatures(panel: DayPanel, peers: PeerCourse, columns: number = FEATURES): Float32Array {
  const out = new Float32Array(panel.rows * FEATURES)
  const reader = new CourseReader(panel.days, peers)
  const shared = sharedZeros(panel)
  const waves = new CourseWaves(panel.days, peers)
  const places = new CoursePlaces(panel.days, peers)
  for (let row = 0; row < panel.rows; row++) {
    reader.read(panel.values, row * panel.days, out, row * FEATURES)
    out[row * FEATURES + FEATURE_COLUMN.zeros_shared] = shared[row] as number
    if (Number.isNaN(out[row * FEATURES] as number)) continue
    if (columns > FIRST_WAVE) waves.read(panel.values, row * panel.days, out, row * FEATURES + FIRST_WAVE)
    if (columns > FEATURE_COLUMN.place_mean) {
      const to = row * FEATURES + FEATURE_COLUMN.place_mean
      places.read(panel.values, row * panel.days, reader.sorted, reader.zeros, reader.count, out, to)
    }
  }
  return out
}

/** The first columns of every row, for a model that knows no more. @param features Float32Array[rows × FEATURES] */
export function firstColumns(features: Float32Array, columns: number): Float32Array {
  if (columns === FEATURES) return features
  const rows = features.length / FEATURES
  const out = new Float32Array(rows * columns)
  for (let row = 0; row < rows; row++)
    out.set(features.subarray(row * FEATURES, row * FEATURES + columns), row * columns)
  return out
}

/** Computes one row after the other in the same working memory. */
class CourseReader {
  readonly #days: number
  readonly #peers: PeerCourse
  readonly #seen: Float64Array
  readonly #rest: Float64Array
  readonly #log: Float64Array
  /** Values of the last course read, ascending. */
  readonly sorted: Float64Array
  readonly #day: Int32Array
  /** Segment and weekday of each day. */
  readonly #segmentOf: Int32Array
  readonly #weekdayOf: Int32Array
  readonly #drop: LevelChange = { statistic: 0, change: 0, at: 0 }
  readonly #rise: LevelChange = { statistic: 0, change: 0, at: 0 }
  readonly #weekSum = new Float64Array(7)
  readonly #weekCount = new Float64Array(7)
  readonly #segmentSum = new Float64Array(SEGMENTS)
  readonly #segmentCount = new Float64Array(SEGMENTS)
  #count = 0
  #zeros = 0

  constructor(days: number, peers: PeerCourse) {
    this.#days = days
    this.#peers = peers
    this.#seen = new Float64Array(days)
    this.#rest = new Float64Array(days)
    this.#log = new Float64Array(days)
    this.sorted = new Float64Array(days)
    this.#day = new Int32Array(days)
    this.#segmentOf = Int32Array.from({ length: days }, (_, day) => Math.floor((day * SEGMENTS) / days))
    this.#weekdayOf = Int32Array.from({ length: days }, (_, day) => (day + peers.firstWeekday) % 7)
  }

  /** Values of the last course read, and zeros among them. */
  get count(): number {
    return this.#count
  }
  get zeros(): number {
    return this.#zeros
  }

  read(values: Float32Array, from: number, out: Float32Array, to: number): void {
    const { factor, levelCentre, levelSpread } = this.#peers
    const seen = this.#seen
    const rest = this.#rest
    const log = this.#log
    const day = this.#day
    const days = this.#days
    let n = 0
    let sum = 0
    for (let d = 0; d < days; d++) {
      const value = values[from + d] as number
      if (!(value >= 0)) continue
      seen[n] = value
      day[n] = d
      sum += value
      n += 1
    }
    if (n < 3) {
      out.fill(NO_COURSE, to, to + FEATURES)
      return
    }
    const mean = sum / n
    const scale = mean > 0 ? mean : 1
    let c = to

    // Moments, zero days, steps.
    let m2 = 0
    let m3 = 0
    let m4 = 0
    let zeros = 0
    let run = 0
    let longest = 0
    let runs = 0
    let zeroEarly = 0
    let zeroLate = 0
    let small = 0
    let repeats = 0
    let steps = 0
    let turns = 0
    let positive2 = 0
    let peerSum = 0
    let peer2 = 0
    let peerX = 0
    let restSum = 0
    const third = Math.max(1, Math.floor(n / 3))
    for (let i = 0; i < n; i++) {
      const x = (seen[i] as number) / scale
      const away = x - 1
      m2 += away * away
      m3 += away * away * away
      m4 += away * away * away * away
      const f = factor[day[i] as number] as number
      const r = x / f
      rest[i] = r
      restSum += r
      log[i] = x === 0 ? LOG_OF_NOTHING : Math.log(r + 0.05)
      peerSum += f
      peer2 += f * f
      peerX += f * x
      if (x === 0) {
        zeros += 1
        run += 1
        if (run === 1) runs += 1
        if (run > longest) longest = run
        if (i < third) zeroEarly += 1
        if (i >= n - third) zeroLate += 1
      } else {
        run = 0
        positive2 += x * x
        if (x < 0.1) small += 1
      }
      if (i > 0) {
        const step = (seen[i] as number) - (seen[i - 1] as number)
        steps += Math.abs(step)
        if (step === 0 && x > 0) repeats += 1
        if (i > 1 && step * ((seen[i - 1] as number) - (seen[i - 2] as number)) < 0) turns += 1
      }
    }
    const zeroAtEnd = run
    let zeroAtStart = 0
    while (zeroAtStart < n && seen[zeroAtStart] === 0) zeroAtStart += 1
    const variance = m2 / n
    const deviation = Math.sqrt(variance)
    const restMean = restSum / n
    let restM2 = 0
    let restSteps = 0
    let lag1 = 0
    let lag2 = 0
    let lag7 = 0
    const half = n >> 1
    let earlyHalf2 = 0
    for (let i = 0; i < n; i++) {
      const away = (rest[i] as number) - restMean
      restM2 += away * away
      if (i < half) earlyHalf2 += away * away
      if (i > 0) {
        restSteps += Math.abs((rest[i] as number) - (rest[i - 1] as number))
        lag1 += away * ((rest[i - 1] as number) - restMean)
      }
      if (i > 1) lag2 += away * ((rest[i - 2] as number) - restMean)
      if (i > 6) lag7 += away * ((rest[i - 7] as number) - restMean)
    }
    const { sorted } = this
    for (let i = 0; i < n; i++) sorted[i] = seen[i] as number
    sortFirst(sorted, n)
    this.#count = n
    this.#zeros = zeros
    let distinct = 1
    for (let i = 1; i < n; i++) if (sorted[i] !== sorted[i - 1]) distinct += 1
    const q90 = quantileWithin(sorted, 0, n, 0.9) / scale
    const most = (sorted[n - 1] as number) / scale
    const positives = n - zeros

    out[c++] = mean > 0 ? clip((Math.log(mean) - levelCentre) / levelSpread, 8) : -9
    out[c++] = quantileWithin(sorted, 0, n, 0.5) / scale
    out[c++] = deviation
    out[c++] = Math.sqrt(restM2 / n)
    out[c++] = quantileWithin(sorted, 0, n, 0.1) / scale
    out[c++] = quantileWithin(sorted, 0, n, 0.25) / scale
    out[c++] = quantileWithin(sorted, 0, n, 0.75) / scale
    out[c++] = q90
    out[c++] = most
    out[c++] = q90 > 0 ? clip(most / q90, 50) : 0
    out[c++] = deviation > 0 ? m3 / n / deviation ** 3 : 0
    out[c++] = variance > 0 ? m4 / n / (variance * variance) : 0
    out[c++] = zeros / n
    out[c++] = longest / n
    out[c++] = runs / n
    out[c++] = zeroAtEnd / n
    out[c++] = zeroAtStart / n
    out[c++] = (zeroLate - zeroEarly) / third
    const positiveMean = positives > 0 && mean > 0 ? n / positives : 0
    out[c++] =
      positives > 1 ? Math.sqrt(Math.max(0, positive2 / positives - positiveMean ** 2)) / (positiveMean || 1) : 0
    out[c++] = positives > 0 ? clip((Math.log(sum / positives) - levelCentre) / levelSpread, 8) : -9
    out[c++] = small / n
    out[c++] = repeats / n
    out[c++] = distinct / n
    out[c++] = steps / scale / (n - 1)
    out[c++] = restSteps / (n - 1)
    out[c++] = turns / n
    out[c++] = restM2 > 0 ? lag1 / restM2 : 0
    out[c++] = restM2 > 0 ? lag2 / restM2 : 0
    out[c++] = restM2 > 0 ? lag7 / restM2 : 0
    out[c++] = this.#weekdayShare(n, restMean, restM2)

    // Slope and thirds of the course with the peers' taken out.
    let slope = 0
    let early = 0
    let late = 0
    for (let i = 0; i < n; i++) {
      slope += (i - (n - 1) / 2) * (rest[i] as number)
      if (i < third) early += rest[i] as number
      if (i >= n - third) late += rest[i] as number
    }
    out[c++] = (slope / ((n * (n * n - 1)) / 12)) * n
    out[c++] = Math.log((late / third + 0.02) / (early / third + 0.02))
    const week = Math.min(7, n - 1)
    let lastWeek = 0
    for (let i = n - week; i < n; i++) lastWeek += rest[i] as number
    out[c++] = Math.log((lastWeek / week + 0.02) / ((restSum - lastWeek) / (n - week) + 0.02))
    const peerVariance = peer2 / n - (peerSum / n) ** 2
    const covariance = peerX / n - (peerSum / n) * (mean > 0 ? 1 : 0)
    out[c++] = peerVariance > 1e-9 && deviation > 0 ? covariance / Math.sqrt(peerVariance * variance) : 0
    out[c++] = peerVariance > 1e-9 ? clip(covariance / peerVariance, 20) : 0

    const drop = this.#drop
    const rise = this.#rise
    bestLevelChanges(log, n, Math.max(2, Math.min(7, n >> 3)), drop, rise)
    out[c++] = drop.statistic
    out[c++] = drop.change
    out[c++] = drop.at / n
    let zeroBefore = 0
    for (let i = 0; i < drop.at; i++) if (seen[i] === 0) zeroBefore += 1
    out[c++] = drop.at < n ? (zeros - zeroBefore) / (n - drop.at) - zeroBefore / drop.at : 0
    out[c++] = rise.statistic
    out[c++] = rise.change
    out[c++] = rise.at / n
    out[c++] = 0.5 * Math.log((restM2 - earlyHalf2 + 0.01) / (earlyHalf2 + 0.01))
    this.#segments(n, out, c, restMean)
    c += SEGMENTS

    let inWeek = 0
    let lowest = Number.POSITIVE_INFINITY
    let highest = 0
    for (let i = 0; i < n; i++) {
      inWeek += rest[i] as number
      if (i >= week) inWeek -= rest[i - week] as number
      if (i >= week - 1) {
        if (inWeek < lowest) lowest = inWeek
        if (inWeek > highest) highest = inWeek
      }
    }
    out[c++] = lowest / week
    out[c++] = highest / week
    out[c++] = rest[0] as number
    out[c++] = rest[n - 1] as number
    this.#afterZeros(n, positives > 0 ? sum / positives : 1, out, c)
  }

  /** A meter that could not be read shows zeros and then the whole in one day; one that stood still goes on as before. */
  #afterZeros(n: number, meanInUse: number, out: Float32Array, to: number): void {
    const seen = this.#seen
    let alone = 0
    let after = 0
    let runs = 0
    for (let i = 1; i < n - 1; i++) {
      if (seen[i] !== 0 || !((seen[i + 1] as number) > 0)) continue
      runs += 1
      after += (seen[i + 1] as number) / meanInUse
      if ((seen[i - 1] as number) > 0) alone += 1
    }
    out[to] = alone / n
    out[to + 1] = runs > 0 ? Math.min(20, after / runs) : 1
  }

  #weekdayShare(n: number, restMean: number, restM2: number): number {
    if (n < 14 || !(restM2 > 0)) return 0
    const sums = this.#weekSum.fill(0)
    const counts = this.#weekCount.fill(0)
    for (let i = 0; i < n; i++) {
      const weekday = this.#weekdayOf[this.#day[i] as number] as number
      sums[weekday] = (sums[weekday] as number) + (this.#rest[i] as number) - restMean
      counts[weekday] = (counts[weekday] as number) + 1
    }
    let between = 0
    for (let w = 0; w < 7; w++) {
      const count = counts[w] as number
      if (count > 0) between += (sums[w] as number) ** 2 / count
    }
    return between / restM2
  }

  /** Eight equal parts of the time, each part's mean against the whole, as a logarithm; 0 where a part has no value. */
  #segments(n: number, out: Float32Array, to: number, restMean: number): void {
    const sums = this.#segmentSum.fill(0)
    const counts = this.#segmentCount.fill(0)
    for (let i = 0; i < n; i++) {
      const segment = this.#segmentOf[this.#day[i] as number] as number
      sums[segment] = (sums[segment] as number) + (this.#rest[i] as number)
      counts[segment] = (counts[segment] as number) + 1
    }
    for (let s = 0; s < SEGMENTS; s++) {
      const count = counts[s] as number
      out[to + s] = count > 0 ? Math.log(((sums[s] as number) / count + 0.05) / (restMean + 0.05)) : 0
    }
  }
}

function clip(value: number, most: number): number {
  return Math.max(-most, Math.min(most, value))
}
