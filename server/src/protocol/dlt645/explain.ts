import type { Malformed } from '@gastwin/twin'
import { BROADCAST } from '../bytes/address.ts'
import { toHex } from '../bytes/hex.ts'
import type { VendorProfile } from '../profile/vendor-profile.ts'
import { valueText } from '../record/value-text.ts'
import { type Explanation, explainFrames, type FieldList, problemText } from '../report/explanation.ts'
import { CONTROL, functionOf, type Generation, RELAY_CONTROL, RELAY_OPERATIONS } from './control.table.ts'
import { decodeDataField, identifierBytes, identifierOf } from './decode.ts'
import { EVERYBODY, type FoundFrame } from './frame.ts'
import { generationOfProfile, ownLayouts } from './report.ts'
import { scanFrames } from './scan.ts'

/** DL/T 645 frames field by field; data bytes are shown as they stand on the wire and explained with the 33H taken off. */
export function explainDlt645(bytes: Uint8Array, profile?: VendorProfile): Explanation {
  return explainFrames('DL/T 645', bytes, scanFrames(bytes), (list, frame) => {
    const trouble = explainOne(list, frame, profile)
    return trouble && problemText(trouble)
  })
}

function explainOne(list: FieldList, frame: FoundFrame, profile: VendorProfile | undefined): Malformed | undefined {
  const { control, data } = frame
  const field = decodeDataField(frame, generationOfProfile(profile), ownLayouts(profile))
  const generation: Generation = field.kind === 'data' ? field.generation : generationOfProfile(profile)
  list.take(1, 'start', 'a frame begins')
  list.take(6, 'address', addressText(frame))
  list.take(1, 'second start', 'the address ends')
  list.take(1, 'control', controlText(control, generation))
  list.take(1, 'length', `${data.length} bytes of data`)
  const end = list.at + data.length
  if (field.kind === 'malformed') list.takeTo(end, 'data', `${field.reason}: ${field.detail}`)
  else if (field.kind === 'error') list.takeTo(end, 'error', `bits ${toHex(field.code, ' ')}: the reason of the meter`)
  else {
    const { di, values, rest, part } = field
    const known = identifierOf(di, data.length - identifierBytes(generation), generation)
    if (di >= 0) {
      const width = identifierBytes(generation)
      const name = known?.name ?? 'not known'
      list.take(
        width,
        'identifier',
        `${di
          .toString(16)
          .toUpperCase()
          .padStart(2 * width, '0')}, ${name}`,
      )
    }
    for (const value of values) list.take(value.bytes.length, value.spec.name, meaningOf(frame, value))
    if (rest.length > 0) list.take(rest.length, 'payload', `not taken apart: ${toHex(rest, ' ')}`)
    if (part >= 0) list.take(1, 'part', String(part))
  }
  list.take(1, 'checksum', 'sum of the bytes before, right')
  list.take(1, 'end', 'the frame ends')
  return field.kind === 'malformed' ? field : undefined
}

function meaningOf({ control }: FoundFrame, value: Parameters<typeof valueText>[0]): string {
  if ((control & CONTROL.FUNCTION) === RELAY_CONTROL && value.spec.name === 'operation')
    return RELAY_OPERATIONS.get(value.bytes[0] ?? 0) ?? 'not known'
  return valueText(value)
}

function addressText({ address, pattern }: FoundFrame): string {
  if (address === BROADCAST || address === EVERYBODY) return 'everybody'
  return pattern === undefined ? String(address).padStart(12, '0') : `${pattern}, AA stands for any digits`
}

function controlText(control: number, generation: Generation): string {
  const name = functionOf(control, generation)?.name ?? 'function not known'
  const direction = control & CONTROL.ANSWER ? 'answer of the meter' : 'request of the master'
  const more = control & CONTROL.MORE ? ', more follows' : ''
  return `${name}, ${direction}${control & CONTROL.ABNORMAL ? ', abnormal' : ''}${more}, ${generation}`
}
