/** Thresholds of the flood: on at `on` new alarms within the window, off when fewer than `off` are left in it. */
export interface FloodLimits {
  readonly windowMs: number
  readonly on: number
  readonly off: number
}

/** @source EEMUA 191 as publicly summarised: more than 10 new alarms in 10 minutes is more than one operator can take in */
export const FLOOD_LIMITS: FloodLimits = { windowMs: 600_000, on: 10, off: 5 }

/** More instants than this say nothing more about a flood; the count then reads "at least". */
const KEPT = 10_000

/** Counts newly shown alarms in a sliding window, with hysteresis for the flood mode. Instants are Unix ms, event time. */
export class FloodMeter {
  readonly #limits: FloodLimits
  #raised: number[] = []
  #flood = false

  constructor(limits: FloodLimits = FLOOD_LIMITS) {
    this.#limits = limits
  }

  count(at: number): void {
    if (this.#raised.length < KEPT) this.#raised.push(at)
  }

  /** Moves the window to `now`; returns whether the flood mode changed. */
  settle(now: number): boolean {
    const from = now - this.#limits.windowMs
    if ((this.#raised[0] ?? now) <= from) this.#raised = this.#raised.filter((at) => at > from)
    const before = this.#flood
    if (this.#raised.length >= this.#limits.on) this.#flood = true
    else if (this.#raised.length < this.#limits.off) this.#flood = false
    return this.#flood !== before
  }

  get recent(): number {
    return this.#raised.length
  }

  get flood(): boolean {
    return this.#flood
  }

  save(): { readonly raised: readonly number[]; readonly flood: boolean } {
    return { raised: [...this.#raised], flood: this.#flood }
  }

  load(saved: { readonly raised: readonly number[]; readonly flood: boolean }): void {
    this.#raised = [...saved.raised]
    this.#flood = saved.flood
  }
}
