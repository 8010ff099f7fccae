import type { KnownLeakPart } from '@gastwin/server/contract'
import { printNumber } from '../format/numbers.ts'
import type { Dictionary } from '../text/en/index.ts'

/** What a known leak takes of the leak share; one that people did not find takes none of it. */
export function leakPartText({ standing, volume_m3: { p05, p50, p95 } }: KnownLeakPart, t: Dictionary): string {
  const counted = standing === 'found' || standing === 'repaired'
  return counted ? `${printNumber(p50)} m³ (${printNumber(p05)} – ${printNumber(p95)})` : t.gap.knownLeaks.notCounted
}
