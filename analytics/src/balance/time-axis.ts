import type { Memory } from './memory.ts'

export const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
/** Hours kept: 46 days, a month with its grace and the day before. */
export const HOURS_KEPT = 46 * 24
export const MINUTES_KEPT = HOURS_KEPT * 60

/**
 * The hours that a balance remembers, a ring that moves with the newest. Hours are numbered so that they begin where the city's hours
 * begin (half past, in zones off the whole hour).
 */
export class TimeAxis {
  readonly phase: number
  readonly #tables: {
    readonly cells: Float64Array | Float32Array
    readonly perHour: number
    readonly empty: number
  }[] = []
  /** [newest hour, oldest hour ever heard of]; without any, the range is empty. */
  readonly #range: Float64Array

  constructor(memory: Memory, utcOffset: number) {
    this.phase = (((-utcOffset % HOUR_MS) + HOUR_MS) % HOUR_MS) + 0
    this.#range = memory.f64('axis', 2)
    this.#range.set([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY])
  }

  get newest(): number {
    return this.#range[0] ?? Number.NEGATIVE_INFINITY
  }
  /** First hour that has anything, as far as it is kept. */
  get oldest(): number {
    return Math.max(this.#range[1] ?? 0, this.first)
  }

  hourOf(at: number): number {
    return Math.floor((at - this.phase) / HOUR_MS)
  }
  startOf(hour: number): number {
    return hour * HOUR_MS + this.phase
  }
  isAligned(at: number): boolean {
    return this.startOf(this.hourOf(at)) === at
  }

  /** A table whose cells of an hour are emptied when the hour's place is needed again. One row is HOURS_KEPT · perHour cells. */
  add(cells: Float64Array | Float32Array, perHour: number, empty: number): void {
    this.#tables.push({ cells, perHour, empty })
  }

  /** Makes room for an hour of which something was heard. @returns false when it lies before what is kept */
  touch(hour: number): boolean {
    if (hour <= this.newest - HOURS_KEPT) return false
    if (hour > this.newest) this.#move(hour)
    if (hour < (this.#range[1] ?? 0)) this.#range[1] = hour
    return true
  }

  /** The first hour that is kept, heard of or not. */
  get first(): number {
    return this.newest - HOURS_KEPT + 1
  }

  /** Whether an hour lies in what is kept. */
  holds(hour: number): boolean {
    return hour <= this.newest && hour > this.newest - HOURS_KEPT
  }

  /** Place of an hour, or of the minute that holds an instant, within a row. */
  place(hour: number): number {
    return hour % HOURS_KEPT
  }
  minutePlace(at: number): number {
    const hour = this.hourOf(at)
    return this.place(hour) * 60 + Math.floor((at - this.startOf(hour)) / MINUTE_MS)
  }

  #move(hour: number): void {
    const from = Math.max(this.newest, hour - HOURS_KEPT)
    for (const { cells, perHour, empty } of this.#tables)
      for (let row = 0; row < cells.length; row += HOURS_KEPT * perHour)
        for (let h = from + 1; h <= hour; h++) {
          const at = row + this.place(h) * perHour
          cells.fill(empty, at, at + perHour)
        }
    this.#range[0] = hour
  }
}

/** One number per row and hour. */
export class HourTable {
  readonly #axis: TimeAxis
  readonly #cells: Float64Array

  constructor(axis: TimeAxis, memory: Memory, name: string, rows: number, empty = 0) {
    this.#axis = axis
    this.#cells = memory.f64(name, rows * HOURS_KEPT, empty)
    axis.add(this.#cells, 1, empty)
  }

  get(row: number, hour: number): number {
    return this.#cells[row * HOURS_KEPT + this.#axis.place(hour)] ?? 0
  }
  set(row: number, hour: number, value: number): void {
    this.#cells[row * HOURS_KEPT + this.#axis.place(hour)] = value
  }
  add(row: number, hour: number, value: number): void {
    const at = row * HOURS_KEPT + this.#axis.place(hour)
    this.#cells[at] = (this.#cells[at] ?? 0) + value
  }
  /** Sum over hours [from, to), as far as they are kept. */
  sum(row: number, from: number, to: number): number {
    let sum = 0
    const end = Math.min(to, this.#axis.newest + 1)
    for (let hour = Math.max(from, this.#axis.first); hour < end; hour++) sum += this.get(row, hour)
    return sum
  }
}
