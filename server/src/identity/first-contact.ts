import { type Certificate, type CertificateRefusal, encodeCertificate, refuseCertificate } from './certificate.ts'
import { NONCE_BYTES } from './session-key.ts'
import { type Sm2KeyPair, signSm2, verifySm2 } from './sm2.ts'

/** What both sides have said: certificates and nonces, the device first. */
export interface Contact {
  readonly device: Certificate
  readonly deviceNonce: Uint8Array
  readonly platform: Certificate
  readonly platformNonce: Uint8Array
}

/** Who proves itself. The two proofs are over different bytes, so that one side's proof is never the other's. */
export type Prover = 'platform' | 'device'
const LABELS: Readonly<Record<Prover, Uint8Array>> = {
  platform: new TextEncoder().encode('gastwin first contact, platform 1'),
  device: new TextEncoder().encode('gastwin first contact, device 1'),
}

/** A side proves that it holds the key of its certificate in this very contact: a signature over all that was said. */
export const proveContact = (contact: Contact, prover: Prover, keys: Sm2KeyPair): Uint8Array =>
  signSm2(transcript(contact, prover), keys)

/** Why the other side is not who it says; `proof` when its certificate holds and its signature does not. */
export type ContactRefusal = CertificateRefusal | 'nonce' | 'proof'

/**
 * Checks the other side of a first contact (S2-07, S2-08): its certificate by the authority's key, then its proof.
 * @returns why not, or undefined when it is who it says
 */
export function refuseContact(
  contact: Contact,
  prover: Prover,
  proof: Uint8Array,
  authorityKey: Uint8Array,
  expected: { readonly at: number; readonly isRevoked: (serial: number) => boolean },
): ContactRefusal | undefined {
  const { deviceNonce, platformNonce } = contact
  if (deviceNonce.length !== NONCE_BYTES || platformNonce.length !== NONCE_BYTES) return 'nonce'
  const certificate = contact[prover]
  const refusal = refuseCertificate(certificate, authorityKey, { ...expected, role: prover })
  if (refusal !== undefined) return refusal
  return verifySm2(transcript(contact, prover), proof, certificate.publicKey) ? undefined : 'proof'
}

function transcript({ device, deviceNonce, platform, platformNonce }: Contact, prover: Prover): Uint8Array {
  const parts = [LABELS[prover], encodeCertificate(device), deviceNonce, encodeCertificate(platform), platformNonce]
  return new Uint8Array(Buffer.concat(parts.flatMap((part) => [Uint8Array.of(part.length), part])))
}
