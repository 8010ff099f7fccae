import type { Malformed } from '@gastwin/twin'
import { writeBcd } from '../bytes/bcd.ts'
import { malformed } from '../bytes/malformed.ts'
import { type CbcOpener, encryptCbc, type Sm4Padding } from '../sm4/modes.ts'
import type { FoundFrame } from './frame.ts'

/**
 * How a maker encrypts the data field. The 2018 standard says SM4, CBC and padding, but its public text leaves the padding byte,
 * the start vector and the span open: so all three are named here, and nothing is guessed.
 */
export interface CipherProfile {
  readonly padding: Sm4Padding
  /** `zero`: sixteen 00. `address`: the seven address bytes as sent, then nine 00. */
  readonly iv: 'zero' | 'address'
  /** The whole data field is encrypted: identifier, serial and payload. */
  readonly span: 'data-field'
}

/** The profile of Content-Format 65002. */
export const GASTWIN_CIPHER: CipherProfile = { padding: 'pkcs7', iv: 'zero', span: 'data-field' }

const ZERO_IV = new Uint8Array(16)

function startVector(profile: CipherProfile, address: number): Uint8Array {
  if (profile.iv === 'zero') return ZERO_IV
  const iv = new Uint8Array(16)
  writeBcd(iv, 0, 7, address)
  return iv
}

/** A `seal` for `encodeFrame`. @param key 16 bytes */
export const sealer =
  (profile: CipherProfile, key: Uint8Array, address: number) =>
  (data: Uint8Array): Uint8Array =>
    encryptCbc(key, startVector(profile, address), profile.padding, data)

/** Replaces an encrypted data field by the plain one. */
export function unsealFrame(profile: CipherProfile, open: CbcOpener, frame: FoundFrame): FoundFrame | Malformed {
  const data = open(startVector(profile, frame.address), profile.padding, frame.data)
  const { kind, type, address, control, at, end } = frame
  return data
    ? { kind, type, address, control, data, at, end }
    : malformed('decrypt', frame.at + 11, 'length or padding of the cipher text is wrong')
}
