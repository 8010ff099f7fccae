import { dot, times } from './dense-matrix.ts'
import type { GapModel, LossComponent } from './gap-model.ts'
import { logNormalBelow, type SeededDraws } from './seeded-draws.ts'

/** Two losses of a zone whose days look so alike (cosine in the metric of the doubts) may stand for the same gas. */
const RIVALS_ALIKE = 0.7

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

interface Rivals {
  readonly one: number
  readonly other: number
  /** one · precision · other. */
  readonly shared: number
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
  readonly #columns: readonly Column[]
  readonly #rivals: readonly Rivals[]
  readonly #draws: SeededDraws
  readonly #days: number

  /** @param residual without any loss; changed in place @param precision inverse of the sum of the smooth covariances, size² */
  constructor({ losses, size, days }: GapModel, residual: Float64Array, precision: Float64Array, draws: SeededDraws) {
    this.residual = residual
    this.factor = new Float64Array(losses.length)
    this.#draws = draws
    this.#days = days
    this.#columns = losses.map((loss) => {
      const full = new Float64Array(size)
      full.set(loss.pattern, loss.zone * days)
      const weighted = times(precision, full)
      return { loss, at: loss.zone * days, weighted, information: dot(weighted, full) }
    })
    this.#rivals = this.#findRivals()
  }

  sweep(): void {
    for (let j = 0; j < this.#columns.length; j++) {
      const drawn = this.#conditional(j, 0)
      const isThere = drawn.logOdds === Number.POSITIVE_INFINITY || this.#draws.uniform() < logistic(drawn.logOdds)
      this.#set(j, isThere ? this.#draws.positiveNormal(drawn.centre, drawn.spread) : 0)
    }
    for (const rivals of this.#rivals) this.#exchange(rivals)
  }

  /** Given that exactly one of two exists: which, and how large. */
  #exchange({ one, other, shared }: Rivals): void {
    const [a, b] = [this.factor[one] as number, this.factor[other] as number]
    if (a > 0 === b > 0) return
    const ofOne = this.#conditional(one, b * shared)
    const ofOther = this.#conditional(other, a * shared)
    const isOne = this.#draws.uniform() < logistic(ofOne.logOdds - ofOther.logOdds)
    const { centre, spread } = isOne ? ofOne : ofOther
    const size = this.#draws.positiveNormal(centre, spread)
    this.#set(one, isOne ? size : 0)
    this.#set(other, isOne ? 0 : size)
  }

  /** @param given what a rival that is to be taken away adds to its pull */
  #conditional(j: number, given: number): Conditional {
    const { loss, weighted, information } = this.#columns[j] as Column
    const pull = dot(weighted, this.residual) + information * (this.factor[j] as number) + given
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
    const { loss, at } = this.#columns[j] as Column
    this.factor[j] = factor
    for (let day = 0; day < this.#days; day++)
      this.residual[at + day] = (this.residual[at + day] as number) + change * (loss.pattern[day] as number)
  }

  #findRivals(): Rivals[] {
    const found: Rivals[] = []
    this.#columns.forEach((a, one) => {
      if (a.loss.probability >= 1) return
      for (let other = one + 1; other < this.#columns.length; other++) {
        const b = this.#columns[other] as Column
        if (b.loss.zone !== a.loss.zone || b.loss.probability >= 1) continue
        let shared = 0
        for (let day = 0; day < this.#days; day++)
          shared += (a.weighted[a.at + day] as number) * (b.loss.pattern[day] as number)
        if (shared > RIVALS_ALIKE * Math.sqrt(a.information * b.information)) found.push({ one, other, shared })
      }
    })
    return found
  }
}

const logistic = (x: number) => 1 / (1 + Math.exp(-x))
