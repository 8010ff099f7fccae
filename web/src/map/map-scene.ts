import type { OverlayAlarm } from './map-overlay.ts'

export interface MapAlarm extends OverlayAlarm {
  readonly lon: number
  readonly lat: number
}

export interface MapPlan {
  /** Pipe numbers. */
  readonly pipes: readonly number[]
  readonly valves: readonly { readonly order: number; readonly lon: number; readonly lat: number }[]
}

/** A place worth another transmitter. */
export interface MapHint {
  /** A letter: numbers belong to alarms and to the order of valves. */
  readonly mark: string
  readonly lon: number
  readonly lat: number
}

/** A meter to look at: its mark carries its place in the list beside the map. */
export interface MapSuspect {
  readonly meter: string
  readonly rank: number
  readonly title: string
  readonly lon: number
  readonly lat: number
}

/** The map of one zone: the figures of a period on the zones, its inlets and its suspects. */
export interface MapFocus {
  readonly zone: string
  /** Gap rates of the period by zone; null or absent where none was stated. */
  readonly rates: ReadonlyMap<string, number | null>
  readonly suspects: readonly MapSuspect[]
}
