import type { NetworkDocument } from '@gastwin/twin'
import { ambientPressure } from '../../city/ambient.ts'
import { SeededRandom } from '../../seeded-random.ts'
import { businessFlow, SLOT_S, SLOTS_PER_DAY } from '../demand/business-load.ts'
import { drawHomeDay } from '../demand/home-draws.ts'
import type { Weather } from '../demand/weather.ts'
import type { Consumer } from '../metering/consumer.ts'
import { holeOutflow } from '../physics/hole-outflow.ts'
import type { Leak } from '../physics/leak.ts'

/** R T of the network's gas at pipe temperature, J/kg; near enough to size a hole. */
const GAS_ENERGY = 1.45e5
const DENSITY_KG_M3 = 0.68
/** Usual pressure in a low-pressure district over the air, Pa. */
const DISTRICT_PA_G = 2500

/** A leak wanted: which zone, how much, when. Times are Unix ms. */
export interface WantedLeak {
  readonly zone: string
  /** m³/s at the reference state. */
  readonly flow: number
  readonly from: number
  readonly growsMs?: number
  readonly mendedAt: number
}

/** Makes a hole in some street main of a low-pressure zone that passes about the wanted flow at the zone's usual pressure. */
export function holeOf(document: NetworkDocument, wanted: WantedLeak, seed: number): Leak {
  const random = new SeededRandom(seed, 141)
  const mains = document.pipes.filter((p) => p.zone === wanted.zone && p.length_m > 15 && p.diameter_m > 0.07)
  const pipe = random.pick(mains)
  const node = document.nodes.find((n) => n.id === pipe.from)
  const outside = ambientPressure(node?.height_m ?? 0)
  const inside = outside + DISTRICT_PA_G
  return {
    kind: 'leak',
    pipe: pipe.id,
    share: Math.round(random.between(0.2, 0.8) * 100) / 100,
    from: wanted.from,
    growsMs: wanted.growsMs ?? 0,
    fullArea: (wanted.flow * DENSITY_KG_M3) / holeOutflow(1, inside, outside, GAS_ENERGY),
    mendedAt: wanted.mendedAt,
  }
}

/** Mean use of a zone on one local day, m³/s at the reference state: what the size of its leaks is measured against. */
export function meanUse(seed: number, consumers: readonly Consumer[], day: number, weather: Weather): number {
  let volume = 0
  for (const { home, device: key, profile, scale, range } of consumers)
    if (home)
      drawHomeDay(seed, { key, profile, scale }, day, weather, (_, seconds, flow) => {
        volume += seconds * flow
      })
    else {
      const business = { key: key % 2 ** 31, profile, busyFlow: scale * range.maximum }
      for (let slot = 0; slot < SLOTS_PER_DAY; slot++)
        volume += SLOT_S * businessFlow(seed, business, day, slot, weather)
    }
  return volume / 86_400
}
