import type {
  DeviceEvent,
  DeviceStatus,
  Malformed,
  Reading,
  Report,
  TerminalLogPiece,
  ValvePosition,
} from '@gastwin/twin'
import { malformed } from '../bytes/malformed.ts'
import type { FieldValue } from '../record/field.ts'
import { readStatusWord, type StatusLayout, type StatusProfile } from '../record/status-word.ts'
import type { DeviceLookup } from '../report/lookup.ts'
import { eventsOf, maskOf, TRIGGERS } from '../report/words.ts'
import type { CurrentData, DataField } from './data-field.ts'
import { decodeDataField } from './decode.ts'
import type { Extension } from './extension.ts'
import type { FirmwareWord } from './firmware-word.ts'
import { joinFollowUps } from './follow-up.ts'
import { EVERYBODY, type FoundFrame } from './frame.ts'
import { CONTROL } from './identifiers.ts'
import { type DayRegisters, readingsOfDays } from './own-forms.ts'
import { type RecordContent, recordContent } from './record-readings.ts'
import { scanFrames } from './scan.ts'
import { unsealer } from './unseal.ts'

/**
 * Reads the frames of one report: 901F or a valve answer, and the extension if the device has one. One bad frame refuses the
 * whole datagram, so that the device repeats it whole.
 * @param sealed whether the data fields are SM4 cipher text
 */
export function decodeCjt188Report(payload: Uint8Array, sealed: boolean, lookup: DeviceLookup): Report | Malformed {
  const frames: FoundFrame[] = []
  const unseal = sealed ? unsealer(lookup) : undefined
  let device = Number.NaN
  for (const found of scanFrames(payload)) {
    if (found.kind === 'malformed') return found
    if ((found.control & CONTROL.ANSWER) === 0)
      return malformed('unsupported', found.at + 9, 'a master frame is no report')
    if (found.address < 0 || found.address === EVERYBODY)
      return malformed('out-of-range', found.at + 2, 'a report names its device')
    if (frames.length > 0 && found.address !== device) {
      return malformed('unsupported', found.at + 2, 'frames of two devices in one report')
    }
    device = found.address
    const plain = unseal === undefined ? found : unseal(found)
    if (plain.kind === 'malformed') return plain
    frames.push(plain)
  }
  const profile = lookup.profileOf?.(device)
  const joined = profile?.followUps === true ? joinFollowUps(frames) : frames
  if ('kind' in joined) return joined
  const fields: DataField[] = []
  for (const frame of joined) {
    const field = decodeDataField(frame, profile)
    if (field.kind === 'malformed') return field
    fields.push(field)
  }
  return assemble(device, fields, profile?.status ?? lookup.statusProfileOf(device))
}

function assemble(
  device: number,
  fields: readonly DataField[],
  layout: StatusProfile | StatusLayout,
): Report | Malformed {
  let current: CurrentData | undefined
  let extension: Extension | undefined
  let firmware: FirmwareWord | undefined
  let terminalLog: TerminalLogPiece | undefined
  let days: DayRegisters | undefined
  let statusWord = -1
  const records: Extract<DataField, { kind: 'record' }>[] = []
  for (const field of fields) {
    if (field.kind === 'current' && !current) current = field
    else if (field.kind === 'extension' && !extension) extension = field.extension
    else if (field.kind === 'firmware' && !firmware) firmware = field.firmware
    else if (field.kind === 'terminal-log' && !terminalLog) terminalLog = field.piece
    else if (field.kind === 'days' && !days) days = field.days
    else if (field.kind === 'record' && !records.some(({ di }) => di === field.di)) records.push(field)
    else if (field.kind !== 'valve-answer' || statusWord >= 0) {
      return malformed('unsupported', 0, `a ${field.kind} frame is no part of a report, or comes twice`)
    } else statusWord = field.statusWord
  }
  if (current && Number.isNaN(current.totalM3))
    return malformed('bad-bcd', 14, 'the register or its unit cannot be read')
  const trigger = extension ? TRIGGERS[extension.trigger] : current || records.length > 0 ? 'timed' : 'answer'
  if (trigger === undefined) return malformed('out-of-range', 0, 'the trigger has no name')
  const read = records.length > 0 ? readRecords(records, current?.time ?? Number.NaN) : undefined
  if (read?.unreadable === true && read.readings.length === 0 && !current)
    return malformed('bad-bcd', 14, 'no register of the record can be read')
  // The valve's own answer is later than the status word of the register frame.
  const word = statusWord >= 0 ? statusWord : (current?.statusWord ?? read?.statusWord ?? -1)
  const status = word >= 0 ? readStatusWord(word, layout) : undefined
  const readings = [...(days ? readingsOfDays(days) : []), ...(current ? readingsOf(current) : [])]
  return {
    device,
    kind: 'meter',
    trigger,
    deviceTime: current?.time ?? read?.time ?? Number.NaN,
    sequence: extension?.sequence ?? -1,
    readings: read || days ? inOrder([...readings, ...(read?.readings ?? [])]) : readings,
    events: mergeEvents(status?.events ?? [], extension?.events ?? 0),
    status: { ...deviceStatus(status?.valve, extension), ...firmware },
    ...(terminalLog && { terminalLog }),
  }
}

/** Everything the records of one report say; the clock and the status word of the first that has one. */
function readRecords(
  records: readonly { readonly values: readonly FieldValue[] }[],
  reportTime: number,
): RecordContent {
  let time = reportTime
  let statusWord = -1
  let unreadable = false
  const readings: Reading[] = []
  for (const { values } of records) {
    const content = recordContent(values, time)
    if (Number.isNaN(time)) time = content.time
    if (statusWord < 0) statusWord = content.statusWord
    unreadable ||= content.unreadable
    readings.push(...content.readings)
  }
  return { time, readings, statusWord, unreadable }
}

const inOrder = (readings: Reading[]): Reading[] =>
  readings.some(({ at }) => Number.isNaN(at)) ? readings : readings.sort((a, b) => a.at - b.at)

function readingsOf({ time, totalM3, settlementM3 }: CurrentData): Reading[] {
  const readings: Reading[] = [{ quantity: 'index_m3', at: time, value: totalM3 }]
  if (!Number.isNaN(settlementM3)) readings.push({ quantity: 'settlement_index_m3', at: time, value: settlementM3 })
  return readings
}

const mergeEvents = (fromStatus: readonly DeviceEvent[], mask: number): readonly DeviceEvent[] =>
  fromStatus.length === 0 ? eventsOf(mask) : eventsOf((maskOf(fromStatus) | mask) >>> 0)

function deviceStatus(valve: ValvePosition | undefined, extension: Extension | undefined): DeviceStatus {
  const status: { -readonly [K in keyof DeviceStatus]: DeviceStatus[K] } = {}
  if (valve !== undefined) status.valve = valve
  if (!extension) return status
  const { batteryMillivolt, rsrpTenthDbm, sinrTenthDb, ecl, pci, command } = extension
  if (!Number.isNaN(batteryMillivolt)) status.batteryVolt = batteryMillivolt / 1000
  if (!Number.isNaN(rsrpTenthDbm)) status.rsrpDbm = rsrpTenthDbm / 10
  if (!Number.isNaN(sinrTenthDb)) status.sinrDb = sinrTenthDb / 10
  if (!Number.isNaN(ecl)) status.ecl = ecl
  if (!Number.isNaN(pci)) status.pci = pci
  if (command) status.command = command
  return status
}
