import type { Malformed } from '@gastwin/twin'
import { BROADCAST } from '../bytes/address.ts'
import type { VendorProfile } from '../profile/vendor-profile.ts'
import { readStatusWord, type StatusProfile } from '../record/status-word.ts'
import { valueText } from '../record/value-text.ts'
import { type Explanation, explainFrames, type FieldList, problemText, timeText } from '../report/explanation.ts'
import { eventsOf, TRIGGERS } from '../report/words.ts'
import { cbcOpener } from '../sm4/modes.ts'
import { type CipherProfile, GASTWIN_CIPHER, unsealFrame } from './cipher.ts'
import type { DataField } from './data-field.ts'
import { decodeDataField } from './decode.ts'
import type { Extension } from './extension.ts'
import { EVERYBODY, type FoundFrame } from './frame.ts'
import { CONTROL, identifierName } from './identifiers.ts'
import { typeName } from './meter-types.ts'
import { scanFrames } from './scan.ts'

interface Options {
  readonly key?: Uint8Array
  readonly cipher?: CipherProfile
  readonly statusProfile?: StatusProfile
  readonly profile?: VendorProfile
  /** The data fields are known to be cipher text. */
  readonly sealed?: boolean
}

const FUNCTIONS = new Map<number, string>([
  [CONTROL.READ, 'read data'],
  [CONTROL.READ_ADDRESS, 'read address'],
  [CONTROL.WRITE, 'write data'],
  [CONTROL.READ_KEY_VERSION, 'read key version'],
  [CONTROL.WRITE_ADDRESS, 'write address'],
  [CONTROL.WRITE_BASE_READING, 'write base reading'],
])

/** CJ/T 188 frames field by field. A sealed data field is opened when a key is given. */
export function explainCjt188(bytes: Uint8Array, options: Options): Explanation {
  return explainFrames('CJ/T 188', bytes, scanFrames(bytes), (list, frame) => {
    const trouble = explainOne(list, frame, options)
    return trouble && problemText(trouble)
  })
}

function explainOne(list: FieldList, frame: FoundFrame, options: Options): Malformed | undefined {
  const { type, control, data } = frame
  list.take(1, 'start', 'a frame begins')
  list.take(1, 'meter type', typeName(type))
  list.take(7, 'address', addressText(frame))
  list.take(1, 'control', controlText(control))
  list.take(1, 'length', `${data.length} bytes of data`)
  const trouble = data.length > 0 ? explainData(list, frame, options) : undefined
  list.take(1, 'checksum', 'sum of the bytes before, right')
  list.take(1, 'end', 'the frame ends')
  return trouble
}

function addressText({ address, pattern }: FoundFrame): string {
  if (address === BROADCAST || address === EVERYBODY) return 'everybody'
  if (pattern !== undefined) return `${pattern}, AA stands for any digits`
  const digits = String(address).padStart(14, '0')
  return `${digits}, maker code ${digits.slice(0, 4)}`
}

function controlText(control: number): string {
  const name = FUNCTIONS.get(control & CONTROL.FUNCTION) ?? 'function not known'
  const direction = control & CONTROL.ANSWER ? 'answer of the meter' : 'request of the master'
  return `${name}, ${direction}${control & CONTROL.ABNORMAL ? ', abnormal' : ''}`
}

function explainData(list: FieldList, frame: FoundFrame, options: Options): Malformed | undefined {
  const end = list.at + frame.data.length
  const { key } = options
  const plain =
    options.sealed !== true || !key
      ? frame
      : unsealFrame(options.cipher ?? options.profile?.cipher ?? GASTWIN_CIPHER, cbcOpener(key), frame)
  if (options.sealed === true && !key) {
    list.takeTo(end, 'data, encrypted', `${frame.data.length} bytes of SM4 cipher text, no key given`)
    return undefined
  }
  const field = plain.kind === 'malformed' ? plain : decodeDataField(plain, options.profile)
  if (field.kind === 'malformed') {
    list.takeTo(end, 'data', `${field.reason}: ${field.detail}`)
    return field
  }
  if (options.sealed === true)
    list.takeTo(
      end,
      'data, encrypted',
      partsOf(field, options)
        .map(([, ...t]) => t.join(' '))
        .join('; '),
    )
  for (const [length, name, meaning] of partsOf(field, options))
    list.take(Math.min(length, end - list.at), name, meaning)
  return undefined
}

type Part = readonly [length: number, name: string, meaning: string]

function partsOf(field: DataField, options: Options): readonly Part[] {
  if (field.kind === 'error') {
    const status: Part = [field.status.length, 'status', 'the reason of the maker']
    return field.serial < 0 ? [status] : [[1, 'serial', String(field.serial)], status]
  }
  const { di, order, serial } = field
  const name = `${di.toString(16).toUpperCase()}, ${identifierName(di) ?? ''}, ${order.replace('-', ' byte ')}`
  return [[2, 'identifier', name], [1, 'serial', String(serial)], ...payloadParts(field, options)]
}

