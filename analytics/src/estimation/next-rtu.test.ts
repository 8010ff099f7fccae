import { expect, test } from 'vitest'
import { bestNextRtu } from './next-rtu.ts'
import { type Sensors, sensorsOf } from './sensors.ts'
import { StateEstimator } from './state-estimator.ts'
import { randomStream, TrueCity } from './testing/true-city.ts'

/** The same instruments with one more pressure transmitter. */
function withOneMore(sensors: Sensors, node: number): Sensors {
  const grow = <T extends Float64Array | Int32Array | Uint8Array>(column: T, value: number): T => {
    const longer = column.constructor as new (length: number) => T
    const out = new longer(column.length + 1)
    out.set(column)
    out[column.length] = value
    return out
  }
  return {
    count: sensors.count + 1,
    ids: [...sensors.ids, 'one more'],
    rtu: grow(sensors.rtu, -1),
    kind: grow(sensors.kind, 0),
    place: grow(sensors.place, node),
    noise: grow(sensors.noise, sensors.noise[0] ?? 0),
    relativeNoise: grow(sensors.relativeNoise, 0),
    fixedError: grow(sensors.fixedError, sensors.fixedError[0] ?? 0),
    step: grow(sensors.step, 5),
  }
}

test('one more RTU at the best place takes away what is promised, and more than at random places', () => {
  const random = randomStream(7)
  let best = 0
  let chance = 0
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    const city = new TrueCity({ seed, across: 7, down: 6, loops: 0.3, pressureSensors: 5 })
    const { snapshot } = city.hour(19)
    const variance = (sensors: Sensors, reading: number) => {
      const measured = Float64Array.from([...snapshot.measured, reading]).subarray(0, sensors.count)
      const estimator = new StateEstimator(city.network, sensors, { classes: 1000 })
      const estimate = estimator.estimate({ ...snapshot, measured }, { spread: 'always' })
      return { estimator, sum: estimate.pressureSigma.reduce((sum, s) => sum + s * s, 0), pressure: estimate.pressure }
    }
    const base = variance(sensorsOf(city.network), 0)
    const nodes = Int32Array.from(city.network.nodes.ids.keys())
    const [first] = bestNextRtu(base.estimator, nodes, {
      noisePa: Math.hypot(city.sensors.noise[0] ?? 0, city.sensors.fixedError[0] ?? 0),
    })
    const gainAt = (node: number) =>
      1 - variance(withOneMore(city.sensors, node), base.pressure[node] ?? 0).sum / base.sum
    const gain = gainAt(first?.node ?? -1)
    expect(Math.abs(gain - (first?.pressureGain ?? 0))).toBeLessThan(0.15 * gain + 0.01)
    best += gain
    for (let k = 0; k < 5; k++) chance += gainAt(Math.floor(random.uniform() * nodes.length)) / 5
  }
  expect(best).toBeGreaterThan(1.5 * chance)
})

test('for leaks, a place at the far end of a blind branch is worth more than one beside an RTU', () => {
  const city = new TrueCity({ seed: 8, across: 7, down: 6, loops: 0.3, pressureSensors: 5 })
  const estimator = new StateEstimator(city.network, city.sensors)
  estimator.estimate(city.hour(19).snapshot, { spread: 'always' })
  const nodes = Int32Array.from(city.network.nodes.ids.keys())
  const places = bestNextRtu(estimator, nodes, { aim: 'leak', count: 100 })
  const at = new Map(places.map(({ node, leakGain }) => [node, leakGain]))
  const equipped = Array.from(city.sensors.place.subarray(0, 7), (node) => at.get(node) ?? 0)
  expect(places[0]?.leakGain).toBeGreaterThan(2 * Math.max(...equipped))
  expect(places.every(({ leakGain }) => leakGain >= 0 && leakGain < 1)).toBe(true)
})
