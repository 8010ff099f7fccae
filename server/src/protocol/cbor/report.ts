import {
  type ConcentratorNews,
  type DeviceStatus,
  type Malformed,
  type Reading,
  type Report,
  type TerminalLogPiece,
  type Trigger,
  UPDATE_OUTCOMES,
} from '@gastwin/twin'
import { malformed } from '../bytes/malformed.ts'
import { unpackLog } from '../report/terminal-log.ts'
import { DEVICE_KINDS, eventsOf, RELAYS, TRIGGERS, VALVE_POSITIONS } from '../report/words.ts'
import { readBlocks } from './blocks.ts'
import { isNews, noNews, readNews } from './concentrator.ts'
import { KEY, MAX_DEVICE } from './keys.ts'
import { expectEnd, readMap, uintUpTo, wordOf } from './read-map.ts'
import { CborReader } from './reader.ts'

type Draft<T> = { -readonly [K in keyof T]: T[K] }

const NO_READINGS: readonly Reading[] = []

/** Latest time of a device clock, Unix ms: the range of JavaScript dates. */
const MAX_TIME = 8_640_000_000_000_000
const MAX_FIRMWARE_LENGTH = 64

/** Reads a report of the CBOR profile. @source docs/CBOR-PROFILE.md */
export function decodeCborReport(payload: Uint8Array): Report | Malformed {
  const reader = new CborReader(payload)
  let device = -1
  let kind: Report['kind'] | undefined
  let trigger: Trigger | undefined
  let deviceTime = Number.NaN
  let sequence = -1
  let readings = NO_READINGS
  let events = 0
  const status: Draft<DeviceStatus> = {}
  let news: Draft<ConcentratorNews> | undefined
  let terminalLog: TerminalLogPiece | undefined
  readMap(reader, (key) => {
    switch (key) {
      case KEY.DEVICE:
        device = uintUpTo(reader, MAX_DEVICE, 'a device number')
        return true
      case KEY.KIND:
        kind = wordOf(reader, DEVICE_KINDS, 'the kind of device')
        return true
      case KEY.TRIGGER:
        trigger = wordOf(reader, TRIGGERS, 'the trigger')
        return true
      case KEY.TIME:
        deviceTime = uintUpTo(reader, MAX_TIME, 'a time')
        return true
      case KEY.SEQUENCE:
        sequence = reader.uint()
        return true
      case KEY.BLOCKS:
        readings = readBlocks(reader, deviceTime)
        return true
      case KEY.EVENTS:
        events = uintUpTo(reader, 0xffff_ffff, 'an event mask')
        return true
      case KEY.TERMINAL_LOG:
        terminalLog = readTerminalLog(reader)
        return true
      default:
        if (!isNews(key)) return readStatus(reader, key, status)
        news ??= noNews()
        return readNews(reader, key, news)
    }
  })
  expectEnd(reader)
  if (reader.problem) return reader.problem
  if (device < 0 || !kind || !trigger) {
    return malformed('unsupported', 0, 'a report names its device, its kind and its trigger')
  }
  const said = { device, kind, trigger, deviceTime, sequence, readings, events: eventsOf(events), status }
  const report = terminalLog ? { ...said, terminalLog } : said
  return kind === 'concentrator' && news ? { ...report, concentrator: news } : report
}

/** Takes one field about the device itself; false when the key is not one. */
function readStatus(reader: CborReader, key: number, status: Draft<DeviceStatus>): boolean {
  switch (key) {
    case KEY.VALVE:
      status.valve = wordOf(reader, VALVE_POSITIONS, 'the valve position') ?? 'unknown'
      return true
    case KEY.BATTERY:
      status.batteryVolt = uintUpTo(reader, 0xffff, 'a battery voltage in mV') / 1000
      return true
    case KEY.RSRP:
      status.rsrpDbm = reader.int() / 10
      return true
    case KEY.SINR:
      status.sinrDb = reader.int() / 10
      return true
    case KEY.ECL:
      status.ecl = uintUpTo(reader, 2, 'a coverage level')
      return true
    case KEY.PCI:
      status.pci = uintUpTo(reader, 1007, 'a physical cell id')
      return true
    case KEY.FIRMWARE: {
      const at = reader.at
      status.firmware = reader.text()
      if (status.firmware.length > MAX_FIRMWARE_LENGTH)
        reader.fail('out-of-range', at, 'a firmware name above 64 characters')
      return true
    }
    case KEY.COMMAND:
      status.command = readCommandAnswer(reader)
      return true
    case KEY.UPDATE: {
      const update = readUpdate(reader)
      if (update) status.update = update
      return true
    }
    case KEY.SERVICE_PORT:
      status.servicePort = uintUpTo(reader, 0xffff, 'a UDP port')
      return true
    case KEY.RELAY: {
      const relay = wordOf(reader, RELAYS, 'the relay position')
      if (relay) status.relay = relay
      return true
    }
    default:
      return false
  }
}

/** [id, accepted] */
export function readCommandAnswer(reader: CborReader): { id: number; accepted: boolean } {
  const at = reader.at
  if (reader.array() !== 2) reader.fail('bad-length', at, 'a command answer is [id, accepted]')
  return { id: reader.uint(), accepted: reader.bool() }
}

/** [id, outcome] */
function readUpdate(reader: CborReader): DeviceStatus['update'] {
  const at = reader.at
  if (reader.array() !== 2) reader.fail('bad-length', at, 'the end of an update is [id, outcome]')
  const id = reader.uint()
  const outcome = wordOf(reader, UPDATE_OUTCOMES, 'the outcome of an update')
  return outcome && { id, outcome }
}

/** [id, piece, pieces, time of the first line in s, lines] */
function readTerminalLog(reader: CborReader): TerminalLogPiece | undefined {
  const at = reader.at
  if (reader.array() !== 5) reader.fail('bad-length', at, 'a piece of a log is [id, piece, pieces, first, lines]')
  const command = reader.uint()
  const piece = uintUpTo(reader, 255, 'a piece')
  const pieces = uintUpTo(reader, 255, 'pieces')
  const first = uintUpTo(reader, 0xffff_ffff, 'a time in s')
  const entries = unpackLog(first, reader.bytes())
  if (entries === undefined || piece < 1 || piece > pieces) reader.fail('out-of-range', at, 'a piece of a log is cut')
  return entries && { command, piece, pieces, entries }
}
