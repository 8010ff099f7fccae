import type { Report } from '@gastwin/twin'

/** Why a frame was not taken; the words are those of the service. */
export type RefusedFrame =
  | 'unreadable'
  | 'undecryptable'
  | 'plain_refused'
  | 'contact_refused'
  | 'contact_revoked'
  | 'contact_replayed'

/** Something that arrived, from where, and who was behind it. */
export interface Saying {
  /** Unix ms. */
  readonly at: number
  readonly device: number
  /** `address:port` */
  readonly from: string
  readonly sealed: boolean
  /** Kind of the attack; '' for an honest terminal. */
  readonly kind: string
  readonly said: Report | RefusedFrame
}
