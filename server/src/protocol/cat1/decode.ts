import type { Malformed } from '@gastwin/twin'
import { malformed } from '../bytes/malformed.ts'
import { type FieldValue, fitsLength, opaque, type RecordLayout } from '../record/field.ts'
import { readRecord } from '../record/read-record.ts'
import { CONTROL, type FoundFrame } from './frame.ts'
import { ACKNOWLEDGEMENT, POSTPAID, POSTPAID_REPORT, WRITE, WRITE_ANSWER } from './layouts.table.ts'

const UNKNOWN: RecordLayout = [opaque('data')]

function layoutOf({ control, data }: FoundFrame): RecordLayout {
  if (control === CONTROL.REPORT) return data[0] === POSTPAID ? POSTPAID_REPORT : UNKNOWN
  if (control === CONTROL.WRITE_ANSWER) return WRITE_ANSWER
  if (control === CONTROL.ACKNOWLEDGE) return ACKNOWLEDGEMENT
  return control === CONTROL.WRITE ? WRITE : UNKNOWN
}

/** The fields of a frame's data; packets without a public layout are one field of bytes. */
export function decodeData(frame: FoundFrame): FieldValue[] | Malformed {
  const layout = layoutOf(frame)
  return fitsLength(layout, frame.data.length)
    ? readRecord(frame.data, layout)
    : malformed('bad-length', frame.at + 15, 'the data of this control code have another length')
}
