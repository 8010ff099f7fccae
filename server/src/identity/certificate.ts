import { UsageError } from '@gastwin/twin'
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES, type Sm2KeyPair, signSm2, verifySm2 } from './sm2.ts'
import { sm3 } from './sm3.ts'

/** Whose key a certificate vouches for; the place is the number on the wire. */
export const CERTIFICATE_ROLES = ['authority', 'platform', 'device', 'firmware'] as const
export type CertificateRole = (typeof CERTIFICATE_ROLES)[number]

/** What the utility's authority says about a key (docs/IDENTITY.md §2). */
export interface Certificate {
  readonly role: CertificateRole
  /** A number that the authority uses once, 1…2⁵³−1. */
  readonly serial: number
  /** Device number as decimal digits, the name of a platform or an authority, the maker whose firmware a key signs: 1 to 64 bytes of UTF-8. */
  readonly subject: string
  /** Unix seconds, both included. */
  readonly notBefore: number
  readonly notAfter: number
  /** Compressed. */
  readonly publicKey: Uint8Array
  /** First 8 bytes of SM3 of the issuer's public key. */
  readonly issuer: Uint8Array
  readonly signature: Uint8Array
}

const MAGIC = [0x47, 0x43, 0x01] as const
const ISSUER_BYTES = 8
const SUBJECT_AT = 3 + 1 + 8 + ISSUER_BYTES + 5 + 5 + PUBLIC_KEY_BYTES + 1
const MOST_SUBJECT_BYTES = 64
const LATEST_SECOND = 2 ** 40 - 1

/** Name of an authority by its key. */
export const keyId = (publicKey: Uint8Array): Uint8Array => sm3(publicKey).subarray(0, ISSUER_BYTES)

/**
 * Issues a certificate.
 * @throws UsageError PRT_ENCODE when a value has no place in the format
 */
export function issueCertificate(
  authority: Sm2KeyPair,
  claims: Omit<Certificate, 'issuer' | 'signature'>,
): Certificate {
  const unsigned = { ...claims, issuer: keyId(authority.publicKey), signature: new Uint8Array(0) }
  return { ...unsigned, signature: signSm2(signedPart(unsigned), authority) }
}

/** The bytes of a certificate, at most 192. */
export function encodeCertificate(certificate: Certificate): Uint8Array {
  const signed = signedPart(certificate)
  const bytes = new Uint8Array(signed.length + SIGNATURE_BYTES)
  bytes.set(signed)
  bytes.set(certificate.signature, signed.length)
  return bytes
}

function signedPart({ role, serial, subject, notBefore, notAfter, publicKey, issuer }: Certificate): Uint8Array {
  const name = new TextEncoder().encode(subject)
  const ok =
    Number.isSafeInteger(serial) &&
    serial > 0 &&
    name.length > 0 &&
    name.length <= MOST_SUBJECT_BYTES &&
    publicKey.length === PUBLIC_KEY_BYTES &&
    isSecond(notBefore) &&
    isSecond(notAfter) &&
    notBefore <= notAfter
  if (!ok)
    throw new UsageError('PRT_ENCODE', `no certificate for ${subject}: a value has no place`, { subject, serial })
  const bytes = Buffer.alloc(SUBJECT_AT + name.length)
  bytes.set([...MAGIC, CERTIFICATE_ROLES.indexOf(role)])
  bytes.writeBigUInt64BE(BigInt(serial), 4)
  bytes.set(issuer, 12)
  bytes.writeUIntBE(Math.floor(notBefore / 256), 20, 4)
  bytes[24] = notBefore % 256
  bytes.writeUIntBE(Math.floor(notAfter / 256), 25, 4)
  bytes[29] = notAfter % 256
  bytes.set(publicKey, 30)
  bytes[SUBJECT_AT - 1] = name.length
  bytes.set(name, SUBJECT_AT)
  return new Uint8Array(bytes)
}

const isSecond = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= LATEST_SECOND

/** Reads a certificate without believing it; undefined when it is none. */
export function decodeCertificate(input: Uint8Array): Certificate | undefined {
  const bytes = Buffer.from(input)
  const role = CERTIFICATE_ROLES[bytes[3] ?? 0xff]
  const length = bytes[SUBJECT_AT - 1] ?? 0
  if (MAGIC.some((byte, i) => bytes[i] !== byte) || role === undefined || length === 0 || length > MOST_SUBJECT_BYTES)
    return undefined
  if (bytes.length !== SUBJECT_AT + length + SIGNATURE_BYTES) return undefined
  const serial = Number(bytes.readBigUInt64BE(4))
  if (!Number.isSafeInteger(serial) || serial === 0) return undefined
  const second = (at: number): number => bytes.readUInt32BE(at) * 256 + (bytes[at + 4] as number)
  const name = bytes.subarray(SUBJECT_AT, SUBJECT_AT + length)
  const subject = name.toString('utf8')
  if (!Buffer.from(subject, 'utf8').equals(name) || second(20) > second(25)) return undefined
  return {
    role,
    serial,
    subject,
    notBefore: second(20),
    notAfter: second(25),
    publicKey: new Uint8Array(bytes.subarray(30, 30 + PUBLIC_KEY_BYTES)),
    issuer: new Uint8Array(bytes.subarray(12, 12 + ISSUER_BYTES)),
    signature: new Uint8Array(bytes.subarray(SUBJECT_AT + length)),
  }
}

/** Why a certificate is not believed. */
export type CertificateRefusal = 'role' | 'issuer' | 'time' | 'revoked' | 'signature'

/**
 * Checks a certificate against the authority's own public key, which each side has from its making and never from the message.
 * @param at Unix seconds
 * @returns why not, or undefined when it holds
 */
export function refuseCertificate(
  certificate: Certificate,
  authorityKey: Uint8Array,
  expected: { readonly role: CertificateRole; readonly at: number; readonly isRevoked: (serial: number) => boolean },
): CertificateRefusal | undefined {
  const { role, issuer, notBefore, notAfter, serial, signature } = certificate
  if (role !== expected.role) return 'role'
  if (!Buffer.from(issuer).equals(keyId(authorityKey))) return 'issuer'
  if (expected.at < notBefore || expected.at > notAfter) return 'time'
  if (expected.isRevoked(serial)) return 'revoked'
  return verifySm2(signedPart(certificate), signature, authorityKey) ? undefined : 'signature'
}
