import type { SavedAlarmBook } from '@gastwin/analytics'

/** What of the city is not in columns. */
export interface SavedCity {
  readonly format: number
  /** The log is read on from here. */
  readonly position: number
  readonly network: string
  readonly minute: number
  readonly detectors: Readonly<Record<string, unknown>>
  readonly book: SavedAlarmBook
  /** What the service adds: shut-offs, modes. */
  readonly more: unknown
}
