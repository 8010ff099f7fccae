import { type DatagramEntry, decodeDatagramEntry } from '../../log/datagram-entry.ts'
import { DATAGRAM_ENTRY, type LogRecord, PLATFORM_EVENT_ENTRY } from '../../log/event-log.ts'
import { isRefused } from '../../trust/read-frame.ts'
import type { BatchRows } from './batch-rows.ts'
import type { DeviceDirectory } from './device-directory.ts'
import { addPlatformEvent } from './event-rows.ts'
import type { FrameDecoder } from './frame-decoder.ts'
import { addReadings } from './reading-rows.ts'
import { textField } from './text-rows.ts'

/** Adds the rows of one log record to a batch. `position` is the record's number in the database. */
export type RecordToRows = (record: LogRecord, position: number, batch: BatchRows) => void

/** Turns log records into rows: the same bytes the twin lives from, read a second time. */
export function recordToRows(decoder: FrameDecoder, directory: DeviceDirectory): RecordToRows {
  return (record, position, batch) => {
    if (record.kind === PLATFORM_EVENT_ENTRY) {
      directory.add(decoder.take(record))
      addPlatformEvent(record, position, batch)
    } else if (record.kind === DATAGRAM_ENTRY) addDatagram(record, position, batch, decoder, directory)
    else
      addQuarantine(
        batch,
        position,
        record.receivedAt,
        NO_ENTRY,
        0,
        'unknown-entry',
        `kind ${record.kind}`,
        record.body,
      )
  }
}

const NO_ENTRY: Pick<DatagramEntry, 'address' | 'port' | 'contentFormat'> = { address: '', port: 0, contentFormat: -1 }

function addDatagram(
  record: LogRecord,
  position: number,
  batch: BatchRows,
  decoder: FrameDecoder,
  directory: DeviceDirectory,
): void {
  const { receivedAt } = record
  let entry: DatagramEntry
  try {
    entry = decodeDatagramEntry(record.body)
  } catch (error) {
    addQuarantine(batch, position, receivedAt, NO_ENTRY, 0, 'unknown-entry', String(error), record.body)
    return
  }
  let device = 0
  let outcome: string = entry.resource
  let reason = ''
  const said = entry.resource === 'command' ? undefined : decoder.decode(entry, record.position)
  if (said?.kind === 'malformed') {
    if (isRefused(said)) device = said.report.device
    outcome = 'malformed'
    reason = said.reason
    const detail = `${said.detail} (byte ${said.at})`
    addQuarantine(batch, position, receivedAt, entry, device, reason, detail, entry.payload)
  } else if (said !== undefined) {
    device = said.device
    const placed = decoder.atPoint(said, record)
    const row = directory.find(placed?.device ?? device)
    if (placed === undefined || row < 0) {
      outcome = placed === undefined ? 'removed_device' : 'unknown_device'
      addQuarantine(batch, position, receivedAt, entry, device, outcome.replace('_', '-'), '', entry.payload)
    } else addReadings(batch, position, receivedAt, placed, row, directory)
  }
  const source = `${entry.address}:${entry.port}`
  batch
    .table('raw_frames')
    .addWithBytes(
      `${device}\t${position}\t${receivedAt}\t${source}\t${entry.contentFormat}\t${outcome}\t${reason}`,
      entry.payload,
    )
}

function addQuarantine(
  batch: BatchRows,
  position: number,
  receivedAt: number,
  entry: Pick<DatagramEntry, 'address' | 'port' | 'contentFormat'>,
  device: number,
  reason: string,
  detail: string,
  bytes: Uint8Array,
): void {
  const head = `${reason}\t${device}\t${position}\t${receivedAt}\t${entry.address}:${entry.port}`
  batch.table('quarantine').addWithBytes(`${head}\t${entry.contentFormat}\t${textField(detail)}`, bytes)
}
