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
  readonly order: number
  readonly lon: number
  readonly lat: number
}
