import type { NetworkDocument } from '../network-document.ts'

/** Two zones: medium pressure from a gate, low pressure behind a regulator; four meters, three RTUs, one remote valve. */
export function smallCity(): NetworkDocument {
  return {
    format: 'gastwin-network/1',
    name: 'small city',
    time_zone: 'Asia/Shanghai',
    fluid: {
      kind: 'gas',
      density_kg_m3: 0.7,
      density_state: { pressure_pa: 101_325, temperature_k: 293.15 },
      compressibility: { law: 'constant', z: 1 },
    },
    nodes: [
      { id: 'G', kind: 'gate_station', lon: 120, lat: 30, zone: 'MP' },
      { id: 'A', kind: 'junction', lon: 120.01, lat: 30, zone: 'MP' },
      { id: 'B', kind: 'junction', lon: 120.02, lat: 30, zone: 'LP' },
      { id: 'C', kind: 'delivery', lon: 120.03, lat: 30, zone: 'LP', min_pressure_pa: 102_000 },
    ],
    pipes: [
      { id: 'P1', from: 'G', to: 'A', length_m: 1000, diameter_m: 0.2, zone: 'MP' },
      { id: 'P2', from: 'B', to: 'C', length_m: 500, diameter_m: 0.1, zone: 'LP' },
    ],
    valves: [{ id: 'V1', from: 'B', to: 'C', open: true, actuator: 'remote', device_number: '900000001' }],
    regulators: [{ id: 'R1', from: 'A', to: 'B', outlet_pressure_pa: 104_000 }],
    sources: [{ node: 'G', pressure_pa: 400_000 }],
    zones: [
      {
        id: 'MP',
        name: 'trunk',
        nominal_pressure_pa: 400_000,
        inlets: [
          { edge: 'P1', sign: 1 },
          { edge: 'R1', sign: -1 },
        ],
      },
      { id: 'LP', name: 'district', nominal_pressure_pa: 104_000, inlets: [{ edge: 'R1', sign: 1 }] },
    ],
    meters: [
      { id: '101', node: 'C', zone: 'LP', kind: 'gas', size: 'G2.5', class: 'residential', placement: 'indoor' },
      { id: '102', node: 'C', zone: 'LP', kind: 'gas', class: 'residential', placement: 'outdoor' },
      { id: '103', node: 'B', zone: 'LP', kind: 'gas', class: 'commercial', corrector: true, read_schedule: '5min' },
      { id: 'W-4', node: 'B', zone: 'LP', kind: 'water' },
    ],
    rtus: [
      { id: 'RTU-1', at: 'P1', channels: ['flow', 'pressure', 'temperature'], device_number: '800000001' },
      { id: 'RTU-2', at: 'R1', channels: ['flow', 'pressure'], device_number: '800000002', zone: 'LP' },
      { id: 'RTU-3', at: 'node:C', channels: ['pressure', 'gas'], device_number: '800000003' },
    ],
  }
}
