import type { SeededRandom } from '../seeded-random.ts'

/** Weather by the hour of an invented place. */
export interface ScenarioWeather {
  /** K. */
  readonly air: Float64Array
  /** K, of the gas in buried pipes. */
  readonly ground: Float64Array
  /** Pa absolute, at the weather station. */
  readonly barometer: Float64Array
}

/** Fronts of several days, a daily swing, and ground that follows slowly. @param utcOffsetHours of the place */
export function inventWeather(random: SeededRandom, hours: number, utcOffsetHours: number): ScenarioWeather {
  const level = random.between(-4, 14)
  const drift = random.between(-6, 6)
  const swing = random.between(2, 6)
  const spread = random.between(2.5, 5)
  const height = random.between(0, 900)
  const air = new Float64Array(hours)
  const ground = new Float64Array(hours)
  const barometer = new Float64Array(hours)
  let front = random.normal(0, spread)
  let pressure = random.normal(0, 600)
  let soil = Math.max(2, 5 + 0.55 * level + random.normal(0, 1.5))
  for (let h = 0; h < hours; h++) {
    const keep = Math.exp(-1 / 60)
    front = keep * front + Math.sqrt(1 - keep * keep) * random.normal(0, spread)
    pressure = 0.985 * pressure + random.normal(0, 110)
    const local = (h + utcOffsetHours) % 24
    const celsius = level + (drift * h) / hours + front + swing * Math.cos((2 * Math.PI * (local - 15)) / 24)
    soil += (0.35 * (level + (drift * h) / hours + front) + 4 - soil * 0.75) / 900
    air[h] = 273.15 + celsius
    ground[h] = 273.15 + Math.max(0.5, soil)
    barometer[h] = 101_325 * (1 - (0.0065 * height) / 288.15) ** 5.255 + 300 + pressure
  }
  return { air, ground, barometer }
}
