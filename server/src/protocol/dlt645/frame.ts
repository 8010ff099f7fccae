import { type Malformed, UsageError } from '@gastwin/twin'
import { type Address, readAddress, writeAddress } from '../bytes/address.ts'
import { sum8 } from '../bytes/checksum.ts'
import { malformed } from '../bytes/malformed.ts'

/** What stands between the two `68` and `16`, the 33H of every data byte taken off. */
export interface Frame extends Address {
  /** Control code C. */
  readonly control: number
  /** Data as it is meant; a copy when it was read. */
  readonly data: Uint8Array
}

/** A frame found in bytes. */
export interface FoundFrame extends Frame {
  readonly kind: 'frame'
  /** Offset of the first `68`. */
  readonly at: number
  /** Offset after `16`. */
  readonly end: number
}

/** All nines: everybody, for the clock and the freeze command. */
export const EVERYBODY = 999_999_999_999
export const ADDRESS_BYTES = 6
const START = 0x68
const END = 0x16
const OVERHEAD = 12
/** Added to every data byte on the wire, so that a line at rest is no data. */
const OFFSET = 0x33
/** @source DL/T 645-2007, data field of an answer, as publicly described */
const MAX_DATA = 200

/**
 * Reads the frame that starts at offset `at` with `68`. Both generations have this envelope.
 * @source DL/T 645-1997 and -2007 link layer as publicly described (docs/DLT645-PROFILE.md)
 */
export function readFrame(bytes: Uint8Array, at: number): FoundFrame | Malformed {
  if (bytes[at] !== START) {
    return at < bytes.length
      ? malformed('bad-start', at, 'a frame starts with 68')
      : malformed('truncated', at, 'no byte of a frame')
  }
  const available = bytes.length - at
  if (available < OVERHEAD) return malformed('truncated', bytes.length, 'the shortest frame has 12 bytes')
  if (bytes[at + 7] !== START) return malformed('bad-start', at + 7, 'a second 68 follows the address')
  const length = bytes[at + 9] as number
  if (length > MAX_DATA) return malformed('bad-length', at + 9, `L is above ${MAX_DATA}`)
  if (available < length + OVERHEAD) return malformed('truncated', bytes.length, 'L is larger than the bytes at hand')
  const sumAt = at + 10 + length
  if (bytes[sumAt + 1] !== END) return malformed('bad-end', sumAt + 1, 'a frame ends with 16')
  if (bytes[sumAt] !== sum8(bytes, at, sumAt)) return malformed('checksum', sumAt, 'the sum of the bytes disagrees')
  const address = readAddress(bytes, at + 1, ADDRESS_BYTES)
  if (address === undefined) return malformed('bad-bcd', at + 1, 'the address is not decimal')
  // A copy: of a Buffer `slice` is a view, and what came must reach the log as it came.
  const data = new Uint8Array(bytes.subarray(at + 10, sumAt))
  for (let i = 0; i < data.length; i++) data[i] = (data[i] ?? 0) - OFFSET
  return { kind: 'frame', ...address, control: bytes[at + 8] as number, data, at, end: sumAt + 2 }
}

/**
 * Writes a frame, without preamble.
 * @throws UsageError PRT_ENCODE for more than 200 bytes of data
 */
export function encodeFrame(frame: Frame): Uint8Array {
  const { control, data } = frame
  if (data.length > MAX_DATA)
    throw new UsageError('PRT_ENCODE', `${data.length} bytes of data, ${MAX_DATA} are the most`)
  const bytes = new Uint8Array(data.length + OVERHEAD)
  bytes[0] = START
  writeAddress(bytes, 1, ADDRESS_BYTES, frame)
  bytes[7] = START
  bytes[8] = control
  bytes[9] = data.length
  for (let i = 0; i < data.length; i++) bytes[10 + i] = (data[i] ?? 0) + OFFSET
  bytes[10 + data.length] = sum8(bytes, 0, 10 + data.length)
  bytes[11 + data.length] = END
  return bytes
}
