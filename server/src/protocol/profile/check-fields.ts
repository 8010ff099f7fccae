import type { Quantity } from '@gastwin/twin'
import { CLOCK_FORMS } from '../record/clock-form.ts'
import { type FieldSpec, fieldLength, type RecordLayout } from '../record/field.ts'
import { UNITS, type UnitName } from '../record/units.table.ts'
import { QUANTITIES } from '../report/words.ts'
import type { Checker } from './checker.ts'

const KINDS = ['number', 'clock', 'status', 'digits', 'bytes'] as const
const ORDERS = ['low-first', 'high-first'] as const
const CODINGS = ['bcd', 'signed-bcd', 'uint', 'int'] as const
const UNIT_NAMES = Object.keys(UNITS) as UnitName[]
const MOST_BYTES = 200
/** Two digits a byte stay exact up to 14 digits. */
const MOST_DIGIT_BYTES = 7
const MOST_BINARY_BYTES = 6
const CODED_KINDS = ['m3', 'm3_s', 'j', 'w']

/** The fields of one layout. */
export function checkFields(check: Checker, path: string, value: unknown): RecordLayout {
  const entries = check.array(path, value)
  if (Array.isArray(value) && entries.length === 0) check.fail(path, 'must have a field')
  const fields = entries.map((entry, i) => checkField(check, `${path}[${i}]`, entry))
  const names = new Set<string>()
  let bytes = 0
  for (const [i, field] of fields.entries()) {
    if (names.has(field.name) && field.name !== '') check.fail(`${path}[${i}].name`, `${field.name} comes twice`)
    names.add(field.name)
    if (fieldLength(field) === 0 && i < fields.length - 1)
      check.fail(`${path}[${i}].bytes`, 'only the last field may take all that is left (0)')
    bytes += fieldLength(field)
  }
  if (bytes > MOST_BYTES) check.fail(path, `${bytes} bytes are more than a frame holds (${MOST_BYTES})`)
  return fields
}

function checkField(check: Checker, path: string, value: unknown): FieldSpec {
  const given = (value as { kind?: unknown } | null)?.kind
  const kind = check.word(`${path}.kind`, given, KINDS, 'bytes')
  // Of a field of no kind nothing more can be said.
  if (typeof given === 'string' && given !== kind) return { kind: 'bytes', name: '', bytes: 1 }
  const name = (entry: Readonly<Record<string, unknown>>): string =>
    check.text(
      `${path}.name`,
      entry['name'],
      /^[\p{L}\p{N}][\p{L}\p{N} ,.()/-]{0,63}$/u,
      'a name of at most 64 letters',
    )
  switch (kind) {
    case 'number':
      return checkNumber(check, path, value, name)
    case 'clock': {
      const entry = check.object(path, value, ['kind', 'name', 'form'])
      return { kind, name: name(entry), form: check.word(`${path}.form`, entry['form'], CLOCK_FORMS, 'ssmmhhDDMMYYCC') }
    }
    case 'status': {
      const entry = check.object(path, value, ['kind', 'name', 'bytes'], ['order'])
      const bytes = check.whole(`${path}.bytes`, entry['bytes'], 1, 2, 2) === 1 ? 1 : 2
      return { kind, name: name(entry), bytes, order: check.word(`${path}.order`, entry['order'], ORDERS, 'low-first') }
    }
    case 'digits': {
      const entry = check.object(path, value, ['kind', 'name', 'bytes'])
      return { kind, name: name(entry), bytes: check.whole(`${path}.bytes`, entry['bytes'], 1, MOST_DIGIT_BYTES, 1) }
    }
    case 'bytes': {
      const entry = check.object(path, value, ['kind', 'name', 'bytes'])
      return { kind, name: name(entry), bytes: check.whole(`${path}.bytes`, entry['bytes'], 0, MOST_BYTES, 1) }
    }
  }
}

type Named = (entry: Readonly<Record<string, unknown>>) => string

function checkNumber(check: Checker, path: string, value: unknown, name: Named): FieldSpec {
  const entry = check.object(
    path,
    value,
    ['kind', 'name', 'bytes', 'decimals', 'unit'],
    ['coding', 'order', 'quantity'],
  )
  const coding = check.word(`${path}.coding`, entry['coding'], CODINGS, 'bcd')
  const binary = coding === 'uint' || coding === 'int'
  const bytes = check.whole(`${path}.bytes`, entry['bytes'], 1, binary ? MOST_BINARY_BYTES : MOST_DIGIT_BYTES, 1)
  const unit = check.word(`${path}.unit`, entry['unit'], ['coded', ...UNIT_NAMES] as const, 'none')
  const quantity =
    entry['quantity'] === undefined
      ? undefined
      : check.word(`${path}.quantity`, entry['quantity'], QUANTITIES, 'index_m3')
  if (quantity !== undefined && quantity === entry['quantity'] && unit === entry['unit'])
    checkQuantity(check, path, unit, quantity)
  return {
    kind: 'number',
    name: name(entry),
    bytes,
    decimals: check.whole(`${path}.decimals`, entry['decimals'], 0, 9, 0),
    unit,
    coding,
    order: check.word(`${path}.order`, entry['order'], ORDERS, 'low-first'),
    ...(quantity && { quantity }),
  }
}

/** A register in kWh cannot be a volume. */
function checkQuantity(check: Checker, path: string, unit: UnitName | 'coded', quantity: Quantity): void {
  const wanted = /_(m3_s|m3|pa|k|j|w|v|a|hz)$/.exec(quantity)?.[1] ?? 'none'
  const fits = unit === 'coded' ? CODED_KINDS.includes(wanted) : UNITS[unit].si === wanted
  if (!fits) check.fail(`${path}.quantity`, `${quantity} cannot stand in ${unit}`)
}
