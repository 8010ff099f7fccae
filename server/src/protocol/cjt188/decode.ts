import type { Malformed } from '@gastwin/twin'
import { malformed } from '../bytes/malformed.ts'
import { readClock } from './clock.ts'
import type { DataField } from './data-field.ts'
import { EXTENSION_LENGTH, readExtension } from './extension.ts'
import type { FoundFrame } from './frame.ts'
import {
  CLOCK_READ_DI,
  CLOCK_WRITE_DI,
  CONTROL,
  CURRENT_DI,
  EXTENSION_DI,
  PARAMETER_DI,
  readIdentifier,
  TICKET_DI,
  VALVE_CLOSE,
  VALVE_DI,
  VALVE_OPEN,
} from './identifiers.ts'
import { readVolume } from './volume.ts'

/** Payload bytes behind identifier and serial where the length is fixed. */
const LENGTHS = new Map<number, number>([
  [CLOCK_READ_DI, 7],
  [CLOCK_WRITE_DI, 7],
  [EXTENSION_DI, EXTENSION_LENGTH],
  [TICKET_DI, 4],
  [PARAMETER_DI, 5],
])
const CURRENT_LENGTH = 19

/**
 * Reads the (plain) data field of a frame.
 * @source CJ/T 188-2004 and -2018 as publicly described; identifiers B010–B012 are ours (docs/CJT188-PROFILE.md)
 */
export function decodeDataField(frame: FoundFrame): DataField | Malformed {
  const { data, control, at } = frame
  const dataAt = at + 11
  if ((control & CONTROL.ABNORMAL) !== 0) return errorAnswer(data, dataAt)
  if (data.length < 3) return malformed('bad-length', at + 10, 'a data field holds at least identifier and serial')
  const identifier = readIdentifier(data)
  if (!identifier)
    return malformed('unknown-identifier', dataAt, 'the data identifier is not known in either byte order')
  const { di, order } = identifier
  const serial = data[2] as number
  const length = data.length - 3
  // A request, or the bare confirmation of a write, has no payload.
  if (di === CURRENT_DI && length > 0 && isVolumeMeter(frame.type)) {
    if (length !== CURRENT_LENGTH) return malformed('bad-length', dataAt + 3, '901F of a volume meter has 19 bytes')
    return {
      kind: 'current',
      di,
      order,
      serial,
      totalM3: readVolume(data, 3),
      settlementM3: readVolume(data, 8),
      time: readClock(data, 13),
      statusWord: (data[20] as number) | ((data[21] as number) << 8),
    }
  }
  if (di === VALVE_DI && length > 0) return valve({ di, order, serial }, data.subarray(3), control, dataAt)
  const expected = length > 0 ? LENGTHS.get(di) : undefined
  if (expected === undefined) return { kind: 'other', di, order, serial, payload: data.subarray(3) }
  if (length !== expected) return malformed('bad-length', dataAt + 3, `the payload has ${expected} bytes`)
  switch (di) {
    case EXTENSION_DI: {
      const extension = readExtension(data.subarray(3))
      return extension
        ? { kind: 'extension', di, order, serial, extension }
        : malformed('unsupported', dataAt + 3, 'only version 1 of the extension is known')
    }
    case TICKET_DI:
      return { kind: 'ticket', di, order, serial, commandId: readU32(data, 3) }
    case PARAMETER_DI:
      return { kind: 'parameter', di, order, serial, parameter: data[3] as number, value: readU32(data, 4) }
    default:
      return { kind: 'clock', di, order, serial, time: readClock(data, 3) }
  }
}

type Head = Pick<Extract<DataField, { kind: 'other' }>, 'di' | 'order' | 'serial'>

/** 2018 groups types by their upper digit: 1 water, 2 heat, 3 gas, 4 custom. */
const isVolumeMeter = (type: number): boolean => type >> 4 === 1 || type >> 4 === 3

function errorAnswer(data: Uint8Array, at: number): DataField | Malformed {
  if (data.length < 1 || data.length > 3) return malformed('bad-length', at, 'an abnormal answer has 1 to 3 bytes')
  if (data.length === 1) return { kind: 'error', serial: -1, status: data }
  return { kind: 'error', serial: data[0] as number, status: data.subarray(1) }
}

function valve(head: Head, payload: Uint8Array, control: number, at: number): DataField | Malformed {
  if ((control & CONTROL.ANSWER) !== 0) {
    return payload.length === 2
      ? { kind: 'valve-answer', ...head, statusWord: (payload[0] as number) | ((payload[1] as number) << 8) }
      : malformed('bad-length', at + 3, 'a valve answer carries the status word')
  }
  if (payload.length !== 1) return malformed('bad-length', at + 3, 'a valve command has one byte')
  if (payload[0] === VALVE_CLOSE) return { kind: 'valve-command', ...head, action: 'close' }
  return payload[0] === VALVE_OPEN
    ? { kind: 'valve-command', ...head, action: 'open' }
    : malformed('out-of-range', at + 3, 'a valve command is 55 or 99')
}

/** Unsigned 32 bits, low byte first. */
const readU32 = (bytes: Uint8Array, at: number): number =>
  new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0, true)
