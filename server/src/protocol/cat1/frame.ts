import { type Malformed, UsageError } from '@gastwin/twin'
import { type Address, readAddress, writeAddress } from '../bytes/address.ts'
import { sum8 } from '../bytes/checksum.ts'
import { malformed } from '../bytes/malformed.ts'

/** Control codes; D7 tells the meter's own frames. @source public guide to one maker's CAT-1 meter (docs/CJT188-PROFILE.md §9) */
export const CONTROL = {
  READ: 0x01,
  WRITE: 0x04,
  ACKNOWLEDGE: 0x17,
  READ_ANSWER: 0x81,
  WRITE_ANSWER: 0x84,
  REPORT: 0x97,
} as const
export const DEVICE_TYPE = 0x03
export const VALVE_WRITE = 0xaa05
export const VALVE_CLOSE = 0x99
/** Sets metering and payment mode at once, and makes the meter open its valve when no money is owed. */
const METERING_MODE_WRITE = 0xaa07

/** A frame of the cellular push: the envelope of CJ/T 188 with another inside. */
export interface Frame extends Address {
  readonly type: number
  /** 03, or 01 when the meter mirrors a command that said so. */
  readonly deviceType: number
  readonly control: number
  /** Echoed in the answer; 0 in reports. */
  readonly instruction: number
  /** Why the meter speaks, a bit each; 0 in commands. */
  readonly triggers: number
  /** A view when it was read. */
  readonly data: Uint8Array
}

export interface FoundFrame extends Frame {
  readonly kind: 'frame'
  readonly at: number
  readonly end: number
}

const START = 0x68
const END = 0x16
const HEAD = 16
const OVERHEAD = HEAD + 2
const CONTROLS: readonly number[] = Object.values(CONTROL)

/** Reads the frame that starts at offset `at` with `68`: its length stands at offset 15, where CJ/T 188 has data. */
export function readFrame(bytes: Uint8Array, at: number): FoundFrame | Malformed {
  if (bytes[at] !== START) {
    return at < bytes.length
      ? malformed('bad-start', at, 'a frame starts with 68')
      : malformed('truncated', at, 'no byte of a frame')
  }
  const available = bytes.length - at
  if (available < OVERHEAD) return malformed('truncated', bytes.length, 'the shortest frame has 18 bytes')
  const deviceType = bytes[at + 9] as number
  const control = bytes[at + 10] as number
  if ((deviceType !== DEVICE_TYPE && deviceType !== 0x01) || !CONTROLS.includes(control))
    return malformed('unsupported', at + 9, 'device type and control code are not those of the push')
  const length = bytes[at + 15] as number
  if (available < length + OVERHEAD)
    return malformed('truncated', bytes.length, 'the length is larger than the bytes at hand')
  const sumAt = at + HEAD + length
  if (bytes[sumAt + 1] !== END) return malformed('bad-end', sumAt + 1, 'a frame ends with 16')
  if (bytes[sumAt] !== sum8(bytes, at, sumAt)) return malformed('checksum', sumAt, 'the sum of the bytes disagrees')
  const address = readAddress(bytes, at + 2, 7)
  if (address === undefined) return malformed('bad-bcd', at + 2, 'the address is not decimal')
  return {
    kind: 'frame',
    ...address,
    type: bytes[at + 1] as number,
    deviceType,
    control,
    instruction: ((bytes[at + 11] as number) << 8) | (bytes[at + 12] as number),
    triggers: ((bytes[at + 13] as number) << 8) | (bytes[at + 14] as number),
    data: bytes.subarray(at + HEAD, sumAt),
    at,
    end: sumAt + 2,
  }
}

/**
 * Writes a frame.
 * @throws UsageError PRT_ENCODE for a valve write other than close and for the metering mode, which opens the valve (S2-18)
 */
export function encodeFrame(frame: Frame): Uint8Array {
  const { data, instruction, triggers } = frame
  if (opensValve(frame)) throw new UsageError('PRT_ENCODE', 'a valve is opened by a person on site only')
  const bytes = new Uint8Array(data.length + OVERHEAD)
  bytes[0] = START
  bytes[1] = frame.type
  writeAddress(bytes, 2, 7, frame)
  bytes[9] = frame.deviceType
  bytes[10] = frame.control
  bytes.set([instruction >> 8, instruction, triggers >> 8, triggers, data.length], 11)
  bytes.set(data, HEAD)
  bytes[HEAD + data.length] = sum8(bytes, 0, HEAD + data.length)
  bytes[HEAD + 1 + data.length] = END
  return bytes
}

function opensValve({ control, data }: Frame): boolean {
  if (control !== CONTROL.WRITE) return false
  const identifier = ((data[0] ?? 0) << 8) | (data[1] ?? 0)
  return identifier === METERING_MODE_WRITE || (identifier === VALVE_WRITE && data[2] !== VALVE_CLOSE)
}
