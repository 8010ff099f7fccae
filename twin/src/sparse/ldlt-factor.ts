import type { SymbolicFactor } from './symbolic-factor.ts'

/**
 * Numeric LDLᵀ factor of a sparse symmetric positive definite matrix. Write the values, `factorise`, then `solve`; nothing is
 * allocated after construction, and the three may be repeated with other values of the same structure.
 */
export class LdltFactor {
  /** Off-diagonal values at the slots of the symbolic factor: one value serves both (i, j) and (j, i). */
  readonly offDiagonal: Float64Array
  /** Diagonal values by original row. */
  readonly diagonal: Float64Array
  readonly #symbolic: SymbolicFactor
  readonly #lower: Float64Array
  readonly #pivot: Float64Array
  readonly #work: Float64Array
  readonly #original: Int32Array
  readonly #excess: Float64Array

  constructor(symbolic: SymbolicFactor) {
    this.#symbolic = symbolic
    this.offDiagonal = new Float64Array(symbolic.rowOf.length)
    this.diagonal = new Float64Array(symbolic.size)
    this.#lower = new Float64Array(symbolic.factorRow.length)
    this.#pivot = new Float64Array(symbolic.size)
    this.#work = new Float64Array(symbolic.size)
    this.#original = new Int32Array(symbolic.size)
    this.#excess = new Float64Array(symbolic.size)
    for (let i = 0; i < symbolic.size; i++) this.#original[symbolic.position[i] ?? 0] = i
  }

  /** Entries of L below its diagonal. */
  get fill(): number {
    return this.#lower.length
  }

