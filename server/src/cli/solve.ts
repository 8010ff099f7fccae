import { compileHydraulics, describeSolution, type Network, type SolutionReport, UsageError } from '@gastwin/twin'
import { EXIT, readOptions, type Verb } from './command-line.ts'
import { NETWORK_OPTIONS, NETWORK_USAGE, printNotes, readNetworkInput } from './network-input.ts'

const USAGE = `gastwin solve NET ${NETWORK_USAGE} [--json]   (NET: gastwin-network/1, GeoJSON, pandapipes, GasLib, matgas, EPANET)`

export const solve: Verb = {
  summary: 'pressures and flows of a network',
  usage: USAGE,
  run: async (args) => {
    const { values, positionals } = readOptions(
      args,
      { json: { type: 'boolean', default: false }, ...NETWORK_OPTIONS } as const,
      USAGE,
    )
    const [file, ...more] = positionals
    if (file === undefined || more.length > 0)
      throw new UsageError('CLI_USAGE', `expected one network (usage: ${USAGE})`)
    const { network, format, notes } = await readNetworkInput(file, values)
    const solver = compileHydraulics(network)
    const report = describeSolution(solver.model, solver.solve())
    printNotes(notes)
    if (values.json) console.log(JSON.stringify({ ...report, name: network.name, format, notes }))
    else print(network, report)
    return report.status === 'converged' ? EXIT.ok : EXIT.failed
  },
}

function print(network: Network, report: SolutionReport): void {
  const { status, iterations, worst, supplied, unsupplied, feed_kg_s } = report
  console.log(`${network.name}: ${status} in ${iterations} iterations`)
  if (worst !== null)
    console.log(`worst at node ${worst.node}: ${worst.residual_pa} Pa, imbalance ${worst.imbalance_kg_s} kg/s`)
  console.log(`${supplied.nodes} nodes supplied, ${feed_kg_s} kg/s fed in by the sources`)
  if (unsupplied.nodes > 0)
    console.log(`${unsupplied.nodes} nodes cut off from every source, they ask for ${unsupplied.demand_kg_s} kg/s`)
  const known = report.nodes.filter((node) => node.pressure_pa !== null)
  const lowest = [...known].sort((a, b) => (a.pressure_pa ?? 0) - (b.pressure_pa ?? 0)).slice(0, 5)
  for (const { id, pressure_pa } of lowest)
    console.log(`  ${id.padEnd(24)} ${((pressure_pa ?? 0) / 1000).toFixed(3)} kPa`)
  const speed = (edge: { readonly velocity_m_s: number | null }) => Math.abs(edge.velocity_m_s ?? 0)
  const fastest = [...report.pipes].sort((a, b) => speed(b) - speed(a)).slice(0, 3)
  for (const { id, velocity_m_s } of fastest) console.log(`  ${id.padEnd(24)} ${(velocity_m_s ?? 0).toFixed(2)} m/s`)
}
