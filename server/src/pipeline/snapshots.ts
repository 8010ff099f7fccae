import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import {
  type CityCalendar,
  type FleetOptions,
  FleetRestore,
  type FleetState,
  fleetBlock,
  fleetEnd,
  fleetSides,
  SteadyRows,
} from '@gastwin/twin'
import type { CityState } from './city-state.ts'
import { detectorColumns, rowsBlock, rowsEnd, rowsHead } from './detector-rows.ts'
import type { SavedCity } from './saved-city.ts'

const KEPT = 2
const FORMAT = 2
const READ_BYTES = 4 << 20
/** The log's own sync must not wait behind gigabytes of a snapshot. */
const SYNC_EVERY_BYTES = 64 << 20

/** What a snapshot cost. */
export interface SnapshotCost {
  readonly position: number
  readonly bytes: number
  /** Longest time in one turn of the loop: the first turn, and the longest of the blocks, ms. */
  readonly openedMs: number
  readonly blockMs: number
  /** Rows that changed while it was written, and the memory that took. */
  readonly keptRows: number
  readonly keptBytes: number
  readonly seconds: number
}

/**
 * Writes the whole state as of one position, while reports go on: what is small is copied in the first turn; rows of devices follow
 * block by block, as they were then. Written beside, then renamed: a snapshot is there completely or not at all. One at a time.
 * @param unhurried leaves half of the time to others; at the end of the service nobody else is there
 * @returns nothing when all rows changed at once meanwhile: then there is no snapshot this time
 */
export async function writeSnapshot(
  dir: string,
  city: CityState,
  networkId: string,
  more: unknown,
  unhurried: boolean,
): Promise<SnapshotCost | undefined> {
  const begun = performance.now()
  const { position } = city
  const { fleet } = city
  const fleetColumns = fleet.rowColumns()
  const columns = detectorColumns(city.detectors, fleet.count)
  const rows = new SteadyRows([...fleetColumns, ...columns], fleet.count)
  const sides = fleetSides(fleet, position)
  const balances = city.balances.save()
  const json = Buffer.from(JSON.stringify(savedCity(city, networkId, more)))
  city.watchRows(rows)
  const openedMs = performance.now() - begun

  const name = String(position).padStart(16, '0')
  const made = path.join(dir, `${name}.making`)
  const files: PieceFile[] = []
  let blockMs = 0
  try {
    await rm(made, { recursive: true, force: true })
    await mkdir(made, { recursive: true })
    for (const file of ['fleet.bin', 'detectors.bin', 'balances.bin', 'city.json'])
      files.push(await PieceFile.create(path.join(made, file)))
    const [fleetFile, detectorFile, balanceFile, cityFile] = files as [PieceFile, PieceFile, PieceFile, PieceFile]
    await fleetFile.add(sides)
    await detectorFile.add(rowsHead(columns, rows.count))
    for (;;) {
      const at = performance.now()
      const block = rows.next()
      if (block === undefined) break
      const own = block.columns.slice(0, fleetColumns.length)
      const ofFleet = [...fleetBlock(block.first, own)]
      const ofDetectors = [...rowsBlock(block.first, block.columns.slice(own.length), block.rows)]
      const took = performance.now() - at
      blockMs = Math.max(blockMs, took)
      await fleetFile.add(ofFleet)
      await detectorFile.add(ofDetectors)
      if (unhurried) await pause(took)
    }
    if (rows.isSpoiled) return undefined
    await fleetFile.add(fleetEnd())
    await detectorFile.add(rowsEnd())
    await balanceFile.add(balances)
    await cityFile.add([json])
    for (const file of files) await file.end()
    await rm(path.join(dir, name), { recursive: true, force: true })
    await rename(made, path.join(dir, name))
  } finally {
    city.watchRows(undefined)
    for (const file of files) await file.close()
    await rm(made, { recursive: true, force: true })
  }
  for (const old of (await listSnapshots(dir)).slice(KEPT))
    await rm(path.join(dir, old), { recursive: true, force: true })
  return {
    position,
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    openedMs,
    blockMs,
    keptRows: rows.kept,
    keptBytes: rows.byteLength,
    seconds: (performance.now() - begun) / 1000,
  }
}

