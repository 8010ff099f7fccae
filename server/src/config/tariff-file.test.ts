import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readMeterPrices, readTariff } from './tariff-file.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gastwin-tariff-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function file(content: unknown): Promise<string> {
  const name = join(folder, 'file.json')
  await writeFile(name, typeof content === 'string' ? content : JSON.stringify(content))
  return name
}
const TIERS = [
  { from_m3: 0, price: 3 },
  { from_m3: 500, price: 4 },
]

test('a tariff is read with its tiers, and the last meter price holds for all larger sizes', async () => {
  expect(await readTariff(await file({ tiers: TIERS, business: 5, purchase: 2 }))).toEqual({
    tiers: [
      { fromM3: 0, price: 3 },
      { fromM3: 500, price: 4 },
    ],
    business: 5,
    purchase: 2,
  })
  expect(
    await readMeterPrices(
      await file([
        { nominal_m3_h: 2.5, yuan: 300 },
        { nominal_m3_h: 10, yuan: 900 },
      ]),
    ),
  ).toEqual([
    { nominalM3H: 2.5, yuan: 300 },
    { nominalM3H: Number.POSITIVE_INFINITY, yuan: 900 },
  ])
})

test.each([
  ['no JSON', '{', /JSON/],
  ['no object', [1], /expected an object/],
  ['no tiers', { business: 5, purchase: 2 }, /tiers: expected a list/],
  [
    'a price in words',
    { tiers: [{ from_m3: 0, price: 'three' }], business: 5, purchase: 2 },
    /tiers\[0\].price.*"three"/,
  ],
  ['a first tier above 0', { tiers: [{ from_m3: 9, price: 3 }], business: 5, purchase: 2 }, /begins at 0/],
  ['falling tiers', { tiers: [TIERS[0], { from_m3: 0, price: 4 }], business: 5, purchase: 2 }, /rising order/],
  ['a negative purchase', { tiers: TIERS, business: 5, purchase: -1 }, /purchase: expected a number of at least 0/],
])('a tariff with %s is refused with its field', async (_, content, words) => {
  const reading = readTariff(await file(content))
  await expect(reading).rejects.toMatchObject({ code: 'CFG_INVALID' })
  await expect(readTariff(await file(content))).rejects.toThrow(words)
})

test('meter prices of homes and businesses stand side by side, and the last of each class holds for all larger sizes', async () => {
  expect(
    await readMeterPrices(
      await file([
        { class: 'home', nominal_m3_h: 2.5, yuan: 300 },
        { class: 'business', nominal_m3_h: 10, yuan: 1500 },
        { class: 'home', nominal_m3_h: 4, yuan: 350 },
      ]),
    ),
  ).toEqual([
    { home: true, nominalM3H: 2.5, yuan: 300 },
    { home: false, nominalM3H: Number.POSITIVE_INFINITY, yuan: 1500 },
    { home: true, nominalM3H: Number.POSITIVE_INFINITY, yuan: 350 },
  ])
})

test.each([
  [
    'a class nobody knows',
    [{ class: 'shop', nominal_m3_h: 2.5, yuan: 9 }],
    /\[0\].class: expected home or business, found "shop"/,
  ],
  ['nothing', [], /at least one row/],
  ['a meter for nothing', [{ nominal_m3_h: 2.5, yuan: 0 }], /\[0\].yuan: expected a number above 0/],
  [
    'falling sizes',
    [
      { nominal_m3_h: 4, yuan: 1 },
      { nominal_m3_h: 2.5, yuan: 1 },
    ],
    /rising order/,
  ],
])('meter prices with %s are refused', async (_, content, words) => {
  await expect(readMeterPrices(await file(content))).rejects.toThrow(words)
})
