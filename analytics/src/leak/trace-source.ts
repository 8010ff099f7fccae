import type { LeakPlaces } from './leak-places.ts'
import type { Innovation, PatternFilter } from './pattern-filter.ts'
import type { Picture } from './pattern-model.ts'
import type { PatternTrace } from './pattern-trace.ts'

/** Hours whose pictures are averaged before anything is learned from them. */
export const BLOCK_H = 3

/** Where a trace takes its pictures and its beginning from. */
export interface TraceSource {
  readonly places: LeakPlaces
  /** Places of the screen's traces in a zone. */
  placesOf(zone: number): Int32Array
  /** Traces that began some hours ago each, with one place a pipe. */
  readonly screen: readonly PatternTrace[]
  before(hour: number): { readonly hour: number; readonly filter: PatternFilter } | undefined
  /** Mean of the hours begin ≤ hour < end, with the effects of a leak of that many kg/s in a zone. */
  picture(begin: number, end: number, zone?: number, flow?: number): Picture | undefined
  /** Compares a picture that may show a leak of up to `largest` kg/s with what a filter expects by then. */
  compare(filter: PatternFilter, picture: Picture, largest: number): Innovation
}
