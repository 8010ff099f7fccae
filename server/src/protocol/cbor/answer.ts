import type { ConcentratorOrder, Malformed } from '@gastwin/twin'
import { malformed } from '../bytes/malformed.ts'
import {
  CONNECTION_SETTINGS,
  commandOfForm,
  type DeviceAnswer,
  type QueuedCommand,
  settingForm,
} from '../report/answer.ts'
import { priceForm, pricesOfForm } from '../report/price-form.ts'
import { KEY } from './keys.ts'
import { readOrders, writeOrders } from './orders.ts'
import { expectEnd, readMap } from './read-map.ts'
import { CborReader } from './reader.ts'
import { CborWriter } from './writer.ts'

const CLOSE = 1
const PARAMETER = 2
const CONNECTION = 3
const PRICE = 4
const LONGEST_TEXT = 64

/**
 * The answer to a report: { 17: clock in ms, 18: [id, 1], [id, 2, parameter, value], [id, 3, setting, text] or [id, 4, price table],
 * 25: orders for a concentrator }. The device is not named: it asked.
 */
export function encodeCborAnswer({ now, command, orders = [] }: DeviceAnswer): Uint8Array {
  const writer = new CborWriter()
    .map(1 + (command ? 1 : 0) + (orders.length > 0 ? 1 : 0))
    .int(KEY.CLOCK)
    .int(Math.round(now))
  if (command !== undefined) writeQueued(writer.int(KEY.QUEUED), command)
  if (orders.length > 0) writeOrders(writer.int(KEY.ORDERS), orders)
  return writer.finish()
}

function writeQueued(writer: CborWriter, command: QueuedCommand): void {
  switch (command.kind) {
    case 'close':
      writer.array(2).int(command.id).int(CLOSE)
      return
    case 'connection':
      writer.array(4).int(command.id).int(CONNECTION).int(CONNECTION_SETTINGS.indexOf(command.setting))
      writer.text(command.text)
      return
    case 'price': {
      const numbers = priceForm(command.prices)
      writer
        .array(2 + numbers.length)
        .int(command.id)
        .int(PRICE)
      for (const number of numbers) writer.int(number)
      return
    }
    default: {
      const { number, value } = settingForm(command)
      writer.array(4).int(command.id).int(PARAMETER).int(number).int(value)
    }
  }
}

/** Mirror of `encodeCborAnswer`; `device` is −1. */
export function decodeCborAnswer(payload: Uint8Array): DeviceAnswer | Malformed {
  const reader = new CborReader(payload)
  let now = -1
  let command: QueuedCommand | undefined
  let orders: readonly ConcentratorOrder[] | undefined
  readMap(reader, (key) => {
    if (key === KEY.CLOCK) now = reader.uint()
    else if (key === KEY.QUEUED) command = readQueued(reader)
    else if (key === KEY.ORDERS) orders = readOrders(reader)
    else return false
    return true
  })
  expectEnd(reader)
  if (reader.problem) return reader.problem
  if (now < 0) return malformed('bad-time', 0, 'the answer carries no clock')
  return { device: -1, now, ...(command && { command }), ...(orders && { orders }) }
}

function readQueued(reader: CborReader): QueuedCommand | undefined {
  const at = reader.at
  const items = reader.array()
  const id = reader.uint()
  const kind = reader.uint()
  if (kind === CLOSE && items === 2) return { kind: 'close', id }
  if (kind === PARAMETER && items === 4) {
    const number = reader.uint()
    const command = commandOfForm(id, number, reader.int())
    if (command === undefined) reader.fail('out-of-range', at, 'the parameter has no name')
    return command
  }
  if (kind === CONNECTION && items === 4) {
    const setting = CONNECTION_SETTINGS[reader.uint()]
    const text = reader.text()
    if (setting !== undefined && text.length <= LONGEST_TEXT) return { kind: 'connection', id, setting, text }
    reader.fail('out-of-range', at, 'the setting has no name, or its text more than 64 characters')
    return undefined
  }
  if (kind === PRICE) {
    const numbers: number[] = []
    for (let i = 2; i < items && !reader.problem; i++) numbers.push(reader.uint())
    const prices = pricesOfForm(numbers)
    if (prices === undefined) reader.fail('out-of-range', at, 'the steps of a price table rise')
    return prices && { kind: 'price', id, prices }
  }
  reader.fail(
    'unsupported',
    at,
    'a queued command is [id, 1], [id, 2, parameter, value], [id, 3, setting, text] or [id, 4, prices]',
  )
  return undefined
}
