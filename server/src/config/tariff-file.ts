import { readFile } from 'node:fs/promises'
import type { GapTariff, MeterPrices } from '@gastwin/analytics'
import { UsageError } from '@gastwin/twin'

/**
 * What a m³ is worth: `{"tiers":[{"from_m3":0,"price":2.99},…],"business":4.34,"purchase":2.4}`, yuan; tiers by yearly use.
 * @throws UsageError CFG_INVALID naming the file and the field
 */
export async function readTariff(file: string): Promise<GapTariff> {
  const tariff = await readObject(file)
  const list = rows(file, 'tiers', tariff['tiers'])
  const tiers = list.map((row, i) => ({
    fromM3: amount(file, `tiers[${i}].from_m3`, row['from_m3'], 0),
    price: amount(file, `tiers[${i}].price`, row['price'], 0),
  }))
  if (tiers[0]?.fromM3 !== 0) throw wrong(file, 'tiers[0].from_m3', 'the first tier begins at 0')
  tiers.forEach(({ fromM3 }, i) => {
    if (i > 0 && fromM3 <= (tiers[i - 1]?.fromM3 ?? 0))
      throw wrong(file, `tiers[${i}].from_m3`, 'tiers stand in rising order')
  })
  return {
    tiers,
    business: amount(file, 'business', tariff['business'], 0),
    purchase: amount(file, 'purchase', tariff['purchase'], 0),
  }
}

/**
 * Yuan of a meter put in place, by size in rising order: `[{"nominal_m3_h":2.5,"yuan":280},…]`, of one class of customers where a row
 * has `"class":"home"` or `"business"`; the last row of a class is for all larger ones of it.
 * @throws UsageError CFG_INVALID naming the file and the field
 */
export async function readMeterPrices(file: string): Promise<MeterPrices> {
  const list = rows(file, 'the list', await readJson(file))
  const prices = list.map((row, i) => ({
    ...classOf(file, i, row['class']),
    nominalM3H: amount(file, `[${i}].nominal_m3_h`, row['nominal_m3_h'], Number.MIN_VALUE),
    yuan: amount(file, `[${i}].yuan`, row['yuan'], Number.MIN_VALUE),
  }))
  prices.forEach(({ home, nominalM3H }, i) => {
    const before = prices.findLastIndex((price, k) => k < i && price.home === home)
    if (nominalM3H <= (prices[before]?.nominalM3H ?? 0))
      throw wrong(file, `[${i}].nominal_m3_h`, 'sizes of a class stand in rising order')
  })
  return prices.map((price, i) =>
    prices.some(({ home }, k) => k > i && home === price.home)
      ? price
      : { ...price, nominalM3H: Number.POSITIVE_INFINITY },
  )
}

function classOf(file: string, i: number, value: unknown): { readonly home?: boolean } {
  if (value === undefined) return {}
  if (value !== 'home' && value !== 'business')
    throw wrong(file, `[${i}].class`, `expected home or business, found ${JSON.stringify(value)}`)
  return { home: value === 'home' }
}

type Fields = Readonly<Record<string, unknown>>

const wrong = (file: string, field: string, why: string) => new UsageError('CFG_INVALID', `${file}: ${field}: ${why}`)

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch (cause) {
    throw new UsageError('CFG_INVALID', `${file}: ${cause instanceof Error ? cause.message : String(cause)}`, {}, cause)
  }
}

async function readObject(file: string): Promise<Fields> {
  const value = await readJson(file)
  if (!isFields(value)) throw wrong(file, 'the file', 'expected an object')
  return value
}

function rows(file: string, field: string, value: unknown): readonly Fields[] {
  if (!Array.isArray(value) || value.length === 0 || !value.every(isFields))
    throw wrong(file, field, 'expected a list of objects with at least one row')
  return value
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function amount(file: string, field: string, value: unknown, least: number): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < least)
    throw wrong(
      file,
      field,
      `expected a number ${least > 0 ? 'above 0' : 'of at least 0'}, found ${JSON.stringify(value)}`,
    )
  return value
}
