import type { QuarantineItem, ZonePeriod } from '../../contract/index.ts'
import type { Database } from '../database.ts'
import type { Span } from '../roll-up/spans.ts'

const INSTANT = (name: string) => `fromUnixTimestamp64Milli({${name}:Int64}, 'UTC')`

interface FrameRow {
  readonly position: string | number
  readonly reason: string
  readonly detail: string
  readonly source: string
  readonly device: string
  readonly received_at: string | number
  readonly count: string | number
  readonly bytes_hex: string
}

const item = (row: FrameRow): QuarantineItem => ({
  id: String(row.position),
  reason: row.reason,
  detail: row.detail,
  source: row.source,
  device: row.device === '0' ? null : row.device,
  received_at: Number(row.received_at),
  count: Number(row.count),
  bytes_hex: row.bytes_hex.toLowerCase(),
})

/**
 * Frames that were refused or came from unknown devices, gathered by reason, device and sender, newest first; each with its last
 * bytes and how often it came. @throws StoreError STO_ENGINE
 */
export async function readQuarantine(database: Database, limit: number): Promise<QuarantineItem[]> {
  const rows = await database.rows<FrameRow>(
    `SELECT max(q.position) AS position, reason, argMax(detail, q.position) AS detail,
       argMax(q.source, q.position) AS source, toString(q.device) AS device,
       toUnixTimestamp64Milli(max(q.received_at)) AS received_at, count() AS count,
       hex(argMax(bytes, q.position)) AS bytes_hex
     FROM ${database.name}.quarantine AS q FINAL
     GROUP BY reason, q.device, if(q.device = 0, splitByChar(':', q.source)[1], '')
     ORDER BY position DESC LIMIT {limit:UInt32}`,
    { parameters: { limit } },
  )
  return rows.map(item)
}

/** Last raw frames of a device, newest first. @throws StoreError STO_ENGINE */
export async function readFrames(database: Database, device: number, limit: number): Promise<QuarantineItem[]> {
  const rows = await database.rows<FrameRow>(
    `SELECT f.position AS position, if(reason = '', outcome, reason) AS reason,
       concat('content-format ', toString(content_format)) AS detail, source, toString(f.device) AS device,
       toUnixTimestamp64Milli(f.received_at) AS received_at, 1 AS count, hex(bytes) AS bytes_hex
     FROM ${database.name}.raw_frames AS f FINAL WHERE f.device = {device:UInt64}
     ORDER BY f.position DESC LIMIT {limit:UInt32}`,
    { parameters: { device, limit } },
  )
  return rows.map(item)
}

/** Frozen balances of a zone that begin in [from, to), in order of time. @throws StoreError STO_ENGINE */
export async function readZonePeriods(
  database: Database,
  zone: string,
  span: Span,
  from: number,
  to: number,
): Promise<ZonePeriod[]> {
  return database.rows<ZonePeriod>(
    `SELECT zone, toUnixTimestamp64Milli(from_at) AS from, toUnixTimestamp64Milli(to_at) AS to, supply_m3, sales_m3,
       linepack_change_m3, own_use_m3, gap_m3, gap_rate, temperature_pressure_m3, unread_m3, unread_meters, meters,
       inlet_coverage
     FROM ${database.name}.zone_periods FINAL
     WHERE span = {span:String} AND zone = {zone:String} AND from_at >= ${INSTANT('from')} AND from_at < ${INSTANT('to')}
     ORDER BY from_at`,
    { parameters: { zone, span, from, to }, settings: { output_format_json_quote_64bit_integers: 0 } },
  )
}

export interface StoredEvent {
  readonly position: number
  readonly type: string
  /** Unix ms. */
  readonly at: number
  readonly body: unknown
}

/** Platform and device events of one type in [from, to), newest first. @throws StoreError STO_ENGINE */
export async function readEvents(
  database: Database,
  type: string,
  from: number,
  to: number,
  limit: number,
): Promise<StoredEvent[]> {
  const rows = await database.rows<{ position: string | number; type: string; t: string | number; body: string }>(
    `SELECT position, type, toUnixTimestamp64Milli(at) AS t, body FROM ${database.name}.events FINAL
     WHERE type = {type:String} AND at >= ${INSTANT('from')} AND at < ${INSTANT('to')}
     ORDER BY at DESC LIMIT {limit:UInt32}`,
    { parameters: { type, from, to, limit } },
  )
  return rows.map((row) => ({
    position: Number(row.position),
    type: row.type,
    at: Number(row.t),
    body: JSON.parse(row.body) as unknown,
  }))
}

export interface LatestReading {
  readonly quantity: string
  /** Unix ms. */
  readonly at: number
  /** SI. */
  readonly value: number
}

/** The newest reading of each quantity of a device. @throws StoreError STO_ENGINE */
export async function readLatest(database: Database, device: number): Promise<LatestReading[]> {
  const rows = await database.rows<{ quantity: string; t: string | number; value: number }>(
    `SELECT quantity, toUnixTimestamp64Milli(max(at)) AS t, argMax(value, (at, precedence)) AS value
     FROM ${database.name}.readings WHERE device = {device:UInt64} GROUP BY quantity ORDER BY quantity`,
    { parameters: { device } },
  )
  return rows.map((row) => ({ quantity: row.quantity, at: Number(row.t), value: row.value }))
}
