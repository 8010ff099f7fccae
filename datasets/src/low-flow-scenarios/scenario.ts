import { SeededRandom } from '../seeded-random.ts'
import { CUSTOMER_KINDS, type Customer, type CustomerKind, drawCustomer } from './customer.ts'
import { hourlyUse } from './hourly-use.ts'
import { type Fault, type MeterPlan, type RegisterSeries, readRegister, withFault } from './simulated-meter.ts'

/** Monday 2024-01-01 00:00 UTC: scenarios live in UTC. */
export const SCENARIO_START = Date.UTC(2024, 0, 1)

export interface ScenarioOptions {
  readonly seed: number
  readonly meters: number
  readonly days: number
  /** 1 or 24; undefined: half of the meters each. */
  readonly everyHours?: 1 | 24
  readonly kinds?: readonly CustomerKind[]
  /** Step of the registers, m³; undefined: 1 L, 10 L and 0.1 m³ mixed. */
  readonly stepM3?: number
  /** Towns with weather of their own. */
  readonly places?: number
  /** Fault of a meter, or none. */
  readonly faultOf?: (random: SeededRandom, customer: Customer, days: number) => Fault | undefined
}

export interface ScenarioMeter {
  readonly id: string
  readonly customer: Customer
  readonly plan: MeterPlan
  readonly place: number
  readonly fault: Fault | undefined
  /** Unix ms at which the fault begins; NaN without one. */
  readonly faultAt: number
  readonly series: RegisterSeries
  /** True m³ that passed in each hour. */
  readonly use: Float64Array
}

/** Households and businesses of a few places, with registers as a meter would show them. */
export function* scenarioMeters(options: ScenarioOptions): Generator<ScenarioMeter> {
  const { seed, meters, days } = options
  const kinds = options.kinds ?? CUSTOMER_KINDS
  for (let key = 0; key < meters; key++) {
    const random = new SeededRandom(seed, 401, key)
    const kind = random.pick(kinds)
    const place = key % (options.places ?? 3)
    const firstDay = new SeededRandom(seed, 402, place).below(365)
    const customer = drawCustomer(seed, key, kind)
    const everyHours = options.everyHours ?? (random.chance(0.5) ? 1 : 24)
    const stepM3 = options.stepM3 ?? (customer.home ? random.pick([0.001, 0.001, 0.01, 0.1]) : random.pick([0.1, 1]))
    const plan: MeterPlan = { stepM3, everyHours, lost: random.next() ** 6 * 0.1, glitches: random.chance(0.1) ? 3 : 0 }
    const fault = options.faultOf?.(random, customer, days)
    const use = withFault(hourlyUse(seed, key, customer, place, firstDay, days), fault, random)
    const series = readRegister(use, plan, fault, SCENARIO_START + firstDay * 86_400_000, seed, key)
    const faultAt = fault === undefined ? Number.NaN : series.beginsAt + fault.fromHour * 3_600_000
    yield { id: `${kind}-${key}`, customer, plan, place, fault, faultAt, series, use }
  }
}
