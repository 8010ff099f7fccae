import { readFileSync } from 'node:fs'
import { type Certificate, decodeCertificate, keyPairOf, type Sm2KeyPair } from '@gastwin/server/protocol'
import type { SecureIdentity } from '../radio/secure-uplink.ts'

/** What a meter's security module holds from its making. */
export interface DeviceIdentity {
  readonly certificate: Certificate
  readonly keys: Sm2KeyPair
}

/** Meters with a certificate, and the authority that all of them believe. */
export interface DeviceIdentities {
  readonly authorityKey: Uint8Array
  readonly devices: ReadonlyMap<number, DeviceIdentity>
}

/**
 * Reads what the authority of a demo gave to its meters: first a line `{"authority": HEX}`, then one
 * `{"device": N, "key": HEX, "certificate": HEX}` each.
 */
export function readIdentities(file: string): DeviceIdentities {
  const [first = '{}', ...lines] = readFileSync(file, 'utf8').split('\n').filter(Boolean)
  const { authority = '' } = JSON.parse(first) as { authority?: string }
  const devices = new Map<number, DeviceIdentity>()
  for (const line of lines) {
    const { device, key, certificate } = JSON.parse(line) as { device: number; key: string; certificate: string }
    const read = decodeCertificate(Buffer.from(certificate, 'hex'))
    if (read !== undefined) devices.set(device, { certificate: read, keys: keyPairOf(Buffer.from(key, 'hex')) })
  }
  return { authorityKey: new Uint8Array(Buffer.from(authority, 'hex')), devices }
}

/** Reads the lines `identity,key,device,…` of a file of DTLS keys, by device. */
export function readSecureIdentities(file: string): ReadonlyMap<number, SecureIdentity> {
  const found = new Map<number, SecureIdentity>()
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [identity = '', key = '', device = ''] = line.split(',')
    if (identity !== '' && key !== '') found.set(Number(device || identity), { identity, key: Buffer.from(key, 'hex') })
  }
  return found
}
