import { expect, test } from 'vitest'
import { compileHydraulics } from './steady-solver.ts'
import { gasSketch, type Sketch } from './testing/gas-sketch.ts'

const CITY: Sketch = {
  sources: { S: 6e5 },
  heights: { B: 40, F: 10 },
  demands: { B: 0.1, C: 0.2, F: 0.01, G: 0.02, H: 0.015, J: 0.005 },
  pipes: [['S-A', { diameter_m: 0.2 }], ['A-B'], ['B-C'], ['A-C'], ['E-F'], ['F-G'], ['G-H'], ['E-H'], ['I-J']],
  valves: [['H-I']],
  regulators: [
    ['B-E', 2e5],
    ['C-G', 1.9e5],
  ],
  document: {
    fluid: {
      kind: 'gas',
      density_kg_m3: 0.75,
      density_state: { pressure_pa: 101_325, temperature_k: 273.15 },
      viscosity_pa_s: 1.1e-5,
      temperature_k: 283,
      compressibility: { law: 'linear', offset: 1, slope_per_bar: -0.0022 },
    },
  },
}

test('adjoint sensitivities equal difference quotients, through heights, compressibility, valves and regulators', () => {
  for (const sketch of [
    CITY,
    {
      ...CITY,
      regulators: [
        ['B-E', 2e5],
        ['C-E', 2e5],
      ],
    } satisfies Sketch,
  ]) {
    const network = gasSketch(sketch)
    const solver = compileHydraulics(network, { pressureTolerance: 1e-8, flowTolerance: 1e-14 })
    const nodes = network.nodes.count
    const sensors = Int32Array.from(['B', 'C', 'H', 'J', 'S', 'E'], (id) => network.nodes.numberOf.get(id) ?? -1)
    const out = new Float64Array(sensors.length * nodes)
    expect(solver.solve().status).toBe('converged')
    expect(solver.pressureSensitivities(sensors, out)).toBe(true)
    const base = solver.model.demand
    const step = 1e-6
    for (let node = 0; node < nodes; node++) {
      const pressures = [step, -step].map((change) => {
        const demands = base.slice()
        demands[node] = (demands[node] ?? 0) + change
        const solution = solver.solve({ demands })
        expect(solution.status).toBe('converged')
        return solution.pressure.slice()
      })
      sensors.forEach((sensor, k) => {
        const quotient = ((pressures[0]?.[sensor] ?? 0) - (pressures[1]?.[sensor] ?? 0)) / (2 * step)
        const ours = out[k * nodes + node] ?? 0
        expect(Math.abs(ours - quotient), `${network.nodes.ids[sensor]} by ${network.nodes.ids[node]}`).toBeLessThan(
          1e-4 * Math.abs(quotient) + 0.05,
        )
      })
    }
  }
})

test('without a solution there are none', () => {
  const network = gasSketch({ sources: {}, demands: { B: 1 }, pipes: [['A-B']] })
  const solver = compileHydraulics(network)
  solver.solve()
  expect(solver.pressureSensitivities(Int32Array.of(0), new Float64Array(2))).toBe(false)
})
