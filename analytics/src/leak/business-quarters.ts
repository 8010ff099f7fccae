import { BusinessMeter, QUARTER_MS, type TimeOfDay } from './business-meter.ts'

/** A meter that has been silent for so many quarters is not waited for. */
const SILENT = 24
/** A business can be that many times as busy as its mean, and its registers still tell of others. */
const BUSIEST = 6

/** m³/s at the reference state; standard deviations of what is only expected are 0 where registers cover the quarter. */
export interface BusinessFlow {
  readonly flow: number
  /** Error that quarters near each other share, and error of this one alone. */
  readonly lasting: number
  readonly passing: number
}

/** What metered business of each zone uses in a quarter of an hour: counted where registers have come, expected where not yet. */
export class BusinessQuarters {
  readonly #meters = new Map<number, BusinessMeter>()
  readonly #byZone: BusinessMeter[][]
  readonly #timeOfDay: TimeOfDay

  constructor(zones: number, timeOfDay: TimeOfDay) {
    this.#byZone = Array.from({ length: zones }, () => [])
    this.#timeOfDay = timeOfDay
  }

  /** @param at Unix ms. @param index m³. @param factor m³ at the reference state per m³ of the register */
  take(meter: number, zone: number, at: number, index: number, factor: number): void {
    const known = this.#meters.get(meter)
    if (known !== undefined) {
      known.take(at, index, factor)
      return
    }
    const made = new BusinessMeter(this.#timeOfDay, at, index)
    this.#meters.set(meter, made)
    this.#byZone[zone]?.push(made)
  }

  /** First quarter that the registers of some meter do not cover yet; meters long silent do not count. */
  settledUntil(newest: number): number {
    let least = newest
    for (const { known } of this.#meters.values()) if (newest - known < SILENT) least = Math.min(least, known)
    return least
  }

  /** What a zone's business takes in a quarter. */
  flow(zone: number, quarter: number): BusinessFlow {
    let sum = 0
    let lasting = 0
    let passing = 0
    for (const meter of this.#byZone[zone] ?? []) {
      if (quarter < meter.known) {
        sum += meter.counted(quarter)
        continue
      }
      const expected = meter.expected(quarter)
      sum += expected.use
      lasting += expected.lasting
      passing += expected.passing
    }
    const perSecond = 1000 / QUARTER_MS
    return { flow: sum * perSecond, lasting: Math.sqrt(lasting) * perSecond, passing: Math.sqrt(passing) * perSecond }
  }

  /** How busy trade usually is at a time of the day, 1 on average: as the businesses that are read often. */
  busyness(quarter: number): number {
    let sum = 0
    let count = 0
    for (const meter of this.#meters.values()) {
      const busy = meter.busyness(quarter)
      if (Number.isNaN(busy)) continue
      sum += Math.min(BUSIEST, busy)
      count += 1
    }
    return count === 0 ? 1 : sum / count
  }
}
