/**
 * The factor as dense blocks: runs of columns that share their rows below the run. Joining columns with nearly the same rows, at
 * the price of zeros, was measured to gain nothing on meshes and to cost time on trees.
 */
export interface BlockStructure {
  /** First column of each block, and the number of columns at the end. */
  readonly blockStart: Int32Array
  /** Rows below each block, ascending: start of each list, and the rows. */
  readonly rowStart: Int32Array
  readonly row: Int32Array
  /** Place of each of these rows in the parent's front: its columns first, then its rows. */
  readonly placeAbove: Int32Array
  /** Start of each block's panel, (columns + rows below) × columns, column by column; the total at the end. */
  readonly panelStart: Int32Array
  /** Blocks whose first row below lies in a block: list starts, and the blocks. */
  readonly childStart: Int32Array
  readonly child: Int32Array
  /** Where a block's update of later columns is made on a stack, and where it lies when its children's have gone. */
  readonly updateMade: Int32Array
  readonly updateKept: Int32Array
  readonly stackLength: number
  /** Columns and rows of the largest front. */
  readonly largestFront: number
}

/**
 * Groups the columns of a factor into blocks.
 *
 * @param factorStart, factorRow  the factor's structure below its diagonal by columns in postorder, rows ascending
 */
export function blockStructure(size: number, factorStart: Int32Array, factorRow: Int32Array): BlockStructure {
  const blockStart = equalColumns(size, factorStart, factorRow)
  const blocks = blockStart.length - 1
  const blockOf = new Int32Array(size)
  const rowStart = new Int32Array(blocks + 1)
  const panelStart = new Int32Array(blocks + 1)
  const childStart = new Int32Array(blocks + 1)
  const parent = new Int32Array(blocks).fill(-1)
  let largestFront = 0
  for (let b = 0; b < blocks; b++) {
    const first = at(blockStart, b)
    const end = at(blockStart, b + 1)
    blockOf.fill(b, first, end)
    const rows = at(factorStart, end) - at(factorStart, end - 1)
    rowStart[b + 1] = at(rowStart, b) + rows
    panelStart[b + 1] = at(panelStart, b) + (end - first + rows) * (end - first)
    largestFront = Math.max(largestFront, end - first + rows)
  }
  const row = new Int32Array(at(rowStart, blocks))
  for (let b = 0; b < blocks; b++) {
    const last = at(blockStart, b + 1) - 1
    row.set(factorRow.subarray(at(factorStart, last), at(factorStart, last + 1)), at(rowStart, b))
    if (at(rowStart, b + 1) === at(rowStart, b)) continue
    const above = at(blockOf, at(row, at(rowStart, b)))
    parent[b] = above
    childStart[above + 1] = at(childStart, above + 1) + 1
  }
  for (let b = 0; b < blocks; b++) childStart[b + 1] = at(childStart, b + 1) + at(childStart, b)
  const child = new Int32Array(at(childStart, blocks))
  const filled = childStart.slice(0, blocks)
  for (let b = 0; b < blocks; b++) {
    const above = at(parent, b)
    if (above < 0) continue
    child[at(filled, above)] = b
    filled[above] = at(filled, above) + 1
  }
  return {
    blockStart,
    rowStart,
    row,
    placeAbove: placesAbove(blockStart, rowStart, row, parent),
    panelStart,
    childStart,
    child,
    ...updateStack(rowStart, childStart, child),
    largestFront,
  }
}

/** First column of each block, and `size` at the end. */
function equalColumns(size: number, factorStart: Int32Array, factorRow: Int32Array): Int32Array {
  const starts: number[] = []
  let before = -1
  for (let column = 0; column < size; column++) {
    const rows = at(factorStart, column + 1) - at(factorStart, column)
    if (before !== rows + 1 || at(factorRow, at(factorStart, column - 1)) !== column) starts.push(column)
    before = rows
  }
  return Int32Array.from([...starts, size])
}

function placesAbove(blockStart: Int32Array, rowStart: Int32Array, row: Int32Array, parent: Int32Array): Int32Array {
  const place = new Int32Array(row.length)
  for (let b = 0; b < parent.length; b++) {
    const above = at(parent, b)
    if (above < 0) continue
    const first = at(blockStart, above)
    const end = at(blockStart, above + 1)
    let p = at(rowStart, above)
    for (let k = at(rowStart, b); k < at(rowStart, b + 1); k++) {
      const wanted = at(row, k)
      if (wanted < end) place[k] = wanted - first
      else {
        while (at(row, p) < wanted) p += 1
        place[k] = end - first + p - at(rowStart, above)
      }
    }
  }
  return place
}

/** Children's updates lie on top when their parent comes: it makes its own above them, then takes their place. */
function updateStack(rowStart: Int32Array, childStart: Int32Array, child: Int32Array) {
  const blocks = rowStart.length - 1
  const updateMade = new Int32Array(blocks)
  const updateKept = new Int32Array(blocks)
  let top = 0
  let stackLength = 0
  for (let b = 0; b < blocks; b++) {
    const rows = at(rowStart, b + 1) - at(rowStart, b)
    const firstChild = at(childStart, b)
    updateMade[b] = top
    stackLength = Math.max(stackLength, top + rows * rows)
    if (firstChild < at(childStart, b + 1)) top = at(updateKept, at(child, firstChild))
    updateKept[b] = top
    top += rows * rows
  }
  return { updateMade, updateKept, stackLength }
}

function at(array: Int32Array, i: number): number {
  return array[i] ?? 0
}
