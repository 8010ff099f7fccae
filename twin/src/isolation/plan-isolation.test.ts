import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { buildNetwork } from '../network/build-network.ts'
import type { Network } from '../network/network.ts'
import type { NetworkDocument, Valve } from '../network/network-document.ts'
import { planIsolation } from './plan-isolation.ts'

type EdgeText = string

/** `'P1 A-B'` a pipe; `'V1 A=B'` an open valve, `'V1 A|B'` a closed one; `'R1 A>B'` a regulator; `'*A'` a source at A; `'3@A'` meters at A. */
function city(texts: readonly EdgeText[], valves: Readonly<Record<string, Partial<Valve>>> = {}): Network {
  const nodes = new Set<string>()
  const document = {
    format: 'gastwin-network/1',
    name: 'sketch',
    time_zone: 'Asia/Shanghai',
    fluid: { kind: 'gas', temperature_k: 293.15 },
    nodes: [] as { id: string; kind: string }[],
    pipes: [] as unknown[],
    valves: [] as unknown[],
    regulators: [] as unknown[],
    sources: [] as unknown[],
    zones: [{ id: 'Z', name: 'zone', inlets: [] }],
    meters: [] as unknown[],
    rtus: [],
  }
  for (const text of texts) {
    if (text.startsWith('*')) {
      document.sources.push({ node: text.slice(1), pressure_pa: 300_000 })
      continue
    }
    const meters = /^(\d+)@(\w+)$/.exec(text)
    if (meters !== null) {
      for (let i = 0; i < Number(meters[1]); i++)
        document.meters.push({
          id: `${meters[2]}-m${i}`,
          node: meters[2],
          zone: 'Z',
          kind: 'gas',
          class: i === 1 ? 'industrial' : 'residential',
          protected: i === 2 ? 'hospital' : null,
        })
      continue
    }
    const parsed = /^(\w+) (\w+)([-=|>])(\w+)$/.exec(text)
    if (parsed === null) throw new Error(`sketch ${text}`)
    const [, id = '', from = '', kind, to = ''] = parsed
    nodes.add(from).add(to)
    if (kind === '-') document.pipes.push({ id, from, to, length_m: 100, diameter_m: 0.1 })
    else if (kind === '>') document.regulators.push({ id, from, to, outlet_pressure_pa: 103_000 })
    else
      document.valves.push({ id, from, to, open: kind === '=', actuator: 'manual', travel_minutes: 20, ...valves[id] })
  }
  document.nodes.push(...[...nodes].map((id) => ({ id, kind: 'junction' })))
  return buildNetwork(document as unknown as NetworkDocument)
}

const closed = (network: Network, target: string, options?: Parameters<typeof planIsolation>[2]): readonly string[] =>
  planIsolation(network, target, options).close.map((valve) => valve.id)
const nodeIds = (network: Network, rows: Int32Array): readonly string[] =>
  [...rows].map((row) => network.nodes.ids[row] ?? '')

