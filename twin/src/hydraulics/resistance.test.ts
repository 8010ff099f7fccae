import { describe, expect, test } from 'vitest'
import { compileHydraulics } from './steady-solver.ts'
import { gasSketch, type Sketch } from './testing/gas-sketch.ts'

const CITY: Sketch = {
  sources: { S: 6e5, T: 5.9e5 },
  heights: { B: 40, F: 10 },
  demands: { B: 0.1, C: 0.2, F: 0.01, G: 0.02, H: 0.015, J: 0.005 },
  pipes: [
    ['S-A', { diameter_m: 0.2 }],
    ['B-A', { loss_coefficient: 20 }],
    ['B-C'],
    ['A-C'],
    ['T-C', { length_m: 9000 }],
    ['E-F'],
    ['F-G'],
    ['G-H'],
    ['E-H'],
    ['I-J'],
  ],
  valves: [['H-I']],
  regulators: [
    ['B-E', 2e5],
    ['C-E', 2e5],
  ],
}

function solverOf(sketch: Sketch) {
  const network = gasSketch(sketch)
  return { network, solver: compileHydraulics(network, { pressureTolerance: 1e-8, flowTolerance: 1e-14 }) }
}

describe('resistance factors', () => {
  test('a doubled factor is a doubled length', () => {
    const flat = { friction: { law: 'colebrook', laminar: 'switch' } } as const
    const pipe = (length_m: number): Sketch => ({
      sources: { A: 3e5 },
      demands: { B: 0.1 },
      pipes: [['A-B', { length_m }]],
      document: flat,
    })
    const one = solverOf(pipe(700))
    const double = solverOf(pipe(1400))
    const pressure = one.solver.solve({ resistanceFactor: Float64Array.of(2) }).pressure[1]
    expect(pressure).toBeCloseTo(double.solver.solve().pressure[1] ?? 0, 6)
    expect(one.solver.solve().pressure[1]).toBeGreaterThan((pressure ?? 0) + 100)
  })

  test('sensitivities of pressures and flows to friction equal difference quotients', () => {
    const { network, solver } = solverOf(CITY)
    const { nodes, edges } = solver.model
    const sensors = Int32Array.from(['B', 'C', 'H', 'J', 'S', 'E'], (id) => network.nodes.numberOf.get(id) ?? -1)
    const watched = Int32Array.from(
      ['S-A', 'B-A', 'E-F', 'B-E', 'T-C', 'H-I'],
      (id) => network.edges.numberOf.get(id) ?? -1,
    )
    expect(solver.solve().status).toBe('converged')
    const pressure = new Float64Array(sensors.length * edges)
    const flow = new Float64Array(watched.length * edges)
    expect(solver.pressureResistanceSensitivities(sensors, pressure)).toBe(true)
    expect(solver.flowResistanceSensitivities(watched, flow)).toBe(true)
    const again = new Float64Array(flow.length)
    const byNode = new Float64Array(watched.length * nodes)
    solver.flowSensitivities(watched, byNode)
    solver.flowResistanceSensitivities(watched, again, byNode)
    expect(again).toEqual(flow)
    const step = 1e-4
    for (let edge = 0; edge < edges; edge++) {
      const [up, down] = [step, -step].map((change) => {
        const resistanceFactor = new Float64Array(edges).fill(1)
        resistanceFactor[edge] = 1 + change
        const solution = solver.solve({ resistanceFactor })
        expect(solution.status).toBe('converged')
        return { pressure: solution.pressure.slice(), flow: solution.massFlow.slice() }
      })
      const close = (ours: number | undefined, a: number | undefined, b: number | undefined, tiny: number) => {
        const quotient = ((a ?? 0) - (b ?? 0)) / (2 * step)
        expect(Math.abs((ours ?? 0) - quotient), network.edges.ids[edge]).toBeLessThan(1e-4 * Math.abs(quotient) + tiny)
      }
      sensors.forEach((s, k) => {
        close(pressure[k * edges + edge], up?.pressure[s], down?.pressure[s], 1e-3)
      })
      watched.forEach((e, k) => {
        close(flow[k * edges + edge], up?.flow[e], down?.flow[e], 1e-9)
      })
    }
  })

  test('sensitivities of flows to withdrawals equal difference quotients, also of holding regulators', () => {
    const { network, solver } = solverOf(CITY)
    const { nodes, edges } = solver.model
    solver.solve()
    const watched = Int32Array.from({ length: edges }, (_, edge) => edge)
    const out = new Float64Array(edges * nodes)
    expect(solver.flowSensitivities(watched, out)).toBe(true)
    const step = 1e-6
    for (let node = 0; node < nodes; node++) {
      const [up, down] = [step, -step].map((change) => {
        const extraWithdrawals = new Float64Array(nodes)
        extraWithdrawals[node] = change
        return solver.solve({ extraWithdrawals }).massFlow.slice()
      })
      for (let edge = 0; edge < edges; edge++) {
        const quotient = ((up?.[edge] ?? 0) - (down?.[edge] ?? 0)) / (2 * step)
        const place = `${network.edges.ids[edge]} by ${network.nodes.ids[node]}`
        expect(Math.abs((out[edge * nodes + node] ?? 0) - quotient), place).toBeLessThan(1e-5)
      }
    }
  })

  test('friction of nothing changes nothing: closed valves and regulators have no sensitivity of their own', () => {
    const { network, solver } = solverOf({ ...CITY, valves: [['H-I', { open: false }]] })
    solver.solve()
    const { edges, nodes } = solver.model
    const closed = network.edges.numberOf.get('H-I') ?? -1
    const out = new Float64Array(nodes).fill(9)
    expect(solver.flowSensitivities(Int32Array.of(closed), out)).toBe(true)
    expect(out).toEqual(new Float64Array(nodes))
    const byEdge = new Float64Array(edges)
    solver.pressureResistanceSensitivities(Int32Array.of(network.nodes.numberOf.get('H') ?? -1), byEdge)
    for (const id of ['H-I', 'B-E', 'I-J']) expect(Math.abs(byEdge[network.edges.numberOf.get(id) ?? -1] ?? 1)).toBe(0)
  })
})
