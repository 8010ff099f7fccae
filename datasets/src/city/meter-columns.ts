import { closeSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Meter, NetworkDocument } from '@gastwin/twin'
import type { CityMeter } from './generate-city.ts'
import { meterDocument } from './generate-city.ts'

const CLASSES = ['residential', 'commercial', 'industrial'] as const
const SIZES = ['G1.6', 'G2.5', 'G4', 'G6', 'G10', 'G16', 'G25', 'G40', 'G65', 'G100', 'G160', 'G250', 'G400'] as const
const PROTECTED = [null, 'school', 'hospital'] as const
const WORDS: {
  readonly class: readonly string[]
  readonly size: readonly string[]
  readonly protected: readonly (string | null)[]
} = {
  class: CLASSES,
  size: SIZES,
  protected: PROTECTED,
}
const CORRECTOR = 0b001
const OUTDOOR = 0b010
const FIVE_MINUTES = 0b100
const ROWS = 65_536

/** One file per column, little-endian, one value per meter, no header. */
const COLUMNS = {
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
const TRUTH_COLUMNS = { gain: 'f32', profile: 'u8', scale: 'f32' } as const
type ColumnType = 'f64' | 'f32' | 'u32' | 'i32' | 'u16' | 'u8'
const WIDTH: Readonly<Record<ColumnType, number>> = { f64: 8, f32: 4, u32: 4, i32: 4, u16: 2, u8: 1 }

/** How a network document refers to meters kept beside it (`meters_file`), because millions do not fit into one JSON text. */
export interface MetersFile {
  readonly format: 'gastwin-meter-columns/1'
  /** Folder of `<column>.bin` beside the document. */
  readonly folder: string
  readonly count: number
  readonly columns: Readonly<Record<string, ColumnType>>
  /** Words behind the numbers: `node` and `zone` count in the document's own lists; `flags` bits are corrector, outdoor, 5min. */
  readonly words: Readonly<Record<string, readonly (string | null)[]>>
}

/** Writes all meters as columns below `folder` and their truth below `truthFolder`; memory does not grow with their number. */
export function writeMeterColumns(
  folder: string,
  truthFolder: string,
  network: NetworkDocument,
  rows: Iterable<CityMeter>,
): MetersFile {
  const nodes = new Map(network.nodes.map((n, i) => [n.id, i]))
  const zones = new Map(network.zones.map((z, i) => [z.id, i]))
  const out = new ColumnWriter(folder, COLUMNS)
  const truth = new ColumnWriter(truthFolder, TRUTH_COLUMNS)
  for (const row of rows) {
    const m = meterDocument(row)
    out.add([
      row.number,
      nodes.get(m.node) ?? 0,
      zones.get(m.zone ?? '') ?? 0,
      WORDS.class.indexOf(row.class),
      WORDS.size.indexOf(row.size),
      row.installedYear,
      (row.corrector ? CORRECTOR : 0) |
        (row.placement === 'outdoor' ? OUTDOOR : 0) |
        (row.schedule === '5min' ? FIVE_MINUTES : 0),
      WORDS.protected.indexOf(row.protected),
      Math.round((m.lon ?? 0) * 1e6),
      Math.round((m.lat ?? 0) * 1e6),
    ])
    truth.add([row.gain, row.profile, row.scale])
  }
  truth.close()
  const count = out.close()
  return { format: 'gastwin-meter-columns/1', folder: 'meters', count, columns: COLUMNS, words: WORDS }
}

/** Reads meters back in portions, for `NetworkParts.addMeters`. */
export function* readMeterColumns(folder: string, file: MetersFile, network: NetworkDocument): Generator<Meter[]> {
  const read = Object.entries(COLUMNS).map(([name, type]) => new ColumnReader(join(folder, `${name}.bin`), type))
  try {
    for (let start = 0; start < file.count; start += ROWS) {
      const count = Math.min(ROWS, file.count - start)
      const [number, node, zone, kind, size, year, flags, guarded, lon, lat] = read.map((r) => r.next(count))
      const rows: Meter[] = []
      for (let i = 0; i < count; i++) {
        const bits = flags?.[i] ?? 0
        rows.push({
          id: String(number?.[i]),
          node: network.nodes[node?.[i] ?? 0]?.id ?? '',
          zone: network.zones[zone?.[i] ?? 0]?.id ?? '',
          kind: 'gas',
          size: SIZES[size?.[i] ?? 0] ?? null,
          class: CLASSES[kind?.[i] ?? 0] ?? null,
          installed_year: year?.[i] ?? null,
          corrector: (bits & CORRECTOR) !== 0,
          placement: (bits & OUTDOOR) !== 0 ? 'outdoor' : 'indoor',
          read_schedule: (bits & FIVE_MINUTES) !== 0 ? '5min' : 'daily',
          protected: PROTECTED[guarded?.[i] ?? 0] ?? null,
          lon: (lon?.[i] ?? 0) / 1e6,
          lat: (lat?.[i] ?? 0) / 1e6,
        })
      }
      yield rows
    }
  } finally {
    for (const r of read) r.close()
  }
}

class ColumnWriter {
  readonly #columns: { readonly type: ColumnType; readonly file: number; readonly bytes: Buffer }[]
  #held = 0
  #count = 0

  constructor(folder: string, columns: Readonly<Record<string, ColumnType>>) {
    mkdirSync(folder, { recursive: true })
    this.#columns = Object.entries(columns).map(([name, type]) => ({
      type,
      file: openSync(join(folder, `${name}.bin`), 'w'),
      bytes: Buffer.alloc(ROWS * WIDTH[type]),
    }))
  }

  add(values: readonly number[]): void {
    this.#columns.forEach(({ type, bytes }, c) => {
      const value = values[c] ?? 0
      const at = this.#held * WIDTH[type]
      if (type === 'f64') bytes.writeDoubleLE(value, at)
      else if (type === 'f32') bytes.writeFloatLE(value, at)
      else if (type === 'u32') bytes.writeUInt32LE(value, at)
      else if (type === 'i32') bytes.writeInt32LE(value, at)
      else if (type === 'u16') bytes.writeUInt16LE(value, at)
      else bytes.writeUInt8(value, at)
    })
    this.#count += 1
    this.#held += 1
    if (this.#held === ROWS) this.#flush()
  }

  close(): number {
    this.#flush()
    for (const { file } of this.#columns) closeSync(file)
    return this.#count
  }

  #flush(): void {
    for (const { type, file, bytes } of this.#columns) {
      const end = this.#held * WIDTH[type]
      for (let done = 0; done < end; ) done += writeSync(file, bytes, done, end - done)
    }
    this.#held = 0
  }
}

class ColumnReader {
  readonly #file: number
  readonly #type: ColumnType
  constructor(path: string, type: ColumnType) {
    this.#file = openSync(path, 'r')
    this.#type = type
  }

  next(count: number): ArrayLike<number> {
    const bytes = new ArrayBuffer(count * WIDTH[this.#type])
    const view = new Uint8Array(bytes)
    for (let done = 0; done < view.length; ) {
      const got = readSync(this.#file, view, done, view.length - done, null)
      if (got === 0) break
      done += got
    }
    switch (this.#type) {
      case 'f64':
        return new Float64Array(bytes)
      case 'f32':
        return new Float32Array(bytes)
      case 'u32':
        return new Uint32Array(bytes)
      case 'i32':
        return new Int32Array(bytes)
      case 'u16':
        return new Uint16Array(bytes)
      default:
        return view
    }
  }

  close(): void {
    closeSync(this.#file)
  }
}
