/** Four bits times this, and'ed with FOUR_BYTES, stand in four bytes, one in each. */
export const SPREAD = 0x204081
export const FOUR_BYTES = 0x1010101

/**
 * The leaves that thirty-two rows reach in a tree of five levels, written out: the trees of the shipped training are five levels deep, and
 * without loops over one to eight nodes a fleet is scanned in two thirds of the time. The answers are those of `forest-odds.ts`.
 * @param above places that `questions` point to: rows above a column's bin, a bit for each row
 * @param root place of the tree's first node; its 31 nodes stand level by level
 * @param leafOf gets the leaves of four rows in each number, a byte a row
 */
export function fiveLevels(above: Int32Array, questions: Int32Array, root: number, leafOf: Int32Array): void {
  const ask = (node: number) => above[questions[root + node] as number] as number
  const a = ask(0)
  const b = either(ask(1), ask(2), a)
  const c = either(either(ask(3), ask(4), b), either(ask(5), ask(6), b), a)
  const d = either(
    either(either(ask(7), ask(8), c), either(ask(9), ask(10), c), b),
    either(either(ask(11), ask(12), c), either(ask(13), ask(14), c), b),
    a,
  )
  const left = either(
    either(either(ask(15), ask(16), d), either(ask(17), ask(18), d), c),
    either(either(ask(19), ask(20), d), either(ask(21), ask(22), d), c),
    b,
  )
  const right = either(
    either(either(ask(23), ask(24), d), either(ask(25), ask(26), d), c),
    either(either(ask(27), ask(28), d), either(ask(29), ask(30), d), c),
    b,
  )
  const e = either(left, right, a)
  for (let four = 0; four < 8; four++) {
    const row = 4 * four
    leafOf[four] =
      (bytes(a >>> row) << 4) |
      (bytes(b >>> row) << 3) |
      (bytes(c >>> row) << 2) |
      (bytes(d >>> row) << 1) |
      bytes(e >>> row)
  }
}

const bytes = (bits: number): number => ((bits & 15) * SPREAD) & FOUR_BYTES

/** Bits of `right` where a row turned right, of `left` elsewhere. */
const either = (left: number, right: number, turned: number): number => left ^ ((left ^ right) & turned)
