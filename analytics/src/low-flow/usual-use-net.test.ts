import { expect, test } from 'vitest'
import { readyBackend } from '../models/backend.ts'
import { FEATURES } from './customer-memory.ts'
import { chanceBelow, chanceBetween, emptyMixture } from './mixture.ts'
import { usualUseSamples } from './testing/usual-samples.ts'
import { TRAINING_PLAN, trainUsualUse } from './train-usual-use.ts'
import { usualUseModel } from './usual-use-model.ts'
import { UsualUseNet, WEIGHTS } from './usual-use-net.ts'

/** Mean surprise of a model at floors, nats, computed by the plain forward pass. */
function surprise(net: UsualUseNet, features: Float32Array, floor: Float32Array): number {
  const mixture = emptyMixture()
  let sum = 0
  for (let row = 0; row < floor.length; row++) {
    net.predict(features.subarray(row * FEATURES, (row + 1) * FEATURES), true, mixture)
    const y = floor[row] as number
    sum -= Math.log(chanceBelow(mixture, y + Math.log(1.08)) - chanceBelow(mixture, y - Math.log(1.08)) + 1e-9)
  }
  return sum / floor.length
}

test('training lowers the surprise, gives the same weights for the same seed, and the plain pass computes what was trained', async () => {
  await readyBackend()
  const samples = usualUseSamples(3, 40, 90)
  const losses: number[] = []
  const plan = { ...TRAINING_PLAN, epochs: 3, batch: 256 }
  const weights = trainUsualUse(samples, plan, (_, loss) => losses.push(loss))
  expect(losses.at(-1)).toBeLessThan((losses[0] as number) - 0.02)
  expect(trainUsualUse(samples, plan)).toEqual(weights)
  const untrained = new UsualUseNet(new Float32Array(WEIGHTS))
  const here = surprise(new UsualUseNet(weights), samples.features, samples.floor)
  expect(here).toBeLessThan(surprise(untrained, samples.features, samples.floor) - 0.3)
  expect(Math.abs(here - (losses.at(-1) as number))).toBeLessThan(0.15)
}, 30_000)

test('the model that comes with the program knows unseen customers better than a model trained on few', () => {
  const unseen = usualUseSamples(99, 20, 120)
  expect(surprise(usualUseModel(), unseen.features, unseen.floor)).toBeLessThan(2.6)
})

test('a mixture is a distribution', () => {
  const mixture = emptyMixture()
  usualUseModel().predict(new Float32Array(FEATURES).fill(0.3), true, mixture)
  expect(chanceBelow(mixture, 60)).toBeCloseTo(1, 6)
  expect(chanceBelow(mixture, -60)).toBeCloseTo(0, 6)
  expect(chanceBetween(mixture, 0.01, 0.02)).toBeGreaterThan(0)
  expect(chanceBetween(mixture, -2, -1)).toBe(0)
})
