const HOUR = 3_600_000
/** Hours of history kept. */
const KEPT_H = 24 * 10
const SILENT_H = 30

/** Hourly use of metered business, from registers that come often but late. m³ at the reference state. */
export class MeteredUse {
  readonly #meters = new Map<number, { at: number; index: number; hours: Map<number, number>; usual: number }>()

  /**
   * Takes a register.
   * @param meter   row of the meter
   * @param at      Unix ms
   * @param factor  m³ at the reference state per m³ of the register
   */
  take(meter: number, at: number, index: number, factor: number): void {
    const known = this.#meters.get(meter)
    if (known === undefined) {
      this.#meters.set(meter, { at, index, hours: new Map(), usual: 0 })
      return
    }
    if (at <= known.at) return
    const use = Math.max(0, index - known.index) * factor
    const span = at - known.at
    for (let begin = known.at; begin < at; ) {
      const hour = Math.floor(begin / HOUR)
      const end = Math.min(at, (hour + 1) * HOUR)
      known.hours.set(hour, (known.hours.get(hour) ?? 0) + (use * (end - begin)) / span)
      begin = end
    }
    known.usual += ((use / (span / HOUR) - known.usual) * Math.min(1, span / HOUR)) / 24
    known.at = at
    known.index = index
    const oldest = Math.floor(at / HOUR) - KEPT_H
    for (const hour of known.hours.keys()) {
      if (hour >= oldest) break
      known.hours.delete(hour)
    }
  }

  /** Whether every meter that reports at all has reported beyond the end of the hour. */
  covers(hour: number): boolean {
    const end = (hour + 1) * HOUR
    for (const meter of this.#meters.values()) if (meter.at < end && end - meter.at < SILENT_H * HOUR) return false
    return true
  }

  /** m³ in the hour; the usual where it is not known. */
  useOf(meter: number, hour: number): number {
    const known = this.#meters.get(meter)
    if (known === undefined) return 0
    return known.at >= (hour + 1) * HOUR ? (known.hours.get(hour) ?? 0) : (known.hours.get(hour) ?? known.usual)
  }

  get meters(): IterableIterator<number> {
    return this.#meters.keys()
  }
}
