import { readBcd, writeBcd } from '../bytes/bcd.ts'

/** Unit codes of volumes and the divisor that turns hundredths of the unit into m³. @source CJ/T 188-2004, unit table */
const DIVISORS = new Map<number, number>([
  [0x29, 100_000],
  [0x2a, 10_000],
  [0x2b, 1_000],
  [0x2c, 100],
  [0x2d, 10],
  [0x2e, 1],
])

export const CUBIC_METRES = 0x2c
/** Largest register a frame can carry in m³: 999 999.99. */
export const MAX_VOLUME_M3 = 999_999.99

/** Four BCD bytes of hundredths and a unit byte. @returns m³, or NaN when a digit or the unit is not known */
export function readVolume(bytes: Uint8Array, at: number): number {
  const hundredths = readBcd(bytes, at, 4)
  const divisor = DIVISORS.get(bytes[at + 4] ?? 0)
  return hundredths < 0 || divisor === undefined ? Number.NaN : hundredths / divisor
}

/** Mirror of `readVolume` in m³; NaN becomes `FF` four times. */
export function writeVolume(bytes: Uint8Array, at: number, volumeM3: number): void {
  if (Number.isNaN(volumeM3)) bytes.fill(0xff, at, at + 4)
  else writeBcd(bytes, at, 4, Math.round(volumeM3 * 100))
  bytes[at + 4] = CUBIC_METRES
}
