import type { DeviceEvent, Malformed, Reading, Report } from '@gastwin/twin'
import { malformed } from '../bytes/malformed.ts'
import type { VendorProfile } from '../profile/vendor-profile.ts'
import type { FieldValue } from '../record/field.ts'
import { siValue } from '../record/si-value.ts'
import type { DeviceLookup } from '../report/lookup.ts'
import { CONTROL, type Generation } from './control.table.ts'
import type { DataField } from './data-field.ts'
import { decodeDataField, type OwnLayouts } from './decode.ts'
import { joinFollowUps } from './follow-up.ts'
import { EVERYBODY, type FoundFrame } from './frame.ts'
import { scanFrames } from './scan.ts'
import { readStatusWords } from './status-words.ts'

const DAY_MS = 86_400_000
const ZONE_MS = 8 * 3_600_000
const DATE = { '2007': 0x04000101, '1997': 0xc010 } as const
const TIME_OF_DAY = { '2007': 0x04000102, '1997': 0xc011 } as const
const FREEZE = 0x05

/** The generation and the layouts of a profile; without one a meter speaks the valid standard. */
export const generationOfProfile = (profile: VendorProfile | undefined): Generation =>
  profile?.protocol === 'dlt645-1997' ? '1997' : '2007'
export const ownLayouts =
  (profile: VendorProfile | undefined): OwnLayouts =>
  (di) =>
    profile?.layouts.find((layout) => layout.identifier === di)?.fields

/**
 * Reads the answer frames of one electricity meter as a report: registers, instantaneous values, frozen registers at their own
 * times, relay and battery from the status words, the clock from date and time of day. One bad frame refuses the whole datagram.
 * Answers whose payload no layout takes apart say nothing here; the log keeps their bytes.
 */
export function decodeDlt645Report(payload: Uint8Array, lookup: DeviceLookup): Report | Malformed {
  const frames: FoundFrame[] = []
  for (const found of scanFrames(payload)) {
    if (found.kind === 'malformed') return found
    const refused = refusal(found, frames[0])
    if (refused) return refused
    frames.push(found)
  }
  const device = frames[0]?.address ?? 0
  const profile = lookup.profileOf?.(device)
  const generation = generationOfProfile(profile)
  const joined = joinFollowUps(frames, generation)
  if ('kind' in joined) return joined
  const fields: DataField[] = []
  for (const frame of joined) {
    const field = decodeDataField(frame, generation, ownLayouts(profile))
    if (field.kind === 'malformed') return field
    fields.push(field)
  }
  return assemble(device, fields)
}

function refusal(frame: FoundFrame, first: FoundFrame | undefined): Malformed | undefined {
  if ((frame.control & CONTROL.ANSWER) === 0)
    return malformed('unsupported', frame.at + 8, 'a master frame is no report')
  if ((frame.control & CONTROL.ABNORMAL) !== 0)
    return malformed('unsupported', frame.at + 8, 'an abnormal answer is no report')
  if (frame.address < 0 || frame.address === EVERYBODY)
    return malformed('out-of-range', frame.at + 1, 'a report names its device')
  return first && first.address !== frame.address
    ? malformed('unsupported', frame.at + 1, 'frames of two devices in one report')
    : undefined
}

type Data = Extract<DataField, { kind: 'data' }>

function assemble(device: number, fields: readonly DataField[]): Report | Malformed {
  const known = fields.filter((field): field is Data => field.kind === 'data')
  const deviceTime = clockOf(known)
  const freezeTimes = new Map<number, number>()
  for (const { di, values } of known) if (isFreezeTime(di)) freezeTimes.set(freezeKey(di), values[0]?.raw ?? Number.NaN)
  const readings: Reading[] = []
  let unreadable = false
  for (const { di, values } of known) {
    const at = di >>> 24 === FREEZE ? freezeTimes.get(freezeKey(di)) : deviceTime
    // A frozen register without its time is no reading.
    if (at === undefined) continue
    unreadable = takeReadings(values, at, readings) || unreadable
  }
  if (unreadable && readings.length === 0) return malformed('bad-bcd', 0, 'no register of the report can be read')
  const { relay, batteryLow } = readStatusWords(known.flatMap(({ values }) => values))
  const events: DeviceEvent[] = batteryLow ? ['battery_low'] : []
  readings.sort((a, b) => (Number.isNaN(a.at) || Number.isNaN(b.at) ? 0 : a.at - b.at))
  const status = relay === undefined ? {} : { relay }
  return { device, kind: 'meter', trigger: 'timed', deviceTime, sequence: -1, readings, events, status }
}

const isFreezeTime = (di: number): boolean => di >>> 24 === FREEZE && ((di >>> 8) & 0xff) === 0
const freezeKey = (di: number): number => (((di >>> 16) & 0xff) << 8) | (di & 0xff)

/** Adds what has a quantity; true when one of those cannot be read. */
function takeReadings(values: readonly FieldValue[], at: number, readings: Reading[]): boolean {
  let unreadable = false
  for (const value of values) {
    if (value.spec.kind !== 'number' || value.spec.quantity === undefined) continue
    const si = siValue(value)
    if (Number.isNaN(si)) unreadable = true
    else readings.push({ quantity: value.spec.quantity, at, value: si })
  }
  return unreadable
}

/** Date and time of day come in two answers; one alone is no clock. */
function clockOf(fields: readonly Data[]): number {
  let date = Number.NaN
  let ofDay = Number.NaN
  for (const { di, generation, values } of fields) {
    if (di === DATE[generation]) date = values[0]?.raw ?? Number.NaN
    else if (di === TIME_OF_DAY[generation]) ofDay = values[0]?.raw ?? Number.NaN
  }
  return Math.floor((date + ZONE_MS) / DAY_MS) * DAY_MS - ZONE_MS + ofDay
}
