import type { Quantity } from '../reading/report.ts'

/** What only an RTU measures, in the order of its stored bitmaps: append only. */
export const SAMPLE_QUANTITIES = [
  'pressure_pa',
  'temperature_k',
  'standard_flow_m3_s',
  'flow_m3_s',
  'gas_lel',
] as const satisfies readonly Quantity[]
export type SampleQuantity = (typeof SAMPLE_QUANTITIES)[number]

/** `register_backwards`: lower than before (replacement or tamper). Nothing is sold; counting goes on from the lower value. */
export type StateAnomaly = 'register_backwards'

/**
 * What follows from a report, called while it is applied. Every interval between neighbouring readings of a meter is told once with
 * sign +1; when a late reading falls into it, it is taken back with sign −1 and its two parts are told. So the sum of
 * sign · volume over intervals that end in (from, to] is: last reading up to `to` minus last reading up to `from`.
 */
export interface StateSink {
  /** @param from, to Unix ms of two neighbouring readings. @param volume m³ ≥ 0, as the billed register counts */
  advance(slot: number, from: number, to: number, volume: number, sign: 1 | -1): void
  /** One value of an RTU, once per (slot, quantity, minute), late ones too. @param at Unix ms. @param value SI */
  sample(slot: number, quantity: SampleQuantity, at: number, value: number): void
  /** @param before, after registers, m³ */
  anomaly(slot: number, kind: StateAnomaly, at: number, before: number, after: number): void
}

/** For callers who want the state only. */
export const DEAF_SINK: StateSink = { advance: () => {}, sample: () => {}, anomaly: () => {} }
