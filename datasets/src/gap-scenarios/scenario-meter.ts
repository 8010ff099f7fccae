import type { SeededRandom } from '../seeded-random.ts'

/** A meter as it truly is, beside what the network document says of it. */
export interface TrueMeter {
  readonly size: string
  readonly installedYear: number
  readonly corrector: boolean
  readonly place: 'indoor' | 'outdoor' | 'stairwell'
  readonly placeKnown: boolean
  /** Register over working volume at ordinary flow. */
  readonly gain: number
  /** m³/h: what flows below it is counted in part only. */
  readonly blindBelow: number
  /** Hour from which the register stands still; Infinity for a sound meter. */
  readonly stopsAt: number
  readonly oversized: boolean
  /** Pa above ambient. */
  readonly gauge: number
  /** How the gas in it follows air and rooms. */
  readonly airWeight: number
  readonly room: number
  readonly warming: number
  readonly weekly: boolean
  /** ms after the begin of a UTC day (of a week for weekly meters). */
  readonly readAt: number
}

/** What the towns of a family share. */
export interface MeterHabits {
  readonly year: number
  /** Loss of gain per year of age. */
  readonly ageing: number
  readonly stopped: number
  readonly weekly: number
  readonly places: readonly [indoor: number, stairwell: number]
  /** K of rooms, how far gas warms towards them in a home, and how much more than usual it follows the air. */
  readonly room: number
  readonly warming: number
  readonly airMore: number
}

const DAY_MS = 86_400_000
/** Upper limit of the minimum flow, m³/h, S2-19 of the draft standard for household meters, larger sizes by ratio. */
const SMALLEST: Readonly<Record<string, number>> = {
  'G1.6': 0.016,
  'G2.5': 0.025,
  G4: 0.04,
  G10: 0.1,
  G16: 0.16,
  G25: 0.25,
  G40: 0.4,
  G65: 0.65,
  G100: 1,
  G160: 1.6,
}

export function inventMeter(
  random: SeededRandom,
  habits: MeterHabits,
  hours: number,
  kind: 'home' | 'home with boiler' | 'business',
  /** m³/h, the most that a business burns. */
  mostFlow = 0,
): TrueMeter {
  const home = kind !== 'business'
  const age = Math.floor(Math.min(18, -Math.log(1 - 0.98 * random.next()) * 4.5))
  const oversized = !home && random.chance(0.12)
  const size = home
    ? random.chance(kind === 'home' ? 0.65 : 0.1)
      ? 'G1.6'
      : random.chance(0.8)
        ? 'G2.5'
        : 'G4'
    : businessSize(mostFlow, oversized)
  const place = !home
    ? 'outdoor'
    : random.chance(habits.places[0])
      ? 'indoor'
      : random.chance(habits.places[1])
        ? 'stairwell'
        : 'outdoor'
  return {
    size,
    installedYear: habits.year - age,
    corrector: !home && random.chance(0.7),
    place,
    placeKnown: random.chance(0.7),
    gain:
      1 +
      random.normal(0.001, 0.007) -
      habits.ageing * age * random.between(0.3, 1.7) -
      (oversized ? random.between(0.02, 0.15) : 0),
    blindBelow: (SMALLEST[size] ?? 0.025) * random.between(0.3, 1.3),
    stopsAt: random.chance(habits.stopped) ? (random.chance(0.4) ? -1 : random.below(hours)) : Number.POSITIVE_INFINITY,
    oversized,
    gauge: home ? random.between(2000, 2500) : random.between(2000, 3000),
    airWeight:
      habits.airMore *
      (place === 'indoor'
        ? random.between(0, 0.15)
        : place === 'stairwell'
          ? random.between(0.2, 0.55)
          : random.between(0.4, 0.9)),
    room: habits.room + random.normal(0, 1.5),
    warming: habits.warming * random.between(0.8, 1.2) * (place === 'indoor' ? 1 : place === 'stairwell' ? 0.55 : 0.1),
    weekly: home && random.chance(habits.weekly),
    readAt: random.between(0, DAY_MS),
  }
}

/** K of the gas in a meter. @param air of the last hours, @param ground of the pipe */
export function gasInMeter(meter: TrueMeter, air: number, ground: number): number {
  const mixed =
    meter.airWeight * air + (1 - meter.airWeight) * (meter.warming * meter.room + (1 - meter.warming) * ground)
  return Math.min(293.15, Math.max(273.15, mixed))
}

/** Register advance of an hour, from the working volume that passed. */
export function registered(meter: TrueMeter, hour: number, working: number, standing: number): number {
  if (hour >= meter.stopsAt) return 0
  const small = Math.min(working, standing)
  const seen = standing >= meter.blindBelow ? 1 : (standing / meter.blindBelow) ** 2
  return meter.gain * (working - small + small * seen)
}

const BUSINESS_SIZES = ['G10', 'G16', 'G25', 'G40', 'G65', 'G100', 'G160']

/** The smallest size that carries the flow with a margin, or one two sizes larger. */
function businessSize(mostFlow: number, oversized: boolean): string {
  const fits = BUSINESS_SIZES.findIndex((size) => Number(size.slice(1)) * 1.6 >= mostFlow * 1.2)
  const chosen = (fits < 0 ? BUSINESS_SIZES.length - 1 : fits) + (oversized ? 2 : 0)
  return BUSINESS_SIZES[Math.min(chosen, BUSINESS_SIZES.length - 1)] as string
}
