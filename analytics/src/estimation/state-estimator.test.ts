import { compileHydraulics } from '@gastwin/twin'
import { expect, test } from 'vitest'
import { observability } from './observability.ts'
import { StateEstimator } from './state-estimator.ts'
import { TrueCity } from './testing/true-city.ts'

/** Standardised errors of pressures and flows over many towns, and the root mean square error of pressures, Pa. */
function errorsOver(seeds: readonly number[], loops: number) {
  const pressure: number[] = []
  const flow: number[] = []
  let squares = 0
  for (const seed of seeds) {
    const city = new TrueCity({ seed, across: 7, down: 6, loops, lasting: 0, gaussian: true })
    const estimator = new StateEstimator(city.network, city.sensors)
    for (const t of [3, 8, 19]) {
      const truth = city.hour(t)
      const estimate = estimator.estimate(truth.snapshot, { spread: 'always' })
      expect(estimate.status).toBe('estimated')
      truth.pressure.forEach((p, i) => {
        const error = (estimate.pressure[i] ?? 0) - p
        pressure.push(error / (estimate.pressureSigma[i] ?? 0))
        squares += error * error
      })
      truth.massFlow.forEach((m, e) => {
        const sigma = estimate.flowSigma[e] ?? 0
        if (sigma > 1e-8) flow.push(((estimate.massFlow[e] ?? 0) - m) / sigma)
      })
    }
  }
  return { pressure, flow, rms: Math.sqrt(squares / pressure.length) }
}

const within = (z: readonly number[], limit: number) => z.filter((x) => Math.abs(x) < limit).length / z.length

test.each([
  { name: 'looped towns', loops: 0.5 },
  { name: 'trees', loops: 0 },
])('nine tenths of the truth lie within the intervals that say so: $name', ({ loops }) => {
  const { pressure, flow, rms } = errorsOver(
    Array.from({ length: 30 }, (_, i) => i + 1),
    loops,
  )
  expect(within(pressure, 1.645)).toBeGreaterThan(0.86)
  expect(within(pressure, 1.645)).toBeLessThan(0.94)
  expect(within(flow, 1.645)).toBeGreaterThan(0.86)
  expect(within(flow, 1.645)).toBeLessThan(0.94)
  expect(rms).toBeLessThan(120)
})

test('classes of directions give the same standard deviations as every parameter on its own, but for a few per cent', () => {
  const city = new TrueCity({ seed: 5, across: 9, down: 9 })
  const { snapshot } = city.hour(8)
  const exact = new StateEstimator(city.network, city.sensors, { classes: 1000 }).estimate(snapshot, {
    spread: 'always',
  })
  const few = new StateEstimator(city.network, city.sensors, { classes: 32 }).estimate(snapshot, { spread: 'always' })
  const ratios = Array.from(exact.pressureSigma, (s, i) => (few.pressureSigma[i] ?? 0) / s).sort((a, b) => a - b)
  expect(ratios[Math.floor(ratios.length * 0.05)]).toBeGreaterThan(0.85)
  expect(ratios[Math.floor(ratios.length * 0.95)]).toBeLessThan(1.15)
  expect(few.pressurePriorSigma[40]).toBeGreaterThan(5 * (few.pressureSigma[40] ?? 0))
})

test('the estimate is a solution of the network: mass is balanced at every node', () => {
  const city = new TrueCity({ seed: 9, across: 6, down: 5 })
  const { snapshot } = city.hour(19)
  const estimate = new StateEstimator(city.network, city.sensors).estimate(snapshot)
  const balance = estimate.withdrawal.map((w) => -w)
  estimate.massFlow.forEach((m, e) => {
    const from = city.network.edges.from[e] ?? 0
    const to = city.network.edges.to[e] ?? 0
    balance[from] = (balance[from] ?? 0) - m
    balance[to] = (balance[to] ?? 0) + m
  })
  for (const node of balance.keys()) if (node > 1) expect(Math.abs(balance[node] ?? 1)).toBeLessThan(1e-8)
})

test('minutes of the same level use the linearisation they have; a sensor left out is still compared', () => {
  const city = new TrueCity({ seed: 3, across: 6, down: 5 })
  const estimator = new StateEstimator(city.network, city.sensors)
  const { snapshot } = city.hour(8)
  expect(estimator.estimate(snapshot)).toMatchObject({ status: 'estimated', linearisations: 2, spreadIsFresh: true })
  const measured = snapshot.measured.slice()
  measured[4] = (measured[4] ?? 0) + 3000
  measured[5] = Number.NaN
  const believed = estimator.estimate({ ...snapshot, measured })
  expect(believed).toMatchObject({ linearisations: 0, spreadIsFresh: false, measurements: city.sensors.count - 1 })
  expect(believed.normalised[4]).toBeGreaterThan(10)
  expect(believed.normalised[5]).toBeNaN()
  const misled = Math.abs((believed.expected[6] ?? 0) - (measured[6] ?? 0))
  const leftOut = new Uint8Array(city.sensors.count)
  leftOut[4] = 1
  const sober = estimator.estimate({ ...snapshot, measured }, { leftOut })
  expect(sober.measurements).toBe(city.sensors.count - 2)
  expect(sober.disagreement[4]).toBeGreaterThan(2500)
  expect(sober.chiSquare).toBeLessThan(believed.chiSquare / 5)
  expect(misled).toBeGreaterThan(0)
})

test('without readings the state is what the prior says, and everything is blind', () => {
  const city = new TrueCity({ seed: 4, across: 5, down: 5 })
  const { snapshot } = city.hour(8)
  const measured = snapshot.measured.map(() => Number.NaN)
  const estimate = new StateEstimator(city.network, city.sensors).estimate({ ...snapshot, measured })
  const prior = compileHydraulics(city.network).solve({ demands: snapshot.withdrawal })
  estimate.pressure.forEach((p, i) => {
    expect(p).toBeCloseTo(prior.pressure[i] ?? 0, 1)
  })
  expect(observability(estimate).blindNodes.length).toBe(city.network.nodes.count)
})

test('demand that no pipe can carry is said, not invented', () => {
  const city = new TrueCity({ seed: 4, across: 5, down: 5 })
  const { snapshot } = city.hour(8)
  const withdrawal = snapshot.withdrawal.map((w) => w * 1e4)
  expect(new StateEstimator(city.network, city.sensors).estimate({ ...snapshot, withdrawal }).status).toBe('unsolved')
})
