import type { NetworkDocument } from '../../network/network-document.ts'

/** A city of side × side crossings, every street a pipe of 80 mm to 300 mm; a source at each corner; demand at every crossing. */
export function meshDocument(side: number): NetworkDocument {
  const id = (x: number, y: number) => `${x}/${y}`
  const nodes: { id: string; kind: string; height_m: number }[] = []
  const pipes: { id: string; from: string; to: string; length_m: number; diameter_m: number; roughness_m: number }[] =
    []
  const demands: { node: string; mass_flow_kg_s: number }[] = []
  const pipe = (from: string, to: string, main: boolean): void => {
    const k = pipes.length
    pipes.push({
      id: `P${k}`,
      from,
      to,
      length_m: 60 + ((k * 37) % 80),
      diameter_m: main ? 0.3 : 0.08 + 0.04 * ((k * 7) % 3),
      roughness_m: 1e-4,
    })
  }
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      nodes.push({ id: id(x, y), kind: 'junction', height_m: 10 * Math.sin(x / 9) * Math.cos(y / 7) })
      demands.push({ node: id(x, y), mass_flow_kg_s: 2e-4 * (1 + ((x * 13 + y * 29) % 10) / 10) })
      if (x + 1 < side) pipe(id(x, y), id(x + 1, y), y % 10 === 0)
      if (y + 1 < side) pipe(id(x, y), id(x, y + 1), x % 10 === 0)
    }
  const last = side - 1
  return {
    format: 'gastwin-network/1',
    name: `mesh ${side} × ${side}`,
    time_zone: 'UTC',
    fluid: {
      kind: 'gas',
      density_kg_m3: 0.75,
      density_state: { pressure_pa: 101_325, temperature_k: 273.15 },
      viscosity_pa_s: 1.1e-5,
      temperature_k: 283.15,
      compressibility: { law: 'linear', offset: 1, slope_per_bar: -0.0022 },
    },
    friction: { law: 'nikuradse', laminar: 'additive' },
    nodes,
    pipes,
    valves: [],
    regulators: [],
    sources: [id(0, 0), id(last, 0), id(0, last), id(last, last)].map((node) => ({ node, pressure_pa: 4e5 })),
    demands,
    zones: [],
    meters: [],
    rtus: [],
  }
}
