import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Friction } from '../network/network-document.ts'
import { compileHydraulics } from './steady-solver.ts'
import { byId, GAS_CONSTANT, gasSketch, type Sketch, TEMPERATURE } from './testing/gas-sketch.ts'

const LAWS: readonly Friction[] = [
  { law: 'nikuradse', laminar: 'additive' },
  { law: 'nikuradse', laminar: 'none' },
  { law: 'colebrook', laminar: 'none' },
  { law: 'swamee-jain', laminar: 'switch' },
  { law: 'hofer', laminar: 'switch' },
]
const RUNS = Number(process.env['GASTWIN_FUZZ'] ?? 150)
const share = fc.double({ min: 0, max: 1, noNaN: true })

/** Trees with chords and parallel pipes; diameters 1 mm … 1 m, lengths 1 m … 10 km; many nodes take nothing. */
const networks = fc
  .record({
    law: fc.constantFrom(...LAWS),
    pipes: fc.array(fc.record({ parent: share, length: share, diameter: share, height: share, demand: share }), {
      minLength: 1,
      maxLength: 30,
    }),
    chords: fc.array(fc.record({ a: share, b: share, length: share, diameter: share }), { maxLength: 20 }),
    secondSource: fc.boolean(),
  })
  .map(({ law, pipes, chords, secondSource }): Sketch => {
    const size = (length: number, diameter: number) => ({
      length_m: 10 ** (4 * length),
      diameter_m: 10 ** (3 * diameter - 3),
    })
    const count = pipes.length + 1
    const pick = (x: number, below: number) => Math.min(below - 1, Math.floor(x * below))
    const tree = pipes.map((p, i) => [`N${pick(p.parent, i + 1)}-N${i + 1}`, size(p.length, p.diameter)] as const)
    const more = chords
      .map((c, k) => ({ a: pick(c.a, count), b: pick(c.b, count), size: size(c.length, c.diameter), k }))
      .filter(({ a, b }) => a !== b)
      .map(({ a, b, size: s, k }) => [`N${a}-N${b}#${k}`, s] as const)
    return {
      sources: { N0: 4e5, ...(secondSource ? { [`N${count - 1}`]: 3.5e5 } : {}) },
      heights: Object.fromEntries(pipes.map((p, i) => [`N${i + 1}`, p.height > 0.5 ? 100 * p.height : 0])),
      demands: Object.fromEntries(
        pipes.map((p, i) => [`N${i + 1}`, p.demand < 0.4 ? 0 : p.demand * 10 ** (2.5 * (3 * p.diameter - 3))]),
      ),
      pipes: [...tree, ...more],
      document: { friction: law },
    }
  })

test('random networks of every shape converge from a flat start and obey every equation, checked by a second hand', () => {
  fc.assert(
    fc.property(networks, (sketch) => {
      const network = gasSketch(sketch)
      const solver = compileHydraulics(network)
      // What the pipes can carry is not known beforehand: ask for less until the pressures stay above zero.
      let solution = solver.solve()
      let demands = solver.model.demand
      for (let i = 0; solution.status === 'stalled' && i < 12; i++) {
        demands = demands.map((d) => d / 10)
        solution = solver.solve({ demands }, 'flat')
      }
      expect(solution.status).toBe('converged')
      const imbalance = demands.map((d) => -d)
      for (let edge = 0; edge < network.edges.count; edge++) {
        const from = network.edges.from[edge] ?? 0
        const to = network.edges.to[edge] ?? 0
        const flow = solution.massFlow[edge] ?? 0
        imbalance[from] = (imbalance[from] ?? 0) - flow
        imbalance[to] = (imbalance[to] ?? 0) + flow
        expect(Math.abs(darcyError(sketch, network, solution.pressure, flow, edge))).toBeLessThan(1e-3)
      }
      for (let node = 0; node < network.nodes.count; node++) {
        if (solver.model.sourceNode.includes(node)) continue
        expect(Math.abs(imbalance[node] ?? 0)).toBeLessThan(2e-9)
      }
    }),
    { seed: 17, numRuns: RUNS },
  )
})

/** Error of the pipe law p1 − p2 + ρ g Δh = λ L/D ρ v²/2 in its textbook form with mean density, Pa; Z = 1. */
function darcyError(
  sketch: Sketch,
  network: ReturnType<typeof gasSketch>,
  pressure: Float64Array,
  flow: number,
  edge: number,
): number {
  const { from, to, lengthM, diameterM } = network.edges
  const a = from[edge] ?? 0
  const b = to[edge] ?? 0
  const p1 = pressure[a] ?? 0
  const p2 = pressure[b] ?? 0
  const diameter = diameterM[edge] ?? 0
  const area = (Math.PI / 4) * diameter ** 2
  const mean = p1 === p2 ? p1 : ((2 / 3) * (p1 ** 3 - p2 ** 3)) / (p1 ** 2 - p2 ** 2)
  const density = (p: number) => p / (GAS_CONSTANT * TEMPERATURE)
  const reynolds = (Math.abs(flow) * diameter) / (1.1e-5 * area)
  const lambda = textbookLambda(sketch.document?.friction ?? { law: 'fixed' }, reynolds, 1e-4 / diameter)
  const weight = 9.81 * density(mean) * ((network.nodes.heightM[a] ?? 0) - (network.nodes.heightM[b] ?? 0))
  // Where a law has no meaning (Re < 50) only its order of magnitude is fixed.
  if (lambda === undefined) return 0
  const velocityHead = (flow * Math.abs(flow)) / (density((p1 + p2) / 2) * area ** 2) / 2
  return p1 - p2 + weight - ((lambda * (lengthM[edge] ?? 0)) / diameter) * velocityHead
}

function textbookLambda(friction: Friction, re: number, k: number): number | undefined {
  if (re === 0) return 0
  const rough = (2 * Math.log10(1 / k) + 1.14) ** -2
  if (friction.law === 'nikuradse') return friction.laminar === 'additive' ? 64 / re + rough : rough
  if (friction.laminar === 'switch') {
    if (re <= 2300) return 64 / re
    if (re < 4000) return undefined
  }
  if (re < 50) return undefined
  if (friction.law === 'swamee-jain') return 0.25 / Math.log10(k / 3.7 + 5.74 / re ** 0.9) ** 2
  if (friction.law === 'hofer') return (2 * Math.log10((4.518 / re) * Math.log10(re / 7) + k / 3.71)) ** -2
  let x = 8
  for (let i = 0; i < 300; i++) x = 0.5 * (x - 2 * Math.log10((2.51 * x) / re + k / 3.71))
  return 1 / (x * x)
}

test('a warm start ends where a flat start does', () => {
  const network = gasSketch({
    sources: { A: 3e5 },
    demands: { C: 0.02, D: 0.03, E: 0.01 },
    heights: { C: 20 },
    pipes: [['A-B'], ['B-C'], ['C-D'], ['A-D'], ['D-E']],
  })
  const solver = compileHydraulics(network)
  for (const factor of [0.2, 1, 1.7, 0.9]) {
    const demands = solver.model.demand.map((d) => d * factor)
    const warm = byId(network, solver.solve({ demands }))
    const warmPressure = warm.p('E')
    const flat = byId(network, compileHydraulics(network).solve({ demands }, 'flat'))
    expect(warmPressure).toBeCloseTo(flat.p('E'), 3)
  }
})
