import { buildNetwork, type NetworkDocument } from '@gastwin/twin'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeColumns } from '../contract/index.ts'
import { mapGeometry } from './map-geometry.ts'
import { drawnMeters, numberMapObjects } from './map-numbering.ts'

type Place = readonly [lon: number | null, lat: number | null]

function networkOf(places: readonly Place[], tiers: readonly (string | null)[] = [null]) {
  const document: NetworkDocument = {
    format: 'gastwin-network/1',
    name: 'square',
    time_zone: 'Asia/Shanghai',
    fluid: { kind: 'gas' },
    nodes: [
      { id: 'A', kind: 'gate_station', lon: 120, lat: 30, zone: 'Z' },
      { id: 'B', kind: 'delivery', lon: 121, lat: 31, zone: 'Z' },
    ],
    pipes: tiers.map((tier, i) => ({
      ...{ id: `P${i}`, from: 'A', to: 'B', length_m: 100, diameter_m: 0.1, zone: 'Z' },
      pressure_tier: tier,
    })),
    valves: [],
    regulators: [],
    sources: [{ node: 'A', pressure_pa: 103_000 }],
    zones: [{ id: 'Z', name: 'all', inlets: [] }],
    meters: places.map(([lon, lat], i) => ({
      id: String(100 + i),
      node: i % 2 === 0 ? 'A' : 'B',
      kind: 'gas',
      lon,
      lat,
    })),
    rtus: [],
  }
  return buildNetwork(document)
}

/** Z order told by comparing: of two places the one whose highest differing bit lies in the larger half comes later. */
function mortonOf(lon: number, lat: number): number {
  const [x, y] = [Math.floor((lon - 120) * 65_535), Math.floor((lat - 30) * 65_535)]
  let code = 0
  for (let bit = 15; bit >= 0; bit--) code = code * 4 + ((y >> bit) & 1) * 2 + ((x >> bit) & 1)
  return code
}

const coordinate = fc.double({ min: 0, max: 1, noNaN: true })
const place: fc.Arbitrary<Place> = fc.oneof(
  fc.tuple(coordinate, coordinate).map(([x, y]): Place => [120 + x, 30 + y]),
  fc.constant<Place>([null, null]),
)

test('meters are numbered in Z order of their places or nodes, equal places in the order of the table', () => {
  fc.assert(
    fc.property(fc.array(place, { maxLength: 60 }), (places) => {
      const { meters } = numberMapObjects(networkOf(places))
      const codes = places.map(([lon, lat], i) =>
        mortonOf(lon ?? (i % 2 === 0 ? 120 : 121), lat ?? (i % 2 === 0 ? 30 : 31)),
      )
      const expected = codes.map((_, i) => i).sort((a, b) => (codes[a] ?? 0) - (codes[b] ?? 0) || a - b)
      expect([...meters.rowOf]).toEqual(expected)
      expect(expected.every((row, number) => meters.numberOf[row] === number)).toBe(true)
    }),
    { numRuns: 60 },
  )
})

test('the geometry holds every meter at its own place or its node, and says how many were left out', () => {
  const network = networkOf([
    [120.25, 30.75],
    [null, null],
  ])
  const numbering = numberMapObjects(network)
  const { columns, meta } = decodeColumns(mapGeometry(network, numbering, 1).slice().buffer)
  const [lon0, lat0] = numbering.origin
  const at = (row: number) => {
    const number = numbering.meters.numberOf[row] ?? 0
    return [(columns['meter_xy']?.[2 * number] ?? 0) + lon0, (columns['meter_xy']?.[2 * number + 1] ?? 0) + lat0]
  }
  expect(at(0)).toEqual([120.25, 30.75])
  expect(at(1)).toEqual([121, 31])
  expect(meta).toMatchObject({ meters_left_out: 0 })
})

test('a pipe lies in its tier of pressure whatever the grade, and in the lowest when nobody says', () => {
  const network = networkOf([], ['low', 'medium_a', 'medium', 'high_b', null, 'sideways'])
  const { columns } = decodeColumns(mapGeometry(network, numberMapObjects(network), 1).slice().buffer)
  expect([...(columns['pipe_tier'] ?? [])].sort()).toEqual([0, 0, 0, 1, 1, 2])
})

test('a city of more than two million meters is drawn without any', () => {
  expect([drawnMeters(2_000_000), drawnMeters(2_000_001)]).toEqual([2_000_000, 0])
})