function savedCity(city: CityState, network: string, more: unknown): SavedCity {
  return {
    format: FORMAT,
    position: city.position,
    network,
    minute: city.minute,
    detectors: Object.fromEntries(city.detectors.map((d) => [d.name, d.save()])),
    book: city.book.save(),
    concentrators: city.concentrators.save(),
    readings: city.tally.save(),
    more,
  }
}

/** A file that grows by pieces. */
class PieceFile {
  bytes = 0
  #synced = 0
  readonly #handle: Awaited<ReturnType<typeof open>>
  #isOpen = true

  private constructor(handle: Awaited<ReturnType<typeof open>>) {
    this.#handle = handle
  }

  static async create(file: string): Promise<PieceFile> {
    return new PieceFile(await open(file, 'w'))
  }

  /** Writes pieces in portions, so that neither many nor much is under way at once. */
  async add(pieces: Iterable<Uint8Array>): Promise<void> {
    let portion: Uint8Array[] = []
    let held = 0
    for (const piece of pieces) {
      portion.push(piece)
      held += piece.length
      if (held < READ_BYTES && portion.length < 512) continue
      await this.#write(portion, held)
      portion = []
      held = 0
    }
    if (held > 0) await this.#write(portion, held)
  }

  async end(): Promise<void> {
    await this.#handle.datasync()
    await this.close()
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return
    this.#isOpen = false
    await this.#handle.close()
  }

  async #write(pieces: readonly Uint8Array[], bytes: number): Promise<void> {
    const { bytesWritten } = await this.#handle.writev(pieces)
    this.bytes += bytes
    if (bytesWritten < bytes) {
      // A disk that is nearly full takes a part; the rest is refused with the reason.
      await this.#handle.writeFile(Buffer.concat(pieces).subarray(bytesWritten))
    }
    if (this.bytes - this.#synced < SYNC_EVERY_BYTES) return
    this.#synced = this.bytes
    await this.#handle.datasync()
  }
}

/** Names of complete snapshots, newest first. */
async function listSnapshots(dir: string): Promise<string[]> {
  const names = await readdir(dir).catch(() => [])
  return names
    .filter((name) => /^\d{16}$/.test(name))
    .sort()
    .reverse()
}

export interface FoundSnapshot {
  readonly fleet: FleetState
  /** To be read once, when there are detectors to put them into. */
  readonly rows: AsyncIterable<Uint8Array>
  readonly balances: readonly Uint8Array[]
  readonly city: SavedCity
}

/**
 * The newest snapshot that can be believed and belongs to this network; older ones are tried when it cannot.
 * @param faults told what was wrong with those passed over
 */
export async function readSnapshot(
  dir: string,
  networkId: string,
  calendar: CityCalendar,
  faults: (fault: string) => void,
): Promise<FoundSnapshot | undefined> {
  for (const name of await listSnapshots(dir)) {
    const found = await readOne(path.join(dir, name), networkId, { dayNumber: (at) => calendar.dayNumber(at) })
    if (typeof found !== 'string') return found
    faults(`snapshot ${name}: ${found}`)
  }
  return undefined
}

async function readOne(folder: string, networkId: string, options: FleetOptions): Promise<FoundSnapshot | string> {
  try {
    const city = JSON.parse(await readFile(path.join(folder, 'city.json'), 'utf8')) as SavedCity
    if (city.format !== FORMAT) return `format ${city.format}, expected ${FORMAT}`
    if (city.network !== networkId) return 'it was made for another network document'
    const restore = new FleetRestore(options)
    for await (const piece of pieces(folder, 'fleet.bin')) restore.push(piece)
    const fleet = restore.finish()
    if (!fleet.ok) return fleet.reason
    const balances = [await readFile(path.join(folder, 'balances.bin'))]
    return { fleet: fleet.fleet, rows: pieces(folder, 'detectors.bin'), balances, city }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** The bytes of a file in pieces; each is good until the next is asked for, because fresh memory for gigabytes costs seconds. */
async function* pieces(folder: string, file: string): AsyncGenerator<Uint8Array> {
  const handle = await open(path.join(folder, file), 'r')
  try {
    const buffer = Buffer.allocUnsafeSlow(READ_BYTES)
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, null)
      if (bytesRead === 0) return
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await handle.close()
  }
}
