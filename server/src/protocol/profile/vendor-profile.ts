import type { CipherProfile } from '../cjt188/cipher.ts'
import type { IdentifierOrder } from '../cjt188/identifiers.ts'
import type { RecordLayout, UnitPosition } from '../record/field.ts'
import type { StatusLayout, StatusProfile } from '../record/status-word.ts'

/** How reports, urgent alarms and orders may travel: plain, as cipher text, or either (S2-05). */
export type MessagePolicy = Readonly<Record<'report' | 'alarm' | 'command', 'plain' | 'cipher' | 'both'>>

export const PROFILE_PROTOCOLS = ['cjt188', 'dlt645-2007', 'dlt645-1997', 'cat1'] as const
export type ProfileProtocol = (typeof PROFILE_PROTOCOLS)[number]

/** Families of CJ/T 188 meter types, by the upper digit of T. */
export const METER_FAMILIES = ['water', 'heat', 'gas', 'custom'] as const
export type MeterFamily = (typeof METER_FAMILIES)[number]

/** How one identifier's payload is laid out; several entries of one identifier are told apart by their length. */
export interface ProfileLayout {
  /** Canonical identifier: 0x901F, 0x02010100. */
  readonly identifier: number
  /** CJ/T 188 only: the meters it holds for; all when left out. */
  readonly family?: MeterFamily
  readonly fields: RecordLayout
}

/** What a maker does in its own way. Comes from a JSON file (docs/VENDOR-PROFILES.md); codecs take it as a value. */
export interface VendorProfile {
  readonly name: string
  readonly protocol: ProfileProtocol
  readonly maker: string
  /** Where the knowledge comes from. */
  readonly source: string
  /** CJ/T 188: the order in which the platform writes identifiers. Both are read. */
  readonly identifierOrder: IdentifierOrder
  /** CJ/T 188: bit D5 of the control code says that more frames follow (2018); in 2004 it is the maker's own. */
  readonly followUps: boolean
  /** CJ/T 188: where a unit byte stands beside its digits. */
  readonly unitPosition: UnitPosition
  readonly status: StatusProfile | StatusLayout
  readonly cipher?: CipherProfile
  /** How messages of its meters must travel; without it what the session or the platform says. */
  readonly policy?: MessagePolicy
  /** CJ/T 188: whether its meters know gastwin's own identifiers B010–B012: report extension, command ticket, parameter. */
  readonly extension: boolean
  readonly layouts: readonly ProfileLayout[]
}
