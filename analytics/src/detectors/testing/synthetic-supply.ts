/** Seeded noise for synthetic series: mulberry32, and normal numbers from it (Box–Muller). */
export class SeededNoise {
  #state: number
  constructor(seed: number) {
    this.#state = seed >>> 0
  }
  uniform(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform())
  }
}

const HOUR = 3_600_000

/** Outdoor temperature, K: autumn falling into winter, days and nights, passing fronts, and a cold snap. */
export function syntheticWeather(
  start: number,
  days: number,
  seed: number,
  snap: { day: number; length: number; kelvin: number },
) {
  const noise = new SeededNoise(seed)
  const fronts: number[] = [0]
  for (let hour = 1; hour < days * 24; hour++)
    fronts.push((fronts[hour - 1] ?? 0) * Math.exp(-1 / 60) + 0.5 * noise.normal())
  return (at: number): number => {
    const hour = (at - start) / HOUR
    const day = hour / 24
    const left = Math.floor(Math.max(0, Math.min(days * 24 - 2, hour)))
    const front = (fronts[left] ?? 0) + (hour - left) * ((fronts[left + 1] ?? 0) - (fronts[left] ?? 0))
    const inSnap = Math.max(0, Math.min(1, 2 * (day - snap.day), 2 * (snap.day + snap.length - day)))
    return 285 - 0.25 * day + 3.5 * Math.sin(((hour - 9) / 24) * 2 * Math.PI) + front - snap.kelvin * inSnap
  }
}

const PEAKS = [
  { hour: 7, width: 0.8, height: [1.0, 0.6] },
  { hour: 11.7, width: 0.9, height: [1.1, 1.4] },
  { hour: 18.7, width: 1.4, height: [1.6, 1.5] },
  { hour: 9.5, width: 2, height: [0.1, 0.6] },
] as const

export interface SupplyShape {
  /** Mean of the weather-free part, m³/s. */
  readonly mean: number
  /** Further use per heating degree, share of the mean per K. */
  readonly heating: number
  /** Standard deviation of whole days, of hours and of single minutes, shares of the flow. */
  readonly dayNoise: number
  readonly hourNoise: number
  readonly minuteNoise: number
}

/** A zone's use, minute by minute from local midnight `start`, m³/s: meals, weekends, heating, and noise on three scales. */
export function* syntheticUse(
  start: number,
  days: number,
  shape: SupplyShape,
  weather: (at: number) => number,
  utcOffset: number,
  seed: number,
) {
  const noise = new SeededNoise(seed)
  let dayLevel = 0
  let slow = 0
  let felt = weather(start)
  for (let minute = 0; minute < days * 1440; minute++) {
    const at = start + minute * 60_000
    const local = at + utcOffset
    const hour = (local / HOUR) % 24
    const weekend = (Math.floor(local / 86_400_000) + 3) % 7 >= 5 ? 1 : 0
    if (minute % 1440 === 0) dayLevel = shape.dayNoise * noise.normal()
    slow += -slow / 90 + shape.hourNoise * Math.sqrt(2 / 90) * noise.normal()
    felt += (weather(at) - felt) / 500
    let cooking = 0.15
    for (const peak of PEAKS) cooking += peak.height[weekend] * Math.exp(-0.5 * ((hour - peak.hour) / peak.width) ** 2)
    const heating = shape.heating * Math.max(0, 288.15 - felt) * (1 + 0.25 * Math.cos(((hour - 7) / 24) * 2 * Math.PI))
    const level = shape.mean * (cooking / 0.62 + heating) * (1 + dayLevel) * (1 + slow)
    yield Math.max(0, level * (1 + shape.minuteNoise * noise.normal()))
  }
}
