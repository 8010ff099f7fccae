import { InvariantError, type Malformed } from '@gastwin/twin'
import { type Address, readAddress, writeAddress } from '../bytes/address.ts'
import { readBcd } from '../bytes/bcd.ts'
import { sum8 } from '../bytes/checksum.ts'
import { malformed } from '../bytes/malformed.ts'
import { CONTROL, VALVE_DI, VALVE_OPEN } from './identifiers.ts'

/** All nines: a broadcast of the 2018 version that is not only point to point. */
export const EVERYBODY = 99_999_999_999_999
export const ADDRESS_BYTES = 7

/** What stands between `68` and `16`. */
export interface Frame extends Address {
  /** Meter type T: 10–19 water, 20–29 heat, 30–39 gas, 40–49 custom (hexadecimal). */
  readonly type: number
  /** Control code C. */
  readonly control: number
  /** Data field of L bytes; a view when it was read. */
  readonly data: Uint8Array
}

/** A frame found in bytes. */
export interface FoundFrame extends Frame {
  readonly kind: 'frame'
  /** Offset of `68`. */
  readonly at: number
  /** Offset after `16`. */
  readonly end: number
}

const START = 0x68
const END = 0x16
const OVERHEAD = 13

/**
 * Reads the frame that starts at offset `at` with `68`; a preamble is skipped by `scanFrames`.
 * @source CJ/T 188-2004 link layer as publicly described (docs/CJT188-PROFILE.md)
 */
export function readFrame(bytes: Uint8Array, at: number): FoundFrame | Malformed {
  if (bytes[at] !== START) {
    return at < bytes.length
      ? malformed('bad-start', at, 'a frame starts with 68')
      : malformed('truncated', at, 'no byte of a frame')
  }
  const available = bytes.length - at
  if (available < OVERHEAD) return malformed('truncated', bytes.length, 'the shortest frame has 13 bytes')
  const length = bytes[at + 10] as number
  if (available < length + OVERHEAD) return malformed('truncated', bytes.length, 'L is larger than the bytes at hand')
  const sumAt = at + 11 + length
  if (bytes[sumAt + 1] !== END) return malformed('bad-end', sumAt + 1, 'a frame ends with 16')
  if (bytes[sumAt] !== sum8(bytes, at, sumAt)) return malformed('checksum', sumAt, 'the sum of the bytes disagrees')
  const address = readBcd(bytes, at + 2, ADDRESS_BYTES)
  const pattern = address < 0 ? readAddress(bytes, at + 2, ADDRESS_BYTES) : undefined
  if (address < 0 && !pattern) return malformed('bad-bcd', at + 2, 'the address is not decimal')
  const frame: FoundFrame = {
    kind: 'frame',
    type: bytes[at + 1] as number,
    address,
    control: bytes[at + 9] as number,
    data: bytes.subarray(at + 11, sumAt),
    at,
    end: sumAt + 2,
  }
  return pattern ? { ...frame, ...pattern } : frame
}

/**
 * Writes a frame, without preamble.
 * @param seal turns the plain data field into what goes on the wire (encryption)
 * @throws InvariantError TWN_INVARIANT for a valve-open command, which no part of gastwin may send (S2-18)
 */
export function encodeFrame(frame: Frame, seal: (data: Uint8Array) => Uint8Array = (data) => data): Uint8Array {
  if (opensValve(frame)) throw new InvariantError('TWN_INVARIANT', 'a valve is opened by a person on site only')
  const data = seal(frame.data)
  const bytes = new Uint8Array(data.length + OVERHEAD)
  bytes[0] = START
  bytes[1] = frame.type
  writeAddress(bytes, 2, ADDRESS_BYTES, frame)
  bytes[9] = frame.control
  bytes[10] = data.length
  bytes.set(data, 11)
  bytes[11 + data.length] = sum8(bytes, 0, 11 + data.length)
  bytes[12 + data.length] = END
  return bytes
}

function opensValve({ control, data }: Frame): boolean {
  // Whatever the function: a meter that heeds only the identifier must not find one here either.
  if ((control & CONTROL.ANSWER) !== 0) return false
  const di = ((data[0] ?? 0) << 8) | (data[1] ?? 0)
  const swapped = ((data[1] ?? 0) << 8) | (data[0] ?? 0)
  return (di === VALVE_DI || swapped === VALVE_DI) && data[3] === VALVE_OPEN
}
