import { expect, test } from 'vitest'
import { seededRandom } from '../models/seeded-random.ts'
import type { BoostedTrees } from './boosted-trees.ts'
import { treeOdds } from './forest-odds.ts'

const COLUMNS = 7

/** Trees that ask of any column and bin, with nodes that do not split and columns of the ends. */
function forestOf(depth: number, trees: number, seed: number): BoostedTrees {
  const random = seededRandom(seed)
  const nodes = trees * ((1 << depth) - 1)
  return {
    depth,
    base: -2.5,
    column: Int32Array.from({ length: nodes }, () => random.below(COLUMNS)),
    bin: Int32Array.from({ length: nodes }, () => (random.uniform() < 0.1 ? 255 : random.below(64))),
    leaf: Float32Array.from({ length: trees << depth }, () => random.normal()),
  }
}

/** One row down one tree after the other, node by node. */
function oneByOne({ depth, base, column, bin, leaf }: BoostedTrees, row: Uint8Array): number {
  const inner = (1 << depth) - 1
  let odds = base
  for (let tree = 0; tree * (inner + 1) < leaf.length; tree++) {
    let k = 0
    while (k < inner) {
      const node = tree * inner + k
      k = 2 * k + ((row[column[node] as number] as number) > (bin[node] as number) ? 2 : 1)
    }
    odds += leaf[tree * (inner + 1) + k - inner] as number
  }
  return odds
}

test('thirty-two rows at once say what each row says alone, to the last bit', () => {
  const random = seededRandom(9)
  for (const depth of [1, 2, 3, 5, 8])
    for (const rows of [1, 31, 32, 33, 200]) {
      const forest = forestOf(depth, 20, depth)
      const bins = Uint8Array.from({ length: rows * COLUMNS }, () => random.below(64))
      const expected = Array.from({ length: rows }, (_, row) =>
        oneByOne(forest, bins.subarray(row * COLUMNS, (row + 1) * COLUMNS)),
      )
      expect([...treeOdds(forest, bins, COLUMNS)]).toEqual(expected)
    }
})

test('trees too deep for a byte are refused', () => {
  expect(() => treeOdds(forestOf(9, 1, 1), new Uint8Array(COLUMNS), COLUMNS)).toThrow('depth 9')
})
