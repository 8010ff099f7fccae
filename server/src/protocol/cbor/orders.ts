import {
  type ArchivedMeter,
  type ConcentratorOrder,
  type FrameToPass,
  METER_INTERFACES,
  METER_PROTOCOLS,
  PLAN_PERIODS,
  READ_SOURCES,
  SLOTS_A_DAY,
} from '@gastwin/twin'
import { QUANTITIES } from '../report/words.ts'
import { MAX_DEVICE } from './keys.ts'
import { uintUpTo, wordOf } from './read-map.ts'
import type { CborReader } from './reader.ts'
import { packSeries, unpackSeries } from './series.ts'
import type { CborWriter } from './writer.ts'

const ADDRESSES = 1
const READ = 2
const NETWORK = 3
const PASS_ON = 4
const U32 = 0xffff_ffff
/** Latest second of JavaScript dates. */
const MAX_SECONDS = 8_640_000_000_000

/** Orders for a concentrator, in the answer to its message. @source docs/CONCENTRATOR-PROFILE.md §5 */
export function writeOrders(writer: CborWriter, orders: readonly ConcentratorOrder[]): void {
  writer.array(orders.length)
  for (const order of orders) {
    if (order.kind === 'addresses') {
      const { version, total, first, rows } = order
      writer.array(5).int(ADDRESSES).int(version).int(total).int(first).array(rows.length)
      for (const row of rows) writeRow(writer, row)
    } else if (order.kind === 'read') {
      writer.array(4).int(READ).int(order.id).int(READ_SOURCES.indexOf(order.source)).array(order.meters.length)
      for (const { meter, due } of order.meters)
        writer
          .array(2)
          .int(meter)
          .bytes(packSeries(due.map((at) => Math.round(at / 1000))))
    } else if (order.kind === 'pass_on') {
      writer.array(2).int(PASS_ON).array(order.frames.length)
      for (const { command, attempt, meter, until, frames } of order.frames)
        writer
          .array(5)
          .int(command)
          .int(attempt)
          .int(meter)
          .int(Math.floor(until / 1000))
          .bytes(frames)
    } else {
      writer.array(3).int(NETWORK).int(order.id).array(order.meters.length)
      for (const meter of order.meters) writer.int(meter)
    }
  }
}

/** [meter, protocol, interface, collector, quantity, every, quarters] */
function writeRow(writer: CborWriter, row: ArchivedMeter): void {
  const quarters = new Uint8Array(SLOTS_A_DAY / 8)
  for (const slot of row.plan.slots) quarters[slot >> 3] = (quarters[slot >> 3] ?? 0) | (1 << (slot & 7))
  writer
    .array(7)
    .int(row.number)
    .int(METER_PROTOCOLS.indexOf(row.protocol))
    .int(METER_INTERFACES.indexOf(row.interface))
    .int(row.collector)
    .int(QUANTITIES.indexOf(row.quantity))
    .int(PLAN_PERIODS.indexOf(row.plan.every))
    .bytes(quarters)
}

/** Mirror of `writeOrders`; orders of a kind that is not known are passed over. */
export function readOrders(reader: CborReader): ConcentratorOrder[] {
  const orders: ConcentratorOrder[] = []
  const count = reader.array()
  for (let i = 0; i < count && !reader.problem; i++) {
    const order = readOrder(reader)
    if (order !== undefined) orders.push(order)
  }
  return orders
}

function readOrder(reader: CborReader): ConcentratorOrder | undefined {
  const at = reader.at
  const items = reader.array()
  const kind = reader.uint()
  if (kind === ADDRESSES && items === 5) {
    const version = uintUpTo(reader, U32, 'a version')
    const [total, first] = [uintUpTo(reader, U32, 'rows'), uintUpTo(reader, U32, 'a row')]
    return { kind: 'addresses', version, total, first, rows: listOf(reader, readRow) }
  }
  if (kind === READ && items === 4) {
    const id = uintUpTo(reader, U32, 'an order')
    const source = wordOf(reader, ['meter', 'concentrator'] as const, 'the source') ?? 'meter'
    return { kind: 'read', id, source, meters: listOf(reader, readDue) }
  }
  if (kind === NETWORK && items === 3) {
    const id = uintUpTo(reader, U32, 'an order')
    return { kind: 'network', id, meters: listOf(reader, (r) => uintUpTo(r, MAX_DEVICE, 'a device number')) }
  }
  if (kind === PASS_ON && items === 2) return { kind: 'pass_on', frames: listOf(reader, readFrames) }
  if (kind >= ADDRESSES && kind <= PASS_ON) reader.fail('bad-length', at, 'an order has another form')
  for (let i = 1; i < items && !reader.problem; i++) reader.skip()
  return undefined
}

function readRow(reader: CborReader): ArchivedMeter {
  const at = reader.at
  if (reader.array() !== 7) reader.fail('bad-length', at, 'a row of addresses has seven fields')
  const number = uintUpTo(reader, MAX_DEVICE, 'a device number')
  const protocol = wordOf(reader, METER_PROTOCOLS, 'the protocol') ?? 'cjt188'
  const port = wordOf(reader, METER_INTERFACES, 'the interface') ?? 'lora'
  const collector = uintUpTo(reader, 255, 'a collector')
  const quantity = wordOf(reader, QUANTITIES, 'the quantity') ?? 'index_m3'
  const every = wordOf(reader, PLAN_PERIODS, 'the period') ?? 'day'
  const quarters = reader.bytes()
  if (quarters.length !== SLOTS_A_DAY / 8) reader.fail('bad-length', at, 'the quarters of a day are 12 bytes')
  const slots: number[] = []
  for (let slot = 0; slot < SLOTS_A_DAY; slot++)
    if (((quarters[slot >> 3] ?? 0) & (1 << (slot & 7))) !== 0) slots.push(slot)
  return { number, protocol, interface: port, collector, quantity, plan: { every, slots } }
}

/** [command, attempt, meter, until, frames] */
function readFrames(reader: CborReader): FrameToPass {
  const at = reader.at
  if (reader.array() !== 5)
    reader.fail('bad-length', at, 'what is passed on is [command, attempt, meter, until, frames]')
  const [command, attempt] = [uintUpTo(reader, U32, 'a command'), uintUpTo(reader, U32, 'an attempt')]
  const meter = uintUpTo(reader, MAX_DEVICE, 'a device number')
  const until = uintUpTo(reader, MAX_SECONDS, 'a time') * 1000
  return { command, attempt, meter, until, frames: reader.bytes() }
}

function readDue(reader: CborReader): { meter: number; due: readonly number[] } {
  const at = reader.at
  if (reader.array() !== 2) reader.fail('bad-length', at, 'a meter to read is [meter, due times]')
  const meter = uintUpTo(reader, MAX_DEVICE, 'a device number')
  const seconds = unpackSeries(reader.bytes())
  if (seconds === undefined) reader.fail('bad-length', at, 'due times are a packed series')
  return { meter, due: (seconds ?? []).map((s) => s * 1000) }
}

function listOf<T>(reader: CborReader, read: (reader: CborReader) => T): T[] {
  const items: T[] = []
  const count = reader.array()
  for (let i = 0; i < count && !reader.problem; i++) items.push(read(reader))
  return items
}
