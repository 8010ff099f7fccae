import { UsageError } from '@gastwin/twin'
import { writeBcd } from '../bytes/bcd.ts'
import { writeBinary } from './binary.ts'
import { writeClockForm } from './clock-form.ts'
import {
  type FieldSpec,
  type FieldValue,
  fieldLength,
  type NumberField,
  type RecordLayout,
  type UnitPosition,
} from './field.ts'

/** What to put into a field: a number in the field's unit (coded: m³, m³/h, kWh or kW), Unix ms, a status word, or bytes. */
export type FieldContent = number | Uint8Array

const WRITTEN_UNITS = { m3: 0x2c, m3_s: 0x35, j: 0x05, w: 0x17 } as const

/** Mirror of `readRecord`: the bytes of each field as they were read or made. */
export function writeRecord(values: readonly FieldValue[]): Uint8Array {
  let length = 0
  for (const { bytes } of values) length += bytes.length
  const payload = new Uint8Array(length)
  let at = 0
  for (const { bytes } of values) {
    payload.set(bytes, at)
    at += bytes.length
  }
  return payload
}

/**
 * A record from contents by field name; a field that is not named becomes `FF`, which reads as NaN.
 * @throws UsageError PRT_ENCODE when a number has more digits than its field, or bytes are too few or too many
 */
export function makeRecord(
  layout: RecordLayout,
  contents: Readonly<Record<string, FieldContent>>,
  unitPosition: UnitPosition = 'after',
): FieldValue[] {
  let at = 0
  return layout.map((spec) => {
    const value = makeField(spec, contents[spec.name], at, unitPosition)
    at += value.bytes.length
    return value
  })
}

function makeField(
  spec: FieldSpec,
  content: FieldContent | undefined,
  at: number,
  unitPosition: UnitPosition,
): FieldValue {
  const length = fieldLength(spec)
  if (content instanceof Uint8Array) {
    if (length !== 0 && content.length !== length) throw tooLong(spec, `${content.length} bytes`)
    return { spec, at, bytes: content, raw: Number.NaN, unitCode: -1 }
  }
  const bytes = new Uint8Array(length).fill(0xff)
  const value = content ?? Number.NaN
  if (spec.kind === 'number') return makeNumber(spec, value, at, unitPosition, bytes)
  if (spec.kind === 'clock') writeClockForm(bytes, 0, spec.form, value)
  else if (spec.kind === 'status') writeBinary(bytes, 0, spec.bytes, spec.order, Number.isNaN(value) ? 0 : value)
  else if (spec.kind === 'digits' && !Number.isNaN(value)) {
    if (!(Number.isInteger(value) && value >= 0 && value < 100 ** length)) throw tooLong(spec, value)
    writeBcd(bytes, 0, length, value)
  }
  return { spec, at, bytes, raw: value, unitCode: -1 }
}

function makeNumber(
  spec: NumberField,
  value: number,
  at: number,
  position: UnitPosition,
  bytes: Uint8Array,
): FieldValue {
  const coded = spec.unit === 'coded'
  const place = coded && position === 'before' ? 1 : 0
  const unitCode = coded ? codeFor(spec) : -1
  if (coded) bytes[place === 1 ? 0 : spec.bytes] = unitCode
  const raw = Math.round(value * 10 ** spec.decimals)
  if (Number.isNaN(raw)) return { spec, at, bytes, raw, unitCode }
  if (raw < lowest(spec) || raw > highest(spec)) throw tooLong(spec, value)
  if (spec.coding === 'uint' || spec.coding === 'int') writeBinary(bytes, place, spec.bytes, spec.order, raw)
  else {
    writeBcd(bytes, place, spec.bytes, Math.abs(raw))
    if (raw < 0) bytes[place + spec.bytes - 1] = (bytes[place + spec.bytes - 1] ?? 0) | 0x80
    if (spec.order === 'high-first') bytes.subarray(place, place + spec.bytes).reverse()
  }
  return { spec, at, bytes, raw, unitCode }
}

function codeFor({ quantity }: NumberField): number {
  const unit = quantity === undefined ? 'm3' : /_(m3_s|m3|j|w)$/.exec(quantity)?.[1]
  return unit === 'm3_s' || unit === 'j' || unit === 'w' ? WRITTEN_UNITS[unit] : WRITTEN_UNITS.m3
}

function highest({ bytes, coding }: NumberField): number {
  if (coding === 'uint' || coding === 'int') return 256 ** bytes / (coding === 'int' ? 2 : 1) - 1
  return coding === 'bcd' ? 100 ** bytes - 1 : 8 * 10 ** (2 * bytes - 1) - 1
}

const lowest = (spec: NumberField): number =>
  spec.coding === 'signed-bcd' ? -highest(spec) : spec.coding === 'int' ? -highest(spec) - 1 : 0

const tooLong = (spec: FieldSpec, value: unknown): UsageError =>
  new UsageError('PRT_ENCODE', `${spec.name} ${value} does not fit its field`, { field: spec.name })
