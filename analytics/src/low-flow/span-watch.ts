import type { Block } from './block.ts'
import type { Peers } from './customer-memory.ts'
import { flowText, type LowFlowFinding, lastingKind } from './finding.ts'
import type { Interval } from './register-walk.ts'
import { KEPT_H, lastFloor, SPAN_H, spanRise } from './span-rise.ts'
import { TownParts } from './span-town.ts'
import { StepHours } from './step-hours.ts'

const HOUR = 3_600_000
const PART_H = 8
/** Parts of the day begin at 22, 6 and 14 h. */
const NIGHT_BEFORE_MIDNIGHT_H = 2
/** A flow is over when a day allows less than this share of the least it may be. */
const OVER = 0.9
const DAY_H = 24
/** Of what is just told so many are something else (assumption: a leak in ten years at a home, a few false findings in a thousand months). */
const UNSURE = 0.3

/** What is known of a register before its readings: its step, and whether its gas heats the home. */
interface SpanPlan {
  readonly stepM3: number
  readonly heated?: boolean | undefined
}

interface Open {
  readonly since: number
  readonly sinceHour: number
  readonly toldAt: number
  readonly chance: number
  /** Steps an hour. */
  readonly p05: number
  readonly p50: number
  p95: number
}

/**
 * Constant flows behind a home's register of coarse steps, judged three times a day by its last 40 hours: told once, closed with the first day
 * whose pauses are too long for them. Hours with the flow do not become habits. Memory: a byte an hour
 * and four a part of the day for two months.
 */
export class SpanWatch {
  readonly #plan: SpanPlan
  readonly #hours = new StepHours(KEPT_H)
  #part = Number.NaN
  readonly #town = new TownParts()
  #open: Open | undefined
  readonly closed: LowFlowFinding[] = []

  constructor(plan: SpanPlan) {
    this.#plan = plan
  }

  /** @param utcOffsetMs local time minus UTC */
  take({ from, to, advanceM3 }: Interval, utcOffsetMs: number): void {
    const end = this.#hours.add(from, to, Math.round(advanceM3 / this.#plan.stepM3))
    const part = Math.floor((to + utcOffsetMs + NIGHT_BEFORE_MIDNIGHT_H * HOUR) / (PART_H * HOUR))
    if (part === this.#part) return
    this.#part = part
    if (this.#open === undefined) this.#judge(to, end)
    else this.#follow(this.#open, to, end)
  }

  /** What lasts at an instant. */
  current(at: number): LowFlowFinding | undefined {
    return this.#open === undefined ? undefined : this.#finding(this.#open, null, at)
  }

  /**
   * Hears what the peers did in a part of the day: what comes after is judged with it.
   * @param risen share of the town that rose in the last two days, weighed with the chance that this home is one of them
   */
  hearPeers(block: Block, { flowM3H, shift }: Peers, risen: number, utcOffsetMs: number): void {
    this.#town.hear(block, { flow: flowM3H, standing: shift, risen }, utcOffsetMs)
  }

  #judge(at: number, end: number): void {
    const rise = spanRise(this.#hours, end, this.#town, this.#plan.heated)
    if (rise === undefined) return
    const chance = 1 - UNSURE * Math.exp(-rise.strength / 2)
    this.#open = { since: at - SPAN_H * HOUR, sinceHour: end - SPAN_H, toldAt: at, chance, ...rise.flow }
  }

  #follow(open: Open, at: number, end: number): void {
    if (lastFloor(this.#hours, end, DAY_H) >= OVER * open.p05) {
      // The day in which it ends allows less too: it says nothing of how much flowed.
      const most = lastFloor(this.#hours, end, SPAN_H)
      if (most > open.p50) open.p95 = Math.min(open.p95, most)
      return
    }
    this.#hours.forget(open.sinceHour, end)
    this.closed.push(this.#finding(open, at, at))
    this.#open = undefined
  }

  #finding({ since, toldAt, chance, p05, p50, p95 }: Open, until: number | null, at: number): LowFlowFinding {
    const flow = { p05: p05 * this.#plan.stepM3, p50: p50 * this.#plan.stepM3, p95: p95 * this.#plan.stepM3 }
    return {
      kind: lastingKind(since, until, at),
      since,
      until,
      toldAt,
      flowM3H: flow,
      probability: chance,
      explanation: `for ${((at - since) / HOUR / DAY_H).toFixed(1)} days the register has made no such pause as this home's use leaves: about ${flowText(flow.p50)} (${flowText(flow.p05)} to ${flowText(flow.p95)}) at all hours; visitors would use more and pause longer${until === null ? '' : '; over'}`,
    }
  }
}
