import type { Trigger } from '@gastwin/twin'
import type { MessagePolicy } from '../protocol/index.ts'

/** A rule for each kind of message: daily reports, urgent alarms, orders to the device (S2-05). */
export type CipherPolicy = MessagePolicy
type MessageKind = keyof CipherPolicy
type CipherRule = CipherPolicy[MessageKind]

/** Of devices of which nothing else was said. */
export const ANY_FORM: CipherPolicy = { report: 'both', alarm: 'both', command: 'both' }
/** Of devices that have a session: what can be enciphered is. An urgent alarm is heard in any form: people come before secrecy. */
export const SESSION_POLICY: CipherPolicy = { report: 'cipher', alarm: 'both', command: 'cipher' }

/** Which kind of message a report is. */
export const kindOfReport = (trigger: Trigger): MessageKind => (trigger === 'alarm' ? 'alarm' : 'report')

/** Whether a message of this form may pass. */
export const allows = (rule: CipherRule, sealed: boolean): boolean => rule === 'both' || (rule === 'cipher') === sealed
