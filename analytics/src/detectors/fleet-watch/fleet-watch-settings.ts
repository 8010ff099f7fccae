export interface FleetWatchSettings {
  /** A device is silent after so many periods of its schedule and the grace. */
  readonly missedReports: number
  readonly missedReportsRtu: number
  /** Grace: a share of the period, at least this long, ms (RTUs: none). */
  readonly graceShare: number
  readonly graceLeastMs: number
  /** A pass over all meters takes this many ticks. */
  readonly ticksPerPass: number
  /** A cell is off line when at least so many of its devices, and this share of them, miss one report; on line below the other. */
  readonly cellLeast: number
  readonly cellOffShare: number
  readonly cellOnShare: number
  /** Good coverage is strictly above both, dBm and dB. */
  readonly goodRsrpDbm: number
  readonly goodSinrDb: number
  /** Reports in a row that make it poor, or good again. */
  readonly radioReports: number
  /** A clock may be ahead by this, ms. Behind it may be further: a repeated report carries the time when it was due. */
  readonly clockAheadMs: number
  readonly clockBehindMs: number
  readonly clockReports: number
  /** Ticks further apart than this: the service was away, and devices could not be heard. */
  readonly pauseMs: number
}

/**
 * @source radio: RSRP > −117.4 dBm and SINR > −3 dB, NB-IoT meter white paper 2018 §4.2.1.1 (strict on both) · retries that may
 * delay a report by some 20 minutes: §4.1-3 · 5 minutes of clock error a year: wireless reading scheme §3.3.5.3
 */
export const FLEET_WATCH_SETTINGS: FleetWatchSettings = {
  missedReports: 2,
  missedReportsRtu: 5,
  graceShare: 0.25,
  graceLeastMs: 1_800_000,
  ticksPerPass: 15,
  cellLeast: 10,
  cellOffShare: 0.5,
  cellOnShare: 0.25,
  goodRsrpDbm: -117.4,
  goodSinrDb: -3,
  radioReports: 3,
  clockAheadMs: 300_000,
  clockBehindMs: 2_100_000,
  clockReports: 2,
  pauseMs: 600_000,
}
