import type { BoostedTrees } from './boosted-trees.ts'
import { FOUR_BYTES, fiveLevels, SPREAD } from './five-levels.ts'
import { SCALE_EDGES } from './tail-shares.ts'

/** Rows that are looked at together, each one bit of a number. */
const ROWS = 32
const BINS = SCALE_EDGES + 1
/** A leaf's number fits into a byte. */
const DEEPEST = 8

/**
 * Log odds of every row. Thirty-two rows go down a tree at once: of each column and bin one number holds which of the
 * rows lie above it, so that a node's question is answered for all of them by one reading, and the answers along the
 * paths are chosen bit by bit. Each row's leaves are added in the order of the trees, as if it went alone.
 * @param bins Uint8Array[rows × columns], 0 … 63 @throws RangeError for trees deeper than 8
 */
export function treeOdds(forest: BoostedTrees, bins: Uint8Array, columns: number): Float64Array {
  const { depth, base, leaf } = forest
  if (depth > DEEPEST) throw new RangeError(`trees of depth ${depth}, expected ${DEEPEST} at most`)
  const inner = (1 << depth) - 1
  const leaves = 1 << depth
  const trees = leaf.length / leaves
  const rows = bins.length / columns
  const odds = new Float64Array(rows)
  const questions = questionsOf(forest)
  const above = new Int32Array(columns * BINS)
  const answers = new Int32Array(leaves)
  const path = new Int32Array(depth)
  const leafOf = new Int32Array(ROWS / 4)
  const sums = new Float64Array(ROWS)
  for (let from = 0; from < rows; from += ROWS) {
    const count = Math.min(ROWS, rows - from)
    writeAbove(bins, columns, from, count, above)
    sums.fill(base)
    for (let tree = 0; tree < trees; tree++) {
      if (depth === 5) fiveLevels(above, questions, tree * inner, leafOf)
      else {
        leafOf.fill(0)
        for (let level = 0; level < depth; level++) {
          const right = answerOf(questions, tree * inner, level, above, path, answers)
          path[level] = right
          for (let four = 0; four < ROWS / 4; four++) {
            const bits = (((right >>> (4 * four)) & 15) * SPREAD) & FOUR_BYTES
            leafOf[four] = ((leafOf[four] as number) << 1) | bits
          }
        }
      }
      const first = tree * leaves
      for (let four = 0; four < ROWS / 4; four++) {
        const of = leafOf[four] as number
        const row = 4 * four
        sums[row] = (sums[row] as number) + (leaf[first + (of & 255)] as number)
        sums[row + 1] = (sums[row + 1] as number) + (leaf[first + ((of >>> 8) & 255)] as number)
        sums[row + 2] = (sums[row + 2] as number) + (leaf[first + ((of >>> 16) & 255)] as number)
        sums[row + 3] = (sums[row + 3] as number) + (leaf[first + (of >>> 24)] as number)
      }
    }
    for (let i = 0; i < count; i++) odds[from + i] = sums[i] as number
  }
  return odds
}

/** Place of each node's question in the table of writeAbove; above the last bin lies no row. */
function questionsOf({ column, bin }: BoostedTrees): Int32Array {
  return Int32Array.from(column, (c, node) => c * BINS + Math.min(BINS - 1, bin[node] as number))
}

/** @param above [columns × BINS] rows whose bin of the column is above this one, a bit for each row */
function writeAbove(bins: Uint8Array, columns: number, from: number, count: number, above: Int32Array): void {
  above.fill(0)
  for (let i = 0; i < count; i++) {
    const row = (from + i) * columns
    for (let c = 0; c < columns; c++) {
      const at = c * BINS + (bins[row + c] as number)
      above[at] = (above[at] as number) | (1 << i)
    }
  }
  for (let c = 0; c < columns; c++) {
    let higher = 0
    for (let at = (c + 1) * BINS - 1; at >= c * BINS; at--) {
      const here = above[at] as number
      above[at] = higher
      higher |= here
    }
  }
}

/**
 * Which rows go right at a level: of the level's nodes each row hears the one that its path has led to, so the nodes are
 * halved by the last turn, by the one before it, up to the first.
 * @param path of each level above: rows that went right
 */
function answerOf(
  questions: Int32Array,
  tree: number,
  level: number,
  above: Int32Array,
  path: Int32Array,
  answers: Int32Array,
): number {
  let nodes = 1 << level
  const first = tree + nodes - 1
  if (level === 0) return above[questions[first] as number] as number
  nodes >>= 1
  let turned = path[level - 1] as number
  for (let k = 0; k < nodes; k++) {
    const left = above[questions[first + 2 * k] as number] as number
    answers[k] = left ^ ((left ^ (above[questions[first + 2 * k + 1] as number] as number)) & turned)
  }
  for (let turn = level - 2; turn >= 0; turn--) {
    turned = path[turn] as number
    nodes >>= 1
    for (let k = 0; k < nodes; k++) {
      const left = answers[2 * k] as number
      answers[k] = left ^ ((left ^ (answers[2 * k + 1] as number)) & turned)
    }
  }
  return answers[0] as number
}
