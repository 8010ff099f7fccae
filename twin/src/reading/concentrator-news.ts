/** Why a concentrator could not read a meter. The place is the number on the wire: append only. */
export const READ_FAILURES = ['no_answer', 'no_route', 'bad_frame', 'not_kept', 'meter_fault', 'unknown_meter'] as const
export type ReadFailure = (typeof READ_FAILURES)[number]

/** A path by which a meter is reached. */
export interface FoundRoute {
  readonly meter: number
  /** Place of its collector in the archive's list from 1, 0 when the concentrator hears it by itself. */
  readonly collector: number
  /** Device numbers of the meters that pass on, nearest to the concentrator first. */
  readonly hops: readonly number[]
  /** Of the last hop; NaN when not told. */
  readonly signalDbm: number
}

/** What became of one meter of a reading order. */
export interface ReadResult {
  readonly order: number
  readonly meter: number
  /** Values found, sent as frames of the meter before this; and values not found. */
  readonly found: number
  readonly missing: number
  /** Why values are missing; undefined when none is. */
  readonly failure: ReadFailure | undefined
}

/** What became of a command that was passed on to a meter. */
export interface PassedOn {
  readonly command: number
  readonly attempt: number
  readonly meter: number
  /** Why the meter did not answer; undefined when it did. */
  readonly failure: ReadFailure | undefined
  /** The meter's answer frames to what it was told; empty when they went out as a value of the meter, and without an answer. */
  readonly answer: Uint8Array
}

/** What a concentrator says about its own work, beside what every device says. */
export interface ConcentratorNews {
  /** The list of meters it holds, by its number, and how many of its rows it has; 0 and 0 before the first. */
  readonly addresses: { readonly version: number; readonly rows: number }
  /** Frames of meters that wait in its memory to be passed on. */
  readonly backlog: number
  readonly routes: readonly FoundRoute[]
  readonly results: readonly ReadResult[]
  /** Missing when no command was passed on. */
  readonly passed?: readonly PassedOn[]
}
