import type { DeviceLogLine as Line } from '../../contract/index.ts'
import type { Database } from '../database.ts'

export type DeviceLogLine = Line

const INSTANT = (name: string) => `fromUnixTimestamp64Milli({${name}:Int64}, 'UTC')`

interface Row {
  readonly position: string | number
  readonly t: string | number
  readonly source: Line['source']
  readonly what: string
  readonly detail: string
  readonly bytes: string | number
}

/**
 * What came from devices that stood at one point and what the platform noted about it, in [from, to), newest first: frames with what became of them,
 * commands at each change, events of the device, fittings, archive, and lines of the device's own log that it was asked for (twice told, once shown). @throws StoreError STO_ENGINE
 */
export async function readDeviceLog(
  database: Database,
  devices: readonly number[],
  from: number,
  to: number,
  limit: number,
): Promise<Line[]> {
  const rows = await database.rows<Row>(
    `SELECT * FROM (
       SELECT f.position AS position, toUnixTimestamp64Milli(f.received_at) AS t, 'device' AS source,
         if(reason = '', outcome, reason) AS what,
         concat('content-format ', toString(content_format), ', from ', f.source) AS detail, length(f.bytes) AS bytes
       FROM ${database.name}.raw_frames AS f FINAL
       WHERE f.device IN {devices:Array(UInt64)} AND f.received_at >= ${INSTANT('from')} AND f.received_at < ${INSTANT('to')}
       ORDER BY f.position DESC LIMIT {limit:UInt32}
       UNION ALL
       SELECT position, toUnixTimestamp64Milli(at) AS t, multiIf(startsWith(type, 'device_'), 'event', startsWith(type, 'terminal_'), 'terminal', 'platform') AS source,
         type AS what, body AS detail, 0 AS bytes
       FROM ${database.name}.events FINAL
       WHERE device IN {devices:Array(UInt64)} AND at >= ${INSTANT('from')} AND at < ${INSTANT('to')}
       ORDER BY at DESC, position DESC LIMIT 1 BY if(source = 'terminal', 0, position), type, at, device LIMIT {limit:UInt32}
     ) ORDER BY t DESC, position DESC LIMIT {limit:UInt32}`,
    { parameters: { devices, from, to, limit } },
  )
  return rows.map(({ position, t, source, what, detail, bytes }) => ({
    position: Number(position),
    at: Number(t),
    source,
    what,
    detail: source === 'platform' ? eventWords(what, detail) : source === 'terminal' ? terminalWords(detail) : detail,
    bytes: Number(bytes),
  }))
}

/** The value beside a word of the terminal's own log. */
function terminalWords(body: string): string {
  const { value } = JSON.parse(body) as { readonly value: number }
  return value === 0 ? '' : String(value)
}

/** What of an event is worth a line. */
function eventWords(type: string, body: string): string {
  try {
    const event = JSON.parse(body) as {
      readonly command?: { readonly id: number; readonly kind: string; readonly state: string; readonly tries: number }
      readonly fitting?: { readonly device: number; readonly before: number; readonly offset_m3: number }
      readonly change?: { readonly table: string }
      readonly user?: string
    }
    if (event.command !== undefined)
      return `${event.command.kind} ${event.command.id}: ${event.command.state}, told ${event.command.tries} times`
    if (event.fitting !== undefined)
      return `meter ${event.fitting.device} in place of ${event.fitting.before}, its register + ${event.fitting.offset_m3} m³`
    if (event.change !== undefined) return `${event.change.table} by ${event.user ?? ''}`
    return type
  } catch {
    return type
  }
}
