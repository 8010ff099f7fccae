/** Whether a said probability comes true. */
export interface Calibration {
  /** Mean of (probability − label)²; and the same of saying the share of positives to everybody. */
  readonly brier: number
  readonly brier_of_base_rate: number
  /** Mean distance of said and found share over ten parts with equal numbers of customers. */
  readonly expected_error: number
  readonly parts: readonly { readonly said: number; readonly found: number; readonly rows: number }[]
}

/** Calibration of probabilities against labels 0 and 1. */
export function calibrationOf(probabilities: ArrayLike<number>, labels: ArrayLike<number>): Calibration {
  const n = labels.length
  const order = Array.from({ length: n }, (_, i) => i).sort(
    (a, b) => (probabilities[a] as number) - (probabilities[b] as number),
  )
  let brier = 0
  let positives = 0
  for (let i = 0; i < n; i++) {
    brier += ((probabilities[i] as number) - (labels[i] as number)) ** 2
    positives += labels[i] as number
  }
  const rate = positives / n
  const parts = Array.from({ length: 10 }, (_, part) => {
    const rows = order.slice(Math.floor((part * n) / 10), Math.floor(((part + 1) * n) / 10))
    const mean = (of: ArrayLike<number>): number =>
      rows.length === 0 ? 0 : rows.reduce((sum, row) => sum + (of[row] as number), 0) / rows.length
    return { said: mean(probabilities), found: mean(labels), rows: rows.length }
  })
  return {
    brier: brier / n,
    brier_of_base_rate: rate * (1 - rate),
    expected_error: parts.reduce((sum, { said, found, rows }) => sum + (Math.abs(said - found) * rows) / n, 0),
    parts,
  }
}
