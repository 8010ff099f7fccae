/** Two neighbouring readings of a meter with scheduled readings missing between them. Times in seconds, registers in m³. */
export interface Gap {
  readonly fromS: number
  readonly toS: number
  readonly fromM3: number
  readonly toM3: number
}

/** Per gap: its slot (−1 for none), [from, to] s, [from, to] m³; and where the next gap is written. */
export interface GapColumns {
  readonly slot: Int32Array<ArrayBuffer>
  readonly times: Uint32Array<ArrayBuffer>
  readonly registers: Float64Array<ArrayBuffer>
  readonly cursor: number
}

const NONE = -1

/**
 * Gaps that have left a meter's last readings, so that a bundle which arrives out of order can still be put into its place. Bounded:
 * when full, the oldest gap is forgotten (its volume stays where it was booked).
 */
export class ReadingGaps {
  /** First gap of each slot, and the next one of the same slot. */
  #head: Int32Array<ArrayBuffer>
  #next = new Int32Array(0)
  #slot = new Int32Array(0)
  #times = new Uint32Array(0)
  #registers = new Float64Array(0)
  #cursor = 0
  #most: number

  /** @param slots rows of the fleet. @param most gaps kept at most */
  constructor(slots: number, most: number) {
    this.#head = new Int32Array(slots).fill(NONE)
    this.#most = most
  }

  get byteLength(): number {
    return (
      this.#head.byteLength +
      this.#next.byteLength +
      this.#slot.byteLength +
      this.#times.byteLength +
      this.#registers.byteLength
    )
  }

  resize(slots: number, most: number): void {
    const head = new Int32Array(slots).fill(NONE)
    head.set(this.#head.subarray(0, slots))
    this.#head = head
    this.#most = Math.max(most, this.#most)
  }

  add(slot: number, gap: Gap): void {
    if (this.#cursor === this.#slot.length && this.#slot.length < this.#most) this.#grow()
    if (this.#cursor === this.#slot.length) this.#cursor = 0
    const at = this.#cursor
    this.#cursor += 1
    if ((this.#slot[at] ?? NONE) !== NONE) this.#unlink(at)
    this.#slot[at] = slot
    this.#times[2 * at] = gap.fromS
    this.#times[2 * at + 1] = gap.toS
    this.#registers[2 * at] = gap.fromM3
    this.#registers[2 * at + 1] = gap.toM3
    this.#next[at] = this.#head[slot] ?? NONE
    this.#head[slot] = at
  }

  /** Takes out the gap that holds the instant; an instant at its border is a known reading. */
  take(slot: number, atS: number): Gap | 'known' | undefined {
    for (let at = this.#head[slot] ?? NONE; at !== NONE; at = this.#next[at] ?? NONE) {
      const gap = this.#gap(at)
      if (atS === gap.fromS || atS === gap.toS) return 'known'
      if (atS > gap.fromS && atS < gap.toS) {
        this.#unlink(at)
        this.#slot[at] = NONE
        return gap
      }
    }
    return undefined
  }

  /** Its memory as it is, for a snapshot. */
  save(): GapColumns {
    return {
      slot: this.#slot,
      times: this.#times,
      registers: this.#registers,
      cursor: this.#cursor,
    }
  }

  /** Takes up what was saved. The lists of each slot follow from the order in which gaps were written, the newest first. */
  load(saved: GapColumns): void {
    const gaps = saved.slot.length
    this.#head.fill(NONE)
    this.#next = new Int32Array(gaps).fill(NONE)
    this.#slot = saved.slot
    this.#times = saved.times
    this.#registers = saved.registers
    this.#cursor = saved.cursor
    this.#most = Math.max(this.#most, gaps)
    for (let i = 0; i < gaps; i++) {
      const at = (saved.cursor + i) % gaps
      const slot = saved.slot[at] ?? NONE
      if (slot === NONE) continue
      this.#next[at] = this.#head[slot] ?? NONE
      this.#head[slot] = at
    }
  }

  #gap(at: number): Gap {
    return {
      fromS: this.#times[2 * at] ?? 0,
      toS: this.#times[2 * at + 1] ?? 0,
      fromM3: this.#registers[2 * at] ?? 0,
      toM3: this.#registers[2 * at + 1] ?? 0,
    }
  }

  #unlink(gone: number): void {
    const slot = this.#slot[gone] ?? NONE
    const after = this.#next[gone] ?? NONE
    if (this.#head[slot] === gone) {
      this.#head[slot] = after
      return
    }
    for (let at = this.#head[slot] ?? NONE; at !== NONE; at = this.#next[at] ?? NONE)
      if (this.#next[at] === gone) {
        this.#next[at] = after
        return
      }
  }

  #grow(): void {
    const length = Math.min(this.#most, Math.max(1024, this.#slot.length * 2))
    const next = new Int32Array(length).fill(NONE)
    const slot = new Int32Array(length).fill(NONE)
    const times = new Uint32Array(2 * length)
    const registers = new Float64Array(2 * length)
    next.set(this.#next)
    slot.set(this.#slot)
    times.set(this.#times)
    registers.set(this.#registers)
    this.#next = next
    this.#slot = slot
    this.#times = times
    this.#registers = registers
  }
}
