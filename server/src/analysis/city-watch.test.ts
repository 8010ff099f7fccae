import { smallCity } from '@gastwin/datasets'
import { buildNetwork, compileHydraulics, type Network, type Report, referenceDensity } from '@gastwin/twin'
import { beforeAll, describe, expect, test } from 'vitest'
import { CityWatch, misfitOf } from './city-watch.ts'
import { describePipes, describeSensors } from './describe-estimate.ts'

const DAY = 86_400_000
const NOW = Date.UTC(2026, 0, 15, 4)
/** m³/s of every gas meter, all the time: what is estimated can then be known exactly. */
const USE = 5e-5

let network: Network
let truth: { readonly pressure: Float64Array; readonly massFlow: Float64Array }
let watch: CityWatch

beforeAll(() => {
  network = buildNetwork(smallCity(7).network)
  const density = referenceDensity(network.document.fluid)
  const demands = new Float64Array(network.nodes.count)
  for (let m = 0; m < network.meters.count; m++) {
    const node = network.meters.node[m] ?? -1
    if (node >= 0) demands[node] = (demands[node] ?? 0) + USE * density
  }
  const { pressure, massFlow, status } = compileHydraulics(network).solve({ demands })
  expect(status).toBe('converged')
  truth = { pressure: pressure.slice(), massFlow: massFlow.slice() }
  watch = new CityWatch(network)
  for (const report of reports(density)) watch.take(report)
})

const said = (device: number, kind: Report['kind'], at: number, readings: Report['readings']): Report => ({
  device,
  kind,
  trigger: 'timed',
  deviceTime: at,
  sequence: -1,
  readings,
  events: [],
  status: {},
})

function* reports(density: number): Generator<Report> {
  const { meters, rtus, edges } = network
  for (let m = 0; m < meters.count; m++) {
    const quantity = meters.corrector[m] === 1 ? 'standard_index_m3' : 'index_m3'
    for (const at of [NOW - 2 * DAY, NOW - DAY, NOW - 600_000])
      yield said(meters.device[m] ?? 0, 'meter', at, [
        { quantity, at, value: 100 + (USE * (at - NOW + 3 * DAY)) / 1000 },
      ])
  }
  for (let r = 0; r < rtus.count; r++) {
    const edge = rtus.edge[r] ?? -1
    const node = (rtus.node[r] ?? -1) >= 0 ? (rtus.node[r] ?? -1) : (edges.to[edge] ?? -1)
    const readings: { quantity: 'pressure_pa' | 'standard_flow_m3_s'; at: number; value: number }[] = [
      { quantity: 'pressure_pa', at: NOW, value: truth.pressure[node] ?? 0 },
    ]
    if (edge >= 0)
      readings.push({ quantity: 'standard_flow_m3_s', at: NOW, value: (truth.massFlow[edge] ?? 0) / density })
    yield said(rtus.device[r] ?? 0, 'rtu', NOW, readings)
  }
}

describe('what the analysis knows of a city from its reports', () => {
  test('pressures of pipes that nobody measures, near the truth and with an honest uncertainty', () => {
    const estimate = watch.estimate(NOW)
    expect(estimate?.status).toBe('estimated')
    if (estimate === undefined) return
    let inside = 0
    let worst = 0
    for (let node = 0; node < network.nodes.count; node++) {
      const error = Math.abs((estimate.pressure[node] ?? Number.NaN) - (truth.pressure[node] ?? Number.NaN))
      if (Number.isNaN(error)) continue
      worst = Math.max(worst, error)
      if (error <= 2 * (estimate.pressureSigma[node] ?? 0) + 0.5) inside += 1
    }
    expect(worst).toBeLessThan(200)
    expect(inside / network.nodes.count).toBeGreaterThan(0.9)
    expect(misfitOf(estimate)).toBeLessThan(1.5)
  })

  test('columns for every pipe and a word about every instrument', () => {
    const estimate = watch.estimate(NOW + 60_000)
    if (estimate === undefined) throw new Error('no estimate')
    const pipes = describePipes(watch, estimate)
    for (const column of Object.values(pipes)) expect(column).toHaveLength(network.edges.countOf.pipe)
    expect(pipes.pressureFrom.every((p) => Number.isNaN(p) || p > 100_000)).toBe(true)
    const sensors = describeSensors(watch, estimate)
    expect(sensors.length).toBe(watch.sensors.count)
    expect(sensors.every((s) => s.state === 'used' && s.measured !== null)).toBe(true)
  })

  test('what pressure remains when the valves of a district are closed', () => {
    const before = watch.lowestAfterClosing([])
    expect(before?.pressure).toBeGreaterThan(100_000)
    const { edges } = network
    const valves = Array.from({ length: edges.countOf.valve }, (_, v) => edges.first.valve + v)
    const districtLost = valves.some((valve) => {
      const after = watch.lowestAfterClosing([valve])
      return after !== null && after.node !== before?.node
    })
    expect(districtLost).toBe(true)
    const again = watch.lowestAfterClosing([])
    expect(again?.node).toBe(before?.node)
    expect(again?.pressure).toBeCloseTo(before?.pressure ?? 0, 3)
  })

  test('nothing before registers were read twice', () => {
    expect(new CityWatch(network).estimate(NOW)).toBeUndefined()
  })
})
