import { UsageError } from '@gastwin/twin'
import {
  type Certificate,
  type CertificateRefusal,
  decodeCertificate,
  encodeCertificate,
  refuseCertificate,
} from './certificate.ts'
import { SIGNATURE_BYTES, type Sm2KeyPair, signSm2, verifySm2 } from './sm2.ts'
import { sm3 } from './sm3.ts'

/** What a firmware image is and whom it is for (docs/FIRMWARE.md §1). */
export interface FirmwareManifest {
  readonly maker: string
  readonly model: string
  readonly version: string
  /** A device refuses an image whose number is below that of the image it runs: what closed a hole cannot be taken back. */
  readonly security: number
  /** A device with less in its battery does not begin, mV; 0 asks for nothing. */
  readonly minBatteryMv: number
  /** Bytes of the image. */
  readonly size: number
  /** SM3 of the image. */
  readonly digest: Uint8Array
}

/** A manifest, who vouches for it, and the signature. */
export interface SignedFirmware {
  readonly manifest: FirmwareManifest
  readonly signature: Uint8Array
  readonly certificate: Certificate
}

/** Why an image is not believed. */
export type FirmwareRefusal = `certificate_${CertificateRefusal}` | 'maker' | 'signature' | 'size' | 'digest'

/** The subject of a certificate that vouches for the images of every maker: the utility's own. */
export const EVERY_MAKER = '*'
export const MOST_FIRMWARE_BYTES = 1 << 20
const MAGIC = [0x47, 0x46, 0x01] as const
const NAMES_AT = 3 + 4 + 2 + 4 + 32
const NAME = /^[\x21-\x7e]{1,32}$/
const LABEL = new TextEncoder().encode('gastwin firmware 1')

/**
 * The signed manifest that travels beside an image.
 * @throws UsageError PRT_ENCODE when a value has no place in the format
 */
export function signFirmware(
  image: Uint8Array,
  claims: Omit<FirmwareManifest, 'size' | 'digest'>,
  certificate: Certificate,
  keys: Sm2KeyPair,
): Uint8Array {
  const manifest = encodeManifest({ ...claims, size: image.length, digest: sm3(image) })
  const signature = signSm2(signedPart(manifest), keys)
  const length = Uint8Array.of(manifest.length >> 8, manifest.length)
  return new Uint8Array(Buffer.concat([length, manifest, signature, encodeCertificate(certificate)]))
}

/** Reads a signed manifest without believing it; undefined when it is none. */
export function decodeSignedFirmware(input: Uint8Array): SignedFirmware | undefined {
  const bytes = Buffer.from(input)
  if (bytes.length < 2) return undefined
  const end = 2 + bytes.readUInt16BE(0)
  const manifest = decodeManifest(bytes.subarray(2, end))
  const certificate = decodeCertificate(bytes.subarray(end + SIGNATURE_BYTES))
  if (manifest === undefined || certificate === undefined) return undefined
  return { manifest, signature: new Uint8Array(bytes.subarray(end, end + SIGNATURE_BYTES)), certificate }
}

/**
 * Checks who vouches for a manifest, against the authority's key that each side has from its making.
 * @param at Unix seconds
 * @returns why not, or undefined when it holds
 */
export function refuseSigned(
  { manifest, signature, certificate }: SignedFirmware,
  authorityKey: Uint8Array,
  expected: { readonly at: number; readonly isRevoked: (serial: number) => boolean },
): FirmwareRefusal | undefined {
  const refusal = refuseCertificate(certificate, authorityKey, { role: 'firmware', ...expected })
  if (refusal !== undefined) return `certificate_${refusal}`
  if (certificate.subject !== EVERY_MAKER && certificate.subject !== manifest.maker) return 'maker'
  return verifySm2(signedPart(encodeManifest(manifest)), signature, certificate.publicKey) ? undefined : 'signature'
}

/** Whether an image is the one of a manifest. @returns why not, or undefined when it is */
export function refuseImage({ size, digest }: FirmwareManifest, image: Uint8Array): FirmwareRefusal | undefined {
  if (image.length !== size) return 'size'
  return Buffer.from(sm3(image)).equals(digest) ? undefined : 'digest'
}

/** Image names are told apart from everything else that such a key may ever sign. */
const signedPart = (manifest: Uint8Array): Uint8Array => new Uint8Array(Buffer.concat([LABEL, manifest]))

function encodeManifest({ maker, model, version, security, minBatteryMv, size, digest }: FirmwareManifest): Uint8Array {
  const names = [maker, model, version]
  const ok =
    names.every((name) => NAME.test(name)) &&
    isUint(security, 0xffff_ffff) &&
    isUint(minBatteryMv, 0xffff) &&
    isUint(size, MOST_FIRMWARE_BYTES) &&
    size > 0 &&
    digest.length === 32
  if (!ok)
    throw new UsageError(
      'PRT_ENCODE',
      `no manifest for ${names.join(' ')}: names have 1 to 32 visible characters, an image 1 to ${MOST_FIRMWARE_BYTES} bytes`,
    )
  const bytes = Buffer.alloc(NAMES_AT)
  bytes.set(MAGIC)
  bytes.writeUInt32BE(security, 3)
  bytes.writeUInt16BE(minBatteryMv, 7)
  bytes.writeUInt32BE(size, 9)
  bytes.set(digest, 13)
  return new Uint8Array(
    Buffer.concat([bytes, ...names.map((name) => Buffer.from(`${lengthByte(name)}${name}`, 'latin1'))]),
  )
}

const lengthByte = (name: string): string => String.fromCharCode(name.length)
const isUint = (value: number, most: number): boolean => Number.isInteger(value) && value >= 0 && value <= most

function decodeManifest(bytes: Buffer): FirmwareManifest | undefined {
  if (bytes.length < NAMES_AT || MAGIC.some((byte, i) => bytes[i] !== byte)) return undefined
  const names: string[] = []
  let at = NAMES_AT
  while (names.length < 3) {
    const end = at + 1 + (bytes[at] ?? 0)
    const name = bytes.toString('latin1', at + 1, end)
    if (end > bytes.length || !NAME.test(name)) return undefined
    names.push(name)
    at = end
  }
  const [maker = '', model = '', version = ''] = names
  const size = bytes.readUInt32BE(9)
  if (at !== bytes.length || size === 0 || size > MOST_FIRMWARE_BYTES) return undefined
  const digest = new Uint8Array(bytes.subarray(13, 45))
  return { maker, model, version, security: bytes.readUInt32BE(3), minBatteryMv: bytes.readUInt16BE(7), size, digest }
}
