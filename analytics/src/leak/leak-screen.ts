import type { Network } from '@gastwin/twin'
import type { LeakPlaces } from './leak-places.ts'
import type { Innovation } from './pattern-filter.ts'
import type { Picture } from './pattern-model.ts'
import { PatternTrace } from './pattern-trace.ts'

const EVERY_H = 24
const OLDEST_H = 96

/** Traces of leaks that may have begun at several hours of the last days: so that pressures, too, can raise a suspicion. */
export class LeakScreen {
  readonly #network: Network
  readonly places: LeakPlaces
  readonly #byZone: readonly Int32Array[]
  #traces: PatternTrace[] = []

  constructor(network: Network, places: LeakPlaces) {
    this.#network = network
    this.places = places
    const all = Array.from({ length: places.count }, (_, x) => x)
    this.#byZone = network.zones.ids.map((_, zone) => Int32Array.from(all.filter((x) => places.zone[x] === zone)))
  }

  get traces(): readonly PatternTrace[] {
    return this.#traces
  }

  placesOf(zone: number): Int32Array {
    return this.#byZone[zone] ?? new Int32Array(0)
  }

  /** @returns whether the picture is plausible with or without a leak */
  take(hour: number, parameters: number, picture: Picture, innovation: Innovation): boolean {
    if (hour - (this.#traces[this.#traces.length - 1]?.begin ?? 0) >= EVERY_H) {
      this.#traces = this.#traces.filter((trace) => hour - trace.begin < OLDEST_H)
      this.#traces.push(new PatternTrace(this.#network, parameters, this.places, -1, hour))
    }
    let plausible = false
    for (const trace of this.#traces) plausible = trace.take(picture, innovation) || plausible
    return plausible
  }
}
