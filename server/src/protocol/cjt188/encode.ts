import { writeRecord } from '../record/write-record.ts'
import { writeClock } from './clock.ts'
import type { WritableField } from './data-field.ts'
import { EXTENSION_LENGTH, writeExtension } from './extension.ts'
import { writeFirmwareWord } from './firmware-word.ts'
import { VALVE_CLOSE, writeIdentifier } from './identifiers.ts'
import { writeConnection, writeDays, writeLogPiece, writePrices } from './own-forms.ts'
import { writeVolume } from './volume.ts'

/** Writes the data field that `decodeDataField` reads. */
export function encodeDataField(field: WritableField): Uint8Array {
  switch (field.kind) {
    case 'error':
      return field.serial < 0 ? field.status : Uint8Array.of(field.serial, ...field.status)
    case 'current': {
      const data = head(field, 19)
      writeVolume(data, 3, field.totalM3)
      writeVolume(data, 8, field.settlementM3)
      writeClock(data, 13, field.time)
      writeU16(data, 20, field.statusWord)
      return data
    }
    case 'extension': {
      const data = head(field, EXTENSION_LENGTH)
      writeExtension(data.subarray(3), field.extension)
      return data
    }
    case 'clock': {
      const data = head(field, 7)
      writeClock(data, 3, field.time)
      return data
    }
    case 'valve-command': {
      const data = head(field, 1)
      data[3] = VALVE_CLOSE
      return data
    }
    case 'valve-answer': {
      const data = head(field, 2)
      writeU16(data, 3, field.statusWord)
      return data
    }
    case 'ticket': {
      const data = head(field, 4)
      writeU32(data, 3, field.commandId)
      return data
    }
    case 'parameter': {
      const data = head(field, 5)
      data[3] = field.parameter
      writeU32(data, 4, field.value)
      return data
    }
    case 'firmware':
      return withPayload(field, writeFirmwareWord(field.firmware))
    case 'terminal-log':
      return withPayload(field, writeLogPiece(field.piece))
    case 'days':
      return withPayload(field, writeDays(field.days))
    case 'connection':
      return withPayload(field, writeConnection(field.setting, field.text))
    case 'prices':
      return withPayload(field, writePrices(field.prices))
    case 'record':
      return withPayload(field, writeRecord(field.values))
    case 'other':
      return withPayload(field, field.payload)
  }
}

function withPayload(field: Exclude<WritableField, { kind: 'error' }>, payload: Uint8Array): Uint8Array {
  const data = head(field, payload.length)
  data.set(payload, 3)
  return data
}

function head(field: Exclude<WritableField, { kind: 'error' }>, payloadLength: number): Uint8Array {
  const data = new Uint8Array(3 + payloadLength)
  writeIdentifier(data, field.di, field.order)
  data[2] = field.serial
  return data
}

function writeU16(data: Uint8Array, at: number, value: number): void {
  data[at] = value
  data[at + 1] = value >> 8
}

function writeU32(data: Uint8Array, at: number, value: number): void {
  writeU16(data, at, value)
  writeU16(data, at + 2, value >>> 16)
}
