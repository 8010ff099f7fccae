/** A whole number of `count` bytes, at most 6. */
export function readBinary(bytes: Uint8Array, at: number, count: number, order: 'low-first' | 'high-first'): number {
  let value = 0
  for (let i = 0; i < count; i++) value = value * 256 + (bytes[at + (order === 'high-first' ? i : count - 1 - i)] ?? 0)
  return value
}

/** Mirror of `readBinary`; a negative number is written as its two's complement. */
export function writeBinary(
  bytes: Uint8Array,
  at: number,
  count: number,
  order: 'low-first' | 'high-first',
  value: number,
): void {
  let rest = value < 0 ? value + 256 ** count : value
  for (let i = 0; i < count; i++) {
    bytes[at + (order === 'low-first' ? i : count - 1 - i)] = rest % 256
    rest = Math.floor(rest / 256)
  }
}
