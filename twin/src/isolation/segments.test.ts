import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { buildNetwork } from '../network/build-network.ts'
import type { NetworkDocument } from '../network/network-document.ts'
import { smallCity } from '../network/testing/small-city.ts'
import { valveSegments } from './segments.ts'

const repository = join(dirname(fileURLToPath(import.meta.url)), '../../..')
const folder = join(process.env['GASTWIN_DATA'] ?? join(repository, '../shared/data'), 'hydraulics/wntr_segments')

describe('valve-to-valve segments', () => {
  test('an open valve that can be closed separates; one that cannot joins', () => {
    const city = smallCity()
    const apart = valveSegments(buildNetwork({ ...city, pipes: city.pipes.slice(0, 1) }))
    expect([...apart.ofNode]).toEqual([0, 0, 0, 1])
    const stuck = city.valves.map((valve) => ({ ...valve, operable: false }))
    const joined = valveSegments(buildNetwork({ ...city, pipes: city.pipes.slice(0, 1), valves: stuck }))
    expect([...joined.ofNode]).toEqual([0, 0, 0, 0])
  })

  test('a pipe with valves at both its ends is a segment of its own', () => {
    const network = buildNetwork(smallCity())
    const pipe = network.edges.numberOf.get('P1') ?? -1
    const { ofNode, ofEdge } = valveSegments(network, [
      { edge: pipe, node: 0 },
      { edge: pipe, node: 1 },
    ])
    expect(ofNode[0]).not.toBe(ofNode[1])
    expect([ofNode[0], ofNode[1]]).not.toContain(ofEdge[pipe])
  })

  test.skipIf(!existsSync(folder))(
    `the published segments of Net3 are met exactly${existsSync(folder) ? '' : ` (SKIPPED: no reference data at ${folder})`}`,
    () => {
      const { document, layer, nodeSegments, linkSegments } = readNet3()
      const network = buildNetwork(document)
      const segments = valveSegments(
        network,
        layer.map(({ link, node }) => ({
          edge: network.edges.numberOf.get(link) ?? -1,
          node: network.nodes.numberOf.get(node) ?? -1,
        })),
      )
      expect(nodeSegments).toHaveLength(network.nodes.count)
      expect(linkSegments).toHaveLength(network.edges.count)
      const published = new Map<string, Set<number>>()
      const ours = new Map<number, Set<string>>()
      const pair = (segment: string, number: number) => {
        published.set(segment, (published.get(segment) ?? new Set()).add(number))
        ours.set(number, (ours.get(number) ?? new Set()).add(segment))
      }
      for (const [id = '', segment = ''] of nodeSegments)
        pair(segment, segments.ofNode[network.nodes.numberOf.get(id) ?? -1] ?? -2)
      for (const [id = '', segment = ''] of linkSegments)
        pair(segment, segments.ofEdge[network.edges.numberOf.get(id) ?? -1] ?? -2)
      expect([...published.values()].every((set) => set.size === 1)).toBe(true)
      expect([...ours.values()].every((set) => set.size === 1)).toBe(true)
      expect(segments.count).toBe(23)
    },
  )
})

function readNet3() {
  const csv = (name: string) =>
    readFileSync(join(folder, name), 'utf8')
      .trim()
      .split(/\r?\n/)
      .slice(1)
      .map((line) => line.split(','))
  const sections = new Map<string, string[][]>()
  let current: string[][] = []
  for (const line of readFileSync(join(folder, 'Net3.inp'), 'utf8').split(/\r?\n/)) {
    const text = (line.split(';')[0] ?? '').trim()
    if (text.startsWith('[')) {
      current = []
      sections.set(text, current)
    } else if (text !== '') current.push(text.split(/\s+/))
  }
  const rows = (...names: string[]) => names.flatMap((name) => sections.get(`[${name}]`) ?? [])
  const document = {
    format: 'gastwin-network/1',
    name: 'Net3',
    time_zone: 'UTC',
    fluid: { kind: 'water' },
    nodes: rows('JUNCTIONS', 'RESERVOIRS', 'TANKS').map(([id]) => ({ id, kind: 'junction' })),
    pipes: rows('PIPES', 'PUMPS', 'VALVES').map(([id, from, to]) => ({ id, from, to, length_m: 1, diameter_m: 1 })),
    valves: [],
    regulators: [],
    sources: [],
    zones: [],
    meters: [],
    rtus: [],
  } as unknown as NetworkDocument
  const layer = csv('valve_layer.csv').map(([, link = '', node = '']) => ({ link, node }))
  return {
    document,
    layer,
    nodeSegments: csv('expected_node_segments.csv'),
    linkSegments: csv('expected_link_segments.csv'),
  }
}
