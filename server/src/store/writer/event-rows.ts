import type { ZonePeriod } from '@gastwin/analytics'
import type { RecordedStatement, RecordedSuspect } from '../../ledger/gap-records.ts'
import type { LogRecord } from '../../log/event-log.ts'
import type { BatchRows } from './batch-rows.ts'
import { addGapStatement, addGapSuspect } from './gap-rows.ts'
import { numberField, textField } from './text-rows.ts'

/** The platform event that freezes a balance; a later one for the same zone, span and begin stands for the earlier. */
export interface ZonePeriodEvent {
  readonly type: 'zone_period'
  readonly span: 'hour' | 'day' | 'month'
  readonly period: ZonePeriod
}

/** What is kept long: alarms, shut-offs, commands, what stands where, what people found at suspects, and audit records. */
const LASTING =
  /^(alarm|shutoff|command|audit|valve|safety|meter_fitted|archive|delegation|campaign|firmware|consent|suspect_case|model)/
const decoder = new TextDecoder()

/** Rows of one platform event: the event as it is, and its balance when it freezes one. */
export function addPlatformEvent(record: LogRecord, position: number, batch: BatchRows): void {
  const { receivedAt } = record
  const text = decoder.decode(record.body)
  const event = parse(text)
  const type = typeof event['type'] === 'string' ? event['type'] : 'unreadable'
  const at = typeof event['at'] === 'number' && Number.isFinite(event['at']) ? Math.floor(event['at']) : receivedAt
  const device = typeof event['device'] === 'number' && Number.isSafeInteger(event['device']) ? event['device'] : 0
  const zone = typeof event['zone'] === 'string' ? event['zone'] : ''
  const head = `${textField(type)}\t${at}\t${position}\t${device}\t${textField(zone)}`
  batch.table('events').add(`${head}\t${textField(text)}\t${LASTING.test(type) ? 1 : 0}`)
  if (type === 'zone_period') addZonePeriod(event as unknown as ZonePeriodEvent, position, batch)
  else if (type === 'gap_statement') addGapStatement(event['recorded'] as RecordedStatement, position, batch)
  else if (type === 'gap_suspect') addGapSuspect(event['recorded'] as RecordedSuspect, at, position, batch)
}

function addZonePeriod(event: ZonePeriodEvent, revision: number, batch: BatchRows): void {
  const p = event.period
  const numbers = [
    p.supply_m3,
    p.sales_m3,
    p.linepack_change_m3,
    p.own_use_m3,
    p.gap_m3,
    p.gap_rate,
    p.temperature_pressure_m3,
    p.unread_m3,
    p.unread_meters,
    p.meters,
    p.inlet_coverage,
  ].map((value) => (value === null ? '\\N' : numberField(value)))
  const head = `${event.span}\t${textField(p.zone)}\t${p.from}\t${p.to}`
  batch.table('zone_periods').add(`${head}\t${numbers.join('\t')}\t${revision}`)
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
