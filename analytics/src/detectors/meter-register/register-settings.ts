export interface RegisterSettings {
  /** One pulse of a household register, m³: no advance below it means anything. */
  readonly pulseM3: number
  /** An interval shorter than this says nothing of the flow, s. */
  readonly shortestIntervalS: number
  /** Register length: a meter that passes 10^digits begins at 0 again. */
  readonly registerTurnsM3: number
  readonly stopped: {
    readonly historyDays: number
    /** Below this mean a standing register is no surprise, m³ a day. */
    readonly leastDailyUse: number
    /** Chance that a home (another customer) without use today has none tomorrow: people are away for days. */
    readonly persistence: number
    readonly persistenceOther: number
    /** Told when a sound meter stands that long with less than this chance. */
    readonly chance: number
  }
  readonly smallFlow: {
    /** Homes that heat with gas burn all day in winter: above this mean nothing is said, m³ a day. */
    readonly mostDailyUse: number
    /** A day below this share of the mean is a rest: what flows all the time is less than it. */
    readonly restShare: number
    readonly leastDays: number
    /** Told when a home without a constant flow would show such days with less than this chance. */
    readonly chance: number
  }
  readonly night: {
    /** Local hours. */
    readonly from: number
    readonly to: number
    readonly leastSeconds: number
    readonly learnNights: number
    readonly nightsInRow: number
    /** Times its own usual night flow. */
    readonly factor: number
  }
}

/**
 * @source one pulse 0.1 m³: wireless reading scheme §3.3.5.9 · 7 nights above the starting flow, 30 days without rest as a
 * warning only: practice of Japanese microcomputer meters as published, adapted to daily registers; the chances are ours
 */
export const REGISTER_SETTINGS: RegisterSettings = {
  pulseM3: 0.1,
  shortestIntervalS: 60,
  registerTurnsM3: 100_000,
  stopped: { historyDays: 14, leastDailyUse: 0.05, persistence: 0.8, persistenceOther: 0.6, chance: 1e-3 },
  smallFlow: { mostDailyUse: 3, restShare: 0.5, leastDays: 10, chance: 1e-6 },
  night: { from: 1, to: 5, leastSeconds: 10_800, learnNights: 7, nightsInRow: 7, factor: 3 },
}
