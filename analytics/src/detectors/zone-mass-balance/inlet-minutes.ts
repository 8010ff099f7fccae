/** Minutes that may be open at once: reports of different inlets arrive in any order within these. */
const RING = 8
const MINUTE = 60_000

/** Called with each closed minute: its begin (Unix ms) and the zone's supply in it (m³/s), NaN when an inlet was not heard. */
export type MinuteClosed = (begin: number, supply: number) => void

/**
 * Joins the inlets of one zone into supply per minute of event time. A minute closes when every inlet has spoken in it, or when
 * the grace after its end is over; then an inlet that did not speak counts with its last value, if that is not too old.
 * Flows m³/s at the reference state.
 */
export class InletMinutes {
  readonly #signs: readonly number[]
  readonly #graceMs: number
  readonly #holdMs: number
  readonly #sum: Float64Array
  readonly #count: Uint16Array
  readonly #minuteOf = new Float64Array(RING).fill(-1)
  readonly #heldValue: Float64Array
  readonly #heldAt: Float64Array
  /** Next minute (number since 1970) to close, −1 before the first report. */
  #next = -1

  constructor(signs: readonly number[], graceMs: number, holdMs: number) {
    this.#signs = signs
    this.#graceMs = graceMs
    this.#holdMs = holdMs
    this.#sum = new Float64Array(RING * signs.length)
    this.#count = new Uint16Array(RING * signs.length)
    this.#heldValue = new Float64Array(signs.length)
    this.#heldAt = new Float64Array(signs.length).fill(Number.NEGATIVE_INFINITY)
  }

  /** One flow reading of an inlet; readings of minutes already closed are too late for the live balance. */
  take(inlet: number, at: number, flow: number, closed: MinuteClosed): void {
    const minute = Math.floor(at / MINUTE)
    if (this.#next < 0) this.#next = minute
    if (minute < this.#next) return
    if (minute >= this.#next + RING) this.#closeUpTo(minute - RING + 1, closed)
    const row = minute % RING
    const cell = row * this.#signs.length + inlet
    if (this.#minuteOf[row] !== minute) this.#open(row, minute)
    this.#sum[cell] = (this.#sum[cell] ?? 0) + flow
    this.#count[cell] = (this.#count[cell] ?? 0) + 1
    while (this.#complete(this.#next)) this.#close(closed)
  }

  /** Closes what the grace allows; `now` is event time, Unix ms. */
  settle(now: number, closed: MinuteClosed): void {
    if (this.#next >= 0) this.#closeUpTo(Math.floor((now - this.#graceMs) / MINUTE), closed)
  }

  save() {
    return {
      next: this.#next,
      value: [...this.#heldValue],
      at: Array.from(this.#heldAt, (at) => (Number.isFinite(at) ? at : null)),
    }
  }

  load(saved: ReturnType<InletMinutes['save']>): void {
    this.#next = saved.next
    this.#heldValue.set(saved.value.slice(0, this.#heldValue.length))
    this.#heldAt.set(saved.at.slice(0, this.#heldAt.length).map((at) => at ?? Number.NEGATIVE_INFINITY))
    this.#minuteOf.fill(-1)
  }

  /** After a long silence of all inlets the missing minutes are told as one, not one by one. */
  #closeUpTo(minute: number, closed: MinuteClosed): void {
    if (minute - this.#next > 2 * RING) {
      closed(this.#next * MINUTE, Number.NaN)
      this.#next = minute - RING
    }
    while (this.#next < minute) this.#close(closed)
  }

  #open(row: number, minute: number): void {
    const width = this.#signs.length
    this.#minuteOf[row] = minute
    this.#sum.fill(0, row * width, (row + 1) * width)
    this.#count.fill(0, row * width, (row + 1) * width)
  }

  #complete(minute: number): boolean {
    const row = minute % RING
    if (this.#minuteOf[row] !== minute) return false
    const width = this.#signs.length
    for (let cell = row * width; cell < (row + 1) * width; cell++) if (this.#count[cell] === 0) return false
    return true
  }

  #close(closed: MinuteClosed): void {
    const minute = this.#next
    const row = minute % RING
    const known = this.#minuteOf[row] === minute
    let supply = 0
    for (const [inlet, sign] of this.#signs.entries()) {
      const cell = row * this.#signs.length + inlet
      const count = known ? (this.#count[cell] ?? 0) : 0
      if (count > 0) {
        this.#heldValue[inlet] = (this.#sum[cell] ?? 0) / count
        this.#heldAt[inlet] = minute * MINUTE
      }
      const age = minute * MINUTE - (this.#heldAt[inlet] ?? Number.NEGATIVE_INFINITY)
      supply += age <= this.#holdMs ? sign * (this.#heldValue[inlet] ?? 0) : Number.NaN
    }
    this.#next = minute + 1
    closed(minute * MINUTE, supply)
  }
}
