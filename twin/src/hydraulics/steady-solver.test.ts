import { describe, expect, test } from 'vitest'
import { compileHydraulics } from './steady-solver.ts'
import { byId, GAS_CONSTANT, gasSketch, type Sketch, TEMPERATURE } from './testing/gas-sketch.ts'

const solve = (sketch: Sketch) => {
  const network = gasSketch(sketch)
  const solution = compileHydraulics(network).solve()
  return { ...byId(network, solution), ...solution, network }
}
const FIXED = { friction: { law: 'fixed', laminar: 'none' } } as const
const pipeFactor = (length: number, diameter: number, lambda: number, zeta = 0) =>
  (GAS_CONSTANT * TEMPERATURE * ((lambda * length) / diameter + zeta)) / ((Math.PI / 4) * diameter ** 2) ** 2

describe('one pipe', () => {
  const size = { length_m: 5000, diameter_m: 0.2, friction_factor: 0.02 }

  test('p1² − p2² is the loss of the flow', () => {
    const { p, m, status } = solve({
      sources: { A: 5e5 },
      demands: { B: 0.8 },
      pipes: [['A-B', size]],
      document: FIXED,
    })
    expect(status).toBe('converged')
    expect(m('A-B')).toBeCloseTo(0.8, 12)
    expect(p('B')).toBeCloseTo(Math.sqrt(25e10 - pipeFactor(5000, 0.2, 0.02) * 0.64), 5)
  })

  test('a loss coefficient adds to the friction', () => {
    const { p } = solve({
      sources: { A: 5e5 },
      demands: { B: 0.8 },
      pipes: [['A-B', { ...size, loss_coefficient: 300 }]],
      document: FIXED,
    })
    expect(p('B')).toBeCloseTo(Math.sqrt(25e10 - pipeFactor(5000, 0.2, 0.02, 300) * 0.64), 5)
  })

  test('at rest the pressure follows the height as in the atmosphere', () => {
    const { p, m } = solve({ sources: { A: 5e5 }, heights: { B: 200 }, pipes: [['A-B', size]], document: FIXED })
    expect(m('A-B')).toBeCloseTo(0, 9)
    expect(p('B')).toBeCloseTo(5e5 * Math.exp((-9.81 * 200) / (GAS_CONSTANT * TEMPERATURE)), 0)
  })

  test('compressibility: 1/Z linear in pressure integrates to the cubic potential', () => {
    const b1 = 1.003
    const b2 = 2.97e-8
    const { p } = solve({
      sources: { A: 6e6 },
      demands: { B: 40 },
      pipes: [['A-B', { length_m: 50_000, diameter_m: 0.5, friction_factor: 0.01 }]],
      document: {
        ...FIXED,
        fluid: {
          kind: 'gas',
          density_kg_m3: 0.75,
          density_state: { pressure_pa: 101_325, temperature_k: 273.15 },
          temperature_k: TEMPERATURE,
          compressibility: { law: 'inverse_linear', b1, b2_per_pa: b2 },
        },
      },
    })
    const potential = (x: number) => (b1 * x * x) / 2 + (b2 * x ** 3) / 3
    const loss = (pipeFactor(50_000, 0.5, 0.01) * 1600) / 2
    expect(potential(6e6) - potential(p('B'))).toBeCloseTo(loss, -Math.floor(Math.log10(loss)) + 9)
  })
})

