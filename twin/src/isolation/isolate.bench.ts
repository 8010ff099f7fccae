import { meshDocument } from '../hydraulics/testing/mesh.ts'
import { buildNetwork } from '../network/build-network.ts'
import type { Valve } from '../network/network-document.ts'
import { planIsolation } from './plan-isolation.ts'
import { valveSegments } from './segments.ts'

/** Times isolation plans on a meshed city with a valve on two of three street ends. */
export async function run(options: {
  readonly json: boolean
  readonly pipes?: number
}): Promise<Record<string, number | string>> {
  const network = buildNetwork(withValves(Math.round(Math.sqrt((options.pipes ?? 50_000) / 2))))
  const times: number[] = []
  let valves = 0
  let feasible = 0
  const plans = 60
  let spent = process.cpuUsage()
  for (let k = 0; k < plans; k++) {
    if (k === 10) spent = process.cpuUsage()
    const pipe = network.edges.ids[(k * 8117) % network.edges.countOf.pipe] ?? ''
    const start = performance.now()
    const plan = planIsolation(network, pipe)
    times.push(performance.now() - start)
    valves += plan.close.length
    feasible += plan.feasible ? 1 : 0
  }
  const { user } = process.cpuUsage(spent)
  const warm = times.slice(10).sort((a, b) => a - b)
  const start = performance.now()
  const segments = valveSegments(network).count
  const result = {
    pipes: network.edges.countOf.pipe,
    valves: network.edges.countOf.valve,
    plan_median_ms: warm[Math.floor(warm.length / 2)] ?? 0,
    plan_cpu_ms: user / 1000 / (plans - 10),
    plan_p90_ms: warm[Math.floor(warm.length * 0.9)] ?? 0,
    valves_per_plan: valves / plans,
    feasible_plans: feasible,
    plans,
    segments,
    segments_ms: performance.now() - start,
  }
  if (!options.json) for (const [key, value] of Object.entries(result)) console.log(key, value)
  return result
}

function withValves(side: number) {
  const mesh = meshDocument(side)
  const nodes = [...mesh.nodes]
  const valves: Valve[] = []
  const pipes = mesh.pipes.map((pipe, k) => {
    if ((Math.imul(k, 2_654_435_761) >>> 8) % 3 === 0) return pipe
    const between = `${pipe.from}→${k}`
    nodes.push({ id: between, kind: 'junction' })
    valves.push({
      id: `V${k}`,
      from: pipe.from,
      to: between,
      open: k % 50 !== 0,
      actuator: k % 4 === 0 ? 'remote' : 'manual',
      travel_minutes: 5 + (k % 30),
    })
    return { ...pipe, from: between }
  })
  return { ...mesh, nodes, pipes, valves }
}
