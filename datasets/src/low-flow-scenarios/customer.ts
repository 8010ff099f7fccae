import { SeededRandom } from '../seeded-random.ts'

/** What kind of customer a simulated register stands for. */
export const CUSTOMER_KINDS = [
  'gas_stove',
  'gas_water_heater',
  'gas_boiler',
  'water_home',
  'restaurant',
  'hotel',
  'shift_works',
  'day_works',
  'office_heating',
] as const
export type CustomerKind = (typeof CUSTOMER_KINDS)[number]

/** Habits of one customer, drawn once. Hours are local; volumes m³. */
export interface Customer {
  readonly kind: CustomerKind
  readonly home: boolean
  /** Mean uses an hour, by hour of a working day and of a weekend day. */
  readonly rate: { readonly workday: readonly number[]; readonly weekend: readonly number[] }
  /** Median volume of one use and the spread of its logarithm. */
  readonly useM3: number
  readonly useSpread: number
  /** Share of uses that go on into the next hour. */
  readonly longUse: number
  /** Absences a year, and their mean length in days. */
  readonly absences: number
  readonly absenceDays: number
  /** Visits a year: more use, later nights. */
  readonly visits: number
  /** Long draws a year (garden, pool, low flame, a heater left on): hours to a day or two, then over. */
  readonly longDraws: number
  readonly longDrawM3H: number
  /** Uses at a fixed night hour (softener, irrigation, bakery's oven): every so many days, 0 for never. */
  readonly nightUseEvery: number
  readonly nightUseM3: number
  readonly nightUseHour: number
  /** Heating: m³ an hour and kelvin below the limit. */
  readonly heatingM3HK: number
  /** Flow that belongs there at all hours (pilot flames, a kitchen's stand-by), m³/h. */
  readonly standingM3H: number
}

/** @param key number of the customer; the same seed and key give the same customer */
export function drawCustomer(seed: number, key: number, kind: CustomerKind): Customer {
  const random = new SeededRandom(seed, 101, key)
  const home = kind.startsWith('gas_') || kind === 'water_home'
  const people = 1 + Math.floor(5 * random.next() ** 1.6)
  const habit = Math.exp(random.normal(0, 0.45))
  const water = kind === 'water_home'
  const gas = kind === 'gas_stove' ? 0.35 : 1
  const uses = home ? (water ? random.between(5, 14) : random.between(1.5, 5) * gas) * people ** 0.7 * habit : 0
  return {
    kind,
    home,
    rate: home ? homeRates(random, uses) : businessRates(random, kind),
    useM3: home ? (water ? random.between(0.008, 0.03) : random.between(0.03, 0.16)) : random.between(0.4, 9),
    useSpread: random.between(0.5, 1.1),
    longUse: random.between(0.05, 0.3),
    absences: home ? random.between(0.5, 14) : random.between(0.2, 2),
    absenceDays: random.between(1.2, 9),
    visits: home ? random.between(0, 5) : 0,
    longDraws: random.chance(0.75) ? random.between(0, water ? 14 : 5) : 0,
    longDrawM3H: Math.exp(random.normal(Math.log(water ? 0.12 : 0.15), 0.9)),
    nightUseEvery: random.chance(water ? 0.2 : home ? 0.03 : 0.2) ? 1 + random.below(5) : 0,
    nightUseM3: (home ? 1 : 15) * random.between(0.02, 0.4),
    nightUseHour: random.below(6),
    heatingM3HK: heating(random, kind, habit),
    standingM3H: !home && random.chance(0.3) ? random.between(0.05, 1.5) : 0,
  }
}

function heating(random: SeededRandom, kind: CustomerKind, habit: number): number {
  if (kind === 'gas_boiler') return 0.022 * habit * random.between(0.6, 1.5)
  if (kind === 'office_heating') return random.between(0.3, 4)
  if (kind === 'hotel') return random.between(0.02, 0.8)
  return 0
}

function bumps(list: readonly (readonly [hour: number, width: number, weight: number])[], base: number): number[] {
  const shape = Array.from({ length: 24 }, (_, hour) =>
    list.reduce((sum, [at, width, weight]) => {
      const apart = Math.min(Math.abs(hour + 0.5 - at), 24 - Math.abs(hour + 0.5 - at))
      return sum + weight * Math.exp(-0.5 * (apart / width) ** 2)
    }, base),
  )
  const total = shape.reduce((a, b) => a + b, 0)
  return shape.map((level) => level / total)
}

function homeRates(random: SeededRandom, usesADay: number): Customer['rate'] {
  // Some people work at night, some sleep badly, some keep no hours at all.
  const turn = random.chance(0.06) ? random.between(6, 14) : random.normal(0, 0.8)
  const wakeful = random.chance(0.2) ? random.between(0.05, 0.5) : random.between(0.002, 0.05)
  const at = (hour: number) => (hour + turn + 24) % 24
  const noon = random.between(0.1, 1)
  const workday = bumps(
    [
      [at(7.2), 1, random.between(0.5, 1.2)],
      [at(12.5), 1.1, noon],
      [at(19.3), random.between(1.3, 2.4), random.between(0.9, 1.6)],
    ],
    wakeful * 0.3,
  )
  const weekend = bumps(
    [
      [at(9.3), 1.5, 0.9],
      [at(13.2), 1.8, 0.9],
      [at(19.8), 2.2, 1.2],
    ],
    wakeful * 0.4,
  )
  const more = random.between(0.8, 1.4)
  return { workday: workday.map((x) => x * usesADay), weekend: weekend.map((x) => x * usesADay * more) }
}

const OPEN: Readonly<Record<string, readonly (readonly [from: number, to: number, level: number])[]>> = {
  restaurant: [
    [8, 10, 0.5],
    [10, 14, 2],
    [16, 21, 2],
    [21, 23, 0.5],
  ],
  hotel: [
    [0, 5, 0.3],
    [5, 10, 2],
    [10, 17, 0.8],
    [17, 24, 1.4],
  ],
  shift_works: [[0, 24, 2]],
  day_works: [[6, 18, 2]],
  office_heating: [[7, 18, 0.15]],
}

function businessRates(random: SeededRandom, kind: CustomerKind): Customer['rate'] {
  const early = random.between(-1.5, 1.5)
  const rest = kind === 'shift_works' ? random.between(0.5, 1) : kind === 'hotel' ? 1 : random.between(0, 1)
  const level = Array.from(
    { length: 24 },
    (_, hour) => OPEN[kind]?.find(([from, to]) => hour >= from + early && hour < to + early)?.[2] ?? 0,
  )
  return { workday: level, weekend: level.map((x) => (random.chance(0.2) ? x : x * rest)) }
}
