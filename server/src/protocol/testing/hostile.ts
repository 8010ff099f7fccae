import { fromHex } from '../bytes/hex.ts'

/** Bytes of a hexadecimal literal in a test. @throws Error when it is none */
export function bytesOf(hex: string): Uint8Array {
  const bytes = fromHex(hex)
  if (!bytes) throw new Error(`not hexadecimal: ${hex}`)
  return bytes
}

/** The message cut before each of its bytes. */
export const truncations = (bytes: Uint8Array): Uint8Array[] => [...bytes.keys()].map((end) => bytes.slice(0, end))

/** The message with each single bit flipped. */
export function bitFlips(bytes: Uint8Array): Uint8Array[] {
  const flipped: Uint8Array[] = []
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const copy = bytes.slice()
    copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    flipped.push(copy)
  }
  return flipped
}

/** How many random inputs a codec must survive: 20 000, or GASTWIN_FUZZ. */
export const FUZZ_RUNS = Number(process.env['GASTWIN_FUZZ'] ?? 20_000)

/** A small deterministic generator of 32-bit numbers (xorshift), for inputs by the million. */
export function randomSource(seed: number): () => number {
  let state = seed >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}

/** Feeds `FUZZ_RUNS` random inputs: pure noise, and the given good messages with a few bytes changed, cut or repeated. */
export function fuzz(good: readonly Uint8Array[], seed: number, consume: (bytes: Uint8Array) => void): void {
  const random = randomSource(seed)
  for (let run = 0; run < FUZZ_RUNS; run++) {
    const model = good[random() % good.length]
    let bytes: Uint8Array
    if (model === undefined || run % 4 === 0) {
      bytes = Uint8Array.from({ length: random() % 80 }, () => random() & 0xff)
    } else {
      bytes = model.slice(0, random() % 3 === 0 ? random() % (model.length + 1) : model.length)
      for (let changes = random() % 4; changes >= 0 && bytes.length > 0; changes--)
        bytes[random() % bytes.length] = random()
      if (random() % 5 === 0) bytes = Uint8Array.of(...bytes, ...model)
    }
    consume(bytes)
  }
}
