import { expect, test } from 'vitest'
import { FleetState } from '../state/fleet-state.ts'
import { registerMeters, registerNetwork } from '../state/register-network.ts'
import { buildNetwork } from './build-network.ts'
import { members } from './csr.ts'
import { growNetwork } from './grow-network.ts'
import type { Network } from './network.ts'
import type { Meter } from './network-document.ts'
import { smallCity } from './testing/small-city.ts'

const MORE: readonly Meter[] = [
  { id: '201', node: 'C', zone: 'LP', kind: 'gas', size: 'G4', class: 'commercial', profile: 'goldcard', lon: 120.1 },
  { id: '202', node: 'A', kind: 'gas', corrector: true, read_schedule: 'hourly', installed_year: 2021 },
  { id: '203', node: '', zone: 'MP', kind: 'water' },
]
const withThem = () => buildNetwork({ ...smallCity(), meters: [...smallCity().meters, ...MORE] })

const comparable = ({ meters, zones, metersAt }: Network) => ({
  columns: Object.entries(meters).filter(([, value]) => typeof value !== 'function'),
  ids: Array.from({ length: meters.count }, (_, row) => meters.idOf(row)),
  rows: ['101', '201', '203', 'W-4', '9'].map((id) => meters.meterOf(id)),
  ofDevices: [101, 201, 202, 9].map((device) => meters.meterOfDevice(device)),
  zones: zones.ids.map((_, zone) => [...members(zones.meters, zone)]),
  metersAt,
})

test('a network that grew is the network of a document that had the points from the begin', () => {
  const network = buildNetwork(smallCity())
  const { meters, zones } = network
  expect(growNetwork(network, MORE.slice(0, 1))).toHaveLength(1)
  expect(growNetwork(network, MORE.slice(1))).toHaveLength(2)
  expect(comparable(network)).toEqual(comparable(withThem()))
  expect([network.meters, network.zones]).toEqual([meters, zones])
})

test('points that are there already, or have no place here, are left out', () => {
  const network = buildNetwork(smallCity())
  const [first] = MORE as [Meter]
  const wrong = [
    { ...first, id: '101' },
    { ...first, id: '301', node: 'nowhere' },
    { ...first, id: '302', zone: 'none' },
    first,
    { ...first, node: 'A' },
  ]
  expect(growNetwork(network, wrong)).toEqual([first])
  expect(network.meters.count).toBe(5)
})

test('meters behind those of a fleet get rows behind all others, and a fleet that knows them keeps theirs', () => {
  const dayNumber = (at: number) => Math.floor(at / 86_400_000)
  const network = buildNetwork(smallCity())
  const fleet = new FleetState({ capacity: 16, dayNumber })
  registerNetwork(fleet, network)
  const before = fleet.count
  const from = network.meters.count
  growNetwork(network, MORE)
  registerMeters(fleet, network, from)
  expect([201, 202, 203].map((number) => fleet.slotOf(number) - before)).toEqual([0, 1, 2])
  expect([...fleet.columns.asset.subarray(before, before + 3)]).toEqual([from, from + 1, from + 2])
  const rows = [...fleet.columns.number.subarray(0, fleet.count)]
  registerNetwork(fleet, network)
  expect([...fleet.columns.number.subarray(0, fleet.count)]).toEqual(rows)
  expect(fleet.columns.zone[fleet.slotOf(202)]).toBe(network.zones.numberOf.get('MP'))
})
