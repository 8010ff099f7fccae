/**
 * Rows by device number: open addressing with linear probing over the owner's own column of numbers, so that a key is stored
 * once. About 7 bytes a device at 10 million. Rows are never removed.
 */
export class DeviceIndex {
  /** Row + 1; 0 is an empty place. Length is a power of two, at most 70 % full. */
  #places: Int32Array
  #count = 0

  /** @param capacity devices expected; the index grows beyond it */
  constructor(capacity = 16) {
    this.#places = new Int32Array(placesFor(capacity))
  }

  get byteLength(): number {
    return this.#places.byteLength
  }

  /**
   * @param device device number, an exact integer of up to 14 digits
   * @param numbers the owner's column: `numbers[row]` is the device number of a row
   * @returns the row, −1 when the device has none
   */
  find(device: number, numbers: Float64Array): number {
    const places = this.#places
    const mask = places.length - 1
    for (let at = hash(device) & mask; ; at = (at + 1) & mask) {
      const row = (places[at] ?? 0) - 1
      if (row < 0) return -1
      if (numbers[row] === device) return row
    }
  }

  /** Adds a row that `find` does not know yet; `numbers[row]` must be written before. */
  insert(row: number, numbers: Float64Array): void {
    this.#count += 1
    if (this.#count > this.#places.length * 0.7) this.#grow(numbers)
    this.#place(row, numbers[row] ?? 0)
  }

  /**
   * Adds a row unless its number is known, looking once.
   * @returns −1 when it was added, else the row that has the number
   */
  insertNew(row: number, numbers: Float64Array): number {
    if (this.#count + 1 > this.#places.length * 0.7) this.#grow(numbers)
    const places = this.#places
    const mask = places.length - 1
    const device = numbers[row] ?? 0
    for (let at = hash(device) & mask; ; at = (at + 1) & mask) {
      const other = (places[at] ?? 0) - 1
      if (other < 0) {
        places[at] = row + 1
        this.#count += 1
        return -1
      }
      if (numbers[other] === device) return other
    }
  }

  #place(row: number, device: number): void {
    const places = this.#places
    const mask = places.length - 1
    let at = hash(device) & mask
    while (places[at] !== 0) at = (at + 1) & mask
    places[at] = row + 1
  }

  #grow(numbers: Float64Array): void {
    const rows = this.#places
    this.#places = new Int32Array(rows.length * 2)
    for (const place of rows) if (place !== 0) this.#place(place - 1, numbers[place - 1] ?? 0)
  }
}

function placesFor(capacity: number): number {
  let places = 16
  while (places * 0.7 < capacity) places *= 2
  return places
}

/** Neighbouring numbers, as makers assign them, must not fall on neighbouring places of one run. */
function hash(device: number): number {
  const high = Math.floor(device / 0x1_0000_0000)
  let h = Math.imul((device >>> 0) ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b)
  h ^= h >>> 15
  h = Math.imul(h, 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
