import type { Report } from '../reading/report.ts'

/**
 * What became of one report in the twin: `fresh` moved the device's state forward; `late` was older than what is known and
 * was counted at its own time; `duplicate` was known already and changed nothing; `unknown_device` has no row (quarantine);
 * `bad_clock` carries no usable time: its readings were taken at receive time.
 */
export type Outcome = 'fresh' | 'late' | 'duplicate' | 'unknown_device' | 'bad_clock'

/** A report after it met the twin: the unit that balance, detectors and the map consume. */
export interface AppliedReport {
  /** Position of the report in the log. */
  readonly position: number
  /** When we received it, Unix ms of the service's clock. */
  readonly receivedAt: number
  readonly report: Report
  /** Row in the fleet state, −1 for an unknown device. */
  readonly slot: number
  readonly outcome: Outcome
  /** Where the report came from, and whether it opened with a key that only the device has; missing where nobody knows. */
  readonly origin?: { readonly address: string; readonly port: number; readonly sealed: boolean }
}