describe('an isolation plan', () => {
  const ring = ['*S', 'P0 S-A', 'V1 A=B', 'P1 B-C', 'V2 C=D', 'P2 D-E', 'V3 E=F', 'P3 F-A2', 'V4 A2=A', '5@C', '3@E']

  test('in a ring closes the valve on either side and nobody outside loses gas', () => {
    const network = city(ring)
    const plan = planIsolation(network, 'P1')
    expect(plan.close.map((v) => v.id)).toEqual(['V1', 'V2'])
    expect(nodeIds(network, plan.cutOff.nodes)).toEqual(['B', 'C'])
    expect(plan.cutOff.meters).toHaveLength(5)
    expect(plan.cutOff.industrial).toBe(1)
    expect(plan.cutOff.protected).toEqual([{ meter: 'C-m2', kind: 'hospital' }])
    expect([...plan.cutOff.pipes].map((row) => network.edges.ids[row])).toEqual(['P1'])
    expect(plan.restore).toEqual(['V2', 'V1'])
    expect(plan.minutesTotal).toBe(40)
  })

  test('in a dead end closes only the valve towards the source, and counts everybody behind it', () => {
    const network = city(['*S', 'P0 S-A', 'V1 A=B', 'P1 B-C', 'V2 C=D', 'P2 D-E', '2@E'])
    const plan = planIsolation(network, 'P1')
    expect(plan.close.map((v) => v.id)).toEqual(['V1'])
    expect(plan.cutOff.meters).toHaveLength(2)
    expect(nodeIds(network, plan.cutOff.nodes)).toEqual(['B', 'C', 'D', 'E'])
  })

  test('a normally closed valve is a barrier and no supply: those who hang on it are counted', () => {
    const network = city(['*S', 'P0 S-A', 'V1 A=B', 'P1 B-C', 'V2 C=D', 'P2 D-E', 'V9 E|F', 'P3 F-A', '4@E'])
    const plan = planIsolation(network, 'P1')
    expect(plan.close.map((v) => v.id)).toEqual(['V1'])
    expect(plan.cutOff.meters).toHaveLength(4)
    expect(plan.alreadyClosed).toEqual(['V9'])
  })

  test('the same valve reported open feeds back and must be dealt with', () => {
    const network = city(['*S', 'P0 S-A', 'V1 A=B', 'P1 B-C', 'V2 C=D', 'P2 D-E', 'V9 E|F', 'P3 F-A', '4@E'])
    const plan = planIsolation(network, 'P1', { conditions: new Map([['V9', 'open']]) })
    expect(plan.close.map((v) => v.id)).toEqual(['V1', 'V2'])
    expect(plan.cutOff.meters).toHaveLength(0)
  })

  test('a valve that cannot be moved leads to the next one', () => {
    const network = city(ring)
    expect(closed(network, 'P1', { conditions: new Map([['V2', 'inoperable']]) })).toEqual(['V1', 'V3'])
    expect(closed(city(ring, { V2: { operable: false } }), 'P1')).toEqual(['V1', 'V3'])
    expect(closed(network, 'P1', { conditions: new Map([['V2', 'unknown']]) })).toEqual(['V1', 'V3'])
  })

  test('gas from two sources must be stopped on both sides', () => {
    const network = city(['*S', '*T', 'P0 S-A', 'V1 A=B', 'P1 B-C', 'V2 C=D', 'P2 D-T'])
    expect(closed(network, 'P1')).toEqual(['V1', 'V2'])
  })

  test('without customers the fewest valves win even if they are farther away', () => {
    const bridge = ['*S', 'P0 S-A', 'V0 A=M', 'P1 M-N', 'V1 N=X', 'V2 M=Y', 'P2 X-Z', 'P3 Y-Z']
    expect(closed(city(bridge), 'P2')).toEqual(['V0'])
    expect(closed(city([...bridge, '2@N', '2@M']), 'P2')).toEqual(['V1', 'V2'])
    expect(closed(city([...bridge, '9@N']), 'P2', { valvesPerCustomer: 0 })).toEqual(['V0'])
  })

  test('of equally many valves it takes remote ones first, then the shorter way', () => {
    const chain = ['*S', 'P0 S-A', 'V1 A=B', 'P1 B-C', 'V2 C=D', 'P2 D-E']
    expect(closed(city(chain), 'P2')).toEqual(['V2'])
    expect(closed(city(chain, { V1: { actuator: 'remote' } }), 'P2')).toEqual(['V1'])
    expect(closed(city(chain, { V1: { travel_minutes: 5 } }), 'P2')).toEqual(['V1'])
    expect(closed(city(chain, { V1: { actuator: 'remote' } }), 'P2', { actuators: 'manual_only' })).toEqual(['V2'])
  })

  test('with remote valves only, manual ones are passed by', () => {
    const chain = ['*S', 'P0 S-A', 'V1 A=B', 'P1 B-C', 'V2 C=D', 'P2 D-E', '1@C']
    expect(closed(city(chain, { V1: { actuator: 'remote' } }), 'P2', { actuators: 'remote_only' })).toEqual(['V1'])
    const none = planIsolation(city(chain), 'P2', { actuators: 'remote_only' })
    expect(none).toMatchObject({ feasible: false, obstacle: 'no_operable_valve', close: [] })
  })

  test('says so when the fault lies at a source, or nothing is between', () => {
    const network = city(['*S', 'P0 S-A', 'V1 A=B', 'P1 B-C'])
    expect(planIsolation(network, 'P0')).toMatchObject({ feasible: false, obstacle: 'source_at_fault' })
    const bare = city(['*S', 'P0 S-A', 'P1 A-B'])
    expect(planIsolation(bare, 'P1')).toMatchObject({ feasible: false, obstacle: 'no_operable_valve' })
    expect(planIsolation(bare, 'P1').cutOff.nodes).toHaveLength(0)
  })

  test('a leaking valve is no barrier of its own, open or closed', () => {
    const chain = ['*S', 'P0 S-A', 'V1 A=B', 'P1 B-C', 'V2 C=D', 'P2 D-E', 'V3 E=F', 'P3 F-T', '*T']
    expect(closed(city(chain), 'V2')).toEqual(['V1', 'V3'])
    expect(closed(city(chain.map((text) => text.replace('V2 C=D', 'V2 C|D'))), 'V2')).toEqual(['V1', 'V3'])
  })

  test('a node can be at fault', () => {
    expect(closed(city(ring), 'node:C')).toEqual(['V1', 'V2'])
    expect(closed(city(ring), 'C')).toEqual(['V1', 'V2'])
  })

  test('a part that no source reaches needs nothing closed', () => {
    const plan = planIsolation(city(['*S', 'P0 S-A', 'V1 A|B', 'P1 B-C']), 'P1')
    expect(plan).toMatchObject({ feasible: true, close: [], alreadyClosed: ['V1'] })
    expect(plan.cutOff.nodes).toHaveLength(0)
  })

  const twoStations = ['*S', 'P0 S-A', 'V1 A=B', 'P1 B-C', 'R1 C>D', 'P2 D-E', 'R2 F>E', 'P3 F-A', '6@D']

  test('a district with a second station stays supplied, and the plan names the regulator that must hold back', () => {
    const plan = planIsolation(city(twoStations), 'P1')
    expect(plan.close.map((v) => v.id)).toEqual(['V1'])
    expect(plan.heldBackBy).toEqual(['R1'])
    expect(plan.cutOff.meters).toHaveLength(0)
  })

  test('a valve behind the station is closed too when that costs nobody the supply', () => {
    const network = city([...twoStations.filter((t) => t !== 'P2 D-E' && t !== '6@D'), 'V2 D=G', 'P2 G-E', '6@G'])
    const plan = planIsolation(network, 'P1')
    expect(plan.close.map((v) => v.id)).toEqual(['V1', 'V2'])
    expect(plan.heldBackBy).toEqual([])
    expect(plan.cutOff.meters).toHaveLength(0)
  })

  test('a regulator lets gas through to the fault behind it', () => {
    const plan = planIsolation(city(['*S', 'P0 S-A', 'V1 A=B', 'R1 B>C', 'P1 C-D']), 'P1')
    expect(plan.close.map((v) => v.id)).toEqual(['V1'])
  })

  test('an unknown id is the caller’s mistake', () => {
    expect(() => planIsolation(city(ring), 'nowhere')).toThrow(expect.objectContaining({ code: 'NET_UNKNOWN' }))
  })

  test('gas to vent is the volume of the isolated pipes at their pressure', () => {
    const network = city(ring)
    const pressure = new Float64Array(network.nodes.count).fill(202_650)
    const plan = planIsolation(network, 'P1', { pressure })
    expect(plan.gasToVentM3).toBeCloseTo((Math.PI / 4) * 0.01 * 100 * 2, 10)
  })
})

