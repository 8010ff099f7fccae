import '@tensorflow/tfjs-backend-cpu'
import { conv1d, grads, memory, mul, setBackend, sum, type Tensor3D, tensor3d, tidy } from '@tensorflow/tfjs-core'
import { afterAll, describe, expect, test } from 'vitest'
import { readyTraining } from './backend.ts'
import { seededRandom } from './seeded-random.ts'

const random = seededRandom(5)
const numbers = (count: number) => Float32Array.from({ length: count }, () => random.normal())
const x = numbers(4 * 11 * 3)
const filter = numbers(5 * 3 * 6)
const weight = numbers(4 * 11 * 6)

/** Gradients of a weighed sum of a convolution's output by its input and by its filter. */
function gradients(padding: 'same' | 'valid'): [Float32Array, Float32Array] {
  return tidy(() => {
    const length = padding === 'same' ? 11 : 7
    const w = tensor3d(weight.subarray(0, 4 * length * 6), [4, length, 6])
    const of = grads((a, b) => sum(mul(conv1d(a as Tensor3D, b as Tensor3D, 1, padding), w)))
    const [dx, df] = of([tensor3d(x, [4, 11, 3]), tensor3d(filter, [5, 3, 6])])
    return [Float32Array.from(dx?.dataSync() ?? []), Float32Array.from(df?.dataSync() ?? [])]
  })
}

describe('the gradient of a convolution on the WebAssembly engine', () => {
  afterAll(() => setBackend('wasm'))

  test.each(['same', 'valid'] as const)('equals that of the reference engine, padding "%s"', async (padding) => {
    await readyTraining()
    const mine = gradients(padding)
    await setBackend('cpu')
    const reference = gradients(padding)
    await setBackend('wasm')
    for (const k of [0, 1]) {
      expect(mine[k]?.length).toBe(reference[k]?.length)
      for (const [i, value] of (mine[k] ?? []).entries()) expect(value).toBeCloseTo(reference[k]?.[i] ?? Number.NaN, 4)
    }
    expect(Math.max(...mine[1].map(Math.abs))).toBeGreaterThan(1)
  })

  test('leaves no tensor behind', async () => {
    await readyTraining()
    gradients('same')
    const before = memory().numTensors
    for (let i = 0; i < 20; i++) gradients('same')
    expect(memory().numTensors).toBe(before)
  })
})
