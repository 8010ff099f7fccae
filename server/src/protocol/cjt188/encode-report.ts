import { type Report, UsageError } from '@gastwin/twin'
import { concatBytes } from '../bytes/concat.ts'
import type { VendorProfile } from '../profile/vendor-profile.ts'
import { writeStatusWord } from '../record/status-word.ts'
import { UNITS, type UnitName, type UnitScale } from '../record/units.table.ts'
import { type FieldContent, makeRecord } from '../record/write-record.ts'
import type { DeviceLookup } from '../report/lookup.ts'
import { maskOf, TRIGGERS } from '../report/words.ts'
import { GASTWIN_CIPHER, sealer } from './cipher.ts'
import type { WritableField } from './data-field.ts'
import { encodeDataField } from './encode.ts'
import { encodeFrame } from './frame.ts'
import {
  CONTROL,
  CURRENT_DI,
  DAYS_DI,
  EXTENSION_DI,
  FIRMWARE_DI,
  GAS_METER,
  type IdentifierOrder,
  TERMINAL_LOG_DI,
  VALVE_DI,
} from './identifiers.ts'
import { layoutsOf } from './layouts.table.ts'
import { daysOfReadings } from './own-forms.ts'
import { MAX_VOLUME_M3 } from './volume.ts'

/** The frames of one exchange with one gas meter, plain or sealed. */
export function writeFrames(
  device: number,
  frames: readonly { readonly control: number; readonly field: WritableField }[],
  sealed: boolean,
  lookup: DeviceLookup,
): Uint8Array {
  const key = sealed ? lookup.keyOf(device) : undefined
  if (sealed && !key) throw new UsageError('PRT_ENCODE', `no key is known for device ${device}`, { device })
  const seal = key && sealer(lookup.profileOf?.(device)?.cipher ?? GASTWIN_CIPHER, key, device)
  return concatBytes(
    frames.map(({ control, field }) =>
      encodeFrame({ type: GAS_METER, address: device, control, data: encodeDataField(field) }, seal),
    ),
  )
}

/**
 * Mirror of `decodeCjt188Report` for a gas meter: 901F when the report has a register, a valve answer when it has none but a
 * valve position, then the extension if the maker's meters know it, and behind it registers of
 * earlier days and a piece of the meter's log. Its profile says how identifiers, units and status stand. Volumes travel in 0.01 m³, the clock in seconds, the sequence modulo 65536.
 * @throws UsageError PRT_ENCODE when the report has no place in these frames
 */
export function encodeCjt188Report(report: Report, sealed: boolean, lookup: DeviceLookup): Uint8Array {
  const { device, sequence, status } = report
  if (report.kind !== 'meter') throw new UsageError('PRT_ENCODE', `CJ/T 188 frames carry meters, not a ${report.kind}`)
  const profile = lookup.profileOf?.(device)
  const serial = sequence < 0 ? 0 : sequence % 256
  const order = profile?.identifierOrder ?? 'low-first'
  const head = { order, serial } as const
  const layout = profile?.status ?? lookup.statusProfileOf(device)
  const statusWord = writeStatusWord({ valve: status.valve ?? 'unknown', events: report.events }, layout)
  const frames: { control: number; field: WritableField }[] = []
  if (volume(report, 'index_m3') !== undefined)
    frames.push({ control: CONTROL.ANSWER | CONTROL.READ, field: currentField(report, head, statusWord, profile) })
  else if (status.valve !== undefined) {
    frames.push({
      control: CONTROL.ANSWER | CONTROL.WRITE,
      field: {
        kind: 'valve-answer',
        di: VALVE_DI,
        order: profile?.identifierOrder ?? 'high-first',
        serial,
        statusWord,
      },
    })
  }
  if (profile?.extension !== false)
    frames.push({ control: CONTROL.ANSWER | CONTROL.READ, field: extensionField(report, head) })
  if (profile?.extension !== false) frames.push(...ownFrames(report, head))
  const { firmware, update } = status
  if (profile?.extension !== false && (firmware !== undefined || update !== undefined)) {
    const word = { ...(firmware !== undefined && { firmware }), ...(update && { update }) }
    const field = { kind: 'firmware', di: FIRMWARE_DI, ...head, firmware: word } as const
    frames.push({ control: CONTROL.ANSWER | CONTROL.READ, field })
  }
  return writeFrames(device, frames, sealed, lookup)
}

