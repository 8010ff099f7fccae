import { type Certificate, decodeCertificate, encodeCertificate } from './certificate.ts'
import { NONCE_BYTES } from './session-key.ts'
import { SIGNATURE_BYTES } from './sm2.ts'
import { hmacSm3 } from './sm3.ts'

/** The four messages of a first contact, in their order. */
export type ContactMessage =
  | { readonly kind: 'hello'; readonly nonce: Uint8Array; readonly certificate: Certificate }
  | {
      readonly kind: 'challenge'
      readonly nonce: Uint8Array
      readonly proof: Uint8Array
      readonly certificate: Certificate
    }
  | {
      readonly kind: 'proof'
      readonly deviceNonce: Uint8Array
      readonly platformNonce: Uint8Array
      readonly proof: Uint8Array
      readonly certificate: Certificate
    }
  | {
      readonly kind: 'confirmed'
      /** The service's clock, Unix ms. */
      readonly now: number
      /** `confirmation` over it by the session key. */
      readonly mac: Uint8Array
    }

const TYPE = { hello: 1, challenge: 2, proof: 3, confirmed: 4 } as const
const CLOCK_BYTES = 6
export const CONFIRMATION_BYTES = 16
const CONFIRMED = new TextEncoder().encode('gastwin session confirmed 1')

/** The bytes of a message: its type, fields of fixed length, the certificate last. */
export function encodeContact(message: ContactMessage): Uint8Array {
  const parts =
    message.kind === 'hello'
      ? [message.nonce, encodeCertificate(message.certificate)]
      : message.kind === 'challenge'
        ? [message.nonce, message.proof, encodeCertificate(message.certificate)]
        : message.kind === 'proof'
          ? [message.deviceNonce, message.platformNonce, message.proof, encodeCertificate(message.certificate)]
          : [clockBytes(message.now), message.mac]
  return new Uint8Array(Buffer.concat([Uint8Array.of(TYPE[message.kind]), ...parts]))
}

/** Mirror of `encodeContact`, believing nothing; undefined when the bytes are no such message. */
export function decodeContact(bytes: Uint8Array): ContactMessage | undefined {
  let at = 1
  const take = (length: number): Uint8Array => {
    at += length
    return bytes.slice(at - length, at)
  }
  switch (bytes[0]) {
    case TYPE.hello: {
      const nonce = take(NONCE_BYTES)
      const certificate = decodeCertificate(bytes.subarray(at))
      return certificate && { kind: 'hello', nonce, certificate }
    }
    case TYPE.challenge: {
      const nonce = take(NONCE_BYTES)
      const proof = take(SIGNATURE_BYTES)
      const certificate = decodeCertificate(bytes.subarray(at))
      return certificate && { kind: 'challenge', nonce, proof, certificate }
    }
    case TYPE.proof: {
      const deviceNonce = take(NONCE_BYTES)
      const platformNonce = take(NONCE_BYTES)
      const proof = take(SIGNATURE_BYTES)
      const certificate = decodeCertificate(bytes.subarray(at))
      return certificate && { kind: 'proof', deviceNonce, platformNonce, proof, certificate }
    }
    case TYPE.confirmed: {
      if (bytes.length !== 1 + CLOCK_BYTES + CONFIRMATION_BYTES) return undefined
      const now = Buffer.from(take(CLOCK_BYTES)).readUIntBE(0, CLOCK_BYTES)
      return { kind: 'confirmed', now, mac: take(CONFIRMATION_BYTES) }
    }
    default:
      return undefined
  }
}

/** By which the platform shows that it has the session key, and the device believes the clock beside it. 16 bytes. */
export const confirmation = (sessionKey: Uint8Array, now: number): Uint8Array =>
  hmacSm3(sessionKey, CONFIRMED, clockBytes(now)).subarray(0, CONFIRMATION_BYTES)

function clockBytes(now: number): Uint8Array {
  const bytes = Buffer.alloc(CLOCK_BYTES)
  bytes.writeUIntBE(now, 0, CLOCK_BYTES)
  return bytes
}
