import { CITY } from '@gastwin/analytics'
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
    const { columns } = fleet
    const members = zone === CITY ? undefined : network.zones.meters
    const number = network.zones.numberOf.get(zone) ?? -1
    const from = members?.start[number] ?? 0
    const meters = members === undefined ? network.meters.count : (members.start[number + 1] ?? 0) - from
    const first = new Uint32Array(meters)
    let known = 0
    for (let i = 0; i < meters; i++) {
      const meter = members === undefined ? i : (members.item[from + i] ?? -1)
      const device = network.meters.device[meter] ?? Number.NaN
      // In an empty fleet meters come first, so that most have their row without being looked up.
      const slot = columns.number[meter] === device ? meter : fleet.slotOf(device)
      const at = columns.firstAt[slot] ?? 0
      if (at === 0) continue
      first[known] = at
      known += 1
    }
    const enough = Math.ceil(meters * ENOUGH)
    if (meters === 0 || known < enough) return Number.POSITIVE_INFINITY
    return (first.subarray(0, known).sort()[enough - 1] ?? Number.POSITIVE_INFINITY) * 1000
  }
}
