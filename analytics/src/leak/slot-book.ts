/** Length of a slot: samples within it count as one. */
export const SLOT_MS = 300_000
export const SLOTS_PER_HOUR = 12
const KEPT_SLOTS = 7 * 288
/** A sample that follows the last within this share of a slot was not waited for. */
const EARLY = 0.8
/** Equal samples in a row that are no coincidence, where equal neighbours are otherwise rare. */
const STUCK_RUN = 8
const RARE = 0.35
/** A flow below this share of the usual is hardly any: an inlet that others relieve stands still for hours, and its meter is right to repeat itself. */
const HARDLY = 0.02

/** As many slots in a row may be missing between samples, and after the last. */
const LONGEST_GAP = 12
const LONGEST_END = 2

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
  readonly #lastAt: Float64Array
  readonly #newest: Float64Array
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
    this.#lastAt = new Float64Array(this.#width).fill(Number.NaN)
    this.#newest = new Float64Array(this.#width).fill(Number.NaN)
    this.#run = new Int32Array(this.#width)
    this.#samples = new Float64Array(this.#width)
    this.#usual = new Float64Array(this.#width)
    this.#equal = new Float64Array(this.#width)
    this.#pairs = new Float64Array(this.#width)
  }

  /** Takes a sample. @param at Unix ms. @returns the value before it when it came before its time; NaN otherwise */
  take(rtu: number, channel: number, at: number, value: number): number {
    const slot = Math.floor(at / SLOT_MS)
    let row = this.#slots.get(slot)
    if (row === undefined) {
      row = new Float64Array(2 * this.#width)
      this.#slots.set(slot, row)
      this.#slots.delete(slot - KEPT_SLOTS)
    }
    const k = rtu * CHANNELS + channel
    const since = at - (this.#lastAt[k] as number)
    const before = since > 0 && since < EARLY * SLOT_MS ? (this.#last[k] as number) : Number.NaN
    if (channel !== TEMPERATURE) this.#watchRepeats(k, slot, value)
    if (!(since <= 0)) {
      this.#lastAt[k] = at
      this.#newest[k] = value
    }
    row[2 * k] = (row[2 * k] as number) + value
    row[2 * k + 1] = (row[2 * k + 1] as number) + 1
    return before
  }

  /** What channels said last, of those that have spoken since an instant: a picture of one moment. @param at Unix ms */
  newestSince(at: number): Pick<SlotBook, 'mean'> {
    return {
      mean: (rtu, channel) => {
        const k = rtu * CHANNELS + channel
        const isNew = (this.#lastAt[k] as number) >= at
        return { mean: isNew ? (this.#newest[k] as number) : Number.NaN, samples: isNew ? 1 : 0 }
      },
    }
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

  /**
   * Mean over the slots from ≤ slot < to; one that is missing lies on the line between its neighbours. NaN where too many in a row are
   * missing: the mean of whatever is there would set one meter's morning against another's noon.
   */
  filledMean(rtu: number, channel: number, from: number, to: number): number {
    const known: { readonly slot: number; readonly value: number }[] = []
    for (let slot = from - LONGEST_GAP; slot < to + LONGEST_GAP; slot++) {
      const { mean } = this.mean(rtu, channel, slot, slot + 1)
      if (!Number.isNaN(mean)) known.push({ slot, value: mean })
    }
    let sum = 0
    let next = 0
    for (let slot = from; slot < to; slot++) {
      while (next < known.length && (known[next]?.slot ?? 0) < slot) next += 1
      const before = known[next - 1]
      const after = known[next]
      const gap = (after?.slot ?? Number.NaN) - (before?.slot ?? Number.NaN) - 1
      if (after?.slot === slot) sum += after.value
      else if (before !== undefined && after !== undefined && gap <= LONGEST_GAP)
        sum += before.value + ((slot - before.slot) / (gap + 1)) * (after.value - before.value)
      else if (before !== undefined && after === undefined) {
        // A meter that speaks seldom may be silent for as long as it usually is.
        const spacing = before.slot - (known[next - 2]?.slot ?? before.slot)
        if (slot - before.slot > Math.max(LONGEST_END, spacing)) return Number.NaN
        sum += before.value
      } else return Number.NaN
    }
    return sum / (to - from)
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
