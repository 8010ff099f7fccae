import { courseHashes, type DayPanel } from './day-panel.ts'

/**
 * A number for each customer that decides its fold. Customers with identical courses share it, so that no copy of a
 * course is trained on and tested on; courses of nothing but zeros say nothing to remember and go by the customer's id.
 */
export function caseNumbers(panel: DayPanel, ids: readonly string[]): Uint32Array {
  const cases = courseHashes(panel)
  for (let row = 0; row < panel.rows; row++) {
    let used = false
    for (let i = row * panel.days; i < (row + 1) * panel.days && !used; i++) used = (panel.values[i] as number) > 0
    if (!used) cases[row] = textHash(ids[row] as string)
  }
  return cases
}

/** Fold (0 … folds − 1) of each row; another seed gives another split. */
export function foldsOf(cases: Uint32Array, folds: number, seed: number): Int32Array {
  return Int32Array.from(cases, (number) => {
    let x = Math.imul(number ^ Math.imul(seed, 0x9e3779b1), 0x85ebca6b)
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
    return ((x ^ (x >>> 16)) >>> 0) % folds
  })
}

function textHash(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0
}
