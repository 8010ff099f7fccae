import type { CustomerKind } from '../../../../datasets/src/low-flow-scenarios/customer.ts'
import { type ScenarioOptions, scenarioMeters } from '../../../../datasets/src/low-flow-scenarios/scenario.ts'
import type { LowFlowSeries } from '../score-low-flow.ts'

/** Scenarios of invented customers: name, kinds, step of the registers in m³, whether it is known who is heated. */
// biome-ignore format: a table is read by its columns
export const SCENARIOS: readonly (readonly [string, readonly CustomerKind[], number, true?])[] = [
  ['gas homes, 0.1 m3', ['gas_stove', 'gas_water_heater'], 0.1],
  ['gas homes, 1 L', ['gas_stove', 'gas_water_heater'], 0.001],
  ['heated gas homes, 0.1 m3', ['gas_boiler'], 0.1],
  ['gas homes, a third of them heated, 0.1 m3', ['gas_stove', 'gas_water_heater', 'gas_boiler'], 0.1],
  ['gas homes, a third of them heated, kinds known, 0.1 m3', ['gas_stove', 'gas_water_heater', 'gas_boiler'], 0.1, true],
  ['water homes, 1 L', ['water_home'], 0.001],
  ['businesses, 0.1 m3', ['restaurant', 'hotel', 'shift_works', 'day_works', 'office_heating'], 0.1],
]

/** Registers of invented customers, as they are read. @param options `kindsKnown`: which homes are heated */
export function ownSeries(
  options: ScenarioOptions & { readonly everyHours: 1 | 24; readonly stepM3: number; readonly kindsKnown?: boolean },
): LowFlowSeries[] {
  return [...scenarioMeters(options)].map(
    (meter): LowFlowSeries => ({
      id: meter.id,
      ...meter.series,
      place: String(meter.place),
      plan: {
        home: meter.customer.home,
        heated: options.kindsKnown === true ? meter.customer.heatingM3HK > 0 : undefined,
        cadence: options.everyHours === 1 ? 'hourly' : 'daily',
        stepM3: options.stepM3,
        size: undefined,
        utcOffsetMs: () => 0,
      },
    }),
  )
}
