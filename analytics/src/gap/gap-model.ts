import { addOuter } from './dense-matrix.ts'
import type { GapAssumptions } from './gap-options.ts'
import { addImpossible } from './impossible-days.ts'
import { filledErrors, inletErrors } from './inlet-errors.ts'
import type { EdgeHours } from './inlet-hours.ts'
import { METER_PLACES, type MeterPlace } from './meter-registers.ts'
import type { ZoneDays } from './zone-days.ts'

/** Shares whose errors lean both ways and are known by mean and covariance. */
export const SMOOTH_SHARES = ['temperature_pressure', 'meter_bias', 'timing', 'unexplained'] as const
export type SmoothShare = (typeof SMOOTH_SHARES)[number]

/** Shares that a loss may belong to. */
export type LossShare = 'leak' | 'theft' | 'meter_bias' | 'unexplained'

/** Losses that only add: each is a pattern over days, times a factor ≥ 0. */
export interface LossComponent {
  readonly share: LossShare
  /** Other shares it may be as well, with what is left over for `share`: a register that stands still is broken or bypassed. */
  readonly mayBe?: readonly { readonly share: LossShare; readonly probability: number }[]
  /** Place of the zone in the block, and m³ on each of its days per unit of the factor. */
  readonly zone: number
  readonly pattern: Float64Array
  /** Normal law of the factor, cut at 0. */
  readonly mean: number
  readonly deviation: number
  /** That the loss exists at all. */
  readonly probability: number
  /** Row of the meter it is about; −1 for none. */
  readonly meter: number
  /** Id of the known leak it is about. */
  readonly known?: string
}

/**
 * The days of several zones, one after the other: residual = what the smooth shares and the losses must explain together,
 * m³ at the reference state.
 */
export interface GapModel {
  readonly zones: readonly ZoneDays[]
  readonly days: number
  /** zones · days. */
  readonly size: number
  /** supply − linepack change − own use − advance of the registers. */
  readonly observed: Float64Array
  readonly mean: Readonly<Record<SmoothShare, Float64Array>>
  /** size². */
  readonly covariance: Readonly<Record<SmoothShare, Float64Array>>
  readonly losses: readonly LossComponent[]
}

/** Doubts about temperature: K common to the town and of each zone; about following the air in steps of 0.1; about Pa at meters. */
const TOWN_KELVIN = 2.2
const ZONE_KELVIN = 0.6
const AIR_STEPS = 2
const HOME_PA = 100
const BUSINESS_PA = 250
const BAROMETER_PA = 500
/** Doubts about gain: of new meters in the town and in a zone, of each business meter. */
const TOWN_GAIN = 0.002
const ZONE_GAIN = 0.0015
const BUSINESS_GAIN = 0.008
/** Homes differ from the clock of all more than their own lumps tell: variance of what registers are cut at, times this. */
const TIMING_SPREAD = 2
/** A day's remainder that nothing explains, share of what came in: a small rest of large flows errs as they do. */
const NOISE = 0.0007
/** Where nothing flows, m³: keeps the balance solvable. */
const LEAST_NOISE_M3 = 0.01

