import { expect, test } from 'vitest'
import { compileHydraulics } from '../hydraulics/steady-solver.ts'
import { byId, gasSketch } from '../hydraulics/testing/gas-sketch.ts'
import { planIsolation } from './plan-isolation.ts'
import { lowestPressureAfter } from './pressure-after.ts'

const ring = gasSketch({
  sources: { S: 3e5 },
  demands: { B: 0.1, D: 0.15 },
  pipes: [['S-A'], ['A1-B'], ['B1-D'], ['D-S']],
  valves: [['A-A1'], ['B-B1']],
})

test('closing one side of a ring makes the other carry everything, and the worst place is named', () => {
  const before = byId(ring, compileHydraulics(ring).solve())
  const plan = planIsolation(ring, 'S-A')
  expect(plan.feasible).toBe(false)
  const side = planIsolation(ring, 'A1-B')
  expect(side.close.map((valve) => valve.id)).toEqual(['A-A1', 'B-B1'])
  const lowest = lowestPressureAfter(compileHydraulics(ring), side)
  expect(lowest).toMatchObject({ id: expect.stringMatching(/^[DB]/), limit: null })
  expect(lowest?.pressure).toBeGreaterThan(before.p('D') - 1e5)
})

test('a demand that the rest cannot carry is no pressure at all', () => {
  const side = planIsolation(ring, 'A1-B')
  const demands = new Float64Array(ring.nodes.count).fill(3)
  expect(lowestPressureAfter(compileHydraulics(ring), side, { demands })).toBeNull()
})
