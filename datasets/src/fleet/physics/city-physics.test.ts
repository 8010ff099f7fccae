import { describe, expect, test } from 'vitest'
import { smallCity } from '../../city/small-city.ts'
import { customersOf } from '../city-crew.ts'
import { Weather } from '../demand/weather.ts'
import { ConsumptionBook } from '../metering/consumption-book.ts'
import { combine, type ScenarioPlan } from '../scenario/scenario-plan.ts'
import { scenarios } from '../scenario/scenarios.ts'
import { trunkSection } from '../scenario/trunk-section.ts'
import { CityPhysics } from './city-physics.ts'
import { holeOutflow } from './hole-outflow.ts'
import { stepLength } from './step-length.ts'
import { buildTrueNetwork } from './true-network.ts'

const START = Date.parse('2026-01-20T00:00:00+08:00')
const HOUR = 3_600_000
const { network: document, truth } = smallCity(4)

function live(plan: ScenarioPlan) {
  const weather = new Weather(1, 8 * HOUR)
  const options = {
    document,
    truth,
    seed: 1,
    host: '',
    port: 0,
    plan: { segments: [] },
    scenario: '',
    masterKey: new Uint8Array(16),
  }
  const customers = customersOf(options, plan)
  const book = new ConsumptionBook(
    1,
    customers.map((c) => c.consumer),
    plan.taps,
    weather,
  )
  book.openDay(START)
  const net = buildTrueNetwork(document, truth, plan.leaks)
  const physics = new CityPhysics(net, plan.leaks, book, weather, START)
  const run = (until: number, step = 300_000): void => {
    while (physics.at < until) {
      physics.step(Math.min(until, physics.at + step))
      book.openDay(physics.at)
    }
  }
  return { physics, book, customers, run }
}
const planOf = (name: string): ScenarioPlan =>
  scenarios.find((s) => s.name === name)?.plan({ document, seed: 3, start: START, live: START }) ?? combine()

describe('the gas in the city', () => {
  test('is conserved: supply is use and leak and what the trunks took in', () => {
    const { physics, book, customers, run } = live(planOf('leak-abrupt'))
    run(START + 26 * HOUR)
    const { supplied, used, leaked, stored } = physics.totals
    expect(supplied).toBeGreaterThan(500)
    expect(leaked).toBeGreaterThan(100)
    expect(Math.abs(supplied - used - leaked - stored)).toBeLessThan(1e-3)
    const known = customers.reduce((sum, c) => sum + book.volumes(c.consumer, physics.at).used, 0)
    expect(used).toBeCloseTo(known, 3)
    expect(physics.solves.stalled).toBe(0)
  })
  test('registers only rise, in whole pulses, and count less than is used where it is cold', () => {
    const { physics, book, customers, run } = live(combine())
    const before = customers.map(({ consumer }) => book.register(consumer, START))
    run(START + 12 * HOUR)
    const noon = customers.map(({ consumer }) => book.register(consumer, physics.at))
    run(START + 30 * HOUR)
    customers.forEach(({ consumer }, i) => {
      const late = book.register(consumer, physics.at)
      expect(noon[i]).toBeGreaterThanOrEqual(before[i] ?? 0)
      expect(late).toBeGreaterThanOrEqual(noon[i] ?? 0)
      expect(Math.abs(late / consumer.quantum - Math.round(late / consumer.quantum))).toBeLessThan(1e-4)
    })
    const homes = customers.filter((c) => c.consumer.home && c.consumer.outdoor)
    const sum = homes
      .map((c) => book.volumes(c.consumer, physics.at))
      .reduce((s, v) => ({ used: s.used + v.used, counted: s.counted + v.counted }))
    expect(sum.counted).toBeLessThan(sum.used)
    expect(sum.counted).toBeGreaterThan(0.85 * sum.used)
  })
  test('stops where the valves of a section are closed: the leak dies and nobody behind them draws', () => {
    const plan = planOf('day')
    const [leak] = plan.leaks
    const pipe = document.pipes.find((p) => p.id === leak?.pipe)
    if (leak === undefined || pipe === undefined) throw new Error('the day has a leak')
    const { physics, book, run } = live(plan)
    run(leak.from + 10 * 60_000, 60_000)
    const open = physics.leakFlow[0] ?? 0
    expect(open).toBeGreaterThan(0.05)
    for (const id of trunkSection(document, pipe).valves)
      physics.setValve(physics.network.edges.numberOf.get(id) ?? -1, false)
    run(leak.from + 40 * 60_000, 60_000)
    expect(physics.leakFlow[0]).toBeLessThan(0.02 * open)
    const { supplied, used, leaked, stored } = physics.totals
    expect(Math.abs(supplied - used - leaked - stored)).toBeLessThan(0.02 * supplied)
    expect(book.outages.count).toBeGreaterThanOrEqual(0)
  })
  test('a district without its regulators runs empty, its meters stand still, and live again when reopened', () => {
    const { physics, book, customers, run } = live(combine())
    run(START + 8 * HOUR)
    const zone = 'Z02'
    const valves = document.valves
      .filter((v) => v.zone === zone && v.actuator === 'remote')
      .map((v) => physics.network.edges.numberOf.get(v.id) ?? -1)
    for (const v of valves) physics.setValve(v, false)
    run(START + 13 * HOUR, 60_000)
    const inside = customers.filter((c) => c.meter.zone === zone)
    const noon = inside.map((c) => book.register(c.consumer, physics.at))
    run(START + 15 * HOUR)
    expect(inside.map((c) => book.register(c.consumer, physics.at))).toEqual(noon)
    const flow = document.regulators.filter((_, i) =>
      document.zones.find((z) => z.id === zone)?.inlets.some((x) => x.edge === document.regulators[i]?.id),
    )
    for (const r of flow)
      expect(Math.abs(physics.standardFlow(physics.network.edges.numberOf.get(r.id) ?? -1))).toBeLessThan(1e-6)
    for (const v of valves) physics.setValve(v, true)
    run(START + 22 * HOUR)
    const evening = inside.map((c) => book.register(c.consumer, physics.at))
    expect(evening.reduce((a, b) => a + b)).toBeGreaterThan(noon.reduce((a, b) => a + b) + 1)
    const { supplied, used, leaked, stored } = physics.totals
    expect(Math.abs(supplied - used - leaked - stored)).toBeLessThan(0.02 * supplied)
  })
})

test('a hole passes choked flow at trunk pressure and the square root of the drop at street pressure', () => {
  const energy = 494 * 283
  const area = 1e-4
  expect(holeOutflow(area, 480_000, 100_000, energy)).toBeCloseTo(
    (0.8 * area * 480_000 * 0.6697) / Math.sqrt(energy),
    3,
  )
  const street = holeOutflow(area, 102_500, 100_000, energy)
  expect(street).toBeCloseTo(0.8 * area * Math.sqrt(2 * (101_250 / energy) * 2500), 4)
  expect(holeOutflow(area, 110_000, 100_000, energy) / street).toBeCloseTo(2, 1)
  expect(holeOutflow(area, 99_000, 100_000, energy)).toBe(0)
})

test('steps are a minute as long as the machine keeps up', () => {
  expect(stepLength(1, 10)).toBe(20_000)
  expect(stepLength(60, 10)).toBe(60_000)
  expect(stepLength(1200, 10)).toBe(60_000)
  expect(stepLength(3600, 10)).toBe(120_000)
  expect(stepLength(3600, 200)).toBe(900_000)
})
