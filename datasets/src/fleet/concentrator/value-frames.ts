import {
  CONTENT_FORMAT,
  cjt188Layouts,
  encodeCjt188Data,
  encodeCjt188Frame,
  encodeDlt645ReadAnswer,
  encodeReport,
  makeRecord,
} from '@gastwin/server/protocol'
import type { ArchivedMeter, Medium } from '@gastwin/twin'

/** One value of a meter, in SI units of the register that is read; `at` in Unix ms. */
export interface MeterValue {
  readonly at: number
  readonly value: number
}

/** Frames of one meter that go out as one datagram, and the values in them. */
export interface ValueDatagram {
  readonly meter: number
  readonly contentFormat: number
  readonly payload: Uint8Array
  readonly values: readonly MeterValue[]
}

const READ_ANSWER = 0x81
const TIMED_FREEZE = 0xd300
const CURRENT = 0x901f
const DAILY_FREEZE_TIME = 0x05060000
const DAILY_FREEZE_ENERGY = 0x05060100
const JOULES_A_KWH = 3.6e6
/** Frozen records that fit one datagram: 39 and 41 bytes each. */
const RECORDS_A_DATAGRAM = 24
const TYPES: Readonly<Record<Medium, number>> = { gas: 0x30, water: 0x10, heat: 0x20, electricity: 0x40 }
const NOBODY = { keyOf: () => undefined, statusProfileOf: () => 'unknown' as const }

/** Values as the meter keeps them, frozen at their times: what a concentrator passes on. */
export function frozenValues(
  row: ArchivedMeter,
  medium: Medium,
  values: readonly MeterValue[],
  closed = false,
): ValueDatagram[] {
  const newestFirst = values.toSorted((a, b) => b.at - a.at)
  if (medium === 'heat') return newestFirst.map((value) => datagram(row, [value], [heatNow(row, value, closed)]))
  const parts: ValueDatagram[] = []
  for (let from = 0; from < newestFirst.length; from += RECORDS_A_DATAGRAM) {
    const part = newestFirst.slice(from, from + RECORDS_A_DATAGRAM)
    const frames = part.flatMap((value, i) =>
      row.protocol === 'dlt645' ? energyFrozen(row, value, i + 1) : [volumeFrozen(row, medium, value, i)],
    )
    parts.push(datagram(row, part, frames))
  }
  return parts
}

/**
 * What a meter answered to frames of the line, as the concentrator passes it on; undefined when it is no register but the meter's
 * word on what it was told.
 */
export function valueOfAnswer(meter: number, answer: Uint8Array): ValueDatagram | undefined {
  const isDlt645 = answer[7] === 0x68
  const control = (isDlt645 ? answer[8] : answer[9]) ?? 0
  if (control !== (isDlt645 ? 0x91 : READ_ANSWER)) return undefined
  const contentFormat = isDlt645 ? CONTENT_FORMAT.DLT645 : CONTENT_FORMAT.CJT188
  return { meter, contentFormat, payload: answer, values: [] }
}

/** The register as it stands; `closed` whether valve or relay is. */
export function standingValue(
  row: Pick<ArchivedMeter, 'number' | 'protocol'>,
  medium: Medium,
  value: MeterValue,
  closed = false,
): ValueDatagram {
  if (medium === 'heat') return datagram(row, [value], [heatNow(row, value, closed)])
  if (row.protocol === 'dlt645') {
    const payload = encodeReport(
      CONTENT_FORMAT.DLT645,
      {
        device: row.number,
        kind: 'meter',
        trigger: 'timed',
        deviceTime: value.at,
        sequence: -1,
        readings: [{ quantity: 'active_energy_j', at: value.at, value: value.value }],
        events: [],
        status: { relay: closed ? 'off' : 'on' },
      },
      NOBODY,
    )
    return { meter: row.number, contentFormat: CONTENT_FORMAT.DLT645, payload, values: [value] }
  }
  const data = encodeCjt188Data({
    kind: 'current',
    di: CURRENT,
    order: 'low-first',
    serial: 0,
    totalM3: value.value,
    settlementM3: Number.NaN,
    time: value.at,
    statusWord: closed ? 1 : 0,
  })
  return datagram(row, [value], [encodeCjt188Frame(frameOf(row, medium, data))])
}

function datagram(
  row: Pick<ArchivedMeter, 'number' | 'protocol'>,
  values: readonly MeterValue[],
  frames: readonly Uint8Array[],
): ValueDatagram {
  const contentFormat = row.protocol === 'dlt645' ? CONTENT_FORMAT.DLT645 : CONTENT_FORMAT.CJT188
  return { meter: row.number, contentFormat, payload: Buffer.concat(frames), values }
}

const frameOf = ({ number }: Pick<ArchivedMeter, 'number'>, medium: Medium, data: Uint8Array) => ({
  type: TYPES[medium],
  address: number,
  control: READ_ANSWER,
  data,
})

function volumeFrozen(row: ArchivedMeter, medium: Medium, { at, value }: MeterValue, back: number): Uint8Array {
  const di = TIMED_FREEZE + back
  const layout = cjt188Layouts(di, medium === 'water' ? 'water' : 'gas')[0] ?? []
  const values = makeRecord(layout, { 'freeze time': at, 'total volume': value })
  return encodeCjt188Frame(
    frameOf(row, medium, encodeCjt188Data({ kind: 'record', di, order: 'low-first', serial: 0, values })),
  )
}

function heatNow(row: Pick<ArchivedMeter, 'number'>, { at, value }: MeterValue, closed = false): Uint8Array {
  const layout = cjt188Layouts(CURRENT, 'heat')[0] ?? []
  const values = makeRecord(layout, { heat: value / JOULES_A_KWH, clock: at, 'status word': closed ? 1 : 0 })
  return encodeCjt188Frame(
    frameOf(row, 'heat', encodeCjt188Data({ kind: 'record', di: CURRENT, order: 'low-first', serial: 0, values })),
  )
}

function energyFrozen({ number }: ArchivedMeter, { at, value }: MeterValue, back: number): Uint8Array[] {
  return [
    encodeDlt645ReadAnswer(number, DAILY_FREEZE_TIME | back, { time: at }),
    encodeDlt645ReadAnswer(number, DAILY_FREEZE_ENERGY | back, { total: value / JOULES_A_KWH }, '2007', 4),
  ]
}
