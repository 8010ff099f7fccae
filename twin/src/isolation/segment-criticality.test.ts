import fc from 'fast-check'
import { expect, test } from 'vitest'
import { gasSketch } from '../hydraulics/testing/gas-sketch.ts'
import { gasReach, sourceNodes } from './gas-reach.ts'
import { segmentCriticality } from './segment-criticality.ts'
import { valveSegments } from './segments.ts'
import { edgeStates } from './valve-state.ts'

const graphs = fc.record({
  nodes: fc.integer({ min: 2, max: 12 }),
  edges: fc.array(
    fc.record({ a: fc.nat(), b: fc.nat(), kind: fc.constantFrom('pipe', 'valve', 'closed', 'regulator') }),
    { minLength: 1, maxLength: 24 },
  ),
  secondSource: fc.boolean(),
})

test('what a segment costs is what a search without it no longer reaches, on any network', () => {
  fc.assert(
    fc.property(graphs, ({ nodes, edges, secondSource }) => {
      const ends = (kind: string) =>
        edges
          .map((e, k) => ({ ...e, text: `N${e.a % nodes}-N${e.b % nodes}#${k}` }))
          .filter((e) => e.kind === kind && e.a % nodes !== e.b % nodes)
          .map((e) => e.text)
      const network = gasSketch({
        sources: { N0: 2e5, ...(secondSource ? { N1: 2e5 } : {}) },
        demands: Object.fromEntries(Array.from({ length: nodes }, (_, i) => [`N${i}`, 2 ** i])),
        pipes: ends('pipe').map((text) => [text] as const),
        valves: [
          ...ends('valve').map((text) => [text] as const),
          ...ends('closed').map((text) => [text, { open: false }] as const),
        ],
        regulators: ends('regulator').map((text) => [text, 1.5e5] as const),
      })
      const demand = new Float64Array(network.nodes.count)
      for (const row of network.document.demands ?? [])
        if (network.nodes.numberOf.has(row.node)) demand[network.nodes.numberOf.get(row.node) ?? 0] = row.mass_flow_kg_s
      const segments = valveSegments(network)
      const { demandLostKgS } = segmentCriticality(network, segments, demand)
      const states = edgeStates(network)
      // Regulators join segments; a search over them goes both ways, as segments do.
      const reach = (blocked: Uint8Array, from: readonly number[]) =>
        gasReach(network, states, from, { blocked, backwards: true })
      const sources = [...sourceNodes(network)]
      const before = reach(new Uint8Array(network.edges.count), sources)
      for (let segment = 0; segment < segments.count; segment++) {
        const blocked = new Uint8Array(network.edges.count)
        for (let edge = 0; edge < network.edges.count; edge++) {
          const touching = [network.edges.from[edge] ?? -1, network.edges.to[edge] ?? -1]
          if (touching.some((node) => segments.ofNode[node] === segment)) blocked[edge] = 1
        }
        const remaining = sources.filter((node) => segments.ofNode[node] !== segment)
        const after = reach(blocked, remaining)
        let lost = 0
        before.forEach((flag, node) => {
          if (flag === 1 && after[node] !== 1) lost += demand[node] ?? 0
        })
        expect(demandLostKgS[segment]).toBe(lost)
      }
    }),
    { seed: 5, numRuns: Number(process.env['GASTWIN_FUZZ'] ?? 150) },
  )
})
