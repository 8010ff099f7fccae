/** What the engine assumes where nothing was measured; every number is a standard deviation or a probability unless said. */
export interface LeakSettings {
  /** Fixed error of a pressure transmitter, and noise of one sample, as shares of its span. */
  readonly offsetOfSpan: number
  readonly noiseOfSpan: number
  /** Span where none is said, Pa. */
  readonly assumedSpanPa: number
  /** Fixed relative error and noise of one sample of a flow meter. */
  readonly flowGain: number
  readonly flowNoise: number
  /** Relative error of a pipe's friction loss. */
  readonly frictionError: number
  /** Lasting relative error of one home's share of its zone, and of its use within an hour. */
  readonly homeLasting: number
  readonly homeHourly: number
  /** Relative drift of a node's share within a day. */
  readonly shareDrift: number
  /** Number of hours that count as one independent look at the pressures. */
  readonly correlatedHours: number
  /** Relative error of what the map says a leak does to a row. */
  readonly patternError: number
  /** Relative error of the forecast in an hour, and of the level it wanders about with, with its memory in hours. */
  readonly forecastHourly: number
  readonly forecastLevel: number
  readonly levelMemoryH: number
  /** By how much a home's use within half a day differs from its share of its zone's, as a share of its mean. */
  readonly homeDaily: number
  /** Relative size of a leak to expect, as a share of the zone's mean flow. */
  readonly leakShare: number
  /** Logarithms of the odds at which an incident is suspected and confirmed. */
  readonly suspectLogOdds: number
  readonly confirmLogOdds: number
  /** A jump of the zone's flow within five minutes that is a rupture, as a share of its mean flow. */
  readonly ruptureShare: number
  /** Hours of history after which the pipes' friction is learned; Infinity for never. */
  readonly calibrateAfterH: number
  /** Whether pressures are followed, which place a leak; without them it is only found. */
  readonly followsPressures: boolean
  /** Hours before which no leak is told from a wrong forecast. */
  readonly learningHours: number
}

export const LEAK_DEFAULTS: LeakSettings = {
  offsetOfSpan: 7e-4,
  noiseOfSpan: 1.5e-4,
  assumedSpanPa: 160_000,
  flowGain: 3e-3,
  flowNoise: 3e-3,
  frictionError: 0.12,
  homeLasting: 0.25,
  homeHourly: 1.1,
  shareDrift: 0.25,
  correlatedHours: 2,
  patternError: 0.15,
  forecastHourly: 0.03,
  forecastLevel: 0.04,
  levelMemoryH: 36,
  homeDaily: 0.13,
  leakShare: 0.08,
  suspectLogOdds: 3,
  confirmLogOdds: 8,
  ruptureShare: 0.15,
  calibrateAfterH: 92,
  followsPressures: true,
  learningHours: 96,
}
