import { dot, times } from './dense-matrix.ts'
import type { GapModel, LossComponent } from './gap-model.ts'
import { logNormalBelow, type SeededDraws } from './seeded-draws.ts'

/** Two losses of a zone whose days look so alike (cosine in the metric of the doubts) may stand for the same gas. */
const RIVALS_ALIKE = 0.7
/** Exchanges that are tried in a sweep for each loss that exists. */
const EXCHANGES = 6

/** What one loss would be, everything else as it is. */
interface Conditional {
  /** Log odds that it exists; infinite where it always does. */
  readonly logOdds: number
  readonly centre: number
  readonly spread: number
}

interface Column {
  readonly loss: LossComponent
  /** First day of its zone in the residual. */
  readonly at: number
  /** Precision × pattern. */
  readonly weighted: Float64Array
  readonly information: number
}

/** Losses that may stand for the same gas as one, and how likely each is proposed in its place: running sums of prior odds. */
interface Rivals {
  readonly losses: readonly number[]
  readonly upTo: Float64Array
  /** one · precision · rival. */
  readonly shared: Float64Array
}

/**
 * Draws which losses exist and how large they are, the rest being normal: Gibbs over spike and slab, one loss after the other, and then
 * pairs of rivals of which one exists: both begin in the same week, and a chain that changes one at a time would keep whichever came
 * first, since the second has nothing to explain while the first is there.
 */
export class LossSampler {
  /** m³ of each day that the losses as they are now leave to the smooth shares. */
  readonly residual: Float64Array
  readonly factor: Float64Array
  /** Precision × residual, kept up to date: what a loss pulls on is then asked of its own days, not of all of the block. */
  readonly #pulled: Float64Array
  readonly #columns: readonly Column[]
  readonly #rivals: readonly Rivals[]
  /** Losses of each zone that may or may not exist. */
  readonly #uncertain: readonly (readonly number[])[]
  readonly #draws: SeededDraws
  readonly #days: number

