import { type Loose, numberIn, textIn } from '../fields.ts'
import type { Notes } from '../imported.ts'
import { type FrameRow, inService, type Names, rowsOf } from './frames.ts'

const WIDE_OPEN_PA = 1e9

export interface Edges {
  readonly pipes: readonly Loose[]
  readonly valves: readonly Loose[]
  readonly regulators: readonly Loose[]
  readonly compressors: readonly Loose[]
}

/** Pipes, valves and everything that sets pressure or flow along an edge. */
export function edgesOf(
  net: Loose,
  names: Names,
  absolute: (junction: number, bar: number) => number,
  notes: Notes,
): Edges {
  const ids = new EdgeIds()
  const pipes: Loose[] = []
  const valves: Loose[] = []
  const regulators: Loose[] = []
  const compressors: Loose[] = []
  const ends = (table: string, row: FrameRow, from = 'from_junction', to = 'to_junction') => {
    const a = names.nodeOf.get(Number(row.cells[from]))
    const b = names.nodeOf.get(Number(row.cells[to]))
    if (a === undefined || b === undefined || a === b) {
      notes.add('edges without two junctions in service were left out', `${table} ${row.index}`)
      return undefined
    }
    return { id: ids.take(table, row, names.named), from: a, to: b }
  }
  const pipeRows = rowsOf(net, 'pipe')
  ids.count(pipeRows)
  for (const row of pipeRows.filter(inService)) {
    const edge = ends('pipe', row)
    if (edge !== undefined) pipes.push({ ...edge, ...pipeSize(row.cells) })
  }
  for (const row of rowsOf(net, 'valve')) {
    const junctions = row.cells['from_junction'] === undefined ? ['junction', 'element'] : undefined
    if (junctions !== undefined && row.cells['et'] !== 'ju') {
      notes.add('valves that sit on a pipe were left out', `valve ${row.index}`)
      continue
    }
    const edge = ends('valve', row, junctions?.[0], junctions?.[1])
    if (edge === undefined) continue
    if ((numberIn(row.cells, 'loss_coefficient') ?? 0) > 0)
      notes.add('the loss coefficient of valves could not be used', edge.id)
    valves.push({ ...edge, open: row.cells['opened'] !== false })
  }
  for (const row of rowsOf(net, 'compressor').filter(inService)) {
    const edge = ends('compressor', row)
    // The ratio is one of absolute pressures.
    if (edge !== undefined) compressors.push({ ...edge, ratio: numberIn(row.cells, 'pressure_ratio') ?? 1 })
  }
  for (const row of rowsOf(net, 'press_control').filter(inService)) {
    const edge = ends('press_control', row)
    if (edge === undefined) continue
    const at = Number(row.cells['controlled_junction'])
    if (row.cells['control_active'] === false) valves.push({ ...edge, open: true })
    else {
      if (names.nodeOf.get(at) !== edge.to)
        notes.add('pressure controls of a junction elsewhere hold their own outlet instead', edge.id)
      regulators.push({ ...edge, outlet_pressure_pa: absolute(at, numberIn(row.cells, 'controlled_p_bar') ?? 0) })
    }
  }
  for (const row of rowsOf(net, 'flow_control').filter(inService)) {
    const edge = ends('flow_control', row)
    if (edge === undefined) continue
    const flow = numberIn(row.cells, 'controlled_mdot_kg_per_s') ?? 0
    if (row.cells['control_active'] === false || flow <= 0) valves.push({ ...edge, open: flow !== 0 })
    else regulators.push({ ...edge, outlet_pressure_pa: WIDE_OPEN_PA, max_mass_flow_kg_s: flow })
  }
  for (const row of rowsOf(net, 'pump').filter(inService)) {
    const edge = ends('pump', row)
    if (edge === undefined) continue
    notes.add('pumps by standard type were taken as open valves', edge.id)
    valves.push({ ...edge, open: true })
  }
  return { pipes, valves, regulators, compressors }
}

function pipeSize(cells: Loose): Loose {
  const inner = numberIn(cells, 'inner_diameter_mm')
  return {
    length_m: (numberIn(cells, 'length_km') ?? 0) * 1000,
    diameter_m: inner === undefined ? numberIn(cells, 'diameter_m') : inner / 1000,
    roughness_m: (numberIn(cells, 'k_mm') ?? 0.2) / 1000,
    loss_coefficient: numberIn(cells, 'loss_coefficient') ?? 0,
    material: textIn(cells, 'stanet_material') ?? null,
  }
}

/** Edges keep their names; those of one name are numbered. Nets with unnamed junctions get p0, p1, … */
class EdgeIds {
  readonly #total = new Map<string, number>()
  readonly #used = new Map<string, number>()

  count(rows: readonly FrameRow[]): void {
    for (const { cells } of rows) {
      const name = textIn(cells, 'name') ?? ''
      this.#total.set(name, (this.#total.get(name) ?? 0) + 1)
    }
  }

  take(table: string, row: FrameRow, named: boolean): string {
    const name = textIn(row.cells, 'name') ?? ''
    const letter = table === 'pipe' ? 'p' : `${table} `
    if (!named || name === '') return `${letter}${row.index}`
    const used = (this.#used.get(name) ?? 0) + 1
    this.#used.set(name, used)
    if (table !== 'pipe') return used === 1 && !this.#total.has(name) ? name : `${table} ${row.index}`
    return (this.#total.get(name) ?? 1) > 1 ? `${name}#${used}` : name
  }
}
