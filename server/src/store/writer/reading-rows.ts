import { type Report, readingTime, reportTimes, type TerminalLogPiece } from '@gastwin/twin'
import type { BatchRows } from './batch-rows.ts'
import type { DeviceDirectory } from './device-directory.ts'
import { numberField } from './text-rows.ts'

/** Flags of a stored reading. */
const OUR_TIME = 1
const ABOUT_ITSELF = 2

/** Rows of one report: its readings at their own times, what the device says of itself, and its events. */
export function addReadings(
  batch: BatchRows,
  position: number,
  receivedAt: number,
  report: Report,
  row: number,
  directory: DeviceDirectory,
): void {
  const { device, status } = report
  const rows = batch.table('readings')
  const place = `${directory.assetField(device)}\t${directory.zoneField(row)}`
  const times = reportTimes(report, receivedAt)
  const add = (quantity: string, at: number, value: number, flag: number) => {
    const time = Math.floor(readingTime(at, times, receivedAt))
    const flags = times.bad ? flag | OUR_TIME : flag
    rows.add(`${quantity}\t${device}\t${time}\t${numberField(value)}\t${receivedAt}\t${place}\t${flags}\t${position}`)
  }
  for (const reading of report.readings) add(reading.quantity, reading.at, reading.value, 0)
  const said = Number.isNaN(report.deviceTime) ? receivedAt : report.deviceTime
  if (status.batteryVolt !== undefined) add('battery_volt', said, status.batteryVolt, ABOUT_ITSELF)
  if (status.rsrpDbm !== undefined) add('rsrp_dbm', said, status.rsrpDbm, ABOUT_ITSELF)
  if (status.sinrDb !== undefined) add('sinr_db', said, status.sinrDb, ABOUT_ITSELF)
  if (report.terminalLog !== undefined)
    addTerminalLog(batch, position, receivedAt, report, report.terminalLog, directory.zoneField(row))
  if (report.events.length === 0) return
  const at = Math.floor(readingTime(said, times, receivedAt))
  const body = JSON.stringify({ kind: report.kind, trigger: report.trigger })
  for (const event of report.events)
    batch.table('events').add(`device_${event}\t${at}\t${position}\t${device}\t${directory.zoneField(row)}\t${body}\t0`)
}

/** Lines of a terminal's own log, each at its own time; of one second and word only one is kept. */
function addTerminalLog(
  batch: BatchRows,
  position: number,
  receivedAt: number,
  report: Report,
  { command, entries }: TerminalLogPiece,
  zone: string,
): void {
  const times = reportTimes(report, receivedAt)
  for (const { at, what, value } of entries) {
    const time = Math.floor(readingTime(at, times, receivedAt))
    const body = JSON.stringify({ command, value })
    batch.table('events').add(`terminal_${what}\t${time}\t${position}\t${report.device}\t${zone}\t${body}\t0`)
  }
}
