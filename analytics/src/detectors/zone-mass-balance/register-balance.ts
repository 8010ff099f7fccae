import type { ZonePeriod } from '../../balance/zone-period.ts'

/** A day counts only when nearly all meters were read and the inlets were heard. */
const UNREAD_MOST = 0.05
const COVERAGE_LEAST = 0.95
const WARM_UP_DAYS = 7
const K = 0.5
const H = 5
const CUT = 3
const MEMORY_DAYS = 30

/**
 * The daily gap of one zone as the registers show it, less what temperature and pressure explain, in a CUSUM against its own
 * usual level: gas that left the zone without passing a meter. Slow (days), but blind to what customers do.
 */
export class RegisterBalance {
  #days = 0
  #mean = 0
  #variance = 0
  #statistic = 0
  #supply = 0
  /** End of the last day taken, Unix ms. */
  until = 0
  since = Number.NaN
  #sum = 0
  #count = 0

  /** Mean excess since it began, m³/s at the reference state. */
  get excess(): number {
    return this.#count === 0 ? 0 : ((this.#sum / this.#count) * this.#supply) / 86_400
  }

  /** What the usual spread of days would let pass, m³/s. */
  get limit(): number {
    return (2 * Math.sqrt(this.#variance) * this.#supply) / 86_400
  }

  /** `undecided` for a day that cannot be used, and between the two limits of the hysteresis. */
  take(day: ZonePeriod): 'excess' | 'none' | 'undecided' {
    this.until = Math.max(this.until, day.to)
    const usable =
      day.supply_m3 > 0 &&
      day.inlet_coverage >= COVERAGE_LEAST &&
      Math.abs(day.unread_m3) <= UNREAD_MOST * day.supply_m3
    if (!usable) return 'undecided'
    const rate = (day.gap_m3 - day.temperature_pressure_m3 - day.unread_m3) / day.supply_m3
    this.#supply += (day.supply_m3 - this.#supply) * (this.#days === 0 ? 1 : 0.1)
    const deviation = Math.sqrt(Math.max(this.#variance, 1e-6))
    const z = Math.max(-CUT, Math.min(CUT, (rate - this.#mean) / deviation))
    if (this.#days >= WARM_UP_DAYS) {
      const before = this.#statistic
      this.#statistic = Math.min(2 * H, Math.max(0, before + z - K))
      if (this.#statistic > 0 && before === 0) {
        this.since = day.from
        this.#sum = 0
        this.#count = 0
      }
      this.#sum += rate - this.#mean
      this.#count += 1
    }
    if (this.#statistic <= H / 2) this.#learn(rate)
    if (this.#statistic > H) return 'excess'
    return this.#statistic < H / 2 ? 'none' : 'undecided'
  }

  save() {
    const since = Number.isNaN(this.since) ? null : this.since
    return [
      this.#days,
      this.#mean,
      this.#variance,
      this.#statistic,
      this.#supply,
      this.until,
      since,
      this.#sum,
      this.#count,
    ] as const
  }

  load(saved: ReturnType<RegisterBalance['save']>): void {
    ;[this.#days, this.#mean, this.#variance, this.#statistic, this.#supply, this.until] = saved
    this.since = saved[6] ?? Number.NaN
    this.#sum = saved[7]
    this.#count = saved[8]
  }

  #learn(rate: number): void {
    this.#days += 1
    const weight = Math.max(1 / this.#days, 1 / MEMORY_DAYS)
    const away = rate - this.#mean
    this.#mean += weight * away
    this.#variance = (1 - weight) * (this.#variance + weight * away * away)
  }
}
