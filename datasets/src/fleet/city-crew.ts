import type { Meter, NetworkDocument } from '@gastwin/twin'
import { ambientPressure } from '../city/ambient.ts'
import { SeededRandom } from '../seeded-random.ts'
import type { FleetOptions } from './fleet-options.ts'
import { type Consumer, makeConsumer } from './metering/consumer.ts'
import type { ScenarioPlan } from './scenario/scenario-plan.ts'

/** Gauge pressure in a household meter, and behind the own regulator of a medium-pressure customer, Pa. */
const HOUSEHOLD_PA_G = 2500
const OWN_REGULATOR_PA_G = 20_000

/** A consumer with its row of the document. */
export interface MeteredCustomer {
  readonly consumer: Consumer
  readonly meter: Meter
}

/** Every customer of the city who burns metered gas, changed as the scenario wants. */
export function customersOf({ document, truth, seed }: FleetOptions, plan: ScenarioPlan): MeteredCustomer[] {
  const numbers = new Map(document.nodes.map((n, i) => [n.id, i]))
  return document.meters.flatMap((meter, i) => {
    // Rows are those of the document: gas meters stand first in it.
    if (meter.kind !== 'gas') return []
    const node = numbers.get(meter.node) ?? 0
    const air = ambientPressure(document.nodes[node]?.height_m ?? 0)
    const pressure = air + (meter.zone === 'MP' ? OWN_REGULATOR_PA_G : HOUSEHOLD_PA_G)
    const own = truth.meters
    const scale = (own?.scale[i] ?? 1) * (plan.shrunk.get(i) ?? 1)
    const facts = { gain: own?.gain[i] ?? 1, profile: own?.profile[i] ?? 3, scale }
    const consumer = makeConsumer(seed, meter, i, node, pressure, facts)
    consumer.tampering = plan.tampering.get(i)
    consumer.steady = plan.steady.get(i)
    return [{ consumer, meter }]
  })
}

/** Air pressure at every node of a document, Pa. */
export function airPressures(document: NetworkDocument): Float64Array {
  return Float64Array.from(document.nodes, (n) => ambientPressure(n.height_m ?? 0))
}

/** Randomness of the radio, apart from the city's. */
export function radioRandom(seed: number): SeededRandom {
  return new SeededRandom(seed, 131)
}