  /**
   * Factorises the present values.
   *
   * @param diagonalIs 'excess' when `diagonal` holds what a row's diagonal exceeds the sum of its off-diagonal magnitudes by, and
   *   no off-diagonal is positive: pivots are then sums without cancellation, so that conductances of any ratio keep their digits
   * @returns −1 when all pivots are positive, else the original row of the first pivot that is not
   * @source excess form: Grassmann, Taksar, Heyman (1985); Alfa, Xue, Ye, Math. Comp. 71 (2002)
   */
  factorise(diagonalIs: 'whole' | 'excess' = 'whole'): number {
    const excess = diagonalIs === 'excess' ? this.#excess : undefined
    if (excess !== undefined)
      for (let k = 0; k < excess.length; k++) excess[k] = this.diagonal[this.#original[k] as number] as number
    const { size, columnStart, rowOf, factorStart, factorRow, blockStart, blockOf } = this.#symbolic
    const { updateStart, updateBlock, updateOffset } = this.#symbolic
    const lower = this.#lower
    const pivot = this.#pivot
    const work = this.#work
    for (let k = 0; k < size; k++) {
      const own = this.#original[k] as number
      work[k] = excess === undefined ? (this.diagonal[own] as number) : 0
      const from = columnStart[k] as number
      const to = columnStart[k + 1] as number
      for (let p = from; p < to; p++) work[rowOf[p] as number] = this.offDiagonal[p] as number
      const updatesEnd = updateStart[k + 1] as number
      for (let u = updateStart[k] as number; u < updatesEnd; u++) {
        const block = updateBlock[u] as number
        subtractColumns(
          blockStart[block] as number,
          blockStart[block + 1] as number,
          updateOffset[u] as number,
          factorStart,
          factorRow,
          lower,
          pivot,
          work,
        )
      }
      const blockFirst = blockStart[blockOf[k] as number] as number
      const start = factorStart[k] as number
      const length = (factorStart[k + 1] as number) - start
      for (let j = blockFirst; j < k; j++) {
        const p = (factorStart[j] as number) + (k - j - 1)
        const entry = lower[p] as number
        const scaled = entry * (pivot[j] as number)
        work[k] = (work[k] as number) - entry * scaled
        for (let t = 0; t < length; t++) {
          const row = factorRow[start + t] as number
          work[row] = (work[row] as number) - scaled * (lower[p + 1 + t] as number)
        }
      }
      const end = start + length
      let d = work[k] as number
      if (excess !== undefined) {
        d = excess[k] as number
        for (let p = start; p < end; p++) d -= work[factorRow[p] as number] as number
      }
      work[k] = 0
      if (!(d > 0)) {
        work.fill(0)
        return own
      }
      pivot[k] = d
      const inverse = 1 / d
      const passedOn = excess === undefined ? 0 : (excess[k] as number)
      for (let p = start; p < end; p++) {
        const row = factorRow[p] as number
        const entry = (work[row] as number) * inverse
        lower[p] = entry
        work[row] = 0
        if (excess !== undefined) excess[row] = (excess[row] as number) - entry * passedOn
      }
    }
    return -1
  }

  /**
   * Solves A x = b in place.
   * @param rhs  Float64Array[size · columns], right-hand sides one after another, by original row
   */
  solve(rhs: Float64Array, columns = 1): void {
    const { size, position, factorStart, factorRow } = this.#symbolic
    const lower = this.#lower
    const pivot = this.#pivot
    const work = this.#work
    for (let c = 0; c < columns; c++) {
      const base = c * size
      for (let i = 0; i < size; i++) work[position[i] as number] = rhs[base + i] as number
      for (let k = 0; k < size; k++) {
        const x = work[k] as number
        if (x === 0) continue
        const end = factorStart[k + 1] as number
        for (let p = factorStart[k] as number; p < end; p++) {
          const row = factorRow[p] as number
          work[row] = (work[row] as number) - x * (lower[p] as number)
        }
      }
      for (let k = size - 1; k >= 0; k--) {
        let x = (work[k] as number) / (pivot[k] as number)
        const end = factorStart[k + 1] as number
        for (let p = factorStart[k] as number; p < end; p++)
          x -= (lower[p] as number) * (work[factorRow[p] as number] as number)
        work[k] = x
      }
      for (let i = 0; i < size; i++) rhs[base + i] = work[position[i] as number] as number
    }
    work.fill(0)
  }
}

/** Subtracts from `work` what the columns [first, last) of one supernode contribute, four at a time so that rows are read once. */
function subtractColumns(
  first: number,
  last: number,
  offset: number,
  factorStart: Int32Array,
  factorRow: Int32Array,
  lower: Float64Array,
  pivot: Float64Array,
  work: Float64Array,
): void {
  const rowBase = factorStart[last - 1] as number
  const rows = (factorStart[last] as number) - rowBase
  let j = first
  for (; j + 3 < last; j += 4) {
    const a = (factorStart[j] as number) + (last - 1 - j)
    const b = (factorStart[j + 1] as number) + (last - 2 - j)
    const c = (factorStart[j + 2] as number) + (last - 3 - j)
    const d = (factorStart[j + 3] as number) + (last - 4 - j)
    const fa = (lower[a + offset] as number) * (pivot[j] as number)
    const fb = (lower[b + offset] as number) * (pivot[j + 1] as number)
    const fc = (lower[c + offset] as number) * (pivot[j + 2] as number)
    const fd = (lower[d + offset] as number) * (pivot[j + 3] as number)
    for (let t = offset; t < rows; t++) {
      const row = factorRow[rowBase + t] as number
      work[row] =
        (work[row] as number) -
        fa * (lower[a + t] as number) -
        fb * (lower[b + t] as number) -
        fc * (lower[c + t] as number) -
        fd * (lower[d + t] as number)
    }
  }
  for (; j < last; j++) {
    const a = (factorStart[j] as number) + (last - 1 - j)
    const f = (lower[a + offset] as number) * (pivot[j] as number)
    for (let t = offset; t < rows; t++) {
      const row = factorRow[rowBase + t] as number
      work[row] = (work[row] as number) - f * (lower[a + t] as number)
    }
  }
}
