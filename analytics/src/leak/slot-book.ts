/** Length of a slot: samples within it count as one. */
export const SLOT_MS = 300_000
export const SLOTS_PER_HOUR = 12
const KEPT_SLOTS = 7 * 288
/** Equal samples in a row that are no coincidence, where equal neighbours are otherwise rare. */
const STUCK_RUN = 8
const RARE = 0.35
/** A flow below this share of the usual is hardly any: an inlet that others relieve stands still for hours, and its meter is right to repeat itself. */
const HARDLY = 0.02

export const PRESSURE = 0
export const FLOW = 1
export const TEMPERATURE = 2
const CHANNELS = 3

export interface SlotMean {
  /** NaN when there is no sample. */
  readonly mean: number
  /** Slots with a sample. */
  readonly samples: number
}

/** Samples of RTUs by slot of five minutes; a transmitter that repeats itself is recognised and left out. */
export class SlotBook {
  readonly #width: number
  readonly #slots = new Map<number, Float64Array>()
  readonly #last: Float64Array
  readonly #run: Int32Array
  readonly #equal: Float64Array
  readonly #samples: Float64Array
  readonly #usual: Float64Array
  readonly #pairs: Float64Array
  /** Slots from ≤ slot < to in which a channel was stuck; the last may be open. */
  readonly #stuck = new Map<number, { readonly from: number; to: number }[]>()

  constructor(rtus: number) {
    this.#width = rtus * CHANNELS
    this.#last = new Float64Array(this.#width).fill(Number.NaN)
    this.#run = new Int32Array(this.#width)
    this.#samples = new Float64Array(this.#width)
    this.#usual = new Float64Array(this.#width)
    this.#equal = new Float64Array(this.#width)
    this.#pairs = new Float64Array(this.#width)
  }

  take(rtu: number, channel: number, at: number, value: number): void {
    const slot = Math.floor(at / SLOT_MS)
    let row = this.#slots.get(slot)
    if (row === undefined) {
      row = new Float64Array(2 * this.#width)
      this.#slots.set(slot, row)
      this.#slots.delete(slot - KEPT_SLOTS)
    }
    const k = rtu * CHANNELS + channel
    if (channel !== TEMPERATURE) this.#watchRepeats(k, slot, value)
    row[2 * k] = (row[2 * k] as number) + value
    row[2 * k + 1] = (row[2 * k + 1] as number) + 1
  }

  isStuck(rtu: number, channel: number): boolean {
    return this.#stuck.get(rtu * CHANNELS + channel)?.at(-1)?.to === Number.POSITIVE_INFINITY
  }

  /** Mean over the slots from ≤ slot < to; nothing of a stuck channel. */
  mean(rtu: number, channel: number, from: number, to: number): SlotMean {
    const k = rtu * CHANNELS + channel
    const spans = this.#stuck.get(k)
    let sum = 0
    let samples = 0
    for (let slot = from; slot < to; slot++) {
      if (spans?.some((span) => slot >= span.from && slot < span.to)) continue
      const row = this.#slots.get(slot)
      if (row === undefined || row[2 * k + 1] === 0) continue
      sum += (row[2 * k] as number) / (row[2 * k + 1] as number)
      samples += 1
    }
    return { mean: samples === 0 ? Number.NaN : sum / samples, samples }
  }

  #watchRepeats(k: number, slot: number, value: number): void {
    const samples = (this.#samples[k] as number) + 1
    this.#samples[k] = samples
    const size = Math.abs(value)
    this.#usual[k] = (this.#usual[k] as number) + (size - (this.#usual[k] as number)) / samples
    const still = k % CHANNELS === FLOW && size <= HARDLY * (this.#usual[k] as number)
    const same = value === this.#last[k] && !still
    this.#last[k] = value
    this.#run[k] = same ? (this.#run[k] as number) + 1 : 0
    const run = this.#run[k] as number
    const last = this.#stuck.get(k)?.at(-1)
    const open = last?.to === Number.POSITIVE_INFINITY
    if (run === 0 && last !== undefined && open) last.to = slot
    if (run < STUCK_RUN) {
      this.#pairs[k] = (this.#pairs[k] as number) + 1
      if (same) this.#equal[k] = (this.#equal[k] as number) + 1
    }
    if (run >= STUCK_RUN && !open && (this.#equal[k] as number) < RARE * (this.#pairs[k] as number))
      this.#stuck.set(k, [...(this.#stuck.get(k) ?? []), { from: slot - STUCK_RUN, to: Number.POSITIVE_INFINITY }])
  }
}
