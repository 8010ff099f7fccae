import { completeDocument } from '@gastwin/twin'
import type { Loose } from '../fields.ts'
import { type Imported, ImportFault, type ImportOptions, Notes } from '../imported.ts'
import { matgasEdges } from './edges.ts'
import { type Matgas, type MatgasRow, readMatgas } from './tables.ts'

const AIR_MOLAR_MASS = 0.028_96
const ATMOSPHERE_PA = 101_325

/**
 * A matgas `.m` file in SI units. p₁² − p₂² = λ L a² m|m|/(D A²) with a fixed friction factor.
 * @source MATGAS format as documented with GasModels
 */
export function importMatgas(text: string, options: ImportOptions): Imported {
  const matgas = readMatgas(text)
  const junctions = matgas.tables.get('junction')
  if (junctions === undefined) throw new ImportFault('no matgas network: no table mgc.junction')
  if (matgas.scalars.get('is_per_unit') === 1)
    throw new ImportFault('per-unit matgas files cannot be read: expected SI units')
  const units = matgas.scalars.get('units')
  if (units !== undefined && units !== 'si')
    throw new ImportFault(`matgas units "${units}" cannot be read: expected si`)
  const notes = new Notes()
  const active = junctions.filter(inService)
  const gauge = active.some((row) => (numberOf(row, 'p_max') ?? ATMOSPHERE_PA) < ATMOSPHERE_PA)
  if (gauge) notes.add('some pressures lie below the atmosphere: all are read as gauge pressures over 101325 Pa')
  const absolute = (pressure: number) => pressure + (gauge ? ATMOSPHERE_PA : 0)
  const known = new Set(active.map((row) => String(row['id'])))
  const tierOf = new Map(active.map((row) => [String(row['id']), absolute(numberOf(row, 'p_max') ?? 0)]))
  const sources = active.filter((row) => row['junction_type'] === 1).map((row) => sourceOf(row, absolute))
  const name = /function\s+mgc\s*=\s*(\w+)/.exec(text)?.[1] ?? options.name
  for (const table of matgas.tables.keys()) if (!READ.has(table)) notes.add(`table mgc.${table} could not be used`)
  const document = {
    format: 'gastwin-network/1',
    name,
    fluid: fluidOf(matgas),
    friction: { law: 'fixed', laminar: 'none' },
    ambient: { law: 'constant', pressure_pa: ATMOSPHERE_PA },
    nodes: active.map((row) => nodeOf(row, absolute)),
    ...matgasEdges(matgas, known, (node) => tierOf.get(node) ?? 0, notes),
    sources,
    demands: demandsOf(matgas, known, new Set(sources.map((source) => source.node)), notes),
  }
  return { document: completeDocument(document), notes: notes.list() }
}

const READ = new Set(
  'junction pipe compressor short_pipe resistor loss_resistor regulator valve receipt delivery transfer'.split(' '),
)

function inService(row: MatgasRow): boolean {
  return row['status'] !== 0
}

function numberOf(row: MatgasRow, column: string): number | undefined {
  const value = row[column]
  return typeof value === 'number' ? value : undefined
}

function nodeOf(row: MatgasRow, absolute: (pressure: number) => number): Loose {
  const bound = (column: string) => {
    const value = numberOf(row, column)
    return value === undefined || absolute(value) <= 0 ? null : absolute(value)
  }
  const lon = numberOf(row, 'lon')
  const lat = numberOf(row, 'lat')
  return {
    id: String(row['id']),
    kind: 'junction',
    x_m: lon ?? null,
    y_m: lat ?? null,
    min_pressure_pa: bound('p_min'),
    max_pressure_pa: bound('p_max'),
  }
}

function sourceOf(row: MatgasRow, absolute: (pressure: number) => number) {
  const nominal = numberOf(row, 'p_nominal') ?? 0
  return { node: String(row['id']), pressure_pa: absolute(nominal > 0 ? nominal : (numberOf(row, 'p_max') ?? 0)) }
}

/** The density that gives the file's speed of sound at its temperature, or its molar mass by the specific gravity. */
function fluidOf({ scalars }: Matgas): Loose {
  const value = (name: string) => {
    const cell = scalars.get(name)
    return typeof cell === 'number' ? cell : undefined
  }
  const temperature = value('temperature') ?? 288.706
  const z = value('compressibility_factor') ?? 1
  const sound = value('sound_speed')
  const gas = value('R') ?? 8.314
  const molar =
    sound === undefined ? AIR_MOLAR_MASS * (value('gas_specific_gravity') ?? 0.6) : (gas * temperature * z) / sound ** 2
  return {
    kind: 'gas',
    molar_mass_kg_mol: molar,
    gas_constant_j_mol_k: gas,
    viscosity_pa_s: null,
    temperature_k: temperature,
    compressibility: { law: 'constant', z },
  }
}

function demandsOf(
  matgas: Matgas,
  known: ReadonlySet<string>,
  sources: ReadonlySet<string>,
  notes: Notes,
): readonly Loose[] {
  const taken = new Map<string, number>()
  for (const [table, column, sign] of [
    ['delivery', 'withdrawal_nominal', 1],
    ['transfer', 'withdrawal_nominal', 1],
    ['receipt', 'injection_nominal', -1],
  ] as const)
    for (const row of (matgas.tables.get(table) ?? []).filter(inService)) {
      const node = String(row['junction_id'])
      if (!known.has(node)) {
        notes.add(`rows of mgc.${table} at unknown junctions were left out`, String(row['id']))
        continue
      }
      if (table === 'receipt' && sources.has(node)) continue
      taken.set(node, (taken.get(node) ?? 0) + sign * (numberOf(row, column) ?? 0))
    }
  return [...taken].map(([node, mass_flow_kg_s]) => ({ node, mass_flow_kg_s }))
}
