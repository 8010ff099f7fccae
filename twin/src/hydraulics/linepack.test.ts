import { expect, test } from 'vitest'
import { linepack, velocities } from './linepack.ts'
import { compileHydraulics } from './steady-solver.ts'
import { GAS_CONSTANT, gasSketch, TEMPERATURE } from './testing/gas-sketch.ts'

test('at rest a pipe holds its volume times the density', () => {
  const network = gasSketch({ sources: { A: 4e5 }, pipes: [['A-B']], valves: [['B-C']] })
  const solver = compileHydraulics(network)
  const out = new Float64Array(2)
  const total = linepack(solver.model, solver.solve().pressure, out)
  const volume = (Math.PI / 4) * 0.01 * 1000
  expect(total).toBeCloseTo((volume * 4e5) / (GAS_CONSTANT * TEMPERATURE), 9)
  expect([...out]).toEqual([total, 0])
})

test('in flow the content is that of the integrated pressure profile', () => {
  const network = gasSketch({ sources: { A: 6e5 }, demands: { B: 0.45 }, pipes: [['A-B']] })
  const solver = compileHydraulics(network)
  const { pressure, massFlow } = solver.solve()
  const [p1 = 0, p2 = 0] = pressure
  const steps = 200_000
  let mean = 0
  // p² falls linearly along the pipe.
  for (let i = 0; i < steps; i++) mean += Math.sqrt(p1 * p1 + ((p2 * p2 - p1 * p1) * (i + 0.5)) / steps) / steps
  const volume = (Math.PI / 4) * 0.01 * 1000
  const mass = linepack(solver.model, pressure, new Float64Array(1))
  expect(mass).toBeCloseTo((volume * mean) / (GAS_CONSTANT * TEMPERATURE), 6)
  const speed = new Float64Array(1)
  velocities(solver.model, pressure, massFlow, speed)
  expect(speed[0]).toBeCloseTo((0.45 * 1000) / mass, 9)
})

test('what is cut off has no known content', () => {
  const network = gasSketch({ sources: { A: 4e5 }, pipes: [['B-C'], ['A-D']], valves: [['A-B', { open: false }]] })
  const solver = compileHydraulics(network)
  const out = new Float64Array(3)
  const total = linepack(solver.model, solver.solve().pressure, out)
  expect(out[0]).toBeNaN()
  expect(total).toBe(out[1])
})
