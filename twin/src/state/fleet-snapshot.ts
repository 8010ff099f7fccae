import { COLUMN_NAMES, FLEET_COLUMNS, type FleetColumns, makeFleetColumns } from './fleet-columns.ts'
import { type FleetOptions, FleetState, type ServiceAddress } from './fleet-state.ts'
import { MinuteSet } from './minute-set.ts'
import { type SectionHead, SectionReader, sectionsOf } from './snapshot-sections.ts'

const VERSION = 2
/** Kinds of sections; columns of the fleet follow from COLUMN on. */
const KIND = { summary: 1, gaps: 2, rtus: 3, minutes: 4, addresses: 5, end: 6, column: 100 } as const

/**
 * The fleet's state as bytes, in pieces to be written one after the other. The pieces are views of the live columns: write (or copy)
 * all of them before the next report is applied. Where that would take too long: `fleetSides`, `fleetBlock`, `fleetEnd`.
 * @param position log position that this state covers: reading goes on after it
 */
export function* snapshotFleet(fleet: FleetState, position: number): IterableIterator<Uint8Array> {
  yield* fleetSides(fleet, position)
  for (const [i, name] of COLUMN_NAMES.entries())
    yield* sectionsOf(KIND.column + i, 0, fleet.columns[name].subarray(0, fleet.count * FLEET_COLUMNS[name][1]))
  yield* fleetEnd()
}

/**
 * All but the columns: copied at the call, made into pieces when they are asked for.
 * @param position log position that this state covers
 */
export function fleetSides(fleet: FleetState, position: number): Iterable<Uint8Array> {
  const { columns: c, count } = fleet
  const gaps = fleet.gaps.save()
  const rtus = fleet.rtus.save()
  const summary = [VERSION, position, count, c.number.length, gaps.slot.length, gaps.cursor, fleet.unplaced]
  const addresses = JSON.stringify([...fleet.serviceAddresses])
  const sides: readonly (readonly [kind: number, index: number, array: Numbers])[] = [
    [KIND.summary, 0, Float64Array.from(summary)],
    [KIND.gaps, 0, gaps.slot.slice()],
    [KIND.gaps, 1, gaps.times.slice()],
    [KIND.gaps, 2, gaps.registers.slice()],
    ...rtus.numbers.map((numbers, i) => [KIND.rtus, i, numbers.slice()] as const),
    ...rtus.minutes.flatMap(([cell, set]) => [
      [KIND.minutes, 2 * cell, Float64Array.of(set.newest)] as const,
      [KIND.minutes, 2 * cell + 1, set.bits.slice()] as const,
    ]),
    [KIND.addresses, 0, Uint16Array.from(addresses, (letter) => letter.charCodeAt(0))],
  ]
  return (function* () {
    for (const [kind, index, array] of sides) yield* sectionsOf(kind, index, array)
  })()
}

/** Some rows of the columns, as SteadyRows over `fleet.rowColumns()` hands them out. */
export function* fleetBlock(first: number, columns: readonly Uint8Array[]): IterableIterator<Uint8Array> {
  for (const [i, name] of COLUMN_NAMES.entries()) {
    const [Type, width] = FLEET_COLUMNS[name]
    const bytes = columns[i]
    if (bytes !== undefined) yield* sectionsOf(KIND.column + i, 0, bytes, first * width * Type.BYTES_PER_ELEMENT)
  }
}

/** The last piece. */
export function fleetEnd(): Iterable<Uint8Array> {
  return sectionsOf(KIND.end, 0, new Uint8Array(0))
}

type Numbers = Float64Array | Uint32Array | Int32Array | Uint16Array

export type RestoredFleet =
  | { readonly ok: true; readonly fleet: FleetState; readonly position: number }
  /** TWN_SNAPSHOT: begin anew from the log, or from an older snapshot. */
  | { readonly ok: false; readonly code: 'TWN_SNAPSHOT'; readonly reason: string }

