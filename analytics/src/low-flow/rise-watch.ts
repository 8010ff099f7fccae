import type { Block } from './block.ts'
import { flowText, type LowFlowFinding, lastingKind } from './finding.ts'
import { COMPARED_DAYS, freshRise } from './fresh-rise.ts'

const DAY = 86_400_000
const HOUR = 3_600_000
const MOST_DAYS = COMPARED_DAYS + 5
/** A flow is over with a day that holds less than this part of the least it may be. */
const OVER = 0.9

interface Open {
  readonly since: number
  readonly toldAt: number
  readonly chance: number
  readonly p05: number
  readonly p50: number
  p95: number
}

/**
 * Constant flows behind a home's register that is read once a day: told with the day that makes them clear, closed with the first one that
 * is too small for them. Days with the flow do not become habits. Memory: 190 numbers.
 */
export class RiseWatch {
  readonly #stepM3: number
  readonly #use: number[] = []
  readonly #town: number[] = []
  readonly #from: number[] = []
  #open: Open | undefined
  readonly closed: LowFlowFinding[] = []

  constructor(stepM3: number) {
    this.#stepM3 = stepM3
  }

  /** @param townM3H mean flow of the homes of the place in the same days; NaN when unknown */
  take(block: Block, townM3H: number): void {
    const hours = (block.to - block.from) / HOUR
    if (this.#open !== undefined) {
      if (block.totalM3 + this.#stepM3 >= OVER * this.#open.p05 * hours) {
        // The day in which it ends is smaller too: it says nothing of how much flowed.
        if (block.floorM3H > this.#open.p50) this.#open.p95 = Math.min(this.#open.p95, block.floorM3H)
        return
      }
      this.closed.push(finding(this.#open, block.from, block.from))
      this.#open = undefined
    }
    this.#use.push((24 * block.totalM3) / hours)
    this.#town.push(24 * townM3H)
    this.#from.push(block.from)
    if (this.#use.length > MOST_DAYS) for (const days of [this.#use, this.#town, this.#from]) days.shift()
    const rise = freshRise(this.#use, this.#town, this.#stepM3)
    if (rise === undefined) return
    const { p05, p50, p95 } = rise.m3PerDay
    this.#open = {
      since: this.#from[this.#from.length - rise.days] as number,
      toldAt: block.to,
      chance: rise.chance,
      ...{ p05: p05 / 24, p50: p50 / 24, p95: p95 / 24 },
    }
    for (const days of [this.#use, this.#town, this.#from]) days.length -= rise.days
  }

  /** What lasts at an instant. */
  current(at: number): LowFlowFinding | undefined {
    return this.#open === undefined ? undefined : finding(this.#open, null, at)
  }
}

function finding({ since, toldAt, chance, p05, p50, p95 }: Open, until: number | null, at: number): LowFlowFinding {
  const days = (at - since) / DAY
  return {
    kind: lastingKind(since, until, at),
    since,
    until,
    toldAt,
    flowM3H: { p05, p50, p95 },
    probability: chance,
    explanation: `for ${days.toFixed(1)} days each day holds about ${flowText(p50)} (${flowText(p05)} to ${flowText(p95)}) more at all hours than this home's usual days and those of its town; visitors would scatter more${until === null ? '' : '; over'}`,
  }
}
