import { FleetState } from '@gastwin/twin'
import { beforeEach, expect, test } from 'vitest'
import { type ProofWitnesses, proofOf } from './flow-proof.ts'

const CLOSED = Date.UTC(2026, 2, 1, 8)
const MINUTE = 60_000
const NORMAL = 401_325

let fleet: FleetState
let slot = 0
let witnesses: ProofWitnesses
beforeEach(() => {
  fleet = new FleetState({ dayNumber: (at) => Math.floor(at / 86_400_000) })
  slot = fleet.register({ number: 7, kind: 'rtu', asset: 0, zone: 0, node: 0 })
  fleet.rtus.add(slot, 'pressure_pa', CLOSED, NORMAL)
  witnesses = { flows: [], pressures: [{ slot, before: NORMAL, atClosing: NORMAL }] }
})
const look = (leaking: boolean, minutes: number) =>
  proofOf(fleet, witnesses, CLOSED, leaking, CLOSED + minutes * MINUTE)
const measure = (minutes: number, pressure: number) =>
  fleet.rtus.add(slot, 'pressure_pa', CLOSED + minutes * MINUTE, pressure)

test('nothing is proved by what was measured before the valves were closed', () => {
  expect(look(true, 5)).toBeUndefined()
})

test('pressure that decays proves that no gas comes in', () => {
  measure(4, 200_000)
  expect(look(true, 4)).toMatchObject({ stopped: true, proof: { code: 'pressure_left' } })
})

test('where gas leaks, pressure that holds is gas that still comes in, however long', () => {
  measure(40, NORMAL)
  expect(look(true, 40)).toMatchObject({ stopped: false, proof: { code: 'pressure_left' } })
})

test('a part closed for works is tight when its pressure holds for ten minutes, not sooner', () => {
  measure(9, NORMAL)
  expect(look(false, 9)).toMatchObject({ stopped: false })
  measure(10, NORMAL + 1000)
  expect(look(false, 10)).toMatchObject({ stopped: true, proof: { code: 'pressure_held', limit: 0.02 } })
})

test('pressure that rises after closing proves that a valve passes gas', () => {
  measure(12, NORMAL + 0.05 * (NORMAL - 101_325))
  expect(look(false, 12)).toMatchObject({ stopped: false })
})

test('a flow meter beside a valve that still turns outweighs every pressure', () => {
  witnesses = { ...witnesses, flows: [slot] }
  fleet.rtus.add(slot, 'standard_flow_m3_s', CLOSED + 2 * MINUTE, 0.01)
  measure(2, 110_000)
  expect(look(true, 2)).toMatchObject({ stopped: false, proof: { code: 'inlet_flow' } })
})