describe('on random networks', () => {
  const sketches = fc
    .record({
      nodes: fc.integer({ min: 3, max: 9 }),
      links: fc.array(fc.record({ a: fc.nat(), b: fc.nat(), kind: fc.constantFrom('-', '=', '=', '|') }), {
        minLength: 3,
        maxLength: 14,
      }),
      sources: fc.array(fc.nat(), { minLength: 1, maxLength: 2 }),
    })
    .map(({ nodes, links, sources }) => {
      const name = (i: number) => `N${i % nodes}`
      const texts = links
        .filter((l) => l.a % nodes !== l.b % nodes)
        .map((l, i) => `E${i} ${name(l.a)}${l.kind}${name(l.b)}`)
      return { texts: [...texts, `X N0-N1`], sources: sources.map((s) => `*${name(s)}`) }
    })

  const usable = (text: string) => text.includes('=')
  const ends = (text: string) => (/ (\w+).(\w+)$/.exec(text) ?? []).slice(1) as [string, string]

  function supplied(texts: readonly string[], sources: readonly string[], shut: ReadonlySet<string>): Set<string> {
    const reached = new Set(sources.map((s) => s.slice(1)))
    for (let grew = true; grew; ) {
      grew = false
      for (const text of texts) {
        if (text.includes('|') || shut.has(text)) continue
        const [a, b] = ends(text)
        if (reached.has(a) === reached.has(b)) continue
        reached.add(a).add(b)
        grew = true
      }
    }
    return reached
  }

  test('the plan isolates, with as few valves as any choice tried by brute force', () => {
    fc.assert(
      fc.property(sketches, ({ texts, sources }) => {
        const known = new Set(texts.flatMap(ends))
        const feeds = sources.filter((s) => known.has(s.slice(1)))
        const network = city([...feeds, ...texts])
        const plan = planIsolation(network, 'X', { valvesPerCustomer: 0 })
        const candidates = texts.filter(usable)
        let fewest = Number.POSITIVE_INFINITY
        for (let mask = 0; mask < 1 << candidates.length; mask++) {
          const shut = new Set(candidates.filter((_, i) => (mask >> i) & 1))
          if (shut.size < fewest && !supplied(texts, feeds, shut).has('N0') && !supplied(texts, feeds, shut).has('N1'))
            fewest = shut.size
        }
        expect(plan.feasible).toBe(fewest !== Number.POSITIVE_INFINITY)
        if (!plan.feasible) return
        expect(plan.close).toHaveLength(fewest)
        const shut = new Set(texts.filter((t) => plan.close.some((v) => t.startsWith(`${v.id} `))))
        const after = supplied(texts, feeds, shut)
        expect(after.has('N0') || after.has('N1')).toBe(false)
        const before = supplied(texts, feeds, new Set())
        const lost = [...before].filter((node) => !after.has(node)).sort()
        expect([...nodeIds(network, plan.cutOff.nodes)].sort()).toEqual(lost)
      }),
      { seed: 3, numRuns: 300 },
    )
  })
})
