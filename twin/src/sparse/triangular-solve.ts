import type { SymbolicFactor } from './symbolic-factor.ts'

/** Substitutions with a factor: x = P⁻¹ L⁻ᵀ D⁻¹ L⁻¹ P b. */
export class TriangularSolve {
  readonly #symbolic: SymbolicFactor
  readonly #panels: Float64Array
  readonly #pivot: Float64Array
  /** By position. */
  readonly #work: Float64Array
  /** Rows of one front side by side. */
  readonly #front: Float64Array
  /** @param panels, pivot  values of the factor; those present at a solve are used */
  constructor(symbolic: SymbolicFactor, panels: Float64Array, pivot: Float64Array) {
    this.#symbolic = symbolic
    this.#panels = panels
    this.#pivot = pivot
    this.#work = new Float64Array(symbolic.size)
    this.#front = new Float64Array(symbolic.blocks.largestFront)
  }

  /** @param rhs  Float64Array[size · columns], one after another by original row; overwritten by the solutions */
  solve(rhs: Float64Array, columns: number): void {
    const { size, position } = this.#symbolic
    const work = this.#work
    for (let c = 0; c < columns; c++) {
      const base = c * size
      for (let i = 0; i < size; i++) work[position[i] as number] = rhs[base + i] as number
      this.#forward()
      this.#backward()
      for (let i = 0; i < size; i++) rhs[base + i] = work[position[i] as number] as number
    }
  }

  #forward(): void {
    const { blockStart, rowStart, row, panelStart } = this.#symbolic.blocks
    const panels = this.#panels
    const work = this.#work
    const front = this.#front
    const blocks = blockStart.length - 1
    for (let b = 0; b < blocks; b++) {
      const first = blockStart[b] as number
      const width = (blockStart[b + 1] as number) - first
      const rowFrom = rowStart[b] as number
      const rows = (rowStart[b + 1] as number) - rowFrom
      const lead = width + rows
      const panel = panelStart[b] as number
      if (width === 1) {
        const x = work[first] as number
        if (x === 0) continue
        for (let i = 0; i < rows; i++) {
          const at = row[rowFrom + i] as number
          work[at] = (work[at] as number) - x * (panels[panel + 1 + i] as number)
        }
        continue
      }
      let any = false
      for (let i = 0; i < width; i++) {
        const x = work[first + i] as number
        front[i] = x
        if (x !== 0) any = true
      }
      if (!any) continue
      for (let i = width; i < lead; i++) front[i] = 0
      let k = 0
      for (; k + 3 < width; k += 4) {
        const a = panel + k * lead
        const c = a + lead
        const d = c + lead
        const e = d + lead
        const x0 = front[k] as number
        const x1 = (front[k + 1] as number) - x0 * (panels[a + k + 1] as number)
        const x2 = (front[k + 2] as number) - x0 * (panels[a + k + 2] as number) - x1 * (panels[c + k + 2] as number)
        const x3 =
          (front[k + 3] as number) -
          x0 * (panels[a + k + 3] as number) -
          x1 * (panels[c + k + 3] as number) -
          x2 * (panels[d + k + 3] as number)
        front[k + 1] = x1
        front[k + 2] = x2
        front[k + 3] = x3
        for (let i = k + 4; i < lead; i++)
          front[i] =
            (front[i] as number) -
            (x0 * (panels[a + i] as number) + x1 * (panels[c + i] as number)) -
            (x2 * (panels[d + i] as number) + x3 * (panels[e + i] as number))
      }
      for (; k < width; k++) {
        const a = panel + k * lead
        const x = front[k] as number
        for (let i = k + 1; i < lead; i++) front[i] = (front[i] as number) - x * (panels[a + i] as number)
      }
      for (let i = 0; i < width; i++) work[first + i] = front[i] as number
      for (let i = 0; i < rows; i++) {
        const at = row[rowFrom + i] as number
        work[at] = (work[at] as number) + (front[width + i] as number)
      }
    }
  }

  #backward(): void {
    const { blockStart, rowStart, row, panelStart } = this.#symbolic.blocks
    const panels = this.#panels
    const pivot = this.#pivot
    const work = this.#work
    const front = this.#front
    for (let b = blockStart.length - 2; b >= 0; b--) {
      const first = blockStart[b] as number
      const width = (blockStart[b + 1] as number) - first
      const rowFrom = rowStart[b] as number
      const rows = (rowStart[b + 1] as number) - rowFrom
      const lead = width + rows
      const panel = panelStart[b] as number
      if (width === 1) {
        let x = (work[first] as number) / (pivot[first] as number)
        for (let i = 0; i < rows; i++)
          x -= (panels[panel + 1 + i] as number) * (work[row[rowFrom + i] as number] as number)
        work[first] = x
        continue
      }
      for (let i = 0; i < rows; i++) front[width + i] = work[row[rowFrom + i] as number] as number
      let k = width
      for (; k > 3; k -= 4) {
        const a = panel + (k - 4) * lead
        const c = a + lead
        const d = c + lead
        const e = d + lead
        const at = first + k - 4
        let x0 = (work[at] as number) / (pivot[at] as number)
        let x1 = (work[at + 1] as number) / (pivot[at + 1] as number)
        let x2 = (work[at + 2] as number) / (pivot[at + 2] as number)
        let x3 = (work[at + 3] as number) / (pivot[at + 3] as number)
        for (let i = k; i < lead; i++) {
          const y = front[i] as number
          x0 -= (panels[a + i] as number) * y
          x1 -= (panels[c + i] as number) * y
          x2 -= (panels[d + i] as number) * y
          x3 -= (panels[e + i] as number) * y
        }
        x2 -= (panels[d + k - 1] as number) * x3
        x1 -= (panels[c + k - 2] as number) * x2 + (panels[c + k - 1] as number) * x3
        x0 -=
          (panels[a + k - 3] as number) * x1 + (panels[a + k - 2] as number) * x2 + (panels[a + k - 1] as number) * x3
        front[k - 4] = x0
        front[k - 3] = x1
        front[k - 2] = x2
        front[k - 1] = x3
      }
      for (; k > 0; k--) {
        const a = panel + (k - 1) * lead
        let x = (work[first + k - 1] as number) / (pivot[first + k - 1] as number)
        for (let i = k; i < lead; i++) x -= (panels[a + i] as number) * (front[i] as number)
        front[k - 1] = x
      }
      for (let i = 0; i < width; i++) work[first + i] = front[i] as number
    }
  }
}
