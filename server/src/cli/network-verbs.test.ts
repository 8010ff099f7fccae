import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { isolate } from './isolate.ts'
import { segments } from './segments.ts'
import { solve } from './solve.ts'
import { runVerb } from './testing/run-verb.ts'

const folder = mkdtempSync(join(tmpdir(), 'gastwin-verbs-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})
const file = (name: string, content: unknown): string => {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

const pipe = (id: string, from: string, to: string) => ({
  id,
  from,
  to,
  length_m: 500,
  diameter_m: 0.1,
  roughness_m: 1e-4,
})
const meter = (id: string, node: string, more: object = {}) => ({ id, node, kind: 'gas', ...more })
/** S ─p1─ A ═v1═ B ─p2─ C ═v2═ D ─p3─ E, a by-pass A ─p4─ F ═v3═ E, and G apart. */
const CITY = {
  format: 'gastwin-network/1',
  name: 'city',
  fluid: { kind: 'gas', density_kg_m3: 0.75, density_state: { pressure_pa: 101_325, temperature_k: 273.15 } },
  nodes: [...'SABCDEFGH'].map((id) => ({ id, ...(id === 'E' ? { min_pressure_pa: 299_000 } : {}) })),
  pipes: [pipe('p1', 'S', 'A'), pipe('p2', 'B', 'C'), pipe('p3', 'D', 'E'), pipe('p4', 'A', 'F'), pipe('p5', 'G', 'H')],
  valves: [
    { id: 'v1', from: 'A', to: 'B', open: true, actuator: 'manual', travel_minutes: 20 },
    { id: 'v2', from: 'C', to: 'D', open: true, actuator: 'remote' },
    { id: 'v3', from: 'F', to: 'E', open: true, actuator: 'manual', travel_minutes: 5 },
    { id: 'v4', from: 'E', to: 'G', open: false, actuator: 'manual' },
  ],
  sources: [{ node: 'S', pressure_pa: 3e5 }],
  demands: [
    { node: 'B', mass_flow_kg_s: 0.01 },
    { node: 'E', mass_flow_kg_s: 0.05 },
    { node: 'H', mass_flow_kg_s: 0.02 },
  ],
  meters: [
    meter('1001', 'B', { protected: 'hospital' }),
    meter('1002', 'C', { class: 'commercial' }),
    meter('1003', 'E'),
  ],
}
const city = file('city.json', CITY)

describe('gastwin solve', () => {
  test('prints pressures and flows by id; what no source reaches is null, a closed valve carries nothing', async () => {
    const { code, json } = await runVerb(solve, city, '--json')
    expect(code).toBe(0)
    const result = json() as {
      status: string
      nodes: { id: string; pressure_pa: number | null }[]
      pipes: { id: string; mass_flow_kg_s: number | null; velocity_m_s: number | null }[]
      valves: { id: string; mass_flow_kg_s: number | null }[]
      regulators: unknown[]
      compressors: unknown[]
      unsupplied: { nodes: number; demand_kg_s: number }
      feed_kg_s: number
    }
    expect(result.status).toBe('converged')
    expect(result.nodes.map((node) => node.id)).toEqual([...'SABCDEFGH'])
    expect(result.nodes.find((node) => node.id === 'S')?.pressure_pa).toBe(3e5)
    expect(result.nodes.find((node) => node.id === 'G')?.pressure_pa).toBeNull()
    const p1 = result.pipes.find((row) => row.id === 'p1')
    expect(p1?.mass_flow_kg_s).toBeCloseTo(0.06, 9)
    // Velocity at the mean pressure, close to that of the source.
    const density = (0.75 * 3e5 * 273.15) / (101_325 * 293.15)
    expect(p1?.velocity_m_s).toBeCloseTo(0.06 / (density * (Math.PI / 4) * 0.01), 1)
    expect(result.pipes.find((row) => row.id === 'p5')).toMatchObject({ mass_flow_kg_s: null, velocity_m_s: null })
    expect(result.valves.find((row) => row.id === 'v4')?.mass_flow_kg_s).toBe(0)
    expect(result.unsupplied).toEqual({ nodes: 2, demand_kg_s: 0.02 })
    expect(result.feed_kg_s).toBeCloseTo(0.06, 9)
  })

  test('a network that cannot carry its demand: exit 1 and the JSON names the place', async () => {
    const path = file('thirsty.json', { ...CITY, demands: [{ node: 'E', mass_flow_kg_s: 50 }] })
    const { code, json } = await runVerb(solve, path, '--json')
    expect(code).toBe(1)
    expect(json()).toMatchObject({
      status: 'stalled',
      worst: { node: expect.any(String), residual_pa: expect.any(Number) },
    })
    const dry = await runVerb(solve, file('dry.json', { ...CITY, sources: [] }), '--json')
    expect(dry.code).toBe(1)
    expect(dry.json()).toMatchObject({ status: 'no_source' })
  })

  test.each([
    [[]],
    [['missing.json']],
    [[city, city]],
    [[city, '--format', 'dwg']],
    [[city, '--what']],
    [[file('broken.json', '{"format"')]],
    [[file('wrong.json', { ...CITY, pipes: [pipe('p1', 'S', 'nowhere')] })]],
  ])('what is wrong is told by an error with a code: %s', async (args) => {
    await expect(runVerb(solve, ...args)).rejects.toMatchObject({
      code: expect.stringMatching(/^(CLI_USAGE|NET_DOCUMENT)$/),
    })
  })
})

describe('gastwin isolate', () => {
  test('closes remote valves first, says who is cut off, what remains, and in which order people restore', async () => {
    const { code, json } = await runVerb(isolate, city, '--edge', 'p2', '--json')
    expect(code).toBe(0)
    expect(json()).toMatchObject({
      feasible: true,
      close: ['v2', 'v1'],
      cut_off: {
        nodes: ['B', 'C'],
        meters: ['1001', '1002'],
        demand_kg_s: 0.01,
        commercial: 1,
        protected: [{ meter: '1001', kind: 'hospital' }],
      },
      resulting: { status: 'converged', node: 'E', limit_pa: 299_000, below_minimum: [{ node: 'E' }] },
      restore: [
        { order: 1, action: 'shut_meters', meters: ['1001', '1002'] },
        { order: 2, action: 'person_opens', valve: 'v1' },
        { order: 3, action: 'person_opens', valve: 'v2' },
        { order: 4, action: 'visit_meters', meters: ['1001', '1002'] },
      ],
    })
  })

  test('a stuck valve moves the border to the next one', async () => {
    const { json } = await runVerb(isolate, city, '--edge', 'p2', '--stuck', 'v2', '--json')
    expect((json() as { close: string[] }).close).toEqual(['v3', 'v1'])
    expect((json() as { cut_off: { meters: string[] } }).cut_off.meters).toEqual(['1001', '1002', '1003'])
  })

  test('what cannot be isolated is exit 1 with the reason; unknown edges and valves are refused', async () => {
    const { code, json } = await runVerb(isolate, city, '--edge', 'p1', '--json')
    expect(code).toBe(1)
    expect(json()).toMatchObject({ feasible: false, obstacle: 'source_at_fault', close: [], resulting: null })
    await expect(runVerb(isolate, city, '--edge', 'p99')).rejects.toMatchObject({ code: 'NET_UNKNOWN' })
    await expect(runVerb(isolate, city, '--edge', 'p2', '--stuck', 'p1')).rejects.toMatchObject({ code: 'NET_UNKNOWN' })
  })
})

describe('gastwin segments', () => {
  test('lists parts between valves and what depends on each', async () => {
    const { json } = await runVerb(segments, city, '--json')
    const result = json() as { segments: { nodes: string[]; edges: string[]; lost_when_isolated: object }[] }
    expect(result.segments.map((s) => s.nodes.join(''))).toEqual(['SAF', 'BC', 'DE', 'GH'])
    expect(result.segments.map((s) => s.edges.join(' '))).toEqual(['p1 p4', 'p2', 'p3', 'p5'])
    expect(result.segments[0]?.lost_when_isolated).toEqual({ meters: 3, demand_kg_s: expect.closeTo(0.06, 9) })
    expect(result.segments[1]?.lost_when_isolated).toEqual({ meters: 2, demand_kg_s: 0.01 })
  })

  test('a valve layer cuts pipes at their ends; both cut ends leave a pipe to itself', async () => {
    const layer = file('layer.csv', 'valve,link,node\n0,p4,A\n1,p4,F\n2,p1,S\n')
    const { json } = await runVerb(segments, city, '--valves', layer, '--json')
    const result = json() as { segments: { nodes: string[]; edges: string[] }[] }
    expect(result.segments.map((s) => s.nodes.join(''))).toEqual(['S', 'ABCDEFGH', ''])
    expect(result.segments[2]?.edges).toEqual(['p4'])
  })

  test('a layer that names no such place is refused', async () => {
    const layer = file('bad.csv', 'valve,link,node\n0,p4,S\n')
    await expect(runVerb(segments, city, '--valves', layer)).rejects.toMatchObject({ code: 'CLI_USAGE' })
  })
})

const repository = join(dirname(fileURLToPath(import.meta.url)), '../../..')
const net3 = join(process.env['GASTWIN_DATA'] ?? join(repository, '../shared/data'), 'hydraulics/wntr_segments')
describe.skipIf(!existsSync(net3))(
  `published segments${existsSync(net3) ? '' : ` (SKIPPED: no data at ${net3})`}`,
  () => {
    test('of Net3 with its valve layer are met exactly, up to their numbering', async () => {
      const { json } = await runVerb(
        segments,
        join(net3, 'Net3.inp'),
        '--valves',
        join(net3, 'valve_layer.csv'),
        '--json',
      )
      const ours = json() as { segments: { nodes: string[]; edges: string[] }[] }
      const published = (name: string) =>
        readFileSync(join(net3, name), 'utf8')
          .trim()
          .split(/\r?\n/)
          .slice(1)
          .map((line) => line.split(','))
      const groups = new Map<string, { nodes: string[]; edges: string[] }>()
      const group = (id: string) => {
        const found = groups.get(id) ?? { nodes: [], edges: [] }
        groups.set(id, found)
        return found
      }
      for (const [node = '', id = ''] of published('expected_node_segments.csv')) group(id).nodes.push(node)
      for (const [link = '', id = ''] of published('expected_link_segments.csv')) group(id).edges.push(link)
      const text = ({ nodes, edges }: { nodes: string[]; edges: string[] }) =>
        [nodes.sort().join(), edges.sort().join()].join(' / ')
      expect(ours.segments.map(text).sort()).toEqual([...groups.values()].map(text).sort())
      expect(groups.size).toBe(23)
    })
  },
)
