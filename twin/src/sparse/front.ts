/**
 * Applies `columns` finished columns of a panel to two of its columns, or to two columns of an update: from target row `row` on,
 * target −= Σ L·(D·L at the targets' own rows).
 *
 * @param panel, base, lead  the finished columns: start of the first, and distance of one column to the next
 * @param first, second  rows of the panel the two targets stand for; rows from `first` to the panel's end are changed
 * @param target, at, other  array and place of panel row 0 in either target column
 */
export function subtractFromTwo(
  panel: Float64Array,
  base: number,
  lead: number,
  columns: number,
  pivot: Float64Array,
  pivotAt: number,
  first: number,
  second: number,
  target: Float64Array,
  at: number,
  other: number,
): void {
  let j = 0
  for (; j + 3 < columns; j += 4) {
    const a = base + j * lead
    const b = a + lead
    const c = b + lead
    const d = c + lead
    const pa = pivot[pivotAt + j] as number
    const pb = pivot[pivotAt + j + 1] as number
    const pc = pivot[pivotAt + j + 2] as number
    const pd = pivot[pivotAt + j + 3] as number
    const a1 = (panel[a + first] as number) * pa
    const b1 = (panel[b + first] as number) * pb
    const c1 = (panel[c + first] as number) * pc
    const d1 = (panel[d + first] as number) * pd
    const a2 = (panel[a + second] as number) * pa
    const b2 = (panel[b + second] as number) * pb
    const c2 = (panel[c + second] as number) * pc
    const d2 = (panel[d + second] as number) * pd
    for (let i = first; i < lead; i++) {
      const la = panel[a + i] as number
      const lb = panel[b + i] as number
      const lc = panel[c + i] as number
      const ld = panel[d + i] as number
      target[at + i] = (target[at + i] as number) - (la * a1 + lb * b1) - (lc * c1 + ld * d1)
      target[other + i] = (target[other + i] as number) - (la * a2 + lb * b2) - (lc * c2 + ld * d2)
    }
  }
  for (; j < columns; j++) {
    const a = base + j * lead
    const p = pivot[pivotAt + j] as number
    const a1 = (panel[a + first] as number) * p
    const a2 = (panel[a + second] as number) * p
    for (let i = first; i < lead; i++) {
      const la = panel[a + i] as number
      target[at + i] = (target[at + i] as number) - la * a1
      target[other + i] = (target[other + i] as number) - la * a2
    }
  }
}

/** The same for a single target column. */
export function subtractFromOne(
  panel: Float64Array,
  base: number,
  lead: number,
  columns: number,
  pivot: Float64Array,
  pivotAt: number,
  first: number,
  target: Float64Array,
  at: number,
): void {
  let j = 0
  for (; j + 3 < columns; j += 4) {
    const a = base + j * lead
    const b = a + lead
    const c = b + lead
    const d = c + lead
    const a1 = (panel[a + first] as number) * (pivot[pivotAt + j] as number)
    const b1 = (panel[b + first] as number) * (pivot[pivotAt + j + 1] as number)
    const c1 = (panel[c + first] as number) * (pivot[pivotAt + j + 2] as number)
    const d1 = (panel[d + first] as number) * (pivot[pivotAt + j + 3] as number)
    for (let i = first; i < lead; i++)
      target[at + i] =
        (target[at + i] as number) -
        ((panel[a + i] as number) * a1 + (panel[b + i] as number) * b1) -
        ((panel[c + i] as number) * c1 + (panel[d + i] as number) * d1)
  }
  for (; j < columns; j++) {
    const a = base + j * lead
    const a1 = (panel[a + first] as number) * (pivot[pivotAt + j] as number)
    for (let i = first; i < lead; i++) target[at + i] = (target[at + i] as number) - (panel[a + i] as number) * a1
  }
}
