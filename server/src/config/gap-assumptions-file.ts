import { readFile } from 'node:fs/promises'
import type { GapAssumptions } from '@gastwin/analytics'
import { type Network, UsageError } from '@gastwin/twin'

type Fields = Readonly<Record<string, unknown>>
type Limits = readonly [least: number, most: number]

/** Fields of the file that hold one number: name in the program and what is allowed. */
const NUMBERS = {
  room_k: ['room', [250, 330]],
  indoor_warming: ['indoorWarming', [0, 1]],
  outdoor_air: ['outdoorAir', [0, 1]],
  ground_temperature_k: ['groundTemperature', [250, 330]],
  home_gauge_pa: ['homeGauge', [0, 1e6]],
  business_gauge_pa: ['businessGauge', [0, 1e6]],
  inlet_gain: ['inletGain', [0, 0.2]],
} as const satisfies Readonly<Record<string, readonly [keyof GapAssumptions, Limits]>>

/** Fields that hold `[mean, deviation]`. */
const LAWS = {
  ageing_per_year: ['ageing', [-0.05, 0.05]],
  blind_m3_per_day: ['blind', [0, 5]],
  leak_rate: ['leak', [0, 1]],
  night_leak_share: ['nightLeak', [0, 1]],
  hidden_theft_rate: ['hiddenTheft', [0, 1]],
} as const satisfies Readonly<Record<string, readonly [keyof GapAssumptions, Limits]>>

const OWN_USE = 'own_use_m3_per_day'
const DAY_S = 86_400

/**
 * What a utility knows of its place, instead of the assumptions of the explanation of a gap: a JSON object with any of the fields above
 * and `own_use_m3_per_day`, m³ at the reference state by zone.
 * @throws UsageError CFG_INVALID naming the file and the field
 */
export async function readGapAssumptions(file: string, network: Network): Promise<Partial<GapAssumptions>> {
  const wrong = (field: string, why: string) => new UsageError('CFG_INVALID', `${file}: ${field}: ${why}`)
  const number = (field: string, value: unknown, [least, most]: Limits): number => {
    if (typeof value !== 'number' || !(value >= least && value <= most))
      throw wrong(field, `expected a number from ${least} to ${most}, found ${JSON.stringify(value)}`)
    return value
  }
  const out: Record<string, unknown> = {}
  for (const [field, value] of Object.entries(await readFields(file))) {
    if (field in NUMBERS) {
      const [name, limits] = NUMBERS[field as keyof typeof NUMBERS]
      out[name] = number(field, value, limits)
    } else if (field in LAWS) {
      const [name, limits] = LAWS[field as keyof typeof LAWS]
      if (!Array.isArray(value) || value.length !== 2) throw wrong(field, 'expected [mean, deviation]')
      out[name] = [number(`${field}[0]`, value[0], limits), number(`${field}[1]`, value[1], [1e-9, limits[1]])]
    } else if (field === OWN_USE) {
      if (!isFields(value)) throw wrong(field, 'expected an object of m³ a day by zone')
      out['ownUse'] = Object.fromEntries(
        Object.entries(value).map(([zone, perDay]) => {
          if (!network.zones.numberOf.has(zone)) throw wrong(`${field}.${zone}`, 'the network has no such zone')
          return [zone, number(`${field}.${zone}`, perDay, [0, 1e9]) / DAY_S]
        }),
      )
    } else throw wrong(field, `known are ${[...Object.keys(NUMBERS), ...Object.keys(LAWS), OWN_USE].join(', ')}`)
  }
  return out
}

async function readFields(file: string): Promise<Fields> {
  let value: unknown
  try {
    value = JSON.parse(await readFile(file, 'utf8'))
  } catch (cause) {
    throw new UsageError('CFG_INVALID', `${file}: ${cause instanceof Error ? cause.message : String(cause)}`, {}, cause)
  }
  if (!isFields(value)) throw new UsageError('CFG_INVALID', `${file}: expected an object`)
  return value
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
