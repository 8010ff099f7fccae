import type { Quantity } from '@gastwin/twin'
import type { ClockForm } from './clock-form.ts'
import type { UnitName } from './units.table.ts'

/** A number of `bytes` bytes: digits × 10^−decimals in `unit`. A `coded` unit stands in a byte of its own beside the digits. */
export interface NumberField {
  readonly kind: 'number'
  readonly name: string
  /** Bytes of the digits, without a unit byte; 1…7. */
  readonly bytes: number
  readonly decimals: number
  readonly unit: UnitName | 'coded'
  /** `bcd` two digits a byte · `signed-bcd` the same, the top bit is the sign · `uint` and `int` binary, at most 6 bytes. */
  readonly coding: 'bcd' | 'signed-bcd' | 'uint' | 'int'
  readonly order: 'low-first' | 'high-first'
  /** What a report calls it. */
  readonly quantity?: Quantity
}

/** One field of a record. `bytes: 0` in the last field: everything that is left. */
export type FieldSpec =
  | NumberField
  | { readonly kind: 'clock'; readonly name: string; readonly form: ClockForm }
  | {
      readonly kind: 'status'
      readonly name: string
      readonly bytes: 1 | 2
      readonly order: 'low-first' | 'high-first'
    }
  | { readonly kind: 'digits'; readonly name: string; readonly bytes: number }
  | { readonly kind: 'bytes'; readonly name: string; readonly bytes: number }

/** The fields of a payload in wire order. */
export type RecordLayout = readonly FieldSpec[]

/** One field as it was read. */
export interface FieldValue {
  readonly spec: FieldSpec
  /** Offset in the payload. */
  readonly at: number
  /** As they stand on the wire, unit byte included; a view. */
  readonly bytes: Uint8Array
  /**
   * number: the digits as a signed whole number · clock: Unix ms, or ms after midnight for a form without date · status: the word,
   * first byte lowest unless `high-first` · digits: the decimal number · bytes: NaN. NaN also when the field cannot be read.
   */
  readonly raw: number
  /** Unit byte of a `coded` number, else −1. */
  readonly unitCode: number
}

/** Where the unit byte of a coded number stands. */
export type UnitPosition = 'after' | 'before'

/** Bytes of a field on the wire; 0 for one that takes what is left. */
export function fieldLength(spec: FieldSpec): number {
  if (spec.kind === 'clock') return spec.form.length / 2
  return spec.kind === 'number' && spec.unit === 'coded' ? spec.bytes + 1 : spec.bytes
}

/** Whether a payload of `length` bytes is laid out like this. */
export function fitsLength(layout: RecordLayout, length: number): boolean {
  let fixed = 0
  for (const spec of layout) fixed += fieldLength(spec)
  const last = layout.at(-1)
  return last !== undefined && fieldLength(last) === 0 ? length >= fixed : length === fixed
}

type NumberOptions = Partial<Pick<NumberField, 'coding' | 'order' | 'quantity'>>

/** A number field, BCD and low byte first unless told otherwise. */
export const number = (
  name: string,
  bytes: number,
  decimals: number,
  unit: NumberField['unit'],
  options: NumberOptions = {},
): NumberField => ({ kind: 'number', name, bytes, decimals, unit, coding: 'bcd', order: 'low-first', ...options })
export const clock = (name: string, form: ClockForm): FieldSpec => ({ kind: 'clock', name, form })
export const status = (name: string, bytes: 1 | 2 = 2): FieldSpec => ({
  kind: 'status',
  name,
  bytes,
  order: 'low-first',
})
export const digits = (name: string, bytes: number): FieldSpec => ({ kind: 'digits', name, bytes })
export const opaque = (name: string, bytes = 0): FieldSpec => ({ kind: 'bytes', name, bytes })
