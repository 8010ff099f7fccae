/** Why a terminal is suspected. The words are the console's and the log's; append only. */
export const SUSPICIONS = [
  'second_source',
  'interleaved',
  'contradiction',
  'replayed',
  'wrong_cell',
  'impossible_register',
  'flood',
  'unreadable',
  'undecryptable',
  'plain_refused',
  'contact_refused',
  'contact_revoked',
  'contact_replayed',
  'knocking',
  'stray_route',
  'foreign_identity',
] as const
export type Suspicion = (typeof SUSPICIONS)[number]

/** Graded answers, in rising order (S0-54). */
export const TERMINAL_STEPS = ['none', 'warn', 'observe', 'isolate', 'offline'] as const
export type TerminalStep = (typeof TERMINAL_STEPS)[number]

/** What each sign weighs and from which sum on a terminal is treated how. */
export interface HostileSettings {
  readonly weights: Readonly<Record<Suspicion, number>>
  /** Score from which a step is due; `none`: below it a warning or an observation ends by itself. */
  readonly thresholds: Readonly<Record<TerminalStep, number>>
  /** A score halves in so long, ms. */
  readonly halfLifeMs: number
  /** Reports of one device within ten minutes that no sound device sends. */
  readonly floodMeter: number
  readonly floodOther: number
  /** A source that was not heard for so many reporting intervals gives its place to another. */
  readonly silentIntervals: number
  /** Isolated sources of one device from which on all but its own source are kept away. */
  readonly sourcesBeforeLock: number
  /** Who spoke more than so many times as often as it should in a day, and so many times more, is worth a look. */
  readonly busyTimes: number
  readonly busyMore: number
}

/**
 * Chosen by reasoning and held against the attackers and the sound fleet of the tests: one odd event never isolates anybody; a clone
 * that contradicts its victim is isolated at its fifth report.
 */
export const HOSTILE_SETTINGS: HostileSettings = {
  weights: {
    second_source: 0.5,
    interleaved: 0.3,
    contradiction: 3,
    replayed: 1.5,
    wrong_cell: 1,
    impossible_register: 2,
    flood: 0.05,
    unreadable: 0.25,
    undecryptable: 0.5,
    plain_refused: 2,
    contact_refused: 2,
    contact_revoked: 6,
    contact_replayed: 1,
    knocking: 0.1,
    stray_route: 1,
    foreign_identity: 3,
  },
  thresholds: { none: 1, warn: 3, observe: 6, isolate: 12, offline: 30 },
  halfLifeMs: 24 * 3_600_000,
  floodMeter: 600,
  floodOther: 6_000,
  silentIntervals: 2.5,
  sourcesBeforeLock: 3,
  busyTimes: 4,
  busyMore: 8,
}
