import { type Meter, type Network, scheduleMinutes } from '@gastwin/twin'
import { timeSlice } from '../time-slice.ts'
import { ARCHIVE_KEYS, type Archive, type ArchiveChange, type ArchiveRow } from './archive.ts'
import type { ArchiveTableName } from './archive-columns.table.ts'
import { checkCell, type KnownKeys } from './check-cell.ts'
import { readCsv } from './csv.ts'
import { headColumns, type ImportFault, type ListedChange, merged } from './import-archive.ts'
import { masked, type PersonalSeal } from './personal-seal.ts'
import { POINT_COLUMNS } from './point-columns.table.ts'

/** What a table of new metering points would do. */
export interface PointPlan {
  readonly rows: number
  readonly points: readonly Meter[]
  /** Rows of the archive that come with them. */
  readonly changes: readonly ArchiveChange[]
  /** The first hundred, in words for people. */
  readonly listed: readonly ListedChange[]
  /** The first hundred. */
  readonly faults: readonly ImportFault[]
  readonly faultsInAll: number
}

export interface PointGround {
  readonly network: Network
  readonly archive: Archive
  readonly seal: PersonalSeal
  /** Why a device number cannot be a new point; undefined when it can. */
  readonly taken: (device: number) => string | undefined
  readonly knowsProfile: (name: string) => boolean
  /** Points that came beside the document so far. */
  readonly added: number
}

const MOST_LISTED = 100
const SLICE_MS = 5
const ROWS_A_LOOK = 16
/** All of them stand in memory, in every snapshot and in every thread that reads the log. */
export const MOST_ADDED_POINTS = 200_000
const NOTHING: KnownKeys = { has: () => false, isPoint: () => false }
const PERSONAL = POINT_COLUMNS.filter(({ personal }) => personal).map(({ name }) => name)

type Cells = Readonly<Record<string, string>>
type Fault = (column: string, code: ImportFault['code'], words: string) => void

/** Reads a table of metering points and holds it against network and archive; nothing is changed. */
export async function planPoints(csv: string, ground: PointGround): Promise<PointPlan> {
  const faults: ImportFault[] = []
  let faultsInAll = 0
  const fault = (row: number, column: string, code: ImportFault['code'], value: string, words: string) => {
    faultsInAll++
    if (faults.length < MOST_LISTED) faults.push({ row, column, code, value: value.slice(0, 100), words })
  }
  const rows = readCsv(csv.replace(/^\uFEFF/, ''))
  const head = rows.next().value
  const columns = headColumns(POINT_COLUMNS, head?.cells ?? [], (column, code, words) =>
    fault(head?.line ?? 1, column, code, column, words),
  )
  const has = (name: string) => columns.some((column) => column?.name === name)
  if (head === undefined) fault(1, '', 'no_rows', '', 'the table is empty: its first line must name the columns')
  else if (!has('number')) fault(head.line, 'number', 'key_missing', '', 'the first line names no column "number"')
  if (!ground.seal.canSeal && PERSONAL.some(has))
    fault(head?.line ?? 1, '', 'no_master_key', '', 'personal values are kept only where the service has a master key')
  const points: Meter[] = []
  const listed: ListedChange[] = []
  const archive = new ArchiveRows(ground)
  const seen = new Set<string>()
  const slice = timeSlice(SLICE_MS)
  let count = 0
  if (faultsInAll === 0)
    for (const { line, cells } of rows) {
      if (++count % ROWS_A_LOOK === 0) await slice()
      if (cells.length > columns.length && cells.slice(columns.length).some((cell) => cell !== ''))
        fault(line, '', 'cells', '', `has ${cells.length} cells, the first line names ${columns.length}`)
      const before = faultsInAll
      const given: Record<string, string> = {}
      columns.forEach((column, i) => {
        if (column === undefined) return
        const value = (cells[i] ?? '').replace(/^sealed:/, '')
        const checked = checkCell(value, column.cell, NOTHING)
        if (typeof checked === 'string') given[column.name] = checked
        else fault(line, column.name, checked.code, value, checked.words)
      })
      const say: Fault = (column, code, words) => fault(line, column, code, given[column] ?? '', words)
      checkNumber(given, seen, ground, say)
      const point = pointOf(given, ground, say)
      archive.take(given, say)
      if (point === undefined || faultsInAll > before) continue
      points.push(point)
      if (listed.length < MOST_LISTED)
        listed.push({ row: line, key: point.id, isNew: true, cells: shownCells(given, point) })
    }
  if (ground.added + points.length > MOST_ADDED_POINTS)
    fault(1, '', 'table_full', '', `at most ${MOST_ADDED_POINTS} points beside the network document: write another`)
  return { rows: count, points, changes: archive.changes(), listed, faults, faultsInAll }
}

