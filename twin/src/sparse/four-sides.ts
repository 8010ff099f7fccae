import type { SymbolicFactor } from './symbolic-factor.ts'

const SIDES = 4

/** Substitutions with four right-hand sides together: each value of the factor is fetched once for all of them. */
export class FourSides {
  readonly #symbolic: SymbolicFactor
  readonly #panels: Float64Array
  readonly #pivot: Float64Array
  /** By position, four values side by side. */
  readonly #work: Float64Array
  readonly #front: Float64Array

  /** @param panels, pivot  values of the factor; those present at a solve are used */
  constructor(symbolic: SymbolicFactor, panels: Float64Array, pivot: Float64Array) {
    this.#symbolic = symbolic
    this.#panels = panels
    this.#pivot = pivot
    this.#work = new Float64Array(SIDES * symbolic.size)
    this.#front = new Float64Array(SIDES * symbolic.blocks.largestFront)
  }

  /** @param rhs  Float64Array[4 · size], four values side by side, by original row; overwritten by the solutions */
  solve(rhs: Float64Array): void {
    const { size, position, blocks } = this.#symbolic
    const work = this.#work
    for (let i = 0; i < size; i++) {
      const to = SIDES * (position[i] as number)
      const from = SIDES * i
      work[to] = rhs[from] as number
      work[to + 1] = rhs[from + 1] as number
      work[to + 2] = rhs[from + 2] as number
      work[to + 3] = rhs[from + 3] as number
    }
    const end = blocks.blockStart.length - 1
    for (let b = 0; b < end; b++) this.#forward(b)
    for (let b = end - 1; b >= 0; b--) this.#backward(b)
    for (let i = 0; i < size; i++) {
      const from = SIDES * (position[i] as number)
      const to = SIDES * i
      rhs[to] = work[from] as number
      rhs[to + 1] = work[from + 1] as number
      rhs[to + 2] = work[from + 2] as number
      rhs[to + 3] = work[from + 3] as number
    }
  }

