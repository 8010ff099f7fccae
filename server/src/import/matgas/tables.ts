import { ImportFault } from '../imported.ts'

export type Cell = string | number
export type MatgasRow = Readonly<Record<string, Cell>>

export interface Matgas {
  readonly scalars: ReadonlyMap<string, Cell>
  readonly tables: ReadonlyMap<string, readonly MatgasRow[]>
}

/** Columns of each table in the order of the format; a comment line of names above a table takes their place. */
const COLUMNS: Readonly<Record<string, string>> = {
  junction: 'id p_min p_max p_nominal junction_type status pipeline_name edi_id lat lon',
  pipe: 'id fr_junction to_junction diameter length friction_factor p_min p_max status is_bidirectional pipeline_name num_spatial_discretization_points',
  compressor:
    'id fr_junction to_junction c_ratio_min c_ratio_max power_max flow_min flow_max inlet_p_min inlet_p_max outlet_p_min outlet_p_max status operating_cost directionality',
  short_pipe: 'id fr_junction to_junction status is_bidirectional',
  resistor: 'id fr_junction to_junction drag diameter status is_bidirectional',
  loss_resistor: 'id fr_junction to_junction p_loss status is_bidirectional',
  regulator:
    'id fr_junction to_junction reduction_factor_min reduction_factor_max flow_min flow_max status is_bidirectional',
  valve: 'id fr_junction to_junction status',
  receipt: 'id junction_id injection_min injection_max injection_nominal is_dispatchable status',
  delivery: 'id junction_id withdrawal_min withdrawal_max withdrawal_nominal is_dispatchable status',
  transfer: 'id junction_id withdrawal_min withdrawal_max withdrawal_nominal is_dispatchable status',
}

/**
 * Reads the assignments of a matgas file.
 * @source MATGAS format as documented with GasModels: `mgc.name = value;` and `mgc.table = [ rows ];`, comments after %
 * @throws ImportFault when a table is not closed
 */
export function readMatgas(text: string): Matgas {
  const scalars = new Map<string, Cell>()
  const tables = new Map<string, readonly MatgasRow[]>()
  const lines = text.split(/\r?\n/)
  let named: readonly string[] | undefined
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? ''
    const comment = /^\s*%\s*(.+)$/.exec(line)
    if (comment !== null) {
      const words = (comment[1] ?? '')
        .replaceAll('%', ' ')
        .trim()
        .split(/[\s,]+/)
      if (words[0] === 'id') named = words
      continue
    }
    const assignment = /^\s*mgc\.(\w+)\s*=\s*(.*)$/.exec(line)
    if (assignment === null) continue
    const name = assignment[1] ?? ''
    const rest = assignment[2] ?? ''
    if (!/^[[{]/.test(rest)) {
      scalars.set(name, cellOf(withoutComment(rest).replace(/;\s*$/, '').trim()))
      continue
    }
    const rows: string[] = []
    let part = rest.slice(1)
    for (;;) {
      const clean = withoutComment(part)
      const end = /[\]}]\s*;?\s*$/.exec(clean)
      rows.push(...(end === null ? clean : clean.slice(0, end.index)).split(';'))
      if (end !== null) break
      i += 1
      const next = lines[i]
      if (next === undefined) throw new ImportFault(`table mgc.${name} is not closed`)
      part = next
    }
    const columns = named ?? (COLUMNS[name] ?? '').split(' ')
    named = undefined
    tables.set(
      name,
      rows
        .map((row) => cellsOf(row))
        .filter((cells) => cells.length > 0)
        .map((cells) => rowOf(columns, cells)),
    )
  }
  return { scalars, tables }
}

function withoutComment(line: string): string {
  return line.replace(/%.*$/, '')
}

function cellsOf(row: string): readonly Cell[] {
  return [...row.matchAll(/'([^']*)'|"([^"]*)"|([^\s,]+)/g)].map((m) => m[1] ?? m[2] ?? cellOf(m[3] ?? ''))
}

function cellOf(text: string): Cell {
  const quoted = /^'(.*)'$/.exec(text)
  if (quoted !== null) return quoted[1] ?? ''
  const number = Number(text)
  return text === '' || Number.isNaN(number) ? text : number
}

function rowOf(columns: readonly string[], cells: readonly Cell[]): MatgasRow {
  return Object.fromEntries(cells.map((cell, i) => [columns[i] ?? `column ${i + 1}`, cell]))
}
