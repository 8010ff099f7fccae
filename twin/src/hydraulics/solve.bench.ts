import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildNetwork } from '../network/build-network.ts'
import type { Network } from '../network/network.ts'
import type { NetworkDocument } from '../network/network-document.ts'
import { compileHydraulics } from './steady-solver.ts'
import { meshDocument } from './testing/mesh.ts'

const repository = join(dirname(fileURLToPath(import.meta.url)), '../../..')

/**
 * Times solves of the town network (with the reference data at hand), of a fully meshed grid and of a day of 10 000 nodes.
 * Warm: each solve has other demands, a few per cent from the one before. Times are of the wall; `cpu` is what the process itself
 * used (demands and factors made anew included), the fairer figure on a machine that others use.
 */
export async function run(options: {
  readonly json: boolean
  readonly nodes?: number
}): Promise<Record<string, number | string>> {
  const result: Record<string, number | string> = {}
  const folder = join(process.env['GASTWIN_DATA'] ?? join(repository, '../shared/data'), 'hydraulics/schutterwald')
  if (existsSync(folder)) Object.assign(result, measure('town', readTown(folder), 200))
  else result['town'] = `no reference data at ${folder}`
  const side = Math.round(Math.sqrt(options.nodes ?? 50_000))
  Object.assign(result, measure('mesh', buildNetwork(meshDocument(side)), 20))
  Object.assign(result, day(buildNetwork(meshDocument(100))))
  if (!options.json) for (const [key, value] of Object.entries(result)) console.log(key, value)
  return result
}

function readTown(folder: string): Network {
  const document = JSON.parse(readFileSync(join(folder, 'network.json'), 'utf8')) as NetworkDocument
  return buildNetwork({ ...{ valves: [], regulators: [], zones: [], meters: [], rtus: [] }, ...document })
}

function measure(name: string, network: Network, solves: number): Record<string, number | string> {
  const began = performance.now()
  const solver = compileHydraulics(network)
  const compiled = performance.now()
  const first = solver.solve()
  const cold = performance.now() - compiled
  const demands = solver.model.demand.slice()
  const times: number[] = []
  const busy: number[] = []
  let iterations = 0
  let failed = first.status === 'converged' ? 0 : 1
  const spent = process.cpuUsage()
  for (let k = 0; k < solves; k++) {
    const level = 1 + 0.1 * Math.sin(k / 6)
    for (let node = 0; node < demands.length; node++)
      demands[node] = (solver.model.demand[node] ?? 0) * level * (1 + 0.03 * Math.sin(node * (k + 1)))
    const start = performance.now()
    const before = process.cpuUsage().user
    const { status, iterations: used } = solver.solve({ demands })
    times.push(performance.now() - start)
    busy.push((process.cpuUsage().user - before) / 1000)
    iterations += used
    if (status !== 'converged') failed += 1
  }
  const { user } = process.cpuUsage(spent)
  const sorted = (values: readonly number[]) => values.slice(Math.floor(solves / 4)).sort((a, b) => a - b)
  const warm = sorted(times)
  const warmBusy = sorted(busy)
  return {
    [`${name}_nodes`]: network.nodes.count,
    [`${name}_pipes`]: network.edges.count,
    [`${name}_compile_ms`]: round(compiled - began),
    [`${name}_cold_ms`]: round(cold),
    [`${name}_warm_median_ms`]: round(warm[Math.floor(warm.length / 2)] ?? 0),
    [`${name}_warm_p90_ms`]: round(warm[Math.floor(warm.length * 0.9)] ?? 0),
    [`${name}_warm_cpu_median_ms`]: round(warmBusy[Math.floor(warmBusy.length / 2)] ?? 0),
    [`${name}_warm_cpu_ms`]: round(user / 1000 / solves),
    [`${name}_warm_iterations`]: round(iterations / solves),
    [`${name}_failed`]: failed,
  }
}

/** Twenty-four hours with a morning and an evening peak, one solve an hour. */
function day(network: Network): Record<string, number> {
  const solver = compileHydraulics(network)
  const spent = process.cpuUsage()
  const start = performance.now()
  let failed = 0
  for (let hour = 0; hour < 24; hour++) {
    const level = 0.4 + 0.5 * Math.exp(-(((hour - 7) / 2) ** 2)) + 0.6 * Math.exp(-(((hour - 19) / 2.5) ** 2))
    if (solver.solve({ demands: solver.model.demand.map((d) => d * level) }).status !== 'converged') failed += 1
  }
  const { user } = process.cpuUsage(spent)
  return {
    day_nodes: network.nodes.count,
    day_24_solves_ms: round(performance.now() - start),
    day_24_solves_cpu_ms: round(user / 1000),
    day_failed: failed,
  }
}

function round(x: number): number {
  return Math.round(x * 100) / 100
}
