import { buildNetwork, type NetworkDocument } from '@gastwin/twin'
import { expect, test } from 'vitest'
import { FLOW, PRESSURE, SLOT_MS, SlotBook } from './slot-book.ts'
import { SuddenChanges } from './sudden-changes.ts'
import { ZoneInflow } from './zone-inflow.ts'

const at = { lon: 120, lat: 30, zone: 'T' }
const pipe = (id: string, from: string, to: string) => ({ id, from, to, length_m: 1000, diameter_m: 0.2, zone: 'T' })

/** A trunk between two gates, from which one pipe leads to a district. */
const document: NetworkDocument = {
  format: 'gastwin-network/1',
  name: 'two gates',
  time_zone: 'Asia/Shanghai',
  fluid: {
    kind: 'gas',
    density_kg_m3: 0.7,
    density_state: { pressure_pa: 101_325, temperature_k: 293.15 },
    compressibility: { law: 'constant', z: 1 },
  },
  nodes: [
    { id: 'G1', kind: 'gate_station', ...at },
    { id: 'G2', kind: 'gate_station', ...at },
    { id: 'A', kind: 'junction', ...at },
    { id: 'B', kind: 'delivery', lon: 120, lat: 30, zone: 'D' },
  ],
  pipes: [pipe('P1', 'G1', 'A'), pipe('P2', 'G2', 'A'), pipe('P3', 'A', 'B')],
  valves: [],
  regulators: [],
  sources: [
    { node: 'G1', pressure_pa: 400_000 },
    { node: 'G2', pressure_pa: 400_000 },
  ],
  zones: [
    {
      id: 'T',
      name: 'trunk',
      nominal_pressure_pa: 400_000,
      inlets: [
        { edge: 'P1', sign: 1 },
        { edge: 'P2', sign: 1 },
        { edge: 'P3', sign: -1 },
      ],
    },
    { id: 'D', name: 'district', nominal_pressure_pa: 400_000, inlets: [{ edge: 'P3', sign: 1 }] },
  ],
  meters: [],
  rtus: ['P1', 'P2', 'P3', 'node:A'].map((place, i) => ({
    id: `RTU-${i + 1}`,
    at: place,
    channels: i < 3 ? ['flow'] : ['pressure'],
    device_number: String(900_000_001 + i),
    zone: 'T',
  })),
}

test('a gate that has not spoken may feed a rupture as much as those that have; what leaves the zone feeds none', () => {
  const network = buildNetwork(document)
  const book = new SlotBook(network.rtus.count)
  const inflow = new ZoneInflow(network, book)
  const sudden = new SuddenChanges()
  const say = (rtu: number, channel: number, when: number, value: number): void => {
    const before = book.take(rtu, channel, when, value)
    if (!Number.isNaN(before)) sudden.take(rtu * 2 + channel, when, before, value)
  }
  for (let slot = 0; slot < 4; slot++) {
    for (const rtu of [0, 1]) say(rtu, FLOW, slot * SLOT_MS, 0.01)
    say(2, FLOW, slot * SLOT_MS, 0.02)
    say(3, PRESSURE, slot * SLOT_MS, 400_000)
  }
  const now = 3 * SLOT_MS + 40_000
  expect(inflow.sudden(0, now, sudden)).toEqual({ jump: 0, fall: Number.NaN, reach: 1 })
  say(0, FLOW, now, 0.81)
  say(2, FLOW, now, 0.01)
  say(3, PRESSURE, now, 380_000)
  expect(inflow.sudden(0, now, sudden)).toEqual({ jump: expect.closeTo(0.81, 9), fall: 20_000, reach: 2 })
  say(1, FLOW, now, 1.01)
  expect(inflow.sudden(0, now, sudden)).toEqual({ jump: expect.closeTo(1.81, 9), fall: 20_000, reach: 1 })
})
