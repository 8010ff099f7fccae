import { FourSides } from './four-sides.ts'
import { subtractFromOne, subtractFromTwo } from './front.ts'
import type { SymbolicFactor } from './symbolic-factor.ts'
import { TriangularSolve } from './triangular-solve.ts'

/**
 * Numeric LDLᵀ factor of a sparse symmetric positive definite matrix. Write the values, `factorise`, then `solve`; nothing is
 * allocated after construction, and the three may be repeated with other values of the same structure.
 *
 * Each block of columns is a dense front: its own values and what its children subtract, its columns eliminated, and what they
 * subtract in turn handed to its parent.
 * @source Duff and Reid, The multifrontal solution of indefinite sparse symmetric linear equations, ACM TOMS 9 (1983)
 */
export class LdltFactor {
  /** Off-diagonal values at the slots of the symbolic factor: one value serves both (i, j) and (j, i). */
  readonly offDiagonal: Float64Array
  /** Diagonal values by original row. */
  readonly diagonal: Float64Array
  readonly #symbolic: SymbolicFactor
  readonly #panels: Float64Array
  readonly #pivot: Float64Array
  readonly #original: Int32Array
  readonly #excess: Float64Array
  /** Updates that wait for their parents. */
  readonly #stack: Float64Array
  readonly #passedOn: Float64Array
  readonly #triangular: TriangularSolve
  /** Made when first asked for. */
  #four: FourSides | undefined

  constructor(symbolic: SymbolicFactor) {
    const { size, blocks } = symbolic
    this.#symbolic = symbolic
    this.offDiagonal = new Float64Array(symbolic.rowOf.length)
    this.diagonal = new Float64Array(size)
    this.#panels = new Float64Array(blocks.panelStart.at(-1) ?? 0)
    this.#pivot = new Float64Array(size)
    this.#original = new Int32Array(size)
    this.#excess = new Float64Array(size)
    this.#stack = new Float64Array(blocks.stackLength)
    this.#passedOn = new Float64Array(blocks.largestFront)
    for (let i = 0; i < size; i++) this.#original[symbolic.position[i] ?? 0] = i
    this.#triangular = new TriangularSolve(symbolic, this.#panels, this.#pivot)
  }

  /** Entries of L below its diagonal. */
  get fill(): number {
    return this.#symbolic.fill
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
    const byExcess = diagonalIs === 'excess'
    const { size, entryAt, diagonalAt, blocks } = this.#symbolic
    const panels = this.#panels
    panels.fill(0)
    for (let p = 0; p < entryAt.length; p++) panels[entryAt[p] as number] = this.offDiagonal[p] as number
    for (let k = 0; k < size; k++) {
      const value = this.diagonal[this.#original[k] as number] as number
      if (byExcess) this.#excess[k] = value
      else panels[diagonalAt[k] as number] = value
    }
    const count = blocks.blockStart.length - 1
    for (let b = 0; b < count; b++) {
      this.#gather(b)
      const stuck = this.#eliminate(b, byExcess)
      if (stuck >= 0) return this.#original[stuck] as number
      this.#handOn(b)
    }
    return -1
  }

  /**
   * Solves A x = b in place.
   * @param rhs  Float64Array[size · columns], right-hand sides one after another, by original row
   */
  solve(rhs: Float64Array, columns = 1): void {
    this.#triangular.solve(rhs, columns)
  }

  /**
   * Solves A x = b in place for four right-hand sides together, which costs about half as much as one after another.
   * @param rhs  Float64Array[4 · size], four values side by side, by original row
   */
  solveFour(rhs: Float64Array): void {
    this.#four ??= new FourSides(this.#symbolic, this.#panels, this.#pivot)
    this.#four.solve(rhs)
  }

  /** Adds to a block's front what its children subtract from it. */
  #gather(b: number): void {
    const { blockStart, rowStart, placeAbove, panelStart, childStart, child, updateMade, updateKept } =
      this.#symbolic.blocks
    const width = (blockStart[b + 1] as number) - (blockStart[b] as number)
    const rows = (rowStart[b + 1] as number) - (rowStart[b] as number)
    const lead = width + rows
    const panels = this.#panels
    const stack = this.#stack
    const panel = panelStart[b] as number
    const made = updateMade[b] as number
    for (let i = made; i < made + rows * rows; i++) stack[i] = 0
    const end = childStart[b + 1] as number
    for (let c = childStart[b] as number; c < end; c++) {
      const below = child[c] as number
      const from = rowStart[below] as number
      const count = (rowStart[below + 1] as number) - from
      let column = updateKept[below] as number
      for (let j = 0; j < count; j++, column += count) {
        const place = placeAbove[from + j] as number
        if (place < width) {
          const base = panel + place * lead
          for (let i = j; i < count; i++) {
            const at = base + (placeAbove[from + i] as number)
            panels[at] = (panels[at] as number) + (stack[column + i] as number)
          }
        } else {
          const base = made + (place - width) * rows - width
          for (let i = j; i < count; i++) {
            const at = base + (placeAbove[from + i] as number)
            stack[at] = (stack[at] as number) + (stack[column + i] as number)
          }
        }
      }
    }
  }

