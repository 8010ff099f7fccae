import { buildNetwork, type Network } from '@gastwin/twin'
import { randomStream } from './true-city.ts'

/**
 * A meshed city of side × side crossings, a source at each corner, mains every tenth street, `rtus` pressure RTUs.
 * @param across zones in either direction
 */
export function largeMesh(side: number, rtus: number, seed = 1, across = 3): Network {
  const { uniform } = randomStream(seed)
  const id = (x: number, y: number) => `${x}/${y}`
  const nodes: { id: string; kind: string; zone: string }[] = []
  const pipes: { id: string; from: string; to: string; length_m: number; diameter_m: number; roughness_m: number }[] =
    []
  const demands: { node: string; mass_flow_kg_s: number }[] = []
  const pipe = (from: string, to: string, main: boolean): void => {
    const diameter_m = main ? 0.3 : ([0.0736, 0.1022, 0.1593][Math.floor(3 * uniform())] ?? 0.1)
    pipes.push({ id: `p${pipes.length}`, from, to, length_m: 60 + 80 * uniform(), diameter_m, roughness_m: 5e-5 })
  }
  const zoneOf = (x: number, y: number) => `Z${Math.floor((across * x) / side)}${Math.floor((across * y) / side)}`
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      nodes.push({ id: id(x, y), kind: 'junction', zone: zoneOf(x, y) })
      demands.push({ node: id(x, y), mass_flow_kg_s: 2e-4 * (0.5 + uniform()) })
      if (x + 1 < side) pipe(id(x, y), id(x + 1, y), y % 10 === 0)
      if (y + 1 < side) pipe(id(x, y), id(x, y + 1), x % 10 === 0)
    }
  const last = side - 1
  const corners = [id(0, 0), id(last, 0), id(0, last), id(last, last)]
  const places = new Set(corners)
  while (places.size < rtus) places.add(id(Math.floor(side * uniform()), Math.floor(side * uniform())))
  const zones = [...new Set(nodes.map(({ zone }) => zone))]
  return buildNetwork({
    format: 'gastwin-network/1',
    name: `mesh ${side} × ${side}`,
    time_zone: 'UTC',
    fluid: {
      kind: 'gas',
      density_kg_m3: 0.7,
      density_state: { pressure_pa: 101_325, temperature_k: 293.15 },
      viscosity_pa_s: 1.07e-5,
      temperature_k: 283.15,
      compressibility: { law: 'linear', offset: 1, slope_per_bar: -0.0022 },
    },
    friction: { law: 'nikuradse', laminar: 'additive' },
    nodes,
    pipes,
    valves: [],
    regulators: [],
    sources: corners.map((node) => ({ node, pressure_pa: 4e5 })),
    demands,
    zones: zones.map((zone) => ({ id: zone, name: zone, inlets: [] })),
    meters: [],
    rtus: [...places].map((at, k) => ({ id: `rtu-${k}`, at: `node:${at}`, channels: ['pressure'], span_pa: 600_000 })),
  })
}