  #forward(b: number): void {
    const { blockStart, rowStart, row, panelStart } = this.#symbolic.blocks
    const first = blockStart[b] as number
    const width = (blockStart[b + 1] as number) - first
    const rowFrom = rowStart[b] as number
    const lead = width + (rowStart[b + 1] as number) - rowFrom
    const panel = panelStart[b] as number
    const work = this.#work
    const front = this.#front
    if (width === 1) {
      this.#passOn(first, panel, rowFrom, lead - 1)
      return
    }
    const own = SIDES * width
    let any = false
    for (let i = 0; i < own; i++) {
      const x = work[SIDES * first + i] as number
      front[i] = x
      if (x !== 0) any = true
    }
    // A right-hand side that touches few nodes passes by most of the factor.
    if (!any) return
    for (let i = own; i < SIDES * lead; i++) front[i] = 0
    for (let k = 0; k < width; k += 2) this.#subtractPair(panel + k * lead, k, lead, k + 1 < width)
    for (let i = 0; i < own; i++) work[SIDES * first + i] = front[i] as number
    for (let i = width; i < lead; i++) {
      const to = SIDES * (row[rowFrom + i - width] as number)
      const at = SIDES * i
      work[to] = (work[to] as number) + (front[at] as number)
      work[to + 1] = (work[to + 1] as number) + (front[at + 1] as number)
      work[to + 2] = (work[to + 2] as number) + (front[at + 2] as number)
      work[to + 3] = (work[to + 3] as number) + (front[at + 3] as number)
    }
  }

  /** What a block of one column gives to its rows. */
  #passOn(column: number, panel: number, rowFrom: number, rows: number): void {
    const { row } = this.#symbolic.blocks
    const panels = this.#panels
    const work = this.#work
    const x0 = work[SIDES * column] as number
    const x1 = work[SIDES * column + 1] as number
    const x2 = work[SIDES * column + 2] as number
    const x3 = work[SIDES * column + 3] as number
    if (x0 === 0 && x1 === 0 && x2 === 0 && x3 === 0) return
    for (let i = 0; i < rows; i++) {
      const l = panels[panel + 1 + i] as number
      const to = SIDES * (row[rowFrom + i] as number)
      work[to] = (work[to] as number) - l * x0
      work[to + 1] = (work[to + 1] as number) - l * x1
      work[to + 2] = (work[to + 2] as number) - l * x2
      work[to + 3] = (work[to + 3] as number) - l * x3
    }
  }

  /** The element of a block of one column from its rows. */
  #takeIn(column: number, panel: number, rowFrom: number, rows: number): void {
    const { row } = this.#symbolic.blocks
    const panels = this.#panels
    const work = this.#work
    const own = SIDES * column
    const inverse = 1 / (this.#pivot[column] as number)
    let x0 = (work[own] as number) * inverse
    let x1 = (work[own + 1] as number) * inverse
    let x2 = (work[own + 2] as number) * inverse
    let x3 = (work[own + 3] as number) * inverse
    for (let i = 0; i < rows; i++) {
      const l = panels[panel + 1 + i] as number
      const at = SIDES * (row[rowFrom + i] as number)
      x0 -= l * (work[at] as number)
      x1 -= l * (work[at + 1] as number)
      x2 -= l * (work[at + 2] as number)
      x3 -= l * (work[at + 3] as number)
    }
    work[own] = x0
    work[own + 1] = x1
    work[own + 2] = x2
    work[own + 3] = x3
  }

  /** Subtracts what columns k and k + 1 of a panel give to the rows below them. */
  #subtractPair(base: number, k: number, lead: number, both: boolean): void {
    const panels = this.#panels
    const front = this.#front
    const at = SIDES * k
    const x0 = front[at] as number
    const x1 = front[at + 1] as number
    const x2 = front[at + 2] as number
    const x3 = front[at + 3] as number
    if (!both) {
      for (let i = k + 1; i < lead; i++) {
        const l = panels[base + i] as number
        const to = SIDES * i
        front[to] = (front[to] as number) - l * x0
        front[to + 1] = (front[to + 1] as number) - l * x1
        front[to + 2] = (front[to + 2] as number) - l * x2
        front[to + 3] = (front[to + 3] as number) - l * x3
      }
      return
    }
    const between = panels[base + k + 1] as number
    const y0 = (front[at + 4] as number) - between * x0
    const y1 = (front[at + 5] as number) - between * x1
    const y2 = (front[at + 6] as number) - between * x2
    const y3 = (front[at + 7] as number) - between * x3
    front[at + 4] = y0
    front[at + 5] = y1
    front[at + 6] = y2
    front[at + 7] = y3
    for (let i = k + 2; i < lead; i++) {
      const l = panels[base + i] as number
      const m = panels[base + lead + i] as number
      const to = SIDES * i
      front[to] = (front[to] as number) - (l * x0 + m * y0)
      front[to + 1] = (front[to + 1] as number) - (l * x1 + m * y1)
      front[to + 2] = (front[to + 2] as number) - (l * x2 + m * y2)
      front[to + 3] = (front[to + 3] as number) - (l * x3 + m * y3)
    }
  }

  #backward(b: number): void {
    const { blockStart, rowStart, row, panelStart } = this.#symbolic.blocks
    const first = blockStart[b] as number
    const width = (blockStart[b + 1] as number) - first
    const rowFrom = rowStart[b] as number
    const lead = width + (rowStart[b + 1] as number) - rowFrom
    const panel = panelStart[b] as number
    if (width === 1) {
      this.#takeIn(first, panel, rowFrom, lead - 1)
      return
    }
    const work = this.#work
    const front = this.#front
    for (let i = width; i < lead; i++) {
      const from = SIDES * (row[rowFrom + i - width] as number)
      const at = SIDES * i
      front[at] = work[from] as number
      front[at + 1] = work[from + 1] as number
      front[at + 2] = work[from + 2] as number
      front[at + 3] = work[from + 3] as number
    }
    let k = width - 1
    for (; k > 0; k -= 2) this.#dotPair(panel + (k - 1) * lead, first + k - 1, k - 1, lead)
    if (k === 0) this.#dotOne(panel, first, lead)
    for (let i = 0; i < SIDES * width; i++) work[SIDES * first + i] = front[i] as number
  }
  /** Elements of columns k and k + 1 of a panel from those below them. */
  #dotPair(base: number, own: number, k: number, lead: number): void {
    const panels = this.#panels
    const work = this.#work
    const front = this.#front
    const upper = 1 / (this.#pivot[own] as number)
    const lower = 1 / (this.#pivot[own + 1] as number)
    const from = SIDES * own
    let x0 = (work[from] as number) * upper
    let x1 = (work[from + 1] as number) * upper
    let x2 = (work[from + 2] as number) * upper
    let x3 = (work[from + 3] as number) * upper
    let y0 = (work[from + 4] as number) * lower
    let y1 = (work[from + 5] as number) * lower
    let y2 = (work[from + 6] as number) * lower
    let y3 = (work[from + 7] as number) * lower
    for (let i = k + 2; i < lead; i++) {
      const l = panels[base + i] as number
      const m = panels[base + lead + i] as number
      const at = SIDES * i
      const f0 = front[at] as number
      const f1 = front[at + 1] as number
      const f2 = front[at + 2] as number
      const f3 = front[at + 3] as number
      x0 -= l * f0
      x1 -= l * f1
      x2 -= l * f2
      x3 -= l * f3
      y0 -= m * f0
      y1 -= m * f1
      y2 -= m * f2
      y3 -= m * f3
    }
    const between = panels[base + k + 1] as number
    const to = SIDES * k
    front[to] = x0 - between * y0
    front[to + 1] = x1 - between * y1
    front[to + 2] = x2 - between * y2
    front[to + 3] = x3 - between * y3
    front[to + 4] = y0
    front[to + 5] = y1
    front[to + 6] = y2
    front[to + 7] = y3
  }

  #dotOne(base: number, own: number, lead: number): void {
    const panels = this.#panels
    const front = this.#front
    const inverse = 1 / (this.#pivot[own] as number)
    for (let c = 0; c < SIDES; c++) front[c] = (this.#work[SIDES * own + c] as number) * inverse
    for (let i = 1; i < lead; i++) {
      const l = panels[base + i] as number
      const at = SIDES * i
      front[0] = (front[0] as number) - l * (front[at] as number)
      front[1] = (front[1] as number) - l * (front[at + 1] as number)
      front[2] = (front[2] as number) - l * (front[at + 2] as number)
      front[3] = (front[3] as number) - l * (front[at + 3] as number)
    }
  }
}
