import { readFile } from 'node:fs/promises'
import {
  compileHydraulics,
  type Network,
  segmentCriticality,
  UsageError,
  type ValveCondition,
  type ValveOnEdge,
  valveSegments,
} from '@gastwin/twin'
import { EXIT, readOptions, type Verb } from './command-line.ts'
import { NETWORK_OPTIONS, NETWORK_USAGE, printNotes, readNetworkInput } from './network-input.ts'

const USAGE = `gastwin segments NET [--valves LAYER.csv] ${NETWORK_USAGE} [--json]   (layer: columns valve,link,node)`

export const segments: Verb = {
  summary: 'parts of a network between its valves, and what depends on each',
  usage: USAGE,
  run: async (args) => {
    const { values, positionals } = readOptions(
      args,
      { json: { type: 'boolean', default: false }, valves: { type: 'string' }, ...NETWORK_OPTIONS } as const,
      USAGE,
    )
    const [file, ...more] = positionals
    if (file === undefined || more.length > 0)
      throw new UsageError('CLI_USAGE', `expected one network (usage: ${USAGE})`)
    const { network, notes } = await readNetworkInput(file, values)
    const report = segmentReport(
      network,
      values.valves === undefined ? undefined : await readLayer(network, values.valves),
    )
    printNotes(notes)
    if (values.json) console.log(JSON.stringify({ ...report, notes }))
    else print(report)
    return EXIT.ok
  },
}

function segmentReport(network: Network, layer: readonly ValveOnEdge[] | undefined) {
  const conditions = layer === undefined ? undefined : layerOnly(network)
  const found = valveSegments(network, layer, conditions)
  const cost = segmentCriticality(network, found, compileHydraulics(network).model.demand, layer, conditions)
  const rows = Array.from({ length: found.count }, (_, segment) => ({
    id: segment + 1,
    nodes: [] as string[],
    edges: [] as string[],
    valves: cost.valves[segment] ?? 0,
    meters: cost.meters[segment] ?? 0,
    demand_kg_s: cost.demandKgS[segment] ?? 0,
    lost_when_isolated: {
      meters: cost.metersLost[segment] ?? 0,
      demand_kg_s: cost.demandLostKgS[segment] ?? 0,
    },
  }))
  network.nodes.ids.forEach((id, node) => {
    rows[found.ofNode[node] ?? -1]?.nodes.push(id)
  })
  const between: { id: string; segments: readonly [number, number] }[] = []
  network.edges.ids.forEach((id, edge) => {
    const segment = found.ofEdge[edge] ?? -1
    if (segment >= 0) rows[segment]?.edges.push(id)
    else {
      const side = (node: number | undefined) => (found.ofNode[node ?? -1] ?? -1) + 1
      between.push({ id, segments: [side(network.edges.from[edge]), side(network.edges.to[edge])] })
    }
  })
  return { segments: rows, valves: between }
}

/** A layer names all valves there are: edges that are valves in the network itself count as pipes. */
function layerOnly(network: Network): ReadonlyMap<string, ValveCondition> {
  const { first, countOf, ids } = network.edges
  return new Map(ids.slice(first.valve, first.valve + countOf.valve).map((id) => [id, 'unknown']))
}

async function readLayer(network: Network, file: string): Promise<readonly ValveOnEdge[]> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new UsageError('CLI_USAGE', `--valves ${file}: ${reason}`, { file }, cause)
  }
  const [head = '', ...lines] = text.trim().split(/\r?\n/)
  const columns = head.split(',').map((word) => word.trim())
  const [link, node] = [columns.indexOf('link'), columns.indexOf('node')]
  if (link < 0 || node < 0) throw new UsageError('CLI_USAGE', `--valves ${file}: expected the columns valve,link,node`)
  const { edges, nodes } = network
  const faults: string[] = []
  const layer = lines.map((line, i) => {
    const cells = line.split(',').map((cell) => cell.trim())
    const edge = edges.numberOf.get(cells[link] ?? '') ?? -1
    const at = nodes.numberOf.get(cells[node] ?? '') ?? -1
    if (edge < 0 || at < 0 || (edges.from[edge] !== at && edges.to[edge] !== at))
      faults.push(`--valves ${file}: line ${i + 2}: "${line}" is no edge with its end node`)
    return { edge, node: at }
  })
  if (faults.length > 0) throw new UsageError('CLI_USAGE', faults.slice(0, 20).join('\n'), { file })
  return layer
}

function print({ segments: rows, valves }: ReturnType<typeof segmentReport>): void {
  console.log(`${rows.length} segments between ${valves.length} valves of the network`)
  const worst = [...rows].sort(
    (a, b) =>
      b.lost_when_isolated.meters - a.lost_when_isolated.meters ||
      b.lost_when_isolated.demand_kg_s - a.lost_when_isolated.demand_kg_s,
  )
  for (const { id, nodes, edges, lost_when_isolated: lost } of worst.slice(0, 10))
    console.log(
      `  segment ${id}: ${nodes.length} nodes, ${edges.length} edges; shutting it off costs ${lost.meters} meters, ${lost.demand_kg_s.toPrecision(4)} kg/s`,
    )
}
