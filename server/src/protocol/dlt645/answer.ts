import type { Malformed } from '@gastwin/twin'
import { malformed } from '../bytes/malformed.ts'
import { makeRecord, writeRecord } from '../record/write-record.ts'
import type { DeviceAnswer } from '../report/answer.ts'
import { BROADCAST_TIME, functionOf } from './control.table.ts'
import { decodeDataField } from './decode.ts'
import { encodeFrame } from './frame.ts'
import { scanFrames } from './scan.ts'

/** The clock, as the function that sets it. Orders to a relay need a password and travel by their own way, not on an answer. */
export function encodeDlt645Answer({ device, now }: DeviceAnswer): Uint8Array {
  const layout = functionOf(BROADCAST_TIME, '2007')?.request.record ?? []
  return encodeFrame({ address: device, control: BROADCAST_TIME, data: writeRecord(makeRecord(layout, { time: now })) })
}

/** Mirror of `encodeDlt645Answer`. */
export function decodeDlt645Answer(payload: Uint8Array): DeviceAnswer | Malformed {
  const [frame, ...more] = scanFrames(payload)
  if (frame === undefined || frame.kind === 'malformed') return frame ?? malformed('truncated', 0, 'no frame')
  if (more.length > 0 || frame.control !== BROADCAST_TIME)
    return malformed('unsupported', frame.at, 'no answer to a report')
  const field = decodeDataField(frame, '2007')
  if (field.kind === 'malformed') return field
  const now = field.kind === 'data' ? (field.values[0]?.raw ?? Number.NaN) : Number.NaN
  return Number.isNaN(now)
    ? malformed('bad-time', frame.at + 10, 'the answer carries no clock')
    : { device: frame.address, now }
}
