import { InvariantError } from '../errors.ts'
import { type BlockStructure, blockStructure } from './block-structure.ts'
import { minimumDegreeOrder } from './minimum-degree-order.ts'

/**
 * Everything about a sparse symmetric matrix and its factor L (P A Pᵀ = L D Lᵀ) that depends on where entries are, not on
 * their values. Made once per topology.
 */
export interface SymbolicFactor {
  readonly size: number
  /** Position in the elimination order of each original row. */
  readonly position: Int32Array
  /** Per input pair: its place among the off-diagonal values; repeated pairs share one; −1 for a self-pair. */
  readonly slot: Int32Array
  /** Lower triangle of P A Pᵀ without diagonal, by columns: start of each column, and the row of each value. */
  readonly columnStart: Int32Array
  readonly rowOf: Int32Array
  /** Entries of L below its diagonal. */
  readonly fill: number
  /** Multiplications of one factorisation, about. */
  readonly work: number
  readonly blocks: BlockStructure
  /** Place in the blocks' panels of each off-diagonal value, and of each diagonal value by position. */
  readonly entryAt: Int32Array
  readonly diagonalAt: Int32Array
}

/**
 * Analyses the symmetric pattern given by off-diagonal pairs (each unordered pair may repeat; a full diagonal is implied).
 *
 * @param size  rows of the matrix
 * @param first, second  Int32Array[pairs], row numbers of each pair
 * @throws InvariantError when the lists differ in length
 */
export function analyseSymmetric(size: number, first: Int32Array, second: Int32Array): SymbolicFactor {
  if (first.length !== second.length)
    throw new InvariantError('TWN_INVARIANT', `pattern has ${first.length} first and ${second.length} second rows`)
  const graph = neighbourLists(size, first, second)
  const initial = minimumDegreeOrder(size, graph.start, graph.index)
  const position = postorderedPosition(size, graph, initial)
  const { slot, columnStart, rowOf } = lowerTriangle(size, first, second, position)
  const { factorStart, factorRow } = factorPattern(size, columnStart, rowOf)
  const blocks = blockStructure(size, factorStart, factorRow)
  return {
    size,
    position,
    slot,
    columnStart,
    rowOf,
    fill: factorRow.length,
    work: multiplications(factorStart),
    blocks,
    ...panelPlaces(blocks, columnStart, rowOf),
  }
}

interface Lists {
  readonly start: Int32Array
  readonly index: Int32Array
}

/** Unique neighbours at both ends, without self-pairs. */
function neighbourLists(size: number, first: Int32Array, second: Int32Array): Lists {
  const count = new Int32Array(size + 1)
  const each = (add: (a: number, b: number) => void): void => {
    for (let k = 0; k < first.length; k++) {
      const a = at(first, k)
      const b = at(second, k)
      if (a !== b) {
        add(a, b)
        add(b, a)
      }
    }
  }
  each((a) => bump(count, a + 1))
  for (let i = 0; i < size; i++) count[i + 1] = at(count, i + 1) + at(count, i)
  const raw = new Int32Array(at(count, size))
  const fill = count.slice(0, size)
  each((a, b) => {
    raw[at(fill, a)] = b
    bump(fill, a)
  })
  const start = new Int32Array(size + 1)
  const seen = new Int32Array(size).fill(-1)
  let length = 0
  for (let i = 0; i < size; i++) {
    start[i] = length
    for (let p = at(count, i); p < at(count, i + 1); p++) {
      const j = at(raw, p)
      if (at(seen, j) === i) continue
      seen[j] = i
      raw[length++] = j
    }
  }
  start[size] = length
  return { start, index: raw.slice(0, length) }
}

/** Reorders within the elimination tree depth first: the same fill, and columns of one structure come to lie side by side. */
function postorderedPosition(size: number, graph: Lists, order: Int32Array): Int32Array {
  const position = new Int32Array(size)
  for (let k = 0; k < size; k++) position[at(order, k)] = k
  const parent = new Int32Array(size).fill(-1)
  const ancestor = new Int32Array(size).fill(-1)
  for (let k = 0; k < size; k++) {
    const node = at(order, k)
    for (let p = at(graph.start, node); p < at(graph.start, node + 1); p++) {
      let i = at(position, at(graph.index, p))
      while (i !== -1 && i < k) {
        const next = at(ancestor, i)
        ancestor[i] = k
        if (next === -1) parent[i] = k
        i = next
      }
    }
  }
  const child = new Int32Array(size).fill(-1)
  const sibling = new Int32Array(size).fill(-1)
  for (let k = size - 1; k >= 0; k--) {
    const up = at(parent, k)
    if (up < 0) continue
    sibling[k] = at(child, up)
    child[up] = k
  }
  const post = new Int32Array(size)
  const stack = new Int32Array(size)
  let placed = 0
  for (let root = 0; root < size; root++) {
    if (at(parent, root) >= 0) continue
    let depth = 0
    stack[0] = root
    while (depth >= 0) {
      const top = at(stack, depth)
      const next = at(child, top)
      if (next < 0) {
        post[top] = placed++
        depth--
      } else {
        child[top] = at(sibling, next)
        stack[++depth] = next
      }
    }
  }
  for (let i = 0; i < size; i++) position[i] = at(post, at(position, i))
  return position
}