function payloadParts(field: Exclude<DataField, { kind: 'error' }>, options: Options): readonly Part[] {
  switch (field.kind) {
    case 'current':
      return [
        [5, 'register', volumeText(field.totalM3)],
        [5, 'register at the settlement day', volumeText(field.settlementM3)],
        [7, 'clock', timeText(field.time)],
        [2, 'status word', statusText(field.statusWord, options)],
      ]
    case 'clock':
      return [[7, 'clock', timeText(field.time)]]
    case 'valve-command':
      return [[1, 'valve command', field.action === 'close' ? 'close' : 'open: gastwin reads it and never sends it']]
    case 'valve-answer':
      return [[2, 'status word', statusText(field.statusWord, options)]]
    case 'ticket':
      return [[4, 'command', `number ${field.commandId}`]]
    case 'parameter':
      return [
        [1, 'parameter', String(field.parameter)],
        [4, 'value', String(field.value)],
      ]
    case 'firmware': {
      const { firmware = '', update } = field.firmware
      return [
        [1, 'end of an order', update?.outcome ?? 'none'],
        [4, 'command', update ? `number ${update.id}` : 'none'],
        [firmware.length, 'firmware', firmware || 'not told'],
      ]
    }
    case 'terminal-log': {
      const { command, piece, pieces, entries } = field.piece
      return [
        [4, 'command', `number ${command}`],
        [2, 'piece', `${piece} of ${pieces}`],
        [4, 'first line', timeText(entries[0]?.at ?? Number.NaN)],
        [Number.MAX_SAFE_INTEGER, 'lines', entries.map(({ what, value }) => `${what} ${value}`).join(', ') || 'none'],
      ]
    }
    case 'days':
      return [
        [4, 'first day', timeText(field.days.first)],
        ...field.days.registersM3.map((m3): Part => [4, 'register', volumeText(m3)]),
      ]
    case 'connection':
      return [
        [1, 'setting', field.setting],
        [field.text.length, 'text', field.text],
      ]
    case 'prices': {
      const { tiers, fromDay, fromAt } = field.prices
      const from = fromAt === undefined ? (fromDay === null ? 'at once' : `day ${fromDay}`) : timeText(fromAt)
      return [[4, 'from', from], ...tiers.flatMap(priceParts)]
    }
    case 'extension':
      return extensionParts(field.extension)
    case 'record':
      return field.values.map((value) => [
        value.bytes.length,
        value.spec.name,
        value.spec.kind === 'status' && value.spec.bytes === 2 ? statusText(value.raw, options) : valueText(value),
      ])
    case 'other':
      return [[field.payload.length, 'payload', 'not taken apart']]
  }
}

const priceParts = ({ yuan, toM3 }: { readonly yuan: number; readonly toM3: number | null }): readonly Part[] => [
  [4, 'price', `${yuan} yuan`],
  ...(toM3 === null ? [] : [[4, 'up to', `${toM3} m³`] as const]),
]

function extensionParts(extension: Extension): readonly Part[] {
  const { sequence, trigger, events, batteryMillivolt, rsrpTenthDbm, sinrTenthDb, ecl, pci, command } = extension
  const known = (value: number, text: string) => (Number.isNaN(value) ? 'not told' : text)
  return [
    [
      2,
      'version and flags',
      `version 1, ${sequence >= 0 ? 'counter' : 'no counter'}, ${command ? 'answers a command' : 'no command'}`,
    ],
    [1, 'trigger', TRIGGERS[trigger] ?? 'not known'],
    [2, 'report counter', sequence >= 0 ? String(sequence) : 'not told'],
    [4, 'events', eventsOf(events).join(', ') || 'none'],
    [2, 'battery', known(batteryMillivolt, `${batteryMillivolt / 1000} V`)],
    [2, 'RSRP', known(rsrpTenthDbm, `${rsrpTenthDbm / 10} dBm`)],
    [2, 'SINR', known(sinrTenthDb, `${sinrTenthDb / 10} dB`)],
    [1, 'coverage level', known(ecl, `ECL ${ecl}`)],
    [2, 'cell', known(pci, `PCI ${pci}`)],
    [4, 'command', command ? `number ${command.id}, ${command.accepted ? 'accepted' : 'refused'}` : 'none'],
  ]
}

const volumeText = (volume: number): string => (Number.isNaN(volume) ? 'not readable' : `${volume} m³`)

function statusText(word: number, { statusProfile, profile }: Options): string {
  const layout = profile?.status ?? statusProfile
  if (!layout) return 'layout is the maker’s: name a status profile to read it'
  const { valve, events } = readStatusWord(word, layout)
  return [`valve ${valve}`, ...events].join(', ')
}
