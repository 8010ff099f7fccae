import type { HoleSite } from './true-network.ts'

/** A hole in a pipe and its life. Times are Unix ms. */
export interface Leak extends HoleSite {
  readonly kind: 'leak' | 'rupture'
  readonly from: number
  /** Time until it has its full area, ms; 0 at once. */
  readonly growsMs: number
  /** m² */
  readonly fullArea: number
  /** When a crew has mended it; Infinity if never. */
  readonly mendedAt: number
}

/** Open area of a leak at an instant, m². */
export function leakArea(leak: Leak, at: number): number {
  if (at < leak.from || at >= leak.mendedAt) return 0
  return leak.fullArea * (leak.growsMs > 0 ? Math.min(1, (at - leak.from) / leak.growsMs) : 1)
}
