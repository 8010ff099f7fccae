import { DeviceIndex } from './device-index.ts'
import type { FaultList } from './fault.ts'
import { checkColumns, fillMeters, type MeterColumns } from './meter-columns.ts'
import type { Meter, MeterClass } from './network-document.ts'

export const METER_KINDS = ['gas', 'water', 'heat', 'electricity'] as const
export const METER_CLASSES = ['residential', 'commercial', 'industrial'] as const satisfies readonly MeterClass[]
export const METER_PLACEMENTS = ['unknown', 'indoor', 'outdoor', 'stairwell'] as const

/** Meters as columns, one row each, so that 10 million of them fit; no object per meter. */
export interface MeterTable {
  readonly count: number
  /** Device number, NaN when the id is not one (such a meter cannot be reached, but belongs to its zone). */
  readonly device: Float64Array
  readonly node: Int32Array
  readonly zone: Int32Array
  /** Place in METER_KINDS, METER_CLASSES (residential when not said), METER_PLACEMENTS. */
  readonly kind: Uint8Array
  readonly class: Uint8Array
  readonly placement: Uint8Array
  /** 1 when the register counts at the reference state. */
  readonly corrector: Uint8Array
  /** 0 when unknown. */
  readonly installedYear: Uint16Array
  /** Degrees; NaN when unknown. */
  readonly lon: Float64Array
  readonly lat: Float64Array
  /** Places in `words`; 0 when not said. */
  readonly size: Uint8Array
  readonly schedule: Uint8Array
  readonly protection: Uint8Array
  readonly profile: Uint8Array
  /** Words of the document for the four columns above; the first is ''. */
  readonly words: {
    readonly size: readonly string[]
    readonly schedule: readonly string[]
    readonly protection: readonly string[]
    readonly profile: readonly string[]
  }
  /** Id in the document. */
  idOf(meter: number): string
  /** Row of an id, −1 when there is none. */
  meterOf(id: string): number
  /** Row of a device number, −1 when there is none. */
  meterOfDevice(device: number): number
  /** Adds checked rows behind those that are there; columns are other arrays afterwards. See `growNetwork`. */
  add(meters: readonly Meter[]): void
}

type Columns = ReturnType<typeof makeColumns>
type OldColumns = Pick<
  MeterTable,
  | 'device'
  | 'node'
  | 'zone'
  | 'kind'
  | 'class'
  | 'placement'
  | 'corrector'
  | 'installedYear'
  | 'lon'
  | 'lat'
  | 'size'
  | 'schedule'
  | 'protection'
  | 'profile'
>

const DEVICE_ID = /^[1-9]\d{0,13}$/

/** Grows a MeterTable row by row from checked rows of a document. */
export class MeterTableBuilder {
  readonly #nodes: ReadonlyMap<string, number>
  readonly #zones: ReadonlyMap<string, number>
  readonly #zoneOfNode: Int32Array
  readonly #index: DeviceIndex
  /** Ids that are no device numbers. */
  readonly #otherIds = new Map<string, number>()
  readonly #idOfOther = new Map<number, string>()
  readonly #words = { size: new Words(), schedule: new Words(), protection: new Words(), profile: new Words() }
  #columns: Columns
  #count = 0

  /** @param zoneOfNode the zone of each node, for meters that do not name theirs */
  constructor(
    nodes: ReadonlyMap<string, number>,
    zones: ReadonlyMap<string, number>,
    capacity = 1024,
    zoneOfNode: Int32Array = new Int32Array(0),
  ) {
    this.#nodes = nodes
    this.#zoneOfNode = zoneOfNode
    this.#zones = zones
    this.#index = new DeviceIndex(capacity)
    this.#columns = makeColumns(capacity)
  }

  get count(): number {
    return this.#count
  }

