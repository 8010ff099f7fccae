/**
 * The SM4 block cipher with tables. A device's frames are two or three blocks under a key of their own; making a cipher object of
 * node:crypto for each costs eight times as much as the whole work done here (docs/decisions/0005-own-sm4-blocks.md). Lookups
 * depend on the key, as they do in the system's library; nobody outside can time them through a group commit.
 * @source GB/T 32907-2016 clauses 6 and 7; algebraic form of the S-box from the published literature on SMS4
 */

/** Round keys of one key, 32 words, in the order of encryption. A plain array: a typed one of this size has memory of its own. */
export type RoundKeys = readonly number[]

const ROUNDS = 32
/** x⁸+x⁷+x⁶+x⁵+x⁴+x²+1 */
const MODULUS = 0x1f5

const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by))

function multiply(a: number, b: number): number {
  let product = 0
  for (let factor = a, rest = b; rest > 0; rest >>= 1) {
    if ((rest & 1) === 1) product ^= factor
    factor <<= 1
    if (factor > 0xff) factor ^= MODULUS
  }
  return product
}

/** Affine map over GF(2): a circulant matrix with first row A7, then the constant D3. */
function affine(a: number): number {
  let out = 0
  for (let bit = 0; bit < 8; bit++) {
    let masked = a & ((0xa7 << bit) | (0xa7 >> (8 - bit)))
    masked ^= masked >> 4
    masked ^= masked >> 2
    masked ^= masked >> 1
    out |= (masked & 1) << bit
  }
  return out ^ 0xd3
}

/** a²⁵⁴ = 1/a, and 0 for 0. */
function inverse(a: number): number {
  let power = 1
  for (let i = 0; i < 254; i++) power = multiply(power, a)
  return power
}

const SBOX = Uint8Array.from({ length: 256 }, (_, a) => affine(inverse(affine(a))))

/** S-box and a linear map in one: what the byte in the uppermost place becomes; the others are rotations of it. */
const tableOf = (linear: (word: number) => number) => Int32Array.from(SBOX, (s) => linear(s << 24))
const rotated = (table: Int32Array, by: number) => table.map((word) => rotate(word, by))

const L0 = tableOf((b) => b ^ rotate(b, 2) ^ rotate(b, 10) ^ rotate(b, 18) ^ rotate(b, 24))
const [L1, L2, L3] = [rotated(L0, 24), rotated(L0, 16), rotated(L0, 8)]
const K0 = tableOf((b) => b ^ rotate(b, 13) ^ rotate(b, 23))
const [K1, K2, K3] = [rotated(K0, 24), rotated(K0, 16), rotated(K0, 8)]

const CONSTANTS = Int32Array.from({ length: ROUNDS }, (_, round) => {
  let word = 0
  for (let j = 0; j < 4; j++) word = (word << 8) | (((4 * round + j) * 7) & 0xff)
  return word
})

const wordAt = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] as number) << 24) |
  ((bytes[at + 1] as number) << 16) |
  ((bytes[at + 2] as number) << 8) |
  (bytes[at + 3] as number)

function writeWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24
  bytes[at + 1] = word >>> 16
  bytes[at + 2] = word >>> 8
  bytes[at + 3] = word
}

/** @param key 16 bytes */
export function roundKeysOf(key: Uint8Array): RoundKeys {
  const keys: number[] = []
  let a = wordAt(key, 0) ^ 0xa3b1bac6
  let b = wordAt(key, 4) ^ 0x56aa3350
  let c = wordAt(key, 8) ^ 0x677d9197
  let d = wordAt(key, 12) ^ 0xb27022dc
  for (let round = 0; round < ROUNDS; round++) {
    const x = b ^ c ^ d ^ (CONSTANTS[round] as number)
    const next =
      a ^
      (K0[x >>> 24] as number) ^
      (K1[(x >>> 16) & 0xff] as number) ^
      (K2[(x >>> 8) & 0xff] as number) ^
      (K3[x & 0xff] as number)
    a = b
    b = c
    c = d
    d = next
    keys.push(next)
  }
  return keys
}

/** Encrypts the 16 bytes at `at` in place. */
export function encryptBlock(keys: RoundKeys, bytes: Uint8Array, at: number): void {
  transform(keys, 0, 1, bytes, bytes, at)
}

/** Decrypts the 16 bytes at `at` of one array into the same place of another: the same rounds with the keys in reverse order. */
export function decryptBlock(keys: RoundKeys, from: Uint8Array, to: Uint8Array, at: number): void {
  transform(keys, ROUNDS - 1, -1, from, to, at)
}

function transform(keys: RoundKeys, first: number, step: 1 | -1, from: Uint8Array, to: Uint8Array, at: number): void {
  let a = wordAt(from, at)
  let b = wordAt(from, at + 4)
  let c = wordAt(from, at + 8)
  let d = wordAt(from, at + 12)
  for (let n = 0, round = first; n < ROUNDS; n++, round += step) {
    const x = b ^ c ^ d ^ (keys[round] as number)
    const next =
      a ^
      (L0[x >>> 24] as number) ^
      (L1[(x >>> 16) & 0xff] as number) ^
      (L2[(x >>> 8) & 0xff] as number) ^
      (L3[x & 0xff] as number)
    a = b
    b = c
    c = d
    d = next
  }
  writeWord(to, at, d)
  writeWord(to, at + 4, c)
  writeWord(to, at + 8, b)
  writeWord(to, at + 12, a)
}
