/** A calendar of what happens when: the earliest first, those of one instant in the order of their entry. */
export class EventHeap {
  #times = new Float64Array(1024)
  #codes = new Float64Array(1024)
  #entry = new Float64Array(1024)
  #count = 0
  #entered = 0

  get size(): number {
    return this.#count
  }

  /** Time of the earliest event; Infinity when there is none. */
  get next(): number {
    return this.#count === 0 ? Number.POSITIVE_INFINITY : (this.#times[0] as number)
  }

  /** @param code whatever identifies the event, an exact integer */
  push(time: number, code: number): void {
    if (this.#count === this.#times.length) this.#grow()
    let i = this.#count++
    const entry = this.#entered++
    while (i > 0) {
      const up = (i - 1) >> 1
      if (!this.#before(time, entry, up)) break
      this.#copy(up, i)
      i = up
    }
    this.#put(i, time, code, entry)
  }

  /** Takes the earliest event out and returns its code. @throws RangeError when there is none */
  pop(): number {
    if (this.#count === 0) throw new RangeError('no event')
    const code = this.#codes[0] as number
    const last = --this.#count
    const time = this.#times[last] as number
    const entry = this.#entry[last] as number
    const moved = this.#codes[last] as number
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= last) break
      if (child + 1 < last && this.#before(this.#times[child + 1] as number, this.#entry[child + 1] as number, child))
        child++
      if (this.#before(time, entry, child)) break
      this.#copy(child, i)
      i = child
    }
    this.#put(i, time, moved, entry)
    return code
  }

  #before(time: number, entry: number, other: number): boolean {
    const t = this.#times[other] as number
    return time < t || (time === t && entry < (this.#entry[other] as number))
  }

  #copy(from: number, to: number): void {
    this.#put(to, this.#times[from] as number, this.#codes[from] as number, this.#entry[from] as number)
  }

  #put(i: number, time: number, code: number, entry: number): void {
    this.#times[i] = time
    this.#codes[i] = code
    this.#entry[i] = entry
  }

  #grow(): void {
    const wider = (old: Float64Array): Float64Array<ArrayBuffer> => {
      const made = new Float64Array(old.length * 2)
      made.set(old)
      return made
    }
    this.#times = wider(this.#times)
    this.#codes = wider(this.#codes)
    this.#entry = wider(this.#entry)
  }
}
