import { BOILER, STOVE, WATER_HEATER } from '../../city/meters.ts'
import { SeededRandom, unitHash } from '../../seeded-random.ts'
import type { Weather } from './weather.ts'

/** m³/s at the reference state of one kW of heat input. @source natural gas of 9.97 kWh/m³ lower heating value */
const M3_S_PER_KW = 1 / 9.97 / 3600
const DAY_S = 86_400
/** Rooms stay warm without heating above this, K. */
const HEATING_LIMIT_K = 287.5

export interface Home {
  /** Stable number of the home, the key of its randomness. */
  readonly key: number
  /** Appliance bits. */
  readonly profile: number
  /** Habit factor, mean about 1. */
  readonly scale: number
}

/** Receives one use of gas: seconds after local midnight, seconds, m³/s at the reference state. */
export type DrawSink = (start: number, duration: number, flow: number) => void

/**
 * Everything a home burns on one local day, as draws of appliances: stove, hot water, boiler. Any home and any day can be asked
 * in any order and always answer the same.
 * @param day local days since 1970-01-01
 */
export function drawHomeDay(seed: number, home: Home, day: number, weather: Weather, sink: DrawSink): void {
  if (unitHash(seed, 31, home.key) < 0.05) return
  const week = Math.floor((day + 3) / 7)
  if (unitHash(seed, 32, home.key, week) < 0.03) return
  const random = new SeededRandom(seed, 33, home.key, day)
  const weekend = (day + 3) % 7 >= 5
  const habit = home.scale
  if ((home.profile & STOVE) !== 0) cook(random, weekend, habit, sink)
  const cold = (292 - weather.dayMean(day)) / 20
  if ((home.profile & WATER_HEATER) !== 0) heatWater(random, habit, 1 + 0.45 * cold, sink)
  if ((home.profile & BOILER) !== 0 && weather.dayMean(day) < HEATING_LIMIT_K)
    heatRooms(random, habit, day, weather, sink)
}

function cook(random: SeededRandom, weekend: boolean, habit: number, sink: DrawSink): void {
  const meal = (chance: number, mean: number, spread: number, minutes: number): void => {
    if (!random.chance(Math.min(0.97, chance * (0.6 + 0.4 * habit)))) return
    const start = clock(random.normal(mean, spread))
    const length = Math.max(150, random.normal(minutes, minutes / 3) * 60 * habit ** 0.5)
    use(sink, start, length, random.between(3.2, 4.4))
    if (random.chance(0.55))
      use(sink, start + random.between(0, 400), length * random.between(0.3, 0.8), random.between(2.6, 4.2))
  }
  meal(0.55, weekend ? 8.1 : 7.1, 0.5, 9)
  meal(weekend ? 0.75 : 0.45, 11.7, 0.45, 24)
  meal(0.88, 18.6, 0.8, 31)
  if (random.chance(0.3)) use(sink, clock(random.between(9, 22)), random.between(240, 700), random.between(2, 3.4))
}

function heatWater(random: SeededRandom, habit: number, coldness: number, sink: DrawSink): void {
  const showers = Math.floor(random.between(0.4, 2.5) * habit + 0.3)
  for (let i = 0; i < showers; i++) {
    const hour = random.chance(0.22) ? random.normal(7, 0.5) : random.normal(21, 1.1)
    use(sink, clock(hour), random.between(270, 720), random.between(13, 23) * coldness)
  }
  const taps = Math.floor(random.between(1, 6))
  for (let i = 0; i < taps; i++) {
    const hour = random.chance(0.6) ? random.normal(19, 1.4) : random.between(6.5, 22.5)
    use(sink, clock(hour), random.between(25, 130), random.between(9, 20) * coldness)
  }
}

function heatRooms(random: SeededRandom, habit: number, day: number, weather: Weather, sink: DrawSink): void {
  const start = weather.dayStart(day)
  const loss = 0.19 * (0.55 + 0.45 * habit)
  for (let hour = 0; hour < 24; hour++) {
    const wanted = hour < 6 || hour >= 23 ? 288.5 : hour >= 9 && hour < 16 ? 290 : 293
    const kw = loss * (wanted - weather.airOfHour(start + hour * 3_600_000)) * random.between(0.8, 1.2)
    if (kw < 0.4) continue
    const burning = Math.max(kw, 6.5)
    const length = 3600 * Math.min(1, kw / burning)
    // A run that would leave the hour has its rest at the hour's begin: no minute of the hour is preferred, and homes keep no step.
    const begin = random.next() * 3600
    const first = Math.min(length, 3600 - begin)
    use(sink, hour * 3600 + begin, first, Math.min(24, burning) / 0.92)
    use(sink, hour * 3600, length - first, Math.min(24, burning) / 0.92)
  }
}

function clock(hour: number): number {
  return Math.max(0, Math.min(23.95, hour)) * 3600
}

/** Whole seconds, and never past midnight: the next day makes its own draws. */
function use(sink: DrawSink, start: number, seconds: number, kw: number): void {
  const from = Math.floor(start)
  const to = Math.min(DAY_S, Math.round(start + seconds))
  if (to > from && kw > 0) sink(from, to - from, kw * M3_S_PER_KW)
}