function lowerTriangle(size: number, first: Int32Array, second: Int32Array, position: Int32Array) {
  const pairs = first.length
  const columnOf = new Int32Array(pairs)
  const count = new Int32Array(size + 1)
  for (let k = 0; k < pairs; k++) {
    const a = at(position, at(first, k))
    const b = at(position, at(second, k))
    columnOf[k] = Math.min(a, b)
    if (a !== b) bump(count, Math.min(a, b) + 1)
  }
  for (let i = 0; i < size; i++) count[i + 1] = at(count, i + 1) + at(count, i)
  const members = new Int32Array(at(count, size))
  const fill = count.slice(0, size)
  for (let k = 0; k < pairs; k++) {
    if (first[k] === second[k]) continue
    const column = at(columnOf, k)
    members[at(fill, column)] = k
    bump(fill, column)
  }
  const slot = new Int32Array(pairs).fill(-1)
  const columnStart = new Int32Array(size + 1)
  const rowOf = new Int32Array(members.length)
  const slotOfRow = new Int32Array(size)
  const seen = new Int32Array(size).fill(-1)
  let length = 0
  for (let column = 0; column < size; column++) {
    columnStart[column] = length
    for (let p = at(count, column); p < at(count, column + 1); p++) {
      const k = at(members, p)
      const row = Math.max(at(position, at(first, k)), at(position, at(second, k)))
      if (at(seen, row) !== column) {
        seen[row] = column
        slotOfRow[row] = length
        rowOf[length++] = row
      }
      slot[k] = at(slotOfRow, row)
    }
  }
  columnStart[size] = length
  return { slot, columnStart, rowOf: rowOf.slice(0, length) }
}

/** Structure of L: a column's own rows and those of its children in the elimination tree. */
function factorPattern(size: number, columnStart: Int32Array, rowOf: Int32Array) {
  const rows: Int32Array[] = new Array(size)
  const child = new Int32Array(size).fill(-1)
  const sibling = new Int32Array(size).fill(-1)
  const seen = new Int32Array(size).fill(-1)
  const factorStart = new Int32Array(size + 1)
  const gathered = new Int32Array(size)
  for (let column = 0; column < size; column++) {
    let length = 0
    seen[column] = column
    const add = (row: number): void => {
      if (at(seen, row) === column) return
      seen[row] = column
      gathered[length++] = row
    }
    for (let p = at(columnStart, column); p < at(columnStart, column + 1); p++) add(at(rowOf, p))
    for (let c = at(child, column); c >= 0; c = at(sibling, c)) for (const row of rows[c] ?? []) add(row)
    const own = gathered.slice(0, length).sort()
    rows[column] = own
    factorStart[column + 1] = at(factorStart, column) + length
    const parent = own[0]
    if (parent !== undefined) {
      sibling[column] = at(child, parent)
      child[parent] = column
    }
  }
  const factorRow = new Int32Array(at(factorStart, size))
  for (let column = 0; column < size; column++) factorRow.set(rows[column] ?? [], at(factorStart, column))
  return { factorStart, factorRow }
}

function multiplications(factorStart: Int32Array): number {
  let sum = 0
  for (let column = 0; column + 1 < factorStart.length; column++) {
    const rows = at(factorStart, column + 1) - at(factorStart, column)
    sum += (rows * (rows + 1)) / 2
  }
  return sum
}

function panelPlaces(blocks: BlockStructure, columnStart: Int32Array, rowOf: Int32Array) {
  const { blockStart, rowStart, row, panelStart } = blocks
  const entryAt = new Int32Array(rowOf.length)
  const diagonalAt = new Int32Array(columnStart.length - 1)
  const placeOf = new Int32Array(diagonalAt.length)
  for (let b = 0; b + 1 < blockStart.length; b++) {
    const first = at(blockStart, b)
    const end = at(blockStart, b + 1)
    const lead = end - first + at(rowStart, b + 1) - at(rowStart, b)
    for (let column = first; column < end; column++) placeOf[column] = column - first
    for (let p = at(rowStart, b); p < at(rowStart, b + 1); p++) placeOf[at(row, p)] = end - first + p - at(rowStart, b)
    for (let column = first; column < end; column++) {
      const base = at(panelStart, b) + (column - first) * lead
      diagonalAt[column] = base + column - first
      for (let p = at(columnStart, column); p < at(columnStart, column + 1); p++)
        entryAt[p] = base + at(placeOf, at(rowOf, p))
    }
  }
  return { entryAt, diagonalAt }
}

function bump(array: Int32Array, i: number): void {
  array[i] = at(array, i) + 1
}

function at(array: Int32Array, i: number): number {
  return array[i] ?? 0
}