  /** Eliminates the columns of a gathered block; −1, or the position of a pivot that is not positive. */
  #eliminate(b: number, byExcess: boolean): number {
    const { blockStart, rowStart, row, panelStart } = this.#symbolic.blocks
    const first = blockStart[b] as number
    const width = (blockStart[b + 1] as number) - first
    const rowFrom = rowStart[b] as number
    const rows = (rowStart[b + 1] as number) - rowFrom
    const lead = width + rows
    const panels = this.#panels
    const pivot = this.#pivot
    const panel = panelStart[b] as number
    const passedOn = this.#passedOn
    if (byExcess) {
      for (let i = 0; i < width; i++) passedOn[i] = this.#excess[first + i] as number
      for (let i = width; i < lead; i++) passedOn[i] = 0
    }
    for (let k = 0; k < width; k++) {
      const base = panel + k * lead
      if ((k & 1) === 0 && k > 0) {
        if (k + 1 < width) subtractFromTwo(panels, panel, lead, k, pivot, first, k, k + 1, panels, base, base + lead)
        else subtractFromOne(panels, panel, lead, k, pivot, first, k, panels, base)
      } else if (k > 0) subtractFromOne(panels, base - lead, lead, 1, pivot, first + k - 1, k, panels, base)
      let d = panels[base + k] as number
      if (byExcess) {
        d = passedOn[k] as number
        for (let i = k + 1; i < lead; i++) d -= panels[base + i] as number
      }
      if (!(d > 0)) return first + k
      pivot[first + k] = d
      const inverse = 1 / d
      const excess = byExcess ? (passedOn[k] as number) : 0
      if (excess === 0) for (let i = k + 1; i < lead; i++) panels[base + i] = (panels[base + i] as number) * inverse
      else
        for (let i = k + 1; i < lead; i++) {
          const entry = (panels[base + i] as number) * inverse
          panels[base + i] = entry
          passedOn[i] = (passedOn[i] as number) - entry * excess
        }
    }
    if (byExcess)
      for (let i = 0; i < rows; i++) {
        const at = row[rowFrom + i] as number
        this.#excess[at] = (this.#excess[at] as number) + (passedOn[width + i] as number)
      }
    return -1
  }

  /** What an eliminated block subtracts from later columns, on the stack in place of its children's. */
  #handOn(b: number): void {
    const { blockStart, rowStart, panelStart, updateMade, updateKept } = this.#symbolic.blocks
    const first = blockStart[b] as number
    const width = (blockStart[b + 1] as number) - first
    const rows = (rowStart[b + 1] as number) - (rowStart[b] as number)
    const lead = width + rows
    const panels = this.#panels
    const panel = panelStart[b] as number
    const stack = this.#stack
    const made = updateMade[b] as number
    let j = 0
    for (; j + 1 < rows; j += 2) {
      const at = made + j * rows - width
      subtractFromTwo(panels, panel, lead, width, this.#pivot, first, width + j, width + j + 1, stack, at, at + rows)
    }
    if (j < rows)
      subtractFromOne(panels, panel, lead, width, this.#pivot, first, width + j, stack, made + j * rows - width)
    const kept = updateKept[b] as number
    if (kept !== made) stack.copyWithin(kept, made, made + rows * rows)
  }
}
