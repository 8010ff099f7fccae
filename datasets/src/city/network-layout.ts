import type { Basemap } from '@gastwin/twin'
import type { MediumPressure } from './medium-pressure.ts'
import type { NetworkDraft } from './network-draft.ts'
import type { StreetPlan } from './street-plan.ts'

/** Everything known of the network when it is written down. */
export interface NetworkLayout {
  readonly plan: StreetPlan
  readonly draft: NetworkDraft
  readonly districtOf: Int32Array
  readonly zones: number
  readonly medium: MediumPressure
  /** Nodes that serve nobody and are left out. */
  readonly useless: ReadonlySet<number>
  /** Expected mean flow out of each node, m³/s at the reference state. */
  readonly mean: Float64Array
  readonly basemap: Basemap
}
