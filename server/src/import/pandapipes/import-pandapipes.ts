import { completeDocument } from '@gastwin/twin'
import { isLoose, type Loose, numberIn, textIn } from '../fields.ts'
import { type Imported, ImportFault, type ImportOptions, Notes } from '../imported.ts'
import { edgesOf } from './edges.ts'
import { fluidOf } from './fluid.ts'
import { type FrameRow, inService, type Names, rowsOf, unpack } from './frames.ts'

const PA_PER_BAR = 100_000
/** Tables that say nothing of steady flow, or are read elsewhere. */
const READ = new Set(
  'junction pipe valve compressor press_control ext_grid sink source mass_storage flow_control pump'.split(' '),
)
const WITHOUT_MEANING = new Set(['controller', 'junction_geodata', 'pipe_geodata'])

/**
 * A net as pandapipes writes it with `to_json`.
 * @source table and column names: pandapipes documentation, version 0.14 and before; pressures are bar over the ambient of the height
 */
export function importPandapipes(json: unknown, options: ImportOptions): Imported {
  const net = isLoose(json) ? unpack(json) : undefined
  if (!isLoose(net) || net['junction'] === undefined) throw new ImportFault('no pandapipes net: no table "junction"')
  const notes = new Notes()
  const junctions = rowsOf(net, 'junction').filter(inService)
  const names = namesOf(junctions, rowsOf(net, 'pipe'))
  const temperature = temperatureOf(net, junctions)
  const heightOf = new Map(junctions.map((row) => [row.index, numberIn(row.cells, 'height_m') ?? 0]))
  const places = new Map(rowsOf(net, 'junction_geodata').map((row) => [row.index, row.cells]))
  const absolute = (junction: number, bar: number) => bar * PA_PER_BAR + ambient(heightOf.get(junction) ?? 0)
  const nodes = junctions.map((row) => ({
    id: names.nodeOf.get(row.index) ?? '',
    kind: 'junction',
    height_m: heightOf.get(row.index) ?? 0,
    x_m: numberIn(places.get(row.index) ?? {}, 'x') ?? null,
    y_m: numberIn(places.get(row.index) ?? {}, 'y') ?? null,
  }))
  const sources = sourcesOf(net, names, absolute, notes)
  for (const [table, value] of Object.entries(net))
    if (!READ.has(table) && !WITHOUT_MEANING.has(table) && isTable(value) && rowsOf(net, table).some(inService))
      notes.add(`table ${table} has rows that could not be used`)
  const document = {
    format: 'gastwin-network/1',
    name: textIn(net, 'name') ?? options.name,
    fluid: fluidOf(net, temperature, notes),
    friction: frictionOf(net, notes),
    gravity_m_s2: 9.81,
    ambient: { law: 'barometric' },
    nodes,
    ...edgesOf(net, names, absolute, notes),
    sources,
    demands: demandsOf(net, names),
  }
  return { document: completeDocument(document), notes: notes.list() }
}

/** @source hydraulics of pandapipes: 101 325 (1 − 0.0065 h/288.15)^5.255 Pa */
function ambient(height: number): number {
  return 101_325 * (1 - (0.0065 * height) / 288.15) ** 5.255
}

function isTable(value: unknown): boolean {
  return isLoose(value) && value['_class'] === 'DataFrame'
}

function namesOf(junctions: readonly FrameRow[], pipes: readonly FrameRow[]): Names {
  const texts = junctions.map((row) => textIn(row.cells, 'name') ?? '')
  const named = !texts.includes('') && new Set(texts).size === texts.length && !namesMeanStreets(pipes)
  return { named, nodeOf: new Map(junctions.map((row, i) => [row.index, named ? (texts[i] ?? '') : `n${row.index}`])) }
}

/** Pipes of one name between different junctions: the names are those of mains, not of pipes, and the indices are the ids. */
function namesMeanStreets(pipes: readonly FrameRow[]): boolean {
  const endsOf = new Map<string, string>()
  return pipes.some(({ cells }) => {
    const name = textIn(cells, 'name') ?? ''
    const ends = [Number(cells['from_junction']), Number(cells['to_junction'])].sort((a, b) => a - b).join(' ')
    const before = endsOf.get(name)
    endsOf.set(name, ends)
    return name !== '' && before !== undefined && before !== ends
  })
}

function temperatureOf(net: Loose, junctions: readonly FrameRow[]): number {
  const fed = rowsOf(net, 'ext_grid').map((row) => numberIn(row.cells, 't_k'))
  return fed.find((t) => t !== undefined) ?? numberIn(junctions[0]?.cells ?? {}, 'tfluid_k') ?? 283.15
}

function frictionOf(net: Loose, notes: Notes): Loose {
  const options = unpack(net['user_pf_options'])
  const model = isLoose(options) ? textIn(options, 'friction_model') : undefined
  if (model === 'colebrook') return { law: 'colebrook', laminar: 'none' }
  if (model === 'swamee-jain') return { law: 'swamee-jain', laminar: 'none' }
  if (model === undefined)
    notes.add('the file names no friction model: nikuradse with 64/Re added, the default of pandapipes')
  else if (model !== 'nikuradse')
    notes.add(`friction model ${model} is not known: nikuradse with 64/Re added was taken`)
  return { law: 'nikuradse', laminar: 'additive' }
}

function sourcesOf(
  net: Loose,
  names: Names,
  absolute: (junction: number, bar: number) => number,
  notes: Notes,
): readonly Loose[] {
  const sources: Loose[] = []
  for (const row of rowsOf(net, 'ext_grid').filter(inService)) {
    const node = names.nodeOf.get(Number(row.cells['junction']))
    const bar = numberIn(row.cells, 'p_bar')
    if (node === undefined || bar === undefined || row.cells['type'] === 't') {
      notes.add('external grids without a pressure were left out', `ext_grid ${row.index}`)
      continue
    }
    const pressure = absolute(Number(row.cells['junction']), bar)
    sources.push({ node, pressure_pa: pressure, temperature_k: numberIn(row.cells, 't_k') ?? null })
  }
  return sources
}

function demandsOf(net: Loose, names: Names): readonly Loose[] {
  const taken = new Map<string, number>()
  for (const [table, sign] of [
    ['sink', 1],
    ['source', -1],
    ['mass_storage', 1],
  ] as const)
    for (const { cells } of rowsOf(net, table).filter(inService)) {
      const node = names.nodeOf.get(Number(cells['junction']))
      const flow = (numberIn(cells, 'mdot_kg_per_s') ?? 0) * (numberIn(cells, 'scaling') ?? 1) * sign
      if (node !== undefined) taken.set(node, (taken.get(node) ?? 0) + flow)
    }
  return [...taken].map(([node, mass_flow_kg_s]) => ({ node, mass_flow_kg_s }))
}
