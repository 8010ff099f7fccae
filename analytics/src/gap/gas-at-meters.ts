import { conversionFactor } from '@gastwin/twin'
import type { GapAssumptions } from './gap-options.ts'
import type { MeterPlace } from './meter-registers.ts'
import type { ZoneWeather } from './zone-weather.ts'

/** Hours by which the gas in meters lags behind the air. */
const LAG_H = 4
const COLDEST = 273.15

/** m³ at the reference state in one m³ at working conditions, by the hour, and how uncertain its temperature is. */
export interface GasAtMeters {
  readonly factor: Float64Array
  /** −d(factor)/dT · 1 K: what a gas colder by 1 K adds. */
  readonly perKelvin: Float64Array
  /** K by which the gas would be colder if it followed the air by 0.1 more. */
  readonly perAir: Float64Array
}

/**
 * Gas in meters of one zone and kind of place: between the pipe's temperature, the room's and the air's.
 * @param mix shares of indoor, stairwell, outdoor among meters whose place nobody knows
 */
export function gasAtMeters(
  weather: ZoneWeather,
  zone: number,
  place: MeterPlace,
  assumptions: GapAssumptions,
  mix: readonly [indoor: number, stairwell: number, outdoor: number],
): GasAtMeters {
  const ground = weather.ground[zone] as Float64Array
  const barometer = weather.barometer[zone] as Float64Array
  const hours = ground.length - 1
  const out = { factor: new Float64Array(hours), perKelvin: new Float64Array(hours), perAir: new Float64Array(hours) }
  if (place === 'corrected') {
    out.factor.fill(1)
    return out
  }
  const gauge = place === 'business' ? assumptions.businessGauge : assumptions.homeGauge
  const [indoor, stairwell, outdoor] =
    place === 'unknown' ? mix : place === 'indoor' ? [1, 0, 0] : place === 'stairwell' ? [0, 1, 0] : [0, 0, 1]
  let air = weather.air[0] as number
  for (let h = 0; h < hours; h++) {
    air += ((weather.air[h] as number) - air) / LAG_H
    const pipe = ground[h] as number
    const inside = pipe + assumptions.indoorWarming * (assumptions.room - pipe)
    const outside = pipe + assumptions.outdoorAir * (air - pipe)
    const kelvin = [inside, (inside + outside) / 2, outside].map((t) =>
      Math.min(assumptions.room, Math.max(COLDEST, t)),
    )
    const factors = kelvin.map((t) => conversionFactor((barometer[h] as number) + gauge, t))
    const weights = [indoor, stairwell, outdoor]
    for (let k = 0; k < 3; k++) {
      const f = (factors[k] as number) * (weights[k] as number)
      out.factor[h] = (out.factor[h] as number) + f
      out.perKelvin[h] = (out.perKelvin[h] as number) + f / (kelvin[k] as number)
      // A meter inside hardly follows the air, one in a stairwell by half.
      out.perAir[h] = (out.perAir[h] as number) + ((f / (kelvin[k] as number)) * 0.1 * (pipe - air) * (k + 0.5)) / 2.5
    }
  }
  return out
}
