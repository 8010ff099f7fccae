import { UsageError } from '@gastwin/twin'
import { concatBytes } from '../bytes/concat.ts'
import { writeBinary } from '../record/binary.ts'
import { type FieldContent, makeRecord, writeRecord } from '../record/write-record.ts'
import { CONTROL, functionOf, type Generation, READ, RELAY_CONTROL } from './control.table.ts'
import type { DataField } from './data-field.ts'
import { identifierBytes, identifierOf } from './decode.ts'
import { encodeFrame } from './frame.ts'

/** Writes the data field that `decodeDataField` reads. */
export function encodeDataField(field: DataField): Uint8Array {
  if (field.kind === 'error') return field.code
  const { di, values, rest, part, generation } = field
  return concatBytes([
    di < 0 ? new Uint8Array(0) : identifier(di, generation),
    writeRecord(values),
    rest,
    part < 0 ? new Uint8Array(0) : Uint8Array.of(part),
  ])
}

function identifier(di: number, generation: Generation): Uint8Array {
  const bytes = new Uint8Array(identifierBytes(generation))
  writeBinary(bytes, 0, bytes.length, 'low-first', di)
  return bytes
}

/** Asks a meter for one identifier. @param address decimal digits, or BROADCAST where it is the only meter on the line */
export const encodeReadRequest = (address: number, di: number, generation: Generation = '2007'): Uint8Array =>
  encodeFrame({ address, control: READ[generation], data: identifier(di, generation) })

/**
 * What a meter answers to a read request.
 * @param contents by field name, in the field's unit; clocks in Unix ms, times of day in ms after midnight
 * @param length bytes of the payload where the identifier is a block of as many values as the meter has
 * @throws UsageError PRT_ENCODE when the identifier is not known or a value does not fit
 */
export function encodeReadAnswer(
  address: number,
  di: number,
  contents: Readonly<Record<string, FieldContent>>,
  generation: Generation = '2007',
  length = 0,
): Uint8Array {
  const known = identifierOf(di, length, generation)
  if (!known) throw new UsageError('PRT_ENCODE', `no layout is known for ${di.toString(16)}`, { di })
  const data = concatBytes([identifier(di, generation), writeRecord(makeRecord(known.layout, contents))])
  return encodeFrame({ address, control: READ[generation] | CONTROL.ANSWER, data })
}

/** What the platform may ask of the relay of an electricity meter: closing is permitted here and done by a person on site. */
export type RelayOrder = 'trip' | 'permit-closing' | 'alarm' | 'alarm-off' | 'keep-power' | 'keep-power-off'
const ORDERS: Readonly<Record<RelayOrder, number>> = {
  trip: 0x1a,
  'permit-closing': 0x1b,
  alarm: 0x2a,
  'alarm-off': 0x2b,
  'keep-power': 0x3a,
  'keep-power-off': 0x3b,
}

/**
 * An order to the relay.
 * @param password four bytes: level, then the password low byte first
 * @param operator four bytes
 * @param until Unix ms: after this the meter refuses the order
 */
export function encodeRelayOrder(
  address: number,
  order: RelayOrder,
  password: Uint8Array,
  operator: Uint8Array,
  until: number,
): Uint8Array {
  const layout = functionOf(RELAY_CONTROL, '2007')?.request.record ?? []
  const record = makeRecord(layout, {
    password,
    operator,
    operation: Uint8Array.of(ORDERS[order]),
    spare: new Uint8Array(1),
    time: until,
  })
  return encodeFrame({ address, control: RELAY_CONTROL, data: writeRecord(record) })
}
