import type { MeterSize } from '../detectors/meter-size.table.ts'
import { type Block, BlockCutter, type Cadence } from './block.ts'
import { BUSINESS_FLOWS, ConstantFlowWatch, HOME_FLOWS } from './constant-flow-watch.ts'
import type { Peers } from './customer-memory.ts'
import { DeadMeter } from './dead-meter.ts'
import { flowText, type LowFlowFinding } from './finding.ts'
import { FlowRange } from './flow-range.ts'
import { MeterTrack } from './meter-track.ts'
import { logFlow } from './mixture.ts'
import type { BlockFit } from './model-fit.ts'
import { NeverRests, RestDays } from './never-rests.ts'
import { type Interval, type RegisterLimits, RegisterWalk } from './register-walk.ts'
import { RiseWatch } from './rise-watch.ts'
import { SharedRise } from './shared-rise.ts'
import { SpanWatch } from './span-watch.ts'
import { allowedHours, SteadyRun } from './steady-run.ts'
import type { UsualUse } from './usual-use-net.ts'

/** What is known of a meter before its readings. */
export interface MeterPlan {
  readonly home: boolean
  /** Whether its gas heats a home; undefined where nobody knows. */
  readonly heated?: boolean | undefined
  readonly cadence: Cadence
  readonly stepM3: number
  /** Undefined when not known: rules that need it say nothing. */
  readonly size: MeterSize | undefined
  readonly utcOffsetMs: (at: number) => number
}

const MOST_WITHOUT_SIZE_M3H = 20
const TURNS_M3 = 100_000
const NIGHTS = 7
/** The same night flow by chance, seven nights running, at one night in ten above the usual width. */
const NIGHT_CHANCE = 1 - 1e-3
const FLAME = 0.03
/** From this mean standing of the peers' floors on, a rise is the season's or the town's. */
const SHARED = 0.7
/** From this step on, one pause of a register in use is as long as a part of the day. */
const COARSE_M3 = 0.05

const isCoarse = ({ cadence, stepM3 }: MeterPlan): boolean => cadence === 'hourly' && stepM3 >= COARSE_M3

/** What a meter's register can do between two readings. */
function registerLimits({ home, size, stepM3 }: MeterPlan): RegisterLimits {
  const mostM3H = size === undefined ? MOST_WITHOUT_SIZE_M3H : 4 * size.maxM3H
  return { stepM3, mostM3H: home ? mostM3H : 10 * mostM3H, turnsM3: TURNS_M3 }
}

/**
 * Everything the low-flow rules know of one meter, fed reading by reading; bounded memory (the readings of one block, about
 * 150 numbers, and of a coarse register a byte for each hour and four for each part of a day of two months). `read` takes a reading; when it ends a block, the caller lets the peers hear it and then calls `judge`.
 */
export class MeterWatch {
  readonly plan: MeterPlan
  readonly track: MeterTrack
  readonly rest: RestDays
  readonly #walk: RegisterWalk
  readonly #cutter: BlockCutter
  readonly #constant: ConstantFlowWatch
  /** Homes read once a day: their days say more than their least flows. */
  readonly #rise: RiseWatch | undefined
  /** Homes whose steps hide what flows within a part of the day: longer spans say more. */
  readonly #span: SpanWatch | undefined
  readonly #shared = new SharedRise()
  /** Homes whose flow may have been there before the first reading; a business may work at all hours. */
  readonly #neverRests: NeverRests | undefined
  readonly #dead: DeadMeter
  readonly #steady: SteadyRun
  readonly #range: FlowRange | undefined
  readonly #told: LowFlowFinding[] = []
  #run: LowFlowFinding | undefined
  #longestRun = 1
  #night: LowFlowFinding | undefined
  #peakBefore = 0
  #begin = Number.NaN
  #at = Number.NaN
  #reads = 0
  #faults = 0

  constructor(plan: MeterPlan, net: UsualUse) {
    this.plan = plan
    this.track = new MeterTrack(net, plan.stepM3)
    this.#walk = new RegisterWalk(registerLimits(plan))
    this.#cutter = new BlockCutter(plan.cadence, plan.stepM3)
    this.#constant = new ConstantFlowWatch(plan.home ? HOME_FLOWS : BUSINESS_FLOWS)
    this.#rise = plan.home && plan.cadence === 'daily' ? new RiseWatch(plan.stepM3) : undefined
    this.#span = plan.home && isCoarse(plan) ? new SpanWatch(plan) : undefined
    this.rest = new RestDays(plan.stepM3)
    this.#neverRests = plan.home && plan.cadence === 'hourly' ? new NeverRests(plan.stepM3) : undefined
    this.#dead = new DeadMeter(plan.home)
    this.#steady = new SteadyRun(plan.stepM3)
    this.#range = plan.size === undefined || plan.home ? undefined : new FlowRange(plan.size)
  }

