import { describe, expect, test } from 'vitest'
import { buildNetwork } from './build-network.ts'
import { members } from './csr.ts'
import { METER_PLACEMENTS } from './meter-table.ts'
import { otherEnd, pipeOf, regulatorOf, valveOf } from './network.ts'
import { NetworkParts } from './network-parts.ts'
import { smallCity } from './testing/small-city.ts'

const network = buildNetwork(smallCity())
const { nodes, edges, zones, meters, rtus } = network
const edge = (id: string) => edges.numberOf.get(id) ?? -1
const node = (id: string) => nodes.numberOf.get(id) ?? -1
const zone = (id: string) => zones.numberOf.get(id) ?? -1

describe('a compiled network', () => {
  test('numbers pipes, valves and regulators in one row of edges and finds the document again', () => {
    expect(edges.ids).toEqual(['P1', 'P2', 'V1', 'R1'])
    expect(edges.first).toEqual({ pipe: 0, valve: 2, regulator: 3, compressor: 4 })
    expect(pipeOf(network, 1)?.id).toBe('P2')
    expect(pipeOf(network, 2)).toBeUndefined()
    expect(valveOf(network, 2)?.device_number).toBe('900000001')
    expect(regulatorOf(network, 3)?.outlet_pressure_pa).toBe(104_000)
    expect([...edges.remote]).toEqual([0, 0, 1, 0])
  })

  test('answers which edges and meters are at a node', () => {
    const at = (id: string) => [...members(network.adjacency, node(id))].map((e) => edges.ids[e])
    expect(at('B')).toEqual(['P2', 'V1', 'R1'])
    expect(at('G')).toEqual(['P1'])
    expect([...members(network.metersAt, node('C'))].map((m) => meters.idOf(m))).toEqual(['101', '102'])
    expect(otherEnd(edges, edge('R1'), node('B'))).toBe(node('A'))
    expect(otherEnd(edges, edge('R1'), node('A'))).toBe(node('B'))
  })

  test('knows the members, the border and the pipe volume of each zone', () => {
    expect(zones.pipeVolumeM3[zone('MP')]).toBeCloseTo(31.4159, 3)
    expect(zones.pipeVolumeM3[zone('LP')]).toBeCloseTo(3.92699, 4)
    const named = (csr: typeof zones.edges, id: string, of: (i: number) => string | undefined) =>
      [...members(csr, zone(id))].map(of)
    expect(named(zones.edges, 'LP', (e) => edges.ids[e])).toEqual(['P2', 'V1'])
    expect(named(zones.boundary, 'LP', (e) => edges.ids[e])).toEqual(['R1'])
    expect(named(zones.nodes, 'MP', (n) => nodes.ids[n])).toEqual(['G', 'A'])
    expect(named(zones.meters, 'LP', (m) => meters.idOf(m))).toEqual(['101', '102', '103', 'W-4'])
    expect(named(zones.rtus, 'LP', (r) => rtus.ids[r])).toEqual(['RTU-2', 'RTU-3'])
  })

  test('sees as supply of the city what crosses its border only', () => {
    expect(network.cityInlets).toEqual([{ edge: edge('P1'), sign: 1 }])
    const city = smallCity()
    const unlisted = city.zones.map((z) => ({ ...z, inlets: z.inlets.filter((inlet) => inlet.sign === 1) }))
    expect(buildNetwork({ ...city, zones: unlisted }).cityInlets).toEqual([{ edge: edge('P1'), sign: 1 }])
  })

  test('places each RTU on a node or an edge', () => {
    expect([...rtus.edge]).toEqual([edge('P1'), edge('R1'), -1])
    expect([...rtus.node]).toEqual([-1, -1, node('C')])
    expect([...rtus.channels]).toEqual([0b0111, 0b0011, 0b1001])
  })

  test('gives a meter that names no zone the zone of its node', () => {
    const city = smallCity()
    const meters = city.meters.map(({ zone: _, ...meter }) => ({ ...meter, placement: 'stairwell' as const }))
    const bare = buildNetwork({ ...city, meters })
    expect([...bare.meters.zone]).toEqual([...bare.meters.node].map((at) => bare.nodes.zone[at]))
    expect(bare.meters.placement[0]).toBe(METER_PLACEMENTS.indexOf('stairwell'))
    const parts = new NetworkParts({ ...city, meters: [] })
    parts.addMeters(meters)
    const finished = parts.finish()
    expect(finished.ok && [...finished.network.meters.zone]).toEqual([...bare.meters.zone])
  })

  test('keeps the words of its meters', () => {
    expect(meters.words.schedule[meters.schedule[2] ?? 0]).toBe('5min')
    expect(meters.words.size[meters.size[0] ?? 0]).toBe('G2.5')
    expect([...meters.corrector]).toEqual([0, 0, 1, 0])
    expect([...meters.placement]).toEqual([1, 2, 0, 0])
    expect(meters.device[3]).toBeNaN()
  })
})
