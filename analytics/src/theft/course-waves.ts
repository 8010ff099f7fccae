import { LEVEL_WAVES, ZERO_WAVES } from './course-features.table.ts'
import type { PeerCourse } from './peer-course.ts'

/** Share of the peers' middle level that stands in for nothing in a logarithm. */
const LEAST_USE = 0.002

/**
 * Waves of a course: the parts of its daily level against the peers' middle one, and of its zero days, that cosines of
 * 0, ½, 1, 1½ … periods over the whole time carry. Courses of any length have the same number of them. Trees cut one
 * column at a time: of days they see a lasting change only bit by bit, of waves at once.
 */
export class CourseWaves {
  readonly #days: number
  readonly #middle: number
  /** [wave × days] */
  readonly #cosines: Float64Array
  readonly #level: Float64Array
  /** Days of nothing. */
  readonly #zeroDays: Int32Array
  readonly #levelOfZero: number

  constructor(days: number, peers: PeerCourse) {
    this.#days = days
    this.#middle = Math.exp(peers.levelCentre)
    this.#level = new Float64Array(days)
    this.#zeroDays = new Int32Array(days)
    this.#levelOfZero = Math.log(0 / this.#middle + LEAST_USE)
    this.#cosines = new Float64Array(Math.max(LEVEL_WAVES, ZERO_WAVES) * days)
    for (let i = 0; i < this.#cosines.length; i++) {
      const wave = Math.floor(i / days)
      const phase = (Math.PI * wave * ((i % days) + 0.5)) / days
      this.#cosines[i] = (Math.cos(phase) * (wave === 0 ? 1 : Math.SQRT2)) / days
    }
  }

  /**
   * Writes the waves of one course; a missing day repeats the last one seen.
   * @param from place of its first day in `values` @param to place of the first wave in `out`: level waves, then zero waves
   */
  read(values: Float32Array, from: number, out: Float32Array, to: number): void {
    const level = this.#level
    let zeros = 0
    let last = Number.NaN
    for (let d = 0; d < this.#days; d++) {
      const value = values[from + d] as number
      if (value === 0) this.#zeroDays[zeros++] = d
      if (value >= 0) {
        const said = value === 0 ? this.#levelOfZero : Math.log(value / this.#middle + LEAST_USE)
        if (Number.isNaN(last)) level.fill(said, 0, d)
        last = said
      }
      level[d] = last
    }
    this.#projectLevel(out, to)
    this.#projectZeros(zeros, out, to + LEVEL_WAVES)
  }

  /** Four waves at a time: their sums do not wait for each other. */
  #projectLevel(out: Float32Array, to: number): void {
    const level = this.#level
    const cosines = this.#cosines
    const days = this.#days
    for (let wave = 0; wave < LEVEL_WAVES; wave += 4) {
      let at = wave * days
      let a = 0
      let b = 0
      let c = 0
      let e = 0
      for (let d = 0; d < days; d++, at++) {
        const x = level[d] as number
        a += x * (cosines[at] as number)
        b += x * (cosines[at + days] as number)
        c += x * (cosines[at + 2 * days] as number)
        e += x * (cosines[at + 3 * days] as number)
      }
      out[to + wave] = a
      out[to + wave + 1] = b
      out[to + wave + 2] = c
      out[to + wave + 3] = e
    }
  }

  #projectZeros(zeros: number, out: Float32Array, to: number): void {
    for (let wave = 0; wave < ZERO_WAVES; wave++) {
      const from = wave * this.#days
      let sum = 0
      for (let i = 0; i < zeros; i++) sum += this.#cosines[from + (this.#zeroDays[i] as number)] as number
      out[to + wave] = sum
    }
  }
}
