/**
 * Unsigned number in binary coded decimal, low byte first, two digits a byte.
 * @param count bytes, at most 7 (14 digits stay an exact integer)
 * @returns the number, or −1 when a nibble is not a digit
 */
export function readBcd(bytes: Uint8Array, at: number, count: number): number {
  let value = 0
  for (let i = at + count - 1; i >= at; i--) {
    const byte = bytes[i] ?? 0xff
    const high = byte >> 4
    const low = byte & 0x0f
    if (high > 9 || low > 9) return -1
    value = value * 100 + high * 10 + low
  }
  return value
}

/** Writes an unsigned integer of at most 2 × count digits; higher digits are cut off by the caller's range check. */
export function writeBcd(bytes: Uint8Array, at: number, count: number, value: number): void {
  let rest = value
  for (let i = at; i < at + count; i++) {
    const pair = rest % 100
    bytes[i] = (Math.floor(pair / 10) << 4) | (pair % 10)
    rest = Math.floor(rest / 100)
  }
}
