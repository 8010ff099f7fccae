import type { Malformed } from '@gastwin/twin'
import { malformed } from '../bytes/malformed.ts'
import type { VendorProfile } from '../profile/vendor-profile.ts'
import { fitsLength, type RecordLayout } from '../record/field.ts'
import { readRecord } from '../record/read-record.ts'
import { readClock } from './clock.ts'
import type { DataField } from './data-field.ts'
import { EXTENSION_LENGTH, readExtension } from './extension.ts'
import { readFirmwareWord } from './firmware-word.ts'
import type { FoundFrame } from './frame.ts'
import {
  CLOCK_READ_DI,
  CLOCK_WRITE_DI,
  CONNECTION_DI,
  CONTROL,
  CURRENT_DI,
  DAYS_DI,
  EXTENSION_DI,
  FIRMWARE_DI,
  identifierIn,
  identifierOrder,
  PARAMETER_DI,
  PRICES_DI,
  TERMINAL_LOG_DI,
  TICKET_DI,
  VALVE_CLOSE,
  VALVE_DI,
  VALVE_OPEN,
} from './identifiers.ts'
import { layoutsOf, WRITE_ANSWERS } from './layouts.table.ts'
import { familyOf } from './meter-types.ts'
import { readConnection, readDays, readLogPiece, readPrices } from './own-forms.ts'
import { readVolume } from './volume.ts'

/** Payload bytes behind identifier and serial where the length is fixed. */
const LENGTHS = new Map<number, number>([
  [EXTENSION_DI, EXTENSION_LENGTH],
  [TICKET_DI, 4],
  [PARAMETER_DI, 5],
])
const CURRENT_LENGTH = 19

const NO_LAYOUTS: readonly RecordLayout[] = []
const WRITES: readonly number[] = [CONTROL.WRITE, CONTROL.WRITE_ADDRESS, CONTROL.WRITE_BASE_READING]

/**
 * Reads the (plain) data field of a frame. A payload that neither the profile nor the standard lays out comes back as bytes.
 * @param profile what the maker does in its own way; without it the standard's forms hold, units behind their values
 * @source CJ/T 188-2004 and -2018 as publicly described; identifiers B010–B017 are ours (docs/CJT188-PROFILE.md)
 */
export function decodeDataField(frame: FoundFrame, profile?: VendorProfile): DataField | Malformed {
  const { data, control, at } = frame
  const dataAt = at + 11
  if ((control & CONTROL.ABNORMAL) !== 0) return errorAnswer(data, dataAt)
  if (data.length < 3) return malformed('bad-length', at + 10, 'a data field holds at least identifier and serial')
  const order = identifierOrder(data, profile?.identifierOrder, profile?.layouts)
  if (order === undefined)
    return malformed('unknown-identifier', dataAt, 'the data identifier is not known in either byte order')
  const di = identifierIn(data, order)
  const serial = data[2] as number
  const length = data.length - 3
  // A request, or the bare confirmation of a write, has no payload.
  const own = length > 0 && profile ? ownLayout(profile, di, frame.type, length) : undefined
  if (own) return record({ di, order, serial }, data.subarray(3), own, profile)
  if (di === CURRENT_DI && length > 0 && isVolumeMeter(frame.type) && profile?.unitPosition !== 'before') {
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
  if (di === FIRMWARE_DI && length > 0) {
    const firmware = readFirmwareWord(data.subarray(3))
    return firmware
      ? { kind: 'firmware', di, order, serial, firmware }
      : malformed('out-of-range', dataAt + 3, 'what is said of the firmware cannot be read')
  }
  if (length > 0 && isOwnForm(di)) {
    const form = ownForm({ di, order, serial }, data.subarray(3))
    return form ?? malformed('out-of-range', dataAt + 3, 'the payload of our own form cannot be read')
  }
  const expected = length > 0 ? LENGTHS.get(di) : undefined
  if (expected === undefined) {
    const layout = length > 0 ? layoutFor(di, frame, length) : undefined
    if (layout) return recordOrClock({ di, order, serial }, data.subarray(3), layout, profile)
    if (length > 0 && isClock(di)) return malformed('bad-length', dataAt + 3, 'a clock has 7 bytes')
    return { kind: 'other', di, order, serial, payload: data.subarray(3) }
  }
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
      return { kind: 'other', di, order, serial, payload: data.subarray(3) }
  }
}

const isClock = (di: number): boolean => di === CLOCK_READ_DI || di === CLOCK_WRITE_DI

const isOwnForm = (di: number): boolean => di >= TERMINAL_LOG_DI && di <= PRICES_DI

/** A field of variable length that is ours; undefined when it cannot be read. */
function ownForm(head: Head, payload: Uint8Array): DataField | undefined {
  switch (head.di) {
    case TERMINAL_LOG_DI: {
      const piece = readLogPiece(payload)
      return piece && { kind: 'terminal-log', ...head, piece }
    }
    case DAYS_DI: {
      const days = readDays(payload)
      return days && { kind: 'days', ...head, days }
    }
    case CONNECTION_DI: {
      const connection = readConnection(payload)
      return connection && { kind: 'connection', ...head, ...connection }
    }
    default: {
      const prices = readPrices(payload)
      return prices && { kind: 'prices', ...head, prices }
    }
  }
}

/** The maker's own layout of this identifier and length. */
function ownLayout(profile: VendorProfile, di: number, type: number, length: number): RecordLayout | undefined {
  const family = familyOf(type)
  for (const layout of profile.layouts) {
    if (layout.identifier !== di || (layout.family !== undefined && layout.family !== family)) continue
    if (fitsLength(layout.fields, length)) return layout.fields
  }
  return undefined
}

function layoutFor(di: number, { type, control }: FoundFrame, length: number): RecordLayout | undefined {
  const family = familyOf(type)
  const known = family ? layoutsOf(di, family) : NO_LAYOUTS
  const writes = (control & CONTROL.ANSWER) !== 0 && WRITES.includes(control & CONTROL.FUNCTION)
  const layouts = writes ? [...WRITE_ANSWERS, ...known] : known
  return layouts.find((layout) => fitsLength(layout, length))
}

function recordOrClock(head: Head, payload: Uint8Array, layout: RecordLayout, profile?: VendorProfile): DataField {
  return isClock(head.di) && payload.length === 7
    ? { kind: 'clock', ...head, time: readClock(payload, 0) }
    : record(head, payload, layout, profile)
}

const record = (head: Head, payload: Uint8Array, layout: RecordLayout, profile?: VendorProfile): DataField => ({
  kind: 'record',
  ...head,
  values: readRecord(payload, layout, profile?.unitPosition),
})

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
