import type { Malformed } from '@gastwin/twin'
import { concatBytes } from '../bytes/concat.ts'
import { malformed } from '../bytes/malformed.ts'
import { writeBinary } from '../record/binary.ts'
import { type FieldContent, makeRecord, writeRecord } from '../record/write-record.ts'
import type { LineMeterAddress, LineOrder, LineTerms, NoForm } from '../report/line-order.ts'
import { CONTROL, WRITE_2007 } from './control.table.ts'
import { identifierOf } from './decode.ts'
import { encodeReadRequest, encodeRelayOrder } from './encode.ts'
import { encodeFrame } from './frame.ts'
import { scanFrames } from './scan.ts'

const DAY_MS = 86_400_000
const ZONE_MS = 8 * 3_600_000
const DATE = 0x04000101
const TIME_OF_DAY = 0x04000102
/** A register as it stands: its clock, the register, and whether the relay lets power through. */
const STANDING: readonly number[] = [DATE, TIME_OF_DAY, 0x00010000, 0x04000503]

/** An order as master frames. @source DL/T 645-2007 §7 as publicly described */
export function lineOrderFrames(
  order: LineOrder,
  { number }: LineMeterAddress,
  { now, until, authority }: LineTerms,
): Uint8Array[] | NoForm {
  if (order.kind === 'read') return STANDING.map((di) => encodeReadRequest(number, di))
  if (order.kind === 'price' || order.kind === 'parameter')
    return { why: `a ${order.kind} has no form for electricity meters here` }
  if (order.kind === 'permit_button') return { why: 'an electricity meter has no button that opens a valve' }
  if (authority === undefined) return { why: 'no password for electricity meters is set' }
  const { password, operator } = authority
  if (order.kind === 'clock') {
    const ofDay = (((now + ZONE_MS) % DAY_MS) + DAY_MS) % DAY_MS
    const write = (di: number, contents: Readonly<Record<string, FieldContent>>): Uint8Array => {
      const identifier = new Uint8Array(4)
      writeBinary(identifier, 0, 4, 'low-first', di)
      const content = writeRecord(makeRecord(identifierOf(di, di === DATE ? 4 : 3, '2007')?.layout ?? [], contents))
      const data = concatBytes([identifier, password, operator, content])
      return encodeFrame({ address: number, control: WRITE_2007, data })
    }
    return [write(DATE, { date: now }), write(TIME_OF_DAY, { 'time of day': ofDay })]
  }
  return [encodeRelayOrder(number, order.kind === 'close' ? 'trip' : 'permit-closing', password, operator, until)]
}

/** Whether a meter took what it was told: every answer, none of them abnormal. */
export function answersOrder(address: number, answer: Uint8Array): 'taken' | 'refused' | Malformed {
  let taken = false
  for (const found of scanFrames(answer)) {
    if (found.kind === 'malformed') return found
    if (found.address !== address) return malformed('out-of-range', found.at + 1, 'another meter answered')
    if ((found.control & CONTROL.ANSWER) === 0) return malformed('unsupported', found.at + 8, 'no answer of a meter')
    if ((found.control & CONTROL.ABNORMAL) !== 0) return 'refused'
    taken = true
  }
  return taken ? 'taken' : malformed('truncated', 0, 'no frame')
}
