const P1 = 0x9e3779b1
const P2 = 0x85ebca77
const P3 = 0xc2b2ae3d
const P4 = 0x27d4eb2f
const P5 = 0x165667b1

const rotate = (x: number, bits: number) => (x << bits) | (x >>> (32 - bits))
const round = (lane: number, word: number) => Math.imul(rotate((lane + Math.imul(word, P2)) | 0, 13), P1)

/**
 * XXH32 checksum of bytes, seed 0, as an unsigned number. Words are read in the machine's order, which is little-endian wherever
 * gastwin runs.
 * @source xxHash specification 0.1.1, XXH32
 */
export function xxhash32(bytes: Uint8Array): number {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice()
  const words = new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength >> 2)
  const stripes = words.length & ~3
  let h = P5
  if (stripes > 0) {
    let [a, b, c, d] = [(P1 + P2) | 0, P2 | 0, 0, -P1 | 0]
    for (let i = 0; i < stripes; i += 4) {
      a = round(a, words[i] ?? 0)
      b = round(b, words[i + 1] ?? 0)
      c = round(c, words[i + 2] ?? 0)
      d = round(d, words[i + 3] ?? 0)
    }
    h = rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)
  }
  h = (h + aligned.byteLength) | 0
  for (let i = stripes; i < words.length; i++) h = Math.imul(rotate((h + Math.imul(words[i] ?? 0, P3)) | 0, 17), P4)
  for (let i = words.length * 4; i < aligned.byteLength; i++)
    h = Math.imul(rotate((h + Math.imul(aligned[i] ?? 0, P5)) | 0, 11), P1)
  h = Math.imul(h ^ (h >>> 15), P2)
  h = Math.imul(h ^ (h >>> 13), P3)
  return (h ^ (h >>> 16)) >>> 0
}
