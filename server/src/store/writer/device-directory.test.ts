import { buildNetwork, type NetworkDocument } from '@gastwin/twin'
import { expect, test } from 'vitest'
import { DeviceDirectory, deviceColumns } from './device-directory.ts'

const document: NetworkDocument = {
  format: 'gastwin-network/1',
  name: 'two streets',
  time_zone: 'Asia/Shanghai',
  fluid: { kind: 'gas' },
  nodes: [
    { id: 'A', kind: 'gate_station', zone: 'Z1' },
    { id: 'B', kind: 'junction', zone: 'Z1' },
  ],
  pipes: [{ id: 'P', from: 'A', to: 'B', length_m: 1, diameter_m: 0.1 }],
  valves: [
    { id: 'V-1', from: 'A', to: 'B', open: true, actuator: 'remote', device_number: '30000000000001', zone: 'Z2' },
    { id: 'V-2', from: 'A', to: 'B', open: true },
  ],
  regulators: [],
  sources: [],
  zones: [
    { id: 'Z1', name: 'one', inlets: [] },
    { id: 'Z2', name: 'two', inlets: [] },
  ],
  meters: [{ id: '10000000000001', node: 'B', zone: 'Z1', kind: 'gas' }],
  rtus: [{ id: 'RTU-1', at: 'B', channels: ['pressure'], device_number: '20000000000001' }],
}

test('every device of a network has its asset and zone, strangers have none', () => {
  const directory = new DeviceDirectory(deviceColumns(buildNetwork(document)))
  const of = (device: number) => [directory.assetField(device), directory.zoneField(directory.find(device))]
  expect(of(10_000_000_000_001)).toEqual(['10000000000001', 'Z1'])
  expect(of(20_000_000_000_001)).toEqual(['RTU-1', 'Z1'])
  expect(of(30_000_000_000_001)).toEqual(['V-1', 'Z2'])
  expect(directory.find(40_000_000_000_001)).toBe(-1)
})
