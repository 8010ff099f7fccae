import type { ConcentratorOrder, Malformed } from '@gastwin/twin'
import { malformed } from '../bytes/malformed.ts'
import { commandOfForm, type DeviceAnswer, type QueuedCommand, settingForm } from '../report/answer.ts'
import { KEY } from './keys.ts'
import { readOrders, writeOrders } from './orders.ts'
import { expectEnd, readMap } from './read-map.ts'
import { CborReader } from './reader.ts'
import { CborWriter } from './writer.ts'

const CLOSE = 1
const PARAMETER = 2

/**
 * The answer to a report: { 17: clock in ms, 18: [id, 1] or [id, 2, parameter, value], 25: orders for a concentrator }. The device
 * is not named: it asked.
 */
export function encodeCborAnswer({ now, command, orders = [] }: DeviceAnswer): Uint8Array {
  const writer = new CborWriter()
    .map(1 + (command ? 1 : 0) + (orders.length > 0 ? 1 : 0))
    .int(KEY.CLOCK)
    .int(Math.round(now))
  if (command?.kind === 'close') writer.int(KEY.QUEUED).array(2).int(command.id).int(CLOSE)
  else if (command) {
    const { number, value } = settingForm(command)
    writer.int(KEY.QUEUED).array(4).int(command.id).int(PARAMETER).int(number).int(value)
  }
  if (orders.length > 0) writeOrders(writer.int(KEY.ORDERS), orders)
  return writer.finish()
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
  reader.fail('unsupported', at, 'a queued command is [id, 1] or [id, 2, parameter, value]')
  return undefined
}
