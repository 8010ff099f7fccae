import { expect, test } from 'vitest'
import { calibrate } from './calibrate.ts'
import { StateEstimator } from './state-estimator.ts'
import { TrueCity } from './testing/true-city.ts'

function history(city: TrueCity, hours: number) {
  return Array.from({ length: hours }, (_, t) => city.hour(t).snapshot)
}

/** Mean squared error of pressures, Pa², at instants that calibration has not seen. */
function heldOut(city: TrueCity, estimators: readonly StateEstimator[]): number[] {
  const sums = estimators.map(() => 0)
  let n = 0
  for (let t = 300; t < 324; t += 4) {
    const truth = city.hour(t)
    estimators.forEach((estimator, k) => {
      const { pressure } = estimator.estimate(truth.snapshot)
      truth.pressure.forEach((p, i) => {
        sums[k] = (sums[k] ?? 0) + ((pressure[i] ?? 0) - p) ** 2
      })
    })
    n += truth.pressure.length
  }
  return sums.map((sum) => sum / n)
}

test('calibration halves the squared error at instants it has not seen, and its offsets are as good as it says', () => {
  let before = 0
  let after = 0
  const z: number[] = []
  for (let seed = 1; seed <= 4; seed++) {
    const city = new TrueCity({ seed, across: 6, down: 5, gaussian: true })
    const calibration = calibrate(city.network, city.sensors, history(city, 48), { wrongDiameterShare: 0 })
    expect(calibration.status).toBe('converged')
    expect(calibration.leftOut).toEqual([])
    calibration.offsets.forEach((offset, k) => {
      z.push((offset - (city.fixedError[k] ?? 0)) / (calibration.offsetSigma[k] ?? 0))
    })
    const [plain = 0, learned = 0] = heldOut(city, [
      new StateEstimator(city.network, city.sensors),
      new StateEstimator(city.network, city.sensors, { calibration }),
    ])
    before += plain
    after += learned
  }
  expect(after).toBeLessThan(before / 2)
  const rms = Math.sqrt(z.reduce((sum, x) => sum + x * x, 0) / z.length)
  // Most of it is one error that all offsets of a town share, so that few towns say little.
  expect(rms).toBeGreaterThan(0.3)
  expect(rms).toBeLessThan(1.5)
})

test('a pipe of another diameter than the document says is found where the instruments can tell', () => {
  let found = 0
  let wrongly = 0
  for (const seed of [1, 5, 12, 21, 22, 23]) {
    const city = new TrueCity({ seed, across: 6, down: 5, wrongDiameters: 1 })
    const { suspectedDiameters } = calibrate(city.network, city.sensors, history(city, 48))
    const [wrong] = city.wrong.keys()
    const sure = new Map<number, number>()
    for (const { edge, probability } of suspectedDiameters) sure.set(edge, (sure.get(edge) ?? 0) + probability)
    for (const [edge, probability] of sure)
      if (probability > 0.5) {
        if (edge === wrong) found += 1
        else wrongly += 1
      }
  }
  expect(found).toBeGreaterThanOrEqual(2)
  expect(wrongly).toBeLessThanOrEqual(1)
})

test('a sensor that stands still and one that wanders are left out of what is learned', () => {
  const city = new TrueCity({ seed: 6, across: 6, down: 5 })
  const snapshots = history(city, 48).map((snapshot, t) => {
    const measured = snapshot.measured.slice()
    measured[3] = 198_005
    measured[7] = (measured[7] ?? 0) + 25 * t
    return { ...snapshot, measured }
  })
  const { leftOut } = calibrate(city.network, city.sensors, snapshots, { wrongDiameterShare: 0 })
  expect(leftOut.map(({ sensor, reason }) => [sensor, reason])).toEqual([
    [3, 'stuck'],
    [7, 'drift'],
  ])
})

test('nothing to learn from leaves the document as it is', () => {
  const city = new TrueCity({ seed: 2, across: 4, down: 4 })
  const calibration = calibrate(city.network, city.sensors, [])
  expect(calibration.status).toBe('stalled')
  expect(calibration.resistanceFactor.every((f) => f === 1)).toBe(true)
  expect(calibration.suspectedDiameters).toEqual([])
})
