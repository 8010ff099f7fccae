import type { SeededRandom } from '../models/seeded-random.ts'

/**
 * Ways in which a meter is made to count less.
 * @source m1 … m8, m12, m13, m0 as defined by Jokar et al. (2016) and Messinis and Hatziargyriou (2018); those that keep
 * the volume (m9 to m11) bring nothing where every cubic metre costs the same, and are left out. The others are of gas.
 */
export const ATTACKS = [
  'm0_all_zero',
  'm1_scaled',
  'm2_zero_period',
  'm3_random_share',
  'm4_scaled_window',
  'm5_share_of_mean',
  'm6_capped',
  'm7_cut_off',
  'm8_progressive',
  'm12_lower_user',
  'm13_zero_now_and_then',
  'bypass', // from one day on everything flows past the meter
  'partial_bypass', // from one day on a pipe beside the meter takes a share
  'magnet', // single days or nights at which the meter hardly counts
  'inverted', // the meter is turned round for some days of the month and counts backwards
  'seasonal', // past the meter only while use is high
] as const

export type Attack = (typeof ATTACKS)[number]

/**
 * What the meter shows under an attack, in place. Missing values stay missing; nothing is ever added.
 * @param course  true daily use, NaN where missing
 * @param other   the course of another customer, for the attack that borrows one
 * @returns the first day that is affected
 */
export function applyAttack(attack: Attack, course: Float32Array, other: Float32Array, random: SeededRandom): number {
  const days = course.length
  const share = 0.1 + 0.7 * random.uniform()
  const start = Math.floor(days * 0.75 * random.uniform())
  const length = Math.max(3, Math.floor(days * (0.15 + 0.6 * random.uniform())))
  const end = Math.min(days, start + length)
  const times = (from: number, to: number, factor: (day: number) => number): number => {
    for (let day = from; day < to; day++) course[day] = (course[day] as number) * Math.max(0, Math.min(1, factor(day)))
    return from
  }
  switch (attack) {
    case 'm0_all_zero':
      return times(0, days, () => 0)
    case 'm1_scaled':
      return times(0, days, () => share)
    case 'm2_zero_period':
      return times(start, end, () => 0)
    case 'm3_random_share':
      return times(0, days, () => 0.1 + 0.7 * random.uniform())
    case 'm4_scaled_window':
      return times(start, end, () => share)
    case 'm5_share_of_mean': {
      const mean = meanOf(course)
      return lower(course, 0, () => (0.1 + 0.7 * random.uniform()) * mean)
    }
    case 'm6_capped': {
      const cap = 0.6 * largest(course)
      return lower(course, 0, () => cap)
    }
    case 'm7_cut_off': {
      const cut = share * largest(course)
      return lower(course, 0, (value) => value - cut)
    }
    case 'm8_progressive':
      return times(start, days, (day) => 1 - ((1 - share) * (day - start)) / Math.max(1, days - start))
    case 'm12_lower_user': {
      const scale = meanOf(other) > meanOf(course) ? (share * meanOf(course)) / meanOf(other) : 1
      for (let day = 0; day < days; day++) {
        const borrowed = (other[day] as number) * scale
        if (borrowed >= 0 && (course[day] as number) >= 0) course[day] = borrowed
      }
      return 0
    }
    case 'm13_zero_now_and_then':
      return times(start, days, () => (random.uniform() < share ? 0 : 1))
    case 'bypass':
      return times(start, days, () => (random.uniform() < 0.05 ? 0.3 : 0))
    case 'partial_bypass':
      return times(start, days, () => share + 0.05 * random.normal())
    case 'magnet':
      return times(start, days, () => (random.uniform() < 0.5 ? 0.05 + 0.3 * random.uniform() : 1))
    case 'inverted': {
      const from = Math.floor(30 * random.uniform())
      const turned = 4 + random.below(9)
      return times(start, days, (day) => ((day + from) % 30 < turned ? 0 : 1))
    }
    case 'seasonal': {
      const bound = meanOf(course) * (0.8 + 0.4 * random.uniform())
      return lower(course, 0, (value) => (value > bound ? share * value : value))
    }
  }
}

function lower(course: Float32Array, from: number, shown: (value: number) => number): number {
  for (let day = from; day < course.length; day++) {
    const value = course[day] as number
    course[day] = value >= 0 ? Math.max(0, Math.min(value, shown(value))) : value
  }
  return from
}

function meanOf(course: Float32Array): number {
  let sum = 0
  let count = 0
  for (const value of course) {
    if (!(value >= 0)) continue
    sum += value
    count += 1
  }
  return count === 0 ? 0 : sum / count
}

function largest(course: Float32Array): number {
  let most = 0
  for (const value of course) if (value > most) most = value
  return most
}
