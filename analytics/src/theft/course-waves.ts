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
  readonly #zero: Float64Array

  constructor(days: number, peers: PeerCourse) {
    this.#days = days
    this.#middle = Math.exp(peers.levelCentre)
    this.#level = new Float64Array(days)
    this.#zero = new Float64Array(days)
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
    const zero = this.#zero
    let last = Number.NaN
    for (let d = 0; d < this.#days; d++) {
      const value = values[from + d] as number
      if (value >= 0) {
        const said = Math.log(value / this.#middle + LEAST_USE)
        if (Number.isNaN(last)) level.fill(said, 0, d)
        last = said
      }
      level[d] = last
      zero[d] = value === 0 ? 1 : 0
    }
    this.#project(level, LEVEL_WAVES, out, to)
    this.#project(zero, ZERO_WAVES, out, to + LEVEL_WAVES)
  }

  #project(course: Float64Array, waves: number, out: Float32Array, to: number): void {
    for (let wave = 0; wave < waves; wave++) {
      const from = wave * this.#days
      let sum = 0
      for (let d = 0; d < this.#days; d++) sum += (course[d] as number) * (this.#cosines[from + d] as number)
      out[to + wave] = sum
    }
  }
}
