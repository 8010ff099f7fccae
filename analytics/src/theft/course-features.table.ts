/** Waves of a course's level and of its zero days (course-waves.ts). */
export const LEVEL_WAVES = 16
export const ZERO_WAVES = 12
/** Features of the places of the days among the peers' (course-places.ts); those of the days in use stand behind them. */
export const PLACE_FEATURES = 7

const numbered = <Name extends string>(name: Name, count: number): readonly `${Name}_${number}`[] =>
  Array.from({ length: count }, (_, i) => `${name}_${i}` as const)

/**
 * The engineered features of a course, in the order of their columns. Shares and ratios; none depends on the unit. A model knows the
 * first of them that there were when it was trained: what is added stands behind.
 */
export const COURSE_FEATURES = [
  'level', // log mean use against the peers', in their spread
  'median_to_mean',
  'variation', // standard deviation / mean
  'variation_rest', // … of the course divided by the peers' common course
  'q10_to_mean',
  'q25_to_mean',
  'q75_to_mean',
  'q90_to_mean',
  'max_to_mean',
  'max_to_q90',
  'skewness',
  'kurtosis',
  'zero_share',
  'zero_run_longest', // share of the days
  'zero_runs', // runs of zero per day
  'zero_at_end',
  'zero_at_start',
  'zero_late_less_early',
  'nonzero_variation',
  'nonzero_level',
  'small_share', // days below a tenth of the own mean, zero excepted
  'repeat_share', // days that repeat the day before exactly, zero excepted
  'distinct_share',
  'step_to_mean', // mean absolute change from day to day / mean
  'step_of_rest',
  'turns', // share of days at which the course changes direction
  'autocorrelation_1',
  'autocorrelation_2',
  'autocorrelation_7',
  'weekday_share', // share of the variance that weekdays explain
  'slope',
  'late_to_early', // log ratio of the last to the first third, peers' course taken out
  'last_week_to_rest',
  'peer_correlation',
  'peer_slope',
  'drop_statistic', // best single change downwards, t-like
  'drop_depth', // log ratio after / before it
  'drop_place', // share of the days before it
  'drop_zero_change', // change of the share of zero days there
  'rise_statistic',
  'rise_height',
  'rise_place',
  'variation_change', // log ratio of the variation after / before the middle
  'segment_1',
  'segment_2',
  'segment_3',
  'segment_4',
  'segment_5',
  'segment_6',
  'segment_7',
  'segment_8',
  'lowest_week', // lowest mean of 7 days in a row / mean
  'highest_week',
  'first_to_mean',
  'last_to_mean',
  'zeros_alone', // single zero days between days of use, share of the days
  'after_zero', // use of the day after a run of zeros / mean use of the days in use
  'zeros_shared', // how many peers have zeros on exactly the same days
  ...numbered('level_wave', LEVEL_WAVES),
  ...numbered('zero_wave', ZERO_WAVES),
  // PLACE_FEATURES: share of the peers' use below the own on the same day.
  'place_mean',
  'place_scatter',
  'place_lowest',
  'place_highest',
  'place_early_less_late',
  'place_first_half_less_second',
  'place_median',
  // Days in use, against the peers' level in their spread.
  'use_median',
  'use_least',
  'use_most',
  'use_q10',
  'use_q25',
  'use_q75',
  'use_q90',
  'use_scatter', // median absolute deviation / median
  'use_deviation', // log of the standard deviation against the peers' middle level
] as const

export type CourseFeature = (typeof COURSE_FEATURES)[number]

/** Column of each feature. */
export const FEATURE_COLUMN = Object.fromEntries(COURSE_FEATURES.map((name, column) => [name, column])) as Readonly<
  Record<CourseFeature, number>
>