describe('several pipes', () => {
  test('two in a row lose what one of both lengths loses', () => {
    const row = solve({
      sources: { A: 3e5 },
      demands: { C: 0.1 },
      pipes: [
        ['A-B', { length_m: 700, friction_factor: 0.02 }],
        ['B-C', { length_m: 300, friction_factor: 0.02 }],
      ],
      document: FIXED,
    })
    const one = solve({
      sources: { A: 3e5 },
      demands: { C: 0.1 },
      pipes: [['A-C', { friction_factor: 0.02 }]],
      document: FIXED,
    })
    expect(row.p('C')).toBeCloseTo(one.p('C'), 6)
  })

  test('parallel pipes share the flow by their conductance', () => {
    const { m } = solve({
      sources: { A: 3e5 },
      demands: { B: 0.3 },
      pipes: [
        ['A-B#1', { length_m: 1000, friction_factor: 0.02 }],
        ['A-B#2', { length_m: 4000, friction_factor: 0.02 }],
      ],
      document: FIXED,
    })
    expect(m('A-B#1')).toBeCloseTo(0.2, 9)
    expect(m('A-B#2')).toBeCloseTo(0.1, 9)
  })

  test('in a symmetric loop nothing flows across', () => {
    const { p, m, status } = solve({
      sources: { A: 3e5 },
      demands: { D: 0.05 },
      pipes: [['A-B'], ['A-C'], ['B-D'], ['C-D'], ['B-C']],
    })
    expect(status).toBe('converged')
    expect(m('B-C')).toBeCloseTo(0, 9)
    expect(p('B')).toBeCloseTo(p('C'), 6)
    expect(m('A-B')).toBeCloseTo(0.025, 9)
  })

  test('turning an edge turns its sign and nothing else', () => {
    const demands = { C: 0.02, D: 0.03 }
    const heights = { A: 5, B: 30, C: 10, D: 0 }
    const one = solve({ sources: { A: 2e5 }, demands, heights, pipes: [['A-B'], ['B-C'], ['C-D'], ['A-D']] })
    const turned = solve({ sources: { A: 2e5 }, demands, heights, pipes: [['B-A'], ['B-C'], ['D-C'], ['A-D']] })
    for (const node of ['B', 'C', 'D']) expect(turned.p(node)).toBeCloseTo(one.p(node), 4)
    expect(turned.m('B-A')).toBeCloseTo(-one.m('A-B'), 9)
    expect(turned.m('D-C')).toBeCloseTo(-one.m('C-D'), 9)
  })

  test('gas can be fed in at a node and flow back to the source', () => {
    const { m, p } = solve({ sources: { A: 2e5 }, demands: { B: -0.01 }, pipes: [['A-B']] })
    expect(m('A-B')).toBeCloseTo(-0.01, 12)
    expect(p('B')).toBeGreaterThan(2e5)
  })

  test('an extra withdrawal adds to the demand', () => {
    const network = gasSketch({ sources: { A: 2e5 }, demands: { B: 0.01 }, pipes: [['A-B']] })
    const { m } = byId(network, compileHydraulics(network).solve({ extraWithdrawals: Float64Array.of(0, 0.005) }))
    expect(m('A-B')).toBeCloseTo(0.015, 12)
  })
})

describe('valves', () => {
  const sketch: Sketch = {
    sources: { A: 2e5 },
    demands: { C: 0.01, D: 0.02 },
    pipes: [['A-B'], ['V-C'], ['C-D']],
    valves: [['B-V']],
  }

  test('an open valve without length passes everything at once', () => {
    const { p, m } = solve(sketch)
    expect(p('B') - p('V')).toBeLessThan(1e-5)
    expect(m('B-V')).toBeCloseTo(0.03, 12)
  })

  test('an open valve with a length is such a pipe', () => {
    const long = { length_m: 1000, diameter_m: 0.1, roughness_m: 1e-4 }
    const { p } = solve({ ...sketch, valves: [['B-V', long]] })
    const { p: piped } = solve({ ...sketch, valves: [], pipes: [...(sketch.pipes ?? []), ['B-V']] })
    expect(p('D')).toBeCloseTo(piped('D'), 6)
  })

  test('what a closed valve cuts off has no pressure and no flow, and the rest is solved', () => {
    const { p, m, status } = solve({ ...sketch, valves: [['B-V', { open: false }]] })
    expect(status).toBe('converged')
    expect(p('B')).toBeCloseTo(2e5, 6)
    expect(p('D')).toBeNaN()
    expect(m('C-D')).toBe(0)
    expect(m('B-V')).toBe(0)
  })

  test('closing and opening while running ends where it began', () => {
    const network = gasSketch(sketch)
    const solver = compileHydraulics(network)
    const before = solver.solve().pressure.slice()
    const shut = network.edges.open.slice()
    shut[network.edges.numberOf.get('B-V') ?? -1] = 0
    expect(solver.solve({ valveOpen: shut }).pressure[3]).toBeNaN()
    const after = solver.solve()
    expect(after.status).toBe('converged')
    for (const [node, pressure] of before.entries()) expect(after.pressure[node]).toBeCloseTo(pressure, 4)
  })
})