/** Registers of earlier days, and a piece of the meter's own log. */
function ownFrames({ readings, terminalLog }: Report, head: FrameHead): { control: number; field: WritableField }[] {
  const control = CONTROL.ANSWER | CONTROL.READ
  const earlier = readings.filter(({ quantity }) => quantity === 'index_m3').slice(0, -1)
  const days = daysOfReadings(earlier)
  return [
    ...(days ? [{ control, field: { kind: 'days', di: DAYS_DI, ...head, days } as const }] : []),
    ...(terminalLog
      ? [{ control, field: { kind: 'terminal-log', di: TERMINAL_LOG_DI, ...head, piece: terminalLog } as const }]
      : []),
  ]
}

interface FrameHead {
  readonly order: IdentifierOrder
  readonly serial: number
}

/** 901F in the standard's form, or as the maker's profile lays it out or turns its units round. */
function currentField(
  report: Report,
  head: FrameHead,
  statusWord: number,
  profile: VendorProfile | undefined,
): WritableField {
  const own = profile?.layouts.find((l) => l.identifier === CURRENT_DI && (l.family ?? 'gas') === 'gas')?.fields
  const layout = own ?? (profile?.unitPosition === 'before' ? layoutsOf(CURRENT_DI, 'gas')[0] : undefined)
  if (layout === undefined)
    return {
      kind: 'current',
      di: CURRENT_DI,
      ...head,
      totalM3: volume(report, 'index_m3') ?? Number.NaN,
      settlementM3: volume(report, 'settlement_index_m3') ?? Number.NaN,
      time: report.deviceTime,
      statusWord,
    }
  const contents: Record<string, FieldContent> = {}
  for (const spec of layout) {
    if (spec.kind === 'clock') contents[spec.name] = report.deviceTime
    else if (spec.kind === 'status') contents[spec.name] = statusWord
    else if (spec.kind === 'number' && spec.quantity !== undefined) {
      const value = report.readings.findLast(({ quantity }) => quantity === spec.quantity)?.value
      if (value !== undefined) contents[spec.name] = spec.unit === 'coded' ? value : inUnit(value, spec.unit)
    }
  }
  return { kind: 'record', di: CURRENT_DI, ...head, values: makeRecord(layout, contents, profile?.unitPosition) }
}

function inUnit(value: number, unit: UnitName): number {
  const { factor, offset = 0 }: UnitScale = UNITS[unit]
  return (value - offset) / factor
}

function volume(report: Report, quantity: 'index_m3' | 'settlement_index_m3'): number | undefined {
  const value = report.readings.findLast((reading) => reading.quantity === quantity)?.value
  if (value !== undefined && !(value >= 0 && value <= MAX_VOLUME_M3)) {
    throw new UsageError('PRT_ENCODE', `${quantity} ${value} does not fit 0…${MAX_VOLUME_M3} m³`, {
      device: report.device,
    })
  }
  return value
}

function extensionField(report: Report, head: FrameHead): WritableField {
  const { sequence, status } = report
  return {
    kind: 'extension',
    di: EXTENSION_DI,
    ...head,
    extension: {
      sequence: sequence < 0 ? -1 : sequence % 0x1_0000,
      trigger: TRIGGERS.indexOf(report.trigger),
      events: maskOf(report.events),
      batteryMillivolt: 1000 * (status.batteryVolt ?? Number.NaN),
      rsrpTenthDbm: 10 * (status.rsrpDbm ?? Number.NaN),
      sinrTenthDb: 10 * (status.sinrDb ?? Number.NaN),
      ecl: status.ecl ?? Number.NaN,
      pci: status.pci ?? Number.NaN,
      command: status.command,
    },
  }
}
