/** Where in the log a set of profiles is written: from its first event to the last, after which it holds. */
export interface ProfileEpoch {
  readonly from: number
  readonly last: number
}

/**
 * What a thread must know to read the log as everybody else does: every epoch so far, in rising order. Grows in place: a thread that
 * starts later knows more. Before the first epoch the standard holds for all meters.
 */
export type ProfileHistory = ProfileEpoch[]
