import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateGapScenario } from '@gastwin/datasets'
import { buildNetwork } from '@gastwin/twin'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readGapAssumptions } from './gap-assumptions-file.ts'

const network = buildNetwork(generateGapScenario({ seed: 3, days: 1, zones: 2, homes: 5 }).document)
const [zone = ''] = network.zones.ids
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gastwin-assumptions-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function read(content: unknown) {
  const name = join(folder, 'file.json')
  await writeFile(name, JSON.stringify(content))
  return readGapAssumptions(name, network)
}

test('what is known of a place is read by name, own use from m³ a day to m³/s', async () => {
  expect(await read({ room_k: 289, leak_rate: [0.01, 0.004], own_use_m3_per_day: { [zone]: 864 } })).toEqual({
    room: 289,
    leak: [0.01, 0.004],
    ownUse: { [zone]: 0.01 },
  })
  expect(await read({})).toEqual({})
})

test.each([
  ['a field nobody knows', { rooms: 289 }, 'rooms: known are room_k'],
  ['a temperature in °C', { room_k: 18 }, 'room_k: expected a number from 250 to 330, found 18'],
  ['a law without its deviation', { leak_rate: [0.01] }, 'leak_rate: expected [mean, deviation]'],
  ['a deviation of nothing', { leak_rate: [0.01, 0] }, 'leak_rate[1]: expected a number'],
  ['a zone that is not there', { own_use_m3_per_day: { 'Z-99': 1 } }, 'Z-99: the network has no such zone'],
  ['a list', [1], 'expected an object'],
])('%s is refused by its name', async (_, content, why) => {
  await expect(read(content)).rejects.toThrow(why)
})
