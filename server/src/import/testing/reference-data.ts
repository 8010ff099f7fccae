import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildNetwork, compileHydraulics, parseNetwork } from '@gastwin/twin'
import { importNetwork } from '../import-network.ts'
import type { ImportOptions } from '../imported.ts'

const repository = join(dirname(fileURLToPath(import.meta.url)), '../../../..')
export const dataFolder = process.env['GASTWIN_DATA'] ?? join(repository, '../shared/data')
export const hasData = existsSync(join(dataFolder, 'hydraulics'))
export const skipped = hasData ? '' : ` (SKIPPED: no reference data at ${dataFolder})`

export function dataText(...path: readonly string[]): string {
  return readFileSync(join(dataFolder, ...path), 'utf8')
}

/** Imports, checks, compiles and solves; faults of the document are thrown as text. */
export function solveText(text: string, options: Partial<ImportOptions> = {}, friction?: object) {
  const imported = importNetwork(text, { name: 'test', ...options })
  const document = friction === undefined ? imported.document : { ...(imported.document as object), friction }
  const parsed = parseNetwork(document)
  if (!parsed.ok) throw new Error(parsed.faults.map((f) => `${f.where}: ${f.what}`).join('\n'))
  const network = buildNetwork(parsed.document)
  const solver = compileHydraulics(network)
  const solution = solver.solve()
  const node = (id: string) => network.nodes.numberOf.get(id) ?? -1
  const edge = (id: string) => network.edges.numberOf.get(id) ?? -1
  return {
    ...imported,
    network,
    solver,
    solution,
    p: (id: string) => solution.pressure[node(id)] ?? Number.NaN,
    m: (id: string) => solution.massFlow[edge(id)] ?? Number.NaN,
    imbalance: () => worstImbalance(network, solver.model.demand, solution.massFlow),
  }
}

/** Largest imbalance of a supplied node that is no source, as a share of all that flows in. */
function worstImbalance(
  network: ReturnType<typeof buildNetwork>,
  demand: Float64Array,
  massFlow: Float64Array,
): number {
  const left = demand.map((d) => -d)
  for (let e = 0; e < network.edges.count; e++) {
    const [a, b] = [network.edges.from[e] ?? 0, network.edges.to[e] ?? 0]
    left[a] = (left[a] ?? 0) - (massFlow[e] ?? 0)
    left[b] = (left[b] ?? 0) + (massFlow[e] ?? 0)
  }
  const fed = new Set(network.document.sources.map((source) => network.nodes.numberOf.get(source.node) ?? -1))
  let inflow = demand.reduce((sum, d) => sum + Math.max(0, -d), 0)
  for (const node of fed) inflow += Math.max(0, -(left[node] ?? 0))
  return Math.max(0, ...Array.from(left, (x, node) => (fed.has(node) ? 0 : Math.abs(x)))) / Math.max(inflow, 1e-30)
}
