import type { Loose } from '../fields.ts'
import type { Notes } from '../imported.ts'
import type { Matgas, MatgasRow } from './tables.ts'

const RESISTOR_LENGTH_M = 1e-3

/** Ids are the numbers of the pipe table; other tables put their name before, because they count anew from 1. */
const PREFIX = {
  pipe: '',
  resistor: 'res',
  loss_resistor: 'loss',
  short_pipe: 'short',
  valve: 'valve',
  regulator: 'reg',
  compressor: 'comp',
} as const

/**
 * Edges in service.
 * @param highest  highest pressure of a junction, Pa absolute: what a regulator into it holds
 */
export function matgasEdges(
  { tables }: Matgas,
  known: ReadonlySet<string>,
  highest: (node: string) => number,
  notes: Notes,
) {
  const rows = (table: keyof typeof PREFIX) =>
    (tables.get(table) ?? []).flatMap((row) => {
      const edge = {
        id: `${PREFIX[table]}${row['id']}`,
        from: String(row['fr_junction']),
        to: String(row['to_junction']),
      }
      if (known.has(edge.from) && known.has(edge.to)) return [{ row, edge, on: row['status'] !== 0 }]
      notes.add('edges at unknown junctions were left out', edge.id)
      return []
    })
  const pipes: Loose[] = []
  const valves: Loose[] = []
  const regulators: Loose[] = []
  const compressors: Loose[] = []
  for (const { row, edge, on } of rows('pipe'))
    if (on)
      pipes.push({
        ...edge,
        length_m: row['length'],
        diameter_m: row['diameter'],
        friction_factor: row['friction_factor'],
      })
  for (const { row, edge, on } of rows('resistor'))
    if (on)
      pipes.push({
        ...edge,
        length_m: RESISTOR_LENGTH_M,
        diameter_m: row['diameter'],
        friction_factor: 0.01,
        loss_coefficient: row['drag'],
      })
  for (const { edge, on } of rows('loss_resistor'))
    if (on) {
      notes.add('resistors with a constant pressure loss are taken as open valves', edge.id)
      valves.push({ ...edge, open: true })
    }
  for (const { edge, on } of rows('short_pipe')) if (on) valves.push({ ...edge, open: true, operable: false })
  for (const { edge, on } of rows('valve')) valves.push({ ...edge, open: on })
  for (const { row, edge, on } of rows('regulator'))
    if (on) {
      notes.add('regulators hold the highest pressure of their outlet: the file gives no set pressure', edge.id)
      regulators.push({ ...edge, outlet_pressure_pa: highest(edge.to), ...limitOf(row) })
    }
  for (const { row, edge, on } of rows('compressor'))
    if (on) {
      notes.add('compressors run at their least ratio: the file names none, --compressor-ratio sets one', edge.id)
      const ratio = row['c_ratio_min']
      compressors.push({ ...edge, ratio: typeof ratio === 'number' && ratio > 1 ? ratio : 1 })
    }
  return { pipes, valves, regulators, compressors }
}

function limitOf(row: MatgasRow): Loose {
  const most = row['flow_max']
  return typeof most === 'number' && most > 0 ? { max_mass_flow_kg_s: most } : {}
}
