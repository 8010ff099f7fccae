import { hash32, SeededRandom, unitHash } from '../seeded-random.ts'
import type { Saying } from './saying.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** Radio cells that fall silent in a city, and the shares of homes that a busy platform sends away in its hour. */
const OUTAGES = 2
const BUSY_HOURS = 3
const SENT_AWAY = 0.6

interface Stretch {
  readonly from: number
  readonly until: number
}

/** A road that is held up: how late everybody is grows by a share of the time, and falls faster. */
interface Jam extends Stretch {
  /** Share of the stretch in which it grows; ms at the worst. */
  readonly worst: number
  readonly grows: number
}

/**
 * What holds sound terminals up together: the whole road to the platform is late by hours and catches up in a hurry (in every other
 * city), radio cells are silent and all their terminals come back with what they kept, and a busy platform answers 5.03, so that homes
 * come again when it told them to, in the order in which they come.
 */
export class HoldUps {
  readonly #seed: number
  readonly #jams: readonly Jam[]
  readonly #outages: readonly (Stretch & { readonly lot: number; readonly spread: number })[]
  readonly #busy: readonly Stretch[]

  constructor(seed: number, start: number, days: number) {
    this.#seed = seed
    const random = new SeededRandom(seed, 701)
    // The first day is quiet.
    const within = (hours: number): number => start + DAY + random.next() * Math.max(0, (days - 1) * DAY - hours * HOUR)
    this.#outages = Array.from({ length: OUTAGES }, (_, lot) => {
      const hours = random.between(3, 30)
      const from = within(hours)
      return { from, until: from + hours * HOUR, lot, spread: random.between(2 * MINUTE, 3 * HOUR) }
    })
    this.#busy = Array.from({ length: BUSY_HOURS }, () => {
      const from = within(2)
      return { from, until: from + random.between(0.2, 2) * HOUR }
    })
    this.#jams = seed % 2 === 0 ? jamsOf(random, start + DAY, start + days * DAY) : []
  }

  /** When something that was said at an instant arrives. */
  arrival(at: number): number {
    for (const { from, until, worst, grows } of this.#jams) {
      if (at < from || at >= until) continue
      const part = (at - from) / (until - from)
      return at + worst * (part < grows ? part / grows : (1 - part) / (1 - grows))
    }
    return at
  }

  /** An honest terminal's word as it comes, held up by its own cell or by a busy platform. @param cell any number */
  held(saying: Saying, cell: number): Saying {
    const { device, at } = saying
    const lot = hash32(this.#seed, 702, cell) % 12
    for (const outage of this.#outages)
      if (outage.lot === lot && at >= outage.from && at < outage.until) {
        // What was kept comes in its order, one after the other.
        const back = outage.until + unitHash(this.#seed, 703, device) * outage.spread
        const place = ((at - outage.from) / (outage.until - outage.from)) * 5 * MINUTE
        return { ...saying, at: back + place }
      }
    for (const busy of this.#busy) {
      if (at < busy.from || at >= busy.until || typeof saying.said === 'string' || saying.said.kind !== 'meter')
        continue
      if (unitHash(this.#seed, 704, device, Math.floor(at / MINUTE)) > SENT_AWAY) continue
      return { ...saying, at: at + MINUTE + unitHash(this.#seed, 705, device, Math.floor(at / 1000)) * 3 * HOUR }
    }
    return saying
  }
}

function jamsOf(random: SeededRandom, from: number, until: number): Jam[] {
  const jams: Jam[] = []
  for (let at = from + random.between(0, 12) * HOUR; at < until; ) {
    const lasts = random.between(6, 40) * HOUR
    const grows = random.between(0.2, 0.6)
    // Nobody arrives before who set out earlier: it falls by less than time goes on.
    const worst = random.between(0.3, 0.95) * (1 - grows) * lasts
    if (at + lasts < until) jams.push({ from: at, until: at + lasts, worst, grows })
    at += lasts + random.between(2, 24) * HOUR
  }
  return jams
}