function checkNumber(given: Cells, seen: Set<string>, { taken }: PointGround, fault: Fault): void {
  const number = given['number'] ?? ''
  if (number === '') {
    if (given['number'] !== undefined) fault('number', 'needed', 'needs a number')
    return
  }
  if (seen.has(number)) fault('number', 'key_twice', `"${number}" stands in an earlier line`)
  seen.add(number)
  const why = taken(Number(number))
  if (why !== undefined) fault('number', 'number_taken', why)
}

/** The point as a network document would say it; undefined when its place cannot be told. */
function pointOf(given: Cells, { network, knowsProfile }: PointGround, fault: Fault): Meter | undefined {
  const kind = (given['medium'] || 'gas') as Meter['kind']
  const [lon, lat] = [degrees(given, 'lon', 180, fault), degrees(given, 'lat', 90, fault)]
  if ((lon === null) !== (lat === null)) fault('lat', 'needed', 'a place has both a longitude and a latitude')
  const year = given['installed_year'] ?? ''
  if (year !== '' && !/^(19|20)\d\d$/.test(year)) fault('installed_year', 'not_a_date', `"${year}" is no year: 2026`)
  const schedule = given['schedule'] ?? ''
  if (schedule !== '' && scheduleMinutes(schedule) === 1440 && !['daily', '1d', '24h', '1440min'].includes(schedule))
    fault('schedule', 'not_a_word', `"${schedule}" is none of daily, hourly, weekly, monthly, 5min, 2h, 7d`)
  if (given['profile'] && !knowsProfile(given['profile']))
    fault('profile', 'unknown_reference', `no vendor profile has the name "${given['profile']}"`)
  const node = nodeOf(given, network, lon === null || lat === null ? undefined : [lon, lat], kind === 'gas', fault)
  const zone = zoneOf(given, network, node, fault)
  if (node === undefined || zone === undefined) return undefined
  return {
    ...{ id: given['number'] ?? '', node, zone, kind },
    ...(given['class'] && { class: given['class'] as Exclude<Meter['class'], undefined> }),
    ...(given['size'] && { size: given['size'] }),
    ...(given['placement'] &&
      given['placement'] !== 'unknown' && { placement: given['placement'] as Exclude<Meter['placement'], undefined> }),
    ...(given['corrector'] === 'yes' && { corrector: true }),
    ...(year !== '' && { installed_year: Number(year) }),
    ...(lon !== null && lat !== null && { lon, lat }),
    ...(schedule !== '' && { read_schedule: schedule }),
    ...(given['protected'] && { protected: given['protected'] }),
    ...(given['profile'] && { profile: given['profile'] }),
  }
}

function degrees(given: Cells, column: 'lon' | 'lat', most: number, fault: Fault): number | null {
  const text = given[column] ?? ''
  if (text === '') return null
  const value = Number(text)
  if (Number.isFinite(value) && Math.abs(value) <= most) return value
  fault(column, 'not_a_number', `"${text}" is no degree between ${-most} and ${most}`)
  return null
}

/** Where the meter takes from the network; '' for one of another medium without a node; undefined with a fault said. */
function nodeOf(
  given: Cells,
  network: Network,
  place: readonly [number, number] | undefined,
  isNeeded: boolean,
  fault: Fault,
): string | undefined {
  const { nodes, edges } = network
  const [node = '', pipe = ''] = [given['node'], given['pipe']]
  if (node !== '' && !nodes.numberOf.has(node)) {
    fault('node', 'unknown_node', `the network has no node "${node}"`)
    return undefined
  }
  if (pipe === '') {
    if (node === '' && isNeeded) fault('node', 'needed', 'a gas meter needs the node or the pipe it takes from')
    return node === '' && isNeeded ? undefined : node
  }
  const edge = edges.numberOf.get(pipe) ?? -1
  if (edge < 0 || edges.kind[edge] !== 0) {
    fault('pipe', 'unknown_pipe', `the network has no pipe "${pipe}"`)
    return undefined
  }
  const ends = [edges.from[edge] ?? -1, edges.to[edge] ?? -1]
  if (node !== '') {
    if (ends.includes(nodes.numberOf.get(node) ?? -2)) return node
    fault('node', 'not_at_pipe', `node "${node}" is no end of pipe "${pipe}"`)
    return undefined
  }
  const [from = -1, to = -1] = ends
  const wanted = network.zones.numberOf.get(given['zone'] ?? '')
  const isIn = (end: number) => wanted === undefined || nodes.zone[end] === wanted
  if (isIn(from) !== isIn(to)) return nodes.ids[isIn(from) ? from : to]
  // Without a place nobody can tell; documents say first the end from which gas comes.
  if (place === undefined) return nodes.ids[to]
  const [lon, lat] = place
  const away = (end: number) =>
    Math.hypot(((nodes.lon[end] ?? 0) - lon) * Math.cos((lat * Math.PI) / 180), (nodes.lat[end] ?? 0) - lat)
  return nodes.ids[away(from) < away(to) ? from : to]
}