export function gapModel(
  zones: readonly ZoneDays[],
  edges: ReadonlyMap<number, EdgeHours>,
  inlets: readonly (readonly { readonly edge: number; readonly sign: 1 | -1 }[])[],
  losses: readonly LossComponent[],
  assumptions: GapAssumptions,
  barometerMeasured: boolean,
): GapModel {
  const days = zones[0]?.supply.length ?? 0
  const size = zones.length * days
  const vector = () => new Float64Array(size)
  const matrix = () => new Float64Array(size * size)
  const mean = { temperature_pressure: vector(), meter_bias: vector(), timing: vector(), unexplained: vector() }
  const covariance = { temperature_pressure: matrix(), meter_bias: matrix(), timing: matrix(), unexplained: matrix() }
  const observed = vector()

  const kelvin = new Map<MeterPlace, Float64Array>(METER_PLACES.map((place) => [place, vector()]))
  const air = vector()
  const pressure = { home: vector(), business: vector() }
  const ageing = vector()
  const blind = vector()
  const townGain = vector()

  zones.forEach((zone, z) => {
    const at = z * days
    const zoneGain = vector()
    const zoneKelvin = new Map<MeterPlace, Float64Array>(METER_PLACES.map((place) => [place, vector()]))
    for (let day = 0; day < days; day++)
      observed[at + day] =
        (zone.supply[day] as number) -
        (zone.linepackChange[day] as number) -
        (zone.ownUse[day] as number) -
        (zone.advance[day] as number)
    for (const { register, cut } of zone.meters) {
      const { place, home, age } = register
      const gas = zone.gas[place]
      const own = home ? undefined : vector()
      for (let day = 0; day < days; day++) {
        const i = at + day
        const advance = (cut.stood[day + 1] as number) - (cut.stood[day] as number)
        const unseen = home && advance > 0 ? assumptions.blind[0] : 0
        const lost = assumptions.ageing[0] * age * advance + unseen
        const excess = gas.excess[day] as number
        add(mean.meter_bias, i, lost)
        add(mean.temperature_pressure, i, (advance + lost) * excess)
        if (place !== 'corrected') {
          add(kelvin.get(place) as Float64Array, i, advance * (gas.perKelvin[day] as number))
          add(zoneKelvin.get(place) as Float64Array, i, advance * (gas.perKelvin[day] as number))
          add(air, i, advance * (gas.perAir[day] as number))
          add(home ? pressure.home : pressure.business, i, (advance * (1 + excess)) / 101_325)
        }
        add(ageing, i, age * advance)
        if (home) {
          add(blind, i, advance > 0 ? 1 : 0)
          add(townGain, i, advance)
          add(zoneGain, i, advance)
        } else if (own !== undefined) own[i] = advance * BUSINESS_GAIN
      }
      if (own !== undefined) addOuter(covariance.meter_bias, own)
    }
    addOuter(covariance.meter_bias, scaled(zoneGain, ZONE_GAIN))
    for (const pattern of zoneKelvin.values()) addOuter(covariance.temperature_pressure, scaled(pattern, ZONE_KELVIN))
    for (let day = 0; day < days; day++) {
      const i = at + day
      add(covariance.unexplained, i * size + i, (NOISE * (zone.passed[day] as number)) ** 2 + LEAST_NOISE_M3 ** 2)
      for (let other = 0; other < days; other++)
        add(
          covariance.timing,
          i * size + at + other,
          TIMING_SPREAD * dayCovariance(zone.boundaryCovariance, days, day, other),
        )
    }
  })
  for (const pattern of kelvin.values()) addOuter(covariance.temperature_pressure, scaled(pattern, TOWN_KELVIN))
  addOuter(covariance.temperature_pressure, scaled(air, AIR_STEPS))
  addOuter(covariance.temperature_pressure, scaled(pressure.home, HOME_PA))
  addOuter(covariance.temperature_pressure, scaled(pressure.business, BUSINESS_PA))
  if (!barometerMeasured)
    addOuter(covariance.temperature_pressure, scaled(sum(pressure.home, pressure.business), BAROMETER_PA))
  addOuter(covariance.meter_bias, scaled(ageing, assumptions.ageing[1]))
  addOuter(covariance.meter_bias, scaled(blind, assumptions.blind[1]))
  addOuter(covariance.meter_bias, scaled(townGain, TOWN_GAIN))
  const own = zones.map(({ zone }) => inlets[zone] ?? [])
  const errors = inletErrors(own, days, covariance.unexplained)
  for (const [edge, known] of edges) {
    const perDay = new Float64Array(days)
    for (let h = 0; h < days * 24; h++) add(perDay, Math.floor(h / 24), known.volume[h] as number)
    errors.add(edge, scaled(perDay, assumptions.inletGain))
    for (const filled of filledErrors(known, days)) errors.add(edge, filled)
  }
  const remainder = observed.slice()
  for (const share of SMOOTH_SHARES) for (let i = 0; i < size; i++) add(remainder, i, -(mean[share][i] as number))
  const variance = (zone: number, fromDay: number, toDay: number) =>
    SMOOTH_SHARES.reduce((sum, share) => sum + blockSum(covariance[share], size, zone * days, fromDay, toDay), 0)
  addImpossible(zones, own, edges, remainder, variance, errors)
  return { zones, days, size, observed, mean, covariance, losses }
}

/** Sum of a covariance over days [from, to) of the zone that begins at a row. */
function blockSum(of: Float64Array, size: number, at: number, from: number, to: number): number {
  let sum = 0
  for (let i = at + from; i < at + to; i++) for (let k = at + from; k < at + to; k++) sum += of[i * size + k] as number
  return sum
}

/** Covariance of two days' advances from that of the boundaries. */
function dayCovariance(boundary: Float64Array, days: number, a: number, b: number): number {
  const at = (i: number, j: number) => boundary[i * (days + 1) + j] as number
  return at(a + 1, b + 1) - at(a + 1, b) - at(a, b + 1) + at(a, b)
}

const scaled = (pattern: Float64Array, by: number) => pattern.map((v) => v * by)
const sum = (a: Float64Array, b: Float64Array) => a.map((v, i) => v + (b[i] as number))

function add(to: Float64Array, at: number, value: number): void {
  to[at] = (to[at] as number) + value
}
