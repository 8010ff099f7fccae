import { MinuteSet, minuteOf } from './minute-set.ts'
import { SAMPLE_QUANTITIES, type SampleQuantity } from './state-sink.ts'

const Q = SAMPLE_QUANTITIES.length

/** What RTUs measured last, and which minutes of theirs are known. Rows are few: one per RTU, in order of registration. */
export class RtuSamples {
  /** Row of each slot that is an RTU. */
  readonly rowOf = new Map<number, number>()
  /** Q per row. Values SI, times Unix ms; NaN and 0 before the first. */
  #value = new Float64Array(0)
  #at = new Float64Array(0)
  /** Two per row: lowest and highest pressure allowed, Pa absolute, NaN for none. */
  #limits = new Float64Array(0)
  readonly #minutes: (MinuteSet | undefined)[] = []

  get byteLength(): number {
    const sets = this.#minutes.reduce((sum, set) => sum + (set?.bits.byteLength ?? 0), 0)
    return this.#value.byteLength + this.#at.byteLength + this.#limits.byteLength + sets + this.rowOf.size * 48
  }

  register(slot: number, minPressure: number | undefined, maxPressure: number | undefined): void {
    const row = this.rowOf.get(slot) ?? this.rowOf.size
    this.rowOf.set(slot, row)
    if (row * Q >= this.#value.length) this.#grow(Math.max(16, row * 2))
    this.#limits[2 * row] = minPressure ?? Number.NaN
    this.#limits[2 * row + 1] = maxPressure ?? Number.NaN
  }

  /** Takes one sample. @returns `fresh` when it is the newest of its quantity */
  add(slot: number, quantity: SampleQuantity, at: number, value: number): 'fresh' | 'late' | 'known' | 'too_old' {
    const row = this.rowOf.get(slot)
    if (row === undefined) return 'known'
    const i = row * Q + SAMPLE_QUANTITIES.indexOf(quantity)
    let minutes = this.#minutes[i]
    if (minutes === undefined) {
      minutes = new MinuteSet()
      this.#minutes[i] = minutes
    }
    const added = minutes.add(minuteOf(at))
    if (added !== 'added') return added
    if (at <= (this.#at[i] ?? 0)) return 'late'
    this.#at[i] = at
    this.#value[i] = value
    return 'fresh'
  }

  /** The newest value of a quantity: NaN and 0 when there is none. */
  value(slot: number, quantity: SampleQuantity): number {
    return this.#value[this.#cell(slot, quantity)] ?? Number.NaN
  }
  at(slot: number, quantity: SampleQuantity): number {
    return this.#at[this.#cell(slot, quantity)] ?? 0
  }
  minPressure(slot: number): number {
    return this.#limits[2 * (this.rowOf.get(slot) ?? -1)] ?? Number.NaN
  }
  maxPressure(slot: number): number {
    return this.#limits[2 * (this.rowOf.get(slot) ?? -1) + 1] ?? Number.NaN
  }

  /** Its memory as plain arrays, for a snapshot. */
  save(): { readonly numbers: readonly Float64Array[]; readonly minutes: readonly (readonly [number, MinuteSet])[] } {
    return {
      numbers: [Float64Array.from(this.rowOf.keys()), this.#value, this.#at, this.#limits],
      minutes: this.#minutes.flatMap((set, i) => (set === undefined ? [] : [[i, set] as const])),
    }
  }

  load(
    slots: Float64Array,
    value: Float64Array<ArrayBuffer>,
    at: Float64Array<ArrayBuffer>,
    limits: Float64Array<ArrayBuffer>,
  ): void {
    slots.forEach((slot, row) => {
      this.rowOf.set(slot, row)
    })
    this.#value = value
    this.#at = at
    this.#limits = limits
  }
  loadMinutes(cell: number, set: MinuteSet): void {
    this.#minutes[cell] = set
  }

  #cell(slot: number, quantity: SampleQuantity): number {
    return (this.rowOf.get(slot) ?? -1) * Q + SAMPLE_QUANTITIES.indexOf(quantity)
  }

  #grow(rows: number): void {
    const grown = (old: Float64Array, length: number, empty: number) => {
      const made = new Float64Array(length).fill(empty)
      made.set(old)
      return made
    }
    this.#value = grown(this.#value, rows * Q, Number.NaN)
    this.#at = grown(this.#at, rows * Q, 0)
    this.#limits = grown(this.#limits, rows * 2, Number.NaN)
  }
}
