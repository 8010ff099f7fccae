import type { Malformed } from '@gastwin/twin'
import { malformed } from '../bytes/malformed.ts'
import { readBinary } from '../record/binary.ts'
import { fitsLength, type RecordLayout } from '../record/field.ts'
import { readRecord } from '../record/read-record.ts'
import { CONTROL, type FunctionData, functionOf, type Generation, generationOf } from './control.table.ts'
import type { DataField } from './data-field.ts'
import type { FoundFrame } from './frame.ts'
import { identifier1997 } from './identifiers-1997.ts'
import { type Identifier, identifier2007 } from './identifiers-2007.ts'

/** A maker's own layouts by identifier; they go before the standard's. */
export type OwnLayouts = (di: number) => RecordLayout | undefined

const NO_OWN: OwnLayouts = () => undefined
const EMPTY = new Uint8Array(0)

/** Bytes of an identifier. */
export const identifierBytes = (generation: Generation): number => (generation === '1997' ? 2 : 4)

/** Layouts made before: a reading plan asks thousands of meters for the same few identifiers. */
const MADE = new Map<number, Identifier>()
const MOST_MADE = 2_000

/** Meaning of an identifier and the layout of `length` payload bytes; undefined when it is not known. */
export function identifierOf(di: number, length: number, generation: Generation): Identifier | undefined {
  const key = (di * 256 + (length & 0xff)) * 2 + (generation === '1997' ? 1 : 0)
  const made = MADE.get(key)
  if (made) return made
  const identifier = generation === '1997' ? identifier1997(di, length) : identifier2007(di, length)
  if (!identifier) return undefined
  // Bounded: forged identifiers must not fill memory.
  if (MADE.size >= MOST_MADE) MADE.clear()
  MADE.set(key, identifier)
  return identifier
}

/**
 * Reads the data of a frame.
 * @param generation of the meter, from its archive entry; a function that only the other generation has overrules it
 * @returns a payload whose identifier or length is not known comes back as `rest`, so that nothing is lost
 * @source DL/T 645-1997 and -2007 as publicly described (docs/DLT645-PROFILE.md)
 */
export function decodeDataField(
  frame: FoundFrame,
  generation: Generation,
  own: OwnLayouts = NO_OWN,
): DataField | Malformed {
  const { data, control, at } = frame
  const dataAt = at + 10
  const spoken = generationOf(control) ?? generation
  const spec = functionOf(control, spoken)
  if (!spec) return malformed('unsupported', at + 8, 'no function has this control code')
  if ((control & CONTROL.ABNORMAL) !== 0) {
    return data.length === 1 || data.length === 2
      ? { kind: 'error', code: data }
      : malformed('bad-length', dataAt, 'an abnormal answer has one or two bytes')
  }
  const content: FunctionData = (control & CONTROL.ANSWER) !== 0 ? spec.answer : spec.request
  const head = content.identified ? identifierBytes(spoken) : 0
  const tail = content.counted === true ? 1 : 0
  if (data.length < head + tail) return malformed('bad-length', at + 9, 'the data field is shorter than its identifier')
  const di = head > 0 ? readBinary(data, 0, head, 'low-first') : -1
  const payload = data.subarray(head, data.length - tail)
  const part = tail > 0 ? (data[data.length - 1] as number) : -1
  const common = { kind: 'data', generation: spoken, di, part } as const
  if (content.record) {
    // A read request may name a block or a moment behind the identifier; a part of a long answer is not a whole record.
    if (fitsLength(content.record, payload.length) || content.record.length === payload.length)
      return { ...common, values: readRecord(payload, content.record), rest: EMPTY }
    return content.identified
      ? { ...common, values: [], rest: payload }
      : malformed('bad-length', dataAt, `${spec.name} has another length`)
  }
  const long = part >= 0 || (control & CONTROL.MORE) !== 0
  const layout = long ? undefined : (own(di) ?? identifierOf(di, payload.length, spoken)?.layout)
  return layout && fitsLength(layout, payload.length)
    ? { ...common, values: readRecord(payload, layout), rest: EMPTY }
    : { ...common, values: [], rest: payload }
}
