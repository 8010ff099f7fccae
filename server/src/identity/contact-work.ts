import { type Certificate, decodeCertificate } from './certificate.ts'
import type { ContactMessage } from './contact-message.ts'
import { type Contact, type ContactRefusal, proveContact, refuseContact } from './first-contact.ts'
import type { Sm2KeyPair } from './sm2.ts'

/** A contact as it travels to the thread: certificates as their bytes. */
export interface ContactBytes {
  readonly device: Uint8Array
  readonly deviceNonce: Uint8Array
  readonly platform: Uint8Array
  readonly platformNonce: Uint8Array
}

/** What the thread of the signatures is asked. */
export type ToContactWork =
  | { readonly type: 'stop' }
  /** The platform's proof, for the answer to a first exchange. */
  | { readonly type: 'prove'; readonly question: number; readonly contact: ContactBytes }
  /** Is the device who it says? @param at Unix seconds */
  | {
      readonly type: 'check'
      readonly question: number
      readonly contact: ContactBytes
      readonly proof: Uint8Array
      readonly at: number
    }

export type FromContactWork =
  | { readonly type: 'proved'; readonly question: number; readonly proof: Uint8Array }
  | { readonly type: 'checked'; readonly question: number; readonly refusal: ContactRefusal | null }

/** What the thread is started with. */
export interface ContactOrder {
  readonly authorityKey: Uint8Array
  readonly platform: Sm2KeyPair
}

/**
 * Answers one question. Revocation is not asked here: whoever keeps the list asked before, without a signature.
 */
export function workOnContact(order: ContactOrder, message: Exclude<ToContactWork, { type: 'stop' }>): FromContactWork {
  const { question } = message
  const contact = contactOf(message.contact)
  if (message.type === 'prove')
    return { type: 'proved', question, proof: proveContact(contact, 'platform', order.platform) }
  const expected = { at: message.at, isRevoked: () => false }
  const refusal = refuseContact(contact, 'device', message.proof, order.authorityKey, expected)
  return { type: 'checked', question, refusal: refusal ?? null }
}

function contactOf({ device, deviceNonce, platform, platformNonce }: ContactBytes): Contact {
  return { device: certificateOf(device), deviceNonce, platform: certificateOf(platform), platformNonce }
}

function certificateOf(bytes: Uint8Array): Certificate {
  const certificate = decodeCertificate(bytes)
  if (certificate === undefined) throw new TypeError('the thread of the signatures was given no certificate')
  return certificate
}

/** The exchanges that a device may begin or end. */
export type FromDevice = Extract<ContactMessage, { kind: 'hello' | 'proof' }>
