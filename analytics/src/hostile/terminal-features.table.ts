/** Of what a feature speaks: the track of the terminal, its traffic, or what its messages say. */
export type FeatureGroup = 'behaviour' | 'traffic' | 'content'

/**
 * What is known of a terminal since it was first worth a look, in the order of a model's columns; append only. Shares are of its
 * reports that were taken; counts and times are logarithms of one more.
 */
// biome-ignore format: a table is read by its columns
export const TERMINAL_FEATURES = [
  { name: 'hours',              group: 'behaviour' },
  { name: 'own_source',         group: 'behaviour' },
  { name: 'regularity',         group: 'behaviour' },
  { name: 'interval_s',         group: 'behaviour' },
  { name: 'others_speaking',    group: 'behaviour' },
  { name: 'sources_of_device',  group: 'behaviour' },
  { name: 'refused_contacts',   group: 'behaviour' },
  { name: 'knocking',           group: 'behaviour' },
  { name: 'elsewhere',          group: 'behaviour' },
  { name: 'reports',            group: 'traffic' },
  { name: 'pace',               group: 'traffic' },
  { name: 'peak',               group: 'traffic' },
  { name: 'devices_of_source',  group: 'traffic' },
  { name: 'duplicates',         group: 'traffic' },
  { name: 'late',               group: 'traffic' },
  { name: 'sealed',             group: 'traffic' },
  { name: 'untaken',            group: 'traffic' },
  { name: 'unreadable',         group: 'content' },
  { name: 'undecryptable',      group: 'content' },
  { name: 'plain_refused',      group: 'content' },
  { name: 'clock_error_s',      group: 'content' },
  { name: 'counter_leaps',      group: 'content' },
  { name: 'counter_stands',     group: 'content' },
  { name: 'register_back',      group: 'content' },
  { name: 'register_still',     group: 'content' },
  { name: 'register_leaps',     group: 'content' },
  { name: 'contradictions',     group: 'content' },
  { name: 'urgent',             group: 'content' },
  { name: 'buttons',            group: 'content' },
  { name: 'signal_missing',     group: 'content' },
  { name: 'signal_spread_db',   group: 'content' },
  { name: 'battery_spread_v',   group: 'content' },
] as const satisfies readonly { readonly name: string; readonly group: FeatureGroup }[]

export type TerminalFeature = (typeof TERMINAL_FEATURES)[number]['name']
export const TERMINAL_FEATURE_COUNT = TERMINAL_FEATURES.length
