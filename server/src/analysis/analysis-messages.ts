import type { EstimateMeta, Leak } from '../contract/index.ts'
import type { KnownFitting } from '../devices/fitting.ts'
import type { KnownPoints } from '../devices/point-book.ts'
import type { ProfileHistory } from '../profiles/profile-epoch.ts'
import type { TrustFacts } from '../trust/trust-book.ts'

/** What the analysis thread is started with. */
export interface AnalysisOrder {
  /** The network document; the thread reads it itself: millions of meters are not copied between threads. */
  readonly network: string
  readonly logDirectory: string
  /** Keys of devices are derived from it; empty when no frames are encrypted. */
  readonly masterKey: Uint8Array
  /** Where in the log vendor profiles changed; grows while the service runs. */
  readonly profiles: ProfileHistory
  /** Sessions, policies and steps so far; grows too. */
  readonly trust: TrustFacts
  /** Which meters came in the place of others; grows while the service runs. */
  readonly fittings?: readonly KnownFitting[]
  /** Metering points beside the network document; grows while the service runs. */
  readonly points?: readonly KnownPoints[]
}

export type ToAnalysis =
  | { readonly type: 'stop' }
  /** What pressures remain when these edges are closed? Answered by `lowest`. */
  | { readonly type: 'close'; readonly question: number; readonly edges: readonly number[] }

/** Of every pipe, in the network's own order. NaN where there is no supply. */
export interface PipeEstimate {
  readonly pressureFrom: Float32Array
  readonly pressureTo: Float32Array
  readonly pressureSigma: Float32Array
  /** m³/s at the reference state, positive from → to. */
  readonly flow: Float32Array
  readonly flowSigma: Float32Array
  /** m/s */
  readonly velocity: Float32Array
  /** 0 … 255 */
  readonly blind: Uint8Array
}

export interface LowestAfter {
  readonly node: string
  /** Pa absolute. */
  readonly pressure: number
  readonly limit: number | null
}

export type FromAnalysis =
  | {
      readonly type: 'estimate'
      readonly meta: Omit<EstimateMeta, 'snapshot'>
      readonly pipes: PipeEstimate
    }
  /** The document leaves out what a solution needs; the thread ends. */
  | { readonly type: 'unable'; readonly why: string }
  | { readonly type: 'leaks'; readonly at: number; readonly leaks: readonly Leak[] }
  | { readonly type: 'lowest'; readonly question: number; readonly lowest: LowestAfter | null }
