import type { Dictionary } from '../en/index.ts'
import { actions, alarms, consequences, evidence, rules } from './alarms.ts'
import { assets, deviceEvents, series, zones } from './assets.ts'
import { estimate, leaks } from './estimate.ts'
import { banners, errors, frame, help, kpi, search, signIn, strip } from './frame.ts'
import { gap } from './gap.ts'
import { map, safety } from './safety.ts'

export const zh: Dictionary = {
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
