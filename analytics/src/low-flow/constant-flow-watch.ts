import type { MeterSize } from '../detectors/meter-size.table.ts'
import type { Block } from './block.ts'
import type { Peers } from './customer-memory.ts'
import { flowText, type LowFlowFinding, type LowFlowKind } from './finding.ts'
import type { MeterTrack } from './meter-track.ts'
import { logFlow } from './mixture.ts'

export interface ConstantFlowSettings {
  /** Told from this chance on; over below the second one. */
  readonly told: number
  readonly over: number
  /** A constant flow is told only when it is this share of the floors that usual use reaches now and then. */
  readonly aboveUsual: number
  /** Below this nothing is told, m³/h. */
  readonly leastM3H: number
  /** Whether a flow is told that was there before the first reading. */
  readonly fromBegin: boolean
}

/** @source chosen on own scenarios and development homes; docs/LOW-FLOW.md */
export const HOME_FLOWS: ConstantFlowSettings = {
  ...{ told: 0.6, over: 0.1, aboveUsual: 0.6, leastM3H: 0.005 },
  fromBegin: true,
}
/** Ovens, pilot flames, a third shift: what a business has drawn at all hours from the beginning is its business. */
export const BUSINESS_FLOWS: ConstantFlowSettings = { ...HOME_FLOWS, fromBegin: false }

const DAY = 86_400_000
const HISTORY_D = 14
const NEVER_D = 30
const LEFT_ON_D = 4
/** A flow from before the record is told when it is this many times (logarithm) what the peers' blocks hold: five. */
const ABOVE_PEERS = 1.6

/** Boilers run for days: of homes known to be heated more is asked. */
const HEATED_TOLD = 0.95

/** A rise that so many homes share is told only where few others hold as much. */
const DOUBTED = 0.06
const FEW_AS_HIGH = 0.05
/** Heated homes hold more and less in the same cold: so much of a flow counts as the same kind. */
const SAME_KIND = 0.4
/** Less no coarse register tells from nothing in a part of a day. */
const LEAST_TOLD_APART_M3H = 0.019
const PARTS_A_DAY = 3

/** What is known of the town in the hours of a block. */
interface Town {
  readonly peers: Peers
  readonly doubt: number
  /** That the home is known to be heated with its gas. */
  readonly heated: boolean
}

interface Open {
  readonly toldAt: number
  readonly since: number
  readonly fromBegin: boolean
  flow: { p05: number; p50: number; p95: number }
  chance: number
}

/** Turns the chance of a constant flow into findings: told once, updated while it lasts, closed when flow rests again. */
export class ConstantFlowWatch {
  readonly #settings: ConstantFlowSettings
  #open: Open | undefined
  #begin = Number.NaN
  /** What the peers held in the last parts of the day. */
  readonly #town: Peers['asHigh'][] = []
  #nightsAbove = 0
  #nightsSince = Number.NaN
  readonly closed: LowFlowFinding[] = []

  constructor(settings: ConstantFlowSettings) {
    this.#settings = settings
  }

