import { type Report, UPDATE_OUTCOMES, UsageError } from '@gastwin/twin'
import { packLog } from '../report/terminal-log.ts'
import { DEVICE_KINDS, maskOf, RELAYS, TRIGGERS, VALVE_POSITIONS } from '../report/words.ts'
import { writeBlocks } from './blocks.ts'
import { newsFields } from './concentrator.ts'
import { KEY, MAX_DEVICE } from './keys.ts'
import { CborWriter } from './writer.ts'

/**
 * Mirror of `decodeCborReport`. Values travel in the steps of docs/CBOR-PROFILE.md §4; equal reports give equal bytes.
 * @throws UsageError PRT_ENCODE when a value has no place on the wire
 */
export function encodeCborReport(report: Report): Uint8Array {
  const { device, deviceTime, sequence, readings, status } = report
  if (!(device >= 0 && device <= MAX_DEVICE)) throw new UsageError('PRT_ENCODE', `not a device number: ${device}`)
  const events = maskOf(report.events)
  const { valve, batteryVolt, rsrpDbm, sinrDb, ecl, pci, firmware, command, servicePort } = status
  const fields: [key: number, write: (writer: CborWriter) => void][] = []
  const field = (key: number, present: boolean, write: (writer: CborWriter) => void) => {
    if (present) fields.push([key, write])
  }
  const whole = (key: number, value: number | undefined, scale = 1) =>
    field(key, value !== undefined, (writer) => writer.int(Math.round((value ?? 0) * scale)))
  whole(KEY.DEVICE, device)
  whole(KEY.KIND, DEVICE_KINDS.indexOf(report.kind))
  whole(KEY.TRIGGER, TRIGGERS.indexOf(report.trigger))
  whole(KEY.TIME, Number.isNaN(deviceTime) ? undefined : deviceTime)
  whole(KEY.SEQUENCE, sequence < 0 ? undefined : sequence)
  field(KEY.BLOCKS, readings.length > 0, (writer) => writeBlocks(writer, readings, Math.round(deviceTime)))
  whole(KEY.EVENTS, events === 0 ? undefined : events)
  whole(KEY.VALVE, valve && VALVE_POSITIONS.indexOf(valve))
  whole(KEY.BATTERY, batteryVolt, 1000)
  whole(KEY.RSRP, rsrpDbm, 10)
  whole(KEY.SINR, sinrDb, 10)
  whole(KEY.ECL, ecl)
  whole(KEY.PCI, pci)
  field(KEY.FIRMWARE, firmware !== undefined, (writer) => writer.text(firmware ?? ''))
  field(KEY.COMMAND, command !== undefined, (writer) =>
    writer
      .array(2)
      .int(command?.id ?? 0)
      .bool(command?.accepted ?? false),
  )
  whole(KEY.SERVICE_PORT, servicePort)
  whole(KEY.RELAY, status.relay && RELAYS.indexOf(status.relay))
  if (report.concentrator !== undefined) fields.push(...newsFields(report.concentrator))
  const { update } = status
  field(KEY.UPDATE, update !== undefined, (writer) =>
    writer
      .array(2)
      .int(update?.id ?? 0)
      .int(update === undefined ? 0 : UPDATE_OUTCOMES.indexOf(update.outcome)),
  )
  const { terminalLog } = report
  if (terminalLog !== undefined) {
    const { command: id, piece, pieces, entries } = terminalLog
    const { first, bytes } = packLog(entries)
    field(KEY.TERMINAL_LOG, true, (writer) => writer.array(5).int(id).int(piece).int(pieces).int(first).bytes(bytes))
  }
  const writer = new CborWriter().map(fields.length)
  for (const [key, write] of fields) write(writer.int(key))
  return writer.finish()
}
