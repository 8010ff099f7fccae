import { type Report, UsageError } from '@gastwin/twin'
import { readStatusWord, writeStatusWord } from '../record/status-word.ts'
import { type FieldContent, makeRecord, writeRecord } from '../record/write-record.ts'
import type { DeviceLookup } from '../report/lookup.ts'
import { CONTROL, DEVICE_TYPE, encodeFrame } from './frame.ts'
import { POSTPAID, POSTPAID_REPORT, TRIGGER_BITS, WRITE_ANSWER } from './layouts.table.ts'

const COLD_WATER = 0x10
const NOTHING = { 'maker code': 2, 'table type': 2, 'hardware version': 2, 'software version': 2, IMEI: 8, ICCID: 10 }

/**
 * Mirror of `decodeCat1Report`: whole litres, counter mod 65536, clock in whole seconds. What only the raw frame has (IMEI,
 * signal, totals of day and month) is written as zero.
 * @throws UsageError PRT_ENCODE when the report has no register, or something that does not fit
 */
export function encodeCat1Report(report: Report, lookup: DeviceLookup): Uint8Array {
  const { device, deviceTime, status, sequence, events } = report
  const frame = { address: device, type: COLD_WATER, deviceType: DEVICE_TYPE, triggers: 0, instruction: 0 }
  if (status.command) {
    const data = writeRecord(
      makeRecord(WRITE_ANSWER, {
        identifier: new Uint8Array(2),
        'error, 0 is none': status.command.accepted ? 0 : 0x0b,
        clock: deviceTime,
        spare: new Uint8Array(8),
      }),
    )
    return encodeFrame({ ...frame, control: CONTROL.WRITE_ANSWER, instruction: status.command.id & 0xffff, data })
  }
  const register = report.readings.find(({ quantity }) => quantity === 'index_m3')?.value
  if (register === undefined || report.readings.length > 1)
    throw new UsageError('PRT_ENCODE', 'a push carries one register', { device })
  const profile = lookup.profileOf?.(device)?.status ?? 'cat1'
  const word = writeStatusWord({ valve: status.valve ?? 'unknown', events }, profile)
  const lost = events.filter((event) => !readStatusWord(word, profile).events.includes(event))
  if (lost.length > 0) throw new UsageError('PRT_ENCODE', `no bit for ${lost.join(', ')}`, { device })
  const contents: Record<string, FieldContent> = {
    'packet type': POSTPAID,
    battery: Math.round((status.batteryVolt ?? 0) * 1000),
    RSSI: 0,
    RSRQ: 0,
    SNR: 0,
    'report counter': Math.max(sequence, 0) & 0xffff,
    'reports today': 0,
    'report plan': Uint8Array.of(0xc0, 0x05, 0xa0, 0xff, 0xff, 0xff),
    'status word': word,
    register: Math.round(register * 1000),
    'used today': 0,
    'used this month': 0,
    clock: deviceTime,
    spare: new Uint8Array(8),
  }
  for (const [name, bytes] of Object.entries(NOTHING)) contents[name] = new Uint8Array(bytes)
  const triggers = {
    timed: 'TIMED',
    button: 'BUTTON',
    alarm: 'MAGNET',
    answer: 'VALVE',
    registration: 'BUTTON',
  } as const
  const data = writeRecord(makeRecord(POSTPAID_REPORT, contents))
  return encodeFrame({ ...frame, control: CONTROL.REPORT, triggers: TRIGGER_BITS[triggers[report.trigger]], data })
}
