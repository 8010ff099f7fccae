import { CITY } from '@gastwin/analytics'
import { members } from '@gastwin/twin'
import type { CityState } from '../pipeline/city-state.ts'

/** Sales of a period need a reading before it: so many of a zone's meters must have one. */
const ENOUGH = 0.75
const LOOK_EVERY_WALL_MS = 30_000

/** From when on a zone's sales can be told at all: its meters must have been read a first time. */
export class OpeningReadings {
  readonly #city: CityState
  readonly #known = new Map<string, number>()
  readonly #lookedAt = new Map<string, number>()

  constructor(city: CityState) {
    this.#city = city
  }

  /** Instant by which three quarters of a zone's (or CITY's) meters had their first reading, Unix ms; infinite before. */
  before(zone: string): number {
    const known = this.#known.get(zone)
    if (known !== undefined && known < Number.POSITIVE_INFINITY) return known
    const wall = performance.now()
    if (known !== undefined && wall - (this.#lookedAt.get(zone) ?? 0) < LOOK_EVERY_WALL_MS) return known
    this.#lookedAt.set(zone, wall)
    const found = this.#find(zone)
    this.#known.set(zone, found)
    return found
  }

  #find(zone: string): number {
    const { network, fleet } = this.#city
    const rows =
      zone === CITY
        ? Array.from({ length: network.meters.count }, (_, row) => row)
        : members(network.zones.meters, network.zones.numberOf.get(zone) ?? -1)
    const first: number[] = []
    for (const row of rows) {
      const at = fleet.columns.firstAt[fleet.slotOf(network.meters.device[row] ?? Number.NaN)] ?? 0
      if (at > 0) first.push(at)
    }
    const enough = Math.ceil(rows.length * ENOUGH)
    if (rows.length === 0 || first.length < enough) return Number.POSITIVE_INFINITY
    return (first.sort((a, b) => a - b)[enough - 1] ?? Number.POSITIVE_INFINITY) * 1000
  }
}
