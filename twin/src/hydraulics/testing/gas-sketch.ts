import { buildNetwork } from '../../network/build-network.ts'
import type { Network } from '../../network/network.ts'
import type { NetworkDocument, NetworkNode, Pipe, Valve } from '../../network/network-document.ts'

export interface Sketch {
  /** kg/s by node. */
  readonly demands?: Readonly<Record<string, number>>
  readonly sources: Readonly<Record<string, number>>
  readonly heights?: Readonly<Record<string, number>>
  readonly pipes?: readonly (readonly [ends: string, size?: Partial<Pipe>])[]
  readonly valves?: readonly (readonly [ends: string, more?: Partial<Valve>])[]
  /** Outlet pressure, Pa absolute. */
  readonly regulators?: readonly (readonly [ends: string, outlet: number])[]
  readonly compressors?: readonly (readonly [ends: string, effect: { ratio?: number; pressure_lift_pa?: number }])[]
  readonly document?: Partial<NetworkDocument>
}

export const GAS_CONSTANT = 101_325 / (0.75 * 273.15)
export const TEMPERATURE = 283.15

/** A small gas network; edges are written `'A-B'`, which is also their id. Ideal gas, Nikuradse + 64/Re, unless said. */
export function gasSketch(sketch: Sketch): Network {
  const nodes = new Map<string, NetworkNode>()
  const ends = (text: string) => {
    const [from = '', to = ''] = text.replace(/#.*/, '').split('-')
    for (const id of [from, to]) nodes.set(id, { id, kind: 'junction', height_m: sketch.heights?.[id] ?? 0 })
    return { id: text, from, to }
  }
  const pipes = (sketch.pipes ?? []).map(([text, size]) => ({
    ...ends(text),
    length_m: 1000,
    diameter_m: 0.1,
    roughness_m: 1e-4,
    ...size,
  }))
  const valves = (sketch.valves ?? []).map(([text, more]) => ({ ...ends(text), open: true, ...more }))
  const regulators = (sketch.regulators ?? []).map(([text, outlet]) => ({ ...ends(text), outlet_pressure_pa: outlet }))
  const compressors = (sketch.compressors ?? []).map(([text, effect]) => ({ ...ends(text), ...effect }))
  for (const id of Object.keys(sketch.sources)) if (!nodes.has(id)) nodes.set(id, { id, kind: 'junction' })
  return buildNetwork({
    format: 'gastwin-network/1',
    name: 'sketch',
    time_zone: 'UTC',
    fluid: {
      kind: 'gas',
      density_kg_m3: 0.75,
      density_state: { pressure_pa: 101_325, temperature_k: 273.15 },
      viscosity_pa_s: 1.1e-5,
      temperature_k: TEMPERATURE,
    },
    friction: { law: 'nikuradse', laminar: 'additive' },
    nodes: [...nodes.values()],
    pipes,
    valves,
    regulators,
    compressors,
    sources: Object.entries(sketch.sources).map(([node, pressure_pa]) => ({ node, pressure_pa })),
    demands: Object.entries(sketch.demands ?? {}).map(([node, mass_flow_kg_s]) => ({ node, mass_flow_kg_s })),
    zones: [],
    meters: [],
    rtus: [],
    ...sketch.document,
  })
}

/** Results by id. */
export function byId(network: Network, solution: { pressure: Float64Array; massFlow: Float64Array }) {
  return {
    p: (node: string) => solution.pressure[network.nodes.numberOf.get(node) ?? -1] ?? Number.NaN,
    m: (edge: string) => solution.massFlow[network.edges.numberOf.get(edge) ?? -1] ?? Number.NaN,
  }
}
