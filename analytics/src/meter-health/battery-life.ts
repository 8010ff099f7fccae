import type { BatteryView } from './battery-book.ts'

/** What is assumed of a meter's battery and of what it is spent on. */
export interface BatteryAssumptions {
  /** Of a new battery that can be used, mAh. */
  readonly capacityMah: number
  /** Without talking, µA. */
  readonly idleUa: number
  /** One report in good coverage, mAh. */
  readonly reportMah: number
  /** How much more a report costs where the signal is below each level, dBm. */
  readonly poorCoverage: readonly { readonly belowDbm: number; readonly factor: number }[]
  /** Below it the meter does not work, V. */
  readonly emptyV: number
  /** How far a life by charge may be off, share. */
  readonly lifeSpread: number
  /** How far voltages of like batteries differ, V. */
  readonly voltSpread: number
}

/**
 * @source at rest at most 20 µA, wireless reading scheme §3.3.5.13; a report keeps the modem connected at 50 mA for 20 s and what it sends,
 * white paper §4.2.2 (272 µAh for the wait alone); good coverage above −117.4 dBm there. Capacity, factors of poor coverage and spreads are assumptions.
 */
export const BATTERY_ASSUMPTIONS: BatteryAssumptions = {
  capacityMah: 7_200,
  idleUa: 20,
  reportMah: 0.4,
  poorCoverage: [
    { belowDbm: -127, factor: 8 },
    { belowDbm: -117.4, factor: 3 },
  ],
  emptyV: 3.1,
  lifeSpread: 0.3,
  voltSpread: 0.04,
}

/** How voltages fall with age over the fleet, V a year, and the standard deviation of that. */
export interface VoltDecline {
  readonly perYear: number
  readonly deviation: number
}

/** When a battery will be empty, years from now. */
export interface BatteryLife {
  readonly p05: number
  readonly p50: number
  readonly p95: number
  /** What it rests on. */
  readonly basis: readonly ('voltage' | 'fleet' | 'charge' | 'own_word')[]
}

const NORMAL_90 = 1.645
const HOURS_A_YEAR = 8_766
const DAYS_A_YEAR = 365.25
/** A meter that calls its battery low is believed: so many years are left at most. */
const LOW_YEARS = 0.25
/** A decline below this says nothing of an end, V a year. */
const LEAST_DECLINE = 0.004

/** mAh a year at a meter's own traffic and coverage. */
export function yearlyDrain(
  { reportsPerDay, rsrpDbm }: Pick<BatteryView, 'reportsPerDay' | 'rsrpDbm'>,
  assumptions: BatteryAssumptions = BATTERY_ASSUMPTIONS,
): number {
  const { idleUa, reportMah, poorCoverage } = assumptions
  const factor = poorCoverage.find(({ belowDbm }) => (rsrpDbm ?? 0) < belowDbm)?.factor ?? 1
  return (idleUa / 1000) * HOURS_A_YEAR + reportsPerDay * DAYS_A_YEAR * reportMah * factor
}

/**
 * When a battery will be empty: its voltage runs on to the empty one, at its own decline and that of its fleet by their precision; what
 * was drawn of its charge at its age, traffic and coverage is a second opinion.
 * @param ageYears undefined when not known
 * @returns undefined when neither voltage nor charge tells
 */
export function batteryLife(
  view: BatteryView,
  ageYears: number | undefined,
  fleet: VoltDecline | undefined,
  assumptions: BatteryAssumptions = BATTERY_ASSUMPTIONS,
): BatteryLife | undefined {
  const opinions = [byVoltage(view, fleet, assumptions), byCharge(view, ageYears, assumptions)].filter(
    (one) => one !== undefined,
  )
  const precision = opinions.reduce((sum, { deviation }) => sum + 1 / deviation ** 2, 0)
  if (precision === 0) return view.low ? { p05: 0, p50: LOW_YEARS / 2, p95: LOW_YEARS, basis: ['own_word'] } : undefined
  const years = opinions.reduce((sum, one) => sum + one.years / one.deviation ** 2, 0) / precision
  const deviation = 1 / Math.sqrt(precision)
  const most = view.low ? LOW_YEARS : Number.POSITIVE_INFINITY
  const bounded = (value: number) => Math.min(most, Math.max(0, value))
  return {
    p05: bounded(years - NORMAL_90 * deviation),
    p50: bounded(years),
    p95: bounded(years + NORMAL_90 * deviation),
    basis: [...opinions.flatMap(({ basis }) => basis), ...(view.low ? (['own_word'] as const) : [])],
  }
}

