import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NetworkParts } from './network-parts.ts'
import { parseNetwork } from './parse-network.ts'
import { smallCity } from './testing/small-city.ts'

function faultsOf(json: unknown): string[] {
  const parsed = parseNetwork(json)
  return parsed.ok ? [] : parsed.faults.map((f) => f.where)
}

describe('a network document', () => {
  test('that keeps the rules is taken as it is, unknown fields included', () => {
    const document = { ...smallCity(), 'x-owner': 'kept' }
    const parsed = parseNetwork(document)
    expect(parsed.ok && parsed.document).toEqual(document)
  })

  test('is refused with all its faults, each with place, value and expectation', () => {
    const city = smallCity()
    const parsed = parseNetwork({
      ...city,
      format: 'gastwin-network/9',
      time_zone: 'Mars/Olympus',
      pipes: [{ id: 'P1', from: 'G', to: 'nowhere', length_m: -1, diameter_m: 0.2 }, 'no pipe'],
      zones: [{ id: 'LP', name: 'x', inlets: [{ edge: 'P9', sign: 2 }] }],
    })
    expect(parsed.ok).toBe(false)
    const faults = parsed.ok ? [] : parsed.faults
    const wheres = faults.map((f) => f.where)
    for (const where of [
      'document.format',
      'document.time_zone',
      'pipes[0] "P1".to',
      'pipes[0] "P1".length_m',
      'pipes[1]',
      'zones[0] "LP".inlets[0].edge',
      'zones[0] "LP".inlets[0].sign',
      'nodes[0] "G".zone',
      'nodes[1] "A".zone',
    ])
      expect(wheres).toContain(where)
    expect(faults.find((f) => f.where === 'pipes[0] "P1".to')).toEqual({
      where: 'pipes[0] "P1".to',
      what: '"nowhere"',
      expected: 'the id of a node',
    })
  })

  test('may not use an id twice among edges of different kinds, nor a device number twice', () => {
    const city = smallCity()
    expect(faultsOf({ ...city, regulators: [{ id: 'P1', from: 'A', to: 'B', outlet_pressure_pa: 2e5 }] })).toContain(
      'regulators[0] "P1".id',
    )
    const rtus = city.rtus.map((rtu, i) => (i === 0 ? { ...rtu, device_number: '900000001' } : rtu))
    expect(faultsOf({ ...city, rtus })).toEqual(['rtus[0] "RTU-1"'])
    const meters = [...city.meters, { id: '900000001', node: 'B', zone: 'LP', kind: 'gas' }, city.meters[0]]
    expect(faultsOf({ ...city, meters })).toEqual(['meters[4] "900000001".id', 'meters[5] "101".id'])
  })

  test('needs a stated state for its density', () => {
    const city = smallCity()
    expect(faultsOf({ ...city, fluid: { kind: 'gas', density_kg_m3: 0.7 } })).toEqual(['fluid.density_state'])
    expect(faultsOf({ ...city, fluid: { kind: 'gas' } })).toEqual(['fluid'])
    expect(faultsOf({ ...city, fluid: { kind: 'gas', molar_mass_kg_mol: 0.017 } })).toEqual([])
  })

  test('of any shape is answered, never thrown at', () => {
    fc.assert(
      fc.property(fc.anything(), (json) => {
        expect(parseNetwork(json).ok).toBe(false)
      }),
      { numRuns: 200 },
    )
    const keys = Object.keys(smallCity())
    fc.assert(
      fc.property(fc.constantFrom(...keys), fc.anything(), (key, value) => {
        const parsed = parseNetwork({ ...smallCity(), [key]: value })
        if (!parsed.ok) expect(parsed.faults.length).toBeGreaterThan(0)
      }),
      { numRuns: 300 },
    )
  })

  test('with 20 000 meters is checked well within a second', () => {
    const city = smallCity()
    const meters = Array.from({ length: 20_000 }, (_, i) => ({ ...city.meters[0], id: String(5_000_000 + i) }))
    const start = performance.now()
    expect(parseNetwork({ ...city, meters }).ok).toBe(true)
    expect(performance.now() - start).toBeLessThan(1000)
  })
})

describe('meters given in parts', () => {
  test('make the same table as meters in one document', () => {
    const city = smallCity()
    const parts = new NetworkParts({ ...city, meters: [] }, 1)
    parts.addMeters(city.meters.slice(0, 1))
    parts.addMeters(city.meters.slice(1))
    const made = parts.finish()
    expect(made.ok).toBe(true)
    if (!made.ok) return
    const { meters } = made.network
    expect(Array.from({ length: meters.count }, (_, m) => meters.idOf(m))).toEqual(city.meters.map((m) => m.id))
    expect(meters.meterOf('W-4')).toBe(3)
    expect(meters.meterOfDevice(103)).toBe(2)
  })

  test('are refused with their position in the whole list, doubles across parts too', () => {
    const city = smallCity()
    const parts = new NetworkParts(city)
    parts.addMeters([{ id: '7', node: 'no', zone: 'LP', kind: 'gas' }])
    parts.addMeters([city.meters[2]])
    const made = parts.finish()
    expect(made.ok ? [] : made.faults.map((f) => f.where)).toEqual(['meters[4] "7".node', 'meters[5] "103".id'])
  })
})
