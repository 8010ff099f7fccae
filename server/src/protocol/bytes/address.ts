import { readBcd, writeBcd } from './bcd.ts'

/** A frame to whoever listens: `AA` in every byte. */
export const BROADCAST = -1
/** A frame to all meters whose other digits match: some bytes are `AA`, see `pattern`. */
export const WILDCARD = -2

/** Whom a frame is for or from. */
export interface Address {
  /** Decimal digits as a number, or BROADCAST, or WILDCARD. */
  readonly address: number
  /** With WILDCARD: the digits, high first, `AA` where any pair matches. */
  readonly pattern?: string
}

/** BCD digits, low byte first, `AA` as a wildcard. Undefined when a byte is neither. */
export function readAddress(bytes: Uint8Array, at: number, count: number): Address | undefined {
  const address = readBcd(bytes, at, count)
  if (address >= 0) return { address }
  let pattern = ''
  for (let i = at + count - 1; i >= at; i--) {
    const byte = bytes[i] ?? 0
    if (byte !== 0xaa && (byte >> 4 > 9 || (byte & 0x0f) > 9)) return undefined
    pattern += byte.toString(16).padStart(2, '0').toUpperCase()
  }
  return /^A+$/.test(pattern) ? { address: BROADCAST } : { address: WILDCARD, pattern }
}

/** Mirror of `readAddress`. */
export function writeAddress(bytes: Uint8Array, at: number, count: number, { address, pattern }: Address): void {
  if (address === BROADCAST) bytes.fill(0xaa, at, at + count)
  else if (pattern === undefined) writeBcd(bytes, at, count, address)
  else for (let i = 0; i < count; i++) bytes[at + count - 1 - i] = Number.parseInt(pattern.slice(2 * i, 2 * i + 2), 16)
}

/** Whether a frame with this address is meant for a device (`count` bytes of digits); all nines is everybody too. */
export function isFor({ address, pattern }: Address, device: number, count: number): boolean {
  if (pattern === undefined) return address === device || address === BROADCAST || address === 100 ** count - 1
  const own = String(device).padStart(2 * count, '0')
  for (let i = 0; i < pattern.length; i += 2) {
    const pair = pattern.slice(i, i + 2)
    if (pair !== 'AA' && pair !== own.slice(i, i + 2)) return false
  }
  return true
}
