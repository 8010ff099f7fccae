import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Friction } from '../network/network-document.ts'
import { velocities } from './linepack.ts'
import { compileHydraulics } from './steady-solver.ts'
import { byId, gasSketch, type Sketch } from './testing/gas-sketch.ts'
import { solveWaterSlowly } from './testing/slow-water.ts'

const WATER = {
  kind: 'water',
  density_kg_m3: 1000,
  density_state: { pressure_pa: 101_325, temperature_k: 293.15 },
  viscosity_pa_s: 1e-3,
} as const
const ATMOSPHERE = 101_325
const at = (head: number) => ATMOSPHERE + 9810 * head

const waterSketch = (sketch: Sketch, friction: Friction = { law: 'hazen-williams' }) =>
  gasSketch({ ...sketch, document: { ...sketch.document, fluid: WATER, friction } })
const solve = (sketch: Sketch, friction?: Friction) => {
  const network = waterSketch(sketch, friction)
  const solver = compileHydraulics(network)
  const solution = solver.solve()
  return { ...byId(network, solution), ...solution, network, solver }
}

describe('water', () => {
  test('one pipe loses what Hazen and Williams say, and its weight goes with the height', () => {
    const { p, m, solver, pressure, massFlow } = solve({
      sources: { A: at(50) },
      heights: { A: 10, B: 35 },
      demands: { B: 50 },
      pipes: [['A-B', { length_m: 2000, diameter_m: 0.25, hazen_williams_c: 120 }]],
    })
    const loss = (10.667 * 2000 * 0.05 ** 1.852) / (120 ** 1.852 * 0.25 ** 4.871)
    expect((p('B') - ATMOSPHERE) / 9810).toBeCloseTo(60 - 35 - loss, 3)
    expect(m('A-B')).toBeCloseTo(50, 9)
    const speed = new Float64Array(1)
    velocities(solver.model, pressure, massFlow, speed)
    expect(speed[0]).toBeCloseTo(0.05 / ((Math.PI / 4) * 0.0625), 9)
  })

  test('a pump works where its falling lift meets the pipe, and shuts against a higher tank', () => {
    const pump = { pressure_lift_pa: at(40) - ATMOSPHERE, lift_loss: { coefficient: 100, exponent: 2 } }
    const sketch = (level: number): Sketch => ({
      sources: { A: at(0), C: at(level) },
      pipes: [['B-C', { length_m: 500, diameter_m: 0.2, hazen_williams_c: 130 }]],
      compressors: [['A-B', pump]],
    })
    const { p, m, status } = solve(sketch(20))
    expect(status).toBe('converged')
    expect(m('A-B')).toBeGreaterThan(10)
    expect(p('B') - p('A')).toBeCloseTo(pump.pressure_lift_pa - 100 * m('A-B') ** 2, 2)
    const shut = solve({ ...sketch(60), demands: { B: 1 } })
    expect(shut.status).toBe('converged')
    expect(shut.m('A-B')).toBe(0)
    expect(shut.m('B-C')).toBeCloseTo(-1, 9)
  })

  test('a check valve passes one way only and opens again when pushed', () => {
    const sketch: Sketch = {
      sources: { A: at(30), C: at(40) },
      demands: { B: 5 },
      pipes: [
        ['A-B', { one_way: true, hazen_williams_c: 130 }],
        ['C-B', { hazen_williams_c: 130 }],
      ],
    }
    const network = waterSketch(sketch)
    const solver = compileHydraulics(network)
    const shut = byId(network, solver.solve())
    expect(shut.m('A-B')).toBe(0)
    expect(shut.m('C-B')).toBeCloseTo(5, 9)
    const open = solver.solve({ sourcePressure: Float64Array.of(at(60), at(20)) })
    expect(open.status).toBe('converged')
    expect(byId(network, open).m('A-B')).toBeGreaterThan(5)
  })

  test('a pressure control holds, a flow control passes its most and no more', () => {
    const network = waterSketch({
      sources: { A: at(60), D: at(20) },
      demands: { C: 8 },
      pipes: [
        ['A-B', { diameter_m: 0.2 }],
        ['R-C', { diameter_m: 0.2 }],
        ['D-C', { diameter_m: 0.15 }],
      ],
      regulators: [['B-R', at(30)]],
    })
    const limited = {
      ...network.document,
      regulators: network.document.regulators.map((row) => ({ ...row, max_mass_flow_kg_s: 3 })),
    }
    const free = byId(network, compileHydraulics(network).solve())
    expect(free.p('R')).toBeCloseTo(at(30), 3)
    expect(free.m('B-R')).toBeGreaterThan(3)
    const most = gasSketch({ sources: {}, document: limited })
    const solution = compileHydraulics(most).solve()
    expect(solution.status).toBe('converged')
    expect(byId(most, solution).m('B-R')).toBeCloseTo(3, 9)
    expect(byId(most, solution).p('R')).toBeLessThan(at(30))
  })

  test('sensitivities equal difference quotients', () => {
    const { solver, network } = solve({
      sources: { A: at(50) },
      demands: { C: 20, D: 10 },
      pipes: [['A-B'], ['B-C'], ['C-D'], ['A-D'], ['B-D']],
    })
    const sensors = Int32Array.of(network.nodes.numberOf.get('C') ?? -1)
    const out = new Float64Array(network.nodes.count)
    expect(solver.pressureSensitivities(sensors, out)).toBe(true)
    for (let node = 0; node < network.nodes.count; node++) {
      const [up = 0, down = 0] = [1e-4, -1e-4].map((change) => {
        const extraWithdrawals = new Float64Array(network.nodes.count)
        extraWithdrawals[node] = change
        return solver.solve({ extraWithdrawals }).pressure[sensors[0] ?? 0] ?? 0
      })
      const quotient = (up - down) / 2e-4
      expect(Math.abs((out[node] ?? 0) - quotient)).toBeLessThan(1e-4 * Math.abs(quotient) + 1)
    }
  })
})

