import { checkConcentrators } from './concentrator-rules.ts'
import {
  AMBIENT_LAWS,
  COMPRESSIBILITY_LAWS,
  COMPRESSOR_RULES,
  DEMAND_RULES,
  FLUID_RULES,
  FRICTION_RULES,
  HEAD_RULES,
  INLET_RULES,
  LIFT_LOSS_RULES,
  METER_RULES,
  NODE_RULES,
  PIPE_RULES,
  REGULATOR_RULES,
  RTU_RULES,
  SOURCE_RULES,
  STATE_RULES,
  VALVE_RULES,
  ZONE_RULES,
} from './document-rules.table.ts'
import { type Fault, FaultList, shown } from './fault.ts'
import { checkFields, type FieldRule, isRow, type KnownIds, type Row } from './field-rules.ts'
import type { NetworkDocument } from './network-document.ts'

export type ParsedNetwork =
  | { readonly ok: true; readonly document: NetworkDocument }
  | { readonly ok: false; readonly faults: readonly Fault[] }

/**
 * Checks a whole `gastwin-network/1` document; every fault is listed, not only the first. Unknown fields are kept.
 * @param json what a JSON reader gave
 */
export function parseNetwork(json: unknown): ParsedNetwork {
  const check = new DocumentCheck(json)
  const seen = new Set<string>()
  check.meters(check.rows('meters', true), 0, (id) => {
    const used = seen.has(id)
    seen.add(id)
    return used
  })
  check.concentrators((id) => seen.has(id))
  return check.faults.count > 0
    ? { ok: false, faults: check.faults.list() }
    : { ok: true, document: json as NetworkDocument }
}

/** The checks of a document whose meters may follow in parts. */
export class DocumentCheck {
  readonly faults = new FaultList()
  readonly known: KnownIds
  readonly #root: Row
  /** Device numbers of RTUs and valves: a meter may not have the same. */
  readonly #devices = new Map<string, string>()

  constructor(json: unknown) {
    this.#root = isRow(json) ? json : {}
    if (!isRow(json)) this.faults.add('document', shown(json), 'an object')
    const edges = new Map<string, number>()
    for (const kind of ['pipes', 'valves', 'regulators', 'compressors'] as const) this.#ids(kind, edges)
    this.known = { edges, nodes: this.#ids('nodes', new Map()), zones: this.#ids('zones', new Map()) }
    this.#head()
    this.#parts()
    this.#zones()
    this.#rtus()
  }

  /** Owners of the device numbers of RTUs and valves. */
  get devices(): ReadonlyMap<string, string> {
    return this.#devices
  }

  /** A list of the document; a fault when it is missing though required, or is no list. */
  rows(key: string, required: boolean): readonly unknown[] {
    const value = this.#root[key]
    if (Array.isArray(value)) return value
    if (required || (value !== undefined && value !== null)) this.faults.add(key, shown(value), 'a list')
    return []
  }

  /**
   * @param offset position of the first row in the whole list of meters
   * @param used whether an earlier meter has this id
   */
  meters(rows: readonly unknown[], offset: number, used: (id: string) => boolean): void {
    rows.forEach((row, i) => {
      const at = offset + i
      if (!this.#check('meters', row, at, METER_RULES)) return
      const id = row['id']
      if (typeof id !== 'string' || id === '') return
      if (used(id)) this.faults.add(`meters[${at}] "${id}".id`, 'used before', 'an id of its own among meters')
      this.#ownDevice(id, `meters[${at}] "${id}".id`, false)
    })
  }

  /** After all meters are known. @param known whether a meter has this id */
  concentrators(known: (id: string) => boolean): void {
    const rows = this.rows('concentrators', false)
    checkConcentrators(rows, this.known, this.faults, known)
    rows.forEach((row, i) => {
      if (isRow(row)) this.#ownDevice(row['device_number'], place('concentrators', row, i), true)
    })
  }

  #ids(kind: string, ids: Map<string, number>): Map<string, number> {
    this.rows(kind, kind !== 'compressors').forEach((row, i) => {
      if (!isRow(row) || typeof row['id'] !== 'string') return
      if (ids.has(row['id']))
        this.faults.add(`${kind}[${i}] "${row['id']}".id`, 'used before', 'an id of its own among nodes, edges, zones')
      else ids.set(row['id'], i)
    })
    return ids
  }

  #head(): void {
    const root = this.#root
    checkFields(root, HEAD_RULES, this.known, this.faults, () => 'document')
    const fluid = this.#object('fluid', root['fluid'], FLUID_RULES, true)
    if (fluid !== undefined) {
      this.#law('fluid.compressibility', fluid['compressibility'], COMPRESSIBILITY_LAWS)
      const density = fluid['density_kg_m3'] ?? null
      this.#object('fluid.density_state', fluid['density_state'], STATE_RULES, density !== null)
      if (density === null && (fluid['molar_mass_kg_mol'] ?? null) === null)
        this.faults.add(
          'fluid',
          'no density and no molar mass',
          'density_kg_m3 with density_state, or molar_mass_kg_mol',
        )
    }
    this.#object('friction', root['friction'], FRICTION_RULES, false)
    this.#law('ambient', root['ambient'], AMBIENT_LAWS)
  }

