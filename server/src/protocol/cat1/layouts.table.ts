import { clock, number, opaque, type RecordLayout } from '../record/field.ts'

const binary = { coding: 'uint', order: 'high-first' } as const
const signed = { coding: 'int', order: 'high-first' } as const

/** Packet 03, the report of a postpaid meter. @source public guide to one maker's CAT-1 meter, six captured frames */
export const POSTPAID_REPORT: RecordLayout = [
  number('packet type', 1, 0, 'none', binary),
  opaque('maker code', 2),
  opaque('table type', 2),
  opaque('hardware version', 2),
  opaque('software version', 2),
  opaque('IMEI', 8),
  opaque('ICCID', 10),
  number('battery', 2, 0, 'mV', binary),
  number('RSSI', 1, 0, 'dBm', signed),
  number('RSRQ', 1, 0, 'dB', signed),
  number('SNR', 1, 0, 'dB', signed),
  number('report counter', 2, 0, 'none', binary),
  number('reports today', 2, 0, 'none', binary),
  opaque('report plan', 6),
  { kind: 'status', name: 'status word', bytes: 2, order: 'high-first' },
  number('register', 4, 0, 'L', { ...binary, quantity: 'index_m3' }),
  number('used today', 4, 0, 'L', binary),
  number('used this month', 4, 0, 'L', binary),
  clock('clock', 'YYMMDDhhmmss'),
  opaque('spare'),
]

/** Answer of the meter to a write. */
export const WRITE_ANSWER: RecordLayout = [
  opaque('identifier', 2),
  number('error, 0 is none', 1, 0, 'none', binary),
  clock('clock', 'YYMMDDhhmmss'),
  opaque('spare'),
]

/** The platform's acknowledgement of a report. */
export const ACKNOWLEDGEMENT: RecordLayout = [
  number('packet type', 1, 0, 'none', binary),
  opaque('power flag: AF off now, 00 stay awake', 1),
]

/** A write of the platform. */
export const WRITE: RecordLayout = [opaque('identifier', 2), opaque('content')]
export const POSTPAID = 0x03

/** Why a meter speaks: a bit each. */
export const TRIGGER_BITS = { TIMED: 0x01, BUTTON: 0x02, CARD: 0x04, VALVE: 0x08, MAGNET: 0x10 } as const