/** Takes a snapshot's bytes in pieces of any size, then gives the fleet, or says what is wrong with them. */
export class FleetRestore {
  readonly #options: FleetOptions
  readonly #reader: SectionReader
  #columns: FleetColumns | undefined
  #summary = new Float64Array(7)
  /** Arrays of the side tables, by kind and index; they come in sections that are put together here. */
  readonly #side = new Map<string, Uint8Array<ArrayBuffer>>()
  #ended = false

  constructor(options: FleetOptions) {
    this.#options = options
    this.#reader = new SectionReader(
      (head) => this.#target(head),
      (head) => this.#taken(head),
    )
  }

  push(chunk: Uint8Array): void {
    this.#reader.push(chunk)
  }

  finish(): RestoredFleet {
    const reason = this.#reader.fault ?? (this.#ended && this.#reader.whole ? undefined : 'the snapshot is cut off')
    if (reason !== undefined || this.#columns === undefined)
      return { ok: false, code: 'TWN_SNAPSHOT', reason: reason ?? 'the snapshot holds no columns' }
    const [, position = 0, count = 0, , , cursor = 0, unplaced = 0] = this.#summary
    const fleet = new FleetState({ ...this.#options, capacity: 16 })
    fleet.adopt(this.#columns, count, unplaced)
    fleet.gaps.load({
      slot: new Int32Array(this.#bytes(KIND.gaps, 0)),
      times: new Uint32Array(this.#bytes(KIND.gaps, 1)),
      registers: new Float64Array(this.#bytes(KIND.gaps, 2)),
      cursor,
    })
    const numbers = (i: number) => new Float64Array(this.#bytes(KIND.rtus, i))
    fleet.rtus.load(numbers(0), numbers(1), numbers(2), numbers(3))
    for (const key of this.#side.keys()) {
      const [kind, index] = key.split('/').map(Number)
      if (kind !== KIND.minutes || index === undefined || index % 2 === 0) continue
      const newest = new Float64Array(this.#bytes(KIND.minutes, index - 1))[0] ?? -1
      fleet.rtus.loadMinutes((index - 1) / 2, new MinuteSet(new Uint32Array(this.#bytes(KIND.minutes, index)), newest))
    }
    const letters = new Uint16Array(this.#bytes(KIND.addresses, 0))
    const text = Array.from(letters, (code) => String.fromCharCode(code)).join('')
    for (const [slot, address] of JSON.parse(text) as [number, ServiceAddress][])
      fleet.serviceAddresses.set(slot, address)
    return { ok: true, fleet, position }
  }

  #bytes(kind: number, index: number): ArrayBuffer {
    return (this.#side.get(`${kind}/${index}`) ?? new Uint8Array(0)).buffer
  }

  #target(head: SectionHead): Uint8Array | string {
    const { kind, index, offset, bytes } = head
    if (this.#ended) return 'bytes after the end'
    if (kind === KIND.summary) return new Uint8Array(this.#summary.buffer)
    if (this.#columns === undefined) return 'the snapshot does not begin with its summary'
    const name = COLUMN_NAMES[kind - KIND.column]
    if (name !== undefined) {
      const column = this.#columns[name]
      if (offset + bytes > column.byteLength) return `column ${name} is longer than the fleet`
      return new Uint8Array(column.buffer, column.byteOffset + offset, bytes)
    }
    if (kind > KIND.end) return `section kind ${kind} is not known to this program`
    const key = `${kind}/${index}`
    const before = this.#side.get(key) ?? new Uint8Array(0)
    if (before.length !== offset) return `section ${key} is out of order`
    const whole = new Uint8Array(offset + bytes)
    whole.set(before)
    this.#side.set(key, whole)
    return whole.subarray(offset)
  }

  #taken(head: SectionHead): string | undefined {
    if (head.kind === KIND.end) this.#ended = true
    if (head.kind !== KIND.summary) return undefined
    const [version, , count = 0, capacity = 0] = this.#summary
    if (version !== VERSION) return `snapshot version ${version}, this program reads ${VERSION}`
    if (!(count <= capacity)) return 'more rows than capacity'
    this.#columns = makeFleetColumns(Math.max(16, capacity))
    return undefined
  }
}
