import { groups, TELEMETRY_QUANTITIES, type Telemetry } from './telemetry.ts'

const QUANTITY_NUMBER: ReadonlyMap<string, number> = new Map(TELEMETRY_QUANTITIES.map((name, i) => [name, i]))
const EVENT = QUANTITY_NUMBER.get('event')

/** Collects the rows of an archive in order of arrival. */
export class TelemetryBuilder {
  #rows = 0
  #time = new Float64Array(1 << 16)
  #asset = new Int32Array(1 << 16)
  #quantity = new Uint8Array(1 << 16)
  #value = new Float64Array(1 << 16)
  readonly #assets = new Words()
  readonly #events = new Words()

  /**
   * Takes one row.
   * @param at     Unix ms
   * @param value  a number in the quantity's unit, or the code of an event
   * @returns what is wrong with the row; undefined when it was taken
   */
  add(at: number, asset: string, quantity: string, value: string | number): string | undefined {
    const number = QUANTITY_NUMBER.get(quantity)
    if (number === undefined) return `quantity "${quantity}" is none of ${TELEMETRY_QUANTITIES.join(', ')}`
    if (!Number.isFinite(at)) return 'time is not ISO 8601 with an offset'
    if (asset === '') return 'asset is empty'
    const taken = number === EVENT ? this.#events.numberOf(String(value)) : Number(value)
    if (value === '' || !Number.isFinite(taken)) return `value "${value}" is not a number`
    if (this.#rows === this.#time.length) this.#grow()
    this.#time[this.#rows] = at
    this.#asset[this.#rows] = this.#assets.numberOf(asset)
    this.#quantity[this.#rows] = number
    this.#value[this.#rows] = taken
    this.#rows += 1
    return undefined
  }

  build(): Telemetry {
    const kept = this.#firsts()
    const pick = <T extends Float64Array | Int32Array | Uint8Array>(from: T, to: T): T => {
      for (let i = 0; i < kept.length; i++) to[i] = from[kept[i] as number] as number
      return to
    }
    return {
      rows: kept.length,
      time: pick(this.#time, new Float64Array(kept.length)),
      asset: pick(this.#asset, new Int32Array(kept.length)),
      quantity: pick(this.#quantity, new Uint8Array(kept.length)),
      value: pick(this.#value, new Float64Array(kept.length)),
      assets: this.#assets.list,
      events: this.#events.list,
      repeated: this.#rows - kept.length,
    }
  }

  /** Rows without those that repeat an asset, quantity and time; of an event the code counts too: two may come at once. */
  #firsts(): Int32Array {
    const repeated = new Uint8Array(this.#rows)
    for (const rows of groups(this.#asset, this.#quantity, this.#time, this.#rows)) {
      const codesAtTime = new Set<number>()
      for (let i = 1; i < rows.length; i++) {
        const before = rows[i - 1] as number
        const row = rows[i] as number
        if (this.#time[before] !== this.#time[row]) {
          codesAtTime.clear()
          continue
        }
        codesAtTime.add(this.#value[before] as number)
        if (this.#quantity[row] !== EVENT || codesAtTime.has(this.#value[row] as number)) repeated[row] = 1
      }
    }
    let count = 0
    const kept = new Int32Array(this.#rows)
    for (let row = 0; row < this.#rows; row++) if (repeated[row] === 0) kept[count++] = row
    return kept.subarray(0, count)
  }

  #grow(): void {
    const size = this.#time.length * 2
    this.#time = enlarge(this.#time, new Float64Array(size))
    this.#asset = enlarge(this.#asset, new Int32Array(size))
    this.#quantity = enlarge(this.#quantity, new Uint8Array(size))
    this.#value = enlarge(this.#value, new Float64Array(size))
  }
}

function enlarge<T extends Float64Array | Int32Array | Uint8Array>(old: T, larger: T): T {
  larger.set(old)
  return larger
}

/** Numbers for words, in order of their first appearance. */
class Words {
  readonly list: string[] = []
  readonly #numbers = new Map<string, number>()

  numberOf(word: string): number {
    const known = this.#numbers.get(word)
    if (known !== undefined) return known
    this.#numbers.set(word, this.list.length)
    this.list.push(word)
    return this.list.length - 1
  }
}
