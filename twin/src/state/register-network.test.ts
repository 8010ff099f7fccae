import { expect, test } from 'vitest'
import { buildNetwork } from '../network/build-network.ts'
import { smallCity } from '../network/testing/small-city.ts'
import { mediumOf, placementOf } from './device-entry.ts'
import { FleetState } from './fleet-state.ts'
import { registerNetwork, scheduleMinutes } from './register-network.ts'

test('a network gives every device with a number its row, meters first and in their order', () => {
  const city = smallCity()
  const nodes = city.nodes.map((node) => (node.id === 'B' ? { ...node, min_pressure_pa: 102_500 } : node))
  const network = buildNetwork({ ...city, nodes })
  const fleet = new FleetState({ dayNumber: () => 1 })
  registerNetwork(fleet, network)
  registerNetwork(fleet, network)
  expect(fleet.count).toBe(3 + 3 + 1)
  const slot = (device: number) => fleet.slotOf(device)
  expect([101, 102, 103].map(slot)).toEqual([0, 1, 2])
  expect(slot(900_000_001)).toBe(6)
  const { readEveryMinutes, flags, zone, node, asset } = fleet.columns
  expect([...readEveryMinutes.subarray(0, 3)]).toEqual([1440, 1440, 5])
  expect([...flags.subarray(0, 3)].map(placementOf)).toEqual([1, 2, 0])
  expect(mediumOf(flags[0] ?? 9)).toBe(0)
  const outlet = slot(800_000_002)
  expect(network.nodes.ids[node[outlet] ?? -1]).toBe('B')
  expect(fleet.rtus.minPressure(outlet)).toBe(102_500)
  expect(network.zones.ids[zone[outlet] ?? -1]).toBe('LP')
  expect(network.edges.ids[asset[6] ?? -1]).toBe('V1')
})

test.each([
  ['daily', 1440],
  ['5min', 5],
  ['2h', 120],
  ['weekly', 10_080],
  ['whenever', 1440],
  [null, 1440],
])('a schedule "%s" means every %d minutes', (schedule, minutes) => {
  expect(scheduleMinutes(schedule)).toBe(minutes)
})
