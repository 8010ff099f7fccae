/** What the utility does not know about its invented city (`truth.json` beside `network.json`). */
export interface CityTruth {
  readonly format: 'gastwin-truth/1'
  readonly seed: number
  /** True over believed, in the order of the document's pipes. */
  readonly pipes: { readonly roughness_factor: readonly number[]; readonly diameter_factor: readonly number[] }
  /**
   * In the order of the document's meters: register over true working volume, appliances or kind of business, habit.
   * Null when the meters are kept in columns; then these are columns below `meters-truth`.
   */
  readonly meters: {
    readonly gain: readonly number[]
    readonly profile: readonly number[]
    readonly scale: readonly number[]
  } | null
  /** Device numbers of meters that are cheated; scenarios add theirs at run time. */
  readonly thieves: readonly string[]
}
