import type { VendorProfile } from '../profile/vendor-profile.ts'
import type { StatusProfile } from '../record/status-word.ts'

/** What the archive knows about a device and a frame does not say. */
export interface DeviceLookup {
  /** SM4 key of 16 bytes; undefined when the device has none. */
  keyOf(device: number): Uint8Array | undefined
  statusProfileOf(device: number): StatusProfile
  /** What the maker does in its own way; without it the standard holds. */
  profileOf?(device: number): VendorProfile | undefined
}

/** Content-Formats of `POST /r`, of a first contact at `POST /reg`, and of what a session seals; all but the first are in the range for experiments. @source RFC 7252 §12.3, RFC 8949 §9.4 */
export const CONTENT_FORMAT = {
  CBOR: 60,
  CJT188: 65001,
  CJT188_SM4: 65002,
  DLT645: 65003,
  CAT1: 65004,
  CONTACT: 65010,
  SEALED: 65011,
} as const
