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
