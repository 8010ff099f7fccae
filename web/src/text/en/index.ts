import { actions, alarms, consequences, evidence, rules } from './alarms.ts'
import { assets, deviceEvents, series, zones } from './assets.ts'
import { estimate, leaks } from './estimate.ts'
import { banners, errors, frame, help, kpi, search, signIn, strip } from './frame.ts'
import { gap } from './gap.ts'
import { map, safety } from './safety.ts'

export const en = {
  frame,
  banners,
  signIn,
  help,
  kpi,
  strip,
  search,
  errors,
  alarms,
  rules,
  consequences,
  actions,
  evidence,
  assets,
  deviceEvents,
  series,
  zones,
  estimate,
  leaks,
  gap,
  safety,
  map,
}

/** A language is complete when it has this shape: a missing word does not compile. */
export type Dictionary = typeof en
