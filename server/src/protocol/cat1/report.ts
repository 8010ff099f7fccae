import type { DeviceEvent, DeviceStatus, Malformed, Report, Trigger } from '@gastwin/twin'
import { malformed } from '../bytes/malformed.ts'
import type { FieldValue } from '../record/field.ts'
import { siValue } from '../record/si-value.ts'
import { readStatusWord } from '../record/status-word.ts'
import type { DeviceLookup } from '../report/lookup.ts'
import { decodeData } from './decode.ts'
import { CONTROL } from './frame.ts'
import { POSTPAID, TRIGGER_BITS } from './layouts.table.ts'
import { scanFrames } from './scan.ts'

/** Success, or the meter's own error number, in the answer to a write. */
const DONE = 0

/**
 * Reads one push: the report of a postpaid meter, or the answer to a command. Signal levels stay in the raw frame: an RSSI is no
 * RSRP and must not enter coverage statistics as one.
 */
export function decodeCat1Report(payload: Uint8Array, lookup: DeviceLookup): Report | Malformed {
  const [frame, ...more] = scanFrames(payload)
  if (frame === undefined || frame.kind === 'malformed') return frame ?? malformed('truncated', 0, 'no frame')
  const extra = more[0]
  if (extra) return extra.kind === 'malformed' ? extra : malformed('unsupported', extra.at, 'a push is one frame')
  if (frame.address < 0) return malformed('out-of-range', frame.at + 2, 'a report names its device')
  const values = decodeData(frame)
  if ('kind' in values) return values
  const raw = (name: string): number => values.find(({ spec }) => spec.name === name)?.raw ?? Number.NaN
  const deviceTime = raw('clock')
  const head = { device: frame.address, kind: 'meter', deviceTime } as const
  if (frame.control === CONTROL.WRITE_ANSWER) {
    const accepted = raw('error, 0 is none') === DONE
    const status: DeviceStatus = { command: { id: frame.instruction, accepted } }
    return { ...head, trigger: 'answer', sequence: -1, readings: [], events: [], status }
  }
  if (frame.control !== CONTROL.REPORT || raw('packet type') !== POSTPAID)
    return malformed('unsupported', frame.at + 10, 'only reports of packet type 03 and answers to writes are read')
  const register = values.find(({ spec }) => spec.name === 'register') as FieldValue
  const { valve, events } = readStatusWord(raw('status word'), lookup.profileOf?.(frame.address)?.status ?? 'cat1')
  return {
    ...head,
    trigger: triggerOf(frame.triggers),
    sequence: raw('report counter'),
    readings: [{ quantity: 'index_m3', at: deviceTime, value: siValue(register) }],
    events: withMagnet(events, frame.triggers),
    status: { valve, batteryVolt: raw('battery') / 1000 },
  }
}

function triggerOf(bits: number): Trigger {
  if ((bits & TRIGGER_BITS.MAGNET) !== 0) return 'alarm'
  if ((bits & (TRIGGER_BITS.BUTTON | TRIGGER_BITS.CARD)) !== 0) return 'button'
  return (bits & TRIGGER_BITS.VALVE) !== 0 ? 'answer' : 'timed'
}

const withMagnet = (events: readonly DeviceEvent[], bits: number): readonly DeviceEvent[] =>
  (bits & TRIGGER_BITS.MAGNET) !== 0 && !events.includes('magnet') ? [...events, 'magnet'] : events
