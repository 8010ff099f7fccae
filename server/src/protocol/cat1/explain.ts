import type { VendorProfile } from '../profile/vendor-profile.ts'
import { valueText } from '../record/value-text.ts'
import { type Explanation, explainFrames, type FieldList } from '../report/explanation.ts'
import { decodeData } from './decode.ts'
import { CONTROL, type FoundFrame, VALVE_WRITE } from './frame.ts'
import { TRIGGER_BITS } from './layouts.table.ts'
import { scanFrames } from './scan.ts'

const CONTROLS = new Map<number, string>([
  [CONTROL.READ, 'the platform reads'],
  [CONTROL.WRITE, 'the platform writes'],
  [CONTROL.ACKNOWLEDGE, 'the platform acknowledges'],
  [CONTROL.READ_ANSWER, 'answer to a read'],
  [CONTROL.WRITE_ANSWER, 'answer to a write'],
  [CONTROL.REPORT, 'report of the meter'],
])

/** Frames of the cellular push field by field. */
export function explainCat1(bytes: Uint8Array, profile?: VendorProfile): Explanation {
  return explainFrames('CAT-1 push', bytes, scanFrames(bytes), (list, frame) => explainOne(list, frame, profile))
}

function explainOne(list: FieldList, frame: FoundFrame, profile: VendorProfile | undefined): string | undefined {
  list.take(1, 'start', 'a frame begins')
  list.take(1, 'meter type', frame.type.toString(16))
  list.take(7, 'address', frame.pattern ?? String(frame.address).padStart(14, '0'))
  list.take(1, 'device type', String(frame.deviceType))
  list.take(1, 'control', CONTROLS.get(frame.control) ?? '')
  list.take(2, 'instruction', String(frame.instruction))
  list.take(2, 'triggers', triggersText(frame.triggers))
  list.take(1, 'length', `${frame.data.length} bytes of data`)
  const values = decodeData(frame)
  let problem: string | undefined
  if ('kind' in values) {
    problem = `${values.reason} at byte ${values.at}: ${values.detail}`
    list.take(frame.data.length, 'data', problem)
  } else {
    for (const value of values)
      list.take(value.bytes.length, value.spec.name, valueText(value, profile?.status ?? 'cat1'))
    if (isOpenCommand(frame)) list.fields.push(...openNote(list))
  }
  list.take(1, 'checksum', 'sum of the bytes before, right')
  list.take(1, 'end', 'the frame ends')
  return problem
}

const isOpenCommand = ({ control, data }: FoundFrame): boolean =>
  control === CONTROL.WRITE && data[0] === VALVE_WRITE >> 8 && data[1] === (VALVE_WRITE & 0xff) && data[2] === 0x55

/** Says at the content of a valve write what it would do. */
function openNote(list: FieldList): typeof list.fields {
  const content = list.fields.pop()
  return content ? [{ ...content, meaning: `${content.meaning}: open, gastwin reads it and never sends it` }] : []
}

function triggersText(bits: number): string {
  const names = Object.entries(TRIGGER_BITS).flatMap(([name, bit]) => ((bits & bit) !== 0 ? [name.toLowerCase()] : []))
  return names.join(', ') || 'none'
}
