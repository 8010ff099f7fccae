import type { DeviceIndex } from './device-index.ts'
import { type FaultList, shown } from './fault.ts'
import type { MeterClass } from './network-document.ts'

/** Type of each column file of `gastwin-meter-columns/1`, one little-endian value per meter. */
export const METER_COLUMN_TYPES = {
  number: 'f64',
  node: 'u32',
  zone: 'u16',
  class: 'u8',
  size: 'u8',
  installed_year: 'u16',
  flags: 'u8',
  protected: 'u8',
  lon_micro: 'i32',
  lat_micro: 'i32',
} as const

/** Lists of words that columns count in; null is "not said". */
export interface MeterWords {
  readonly class: readonly (string | null)[]
  readonly size: readonly (string | null)[]
  readonly protected: readonly (string | null)[]
}

/** Some gas meters as columns of one length, row i of all is one meter. */
export interface MeterColumns {
  /** Device number: an integer of up to 14 digits. */
  readonly number: Float64Array
  /** Places in the document's lists of nodes and zones; zone 65 535 is that of the node. */
  readonly node: Uint32Array
  readonly zone: Uint16Array
  /** Places in `words`. */
  readonly class: Uint8Array
  readonly size: Uint8Array
  readonly protected: Uint8Array
  /** 0 when unknown. */
  readonly installed_year: Uint16Array
  /** Bits: 1 corrector, 2 outdoor (else indoor), 4 read every five minutes (else daily). */
  readonly flags: Uint8Array
  /** Degrees × 10⁶; −2³¹ when unknown. */
  readonly lon_micro: Int32Array
  readonly lat_micro: Int32Array
  readonly words: MeterWords
}

/** The columns of a MeterTable that are filled here. */
export interface MeterTarget {
  readonly device: Float64Array
  readonly node: Int32Array
  readonly zone: Int32Array
  readonly class: Uint8Array
  readonly placement: Uint8Array
  readonly corrector: Uint8Array
  readonly installedYear: Uint16Array
  readonly lon: Float64Array
  readonly lat: Float64Array
  readonly size: Uint8Array
  readonly schedule: Uint8Array
  readonly protection: Uint8Array
}

/** Codes of the table for the words of the columns. */
export interface MeterCodes {
  readonly class: Uint8Array
  readonly size: Uint8Array
  readonly protected: Uint8Array
  readonly daily: number
  readonly fiveMinutes: number
  readonly indoor: number
  readonly outdoor: number
}

export interface MeterPlaces {
  readonly nodes: number
  readonly zones: number
  readonly zoneOfNode: Int32Array
}

const MOST_DEVICE = 99_999_999_999_999
const ZONE_OF_NODE = 65_535
const UNKNOWN_PLACE = -0x8000_0000
const CORRECTOR = 0b001
const OUTDOOR = 0b010
const FIVE_MINUTES = 0b100
const CLASSES: readonly (string | null)[] = [
  null,
  'residential',
  'commercial',
  'industrial',
] satisfies readonly (MeterClass | null)[]

/** Checks lengths and words, before any row is looked at. @returns whether the rows can be read at all */
export function checkColumns(part: MeterColumns, faults: FaultList): boolean {
  const before = faults.count
  const rows = part.number.length
  for (const name of Object.keys(METER_COLUMN_TYPES) as (keyof typeof METER_COLUMN_TYPES)[])
    if (part[name].length !== rows)
      faults.add(`meters_file.${name}`, `${part[name].length} values`, `${rows} values, as of number`)
  for (const list of ['class', 'size', 'protected'] as const) {
    const words = part.words[list]
    if (words.length === 0 || words.length > 256)
      faults.add(`meters_file.words.${list}`, `${words.length} words`, '1 to 256 words')
    words.forEach((word, i) => {
      if (list === 'class' ? !CLASSES.includes(word) : word === '')
        faults.add(
          `meters_file.words.${list}[${i}]`,
          shown(word),
          list === 'class' ? 'residential, commercial, industrial or null' : 'a non-empty string or null',
        )
    })
  }
  return faults.count === before
}