  #parts(): void {
    this.#each('nodes', NODE_RULES, (node, where) => {
      if (((node['lon'] ?? null) === null) !== ((node['lat'] ?? null) === null))
        this.faults.add(where(), 'only one of lon and lat', 'both or none')
    })
    const ends = (edge: Row, where: () => string) => {
      if (edge['from'] === edge['to'] && typeof edge['to'] === 'string')
        this.faults.add(`${where()}.to`, 'the same node as from', 'two different nodes')
    }
    this.#each('pipes', PIPE_RULES, ends)
    this.#each('valves', VALVE_RULES, (valve, where) => {
      ends(valve, where)
      this.#ownDevice(valve['device_number'], where(), true)
    })
    this.#each('regulators', REGULATOR_RULES, ends)
    this.#each('compressors', COMPRESSOR_RULES, (compressor, where) => {
      ends(compressor, where)
      if ((compressor['ratio'] ?? null) === null && (compressor['pressure_lift_pa'] ?? null) === null)
        this.faults.add(where(), 'no ratio and no pressure_lift_pa', 'one of them')
      this.#object(`${where()}.lift_loss`, compressor['lift_loss'], LIFT_LOSS_RULES, false)
    })
    this.rows('sources', true)
    this.#each('sources', SOURCE_RULES)
    this.#each('demands', DEMAND_RULES)
  }

  #zones(): void {
    this.#each('zones', ZONE_RULES, (zone, where) => {
      const inlets = zone['inlets']
      if (!Array.isArray(inlets)) return
      inlets.forEach((inlet, i) => {
        this.#object(`${where()}.inlets[${i}]`, inlet, INLET_RULES, true)
      })
    })
  }

  #rtus(): void {
    const ids = new Set<string>()
    this.rows('rtus', true)
    this.#each('rtus', RTU_RULES, (rtu, where) => {
      const { id, at } = rtu
      if (typeof id === 'string') {
        if (ids.has(id)) this.faults.add(`${where()}.id`, 'used before', 'an id of its own among RTUs')
        ids.add(id)
      }
      if (typeof at === 'string' && !this.#placeKnown(at))
        this.faults.add(`${where()}.at`, shown(at), 'the id of a node or an edge')
      this.#ownDevice(rtu['device_number'], where(), true)
    })
  }

  #placeKnown(at: string): boolean {
    const { nodes, edges } = this.known
    if (nodes.has(at) || edges.has(at)) return true
    return (at.startsWith('node:') && nodes.has(at.slice(5))) || (at.startsWith('edge:') && edges.has(at.slice(5)))
  }

  #ownDevice(device: unknown, where: string, keep: boolean): void {
    if (typeof device !== 'string') return
    const owner = this.#devices.get(device)
    if (owner !== undefined)
      this.faults.add(where, `device number ${device} is also that of ${owner}`, 'its own number')
    else if (keep) this.#devices.set(device, where)
  }

  #each(list: string, rules: readonly FieldRule[], more?: (row: Row, where: () => string) => void): void {
    this.#listed(list).forEach((row, i) => {
      if (this.#check(list, row, i, rules)) more?.(row, () => place(list, row, i))
    })
  }

  /** The list without a second complaint when it is none. */
  #listed(key: string): readonly unknown[] {
    const value = this.#root[key]
    return Array.isArray(value) ? value : []
  }

  #check(list: string, row: unknown, at: number, rules: readonly FieldRule[]): row is Row {
    if (!isRow(row)) {
      this.faults.add(`${list}[${at}]`, shown(row), 'an object')
      return false
    }
    checkFields(row, rules, this.known, this.faults, () => place(list, row, at))
    return true
  }

  #object(where: string, value: unknown, rules: readonly FieldRule[], required: boolean): Row | undefined {
    if (isRow(value)) {
      checkFields(value, rules, this.known, this.faults, () => where)
      return value
    }
    if (required || (value !== undefined && value !== null)) this.faults.add(where, shown(value), 'an object')
    return undefined
  }

  #law(where: string, value: unknown, laws: Readonly<Record<string, readonly FieldRule[]>>): void {
    const part = this.#object(where, value, [], false)
    if (part === undefined) return
    const law = part['law']
    const rules = typeof law === 'string' && Object.hasOwn(laws, law) ? laws[law] : undefined
    if (rules === undefined) this.faults.add(`${where}.law`, shown(law), Object.keys(laws).join(', '))
    else checkFields(part, rules, this.known, this.faults, () => where)
  }
}

function place(list: string, row: Row, at: number): string {
  const id = row['id']
  return typeof id === 'string' ? `${list}[${at}] "${id}"` : `${list}[${at}]`
}
