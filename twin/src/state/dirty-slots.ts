/** Which slots changed since they were last asked for: one bit each, and a list so that few changes are found quickly. */
export class DirtySlots {
  #bits: Uint32Array
  readonly #list = new Int32Array(65_536)
  #listed = 0
  #count = 0

  constructor(slots: number) {
    this.#bits = new Uint32Array((slots + 31) >> 5)
  }

  get count(): number {
    return this.#count
  }
  get byteLength(): number {
    return this.#bits.byteLength + this.#list.byteLength
  }

  resize(slots: number): void {
    const bits = new Uint32Array((slots + 31) >> 5)
    bits.set(this.#bits.subarray(0, bits.length))
    this.#bits = bits
  }

  mark(slot: number): void {
    const word = this.#bits[slot >> 5] ?? 0
    const bit = 1 << (slot & 31)
    if ((word & bit) !== 0) return
    this.#bits[slot >> 5] = word | bit
    this.#count += 1
    if (this.#listed < this.#list.length) {
      this.#list[this.#listed] = slot
      this.#listed += 1
    }
  }

  /** Takes all changed slots out, in the order of their first change, or in the order of slots when there are very many. */
  take(): Int32Array {
    const slots = this.#listed === this.#count ? this.#list.slice(0, this.#listed) : this.#scan()
    for (const slot of slots) this.#bits[slot >> 5] = 0
    this.#listed = 0
    this.#count = 0
    return slots
  }

  #scan(): Int32Array {
    const slots = new Int32Array(this.#count)
    let n = 0
    this.#bits.forEach((word, i) => {
      for (let rest = word; rest !== 0; rest &= rest - 1) {
        slots[n] = i * 32 + (31 - Math.clz32(rest & -rest))
        n += 1
      }
    })
    return slots
  }
}
