import type { ChannelSettings } from './residual-channel.ts'
import { JUMP_SETTINGS, type JumpSettings } from './supply-jump.ts'

export interface MassBalanceSettings {
  /** Days of its own history a zone learns before it may speak of anything but a jump. */
  readonly warmUpDays: number
  /** A minute waits this long for its inlets; a silent inlet counts with its last value no longer than the hold. */
  readonly graceMs: number
  readonly holdMs: number
  /** Heating degrees are counted below this outdoor temperature, K, smoothed over a time, ms (buildings are slow). */
  readonly heatingLimitK: number
  readonly weatherMemoryMs: number
  /** Factor on the decision limits while no weather is known: a cold front then looks like many small leaks. */
  readonly blindCaution: number
  /** Zones needed before what all have in common (weather, holidays) is taken out. */
  readonly peersLeast: number
  /** Memory of the common deviation, minutes. */
  readonly peerMemoryMinutes: number
  /** Least excess that is told: share of a day's mean supply, and m³/s. */
  readonly leastShare: number
  readonly leastFlow: number
  /** After a valve was operated in the zone: silent for this long, then the level is learnt anew for the second. */
  readonly settleMs: number
  readonly relearnMs: number
  /** It ends when the excess stays below this share of what was told. */
  readonly endShare: number
  /** Prior odds against a leak at any instant, for the confidence. */
  readonly priorOdds: number
  readonly jump: JumpSettings
  readonly channels: readonly ChannelSettings[]
}

// biome-ignore format: a table is read by its columns
export const MASS_BALANCE_SETTINGS: MassBalanceSettings = {
  warmUpDays: 7,
  graceMs: 120_000,
  holdMs: 330_000,
  heatingLimitK: 288.15,
  weatherMemoryMs: 6 * 3_600_000,
  blindCaution: 2.5,
  peersLeast: 4,
  peerMemoryMinutes: 60,
  leastShare: 0.01,
  leastFlow: 0.0005,
  settleMs: 30 * 60_000,
  relearnMs: 24 * 3_600_000,
  endShare: 0.3,
  priorOdds: 1e4,
  jump: JUMP_SETTINGS,
  channels: [
    { name: 'minute',       binMinutes: 1,    k: 1.5,  h: 10, cut: 6, warmUpBins: 1440, memoryBins: 20_000 },
    { name: 'five_minutes', binMinutes: 5,    k: 1,    h: 10, cut: 5, warmUpBins: 288,  memoryBins: 4_000 },
    { name: 'hour',         binMinutes: 60,   k: 0.75, h: 9,  cut: 4, warmUpBins: 24,   memoryBins: 500 },
    { name: 'day',          binMinutes: 1440, k: 0.5,  h: 7,  cut: 3, warmUpBins: 4,    memoryBins: 60 },
  ],
}
