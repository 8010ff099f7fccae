import type { KnownLeak, LeakStanding } from '@gastwin/analytics'
import type { Leak } from '../contract/index.ts'

/** What the ledger needs of a leak as the API and `gastwin leak` tell it. */
export type SaidLeak = Pick<
  Leak,
  'id' | 'kind' | 'state' | 'zone' | 'detected_at' | 'started_at' | 'standard_flow_m3_s'
> & { readonly closed: Pick<NonNullable<Leak['closed']>, 'at' | 'found'> | null }

const STANDING: Readonly<Record<NonNullable<SaidLeak['closed']>['found'], LeakStanding>> = {
  repaired: 'repaired',
  nothing: 'not_found',
  other: 'other_cause',
}

/**
 * A leak as evidence of the ledger; undefined when it is none: only suspected, or withdrawn.
 * @param isolatedAt when its place was cut off, Unix ms; when it was detected where nobody knows
 */
export function knownLeakOf(leak: SaidLeak, isolatedAt: number | null = null): KnownLeak | undefined {
  const { id, zone, kind, state, closed, detected_at, started_at: from, standard_flow_m3_s: flow } = leak
  if (!(flow.p50 > 0)) return undefined
  const base = { id, zone, kind, from, flow }
  if (closed !== null) {
    const mended = closed.found === 'repaired'
    const until = mended ? Math.min(closed.at, isolatedAt ?? Number.POSITIVE_INFINITY) : isolatedAt
    return { ...base, standing: STANDING[closed.found], until }
  }
  if (state === 'isolated') return { ...base, standing: 'found', until: isolatedAt ?? detected_at ?? from }
  if (state !== 'confirmed' && state !== 'located') return undefined
  return { ...base, standing: 'found', until: null }
}
