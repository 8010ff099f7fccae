import { completeDocument } from '@gastwin/twin'
import type { Loose } from '../fields.ts'
import { type Imported, ImportFault, type ImportOptions, Notes } from '../imported.ts'
import { connectionsOf } from './connections.ts'
import { gasOf } from './gas-mixture.ts'
import { type NominatedNode, readNomination } from './nomination.ts'
import { attribute, childrenOf, parseXml, quantity } from './xml.ts'

const NODE_KINDS = { source: 'gate_station', sink: 'delivery', innode: 'junction' } as const

/**
 * A GasLib `.net` file, with its nomination (`.scn`) when given. A nomination balances and names no pressure to hold: the entry that
 * feeds most becomes the source, at the highest pressure allowed there.
 *
 * @source element and unit names: GasLib, http://gaslib.zib.de; pressures in bar are absolute
 */
export function importGaslib(text: string, options: ImportOptions): Imported {
  const root = childrenOf(parseXml(text), 'network')[0]
  if (root === undefined) throw new ImportFault('no GasLib network: no element "network"')
  const notes = new Notes()
  const nodes = childrenOf(root, 'nodes')[0]
  const entries = childrenOf(nodes, 'source')
  if (nodes === undefined) throw new ImportFault('no GasLib network: no element "nodes"')
  const nominated = options.scenario === undefined ? [] : readNomination(options.scenario, notes)
  if (options.scenario === undefined) notes.add('no nomination (.scn): nothing flows')
  const flowOf = new Map(nominated.map((node) => [node.id, node.flow]))
  const { fluid, normalDensity } = gasOf(entries, (id) => flowOf.get(id) ?? 0, notes)
  const slack = slackOf(entries, nominated, notes)
  const demands = nominated
    .filter((node) => node.id !== slack?.['node'] && node.flow !== 0)
    .map((node) => ({ node: node.id, mass_flow_kg_s: (node.entry ? -1 : 1) * node.flow * normalDensity }))
  const document = {
    format: 'gastwin-network/1',
    name: titleOf(root) ?? options.name,
    fluid,
    friction: { law: 'nikuradse', laminar: 'none' },
    ambient: { law: 'constant', pressure_pa: 101_325 },
    nodes: Object.entries(NODE_KINDS).flatMap(([element, kind]) =>
      childrenOf(nodes, element).map((node) => nodeOf(node, kind)),
    ),
    ...connectionsOf(childrenOf(root, 'connections')[0], notes),
    sources: slack === undefined ? [] : [slack],
    demands,
  }
  return { document: completeDocument(document), notes: notes.list() }
}

function titleOf(root: Loose): string | undefined {
  const title = childrenOf(root, 'information')[0]?.['title']
  return typeof title === 'string' && title !== '' ? title : undefined
}

function nodeOf(node: Loose, kind: string): Loose {
  const place = (name: string) => {
    const value = Number(attribute(node, name) ?? Number.NaN)
    return Number.isNaN(value) ? null : value
  }
  const pressure = (name: string) => {
    const value = quantity(node, name, 'bar')
    return value !== undefined && value > 0 ? value : null
  }
  return {
    id: attribute(node, 'id') ?? '',
    kind,
    x_m: place('x'),
    y_m: place('y'),
    height_m: quantity(node, 'height', 'm') ?? 0,
    min_pressure_pa: pressure('pressureMin'),
    max_pressure_pa: pressure('pressureMax'),
  }
}

function slackOf(entries: readonly Loose[], nominated: readonly NominatedNode[], notes: Notes): Loose | undefined {
  const flowOf = (entry: Loose) => nominated.find((node) => node.id === attribute(entry, 'id'))?.flow ?? 0
  const entry = [...entries].sort((a, b) => flowOf(b) - flowOf(a))[0]
  if (entry === undefined) return undefined
  const node = attribute(entry, 'id') ?? ''
  const bounds = [quantity(entry, 'pressureMax', 'bar'), nominated.find((row) => row.id === node)?.highestPressure]
  const known = bounds.filter((bound) => bound !== undefined)
  const pressure = known.length === 0 ? 60e5 : Math.min(...known)
  const bar = Math.round(pressure / 1000) / 100
  notes.add(
    `entry ${node}, which feeds most, is the source at its highest pressure of ${bar} bar; it makes up the balance`,
  )
  return { node, pressure_pa: pressure }
}
