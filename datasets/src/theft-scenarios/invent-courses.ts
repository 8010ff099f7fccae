import { SeededRandom } from '../seeded-random.ts'
import { stealGas, type Theft } from './steal-gas.ts'

export interface CourseOptions {
  readonly customers: number
  readonly days: number
  /** Share of customers that steal, 0 … 1. */
  readonly thieves: number
  readonly seed: number
}

/** Daily gas use of customers of an invented town, with the truth about who steals. */
export interface InventedCourses {
  readonly ids: readonly string[]
  /** Float32Array[customers × days], m³ a day as the meter shows it; NaN where no reading came. */
  readonly shown: Float32Array
  /** As it was used in truth. */
  readonly used: Float32Array
  readonly labels: Uint8Array
  readonly thefts: readonly (Theft | undefined)[]
  /** ISO dates of the columns. */
  readonly dates: readonly string[]
}

const DAY = 86_400_000
/** A Thursday before the heating season of the north. */
const FIRST_DAY = Date.UTC(2025, 8, 18)

/** Kinds of customers: share, daily cooking and hot water in m³, heating in m³ a degree day, use on rest days, scatter. */
const KINDS = [
  { name: 'cooking', share: 0.3, base: 0.35, heating: 0, rest: 1.15, scatter: 0.45 },
  { name: 'hot water', share: 0.36, base: 0.9, heating: 0.01, rest: 1.1, scatter: 0.35 },
  { name: 'boiler', share: 0.25, base: 0.9, heating: 0.45, rest: 1.05, scatter: 0.22 },
  { name: 'restaurant', share: 0.06, base: 28, heating: 0.3, rest: 1.2, scatter: 0.2 },
  { name: 'workshop', share: 0.03, base: 90, heating: 2.5, rest: 0.25, scatter: 0.25 },
] as const

/** Invents customers, weather, absences, changes of use, faults of meters and readings, and thefts. */
export function inventCourses({ customers, days, thieves, seed }: CourseOptions): InventedCourses {
  const degreeDays = inventWeather(days, seed)
  const shown = new Float32Array(customers * days)
  const used = new Float32Array(customers * days)
  const labels = new Uint8Array(customers)
  const thefts: (Theft | undefined)[] = []
  // Concentrators fail for a day at a time and take the readings of all their meters with them.
  const concentrators = Math.max(1, Math.ceil(customers / 120))
  const outages = new SeededRandom(seed, 77)
  const outage = Array.from({ length: concentrators }, () =>
    Uint8Array.from({ length: days }, () => (outages.chance(0.01) ? 1 : 0)),
  )
  for (let c = 0; c < customers; c++) {
    const random = new SeededRandom(seed, c, 1)
    const course = used.subarray(c * days, (c + 1) * days)
    useGas(course, degreeDays, random)
    const meter = shown.subarray(c * days, (c + 1) * days)
    meter.set(course)
    const theft = random.chance(thieves) ? stealGas(meter, degreeDays, random) : undefined
    thefts.push(theft)
    labels[c] = theft === undefined ? 0 : 1
    misread(meter, outage[random.below(concentrators)] as Uint8Array, random)
  }
  return {
    ids: Array.from({ length: customers }, (_, c) => `k${String(c + 1).padStart(7, '0')}`),
    shown,
    used,
    labels,
    thefts,
    dates: Array.from({ length: days }, (_, d) => new Date(FIRST_DAY + d * DAY).toISOString().slice(0, 10)),
  }
}

/** Degree days below 18 °C: a cold winter, a warm summer, weather that stays for some days. */
function inventWeather(days: number, seed: number): Float64Array {
  const random = new SeededRandom(seed, 9)
  let weather = 0
  return Float64Array.from({ length: days }, (_, d) => {
    weather = 0.8 * weather + random.normal(0, 1.8)
    const temperature = 12 - 15 * Math.cos((2 * Math.PI * (d + 245)) / 365) + weather
    return Math.max(0, 18 - temperature)
  })
}

function useGas(course: Float32Array, degreeDays: Float64Array, random: SeededRandom): void {
  let pick = random.next()
  const kind =
    KINDS.find((k) => {
      pick -= k.share
      return pick < 0
    }) ?? KINDS[0]
  const size = Math.exp(random.normal(0, 0.55))
  const restDay = kind.rest * Math.exp(random.normal(0, 0.1))
  const habit = Math.exp(random.normal(0, 0.15))
  let drift = 0
  let level = size
  let away = random.chance(0.06) ? Number.POSITIVE_INFINITY : 0
  for (let d = 0; d < course.length; d++) {
    drift = 0.9 * drift + random.normal(0, kind.scatter * 0.25)
    if (away <= 0 && random.chance(0.004)) away = 2 + random.below(18)
    // People move, buy a boiler, have a child: honest changes of level, downwards and upwards.
    if (random.chance(0.0012)) level *= Math.exp(random.normal(0, 0.6))
    const weekday = (4 + d) % 7
    const base = kind.base * (weekday === 0 || weekday === 6 ? restDay : 1)
    const need = level * (base + habit * kind.heating * (degreeDays[d] as number))
    const empty = kind.name === 'cooking' && random.chance(0.12)
    const present = away > 0 ? (random.chance(0.02) ? 0.2 : 0) : empty ? 0 : 1
    course[d] = need * present * Math.exp(drift + random.normal(0, kind.scatter * 0.6))
    away -= 1
  }
}

/** Readings of 0.01 m³, days without one, meters that stop for good. */
function misread(meter: Float32Array, outage: Uint8Array, random: SeededRandom): void {
  const dead = random.chance(0.006) ? random.below(meter.length) : meter.length
  const loss = random.chance(0.05) ? 0.25 : 0.01
  for (let d = 0; d < meter.length; d++) {
    meter[d] = Math.round((d >= dead ? 0 : (meter[d] as number)) * 100) / 100
    if (outage[d] === 1 || random.chance(loss)) meter[d] = Number.NaN
  }
}
