import type { SavedAlarmBook, TalliedDay } from '@gastwin/analytics'
import type { SavedConcentrators } from '@gastwin/twin'

/** What of the city is not in columns. */
export interface SavedCity {
  readonly format: number
  /** The log is read on from here. */
  readonly position: number
  readonly network: string
  readonly minute: number
  readonly detectors: Readonly<Record<string, unknown>>
  readonly book: SavedAlarmBook
  readonly concentrators?: SavedConcentrators
  /** Readings by day and group. */
  readonly readings?: readonly TalliedDay[]
  /** What the service adds: shut-offs, modes. */
  readonly more: unknown
}
