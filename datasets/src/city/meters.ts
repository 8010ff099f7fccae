import type { MeterClass } from '@gastwin/twin'
import { SeededRandom } from '../seeded-random.ts'
import type { Building } from './buildings.ts'

/** Appliances of a home, as bits. */
export const STOVE = 1
export const WATER_HEATER = 2
export const BOILER = 4
/** What a business does with gas; values above all combinations of appliances. */
export const BUSINESS = {
  restaurant: 16,
  hotel: 17,
  canteen: 18,
  laundry: 19,
  shift_works: 20,
  day_works: 21,
  school: 22,
  hospital: 23,
} as const

/** A meter with what the utility knows (document) and what it does not (gain, profile, scale: truth). */
export interface MeterRow {
  readonly number: number
  readonly building: Building
  readonly class: MeterClass
  readonly size: string
  readonly installedYear: number
  readonly corrector: boolean
  readonly placement: 'indoor' | 'outdoor'
  readonly schedule: 'daily' | '5min'
  readonly protected: string | null
  /** Registered over true working volume, about 1. */
  readonly gain: number
  /** Appliance bits, or one of BUSINESS. */
  readonly profile: number
  /** Homes: habit factor, mean 1. Businesses: mean flow when busy, as a fraction of the meter's maximum flow. */
  readonly scale: number
}

/** Maximum flow at working conditions, m³/h, by size. @source GB/T 6968 sizes: 1.6 × nominal; G1.6–G6 as in the household standard */
export const MAXIMUM_FLOW_M3_H: Readonly<Record<string, number>> = {
  'G1.6': 2.5,
  'G2.5': 4,
  G4: 6,
  G6: 10,
  G10: 16,
  G16: 25,
  G25: 40,
  G40: 65,
  G65: 100,
  G100: 160,
  G160: 250,
  G250: 400,
  G400: 650,
}

const THIS_YEAR = 2026
const MAKERS = [1817, 2205, 3306, 4112] as const

/** Every meter of a city, building by building: nothing is kept, so that ten million need no memory. */
export function* eachMeter(seed: number, buildings: Iterable<Building>): Generator<MeterRow> {
  let serial = 0
  for (const building of buildings) {
    const year = THIS_YEAR - Math.floor(new SeededRandom(seed, 14, building.id).between(0, 13.5) ** 1.04)
    for (let k = 0; k < building.meters; k++) yield meter(seed, building, year, serial++)
  }
}

function meter(seed: number, building: Building, builtYear: number, serial: number): MeterRow {
  const random = new SeededRandom(seed, 15, serial)
  const year = random.chance(0.12) ? Math.min(THIS_YEAR, builtYear + 1 + random.below(6)) : builtYear
  const maker = MAKERS[building.id % MAKERS.length] ?? 1817
  const number = (maker * 100 + (year % 100)) * 1e8 + serial
  const age = THIS_YEAR - year
  const gain = 1 + random.normal(0, 0.007) - 0.0012 * age
  const shared = { number, building, installedYear: year, gain: Math.round(gain * 1e5) / 1e5 }
  return isHome(building.kind) ? { ...shared, ...home(random, building) } : { ...shared, ...business(random, building) }
}

function isHome(kind: Building['kind']): boolean {
  return kind === 'old_town' || kind === 'multi_storey' || kind === 'high_rise' || kind === 'villa'
}

function home(random: SeededRandom, building: Building) {
  const boilerShare = { old_town: 0.04, multi_storey: 0.16, high_rise: 0.3, villa: 0.75 }[building.kind as 'villa']
  const boiler = random.chance(boilerShare)
  const profile =
    STOVE | (random.chance(building.kind === 'old_town' ? 0.7 : 0.93) ? WATER_HEATER : 0) | (boiler ? BOILER : 0)
  const small = building.kind === 'old_town' && !boiler && random.chance(0.5)
  const size = boiler ? (building.kind === 'villa' && random.chance(0.3) ? 'G6' : 'G4') : small ? 'G1.6' : 'G2.5'
  const outdoor = building.kind === 'villa' || random.chance(0.35)
  return {
    class: 'residential' as const,
    size,
    corrector: false,
    placement: outdoor ? ('outdoor' as const) : ('indoor' as const),
    schedule: 'daily' as const,
    protected: null,
    profile,
    scale: Math.round(Math.exp(random.normal(-0.08, 0.4)) * 1000) / 1000,
  }
}

function business(random: SeededRandom, building: Building) {
  const spread = (sizes: readonly (readonly [string, number])[]): string => {
    let u = random.next()
    for (const [size, share] of sizes) {
      u -= share
      if (u < 0) return size
    }
    return sizes.at(-1)?.[0] ?? 'G6'
  }
  const rest = {
    placement: random.chance(0.5) ? ('indoor' as const) : ('outdoor' as const),
    protected: null as string | null,
  }
  const scale = Math.round(random.between(0.07, 0.28) * 1000) / 1000
  switch (building.kind) {
    case 'industrial': {
      const size = spread([
        ['G40', 0.3],
        ['G65', 0.3],
        ['G100', 0.25],
        ['G160', 0.12],
        ['G250', 0.03],
      ])
      const profile = random.chance(0.55) ? BUSINESS.shift_works : BUSINESS.day_works
      return {
        ...rest,
        class: 'industrial' as const,
        size,
        corrector: true,
        schedule: '5min' as const,
        placement: 'outdoor' as const,
        profile,
        scale,
      }
    }
    case 'school':
      return {
        ...rest,
        class: 'commercial' as const,
        size: 'G25',
        corrector: true,
        schedule: '5min' as const,
        protected: 'school',
        profile: BUSINESS.school,
        scale,
      }
    case 'hospital':
      return {
        ...rest,
        class: 'commercial' as const,
        size: 'G65',
        corrector: true,
        schedule: '5min' as const,
        protected: 'hospital',
        profile: BUSINESS.hospital,
        scale,
      }
    default: {
      const size = spread([
        ['G6', 0.5],
        ['G10', 0.22],
        ['G16', 0.14],
        ['G25', 0.09],
        ['G40', 0.04],
        ['G65', 0.01],
      ])
      const large = size !== 'G6' && size !== 'G10'
      const profile = random.pick([
        BUSINESS.restaurant,
        BUSINESS.restaurant,
        BUSINESS.restaurant,
        BUSINESS.hotel,
        BUSINESS.canteen,
        BUSINESS.laundry,
      ])
      return {
        ...rest,
        class: 'commercial' as const,
        size,
        corrector: large,
        schedule: large ? ('5min' as const) : ('daily' as const),
        profile,
        scale,
      }
    }
  }
}

/** Flow to design pipes for, m³/s at the reference state: a home counts with what homes use at the same time. */
export function designFlow(row: MeterRow): number {
  if (row.class === 'residential') return (0.1 + ((row.profile & BOILER) !== 0 ? 0.45 : 0)) / 3600
  return (1.5 * row.scale * (MAXIMUM_FLOW_M3_H[row.size] ?? 10)) / 3600
}

/** Mean flow the utility expects, m³/s at the reference state. */
export function meanFlow(row: MeterRow): number {
  if (row.class === 'residential') return (0.028 + ((row.profile & BOILER) !== 0 ? 0.12 : 0)) / 3600
  return (0.45 * row.scale * (MAXIMUM_FLOW_M3_H[row.size] ?? 10)) / 3600
}
