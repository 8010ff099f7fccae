import type { Series } from '../../contract/index.ts'
import type { Database } from '../database.ts'
import { SPANS, type Span, startOf } from '../roll-up/spans.ts'
import { isRegister, UNITS } from './quantities.ts'

export interface SeriesRequest {
  /** Device number. */
  readonly device: number
  /** Name the answer carries. */
  readonly asset: string
  readonly quantity: string
  /** [from, to), Unix ms. */
  readonly from: number
  readonly to: number
  /** Most points wanted, ≥ 1. */
  readonly points: number
}

/** Shortest length of a period, ms: an upper bound on how many of them a range holds. */
const SHORTEST_MS: Readonly<Record<Span, number>> = { hour: 3_600_000, day: 23 * 3_600_000, month: 28 * 24 * 3_600_000 }
/** Below this share of the wanted points a roll-up is too coarse: readings are thinned out instead. */
const FULL_ENOUGH = 0.25
const OF_DEVICE = 'quantity = {quantity:String} AND device = {device:UInt64}'
const IN_RANGE =
  "at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND at < fromUnixTimestamp64Milli({to:Int64}, 'UTC')"

interface Point {
  readonly t: string | number
  readonly v: number | null
  readonly low?: number
  readonly high?: number
}

/**
 * One quantity of one device for a chart: the readings themselves when they fit, else the finest of hour, day and month that fits,
 * else readings thinned so that the picture keeps its shape (`truncated`). A period's value is its last for registers, its mean
 * otherwise; at the period's begin.
 * @param timeZone IANA name of the city's civil time
 * @throws StoreError STO_ENGINE
 */
export async function readSeries(database: Database, request: SeriesRequest, timeZone: string): Promise<Series> {
  const { device, quantity, from, to } = request
  const points = Math.max(1, Math.floor(request.points))
  const parameters = { device, quantity, from, to, tz: timeZone, points }
  const [found] = await database.rows<{ rows: string | number; low: string | number; high: string | number }>(
    `SELECT uniqExact(at) AS rows, toUnixTimestamp64Milli(min(at)) AS low, toUnixTimestamp64Milli(max(at)) AS high
     FROM ${database.name}.readings WHERE ${OF_DEVICE} AND ${IN_RANGE}`,
    { parameters },
  )
  const rows = Number(found?.rows ?? 0)
  if (rows <= points) return answer(request, 'raw', await raw(database, parameters), false)
  const covered = Number(found?.high ?? to) - Number(found?.low ?? from)
  const span = SPANS.find((s) => covered / SHORTEST_MS[s] + 2 <= points)
  const periods = span === undefined ? 0 : covered / SHORTEST_MS[span]
  // A month of months is still the coarsest there is: what does not fit even then is thinned.
  if (span === undefined || periods < points * FULL_ENOUGH)
    return answer(request, 'raw', await thinned(database, parameters), true)
  return answer(request, span, await rolledUp(database, span, quantity, parameters), false)
}

type Parameters = Readonly<Record<string, string | number>>

function raw(database: Database, parameters: Parameters): Promise<Point[]> {
  return database.rows(
    `SELECT toUnixTimestamp64Milli(at) AS t, value AS v FROM ${database.name}.readings FINAL
     WHERE ${OF_DEVICE} AND ${IN_RANGE} ORDER BY t`,
    { parameters },
  )
}

function thinned(database: Database, parameters: Parameters): Promise<Point[]> {
  const points = Number(parameters['points'])
  // The number of points stands in the statement because an aggregate's parameter cannot be bound; it is an integer by then.
  return database.rows(
    `SELECT toUnixTimestamp64Milli(p.1) AS t, p.2 AS v FROM (
       SELECT arrayJoin(largestTriangleThreeBuckets(${points})(at, value)) AS p FROM ${database.name}.readings FINAL
       WHERE ${OF_DEVICE} AND ${IN_RANGE}) ORDER BY t`,
    { parameters },
  )
}

/** Roll-ups, except that periods touched since the last pass are computed from the readings: never stale. */
function rolledUp(database: Database, span: Span, quantity: string, parameters: Parameters): Promise<Point[]> {
  const db = database.name
  const period = startOf(span, 'at')
  const begin = startOf(span, "fromUnixTimestamp64Milli({from:Int64}, 'UTC')")
  const value = isRegister(quantity) ? ['last', 'argMax(value, at)'] : ['avg', 'avg(value)']
  return database.rows(
    `WITH touched AS (
       SELECT DISTINCT ${period} FROM ${db}.readings WHERE ${OF_DEVICE} AND ${IN_RANGE}
         AND position >= (SELECT max(upto) FROM ${db}.roll_up_marks))
     SELECT toUnixTimestamp(begun) * 1000 AS t, v, low, high FROM (
       SELECT start AS begun, ${value[0]} AS v, min AS low, max AS high FROM ${db}.readings_${span} FINAL
       WHERE ${OF_DEVICE} AND start >= ${begin} AND start < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
         AND start NOT IN touched
       UNION ALL
       SELECT ${period} AS begun, ${value[1]} AS v, min(value) AS low, max(value) AS high FROM ${db}.readings FINAL
       WHERE ${OF_DEVICE} AND at >= ${begin} AND ${IN_RANGE} AND ${period} IN touched GROUP BY begun
     ) ORDER BY t`,
    { parameters },
  )
}

function answer(request: SeriesRequest, resolution: Series['resolution'], points: Point[], truncated: boolean): Series {
  const finite = (value: number | null | undefined) => (typeof value === 'number' ? value : null)
  const series: Series = {
    asset: request.asset,
    quantity: request.quantity,
    unit: UNITS[request.quantity] ?? '',
    from: request.from,
    to: request.to,
    resolution,
    at: points.map((p) => Number(p.t)),
    value: points.map((p) => finite(p.v)),
    truncated,
  }
  if (resolution === 'raw') return series
  return { ...series, min: points.map((p) => finite(p.low)), max: points.map((p) => finite(p.high)) }
}
