import { type Quantity, type Report, UsageError } from '@gastwin/twin'
import { concatBytes } from '../bytes/concat.ts'
import type { FieldContent } from '../record/write-record.ts'
import { encodeReadAnswer } from './encode.ts'
import { statusWord1, statusWord3 } from './status-words.ts'

const DAY_MS = 86_400_000
const ZONE_MS = 8 * 3_600_000

/** Where a quantity travels: identifier, name of its field, and SI steps of one unit of the field. */
const PLACES: Partial<Readonly<Record<Quantity, readonly [di: number, field: string, si: number]>>> = {
  active_energy_j: [0x00010000, 'total', 3.6e6],
  reverse_active_energy_j: [0x00020000, 'total', 3.6e6],
  voltage_a_v: [0x02010100, 'voltage phase A', 1],
  voltage_b_v: [0x02010200, 'voltage phase B', 1],
  voltage_c_v: [0x02010300, 'voltage phase C', 1],
  current_a_a: [0x02020100, 'current phase A', 1],
  current_b_a: [0x02020200, 'current phase B', 1],
  current_c_a: [0x02020300, 'current phase C', 1],
  power_w: [0x02030000, 'active power total', 1000],
  frequency_hz: [0x02800002, 'frequency', 1],
}

/**
 * Mirror of `decodeDlt645Report` for values at the device's time, as a concentrator passes on what it has read: date and time of
 * day, one answer for each reading, status words 1 and 3. Trigger and sequence have no place in these frames.
 * @throws UsageError PRT_ENCODE for a reading of another quantity or time, or a value that does not fit
 */
export function encodeDlt645Report(report: Report): Uint8Array {
  const { device, deviceTime, readings, events, status } = report
  if (report.kind !== 'meter') throw new UsageError('PRT_ENCODE', `DL/T 645 frames carry meters, not a ${report.kind}`)
  const answer = (di: number, contents: Readonly<Record<string, FieldContent>>): Uint8Array =>
    encodeReadAnswer(device, di, contents)
  const frames: Uint8Array[] = []
  if (!Number.isNaN(deviceTime)) {
    const ofDay = (((deviceTime + ZONE_MS) % DAY_MS) + DAY_MS) % DAY_MS
    frames.push(answer(0x04000101, { date: deviceTime }), answer(0x04000102, { 'time of day': ofDay }))
  }
  for (const { quantity, at, value } of readings) {
    const place = PLACES[quantity]
    if (!place || (at !== deviceTime && !(Number.isNaN(at) && Number.isNaN(deviceTime))))
      throw new UsageError('PRT_ENCODE', `${quantity} at ${at} has no place in DL/T 645 frames`, { device })
    const [di, field, si] = place
    frames.push(answer(di, { [field]: value / si }))
  }
  if (events.includes('battery_low')) frames.push(answer(0x04000501, { 'status word 1': statusWord1(true) }))
  if (status.relay) frames.push(answer(0x04000503, { 'status word 3': statusWord3(status.relay) }))
  return concatBytes(frames)
}
