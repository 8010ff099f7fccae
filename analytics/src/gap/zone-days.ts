import type { Network } from '@gastwin/twin'
import type { GapAssumptions } from './gap-options.ts'
import { type GasAtMeters, gasAtMeters } from './gas-at-meters.ts'
import type { EdgeHours } from './inlet-hours.ts'
import type { KnownLeak } from './known-leak.ts'
import { mendedFlow } from './known-leak-hours.ts'
import { METER_PLACES, type MeterPlace, type MeterRegister } from './meter-registers.ts'
import { HOUR_MS, type PeriodGrid } from './period-grid.ts'
import { cutRegister, type RegisterDays } from './register-days.ts'
import { businessClock, type ZoneClock, zoneClock } from './zone-clock.ts'
import type { ZoneWeather } from './zone-weather.ts'

/** A meter with its register cut into days. */
export interface MeterDays {
  readonly register: MeterRegister
  readonly cut: RegisterDays
}

/** The ledger of a zone by the day, m³ at the reference state unless said otherwise. */
export interface ZoneDays {
  readonly zone: number
  readonly id: string
  readonly supply: Float64Array
  /** What came in through its inlets: more than the supply of a zone that passes gas on. */
  readonly passed: Float64Array
  /** Of what came in, the part that was measured, m³; and the part of the hours in which every inlet was. */
  readonly heard: Float64Array
  readonly coverage: Float64Array
  readonly linepackChange: Float64Array
  readonly ownUse: Float64Array
  /** Between boundaries, as billed, register m³. */
  readonly sales: Float64Array
  /** What missing readings keep out of the sales, and its variance at each boundary (days + 1). */
  readonly unread: Float64Array
  readonly unreadVariance: Float64Array
  /** Advance of all registers, whenever they were read. */
  readonly advance: Float64Array
  /** Covariance of the sum of the registers at the boundaries, (days + 1)², m⁶. */
  readonly boundaryCovariance: Float64Array
  /** Meters with a scheduled reading missing at each boundary. */
  readonly missing: Float64Array
  /** The least that flows to homes and leaks for three hours on end in one night of ten, m³/h; NaN when no day was measured. */
  readonly nightMinimum: number
  readonly meters: readonly MeterDays[]
  readonly clock: ZoneClock
  /** Per place of meters by the day: m³ at the reference state per working m³, minus 1, and its derivatives. */
  readonly gas: Readonly<
    Record<
      MeterPlace,
      { readonly excess: Float64Array; readonly perKelvin: Float64Array; readonly perAir: Float64Array }
    >
  >
}

const FAST_MS = 2 * HOUR_MS
/** Of a day whose night says something of the leak so many hours were measured. */
const MEASURED_DAY_H = 20

/** @param lateDays a meter first read so many days after the begin was there before; 0: it counts from its first reading on @param leaks known of this zone */
export function zoneDays(
  network: Network,
  zone: number,
  registers: readonly MeterRegister[],
  edges: ReadonlyMap<number, EdgeHours>,
  weather: ZoneWeather,
  grid: PeriodGrid,
  assumptions: GapAssumptions,
  lateDays = 0,
  leaks: readonly KnownLeak[] = [],
): ZoneDays {
  const { days, hours } = grid
  const id = network.zones.ids[zone] ?? ''
  const inlets = network.zones.inlets[zone] ?? []
  const hourly = new Float64Array(hours)
  const whole = new Uint8Array(hours)
  const out = {
    zone,
    id,
    supply: new Float64Array(days),
    passed: new Float64Array(days),
    heard: new Float64Array(days),
    coverage: new Float64Array(days),
    linepackChange: new Float64Array(days),
    ownUse: new Float64Array(days).fill((assumptions.ownUse[id] ?? 0) * 86_400),
    sales: new Float64Array(days),
    unread: new Float64Array(days),
    unreadVariance: new Float64Array(days + 1),
    advance: new Float64Array(days),
    boundaryCovariance: new Float64Array((days + 1) ** 2),
    missing: new Float64Array(days + 1),
  }
  for (let h = 0; h < hours; h++) {
    const day = Math.floor(h / 24)
    let seen = 1
    for (const { edge, sign } of inlets) {
      const known = edges.get(edge)
      const volume = sign * (known?.volume[h] ?? 0)
      hourly[h] = (hourly[h] as number) + volume
      out.passed[day] = (out.passed[day] as number) + Math.max(0, volume)
      if (known?.measured[h] === 1) out.heard[day] = (out.heard[day] as number) + Math.max(0, volume)
      else seen = 0
    }
    whole[h] = seen
    out.supply[day] = (out.supply[day] as number) + (hourly[h] as number)
    out.coverage[day] = (out.coverage[day] as number) + seen / 24
  }
  const linepack = weather.linepack[zone] as Float64Array
  for (let day = 0; day < days; day++)
    out.linepackChange[day] = (linepack[day * 24 + 24] as number) - (linepack[day * 24] as number)

  const mix = placeMix(registers)
  const factors = new Map<MeterPlace, GasAtMeters>(
    METER_PLACES.map((place) => [place, gasAtMeters(weather, zone, place, assumptions, mix)]),
  )
  const own = registers.filter((register) => register.zone === zone)
  const business = businessHours(own, zone, grid)
  const leak = (assumptions.leak[0] * hourly.reduce((sum, v) => sum + v, 0)) / Math.max(1, hours)
  // Of leaks that nobody has seen yet the clock knows nothing: it would cut registers so that the balance misses the very flow.
  const mended = mendedFlow(leaks, grid)
  const homes = hourly.map((v, h) => v - (business[h] as number) - (mended[h] as number))
  const clock = zoneClock(
    homes.map((v) => v - leak),
    grid,
  )
  const meters = own.map(
    (register): MeterDays => ({
      register,
      cut: cutRegister(
        register,
        register.everyMs <= FAST_MS ? businessClock(register, grid) : clock,
        grid,
        out.boundaryCovariance,
        lateDays,
      ),
    }),
  )
  for (const { cut } of meters) {
    for (let b = 0; b <= days; b++) {
      out.missing[b] = (out.missing[b] as number) + (cut.missing[b] as number)
      out.unreadVariance[b] = (out.unreadVariance[b] as number) + (cut.onTimeVariance[b] as number)
      if (b === days) continue
      const step = (of: Float64Array) => (of[b + 1] as number) - (of[b] as number)
      out.sales[b] = (out.sales[b] as number) + step(cut.billed)
      out.unread[b] = (out.unread[b] as number) + step(cut.onTime) - step(cut.billed)
      out.advance[b] = (out.advance[b] as number) + step(cut.stood)
    }
  }
  const gas = Object.fromEntries(
    METER_PLACES.map((place) => {
      const { factor, perKelvin, perAir } = factors.get(place) as GasAtMeters
      return [
        place,
        {
          excess: byDay(factor, clock, days).map((f) => f - 1),
          perKelvin: byDay(perKelvin, clock, days),
          perAir: byDay(perAir, clock, days),
        },
      ]
    }),
  ) as ZoneDays['gas']
  return { ...out, nightMinimum: nightMinimum(homes, whole), meters, clock, gas }
}

