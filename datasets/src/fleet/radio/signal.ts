import { normalHash, unitHash } from '../../seeded-random.ts'

/** Side of a radio cell's square, m. */
const CELL_M = 1100
const M_PER_DEGREE = 111_000

export interface RadioPlace {
  /** Physical cell id, 0 … 503. */
  readonly pci: number
  /** Mean signal here, dBm. */
  readonly rsrp: number
}

/** Which cell serves a place, and how well: distance, and the walls of where the meter hangs. */
export function radioPlace(seed: number, device: number, lon: number, lat: number, indoor: boolean): RadioPlace {
  const x = (lon * M_PER_DEGREE * Math.cos((lat * Math.PI) / 180)) / CELL_M
  const y = (lat * M_PER_DEGREE) / CELL_M
  const [cx, cy] = [Math.floor(x), Math.floor(y)]
  const metres = Math.max(60, Math.hypot(x - cx - 0.5, y - cy - 0.5) * CELL_M)
  // Two brick walls 16–20 dB, a sheet-iron box 5–8 dB, a basement 32 dB.
  const walls = indoor ? 16 + 4 * unitHash(seed, 71, device) : 5 + 3 * unitHash(seed, 71, device)
  const basement = indoor && unitHash(seed, 72, device) < 0.008 ? 32 : 0
  const rsrp = -52 - 33 * Math.log10(metres / 60) - walls - basement + 5 * normalHash(seed, 73, device)
  return { pci: Math.abs(cx * 31 + cy * 17) % 504, rsrp: Math.max(-139, Math.min(-60, rsrp)) }
}

/** Signal of one report: dBm, dB, coverage level 0 … 2. */
export function signalNow(seed: number, device: number, rsrp: number, at: number) {
  const now = Math.max(-140, rsrp + 2.5 * normalHash(seed, 74, device, Math.floor(at / 60_000)))
  const sinr = Math.max(
    -18,
    Math.min(24, (now + 125) * 0.55 + 2 * normalHash(seed, 75, device, Math.floor(at / 60_000))),
  )
  const round = (v: number): number => Math.round(v * 10) / 10
  return { rsrpDbm: round(now), sinrDb: round(sinr), ecl: now > -110 ? 0 : now > -121 ? 1 : 2 }
}
