import type { Malformed } from '@gastwin/twin'
import { COMMAND_PARAMETERS, type ParameterName } from '../../contract/parameters.table.ts'
import { malformed } from '../bytes/malformed.ts'
import { makeRecord } from '../record/write-record.ts'
import { settingForm } from '../report/answer.ts'
import type { LineMeterAddress, LineOrder, LineTerms, NoForm, PriceTable } from '../report/line-order.ts'
import type { WritableField } from './data-field.ts'
import { encodeDataField } from './encode.ts'
import { encodeFrame } from './frame.ts'
import { CLOCK_WRITE_DI, CONTROL, CURRENT_DI, PARAMETER_DI, PRICES_DI, VALVE_DI } from './identifiers.ts'
import { layoutsOf } from './layouts.table.ts'
import { scanFrames } from './scan.ts'

const TYPES = { gas: 0x30, water: 0x10, heat: 0x20, electricity: 0x40 } as const
const PRICE_WRITE_DI = 0xa010
const DAYS: Partial<Readonly<Record<ParameterName, number>>> = {
  settlement_day: 0xa011,
  reading_day: 0xa012,
}
const MOST_TIERS = 3

/** An order as master frames. @source CJ/T 188-2004 as publicly described; B012 (with the permit in it) and B017 are ours (docs/CJT188-PROFILE.md) */
export function lineOrderFrames(
  order: LineOrder,
  { number, medium, profile }: LineMeterAddress,
  { command, now }: LineTerms,
): Uint8Array[] | NoForm {
  const head = { order: profile?.identifierOrder ?? 'high-first', serial: command & 0xff } as const
  const frame = (control: number, field: WritableField): Uint8Array[] => [
    encodeFrame({ type: TYPES[medium], address: number, control, data: encodeDataField(field) }),
  ]
  const write = (field: WritableField): Uint8Array[] => frame(CONTROL.WRITE, field)
  switch (order.kind) {
    case 'close':
      return write({ kind: 'valve-command', di: VALVE_DI, ...head, action: 'close' })
    case 'clock':
      return write({ kind: 'clock', di: CLOCK_WRITE_DI, ...head, time: now })
    case 'read':
      return frame(CONTROL.READ, { kind: 'other', di: CURRENT_DI, ...head, payload: new Uint8Array(0) })
    case 'permit':
      return { why: 'only a relay is permitted to be closed by hand' }
    case 'permit_button': {
      if (medium !== 'gas') return { why: 'only gas meters have a button that opens their valve' }
      if (profile?.extension === false)
        return { why: 'CJ/T 188 has no form that permits opening by hand, and the maker has none of its own' }
      const { number: parameter, value } = settingForm({ kind: 'permit', id: command, windowS: order.windowS })
      return write({ kind: 'parameter', di: PARAMETER_DI, ...head, parameter, value })
    }
    case 'price':
      if (order.prices.tiers.length <= MOST_TIERS && order.prices.fromAt === undefined)
        return write(priceField(order.prices, head))
      if (profile?.extension === false)
        return {
          why: `CJ/T 188 has room for ${MOST_TIERS} prices from a day of the month on, and the maker has no form for more`,
        }
      return write({ kind: 'prices', di: PRICES_DI, ...head, prices: order.prices })
    case 'parameter': {
      const day = DAYS[order.parameter]
      if (day !== undefined) {
        const values = makeRecord(layoutsOf(day, 'gas')[0] ?? [], { day: order.value })
        return write({ kind: 'record', di: day, ...head, values })
      }
      if (order.parameter !== 'over_flow_permille' && order.parameter !== 'price_period_months')
        return { why: `${order.parameter} is a setting of meters that speak for themselves` }
      if (profile?.extension === false) return { why: 'the maker has no form for this setting' }
      const parameter = COMMAND_PARAMETERS.indexOf(order.parameter)
      return write({ kind: 'parameter', di: PARAMETER_DI, ...head, parameter, value: order.value })
    }
  }
}

function priceField({ tiers, fromDay }: PriceTable, head: Pick<Head, 'order' | 'serial'>): WritableField {
  const contents: Record<string, number> = {}
  // A tariff of fewer steps: the missing ones begin where no use gets, at the last price.
  for (let i = 0; i < MOST_TIERS; i++) {
    const tier = tiers[Math.min(i, tiers.length - 1)]
    contents[`price ${i + 1}`] = tier?.yuan ?? 0
    if (i < MOST_TIERS - 1) contents[`volume ${i + 1}`] = tiers[i]?.toM3 ?? 999_999
  }
  if (fromDay !== null) contents['valid from day'] = fromDay
  const [atOnce, fromThatDay] = layoutsOf(PRICE_WRITE_DI, 'gas')
  const values = makeRecord((fromDay === null ? atOnce : fromThatDay) ?? [], contents)
  return { kind: 'record', di: PRICE_WRITE_DI, ...head, values }
}

type Head = Extract<WritableField, { kind: 'record' }>

/** Whether a meter took what it was told: every answer to a write, none of them abnormal. */
export function answersWrite(address: number, answer: Uint8Array): 'taken' | 'refused' | Malformed {
  let taken = false
  for (const found of scanFrames(answer)) {
    if (found.kind === 'malformed') return found
    if (found.address !== address) return malformed('out-of-range', found.at + 2, 'another meter answered')
    if ((found.control & CONTROL.ANSWER) === 0) return malformed('unsupported', found.at + 9, 'no answer of a meter')
    if ((found.control & CONTROL.ABNORMAL) !== 0) return 'refused'
    taken = true
  }
  return taken ? 'taken' : malformed('truncated', 0, 'no frame')
}
