import type { Malformed } from '@gastwin/twin'
import { malformed } from '../bytes/malformed.ts'
import type { DeviceAnswer } from '../report/answer.ts'
import { CONTROL, DEVICE_TYPE, encodeFrame, VALVE_CLOSE, VALVE_WRITE } from './frame.ts'
import { POSTPAID } from './layouts.table.ts'
import { scanFrames } from './scan.ts'

const COLD_WATER = 0x10
const POWER_OFF = 0xaf
/** Bytes behind the operation: 00 "not forced", then eight spare. */
const AFTER_OPERATION = 9

/**
 * The answer to a push: a command in place of the acknowledgement, else the acknowledgement that lets the meter sleep. The meter
 * takes one frame a contact; its clock is set by a command of its own, so the answer carries none.
 */
export function encodeCat1Answer({ device, command }: DeviceAnswer): Uint8Array {
  const frame = { address: device, type: COLD_WATER, deviceType: DEVICE_TYPE, triggers: 0 }
  if (command?.kind === 'close') {
    const data = Uint8Array.of(VALVE_WRITE >> 8, VALVE_WRITE & 0xff, VALVE_CLOSE, ...new Uint8Array(AFTER_OPERATION))
    return encodeFrame({ ...frame, control: CONTROL.WRITE, instruction: command.id & 0xffff, data })
  }
  return encodeFrame({
    ...frame,
    control: CONTROL.ACKNOWLEDGE,
    instruction: 0,
    data: Uint8Array.of(POSTPAID, POWER_OFF),
  })
}

/** Mirror of `encodeCat1Answer`; the clock is NaN, the command number has 16 bits. */
export function decodeCat1Answer(payload: Uint8Array): DeviceAnswer | Malformed {
  const [frame, ...more] = scanFrames(payload)
  if (frame === undefined || frame.kind === 'malformed') return frame ?? malformed('truncated', 0, 'no frame')
  if (more.length > 0) return malformed('unsupported', frame.end, 'an answer is one frame')
  const head = { device: frame.address, now: Number.NaN }
  if (frame.control === CONTROL.ACKNOWLEDGE) return head
  const { data } = frame
  const closes = frame.control === CONTROL.WRITE && data[0] === VALVE_WRITE >> 8 && data[1] === (VALVE_WRITE & 0xff)
  return closes && data[2] === VALVE_CLOSE
    ? { ...head, command: { kind: 'close', id: frame.instruction } }
    : malformed('unsupported', frame.at + 10, 'neither an acknowledgement nor a close command')
}