  /** Readings taken and those at which the register ran backwards or jumped. */
  get counts(): { readonly reads: number; readonly faults: number } {
    return { reads: this.#reads, faults: this.#faults }
  }

  /**
   * Takes a reading. @param at Unix ms @param value register, m³
   * @returns the block it ended, if it did
   */
  read(at: number, value: number): Block | undefined {
    this.#reads += 1
    const interval = this.#walk.next(at, value)
    if (interval === undefined) return undefined
    if (Number.isNaN(this.#begin)) this.#begin = interval.from
    this.#at = at
    if (interval.fault !== 'none') this.#faults += 1
    const revived = this.#dead.take(interval)
    if (revived !== undefined) this.#told.push(revived)
    this.#judgeSteady(interval)
    this.#judgeLarge(interval)
    this.#range?.take(interval.from, interval.to, interval.advanceM3, this.plan.stepM3)
    this.#span?.take(interval, this.plan.utcOffsetMs(at))
    const block = this.#cutter.add(interval.from, interval.to, interval.advanceM3, this.plan.utcOffsetMs(at))
    if (block !== undefined) this.rest.take(block)
    return block
  }

  /** Judges a block that `read` gave. @returns how well it was foretold; undefined where no model is asked */
  judge(block: Block, peers: Peers): BlockFit | undefined {
    if (this.#rise !== undefined) {
      this.#rise.take(block, peers.flowM3H)
      return undefined
    }
    const usualHigh = this.track.memory.usualHighM3H
    const { memory } = this.track
    const starting = this.plan.size?.startingM3H ?? 0.003
    const resolved = (2 * this.plan.stepM3 * 3_600_000) / (block.to - block.from)
    const above =
      (memory.count[0] as number) >= 14 &&
      peers.shift < SHARED &&
      block.floorM3H > Math.max(starting, resolved) &&
      logFlow(block.floorM3H) > (memory.middle[0] as number) + 2 * memory.width(0)
    const standing = memory.standing(block)
    const fit = this.track.take(block, peers, this.plan.utcOffsetMs(block.to))
    this.#shared.take(standing, peers, !Number.isNaN(this.track.filter.since))
    this.#span?.hearPeers(block, peers, this.#shared.lately, this.plan.utcOffsetMs(block.to))
    this.#constant.take(block, this.track, usualHigh, {
      ...{ peers, doubt: this.#shared.doubt, heated: this.plan.heated === true },
    })
    this.#constant.takeNight(block, above)
    this.#neverRests?.take(block, this.rest, peers)
    this.#judgeNights(block)
    return fit
  }

  /** Forgets what is over and told: what runs for years must not gather it. */
  forgetEnded(): void {
    this.#told.length = 0
    this.#constant.closed.length = 0
    if (this.#rise !== undefined) this.#rise.closed.length = 0
    if (this.#span !== undefined) this.#span.closed.length = 0
  }

  /** Everything told so far, what lasts with its present figures. */
  findings(): readonly LowFlowFinding[] {
    const floors =
      this.#rise === undefined ? this.#constant.current(this.#at, this.plan.size) : this.#rise.current(this.#at)
    const ofFloors = [...this.#constant.closed, ...(this.#rise?.closed ?? []), floors].filter((f) => f !== undefined)
    const ofSpans = [...(this.#span?.closed ?? []), this.#span?.current(this.#at)].filter((f) => f !== undefined)
    // Of what two rules tell of one flow, what was told first.
    const constant = [
      ...ofFloors.filter((f) => !ofSpans.some((s) => s.toldAt < f.toldAt && overlap(s, f))),
      ...ofSpans.filter((s) => !ofFloors.some((f) => f.toldAt <= s.toldAt && overlap(s, f))),
    ]
    const never = this.#neverRests?.finding(this.#at)
    if (never !== undefined && !constant.some((f) => overlap(f, never))) constant.push(never)
    const hidden = (f: LowFlowFinding) =>
      (f.kind === 'prolonged_small_flow' && constant.some((c) => overlap(c, f))) ||
      (f.kind === 'night_flow' && ofSpans.some((s) => overlap(s, f)))
    const rest = [...this.#told, this.#dead.lasting, this.#run, this.#night, this.#tooLarge()].filter(
      (f) => f !== undefined && !hidden(f),
    )
    return [...constant, ...rest].filter((f) => f !== undefined).sort((a, b) => a.since - b.since)
  }

  #judgeSteady({ from, to, advanceM3 }: Interval): void {
    if (this.plan.cadence !== 'hourly') return
    this.#steady.take(from, to, advanceM3, FLAME)
    const steady = this.#steady.at(to)
    const run = steady !== undefined && steady.low >= (this.plan.size?.startingM3H ?? 0.003) ? steady : undefined
    const ratio = run === undefined ? 0 : run.hours / allowedHours(run.high)
    if (this.#run !== undefined && (run === undefined || run.since !== this.#run.since)) {
      this.#told.push({ ...this.#run, until: from })
      this.#run = undefined
    }
    if (run === undefined) return
    const limit = 1.3 * this.#longestRun
    if (to - this.#begin < 14 * 86_400_000 || this.#run === undefined)
      this.#longestRun = Math.max(this.#longestRun * 0.9995, Math.min(ratio, limit))
    if (this.#run === undefined && (to - this.#begin < 14 * 86_400_000 || ratio <= limit || this.#constant.open)) return
    const p50 = (run.low + run.high) / 2
    this.#run = {
      kind: 'prolonged_small_flow',
      since: run.since,
      until: null,
      toldAt: this.#run?.toldAt ?? to,
      flowM3H: { p05: run.low, p50, p95: run.high },
      probability: 1 - 1 / (1 + ratio ** 2),
      explanation: `flow constant at ${flowText(p50)} for ${run.hours.toFixed(0)} h, ${allowedHours(run.high)} h are left alone at this flow; this customer's longest such stretch was shorter`,
    }
  }

  #judgeLarge({ from, to, advanceM3 }: Interval): void {
    const { size, stepM3 } = this.plan
    if (size === undefined || Number.isNaN(advanceM3)) return
    const hours = (to - from) / 3_600_000
    const flow = (advanceM3 - stepM3) / hours
    const kind =
      flow > size.overFlowM3H
        ? 'over_flow'
        : flow > 1.4 * size.nominalM3H && flow > 2 * this.#peakBefore
          ? 'sudden_increase'
          : undefined
    this.#peakBefore = Math.max(this.#peakBefore * 0.5 ** (hours / (60 * 24)), flow)
    if (kind === undefined || (kind === 'sudden_increase' && from - this.#begin < 14 * 86_400_000)) return
    const limit = kind === 'over_flow' ? size.overFlowM3H : 1.4 * size.nominalM3H
    const last = this.#told.at(-1)
    const goesOn = last?.kind === kind && from - (last.until ?? from) < 86_400_000
    if (goesOn) this.#told.pop()
    this.#told.push({
      kind,
      since: goesOn ? last.since : from,
      until: to,
      toldAt: goesOn ? last.toldAt : to,
      flowM3H: { p05: flow, p50: advanceM3 / hours, p95: (advanceM3 + stepM3) / hours },
      probability: 0.99,
      explanation: `mean flow ${flowText(advanceM3 / hours)} over ${hours.toFixed(1)} h, above ${flowText(limit)}, the limit of ${size.name}${kind === 'sudden_increase' ? ', and twice what it ever drew' : ''}`,
    })
  }

  #judgeNights(block: Block): void {
    const nights = this.#constant.open ? undefined : this.#constant.nights(NIGHTS)
    if (nights === undefined) {
      if (this.#night !== undefined) this.#told.push({ ...this.#night, until: block.from })
      this.#night = undefined
      return
    }
    const flow = block.part === 0 ? block.floorM3H : (this.#night?.flowM3H?.p50 ?? block.floorM3H)
    const error = (this.plan.stepM3 * 3_600_000) / (block.to - block.from)
    this.#night = {
      kind: 'night_flow',
      since: nights.since,
      until: null,
      toldAt: this.#night?.toldAt ?? block.to,
      flowM3H: { p05: Math.max(0, flow - error), p50: flow, p95: flow + error },
      probability: NIGHT_CHANCE,
      explanation: `${nights.count} nights in a row with at least ${flowText(flow)}, above this customer's usual nights and not shared by its peers`,
    }
  }

  #tooLarge(): LowFlowFinding | undefined {
    const verdict = this.#range?.verdict()
    const { size } = this.plan
    if (verdict === undefined || size === undefined) return undefined
    return {
      kind: 'meter_too_large',
      since: verdict.since,
      until: null,
      toldAt: this.#at,
      flowM3H: { p05: 0, p50: verdict.peak, p95: verdict.peak },
      probability: verdict.chance,
      explanation: `largest hour ${flowText(verdict.peak)} of ${flowText(size.maxM3H)} that ${size.name} can measure; ${(100 * verdict.lowShare).toFixed(0)} % of its hours with flow (${verdict.lowM3.toFixed(1)} m³) below its minimum of ${flowText(size.minimumM3H)}, where it counts too little`,
    }
  }
}

/** A run of hours is part of the constant flow that is told anyway. */
function overlap(a: LowFlowFinding, b: LowFlowFinding): boolean {
  return (
    a.since - 86_400_000 < (b.until ?? Number.POSITIVE_INFINITY) &&
    b.since < (a.until ?? Number.POSITIVE_INFINITY) + 86_400_000
  )
}