interface Opinion {
  readonly years: number
  readonly deviation: number
  readonly basis: BatteryLife['basis']
}

function byVoltage(view: BatteryView, fleet: VoltDecline | undefined, a: BatteryAssumptions): Opinion | undefined {
  const left = view.volt - a.emptyV
  if (left <= 0) return { years: 0, deviation: 0.1, basis: ['voltage'] }
  const own = view.slope === undefined ? undefined : { perYear: -view.slope.perYear, deviation: view.slope.deviation }
  const known = [own, fleet].filter((one) => one !== undefined)
  const precision = known.reduce((sum, { deviation }) => sum + 1 / deviation ** 2, 0)
  if (precision === 0) return undefined
  const decline = known.reduce((sum, one) => sum + one.perYear / one.deviation ** 2, 0) / precision
  const spread = 1 / Math.sqrt(precision)
  if (decline < Math.max(LEAST_DECLINE, spread)) return undefined
  const years = left / decline
  return {
    years,
    deviation: years * Math.hypot(a.voltSpread / left, spread / decline),
    basis: [...(own === undefined ? [] : (['voltage'] as const)), ...(fleet === undefined ? [] : (['fleet'] as const))],
  }
}

function byCharge(view: BatteryView, ageYears: number | undefined, a: BatteryAssumptions): Opinion | undefined {
  if (ageYears === undefined) return undefined
  const life = a.capacityMah / yearlyDrain(view, a)
  // Past its reckoned life a battery that still works has shown the reckoning wrong.
  return { years: Math.max(0.5, life - ageYears), deviation: a.lifeSpread * life, basis: ['charge'] }
}

const LEAST_METERS = 50
const LEAST_IN_YEAR = 5
const LEAST_YEARS = 4

/**
 * How voltages fall with age over a fleet: least squares through the middles of each year of age. Meters whose battery died do not speak,
 * so that the true decline is steeper.
 * @param meters age in years, V
 * @returns undefined when too few meters of too few ages are known, or nothing falls
 */
export function fleetDecline(
  meters: readonly { readonly age: number; readonly volt: number }[],
): VoltDecline | undefined {
  if (meters.length < LEAST_METERS) return undefined
  const byYear = new Map<number, number[]>()
  for (const { age, volt } of meters) {
    const year = Math.floor(age)
    const list = byYear.get(year) ?? []
    list.push(volt)
    byYear.set(year, list)
  }
  const middles = [...byYear]
    .filter(([, volts]) => volts.length >= LEAST_IN_YEAR)
    .map(([year, volts]) => ({
      year,
      volt: volts.sort((a, b) => a - b)[volts.length >> 1] as number,
      weight: volts.length,
    }))
  if (middles.length < LEAST_YEARS) return undefined
  const weight = middles.reduce((sum, one) => sum + one.weight, 0)
  const year = middles.reduce((sum, one) => sum + one.weight * one.year, 0) / weight
  const volt = middles.reduce((sum, one) => sum + one.weight * one.volt, 0) / weight
  const xx = middles.reduce((sum, one) => sum + one.weight * (one.year - year) ** 2, 0)
  const xy = middles.reduce((sum, one) => sum + one.weight * (one.year - year) * (one.volt - volt), 0)
  const slope = xy / xx
  const rest = middles.reduce((sum, one) => sum + one.weight * (one.volt - volt - slope * (one.year - year)) ** 2, 0)
  const deviation = Math.sqrt(rest / (middles.length - 2) / xx)
  return slope < 0 ? { perYear: -slope, deviation: Math.max(deviation, 0.1 * -slope) } : undefined
}
