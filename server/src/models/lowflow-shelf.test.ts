import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packUsualUse, shippedUsualUse } from '@gastwin/analytics'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { LOW_FLOW_FILES, LowFlowShelf } from './lowflow-shelf.ts'
import { writeModelFile } from './model-file.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gastwin-lowflow-'))
})
afterEach(() => rm(folder, { recursive: true }))

const { net, reference } = shippedUsualUse()
const changed = (first: number) => {
  const weights = net.weights.slice()
  weights[0] = first
  return weights
}

test('registers are walked with the model that comes with the program while the folder has none', async () => {
  for (const own of [null, folder, join(folder, 'nowhere')]) {
    const shelf = new LowFlowShelf(own)
    expect(await shelf.look()).toBe(false)
    expect(shelf.pair.active.net).toBe(net)
    expect(shelf.pair.shadow).toBeUndefined()
  }
})

test('models come, change and go with their files, and a bad file leaves the former one', async () => {
  const shelf = new LowFlowShelf(folder)
  const active = join(folder, LOW_FLOW_FILES.active)
  const sha256 = await writeModelFile(active, packUsualUse(changed(0.5), reference))
  await writeModelFile(join(folder, LOW_FLOW_FILES.shadow), packUsualUse(changed(0.7), reference))
  expect(await shelf.look()).toBe(true)
  expect(await shelf.look()).toBe(false)
  expect(shelf.own('active')).toMatchObject({ sha256, file: 'lowflow.model' })
  expect(shelf.pair.active.net.weights[0]).toBe(0.5)
  expect(shelf.pair.shadow?.net.weights[0]).toBeCloseTo(0.7)

  await writeFile(active, 'no model')
  expect(await shelf.look()).toBe(true)
  expect(shelf.refused).toMatchObject([{ use: 'active', file: 'lowflow.model', why: expect.stringContaining('begin') }])
  expect(shelf.pair.active.net.weights[0]).toBe(0.5)

  for (const [weights, why] of [
    [changed(Number.NaN), 'no chances'],
    [new Float32Array(3), 'does not hold'],
  ] as const) {
    await writeModelFile(active, packUsualUse(weights, reference))
    await shelf.look()
    expect(shelf.refused[0]?.why).toContain(why)
  }
  await rename(join(folder, LOW_FLOW_FILES.shadow), active)
  await shelf.look()
  expect(shelf.refused).toEqual([])
  expect(shelf.pair.active.net.weights[0]).toBeCloseTo(0.7)
  expect(shelf.pair.shadow).toBeUndefined()
  await rm(active)
  expect(await shelf.look()).toBe(true)
  expect(shelf.pair.active.net).toBe(net)
})
