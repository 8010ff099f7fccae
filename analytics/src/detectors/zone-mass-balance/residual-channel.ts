/**
 * One time scale at which a zone's excess is tested: residuals are averaged over bins, made independent by taking off their own
 * running level, and summed in a one-sided CUSUM. How fast that level follows is learnt: of a few gains the one that predicts
 * best. A model error that drifts is thereby expected; a sudden shift is not, and shows before the level has followed.
 * @source Page 1954 (CUSUM); exponentially weighted prediction for drifting processes: Montgomery & Mastrangelo 1991. With
 * reference value k the statistic S is the log-likelihood ratio of a shift by 2k standard deviations, divided by 2k: the
 * sequential test of Wald.
 */
export interface ChannelSettings {
  readonly name: 'minute' | 'five_minutes' | 'hour' | 'day'
  readonly binMinutes: number
  /** Reference value, decision limit and cut of one innovation, in standard deviations. */
  readonly k: number
  readonly h: number
  readonly cut: number
  /** Bins learnt before the channel may speak. */
  readonly warmUpBins: number
  /** Memory of spread and autocorrelation, bins. */
  readonly memoryBins: number
}

/** Least share of a bin's minutes that must have been measured. */
const COVERAGE = 0.6
/** Gains that compete. The first follows nothing: right where bins are independent already. */
const GAINS = [0, 0.02, 0.07, 0.2, 0.5] as const
/** Bins after which the spread is known well enough to cut what lies outside. */
const FIRST_BINS = 8

export class ResidualChannel {
  readonly settings: ChannelSettings
  #bin = -1
  #minutes = 0
  #weighted = 0
  #weight = 0
  #bins = 0
  /** Running level and mean square of its prediction error, per gain. */
  readonly #level = new Float64Array(GAINS.length)
  readonly #square = new Float64Array(GAINS.length).fill(1)
  #statistic = 0
  #since = Number.NaN
  #sumSince = 0
  #weightSince = 0
  /** Factor on the decision limit. */
  caution = 1

  constructor(settings: ChannelSettings) {
    this.settings = settings
  }

  get statistic(): number {
    return this.#statistic
  }

  /** Begin of the shift as the statistic sees it (its last time at zero), Unix ms; NaN when there is none. */
  get since(): number {
    return this.#since
  }

  /** Mean excess since then, m³/s: each minute weighs by the inverse of its variance, so nights weigh most. */
  get excess(): number {
    return this.#weightSince === 0 ? 0 : this.#sumSince / this.#weightSince
  }

  get fires(): boolean {
    return this.#statistic > this.caution * this.settings.h
  }

  get suspects(): boolean {
    return this.#statistic > 0.5 * this.caution * this.settings.h
  }

  get warm(): boolean {
    return this.#bins >= this.settings.warmUpBins
  }

  /**
   * @param begin of the minute, Unix ms · @param dayStart shift so that bins of a day begin at local midnight, ms
   * @param residual m³/s · @param deviation its standard deviation, m³/s · @param count whether the statistic may rise
   */
  take(begin: number, dayStart: number, residual: number, deviation: number, count: boolean): void {
    const bin = Math.floor((begin + dayStart) / (this.settings.binMinutes * 60_000))
    if (bin !== this.#bin) {
      if (this.#bin >= 0 && this.settings.binMinutes > 1) this.#close(begin, count)
      this.#bin = bin
      this.#minutes = 0
      this.#weighted = 0
      this.#weight = 0
    }
    const weight = 1 / (deviation * deviation)
    this.#minutes += 1
    this.#weighted += weight * residual
    this.#weight += weight
    if (this.settings.binMinutes === 1) {
      this.#close(begin + 60_000, count)
      this.#minutes = 0
    }
  }

  /** Forgets what speaks for a shift, keeps what was learnt about the noise. */
  reset(): void {
    this.#statistic = 0
    this.#since = Number.NaN
    this.#sumSince = 0
    this.#weightSince = 0
    this.#minutes = 0
    this.#weighted = 0
    this.#weight = 0
  }

  save() {
    return {
      bin: [this.#bin, this.#minutes, this.#weighted, this.#weight, this.#bins],
      level: [...this.#level],
      square: [...this.#square],
      statistic: this.#statistic,
      since: Number.isNaN(this.#since) ? null : this.#since,
      sums: [this.#sumSince, this.#weightSince],
    }
  }

  load(saved: ReturnType<ResidualChannel['save']>): void {
    const [bin, minutes, weighted, weight, bins] = saved.bin
    this.#bin = bin ?? -1
    this.#minutes = minutes ?? 0
    this.#weighted = weighted ?? 0
    this.#weight = weight ?? 0
    this.#bins = bins ?? 0
    this.#level.set(saved.level)
    this.#square.set(saved.square)
    this.#statistic = saved.statistic
    this.#since = saved.since ?? Number.NaN
    this.#sumSince = saved.sums[0] ?? 0
    this.#weightSince = saved.sums[1] ?? 0
  }

  #close(end: number, count: boolean): void {
    const { binMinutes, cut, k, h, warmUpBins } = this.settings
    if (this.#minutes < COVERAGE * binMinutes || this.#weight === 0) return
    const mean = this.#weighted / this.#weight
    const standard = mean * Math.sqrt(this.#weight / this.#minutes)
    const best = this.#best()
    const z = (standard - (this.#level[best] ?? 0)) / Math.sqrt(this.#square[best] ?? 1)
    if (this.#bins >= warmUpBins && count) {
      const before = this.#statistic
      this.#statistic = Math.min(Math.max(0, before + Math.max(-cut, Math.min(cut, z)) - k), 4 * h)
      if (this.#statistic === 0) {
        this.#since = Number.NaN
        this.#sumSince = 0
        this.#weightSince = 0
      } else {
        if (before === 0) this.#since = end - binMinutes * 60_000
        this.#sumSince += this.#weight * mean
        this.#weightSince += this.#weight
      }
    }
    this.#follow(standard)
    this.#bins += 1
  }

  #best(): number {
    let best = 0
    for (let i = 1; i < GAINS.length; i++) if ((this.#square[i] ?? 0) < (this.#square[best] ?? 0)) best = i
    return best
  }

  /** Levels always follow; the spread is learnt only from bins that raise no suspicion, and odd ones are cut at three deviations. */
  #follow(standard: number): void {
    const rate = Math.max(1 / (this.#bins + 1), 1 / this.settings.memoryBins)
    const quiet = !this.suspects
    for (const [i, gain] of GAINS.entries()) {
      const level = this.#level[i] ?? 0
      const square = this.#square[i] ?? 1
      const error = standard - level
      const most = this.#bins < FIRST_BINS ? Number.POSITIVE_INFINITY : 9 * square
      if (quiet) this.#square[i] = Math.max(0.01, square + rate * (Math.min(error * error, most) - square))
      this.#level[i] = level + gain * error
    }
  }
}