/**
 * Copies checked rows into a table from row `base` on and enters their device numbers. A row with a fault is entered nowhere
 * that could throw; the network is refused in the end.
 */
export function fillMeters(
  target: MeterTarget,
  base: number,
  index: DeviceIndex,
  part: MeterColumns,
  codes: MeterCodes,
  places: MeterPlaces,
  faults: FaultList,
): void {
  const rows = part.number.length
  const wrong = (i: number, field: string, what: unknown, expected: string) =>
    faults.add(`meters[${base + i}] "${part.number[i]}".${field}`, shown(what), expected)
  target.device.set(part.number, base)
  for (let i = 0; i < rows; i++) {
    const device = part.number[i] ?? 0
    if (!(Number.isInteger(device) && device >= 1 && device <= MOST_DEVICE)) {
      wrong(i, 'id', device, 'an integer of up to 14 digits, not 0')
      continue
    }
    if (index.insertNew(base + i, target.device) >= 0) wrong(i, 'id', 'used before', 'an id of its own among meters')
  }
  for (let i = 0; i < rows; i++) {
    const node = part.node[i] ?? 0
    if (node >= places.nodes) wrong(i, 'node', node, `a place in the list of ${places.nodes} nodes`)
    const zone = part.zone[i] ?? 0
    if (zone >= places.zones && zone !== ZONE_OF_NODE)
      wrong(i, 'zone', zone, `a place in the list of ${places.zones} zones`)
    target.node[base + i] = node
    target.zone[base + i] = zone === ZONE_OF_NODE ? (places.zoneOfNode[node] ?? -1) : zone
  }
  words(target.class, base, part.class, codes.class, (i, code) => wrong(i, 'class', code, 'a place in words.class'))
  words(target.size, base, part.size, codes.size, (i, code) => wrong(i, 'size', code, 'a place in words.size'))
  words(target.protection, base, part.protected, codes.protected, (i, code) =>
    wrong(i, 'protected', code, 'a place in words.protected'),
  )
  for (let i = 0; i < rows; i++) {
    const flags = part.flags[i] ?? 0
    if (flags > (CORRECTOR | OUTDOOR | FIVE_MINUTES)) wrong(i, 'flags', flags, 'bits 1, 2 and 4 only')
    target.corrector[base + i] = flags & CORRECTOR
    target.placement[base + i] = (flags & OUTDOOR) !== 0 ? codes.outdoor : codes.indoor
    target.schedule[base + i] = (flags & FIVE_MINUTES) !== 0 ? codes.fiveMinutes : codes.daily
    const year = part.installed_year[i] ?? 0
    if (year !== 0 && (year < 1800 || year > 2200)) wrong(i, 'installed_year', year, 'a year, 1800 to 2200, or 0')
    target.installedYear[base + i] = year
  }
  degrees(target.lon, base, part.lon_micro, 180, (i, micro) => wrong(i, 'lon_micro', micro, 'degrees × 10⁶, ±180'))
  degrees(target.lat, base, part.lat_micro, 90, (i, micro) => wrong(i, 'lat_micro', micro, 'degrees × 10⁶, ±90'))
}

type Complaint = (row: number, value: number) => void

function words(to: Uint8Array, base: number, from: Uint8Array, codes: Uint8Array, wrong: Complaint): void {
  for (let i = 0; i < from.length; i++) {
    const code = from[i] ?? 0
    if (code >= codes.length) wrong(i, code)
    to[base + i] = codes[code] ?? 0
  }
}

function degrees(to: Float64Array, base: number, from: Int32Array, most: number, wrong: Complaint): void {
  for (let i = 0; i < from.length; i++) {
    const micro = from[i] ?? 0
    if (micro === UNKNOWN_PLACE) {
      to[base + i] = Number.NaN
      continue
    }
    if (Math.abs(micro) > most * 1e6) wrong(i, micro)
    to[base + i] = micro / 1e6
  }
}
