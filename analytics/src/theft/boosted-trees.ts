import type { SeededRandom } from '../models/seeded-random.ts'

/** How trees are grown. */
export interface TreeOptions {
  readonly trees: number
  readonly depth: number
  readonly rate: number
  /** Shares of the rows and of the columns that a tree sees. */
  readonly rows: number
  readonly columns: number
  /** Ridge on the value of a leaf, and the least sum of second derivatives in it. */
  readonly ridge: number
  readonly leastWeight: number
}

/**
 * Complete binary trees, level by level: node k of a tree has the children 2k + 1 and 2k + 2. A row goes right when its
 * bin is above the node's; a node that does not split has bin 255, so that every row goes left.
 */
export interface BoostedTrees {
  readonly depth: number
  readonly base: number
  /** [trees × (2^depth − 1)] column and bin of each node. */
  readonly column: Int32Array
  readonly bin: Int32Array
  /** [trees × 2^depth] value of each leaf, log odds. */
  readonly leaf: Float32Array
}

const BINS = 64

/** Grows trees on the log loss of labels 0 and 1 (second-order boosting on histograms). */
export function growTrees(
  bins: Uint8Array,
  columns: number,
  labels: ArrayLike<number>,
  options: TreeOptions,
  random: SeededRandom,
): BoostedTrees {
  const rows = labels.length
  const byColumn = transposed(bins, columns)
  const { depth, trees, rate } = options
  const inner = (1 << depth) - 1
  const leaves = 1 << depth
  const column = new Int32Array(trees * inner)
  const bin = new Int32Array(trees * inner).fill(255)
  const leaf = new Float32Array(trees * leaves)
  let positives = 0
  for (let row = 0; row < rows; row++) positives += labels[row] as number
  const base = Math.log((positives + 0.5) / (rows - positives + 0.5))
  const odds = new Float64Array(rows).fill(base)
  const gradient = new Float64Array(rows)
  const weight = new Float64Array(rows)
  const node = new Int32Array(rows)
  const drawn = new Int32Array(rows)
  const sums = new Float64Array(leaves * BINS * 2)
  const bestGain = new Float64Array(leaves)
  const bestColumn = new Int32Array(leaves)
  const bestBin = new Int32Array(leaves)

  for (let tree = 0; tree < trees; tree++) {
    let count = 0
    for (let row = 0; row < rows; row++) {
      const p = 1 / (1 + Math.exp(-(odds[row] as number)))
      gradient[row] = (labels[row] as number) - p
      weight[row] = p * (1 - p)
      node[row] = 0
      if (random.uniform() < options.rows) drawn[count++] = row
    }
    const chosen: number[] = []
    for (let c = 0; c < columns; c++) if (random.uniform() < options.columns) chosen.push(c)
    if (chosen.length === 0) chosen.push(random.below(columns))
    for (let level = 0; level < depth; level++) {
      const width = 1 << level
      bestGain.fill(1e-6, 0, width)
      bestColumn.fill(-1, 0, width)
      for (const c of chosen) {
        sums.fill(0, 0, width * BINS * 2)
        const inColumn = byColumn.subarray(c * rows, (c + 1) * rows)
        for (let i = 0; i < count; i++) {
          const row = drawn[i] as number
          const at = ((node[row] as number) * BINS + (inColumn[row] as number)) * 2
          sums[at] = (sums[at] as number) + (gradient[row] as number)
          sums[at + 1] = (sums[at + 1] as number) + (weight[row] as number)
        }
        for (let k = 0; k < width; k++) searchSplit(sums, k, c, options, bestGain, bestColumn, bestBin)
      }
      const first = tree * inner + width - 1
      for (let k = 0; k < width; k++) {
        if ((bestColumn[k] as number) < 0) continue
        column[first + k] = bestColumn[k] as number
        bin[first + k] = bestBin[k] as number
      }
      for (let row = 0; row < rows; row++) {
        const k = node[row] as number
        const at = first + k
        node[row] = 2 * k + ((bins[row * columns + (column[at] as number)] as number) > (bin[at] as number) ? 1 : 0)
      }
    }
    const g = new Float64Array(leaves)
    const h = new Float64Array(leaves)
    for (let i = 0; i < count; i++) {
      const row = drawn[i] as number
      const k = node[row] as number
      g[k] = (g[k] as number) + (gradient[row] as number)
      h[k] = (h[k] as number) + (weight[row] as number)
    }
    for (let k = 0; k < leaves; k++)
      leaf[tree * leaves + k] = (rate * (g[k] as number)) / ((h[k] as number) + options.ridge)
    for (let row = 0; row < rows; row++)
      odds[row] = (odds[row] as number) + (leaf[tree * leaves + (node[row] as number)] as number)
  }
  return { depth, base, column, bin, leaf }
}

/** Column after column: a histogram reads one column of all rows. */
function transposed(bins: Uint8Array, columns: number): Uint8Array {
  const rows = bins.length / columns
  const out = new Uint8Array(bins.length)
  for (let row = 0; row < rows; row++)
    for (let c = 0; c < columns; c++) out[c * rows + row] = bins[row * columns + c] as number
  return out
}

/** One forest that says the mean of the log odds of several, grown with the same options on the same labels. */
export function averagedTrees(forests: readonly BoostedTrees[]): BoostedTrees {
  const [first] = forests
  if (first === undefined) throw new RangeError('no forest to average')
  const all = (of: (forest: BoostedTrees) => Iterable<number>): number[] => forests.flatMap((forest) => [...of(forest)])
  return {
    depth: first.depth,
    base: first.base,
    column: Int32Array.from(all(({ column }) => column)),
    bin: Int32Array.from(all(({ bin }) => bin)),
    leaf: Float32Array.from(
      all(({ leaf }) => leaf),
      (value) => value / forests.length,
    ),
  }
}

function searchSplit(
  sums: Float64Array,
  k: number,
  c: number,
  { ridge, leastWeight }: TreeOptions,
  bestGain: Float64Array,
  bestColumn: Int32Array,
  bestBin: Int32Array,
): void {
  let g = 0
  let h = 0
  const from = k * BINS * 2
  for (let b = 0; b < BINS; b++) {
    g += sums[from + 2 * b] as number
    h += sums[from + 2 * b + 1] as number
  }
  if (h < 2 * leastWeight) return
  const whole = (g * g) / (h + ridge)
  let left = 0
  let leftWeight = 0
  for (let b = 0; b < BINS - 1; b++) {
    left += sums[from + 2 * b] as number
    leftWeight += sums[from + 2 * b + 1] as number
    const rightWeight = h - leftWeight
    if (leftWeight < leastWeight) continue
    if (rightWeight < leastWeight) return
    const right = g - left
    const gain = (left * left) / (leftWeight + ridge) + (right * right) / (rightWeight + ridge) - whole
    if (gain > (bestGain[k] as number)) {
      bestGain[k] = gain
      bestColumn[k] = c
      bestBin[k] = b
    }
  }
}