/** The zone whose balance it counts in, that of its node when none is said. */
function zoneOf(given: Cells, { nodes, zones }: Network, node: string | undefined, fault: Fault): string | undefined {
  const said = given['zone'] ?? ''
  if (said !== '' && !zones.numberOf.has(said)) {
    fault('zone', 'unknown_zone', `the network has no zone "${said}"`)
    return undefined
  }
  const number = nodes.zone[nodes.numberOf.get(node ?? '') ?? -1] ?? -1
  const ofNode = zones.ids[number]
  if (said !== '' && ofNode !== undefined && ofNode !== said) {
    fault('zone', 'zone_differs', `node "${node}" lies in zone "${ofNode}"`)
    return undefined
  }
  const zone = said || ofNode
  if (zone === undefined && node !== undefined) fault('zone', 'needed', 'its node lies in no zone: say one')
  return zone
}

function shownCells(given: Cells, { node, zone }: Meter): ListedChange['cells'] {
  return POINT_COLUMNS.flatMap(({ name, personal }) => {
    const value = name === 'node' ? node : name === 'zone' ? (zone ?? '') : (given[name] ?? '')
    if (value === '' || name === 'number') return []
    return [{ column: name, before: '', after: personal ? masked(value) : value }]
  })
}

/** Rows of devices, premises and customers that come with points; what the archive says of them already stays. */
class ArchiveRows {
  readonly #ground: PointGround
  readonly #rows: Readonly<Record<ArchiveTableName, Map<string, ArchiveRow>>> = {
    premises: new Map(),
    customers: new Map(),
    devices: new Map(),
  }

  constructor(ground: PointGround) {
    this.#ground = ground
  }

  take(given: Cells, fault: Fault): void {
    const { number = '', premises = '', customer = '' } = given
    if (premises === '' && (given['address'] || customer !== ''))
      fault('premises', 'needed', 'an address and a customer belong to premises: give them a key')
    if (customer === '' && (given['name'] || given['phone']))
      fault('customer', 'needed', 'a name and a telephone belong to a customer: give a number')
    const known = this.#row('premises', premises)?.['point'] ?? ''
    if (known !== '' && known !== number)
      fault('premises', 'premises_taken', `premises "${premises}" have the metering point ${known}`)
    const stands = this.#row('customers', customer)?.['premises'] ?? ''
    if (stands !== '' && stands !== premises)
      fault('customer', 'customer_elsewhere', `customer "${customer}" belongs to premises "${stands}"`)
    if (premises !== '')
      this.#set('premises', { premises, point: number, ...(given['address'] && { address: given['address'] }) })
    if (customer !== '') {
      const { name, phone } = given
      this.#set('customers', { customer, premises, ...(name && { name }), ...(phone && { phone }) })
    }
    const { group, tags } = given
    this.#set('devices', {
      ...{ number, life: 'in_service' },
      ...(premises !== '' && { premises }),
      ...(group && { group }),
      ...(tags && { tags }),
    })
  }

  changes(): readonly ArchiveChange[] {
    return (['premises', 'customers', 'devices'] as const).flatMap((table) => {
      const rows = [...this.#rows[table].values()]
      return rows.length === 0 ? [] : [{ table, rows }]
    })
  }

  #row(table: ArchiveTableName, key: string): ArchiveRow | undefined {
    return this.#rows[table].get(key) ?? this.#ground.archive.get(table, key)
  }

  #set(table: ArchiveTableName, given: ArchiveRow): void {
    const key = given[ARCHIVE_KEYS[table]] ?? ''
    const after = merged(table, this.#row(table, key), given, this.#ground.seal)
    if (after !== undefined) this.#rows[table].set(key, after)
  }
}
