import { readBcd } from '../bytes/bcd.ts'
import { readBinary } from './binary.ts'
import { readClockForm } from './clock-form.ts'
import {
  type FieldSpec,
  type FieldValue,
  fieldLength,
  type NumberField,
  type RecordLayout,
  type UnitPosition,
} from './field.ts'

/** Takes a payload apart. The caller has checked its length with `fitsLength`; a field that cannot be read has a NaN. */
export function readRecord(
  payload: Uint8Array,
  layout: RecordLayout,
  unitPosition: UnitPosition = 'after',
): FieldValue[] {
  const values: FieldValue[] = []
  let at = 0
  for (const spec of layout) {
    const length = fieldLength(spec) || payload.length - at
    const bytes = payload.subarray(at, at + length)
    const coded = spec.kind === 'number' && spec.unit === 'coded'
    const unitFirst = coded && unitPosition === 'before'
    const raw = rawOf(spec, bytes, unitFirst ? 1 : 0)
    values.push({ spec, at, bytes, raw, unitCode: coded ? (bytes[unitFirst ? 0 : spec.bytes] ?? 0) : -1 })
    at += length
  }
  return values
}

function rawOf(spec: FieldSpec, bytes: Uint8Array, at: number): number {
  switch (spec.kind) {
    case 'number':
      return numberOf(spec, bytes, at)
    case 'clock':
      return readClockForm(bytes, 0, spec.form)
    case 'status':
      return readBinary(bytes, 0, spec.bytes, spec.order)
    case 'digits':
      return bytes.length > 7 ? Number.NaN : orNaN(readBcd(bytes, 0, bytes.length))
    case 'bytes':
      return Number.NaN
  }
}

function numberOf({ bytes: count, coding, order }: NumberField, bytes: Uint8Array, at: number): number {
  if (coding === 'uint' || coding === 'int') {
    const value = readBinary(bytes, at, count, order)
    return coding === 'int' && value >= 256 ** count / 2 ? value - 256 ** count : value
  }
  // A copy: of a Buffer `slice` is a view, and what came must reach the log as it came.
  const digits = new Uint8Array(bytes.subarray(at, at + count))
  if (order === 'high-first') digits.reverse()
  const top = digits[count - 1] ?? 0
  const negative = coding === 'signed-bcd' && top >= 0x80
  if (negative) digits[count - 1] = top & 0x7f
  const value = readBcd(digits, 0, count)
  // No "minus zero": it would not compare equal to what is written back.
  return value < 0 ? Number.NaN : negative && value > 0 ? -value : value
}

const orNaN = (value: number): number => (value < 0 ? Number.NaN : value)
