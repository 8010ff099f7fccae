import {
  type ConcentratorNews,
  type FoundRoute,
  MOST_HOPS,
  type PassedOn,
  READ_FAILURES,
  type ReadFailure,
  type ReadResult,
} from '@gastwin/twin'
import { KEY, MAX_DEVICE } from './keys.ts'
import { uintUpTo } from './read-map.ts'
import type { CborReader } from './reader.ts'
import type { CborWriter } from './writer.ts'

type Draft<T> = { -readonly [K in keyof T]: T[K] }

/** A signal that was not measured: no signal is above 0 dBm. */
const UNTOLD = 1
const MOST_COLLECTORS = 255
const U32 = 0xffff_ffff

/** What a message about its own work starts from. */
export const noNews = (): Draft<ConcentratorNews> => ({
  addresses: { version: 0, rows: 0 },
  backlog: 0,
  routes: [],
  results: [],
})

/** Whether a key is one of a concentrator's own. */
export const isNews = (key: number): boolean => (key >= KEY.ADDRESSES && key <= KEY.RESULTS) || key === KEY.PASSED

/** Takes one field of a concentrator; false when the key is none. @source docs/CONCENTRATOR-PROFILE.md §4 */
export function readNews(reader: CborReader, key: number, news: Draft<ConcentratorNews>): boolean {
  if (key === KEY.ADDRESSES) {
    expectItems(reader, 2, 'addresses are [version, rows]')
    news.addresses = { version: uintUpTo(reader, U32, 'a version'), rows: uintUpTo(reader, U32, 'rows') }
  } else if (key === KEY.BACKLOG) news.backlog = uintUpTo(reader, U32, 'a backlog')
  else if (key === KEY.ROUTES) news.routes = listOf(reader, readRoute)
  else if (key === KEY.RESULTS) news.results = listOf(reader, readResult)
  else if (key === KEY.PASSED) news.passed = listOf(reader, readPassed)
  else return false
  return true
}

/** [meter, collector, signal, hop, …] */
function readRoute(reader: CborReader): FoundRoute {
  const at = reader.at
  const items = reader.array()
  if (items < 3 || items > 3 + MOST_HOPS) reader.fail('bad-length', at, `a path has at most ${MOST_HOPS} hops`)
  const meter = deviceOf(reader)
  const collector = uintUpTo(reader, MOST_COLLECTORS, 'a collector')
  const signal = reader.int()
  const hops: number[] = []
  for (let i = 3; i < items && !reader.problem; i++) hops.push(deviceOf(reader))
  return { meter, collector, hops, signalDbm: signal === UNTOLD ? Number.NaN : signal / 10 }
}

/** [order, meter, found, missing, failure] with failure 0 for none, else its place from 1. */
function readResult(reader: CborReader): ReadResult {
  expectItems(reader, 5, 'a result is [order, meter, found, missing, failure]')
  const order = uintUpTo(reader, U32, 'an order')
  const meter = deviceOf(reader)
  const found = uintUpTo(reader, U32, 'values found')
  const missing = uintUpTo(reader, U32, 'values not found')
  return { order, meter, found, missing, failure: failureOf(reader.uint()) }
}

/** [command, attempt, meter, failure, answer] */
function readPassed(reader: CborReader): PassedOn {
  expectItems(reader, 5, 'what was passed on is [command, attempt, meter, failure, answer]')
  const command = uintUpTo(reader, U32, 'a command')
  const attempt = uintUpTo(reader, U32, 'an attempt')
  const meter = deviceOf(reader)
  const failure = failureOf(reader.uint())
  return { command, attempt, meter, failure, answer: reader.bytes() }
}

/** A reason of a later make is a reason all the same. */
const failureOf = (code: number): ReadFailure | undefined =>
  code === 0 ? undefined : (READ_FAILURES[code - 1] ?? 'meter_fault')
const codeOf = (failure: ReadFailure | undefined): number =>
  failure === undefined ? 0 : READ_FAILURES.indexOf(failure) + 1

function listOf<T>(reader: CborReader, read: (reader: CborReader) => T): T[] {
  const items: T[] = []
  const count = reader.array()
  for (let i = 0; i < count && !reader.problem; i++) items.push(read(reader))
  return items
}

function expectItems(reader: CborReader, items: number, detail: string): void {
  const at = reader.at
  if (reader.array() !== items) reader.fail('bad-length', at, detail)
}

const deviceOf = (reader: CborReader): number => uintUpTo(reader, MAX_DEVICE, 'a device number')

/** Mirror of `readNews`: the fields in rising order of their keys. */
export function newsFields(news: ConcentratorNews): [key: number, write: (writer: CborWriter) => void][] {
  const { addresses, backlog, routes, results, passed = [] } = news
  const fields: [key: number, write: (writer: CborWriter) => void][] = [
    [KEY.ADDRESSES, (writer) => writer.array(2).int(addresses.version).int(addresses.rows)],
    [KEY.BACKLOG, (writer) => writer.int(backlog)],
  ]
  if (routes.length > 0) fields.push([KEY.ROUTES, (writer) => writeRoutes(writer, routes)])
  if (results.length > 0) fields.push([KEY.RESULTS, (writer) => writeResults(writer, results)])
  if (passed.length > 0) fields.push([KEY.PASSED, (writer) => writePassed(writer, passed)])
  return fields
}

function writeRoutes(writer: CborWriter, routes: readonly FoundRoute[]): void {
  writer.array(routes.length)
  for (const { meter, collector, hops, signalDbm } of routes) {
    writer
      .array(3 + hops.length)
      .int(meter)
      .int(collector)
      .int(Number.isNaN(signalDbm) ? UNTOLD : Math.round(10 * signalDbm))
    for (const hop of hops) writer.int(hop)
  }
}

function writeResults(writer: CborWriter, results: readonly ReadResult[]): void {
  writer.array(results.length)
  for (const { order, meter, found, missing, failure } of results) {
    writer.array(5).int(order).int(meter).int(found).int(missing).int(codeOf(failure))
  }
}

function writePassed(writer: CborWriter, passed: readonly PassedOn[]): void {
  writer.array(passed.length)
  for (const { command, attempt, meter, failure, answer } of passed)
    writer.array(5).int(command).int(attempt).int(meter).int(codeOf(failure)).bytes(answer)
}
