import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildNetwork, type Network, type NetworkDocument, type NetworkNode } from '@gastwin/twin'
import { importInp } from '../import/inp/import-inp.ts'

const STEP_MS = 300_000
const HOUR_S = 3600
/** Name of the tank's outlet, which feeds the zone behind it, and area of the tank, m². */
const OUTLET = 'p239'
const TANK_M2 = (Math.PI / 4) * 16 ** 2
/** Steps each way over which the tank is balanced. */
const LEVEL_STEPS = 6
export const WATER_INLETS = ['p227', 'p235', 'PUMP_1', OUTLET] as const

/** A measured year of a water network with one tank: flows by inlet, m³/s, from → to, every 5 minutes. */
export interface WaterTown {
  readonly network: Network
  /** Unix ms of the first row. */
  readonly from: number
  readonly flows: Readonly<Record<(typeof WATER_INLETS)[number], Float64Array>>
}

/**
 * Reads L-TOWN: zone AB between the two reservoirs and the pump, zone C behind the tank. What leaves the tank is what the pump
 * brings less what the level gains.
 * @param folder with `L-TOWN.inp`, `2019_flows.csv` and `2019_levels.csv`
 * @source Vrachimis et al. (2020), Dataset of BattLeDIM, doi 10.5281/zenodo.4017659
 */
export async function readWaterTown(folder: string): Promise<WaterTown> {
  const [model, flows, levels] = await Promise.all(
    ['L-TOWN.inp', '2019_flows.csv', '2019_levels.csv'].map((name) => readFile(join(folder, name), 'utf8')),
  )
  const { rows, from } = columns(flows ?? '')
  const level = columns(levels ?? '').rows.map(([value]) => value ?? Number.NaN)
  const of = (column: number): Float64Array => Float64Array.from(rows, (row) => (row[column] ?? Number.NaN) / HOUR_S)
  const pump = of(2)
  const outlet = pump.map((_, i) => outletFlow(pump, level, i))
  return {
    network: townNetwork(model ?? ''),
    from,
    flows: { p227: of(0), p235: of(1), PUMP_1: pump, [OUTLET]: outlet },
  }
}

/** What leaves the tank, m³/s, as a mean of some hours about a row: a level of 1 cm resolution tells no flow of one step. */
function outletFlow(pump: Float64Array, level: readonly number[], row: number): number {
  const a = Math.max(0, row - LEVEL_STEPS)
  const b = Math.min(level.length - 1, row + LEVEL_STEPS)
  let brought = 0
  for (let i = a; i < b; i++) brought += ((pump[i] as number) + (pump[i + 1] as number)) / 2
  const gained = (TANK_M2 * ((level[b] as number) - (level[a] as number)) * 1000) / STEP_MS
  return (brought - gained) / (b - a)
}

/** Rows of numbers with decimal commas, separated by semicolons, behind a time; times are taken for UTC. */
function columns(text: string): { readonly from: number; readonly rows: readonly (readonly number[])[] } {
  const [, ...lines] = text.trim().split(/\r?\n/)
  const rows = lines.map((line) =>
    line
      .split(';')
      .slice(1)
      .map((value) => Number(value.replace(',', '.'))),
  )
  return { rows, from: Date.parse(`${lines[0]?.slice(0, 19).replace(' ', 'T') ?? ''}Z`) }
}

function townNetwork(model: string): Network {
  const document = importInp(model, { name: 'L-TOWN' }).document as NetworkDocument
  const behind = reached(document, 'T1', 'PUMP_1')
  const zoneOf = ({ id, kind }: NetworkNode): string | null =>
    kind === 'reservoir' ? null : behind.has(id) ? 'C' : 'AB'
  return buildNetwork({
    ...document,
    nodes: document.nodes.map((node) => ({ ...node, zone: node.id === 'T1' ? null : zoneOf(node) })),
    zones: [
      {
        id: 'AB',
        name: 'AB',
        inlets: [
          { edge: 'p227', sign: 1 },
          { edge: 'p235', sign: 1 },
          { edge: 'PUMP_1', sign: -1 },
        ],
      },
      { id: 'C', name: 'C', inlets: [{ edge: OUTLET, sign: 1 }] },
    ],
    rtus: WATER_INLETS.map((edge) => ({ id: `rtu-${edge}`, at: edge, channels: ['flow'] })),
  })
}

/** Nodes that hang together with one when a link is cut. */
function reached({ pipes, valves, regulators, compressors }: NetworkDocument, from: string, cut: string): Set<string> {
  const beside = new Map<string, string[]>()
  for (const { id, from: a, to: b } of [pipes, valves, regulators, compressors ?? []].flat()) {
    if (id === cut) continue
    beside.set(a, [...(beside.get(a) ?? []), b])
    beside.set(b, [...(beside.get(b) ?? []), a])
  }
  const seen = new Set([from])
  for (const node of seen) for (const next of beside.get(node) ?? []) seen.add(next)
  return seen
}
