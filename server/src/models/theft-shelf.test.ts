import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { heldTensors, unpackModel } from '@gastwin/analytics/theft'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startModelEngine } from './model-engine.ts'
import { readModelFile, writeModelFile } from './model-file.ts'
import { MODEL_FILES, TheftShelf } from './theft-shelf.ts'

const shipped = (days: number) => fileURLToPath(new URL(`../../models/theft-default-${days}.model`, import.meta.url))

let folder = ''
beforeAll(() => startModelEngine('scoring'))
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gastwin-models-'))
})
afterEach(() => rm(folder, { recursive: true }))

const put = async (use: 'active' | 'shadow', bytes: Uint8Array) => {
  const file = join(folder, MODEL_FILES[use])
  await writeFile(`${file}.new`, bytes)
  await rename(`${file}.new`, file)
}
const digestOf = async (days: number) => (await readModelFile(shipped(days))).digest

describe('the models of a service', () => {
  test('are the shipped one without a folder, and with a folder that has none', async () => {
    for (const own of [null, folder, join(folder, 'nowhere')]) {
      const shelf = new TheftShelf(own)
      expect(await shelf.look()).toBe(true)
      expect(shelf.active).toMatchObject({ source: 'shipped', sha256: await digestOf(35) })
      expect(shelf.shadow).toBeUndefined()
      expect(shelf.refused).toEqual([])
      expect(await shelf.look()).toBe(false)
      shelf.close()
    }
  })

  test('change with their files, without a restart, and give back what the engine held for them', async () => {
    const shelf = new TheftShelf(folder)
    await shelf.look()
    const held = heldTensors()
    await put('active', await readFile(shipped(120)))
    await put('shadow', await readFile(shipped(400)))
    expect(await shelf.look()).toBe(true)
    expect(shelf.active).toMatchObject({ source: 'folder', file: 'theft.model', sha256: await digestOf(120) })
    expect(shelf.shadow).toMatchObject({ use: 'shadow', sha256: await digestOf(400) })
    expect(heldTensors()).toBe(2 * held)
    await rename(join(folder, MODEL_FILES.shadow), join(folder, MODEL_FILES.active))
    await shelf.look()
    expect(shelf.active).toMatchObject({ sha256: await digestOf(400) })
    expect(shelf.shadow).toBeUndefined()
    expect(heldTensors()).toBe(held)
    shelf.close()
    expect(heldTensors()).toBe(0)
  })

  test('stay when a new file is cut, of another kind, or cannot be computed, and say what is wrong with it', async () => {
    const shelf = new TheftShelf(folder)
    const good = await readFile(shipped(120))
    await put('active', good)
    await shelf.look()
    const held = heldTensors()
    const { model } = await readModelFile(shipped(120))
    const without = new Map([...model.arrays].filter(([name]) => name !== 'network/0/conv2'))
    await writeModelFile(join(folder, 'broken'), { ...model, arrays: without })
    const bad: readonly (readonly [Uint8Array, RegExp])[] = [
      [good.subarray(0, good.length - 100), /checksum is wrong/],
      [Buffer.from('not a model\n'), /does not begin with "gastwin-model\/1/],
      [await readFile(join(folder, 'broken')), /cannot be computed/],
    ]
    for (const [bytes, why] of bad) {
      await put('active', bytes)
      expect(await shelf.look()).toBe(true)
      expect(shelf.refused).toEqual([{ use: 'active', file: 'theft.model', why: expect.stringMatching(why) }])
      expect(shelf.active).toMatchObject({ source: 'folder', sha256: await digestOf(120) })
      expect(heldTensors()).toBe(held)
    }
    await put('active', good)
    await shelf.look()
    expect(shelf.refused).toEqual([])
    shelf.close()
  })

  test('are the shipped one when the operator’s is broken from the start, and none when that is missing too', async () => {
    await put('active', Buffer.from('nothing'))
    const shelf = new TheftShelf(folder)
    await shelf.look()
    expect(shelf.active?.source).toBe('shipped')
    expect(shelf.refused).toHaveLength(1)
    shelf.close()
    const none = new TheftShelf(null, join(folder, 'missing.model'))
    await none.look()
    expect(none.active).toBeUndefined()
    expect(none.refused[0]?.why).toMatch(/missing\.model/)
  })

  test('that score live know where inputs and scores lay at their training', async () => {
    const model = unpackModel((await readModelFile(shipped(35))).model)
    if (typeof model === 'string') throw new Error(model)
    expect(model.reference?.scores[0]).toBeGreaterThan(0)
  })
})