  add(meter: Meter): void {
    if (this.#count === this.#columns.node.length) this.#columns = makeColumns(this.#count * 2, this.#columns)
    const row = this.#count
    this.#count += 1
    const c = this.#columns
    const isDevice = DEVICE_ID.test(meter.id)
    c.device[row] = isDevice ? Number(meter.id) : Number.NaN
    if (isDevice) this.#index.insert(row, c.device)
    else {
      this.#otherIds.set(meter.id, row)
      this.#idOfOther.set(row, meter.id)
    }
    c.node[row] = this.#nodes.get(meter.node) ?? -1
    c.zone[row] = this.#zones.get(meter.zone ?? '') ?? this.#zoneOfNode[c.node[row] ?? -1] ?? -1
    c.kind[row] = METER_KINDS.indexOf(meter.kind)
    c.class[row] = METER_CLASSES.indexOf(meter.class ?? 'residential')
    c.placement[row] = METER_PLACEMENTS.indexOf(meter.placement ?? 'unknown')
    c.corrector[row] = meter.corrector === true ? 1 : 0
    c.installedYear[row] = meter.installed_year ?? 0
    c.lon[row] = meter.lon ?? Number.NaN
    c.lat[row] = meter.lat ?? Number.NaN
    c.size[row] = this.#words.size.code(meter.size)
    c.schedule[row] = this.#words.schedule.code(meter.read_schedule)
    c.protection[row] = this.#words.protection.code(meter.protected)
    c.profile[row] = this.#words.profile.code(meter.profile)
  }

  /** Adds gas meters as columns; what is wrong with them is added to `faults`, and the table is not to be used then. */
  addColumns(part: MeterColumns, faults: FaultList): void {
    if (!checkColumns(part, faults)) return
    const base = this.#count
    const rows = part.number.length
    if (base + rows > this.#columns.node.length)
      this.#columns = makeColumns(Math.max(base + rows, base * 2), this.#columns)
    this.#count += rows
    const words = this.#words
    const codes = {
      class: Uint8Array.from(part.words.class, (word) =>
        Math.max(0, METER_CLASSES.indexOf((word ?? 'residential') as MeterClass)),
      ),
      size: Uint8Array.from(part.words.size, (word) => words.size.code(word)),
      protected: Uint8Array.from(part.words.protected, (word) => words.protection.code(word)),
      daily: words.schedule.code('daily'),
      fiveMinutes: words.schedule.code('5min'),
      indoor: METER_PLACEMENTS.indexOf('indoor'),
      outdoor: METER_PLACEMENTS.indexOf('outdoor'),
    }
    const places = { nodes: this.#nodes.size, zones: this.#zones.size, zoneOfNode: this.#zoneOfNode }
    fillMeters(this.#columns, base, this.#index, part, codes, places, faults)
  }

  meterOf(id: string): number {
    return DEVICE_ID.test(id) ? this.#index.find(Number(id), this.#columns.device) : (this.#otherIds.get(id) ?? -1)
  }

  build(): MeterTable {
    const table: MeterTable = {
      ...this.#rows(),
      words: {
        size: this.#words.size.list,
        schedule: this.#words.schedule.list,
        protection: this.#words.protection.list,
        profile: this.#words.profile.list,
      },
      idOf: (meter) => this.#idOfOther.get(meter) ?? String(this.#columns.device[meter] ?? ''),
      meterOf: (id) => this.meterOf(id),
      meterOfDevice: (device) => this.#index.find(device, this.#columns.device),
      add: (meters) => {
        this.#columns = makeColumns(this.#count + meters.length, this.#columns)
        for (const meter of meters) this.add(meter)
        // The table itself stays the one that everybody holds.
        Object.assign(table, this.#rows())
      },
    }
    return table
  }

  /** Columns of exactly as many rows as there are: whoever groups by a column walks all of it. */
  #rows(): Columns & { readonly count: number } {
    const count = this.#count
    if (this.#columns.node.length > count) this.#columns = makeColumns(count, this.#columns)
    return { ...this.#columns, count }
  }
}

/** A dictionary of at most 256 words. */
class Words {
  readonly list: string[] = ['']
  readonly #codes = new Map<string, number>([['', 0]])

  /** Words beyond the 255th are taken as not said. */
  code(word: string | null | undefined): number {
    const known = this.#codes.get(word ?? '')
    if (known !== undefined) return known
    if (this.list.length === 256) return 0
    this.#codes.set(word ?? '', this.list.length)
    this.list.push(word ?? '')
    return this.list.length - 1
  }
}

function makeColumns(length: number, old?: OldColumns) {
  const grown = <T extends Float64Array | Int32Array | Uint16Array | Uint8Array>(column: T, from: T | undefined): T => {
    if (from !== undefined) column.set(from.subarray(0, length))
    return column
  }
  return {
    device: grown(new Float64Array(length), old?.device),
    node: grown(new Int32Array(length), old?.node),
    zone: grown(new Int32Array(length), old?.zone),
    kind: grown(new Uint8Array(length), old?.kind),
    class: grown(new Uint8Array(length), old?.class),
    placement: grown(new Uint8Array(length), old?.placement),
    corrector: grown(new Uint8Array(length), old?.corrector),
    installedYear: grown(new Uint16Array(length), old?.installedYear),
    lon: grown(new Float64Array(length), old?.lon),
    lat: grown(new Float64Array(length), old?.lat),
    size: grown(new Uint8Array(length), old?.size),
    schedule: grown(new Uint8Array(length), old?.schedule),
    protection: grown(new Uint8Array(length), old?.protection),
    profile: grown(new Uint8Array(length), old?.profile),
  }
}