  /** @param residual without any loss; changed in place @param precision inverse of the sum of the smooth covariances, size² */
  constructor({ losses, size, days }: GapModel, residual: Float64Array, precision: Float64Array, draws: SeededDraws) {
    this.residual = residual
    this.factor = new Float64Array(losses.length)
    this.#pulled = times(precision, residual)
    this.#draws = draws
    this.#days = days
    this.#columns = losses.map((loss) => {
      const full = new Float64Array(size)
      full.set(loss.pattern, loss.zone * days)
      const weighted = times(precision, full)
      return { loss, at: loss.zone * days, weighted, information: dot(weighted, full) }
    })
    this.#uncertain = byZone(losses)
    this.#rivals = losses.map((_, j) => this.#rivalsOf(j))
  }

  sweep(): void {
    for (let j = 0; j < this.#columns.length; j++) {
      const drawn = this.#conditional(j, 0)
      const isThere = drawn.logOdds === Number.POSITIVE_INFINITY || this.#draws.uniform() < logistic(drawn.logOdds)
      this.#set(j, isThere ? this.#draws.positiveNormal(drawn.centre, drawn.spread) : 0)
    }
    for (const zone of this.#uncertain) this.#exchangeIn(zone)
  }

  /** An exchange leaves the number of losses that exist as it was, so that each is as often asked on the way back. */
  #exchangeIn(zone: readonly number[]): void {
    const present = zone.filter((j) => (this.factor[j] as number) > 0)
    for (let i = 0; i < EXCHANGES * present.length; i++) {
      const place = Math.floor(this.#draws.uniform() * present.length)
      const one = present[place] as number
      const other = this.#exchanged(one)
      if (other !== undefined) present[place] = other
    }
  }

  /** @returns the rival that now stands in the place of a loss; undefined when it stays */
  #exchanged(one: number): number | undefined {
    const { losses, upTo, shared } = this.#rivals[one] as Rivals
    const all = upTo[upTo.length - 1] ?? 0
    if (all === 0) return undefined
    const asked = this.#draws.uniform() * all
    const place = upTo.findIndex((sum) => sum > asked)
    const other = losses[place]
    if (other === undefined || (this.factor[other] as number) > 0) return undefined
    const ofOne = this.#conditional(one, 0)
    const ofOther = this.#conditional(other, (this.factor[one] as number) * (shared[place] as number))
    // Each is proposed from the other with its own prior odds among the other's rivals.
    const back = priorOdds(this.#columns[one]) / ((this.#rivals[other] as Rivals).upTo.at(-1) as number)
    const there = priorOdds(this.#columns[other]) / all
    const gain = ofOther.logOdds - ofOne.logOdds + Math.log(back / there)
    if (gain < 0 && this.#draws.uniform() >= Math.exp(gain)) return undefined
    this.#set(one, 0)
    this.#set(other, this.#draws.positiveNormal(ofOther.centre, ofOther.spread))
    return other
  }

  /** @param given what a rival that is to be taken away adds to its pull */
  #conditional(j: number, given: number): Conditional {
    const { loss, at, information } = this.#columns[j] as Column
    let pull = information * (this.factor[j] as number) + given
    for (let day = 0; day < this.#days; day++)
      pull += (loss.pattern[day] as number) * (this.#pulled[at + day] as number)
    const variance = 1 / (information + 1 / loss.deviation ** 2)
    const centre = variance * (pull + loss.mean / loss.deviation ** 2)
    const spread = Math.sqrt(variance)
    const logOdds =
      loss.probability >= 1
        ? Number.POSITIVE_INFINITY
        : Math.log(loss.probability / (1 - loss.probability)) +
          Math.log(spread / loss.deviation) +
          0.5 * (centre ** 2 / variance - loss.mean ** 2 / loss.deviation ** 2) +
          logNormalBelow(centre / spread) -
          logNormalBelow(loss.mean / loss.deviation)
    return { logOdds, centre, spread }
  }

  #set(j: number, factor: number): void {
    const change = (this.factor[j] as number) - factor
    if (change === 0) return
    const { loss, at, weighted } = this.#columns[j] as Column
    this.factor[j] = factor
    for (let i = 0; i < weighted.length; i++)
      this.#pulled[i] = (this.#pulled[i] as number) + change * (weighted[i] as number)
    for (let day = 0; day < this.#days; day++)
      this.residual[at + day] = (this.residual[at + day] as number) + change * (loss.pattern[day] as number)
  }

  #rivalsOf(one: number): Rivals {
    const a = this.#columns[one] as Column
    const losses: number[] = []
    const shared: number[] = []
    const upTo: number[] = []
    let sum = 0
    if (a.loss.probability < 1)
      for (const other of this.#uncertain[a.loss.zone] ?? []) {
        const b = this.#columns[other] as Column
        if (other === one || b.loss.probability === 0) continue
        let alike = 0
        for (let day = 0; day < this.#days; day++)
          alike += (a.weighted[a.at + day] as number) * (b.loss.pattern[day] as number)
        if (alike <= RIVALS_ALIKE * Math.sqrt(a.information * b.information)) continue
        losses.push(other)
        shared.push(alike)
        sum += priorOdds(b)
        upTo.push(sum)
      }
    return { losses, upTo: Float64Array.from(upTo), shared: Float64Array.from(shared) }
  }
}

/** Rows of the losses that may or may not exist, by zone. */
function byZone(losses: readonly LossComponent[]): number[][] {
  const zones = Array.from(
    { length: losses.reduce((most, { zone }) => Math.max(most, zone + 1), 0) },
    (): number[] => [],
  )
  losses.forEach(({ zone, probability }, j) => {
    if (probability < 1) zones[zone]?.push(j)
  })
  return zones
}

const priorOdds = (column: Column | undefined): number => {
  const p = column?.loss.probability ?? 0
  return p / (1 - p)
}

const logistic = (x: number) => 1 / (1 + Math.exp(-x))
