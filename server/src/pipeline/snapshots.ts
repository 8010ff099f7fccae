import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { type CityCalendar, type FleetOptions, FleetRestore, type FleetState, snapshotFleet } from '@gastwin/twin'
import type { CityState } from './city-state.ts'
import type { SavedCity } from './saved-city.ts'

const KEPT = 2
const FORMAT = 1

/**
 * Writes the whole state as of one position: fleet, balances, the rest as JSON. Taken in one turn of the loop (the pieces are
 * views of living arrays and are copied first), written beside, then renamed: a snapshot is there completely or not at all.
 */
export async function writeSnapshot(dir: string, city: CityState, networkId: string, more: unknown): Promise<void> {
  const { position } = city
  const name = String(position).padStart(16, '0')
  const fleet = [...snapshotFleet(city.fleet, position)].map((piece) => piece.slice())
  const balances = [...city.balances.save()].map((piece) => piece.slice())
  const saved: SavedCity = {
    format: FORMAT,
    position,
    network: networkId,
    minute: city.minute,
    detectors: Object.fromEntries(city.detectors.map((d) => [d.name, d.save()])),
    book: city.book.save(),
    more,
  }
  const json = Buffer.from(JSON.stringify(saved))
  const made = path.join(dir, `${name}.making`)
  await rm(made, { recursive: true, force: true })
  await mkdir(made, { recursive: true })
  await writePieces(path.join(made, 'fleet.bin'), fleet)
  await writePieces(path.join(made, 'balances.bin'), balances)
  await writePieces(path.join(made, 'city.json'), [json])
  await rm(path.join(dir, name), { recursive: true, force: true })
  await rename(made, path.join(dir, name))
  for (const old of (await listSnapshots(dir)).slice(KEPT))
    await rm(path.join(dir, old), { recursive: true, force: true })
}

async function writePieces(file: string, pieces: readonly Uint8Array[]): Promise<void> {
  const handle = await open(file, 'w')
  try {
    for (const piece of pieces) await handle.write(piece)
    await handle.datasync()
  } finally {
    await handle.close()
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
    for await (const piece of createReadStream(path.join(folder, 'fleet.bin'), { highWaterMark: 4 << 20 }))
      restore.push(piece as Buffer)
    const fleet = restore.finish()
    if (!fleet.ok) return fleet.reason
    const balances: Uint8Array[] = []
    for await (const piece of createReadStream(path.join(folder, 'balances.bin'), { highWaterMark: 4 << 20 }))
      balances.push(piece as Buffer)
    return { fleet: fleet.fleet, balances, city }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
