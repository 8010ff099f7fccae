import type { MassBalanceSettings } from './mass-balance-settings.ts'
import { ResidualChannel } from './residual-channel.ts'
import { SupplyJump } from './supply-jump.ts'
import { type Expectation, SupplyProfile } from './supply-profile.ts'

/** Where a minute lies, computed once for all zones. */
export interface MinuteOfCity {
  readonly begin: number
  readonly utcOffset: number
  readonly day: number
  readonly hour: number
  /** 0 working day, 1 weekend. */
  readonly kind: 0 | 1
  /** Kind of the day before. */
  readonly kindBefore: 0 | 1
  /** Heating degrees, K. */
  readonly degrees: number
}

/** Share by which the learnt spread follows one more minute of the same hour. */
const SPREAD_RATE = 1 / 600
/** A minute's residual is never trusted below this share of the expected flow: meters and clocks are not better. */
const SPREAD_FLOOR = 0.01
/** Beyond this doubt (share of the expected flow) the residual speaks of the weather or the day, not of the zone's own noise. */
const MOST_DOUBT = 0.1
/** A new level follows fast at first; then it is the mean of the time since. */
const LEVEL_FIRST_MINUTES = 30
/** What a day teaches of a level is no better than this share, and that long it takes until the profile has taken it over, ms. */
const LEVEL_DOUBT = 0.02
const LEVEL_DOUBT_MS = 6 * 86_400_000
/** Residuals against a profile of less than this say nothing about the noise. */
const PROFILE_FIRST_DAYS = 2

/** What one zone has learnt, and what speaks for an excess. Flows m³/s at the reference state. */
export class ZoneWatch {
  readonly #settings: MassBalanceSettings
  readonly profile = new SupplyProfile()
  readonly channels: readonly ResidualChannel[]
  readonly jump: SupplyJump
  /** Whether the last minute completed a jump. */
  jumped = false
  readonly #spread = new Float64Array(24)
  readonly #expectation: Expectation = { flow: 0, doubt: 0, days: 0 }
  #minutes = 0
  #dayDeviation = 0
  #daySum = 0
  #dayMinutes = 0
  #day = -1
  /** Ratio to the profile after the network was switched; 1 otherwise. */
  #level = 1
  #quietUntil = Number.NEGATIVE_INFINITY
  #relearnUntil = Number.NEGATIVE_INFINITY
  #suspectedSince = Number.NaN
  /** Smoothed relative residual against the own profile: what the peers compare. */
  common = 0
  expected = Number.NaN
  /** Expected supply over about a day, m³/s. */
  typical = 0
  measured = Number.NaN
  /** Excess smoothed over the scale of the channel that fired. */
  lasting = 0

  constructor(settings: MassBalanceSettings) {
    this.#settings = settings
    this.jump = new SupplyJump(settings.jump)
    this.channels = settings.channels.map((channel) => new ResidualChannel(channel))
  }

  get ready(): boolean {
    return this.#minutes >= this.#settings.warmUpDays * 1440
  }

  /** A valve was operated: the zone may take in more or less from here on, and that is no leak. */
  disturb(at: number): void {
    this.#quietUntil = at + this.#settings.settleMs
    this.#relearnUntil = this.#quietUntil + this.#settings.relearnMs
    for (const channel of this.channels) channel.reset()
    this.jump.reset()
  }

