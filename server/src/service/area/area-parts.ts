import type { Application } from '../../http/application.ts'
import type { CityState } from '../../pipeline/city-state.ts'
import type { AreaManagementParts } from './area-management.ts'
import type { AreaMap } from './area-map.ts'
import type { AreaViews } from './area-views.ts'
import type { Reach } from './reach.ts'

export interface AreaParts extends AreaManagementParts {
  /** Of the whole city. */
  readonly application: Application
  readonly city: CityState
  readonly reach: Reach
  readonly map: () => AreaMap
  readonly views: AreaViews
  /** Service clock, Unix ms. */
  readonly now: () => number
}
