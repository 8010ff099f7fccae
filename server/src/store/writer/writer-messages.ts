import type { KnownFitting } from '../../devices/fitting.ts'
import type { KnownPoints } from '../../devices/point-book.ts'
import type { ProfileHistory } from '../../profiles/profile-epoch.ts'
import type { TrustFacts } from '../../trust/trust-book.ts'
import type { Endpoint } from '../engine/supervise-engine.ts'
import type { DeviceColumns } from './device-directory.ts'
import type { WriterLimits, WriterProgress } from './write-log.ts'

/** What a writer thread is started with. */
export interface WriterOrder {
  readonly logDirectory: string
  readonly database: string
  readonly cluster: boolean
  readonly endpoint: Endpoint | undefined
  readonly devices: DeviceColumns
  /** Keys of devices are derived from it; empty when no frames are encrypted. */
  readonly masterKey: Uint8Array
  /** Where profiles changed; grows while the service runs. */
  readonly profiles?: ProfileHistory
  /** Sessions, policies and steps so far. */
  readonly trust?: TrustFacts
  /** Which meters came in the place of others; grows while the service runs. */
  readonly fittings?: readonly KnownFitting[]
  /** Metering points beside the network document; grows while the service runs. */
  readonly points?: readonly KnownPoints[]
  readonly limits: WriterLimits
}

export type ToWriter =
  | { readonly type: 'endpoint'; readonly endpoint: Endpoint | undefined }
  | { readonly type: 'devices'; readonly devices: DeviceColumns }
  | { readonly type: 'stop' }

export interface FromWriter {
  readonly type: 'progress'
  readonly progress: WriterProgress
}