  /** @param peers relative deviation that all zones share · @param held an excess stands told: nothing may be learnt from it */
  take(minute: MinuteOfCity, supply: number, peers: number, held: boolean): void {
    const { begin, utcOffset, hour, kind, kindBefore, degrees, day } = minute
    this.measured = supply
    this.jumped = this.jump.take(begin < this.#quietUntil ? Number.NaN : supply)
    if (Number.isNaN(supply)) return
    const out = this.#expectation
    this.profile.expect(hour, kind, kindBefore, degrees, this.#dayDeviation, out)
    const own = out.flow * this.#level
    this.expected = Number.isNaN(own) ? Number.NaN : Math.max(0, own * (1 + peers))
    const slot = Math.floor(hour) % 24
    let suspected = held || this.jumped
    if (!Number.isNaN(this.expected)) {
      const residual = supply - this.expected
      const learnt = Math.max(this.#spread[slot] ?? 0, SPREAD_FLOOR * this.expected)
      const levelDoubt = begin < this.#relearnUntil + LEVEL_DOUBT_MS ? LEVEL_DOUBT * this.expected : 0
      const deviation = Math.hypot(
        learnt * Math.sqrt(1 + 1 / Math.max(out.days, 0.2)),
        out.doubt,
        peers * own,
        levelDoubt,
      )
      this.typical += (this.expected - this.typical) / (this.typical === 0 ? 1 : 1440)
      const quiet = begin < this.#quietUntil
      const relearning = begin < this.#relearnUntil
      this.common += ((own > 0 ? supply / own - 1 : 0) - this.common) / this.#settings.peerMemoryMinutes
      if (!quiet && deviation > 0 && this.#minutes >= PROFILE_FIRST_DAYS * 1440) {
        for (const channel of this.channels)
          channel.take(begin, utcOffset, residual, deviation, this.ready && !relearning)
      }
      suspected ||= this.#suspected(begin)
      if (relearning && !quiet && own > 0) this.#learnLevel(begin, supply / out.flow)
      if (!suspected && !quiet && !relearning) {
        if (out.doubt < MOST_DOUBT * this.expected) this.#learnSpread(slot, residual, out.doubt)
        this.#learnDay(day, residual)
      }
    }
    this.#minutes += 1
    if (suspected || begin < this.#quietUntil) return
    const clean = this.ready && !Number.isNaN(this.expected) ? this.#trimmed(supply, slot, out.doubt) : supply
    this.profile.learn(day, hour, kind, degrees, 1 / 10, clean / this.#level)
  }

  save() {
    return {
      profile: this.profile.save(),
      jump: this.jump.save(),
      channels: this.channels.map((channel) => channel.save()),
      spread: [...this.#spread],
      minutes: this.#minutes,
      day: [this.#day, this.#dayDeviation, this.#daySum, this.#dayMinutes],
      level: this.#level,
      until: [this.#quietUntil, this.#relearnUntil, this.#suspectedSince].map((at) =>
        Number.isFinite(at) ? at : null,
      ),
      common: this.common,
      lasting: this.lasting,
      typical: this.typical,
    }
  }

  load(saved: ReturnType<ZoneWatch['save']>): void {
    this.profile.load(saved.profile)
    this.jump.load(saved.jump)
    for (const [i, channel] of this.channels.entries()) {
      const row = saved.channels[i]
      if (row !== undefined) channel.load(row)
    }
    this.#spread.set(saved.spread)
    this.#minutes = saved.minutes
    const [day, deviation, sum, minutes] = saved.day
    this.#day = day ?? -1
    this.#dayDeviation = deviation ?? 0
    this.#daySum = sum ?? 0
    this.#dayMinutes = minutes ?? 0
    this.#level = saved.level
    this.#quietUntil = saved.until[0] ?? Number.NEGATIVE_INFINITY
    this.#relearnUntil = saved.until[1] ?? Number.NEGATIVE_INFINITY
    this.#suspectedSince = saved.until[2] ?? Number.NaN
    this.common = saved.common
    this.lasting = saved.lasting
    this.typical = saved.typical
  }

  /** A suspicion stops the learning, but not for ever: what was never told within three days is the new custom. */
  #suspected(begin: number): boolean {
    if (!this.ready || !this.channels.some((channel) => channel.suspects)) {
      this.#suspectedSince = Number.NaN
      return false
    }
    if (Number.isNaN(this.#suspectedSince)) this.#suspectedSince = begin
    return begin - this.#suspectedSince < 3 * 86_400_000
  }

  #learnLevel(begin: number, ratio: number): void {
    const minutes = (begin - this.#quietUntil) / 60_000 + 1
    this.#level += (ratio - this.#level) / Math.max(LEVEL_FIRST_MINUTES, minutes)
  }

  #trimmed(supply: number, slot: number, doubt: number): number {
    const most = 4 * Math.hypot(this.#spread[slot] ?? 0, SPREAD_FLOOR * this.expected, doubt)
    return Math.max(this.expected - most, Math.min(this.expected + most, supply))
  }

  /** Mean absolute residual × 1.25 is the standard deviation of a normal one, and one odd minute moves it little. */
  #learnSpread(slot: number, residual: number, doubt: number): void {
    const known = this.#spread[slot] ?? 0
    const size = Math.max(0, 1.25 * Math.abs(residual) - doubt)
    const cut = known > 0 && this.ready ? Math.min(size, 4 * known) : size
    this.#spread[slot] = known + (cut - known) * (known === 0 ? 0.05 : SPREAD_RATE * (this.ready ? 1 : 4))
  }

  #learnDay(day: number, residual: number): void {
    if (day !== this.#day) {
      if (this.#dayMinutes > 720) {
        const size = 1.25 * Math.abs(this.#daySum / this.#dayMinutes)
        this.#dayDeviation += (size - this.#dayDeviation) * (this.#dayDeviation === 0 ? 1 : 0.1)
      }
      this.#day = day
      this.#daySum = 0
      this.#dayMinutes = 0
    }
    this.#daySum += residual
    this.#dayMinutes += 1
  }
}
