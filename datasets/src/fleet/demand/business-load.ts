import { BUSINESS } from '../../city/meters.ts'
import { normalHash, unitHash } from '../../seeded-random.ts'
import type { Weather } from './weather.ts'

export const SLOT_S = 300
export const SLOTS_PER_DAY = 288

export interface Business {
  readonly key: number
  readonly profile: number
  /** Mean flow when busy, m³/s at the reference state. */
  readonly busyFlow: number
}

type Shape = readonly (readonly [from: number, to: number, level: number])[]

/** Working hours (local, h) and how busy they are; weekends have their own factor. */
const SHAPES: Readonly<Record<number, { readonly day: Shape; readonly weekend: number; readonly heating: number }>> = {
  [BUSINESS.restaurant]: {
    day: [
      [6, 8.5, 0.35],
      [9.5, 11, 0.6],
      [11, 13.5, 1.3],
      [13.5, 16.5, 0.25],
      [16.5, 21, 1.25],
      [21, 22.5, 0.4],
    ],
    weekend: 1.15,
    heating: 0.1,
  },
  [BUSINESS.hotel]: {
    day: [
      [0, 5.5, 0.15],
      [5.5, 9, 1.1],
      [9, 17, 0.5],
      [17, 23, 1],
      [23, 24, 0.4],
    ],
    weekend: 1.05,
    heating: 0.6,
  },
  [BUSINESS.canteen]: {
    day: [
      [5.5, 7.5, 0.8],
      [9.5, 12.5, 1.5],
      [15.5, 18.5, 1.1],
    ],
    weekend: 0.35,
    heating: 0.05,
  },
  [BUSINESS.laundry]: {
    day: [
      [7, 12, 1],
      [12, 13, 0.4],
      [13, 19, 1],
    ],
    weekend: 0.7,
    heating: 0.1,
  },
  [BUSINESS.shift_works]: { day: [[0, 24, 1]], weekend: 0.92, heating: 0.15 },
  [BUSINESS.day_works]: {
    day: [
      [6.5, 7.5, 0.5],
      [7.5, 11.8, 1.15],
      [11.8, 13, 0.5],
      [13, 18, 1.15],
      [18, 19, 0.3],
    ],
    weekend: 0.2,
    heating: 0.15,
  },
  [BUSINESS.school]: {
    day: [
      [5.5, 7.5, 0.8],
      [9.5, 12.5, 1.3],
      [16, 18, 0.7],
    ],
    weekend: 0.08,
    heating: 0.5,
  },
  [BUSINESS.hospital]: {
    day: [
      [0, 5, 0.35],
      [5, 8, 0.9],
      [8, 19, 0.8],
      [19, 24, 0.5],
    ],
    weekend: 0.95,
    heating: 0.8,
  },
}

/**
 * Flow of a business in one five-minute slot, m³/s at the reference state; a function of its arguments alone.
 * @param slot 0 … 287 of the local day
 */
export function businessFlow(seed: number, b: Business, day: number, slot: number, weather: Weather): number {
  const shape = SHAPES[b.profile]
  if (shape === undefined) return 0
  const hour = (slot + 0.5) / 12 + 0.4 * normalHash(seed, 41, b.key)
  const level = shape.day.find(([from, to]) => hour >= from && hour < to)?.[2] ?? 0
  const weekend = (day + 3) % 7 >= 5 ? shape.weekend : 1
  const cold = Math.max(0, (288 - weather.dayMean(day)) / 15)
  const today = Math.exp(0.16 * normalHash(seed, 42, b.key, day))
  const working = level === 0 && shape.heating * cold < 0.05 ? 0 : level * weekend + shape.heating * cold
  const firing = 0.72 + 0.28 * unitHash(seed, 43, b.key, day * SLOTS_PER_DAY + slot) * 2
  return b.busyFlow * today * working * firing
}
