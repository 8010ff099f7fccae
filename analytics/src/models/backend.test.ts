import { readFileSync } from 'node:fs'
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu'
import { copyRegisteredKernels, getBackend, registerBackend, setBackend } from '@tensorflow/tfjs-core'
import { expect, test, vi } from 'vitest'
import { scoreCourses, unpackModel } from '../theft/theft-model.ts'
import { decodeModel } from './model-container.ts'
import { seededRandom } from './seeded-random.ts'

const ROWS = 60
const DAYS = 35
const random = seededRandom(3)
const panel = {
  ...{ rows: ROWS, days: DAYS, firstWeekday: 2 },
  values: Float32Array.from({ length: ROWS * DAYS }, () => (random.uniform() < 0.1 ? 0 : 3 * random.uniform())),
}

/** The first call of a process decides which engine runs: each test has modules of its own, over the one core library. */
async function freshBackend() {
  vi.resetModules()
  return import('./backend.ts')
}

/** The networks' share of what the program's own model says of sixty courses. */
function scores(): Float64Array {
  const bytes = readFileSync(new URL('../../../server/models/theft-default-35.model', import.meta.url))
  const container = decodeModel(bytes.subarray(bytes.indexOf(10) + 1))
  const model = typeof container === 'string' ? container : unpackModel(container)
  if (typeof model === 'string') throw new Error(model)
  return scoreCourses(model, panel)
}

test('without a native library, or with one that does not load, WebAssembly computes', async () => {
  for (const loadNative of [undefined, () => Promise.reject(new Error('libtensorflow.so.2: no such file'))]) {
    const { readyBackend } = await freshBackend()
    expect(await readyBackend(loadNative === undefined ? {} : { loadNative })).toBe('wasm')
    expect(getBackend()).toBe('wasm')
  }
})

test('a library that loads and brings no engine to this core is not used', async () => {
  const { readyBackend } = await freshBackend()
  expect(await readyBackend({ loadNative: async () => ({}) })).toBe('wasm')
})

test('an engine that the native library brings computes, and says what WebAssembly says', async () => {
  const ofWasm = scores()
  const { readyBackend } = await freshBackend()
  // The reference engine of the library stands in for libtensorflow, under its name.
  const loadNative = async () => {
    copyRegisteredKernels('cpu', 'tensorflow')
    registerBackend('tensorflow', () => new MathBackendCPU())
  }
  expect(await readyBackend({ loadNative })).toBe('tensorflow')
  expect(getBackend()).toBe('tensorflow')
  const ofNative = scores()
  await setBackend('wasm')
  expect(new Set(ofWasm).size).toBeGreaterThan(ROWS / 2)
  for (const [i, score] of ofWasm.entries()) expect(Math.abs((ofNative[i] as number) - score)).toBeLessThan(1e-4)
})
