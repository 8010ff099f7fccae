import type { TerminalStep } from '@gastwin/analytics'
import type { CipherPolicy } from './cipher-policy.ts'

/** Why a terminal is suspected: a code, how often, and what it weighs now. */
export interface StepReason {
  readonly code: string
  readonly count: number
  readonly weight: number
}

/** What the learned model said of a terminal when a step was taken. */
export interface StepOpinion {
  readonly probability: number
  /** Features that spoke loudest against it, in log odds. */
  readonly because: readonly {
    readonly feature: string
    readonly group: 'behaviour' | 'traffic' | 'content'
    readonly log_odds: number
  }[]
}

/** A device has a session: its key, sealed, holds for every record behind this one. */
export interface SessionEvent {
  readonly type: 'trust_session'
  readonly at: number
  readonly device: number
  /** Of the device's certificate. */
  readonly serial: number
  readonly platform: string
  /** When the platform's nonce of this contact was issued, Unix ms of the wall: a contact with an older one is a rollback. */
  readonly nonce_at: number
  /** Base 64 of the envelope. */
  readonly key: string
}

/** The device has no session any more, and no key either until its next first contact. */
export interface SessionEndEvent {
  readonly type: 'trust_session_end'
  readonly at: number
  readonly device: number
  readonly reason: string
}

/** How messages of a device must travel from here on; null goes back to what profile and session say. */
export interface PolicyEvent {
  readonly type: 'trust_policy'
  readonly at: number
  readonly device: number
  readonly policy: CipherPolicy | null
  readonly user: string
}

/** How a terminal is treated from here on. */
export interface StepEvent {
  readonly type: 'trust_step'
  readonly at: number
  readonly device: number
  /** `address:port` from which it speaks; null for the device wherever it speaks from. */
  readonly from: string | null
  /** With `from` null: the one source that it does not hold for. */
  readonly except: string | null
  readonly step: TerminalStep
  readonly score: number
  readonly reasons: readonly StepReason[]
  /** `rules`, `model`, or the operator. */
  readonly by: string
  readonly note: string | null
  readonly learned?: StepOpinion
}

/** Which meters a concentrator may bring from here on, and which other concentrators may bring them: as the archive has it. */
export interface RelayEvent {
  readonly type: 'trust_relay'
  readonly at: number
  /** Number of the concentrator. */
  readonly device: number
  /** Packed numbers of the points of the network; empty when it brings none any more. */
  readonly meters: string
  readonly others: readonly number[]
}

/** From where a concentrator speaks from here on. */
export interface SourceEvent {
  readonly type: 'trust_source'
  readonly at: number
  /** Number of the concentrator. */
  readonly device: number
  /** `address:port` */
  readonly from: string
}

/** Devices that are believed over DTLS only from here on, or also in the clear again: as the utility's file of keys has it. */
export interface SecureOnlyEvent {
  readonly type: 'trust_secure'
  readonly at: number
  readonly only: boolean
  /** Packed numbers. */
  readonly devices: string
}

export type TrustEvent =
  | SessionEvent
  | SessionEndEvent
  | PolicyEvent
  | StepEvent
  | RelayEvent
  | SourceEvent
  | SecureOnlyEvent
