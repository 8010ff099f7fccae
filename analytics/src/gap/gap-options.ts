import type { KnownLeak } from './known-leak.ts'

/** What the explanation of a gap assumes where nothing is measured. Every number is a default to be set by the utility. */
export interface GapAssumptions {
  /** K of rooms with a meter, and how far gas warms from the pipe's temperature towards them, 0…1 (assumption). */
  readonly room: number
  readonly indoorWarming: number
  /** How far gas in a meter outside follows the air, 0…1 (assumption). */
  readonly outdoorAir: number
  /** K of gas in pipes where no RTU measures it. */
  readonly groundTemperature: number
  /** Pa above ambient at homes and at businesses without corrector. */
  readonly homeGauge: number
  readonly businessGauge: number
  /** Loss of gain per year of age: mean and standard deviation (assumption; class 1.5 allows ±3 % in service). */
  readonly ageing: readonly [mean: number, deviation: number]
  /** m³ a day and home that flow too slowly to be counted: mean and standard deviation (assumption). */
  readonly blind: readonly [mean: number, deviation: number]
  /** Gain of an inlet meter, standard deviation (±0.5 % evenly). */
  readonly inletGain: number
  /** Steady leak, share of the zone's supply: mean and deviation of a normal law cut at 0 (assumption). */
  readonly leak: readonly [mean: number, deviation: number]
  /** Leak as a part of the least night flow: mean and deviation (assumption). */
  readonly nightLeak: readonly [mean: number, deviation: number]
  /** Theft that leaves no trace in its meter, share of what homes take: mean and deviation of a normal law cut at 0 (assumption). */
  readonly hiddenTheft: readonly [mean: number, deviation: number]
  /** Gas the utility uses itself, per zone id, m³/s at the reference state. */
  readonly ownUse: Readonly<Record<string, number>>
}

export const GAP_ASSUMPTIONS: GapAssumptions = {
  room: 291.15,
  indoorWarming: 0.55,
  outdoorAir: 0.6,
  groundTemperature: 283.15,
  homeGauge: 2250,
  businessGauge: 2500,
  ageing: [0.0015, 0.001],
  blind: [0.02, 0.02],
  inletGain: 0.0029,
  leak: [0.006, 0.008],
  nightLeak: [0.5, 0.3],
  hiddenTheft: [0.002, 0.004],
  ownUse: {},
}

export interface GapOptions {
  /** Unix ms; the days after the first reading of all meters when not given. */
  readonly from?: number
  readonly to?: number
  /** Length of a period, whole days. */
  readonly everyDays?: number
  /** Days begin at local midnight of the network's time zone instead of midnight UTC. */
  readonly localDays?: boolean
  /** Periods to state instead of those of `everyDays`; their borders are put on the nearest begin of a day. Unix ms. */
  readonly periods?: readonly { readonly from: number; readonly to: number }[]
  /** Rows of the zones to explain; all when not given. Doubts that zones share are shared among these only. */
  readonly zones?: readonly number[]
  /**
   * Share of the meters that must have been read before the first day; 1 when not given. Below 1 a meter that was read later
   * counts as silent before, at its own rate and with its doubt.
   */
  readonly opening?: number
  readonly assumptions?: Partial<GapAssumptions>
  /** Leaks that were found beside the ledger, in any order; those of zones nobody knows count nothing. */
  readonly leaks?: readonly KnownLeak[]
  /** Seed of the sampler; the same seed gives the same answer. */
  readonly seed?: number
  readonly sweeps?: number
}
