/**
 * SM4 as the standard describes it, slow and readable: a second opinion on the fast one. The S-box is computed, not copied: it
 * is an affine map, the inverse in GF(2⁸) modulo x⁸+x⁷+x⁶+x⁵+x⁴+x²+1, and the same affine map again.
 * @source GB/T 32907-2016 clauses 6 and 7; algebraic form of the S-box from the published literature on SMS4
 */
const MODULUS = 0b1_1111_0101

function multiply(a: number, b: number): number {
  let product = 0
  for (let bit = 7; bit >= 0; bit--) {
    product <<= 1
    if (product & 0x100) product ^= MODULUS
    if ((b >> bit) & 1) product ^= a
  }
  return product
}

function inverse(a: number): number {
  for (let b = 1; b < 256; b++) if (multiply(a, b) === 1) return b
  return 0
}

/** Each output bit is the parity of the input under a row; the rows are rotations of 1010 0111, the constant is 1101 0011. */
function affine(a: number): number {
  let out = 0
  let row = 0b1010_0111
  for (let bit = 0; bit < 8; bit++) {
    let masked = a & row
    let parity = 0
    for (; masked; masked >>= 1) parity ^= masked & 1
    out |= (parity ^ ((0b1101_0011 >> bit) & 1)) << bit
    row = ((row << 1) | (row >> 7)) & 0xff
  }
  return out
}

const SBOX = Array.from({ length: 256 }, (_, a) => affine(inverse(affine(a))))
const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by))

function substitute(word: number): number {
  let out = 0
  for (let shift = 24; shift >= 0; shift -= 8) out = (out << 8) | (SBOX[(word >>> shift) & 0xff] ?? 0)
  return out
}

const FK = [0xa3b1bac6, 0x56aa3350, 0x677d9197, 0xb27022dc]

const wordsOf = (bytes: Uint8Array): number[] =>
  [0, 4, 8, 12].map((at) => new DataView(bytes.buffer, bytes.byteOffset + at, 4).getInt32(0))

function roundKeys(key: Uint8Array): number[] {
  const k = wordsOf(key).map((word, i) => word ^ (FK[i] ?? 0))
  const keys: number[] = []
  for (let round = 0; round < 32; round++) {
    let constant = 0
    for (let j = 0; j < 4; j++) constant = (constant << 8) | (((4 * round + j) * 7) & 0xff)
    const [a = 0, b = 0, c = 0, d = 0] = k
    const mixed = substitute(b ^ c ^ d ^ constant)
    const next = a ^ mixed ^ rotate(mixed, 13) ^ rotate(mixed, 23)
    k.splice(0, 4, b, c, d, next)
    keys.push(next)
  }
  return keys
}

/** One block of 16 bytes under a key of 16 bytes. */
export function encryptBlock(key: Uint8Array, block: Uint8Array): Uint8Array {
  let [a = 0, b = 0, c = 0, d = 0] = wordsOf(block)
  for (const roundKey of roundKeys(key)) {
    const mixed = substitute(b ^ c ^ d ^ roundKey)
    const next = a ^ mixed ^ rotate(mixed, 2) ^ rotate(mixed, 10) ^ rotate(mixed, 18) ^ rotate(mixed, 24)
    ;[a, b, c, d] = [b, c, d, next]
  }
  const out = new DataView(new ArrayBuffer(16))
  ;[d, c, b, a].forEach((word, i) => {
    out.setInt32(4 * i, word)
  })
  return new Uint8Array(out.buffer)
}
