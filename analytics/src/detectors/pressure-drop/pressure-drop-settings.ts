export interface PressureDropSettings {
  /** Longest span over which a fall is measured. */
  readonly windowMs: number
  /** Fall in standard deviations of the RTU's own one-minute changes. */
  readonly sigmas: number
  /** Least fall, as a share of the gauge pressure before it. */
  readonly leastShare: number
  /** … and in Pa: what cooking does to a district of 2 kPa is no fall. */
  readonly leastPa: number
  /** A fall of this share is believed from one RTU alone. */
  readonly largeShare: number
  /** Falls of neighbours within this time are one event. */
  readonly togetherMs: number
  /** Without a further fall for this long, it has ended. */
  readonly holdMs: number
  /** Changes that must be known before the own history counts, and the spread assumed until then (share of gauge pressure). */
  readonly warmUpChanges: number
  readonly assumedSpread: number
}

export const PRESSURE_DROP_SETTINGS: PressureDropSettings = {
  windowMs: 5 * 60_000,
  sigmas: 8,
  leastShare: 0.05,
  leastPa: 250,
  largeShare: 0.25,
  togetherMs: 3 * 60_000,
  holdMs: 15 * 60_000,
  warmUpChanges: 30,
  assumedSpread: 0.02,
}
