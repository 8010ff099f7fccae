/** A jump so large and sudden that no history is needed to call it odd. */
export interface JumpSettings {
  /** Rise over the highest of the minutes before, as a share of it and in standard deviations of one-minute changes. */
  readonly share: number
  readonly sigmas: number
  /** Minutes that must show it, and minutes before that it is compared with. */
  readonly minutes: number
  /** After this time the demand may have moved by itself: the jump says nothing more, ms. */
  readonly holdMs: number
}

export const JUMP_SETTINGS: JumpSettings = { share: 0.6, sigmas: 8, minutes: 2, holdMs: 3_600_000 }

/** Minutes before the jump; people's steepest hour does not lift a district by the share within them. */
const BEFORE = 10
/** One-minute changes that teach the spread before a jump is believed, and their memory. */
const FIRST_CHANGES = 20
const MEMORY = 120

/**
 * Watches a zone's supply for a step within minutes, from the first quarter of an hour of service on: the second vote of a rupture
 * while the zone is still learning its profile. Flows m³/s at the reference state.
 */
export class SupplyJump {
  readonly #settings: JumpSettings
  readonly #past = new Float64Array(BEFORE).fill(Number.NaN)
  #next = 0
  #last = Number.NaN
  #change = 0
  #changes = 0
  #above = 0
  /** Highest supply of the minutes before. */
  #base = Number.NaN

  constructor(settings: JumpSettings = JUMP_SETTINGS) {
    this.#settings = settings
  }

  /** Supply before the jump, m³/s. */
  get base(): number {
    return this.#base
  }

  /** @param supply NaN when an inlet was not heard: then the minutes before are forgotten @returns whether a jump is complete */
  take(supply: number): boolean {
    if (Number.isNaN(supply)) {
      this.reset()
      return false
    }
    if (this.#above === 0) this.#base = this.#highest()
    const spread = 1.25 * this.#change
    const limit = Math.max(this.#settings.share * this.#base, this.#settings.sigmas * spread)
    if (this.#changes >= FIRST_CHANGES && supply - this.#base > limit) {
      this.#above += 1
      this.#last = Number.NaN
      if (this.#above < this.#settings.minutes) return false
      this.reset()
      return true
    }
    this.#above = 0
    this.#learn(supply)
    return false
  }

  /** Forgets the minutes before, keeps the spread and the base. */
  reset(): void {
    this.#past.fill(Number.NaN)
    this.#last = Number.NaN
    this.#above = 0
  }

  save() {
    const finite = (value: number) => (Number.isNaN(value) ? null : value)
    return {
      past: Array.from(this.#past, finite),
      row: [this.#next, finite(this.#last), this.#change, this.#changes, this.#above, finite(this.#base)],
    }
  }

  load({ past, row }: ReturnType<SupplyJump['save']>): void {
    this.#past.set(past.map((value) => value ?? Number.NaN))
    this.#next = row[0] ?? 0
    this.#last = row[1] ?? Number.NaN
    this.#change = row[2] ?? 0
    this.#changes = row[3] ?? 0
    this.#above = row[4] ?? 0
    this.#base = row[5] ?? Number.NaN
  }

  /** NaN until all minutes before are known. */
  #highest(): number {
    let highest = 0
    for (const value of this.#past) highest = Math.max(highest, value)
    return highest
  }

  #learn(supply: number): void {
    if (!Number.isNaN(this.#last)) {
      this.#changes += 1
      const size = Math.abs(supply - this.#last)
      this.#change += (size - this.#change) * Math.max(1 / this.#changes, 1 / MEMORY)
    }
    this.#last = supply
    this.#past[this.#next] = supply
    this.#next = (this.#next + 1) % BEFORE
  }
}
