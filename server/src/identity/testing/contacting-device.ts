import { randomBytes } from 'node:crypto'
import { CONTENT_FORMAT } from '../../protocol/index.ts'
import { type Certificate, decodeCertificate, encodeCertificate } from '../certificate.ts'
import { type ContactMessage, confirmation, decodeContact, encodeContact } from '../contact-message.ts'
import { proveContact, refuseContact } from '../first-contact.ts'
import { NONCE_BYTES, sessionKey, transportKey } from '../session-key.ts'
import type { Sm2KeyPair } from '../sm2.ts'

/** What a device is made with. */
export interface DeviceMaking {
  readonly certificate: Certificate
  readonly keys: Sm2KeyPair
  readonly authorityKey: Uint8Array
  /** Its transport key comes from it; 16 bytes. */
  readonly rootKey: Uint8Array
}

export interface Exchange {
  readonly code: number
  readonly payload: Uint8Array
}

/** Posts bytes to `/reg` and gives the answer. */
export type PostContact = (contentFormat: number, payload: Uint8Array) => Promise<Exchange>

/**
 * The device's side of a first contact.
 * @returns its session key, or the code by which it was refused
 * @throws Error when the platform is not who it should be
 */
export async function makeContact(making: DeviceMaking, post: PostContact): Promise<Uint8Array | number> {
  const deviceNonce = new Uint8Array(randomBytes(NONCE_BYTES))
  const hello = encodeContact({ kind: 'hello', nonce: deviceNonce, certificate: making.certificate })
  const first = await post(CONTENT_FORMAT.CONTACT, hello)
  const challenge = decodeContact(first.payload)
  if (challenge?.kind !== 'challenge') return first.code
  const { message, key } = answerChallenge(making, deviceNonce, challenge)
  const second = await post(CONTENT_FORMAT.CONTACT, message)
  const confirmed = decodeContact(second.payload)
  if (confirmed?.kind !== 'confirmed') return second.code
  if (!Buffer.from(confirmation(key, confirmed.now)).equals(confirmed.mac)) throw new Error('another key')
  return key
}

/** The second exchange, after the platform was checked. */
export function answerChallenge(
  { certificate, keys, authorityKey, rootKey }: DeviceMaking,
  deviceNonce: Uint8Array,
  challenge: ContactMessage & { readonly kind: 'challenge' },
): { readonly message: Uint8Array; readonly key: Uint8Array } {
  const platform = decodeCertificate(encodeCertificate(challenge.certificate)) as Certificate
  const contact = { device: certificate, deviceNonce, platform, platformNonce: challenge.nonce }
  const expected = { at: Math.floor(Date.now() / 1000), isRevoked: () => false }
  const refusal = refuseContact(contact, 'platform', challenge.proof, authorityKey, expected)
  if (refusal !== undefined) throw new Error(`the platform is not believed: ${refusal}`)
  const device = Number(certificate.subject)
  const key = sessionKey(transportKey(rootKey, device), {
    ...{ device, platform: platform.subject, deviceNonce, platformNonce: challenge.nonce },
  })
  const proof = proveContact(contact, 'device', keys)
  const platformNonce = challenge.nonce
  return { message: encodeContact({ kind: 'proof', deviceNonce, platformNonce, proof, certificate }), key }
}