  /**
   * Judges a block that the track has taken.
   * @param usualHighM3H own usual high floor before the block, m³/h
   * @param town         what the peers' blocks of the same hours hold, and the share of them that rose with this one
   */
  take(block: Block, { filter }: MeterTrack, usualHighM3H: number, { peers, doubt, heated }: Town): void {
    this.#town.push(peers.asHigh)
    if (this.#town.length > PARTS_A_DAY) this.#town.shift()
    if (Number.isNaN(this.#begin)) this.#begin = block.from
    const { told, over, aboveUsual, leastM3H } = this.#settings
    if (this.#open === undefined) {
      const chance = filter.atLeast(Math.max(leastM3H, aboveUsual * usualHighM3H))
      // Without own habits anything looks strange: two weeks are watched first.
      if (chance < (heated ? HEATED_TOLD : told) || block.to - this.#begin < HISTORY_D * DAY) return
      const fromBegin = filter.since < this.#begin + HISTORY_D * DAY
      if (fromBegin && !this.#settings.fromBegin) return
      // What was there before the first reading may be how such customers live: a boiler in winter.
      if (fromBegin && logFlow(filter.flowQuantile(0.5)) < peers.floor + ABOVE_PEERS) return
      if ((fromBegin || doubt > DOUBTED) && this.#asHigh(filter.flowQuantile(0.5)) > FEW_AS_HIGH) return
      this.#open = {
        toldAt: block.to,
        since: filter.since,
        fromBegin,
        flow: quantiles(filter),
        chance,
      }
      return
    }
    if (filter.neverZero < over) {
      this.closed.push(this.#finding(this.#open, block.from))
      this.#open = undefined
      return
    }
    // The block in which it ends has a lower floor: figures are those of the time when it was sure.
    if (filter.neverZero >= told) this.#open.flow = quantiles(filter)
    this.#open.chance = Math.max(this.#open.chance, filter.neverZero)
  }

  /** How many of the peers hold as much, in the part of the last day in which fewest do. @param flowM3H m³/h */
  #asHigh(flowM3H: number): number {
    const floor = logFlow(Math.max(LEAST_TOLD_APART_M3H, SAME_KIND * flowM3H))
    return Math.min(...this.#town.map((asHigh) => asHigh(floor)))
  }

  /** Counts nights above what is usual. @param standing floor against own nights, in their widths */
  takeNight(block: Block, aboveUsual: boolean): void {
    if (block.part !== 0) return
    if (aboveUsual && this.#nightsAbove === 0) this.#nightsSince = block.from
    this.#nightsAbove = aboveUsual ? Math.min(255, this.#nightsAbove + 1) : 0
  }

  /** A run of nights above the usual: since when and how many; undefined below the least number. */
  nights(least: number): { readonly since: number; readonly count: number } | undefined {
    return this.#nightsAbove >= least ? { since: this.#nightsSince, count: this.#nightsAbove } : undefined
  }

  get open(): boolean {
    return this.#open !== undefined
  }

  /** What lasts at an instant. @param size for words about what the meter can count; undefined when not known */
  current(at: number, size: MeterSize | undefined): LowFlowFinding | undefined {
    return this.#open === undefined ? undefined : this.#finding(this.#open, null, at, size)
  }

  #finding(open: Open, until: number | null, at = until ?? 0, size?: MeterSize): LowFlowFinding {
    const days = (at - open.since) / DAY
    const kind: LowFlowKind =
      open.fromBegin || days >= NEVER_D
        ? 'flow_never_stops'
        : until !== null && days < LEFT_ON_D
          ? 'appliance_left_on'
          : 'leak_behind_meter'
    const { p05, p50, p95 } = open.flow
    const weak =
      size !== undefined && p50 < size.startingM3H * 5
        ? `; ${size.name} counts below its minimum flow too little, so the true flow may be larger`
        : ''
    return {
      kind,
      since: open.since,
      until,
      toldAt: open.toldAt,
      flowM3H: open.flow,
      probability: open.chance,
      explanation: `flow has not reached zero for ${days.toFixed(1)} days: about ${flowText(p50)} (${flowText(p05)} to ${flowText(p95)}) at all hours, which this customer's own past and its peers do not explain${open.fromBegin ? '; it was there when the record begins' : ''}${until === null ? '' : '; over'}${weak}`,
    }
  }
}

/** Flows are looked for in steps: what lies at the edge of one may be told as its neighbour. */
const STEP_WIDTH = 1.15

function quantiles(filter: { readonly mostM3H: number; flowQuantile(p: number): number }): Open['flow'] {
  return {
    p05: filter.flowQuantile(0.05) / STEP_WIDTH,
    p50: filter.flowQuantile(0.5),
    p95: Math.min(filter.mostM3H, filter.flowQuantile(0.95) * STEP_WIDTH),
  }
}