const share = fc.double({ min: 0, max: 1, noNaN: true })
const networks = fc.record({
  friction: fc.constantFrom<Friction>({ law: 'hazen-williams' }, { law: 'swamee-jain', laminar: 'switch' }),
  pipes: fc.array(fc.record({ parent: share, length: share, diameter: share, height: share, demand: share }), {
    minLength: 1,
    maxLength: 5,
  }),
  chord: fc.boolean(),
  pump: fc.boolean(),
})

test('random water networks agree with a second, slow solver', () => {
  fc.assert(
    fc.property(networks, ({ friction, pipes, chord, pump }) => {
      const size = (length: number, diameter: number) => ({
        length_m: 50 + 500 * length,
        diameter_m: 0.08 + 0.3 * diameter,
        hazen_williams_c: 90 + 60 * length,
        loss_coefficient: 5 * diameter,
      })
      const tree = pipes.map((p, i) => {
        const parent = Math.min(i, Math.floor(p.parent * (i + 1)))
        return [`N${parent}-N${i + 1}`, size(p.length, p.diameter)] as const
      })
      const last = pipes.length
      const network = waterSketch(
        {
          sources: { N0: at(60), ...(pump ? { P: at(10) } : {}) },
          heights: Object.fromEntries(pipes.map((p, i) => [`N${i + 1}`, 20 * p.height])),
          demands: Object.fromEntries(pipes.map((p, i) => [`N${i + 1}`, p.demand < 0.3 ? 0 : 4 * p.demand])),
          pipes: [...tree, ...(chord && last > 1 ? [[`N0-N${last}#c`, size(0.5, 0.2)] as const] : [])],
          compressors: pump
            ? [[`P-N${last}`, { pressure_lift_pa: 5e5, lift_loss: { coefficient: 300, exponent: 1.7 } } as never]]
            : [],
        },
        friction,
      )
      const solution = compileHydraulics(network).solve()
      expect(solution.status).toBe('converged')
      const ours = byId(network, solution)
      const slow = solveWaterSlowly(network.document)
      for (const node of network.document.nodes) {
        const head = (ours.p(node.id) - ATMOSPHERE) / 9810 + (node.height_m ?? 0)
        expect(Math.abs(head - (slow.head.get(node.id) ?? 0)), node.id).toBeLessThan(1e-3)
      }
      for (const [edge, flow] of slow.flow) expect(Math.abs(ours.m(edge) - 1000 * flow), edge).toBeLessThan(0.02)
    }),
    { seed: 3, numRuns: Number(process.env['GASTWIN_FUZZ'] ?? 5) },
  )
})
