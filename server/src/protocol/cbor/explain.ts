import { toHex } from '../bytes/hex.ts'
import { type Explanation, FieldList, timeText } from '../report/explanation.ts'
import {
  DEVICE_KINDS,
  eventsOf,
  QUANTITIES,
  QUANTITY_SCALES,
  RELAYS,
  TRIGGERS,
  VALVE_POSITIONS,
} from '../report/words.ts'
import { KEY } from './keys.ts'
import { CborReader, MAJOR } from './reader.ts'
import { unpackSeries } from './series.ts'

type Say = (value: number) => string
const word =
  (words: readonly string[]): Say =>
  (value) =>
    words[value] ?? 'not known'

const FIELDS = new Map<number, readonly [name: string, say: Say]>([
  [KEY.DEVICE, ['device', String]],
  [KEY.KIND, ['kind', word(DEVICE_KINDS)]],
  [KEY.TRIGGER, ['trigger', word(TRIGGERS)]],
  [KEY.TIME, ['device time', timeText]],
  [KEY.SEQUENCE, ['report counter', String]],
  [KEY.BLOCKS, ['samples', String]],
  [KEY.EVENTS, ['events', (mask) => eventsOf(mask).join(', ') || 'none']],
  [KEY.VALVE, ['valve', word(VALVE_POSITIONS)]],
  [KEY.BATTERY, ['battery', (mV) => `${mV / 1000} V`]],
  [KEY.RSRP, ['RSRP', (tenth) => `${tenth / 10} dBm`]],
  [KEY.SINR, ['SINR', (tenth) => `${tenth / 10} dB`]],
  [KEY.ECL, ['coverage level', (ecl) => `ECL ${ecl}`]],
  [KEY.PCI, ['cell', (pci) => `PCI ${pci}`]],
  [KEY.FIRMWARE, ['firmware', String]],
  [KEY.COMMAND, ['answer to a command', String]],
  [KEY.SERVICE_PORT, ['service port', (port) => `UDP ${port}`]],
  [KEY.CLOCK, ['clock', timeText]],
  [KEY.QUEUED, ['queued command', String]],
  [KEY.OPERATION, ['operation', word(['not known', 'select', 'close'])]],
  [KEY.RELAY, ['relay', word(RELAYS)]],
  [KEY.ADDRESSES, ['list of meters held: version, rows', String]],
  [KEY.BACKLOG, ['frames that wait', String]],
  [KEY.ROUTES, ['paths to meters', String]],
  [KEY.RESULTS, ['results of orders', String]],
  [KEY.ORDERS, ['orders', String]],
  [KEY.PASSED, ['what meters were told', String]],
  [KEY.UPDATE, ['end of an order that was tried', String]],
  [KEY.TERMINAL_LOG, ['piece of its own log', String]],
])

/** A message of the CBOR profile, one field for each key and one for each series of samples. */
export function explainCbor(bytes: Uint8Array): Explanation {
  const list = new FieldList(bytes)
  const reader = new CborReader(bytes)
  const pairs = reader.map()
  list.takeTo(reader.at, 'map', `${pairs} fields`)
  for (let i = 0; i < pairs && !reader.problem; i++) {
    const key = reader.uint()
    if (key === KEY.BLOCKS && reader.peekMajor() === MAJOR.ARRAY) explainBlocks(list, reader)
    else {
      const [name, say] = FIELDS.get(key) ?? [`key ${key}`, String]
      const meaning = readText(reader, say)
      if (!reader.problem) list.takeTo(reader.at, name, meaning)
    }
  }
  if (!reader.problem && !reader.atEnd) reader.fail('trailing-bytes', reader.at, 'bytes behind the message')
  return reader.problem ? list.fail('gastwin CBOR', reader.problem) : { format: 'gastwin CBOR', fields: list.fields }
}

function explainBlocks(list: FieldList, reader: CborReader): void {
  const blocks = reader.array()
  list.takeTo(reader.at, 'samples', `${blocks} ${blocks === 1 ? 'block' : 'blocks'} of equal times`)
  for (let i = 0; i < blocks && !reader.problem; i++) {
    if (reader.array() !== 3) reader.fail('bad-length', reader.at, 'a block is [age, step, series]')
    const age = reader.int()
    const step = reader.uint()
    const series = reader.map()
    const spacing = step === 0 ? 'one sample' : `every ${step / 1000} s`
    if (!reader.problem) list.takeTo(reader.at, 'block', `${spacing}, the last ${age / 1000} s before the device time`)
    for (let j = 0; j < series && !reader.problem; j++) {
      const code = reader.uint()
      const values = reader.peekMajor() === MAJOR.BYTES ? (unpackSeries(reader.bytes()) ?? []) : [reader.int()]
      const scale = QUANTITY_SCALES[code] ?? 1
      const text = values.map((value) => value / scale).join(' ')
      if (!reader.problem) list.takeTo(reader.at, QUANTITIES[code] ?? `quantity ${code}`, text || 'not readable')
    }
  }
}

/** Any item of the profile in words. */
function readText(reader: CborReader, say: Say): string {
  switch (reader.peekMajor()) {
    case MAJOR.UINT:
    case MAJOR.NEGATIVE:
      return say(reader.int())
    case MAJOR.TEXT:
      return reader.text()
    case MAJOR.BYTES:
      return toHex(reader.bytes())
    case MAJOR.SIMPLE:
      return reader.bool() ? 'yes' : 'no'
    case MAJOR.ARRAY: {
      const parts: string[] = []
      let nested = 0
      const items = reader.array()
      for (let i = 0; i < items && !reader.problem; i++) {
        if (reader.peekMajor() !== MAJOR.ARRAY) parts.push(readText(reader, String))
        else {
          reader.skip()
          nested += 1
        }
      }
      return parts.length === 0 && nested > 0 ? `${nested} ${nested === 1 ? 'entry' : 'entries'}` : parts.join(', ')
    }
    default:
      reader.skip()
      return 'not known'
  }
}
