import type { PressureDropSettings } from './pressure-drop-settings.ts'

/** Samples kept: one a minute over the longest window, and the one before. */
const KEPT = 8
/** Weight of one change in the learnt spread: a memory of some hours. */
const LEARN = 1 / 240

/** Recent pressures of one RTU and the spread of their changes. Pressures gauge, Pa; times Unix ms. */
export class PressureTrack {
  readonly #settings: PressureDropSettings
  readonly #at = new Float64Array(KEPT).fill(Number.NEGATIVE_INFINITY)
  readonly #gauge = new Float64Array(KEPT)
  #next = 0
  #changes = 0
  /** Variance of changes per minute, Pa². */
  #variance = 0
  lastAt = Number.NEGATIVE_INFINITY
  /** The fall found last: Pa, Pa/s, share of the gauge pressure before, the limit it passed. */
  fall = 0
  rate = 0
  share = 0
  limit = 0
  fellAt = Number.NEGATIVE_INFINITY
  /** Instant of the last sample before the fall. */
  brokeAt = Number.NEGATIVE_INFINITY
  standing = false
  toldStrength: 'strong' | 'weak' = 'weak'
  toldShare = 0

  constructor(settings: PressureDropSettings) {
    this.#settings = settings
  }

  /** Takes one sample; true when a fall beyond the own history ends in it. Samples must come in time order. */
  take(at: number, gauge: number): boolean {
    if (!(at > this.lastAt)) return false
    const found = this.#search(at, gauge)
    this.#learn(at, gauge, found)
    this.#at[this.#next] = at
    this.#gauge[this.#next] = gauge
    this.#next = (this.#next + 1) % KEPT
    this.lastAt = at
    return found
  }

  save() {
    const finite = (value: number) => (Number.isFinite(value) ? value : null)
    return {
      at: Array.from(this.#at, finite),
      gauge: Array.from(this.#gauge),
      next: this.#next,
      changes: this.#changes,
      variance: this.#variance,
      lastAt: finite(this.lastAt),
      fell: [this.fall, this.rate, this.share, this.limit, finite(this.fellAt), finite(this.brokeAt)],
      standing: this.standing,
      toldStrength: this.toldStrength,
      toldShare: this.toldShare,
    }
  }

  load(saved: ReturnType<PressureTrack['save']> | undefined): void {
    if (saved === undefined) return
    const orNever = (value: number | null | undefined) => value ?? Number.NEGATIVE_INFINITY
    this.#at.set(saved.at.map(orNever))
    this.#gauge.set(saved.gauge)
    this.#next = saved.next
    this.#changes = saved.changes
    this.#variance = saved.variance
    this.lastAt = orNever(saved.lastAt)
    const [fall, rate, share, limit, fellAt, brokeAt] = saved.fell
    this.fall = fall ?? 0
    this.rate = rate ?? 0
    this.share = share ?? 0
    this.limit = limit ?? 0
    this.fellAt = orNever(fellAt)
    this.brokeAt = orNever(brokeAt)
    this.standing = saved.standing
    this.toldStrength = saved.toldStrength
    this.toldShare = saved.toldShare
  }

  #search(at: number, gauge: number): boolean {
    let found = false
    for (let back = 1; back <= KEPT; back++) {
      const row = (this.#next - back + KEPT) % KEPT
      const before = this.#at[row] ?? Number.NEGATIVE_INFINITY
      if (at - before > this.#settings.windowMs) break
      const old = this.#gauge[row] ?? 0
      const fall = old - gauge
      const minutes = Math.max((at - before) / 60_000, 1)
      const limit = Math.max(
        this.#settings.leastShare * old,
        this.#settings.leastPa,
        this.#settings.sigmas * this.#spread(old) * Math.sqrt(minutes),
      )
      if (!(fall > limit) || (found && fall <= 1.1 * this.fall)) continue
      found = true
      this.fall = fall
      this.rate = (fall / (at - before)) * 1000
      this.share = fall / old
      this.limit = limit
      this.fellAt = at
      this.brokeAt = before
    }
    return found
  }

  #spread(gauge: number): number {
    const assumed = (this.#settings.assumedSpread * gauge) / this.#settings.sigmas
    return this.#changes < this.#settings.warmUpChanges
      ? Math.max(assumed, Math.sqrt(this.#variance))
      : Math.sqrt(this.#variance)
  }

  /** A rupture must not teach the RTU that ruptures are usual: changes are cut at four deviations, falls are not learnt. */
  #learn(at: number, gauge: number, fell: boolean): void {
    const minutes = (at - this.lastAt) / 60_000
    if (fell || !(minutes > 0) || minutes > 10) return
    const last = this.#gauge[(this.#next - 1 + KEPT) % KEPT] ?? gauge
    const square = (gauge - last) ** 2 / Math.max(minutes, 0.25)
    this.#changes += 1
    const weight = Math.max(1 / this.#changes, LEARN)
    const cut = this.#changes > this.#settings.warmUpChanges ? Math.min(square, 16 * this.#variance + 1) : square
    this.#variance += weight * (cut - this.#variance)
  }
}
