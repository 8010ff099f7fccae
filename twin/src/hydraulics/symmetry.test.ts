import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileHydraulics } from './steady-solver.ts'
import { byId, gasSketch, type Sketch } from './testing/gas-sketch.ts'

const share = fc.double({ min: 0, max: 1, noNaN: true })
const networks = fc.record({
  pipes: fc.array(fc.record({ parent: share, length: share, diameter: share, demand: share, turned: fc.boolean() }), {
    minLength: 2,
    maxLength: 20,
  }),
  chords: fc.array(fc.record({ a: share, b: share, turned: fc.boolean() }), { maxLength: 8 }),
  height: fc.boolean(),
})
type Draft = Parameters<Parameters<typeof networks.map>[0]>[0]

/** The drawn network; `turn` turns the edges drawn as turned, `scale` stretches lengths. */
function sketchOf({ pipes, chords, height }: Draft, turn: boolean, scale = 1): Sketch {
  const count = pipes.length + 1
  const name = (a: number, b: number, turned: boolean, k: number) =>
    turn && turned ? `N${b}-N${a}#${k}` : `N${a}-N${b}#${k}`
  const size = (length: number, diameter: number) => ({
    length_m: scale * (10 + 1000 * length),
    diameter_m: 10 ** (-2 + 1.5 * diameter),
    friction_factor: 0.02,
  })
  const pick = (x: number) => Math.min(count - 1, Math.floor(x * count))
  const tree = pipes.map((p, i) => {
    const parent = Math.min(i, Math.floor(p.parent * (i + 1)))
    return [name(parent, i + 1, p.turned, i), size(p.length, p.diameter)] as const
  })
  const more = chords
    .map((c, k) => ({ a: pick(c.a), b: pick(c.b), c, k }))
    .filter(({ a, b }) => a !== b)
    .map(({ a, b, c, k }) => [name(a, b, c.turned, 100 + k), size(0.5, 0.5)] as const)
  return {
    sources: { N0: 5e5 },
    heights: height ? Object.fromEntries(pipes.map((_, i) => [`N${i + 1}`, (i * 7) % 30])) : {},
    demands: Object.fromEntries(pipes.map((p, i) => [`N${i + 1}`, 1e-6 * p.demand])),
    pipes: [...tree, ...more],
    document: { friction: { law: 'fixed', laminar: 'none' } },
  }
}

const RUNS = Number(process.env['GASTWIN_FUZZ'] ?? 60)

test('turning edges turns the sign of their flow and changes nothing else', () => {
  fc.assert(
    fc.property(networks, (draft) => {
      const one = solved(sketchOf(draft, false))
      const turned = solved(sketchOf(draft, true))
      for (const id of one.network.nodes.ids) expect(turned.p(id)).toBeCloseTo(one.p(id), 3)
      one.network.edges.ids.forEach((id, edge) => {
        const other = turned.network.edges.ids[edge] ?? ''
        const sign = other === id ? 1 : -1
        expect(Math.abs(turned.m(other) - sign * one.m(id))).toBeLessThan(2e-8)
      })
    }),
    { seed: 11, numRuns: RUNS },
  )
})

test('four times the length carries half the flow between the same squared pressures', () => {
  fc.assert(
    fc.property(networks, (draft) => {
      const level = { ...draft, height: false }
      const one = solved(sketchOf(level, false))
      const long = sketchOf(level, false, 4)
      const half = solved({
        ...long,
        demands: Object.fromEntries(Object.entries(long.demands ?? {}).map(([node, d]) => [node, d / 2])),
      })
      for (const id of one.network.nodes.ids) expect(half.p(id)).toBeCloseTo(one.p(id), 3)
    }),
    { seed: 12, numRuns: RUNS },
  )
})

function solved(sketch: Sketch) {
  const network = gasSketch(sketch)
  const solution = compileHydraulics(network).solve()
  expect(solution.status).toBe('converged')
  return { network, ...byId(network, solution) }
}