/** Shares of the known places among homes; half a meter each so that none is impossible. */
function placeMix(registers: readonly MeterRegister[]): readonly [number, number, number] {
  const count = (place: MeterPlace) => registers.filter((register) => register.place === place).length + 0.5
  const [indoor, stairwell, outdoor] = [count('indoor'), count('stairwell'), count('outdoor')]
  // A network that never heard of stairwells has none.
  const sum = indoor + (stairwell > 0.5 ? stairwell : 0) + outdoor
  return [indoor / sum, stairwell > 0.5 ? stairwell / sum : 0, outdoor / sum]
}

/** What meters of a zone that are read by the hour counted, m³ of their registers (a few % off the reference state). */
export function businessHours(registers: readonly MeterRegister[], zone: number, grid: PeriodGrid): Float64Array {
  const counted = new Float64Array(grid.hours)
  for (const { time, total, everyMs, zone: own } of registers) {
    if (own !== zone || everyMs > FAST_MS) continue
    for (let k = 1; k < time.length; k++) {
      const from = ((time[k - 1] as number) - grid.begin) / HOUR_MS
      const to = ((time[k] as number) - grid.begin) / HOUR_MS
      const perHour = ((total[k] as number) - (total[k - 1] as number)) / (to - from)
      for (let h = Math.max(0, Math.floor(from)); h < Math.min(grid.hours, to); h++)
        counted[h] = (counted[h] as number) + perHour * (Math.min(to, h + 1) - Math.max(from, h))
    }
  }
  return counted
}

/** @param measured 1 where the hour was measured at every inlet: what was filled says nothing of a leak */
function nightMinimum(homes: Float64Array, measured: Uint8Array): number {
  const least: number[] = []
  for (let day = 0; day + 24 <= homes.length; day += 24) {
    if (measured.subarray(day, day + 24).reduce((sum, one) => sum + one, 0) < MEASURED_DAY_H) continue
    let minimum = Number.POSITIVE_INFINITY
    for (let h = day; h < day + 22; h++)
      minimum = Math.min(minimum, ((homes[h] as number) + (homes[h + 1] as number) + (homes[h + 2] as number)) / 3)
    least.push(minimum)
  }
  least.sort((a, b) => a - b)
  return Math.max(0, least[Math.floor(least.length / 10)] ?? Number.NaN)
}

/** Mean of a quantity over each day, weighted by the homes' use. */
function byDay(hourly: Float64Array, { atHour }: ZoneClock, days: number): Float64Array {
  return Float64Array.from({ length: days }, (_, day) => {
    let sum = 0
    let weights = 0
    for (let h = day * 24; h < day * 24 + 24; h++) {
      const weight = (atHour[h + 1] as number) - (atHour[h] as number)
      sum += weight * (hourly[h] as number)
      weights += weight
    }
    return sum / weights
  })
}
