import type { DtlsCounters } from './dtls-limits.ts'

/** What the thread is told at its start. */
export interface DtlsOrder {
  readonly host: string
  readonly port: number
  readonly keysFile: string
  /** Opens sealed keys of the file; empty where there is none. */
  readonly rootKey: Uint8Array
  readonly associations: number
  readonly receiveBufferBytes: number
}

/** Counters of one moment. */
export interface DtlsSnapshot extends Readonly<DtlsCounters> {
  readonly associations: number
  readonly underWay: number
  readonly identities: number
  /** Datagrams dropped because the service has not taken what it was given. */
  readonly shed: number
}

export type FromDtls =
  | { readonly type: 'listening'; readonly port: number; readonly receiveBufferBytes: number }
  /** It cannot start. */
  | { readonly type: 'failed'; readonly why: string; readonly isSetting: boolean }
  | {
      readonly type: 'opened'
      readonly number: number
      readonly identity: string
      readonly devices: readonly number[]
      readonly address: string
      readonly port: number
    }
  | { readonly type: 'moved'; readonly number: number; readonly address: string; readonly port: number }
  | { readonly type: 'closed'; readonly number: number }
  /** Contents of records, packed; see `packed-contents.ts`. */
  | { readonly type: 'contents'; readonly packed: Uint8Array }
  | {
      readonly type: 'wrong_key'
      readonly devices: readonly number[]
      readonly address: string
      readonly port: number
    }
  /** The file of keys was read: which devices are believed over DTLS only, rising. */
  | { readonly type: 'keys'; readonly identities: number; readonly only: Float64Array }
  /** … or has mistakes: then what held before holds on. */
  | { readonly type: 'keys_refused'; readonly mistakes: readonly string[] }
  | { readonly type: 'snapshot'; readonly snapshot: DtlsSnapshot }

export type ToDtls =
  | { readonly type: 'answers'; readonly packed: Uint8Array }
  /** So many contents were taken: there is room for as many more. */
  | { readonly type: 'taken'; readonly count: number }
  | { readonly type: 'stop' }
