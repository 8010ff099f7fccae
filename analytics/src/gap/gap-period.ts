import type { KnownLeak } from './known-leak.ts'
import type { SupplyState } from './supply-state.ts'

/** What a gap is made of; the shares of a period add up to its gap. */
export const GAP_SHARES = [
  'leak',
  'theft',
  'meter_bias',
  'temperature_pressure',
  'timing',
  'unread',
  'unexplained',
] as const
export type GapShare = (typeof GAP_SHARES)[number]

/** m³ at the reference state: the estimate, and between which bounds the truth lies in 90 of 100 cases. */
export interface ShareEstimate {
  readonly p05: number
  /** Mean of the posterior, so that the estimates of all shares add up to the gap. */
  readonly p50: number
  readonly p95: number
}

/** What a known leak takes of the leak share of one period. */
export interface KnownLeakPart extends Pick<KnownLeak, 'id' | 'kind' | 'standing' | 'from' | 'until'> {
  /** That it is a leak and flowed, by the zone's balance and what is known of it. */
  readonly probability: number
  /** m³ at the reference state within the period; the middle is the mean of the posterior, part of the leak share. */
  readonly volume_m3: ShareEstimate
}

/** A period whose gap is stated. */
export type StatedGap = GapPeriod & { readonly gap_m3: number; readonly shares: NonNullable<GapPeriod['shares']> }

export const isStated = (period: GapPeriod): period is StatedGap => period.gap_m3 !== null && period.shares !== null

/** The ledger of one zone over [from, to) and what its gap is made of, m³ at the reference state. */
export interface GapPeriod {
  readonly zone: string
  /** Unix ms. */
  readonly from: number
  readonly to: number
  /** With the hours that nobody measured, as they were filled. */
  readonly supply_m3: number
  readonly supply_state: SupplyState
  /** By how much the supply may differ either way for the hours that were filled, 90 %; 0 where all were measured. */
  readonly supply_doubt_m3: number
  readonly sales_m3: number
  readonly linepack_change_m3: number
  readonly own_use_m3: number
  /** supply − sales − linepack change − own use; null when the supply was not measured. */
  readonly gap_m3: number | null
  /** gap / supply; null when nothing was supplied. */
  readonly gap_rate: number | null
  /** Null when the supply was not measured: nobody can tell where a gap went that nobody knows. */
  readonly shares: Readonly<Record<GapShare, ShareEstimate>> | null
  /** Leaks that were found beside the ledger and overlap the period, with what each takes of the leak share. */
  readonly known_leaks: readonly KnownLeakPart[]
  /** Share of the period for which every inlet was measured, 0…1. */
  readonly inlet_coverage: number
  /** Meters of the zone, and those with a scheduled reading missing at the end of the period. */
  readonly meters: number
  readonly unread_meters: number
}