describe('regulators', () => {
  const sketch: Sketch = {
    sources: { A: 4e5 },
    demands: { C: 0.01 },
    pipes: [['A-B'], ['R-C']],
    regulators: [['B-R', 103_000]],
  }

  test('hold their outlet, and their flow is asked of the upstream pipe', () => {
    const { p, m } = solve(sketch)
    expect(p('R')).toBeCloseTo(103_000, 9)
    expect(m('B-R')).toBeCloseTo(0.01, 12)
    expect(m('A-B')).toBeCloseTo(0.01, 12)
    expect(p('C')).toBeLessThan(103_000)
  })

  test('stand wide open when the inlet is below the set pressure', () => {
    const { p, status } = solve({ ...sketch, sources: { A: 102_900 } })
    expect(status).toBe('converged')
    expect(p('R')).toBeCloseTo(p('B'), 4)
    expect(p('R')).toBeLessThan(102_900)
  })

  test('shut when gas would flow backwards, which a higher second feed makes', () => {
    const { p, m, status } = solve({
      ...sketch,
      pipes: [['A-B'], ['R-C'], ['C-S'], ['A-E']],
      regulators: [
        ['B-R', 102_000],
        ['E-S', 104_000],
      ],
    })
    expect(status).toBe('converged')
    expect(m('B-R')).toBe(0)
    expect(m('E-S')).toBeCloseTo(0.01, 9)
    expect(p('R')).toBeGreaterThan(102_000)
  })

  test('two on one node share the flow; with different set pressures the higher carries it', () => {
    const pipes = [['A-B'], ['A-E'], ['R-C']] as const
    const equal = solve({
      ...sketch,
      pipes,
      regulators: [
        ['B-R', 103_000],
        ['E-R', 103_000],
      ],
    })
    expect(equal.m('B-R')).toBeCloseTo(0.005, 9)
    expect(equal.m('E-R')).toBeCloseTo(0.005, 9)
    const unequal = solve({
      ...sketch,
      pipes,
      regulators: [
        ['B-R', 102_000],
        ['E-R', 103_000],
      ],
    })
    expect(unequal.status).toBe('converged')
    expect(unequal.m('B-R')).toBe(0)
    expect(unequal.m('E-R')).toBeCloseTo(0.01, 9)
  })

  test('in a row, each tier asks the one above', () => {
    const { p, m, status } = solve({
      sources: { A: 1.2e6 },
      demands: { D: 0.02, B2: 0.1 },
      pipes: [['A-B'], ['B2-C'], ['C2-D']],
      regulators: [
        ['B-B2', 4e5],
        ['C-C2', 103_000],
      ],
    })
    expect(status).toBe('converged')
    expect(p('B2')).toBeCloseTo(4e5, 6)
    expect(p('C2')).toBeCloseTo(103_000, 6)
    expect(m('A-B')).toBeCloseTo(0.12, 9)
    expect(m('B2-C')).toBeCloseTo(0.02, 9)
  })

  test('follow a changed set pressure', () => {
    const network = gasSketch(sketch)
    const solver = compileHydraulics(network)
    solver.solve()
    const set = new Float64Array(network.edges.count)
    set[network.edges.numberOf.get('B-R') ?? -1] = 104_500
    const solution = solver.solve({ outletPressure: set })
    expect(solution.status).toBe('converged')
    expect(byId(network, solution).p('R')).toBeCloseTo(104_500, 6)
  })
})

describe('compressors', () => {
  test('raise the pressure by a ratio or a lift', () => {
    const ratio = solve({
      sources: { A: 2e6 },
      demands: { D: 2 },
      pipes: [
        ['A-B', { diameter_m: 0.3 }],
        ['C-D', { diameter_m: 0.3 }],
      ],
      compressors: [['B-C', { ratio: 1.5 }]],
    })
    expect(ratio.status).toBe('converged')
    expect(ratio.p('C') / ratio.p('B')).toBeCloseTo(1.5, 9)
    const lift = solve({
      sources: { A: 2e6 },
      demands: { D: 2 },
      pipes: [
        ['A-B', { diameter_m: 0.3 }],
        ['C-D', { diameter_m: 0.3 }],
      ],
      compressors: [['B-C', { pressure_lift_pa: 3e5 }]],
    })
    expect(lift.p('C') - lift.p('B')).toBeCloseTo(3e5, 3)
    expect(lift.m('C-D')).toBeCloseTo(2, 9)
  })
})

describe('status', () => {
  test('more gas than can flow is told with the place, not thrown', () => {
    const result = solve({ sources: { A: 1.2e5 }, demands: { C: 5 }, pipes: [['A-B'], ['B-C']] })
    expect(result.status).toBe('stalled')
    expect(result.worstNode).toBe(result.network.nodes.numberOf.get('C'))
  })

  test('without a source there is nothing to solve', () => {
    const result = solve({ sources: {}, demands: { B: 1 }, pipes: [['A-B']] })
    expect(result.status).toBe('no_source')
    expect(result.p('A')).toBeNaN()
  })

  test('a failed solve does not spoil the next one', () => {
    const network = gasSketch({ sources: { A: 2e5 }, demands: { B: 0.01 }, pipes: [['A-B']] })
    const solver = compileHydraulics(network)
    expect(solver.solve({ demands: Float64Array.of(0, 50) }).status).toBe('stalled')
    expect(solver.solve().status).toBe('converged')
  })

  test('a single node and a node without pipes are networks too', () => {
    const alone = solve({ sources: { A: 2e5 } })
    expect(alone.status).toBe('converged')
    expect(alone.p('A')).toBe(2e5)
  })
})
