import type { Meter, NetworkDocument, Pipe } from '@gastwin/twin'
import type { SeededRandom } from '../../seeded-random.ts'
import { trunkSection } from './trunk-section.ts'

/** Rows of different meters that fit, chosen at random. */
export function chooseMeters(
  document: NetworkDocument,
  random: SeededRandom,
  count: number,
  fits: (meter: Meter) => boolean,
): number[] {
  const rows = document.meters.flatMap((m, i) => (fits(m) ? [i] : []))
  const chosen: number[] = []
  while (chosen.length < count && rows.length > 0) {
    const i = random.below(rows.length)
    chosen.push(rows[i] ?? 0)
    rows[i] = rows.at(-1) ?? 0
    rows.pop()
  }
  return chosen
}

/** A low-pressure main that is worth a leak: not the last metres to a house. */
export function chooseStreetMain(document: NetworkDocument, random: SeededRandom): Pipe {
  const mains = document.pipes.filter((p) => p.pressure_tier === 'low' && p.length_m > 15 && p.diameter_m > 0.07)
  return random.pick(mains.length > 0 ? mains : document.pipes.filter((p) => p.pressure_tier === 'low'))
}

/** A trunk beside a valve well that watches for gas, and whose section can be closed off at the least cost to customers. */
export function chooseWatchedTrunk(document: NetworkDocument, random: SeededRandom): Pipe {
  const wells = new Set(document.rtus.filter((r) => r.channels.includes('gas')).map((r) => r.at))
  const beside = document.pipes.filter((p) => p.length_m > 15 && (wells.has(p.from) || wells.has(p.to)))
  const trunks = beside.length > 0 ? beside : document.pipes.filter((p) => p.zone === 'MP' && p.length_m > 15)
  const cost = trunks.map((pipe) => ({ pipe, lost: trunkSection(document, pipe).metersLost + random.next() }))
  return cost.reduce((best, c) => (c.lost < best.lost ? c : best)).pipe
}
