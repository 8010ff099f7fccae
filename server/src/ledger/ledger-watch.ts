import {
  dayUse,
  explainGapOfSeries,
  type FleetFit,
  firstByEither,
  type MeterReplacement,
  meterReplacements,
  type ShadowComparison,
  salePrices,
  sharesYuan,
} from '@gastwin/analytics'
import { CityCalendar, METER_KINDS, members, type Network, type Report } from '@gastwin/twin'
import type { LedgerReason, Replacement, SuspectFinding } from '../contract/index.ts'
import type { RecordedStatement, RecordedSuspect } from './gap-records.ts'
import { KEPT_DAYS, KeptReadings } from './kept-readings.ts'
import type { SaidLeak } from './known-leaks.ts'
import { LeakBook } from './leak-book.ts'
import { LearnedScores, type ModelPair } from './learned-scores.ts'
import { type EvidenceBody, type LedgerAnswer, type LedgerOrder, REPLACEMENTS } from './ledger-messages.ts'
import { reasonSentence } from './ledger-reason.ts'
import { LowFlowWatch, type UsualUsePair } from './low-flow-watch.ts'
import { type ScoringRun, scoringRun } from './scoring-run.ts'
import { type AnsweredPeriod, StatedPeriods } from './stated-periods.ts'
import { listSuspects } from './suspect-list.ts'
import { SuspectRecord } from './suspect-record.ts'
import { lastWholeDay, nightEnd, statedFrom, type WholePeriod, wholePeriods } from './whole-periods.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
/** Event time and wall time between statements, ms; the thread rests four times as long as it computed. */
const LEAST_EVENT_MS = HOUR_MS
const LEAST_WALL_MS = 30_000
const REST = 4
/** A statement needs so many of the meters; days begin when so many of them were read. */
const ENOUGH_METERS = 0.5
const OPENING = 0.98
/** Zones are solved together up to so many meters: their readings and suspicions stand in memory at once. */
const METERS_TOGETHER = 25_000
const MOST_SUSPECTS = 2_000
/** Days of readings from which a drop of one meter's use can be told from chance. */
const DAYS_FOR_SUSPICIONS = 14
const GAS = METER_KINDS.indexOf('gas')
const NO_MODELS = () => ({ active: undefined, shadow: undefined })

/** What the operator set. */
type LedgerPrices = Pick<LedgerOrder, 'tariff' | 'meterPrices' | 'assumptions'>

/** The walk over registers that are read several times a day. */
export interface Walked {
  readonly meters: number
  /** Why none is walked; null when they are. */
  readonly why: string | null
  readonly fit: FleetFit | undefined
  readonly comparison: ShadowComparison | undefined
}

/** The gap ledger as reports make it: it keeps readings, and says when and what to state. */
export class LedgerWatch {
  readonly #network: Network
  readonly #prices: LedgerPrices
  readonly #calendar: CityCalendar
  readonly #readings: KeptReadings
  readonly #lowFlow: LowFlowWatch
  readonly #models: () => ModelPair
  readonly #periods = new StatedPeriods()
  readonly #suspects = new SuspectRecord()
  readonly #leaks = new LeakBook()
  readonly #blocks: readonly (readonly number[])[]
  readonly #gasMeters: number
  /** End of the last day that is stated, and when: event time and wall, ms. */
  #statedTo = Number.NEGATIVE_INFINITY
  #statedAt = Number.NEGATIVE_INFINITY
  #triedTo = Number.NEGATIVE_INFINITY
  #restUntil = Number.NEGATIVE_INFINITY
  #late = false
  #scoring: ScoringRun | undefined

  /** @param models asked at each statement for those that score @param heated what is known of homes' heating; may change */
  constructor(
    network: Network,
    prices: LedgerPrices,
    models: () => ModelPair = NO_MODELS,
    heated: ReadonlyMap<number, boolean> = new Map(),
  ) {
    this.#network = network
    this.#prices = prices
    this.#models = models
    this.#calendar = new CityCalendar(network.timeZone)
    this.#lowFlow = new LowFlowWatch(network, heated)
    this.#readings = new KeptReadings(network, (meter, at, value) => this.#lowFlow.read(meter, at, value))
    this.#blocks = blocksOf(network)
    this.#gasMeters = network.meters.kind.reduce((sum, kind) => sum + (kind === GAS ? 1 : 0), 0)
  }

  /** @param receivedAt service clock, Unix ms */
  take(report: Report, receivedAt: number): void {
    const changed = this.#readings.take(report, receivedAt)
    if (changed <= nightEnd(this.#statedTo)) this.#late = true
  }

  /** What the log says of a leak. @param at of the record, Unix ms */
  takeLeak(leak: SaidLeak, at: number): void {
    if (this.#leaks.take(leak, at) && leak.started_at < this.#statedTo) this.#late = true
  }

  /** What an earlier run of the service put on record. */
  restore(record: { readonly statement: RecordedStatement } | { readonly suspect: RecordedSuspect }): void {
    if ('statement' in record) this.#periods.restore(record.statement)
    else this.#suspects.restore(record.suspect)
  }

  /** Whether something new can be stated. @param now service clock, Unix ms. @param wall monotonic, ms */
  isDue(now: number, wall: number): boolean {
    const end = this.#lastWholeDay(now)
    if (end <= this.#firstDay() || this.#readings.meters < ENOUGH_METERS * this.#gasMeters) return false
    if (end <= this.#triedTo && !this.#late) return false
    return now - this.#statedAt >= LEAST_EVENT_MS && wall >= this.#restUntil
  }

  /** States again as soon as it may: the models that score are others than at the last statement. */
  scoreAgain(): void {
    this.#late = true
  }

  /** Registers are walked with these models from here on. */
  walkWith(models: UsualUsePair): void {
    this.#lowFlow.use(models)
  }

  /** How the learned models fared at the last statement. */
  get scoring(): ScoringRun | undefined {
    return this.#scoring
  }

  /** Meters whose registers are walked for small flows, those that are read several times a day; why none is. */
  get walked(): Walked {
    return { meters: this.#lowFlow.size, why: this.#lowFlow.why, ...this.#lowFlow.fared }
  }

  /** What is waited for. @param now service clock, Unix ms */
  waitingFor(now: number): Extract<LedgerAnswer, { type: 'waiting' }> {
    const reason = this.#waitReason(now)
    return { type: 'waiting', why: reasonSentence(reason, this.#network.timeZone), reason }
  }

  #waitReason(now: number): LedgerReason {
    const { meters, first } = this.#readings
    if (this.#gasMeters === 0) return { code: 'no_meters' }
    if (meters < ENOUGH_METERS * this.#gasMeters) return { code: 'few_heard', heard: meters, of: this.#gasMeters }
    const until = statedFrom(this.#calendar, this.#calendar.nextDayStart(first))
    return now >= until ? { code: 'first_nights', share: OPENING } : { code: 'first_day', until }
  }

  /** States everything that can be stated. @param now service clock, Unix ms. @param wall reads a monotonic clock, ms */
  state(now: number, wall: () => number): LedgerAnswer {
    const began = wall()
    const end = this.#lastWholeDay(now)
    this.#triedTo = end
    this.#statedAt = now
    this.#late = false
    const first = Math.max(this.#firstDay(), this.#calendar.dayStart(now - (KEPT_DAYS - 1) * DAY_MS))
    const asked = wholePeriods(this.#calendar, first, end)
    const short = (end - first) / DAY_MS < DAYS_FOR_SUSPICIONS
    const tamper = this.#readings.tamper(now)
    const leaks = this.#leaks.known(now)
    const answered: AnsweredPeriod[] = []
    let suspects: SuspectFinding[] = []
    let suspectsInAll = 0
    const evidence = new Map<string, EvidenceBody>()
    const replacements: MeterReplacement[] = []
    const models = this.#models()
    const learned = new LearnedScores(models)
    let [lowFlowFindings, newly, noLonger, scoringMs] = [0, 0, 0, 0]
    const { tariff, meterPrices, assumptions = {} } = this.#prices
    for (const zones of this.#blocks) {
      const { periods, suspicions } = explainGapOfSeries(this.#network, this.#readings.series(zones), {
        periods: asked,
        zones,
        opening: OPENING,
        assumptions,
        leaks,
      })
      const sale = salePrices(suspicions, tariff)
      const spans = new Map(asked.map((one) => [spanKey(one), one.every]))
      for (const period of periods) {
        const every = spans.get(spanKey(period))
        if (every !== undefined)
          answered.push({
            every,
            period,
            yuan: period.shares && sharesYuan(period.shares, tariff, sale.get(period.zone)),
          })
      }
      const use = dayUse(suspicions, this.#calendar.weekday(first))
      const scoring = wall()
      const ranks = learned.score(suspicions, use)
      scoringMs += wall() - scoring
      const list = listSuspects({
        network: this.#network,
        found: suspicions,
        tamper,
        use,
        learned: ranks,
        lowFlow: this.#lowFlow,
        tariff,
        short,
      })
      suspectsInAll += list.suspects.length
      for (const [meter, body] of list.evidence) evidence.set(meter, body)
      // What nobody will see is let go at once: the evidence of a large city's faint suspects is larger than its readings.
      const ranked = [...suspects, ...list.suspects].sort(mostProbable)
      for (const { meter } of ranked.slice(MOST_SUSPECTS)) evidence.delete(meter)
      suspects = ranked.slice(0, MOST_SUSPECTS)
      lowFlowFindings += list.lowFlowFindings
      newly += list.newly
      noLonger += list.noLonger
      const options = { prices: meterPrices, tariff, assumptions }
      replacements.push(...meterReplacements(this.#network, suspicions, REPLACEMENTS, options))
    }
    const tookMs = wall() - began
    this.#restUntil = wall() + Math.max(LEAST_WALL_MS, REST * tookMs)
    if (answered.length === 0) return this.waitingFor(now)
    this.#statedTo = end
    this.#scoring = scoringRun(learned, models, {
      ...{ at: now, tookMs: scoringMs, lowFlowFindings, newly, noLonger },
    })
    const inOrder = answered.sort((a, b) => a.period.from - b.period.from)
    const { statements, toRecord } = this.#periods.state(inOrder, now)
    this.#periods.forget(first)
    const dataFrom = inOrder[0]?.period.from ?? end
    const reason = tooShort(Math.round((end - dataFrom) / DAY_MS))
    return {
      type: 'stated',
      at: now,
      why: reason && reasonSentence(reason, this.#network.timeZone),
      reason,
      dataFrom,
      dataTo: end,
      readings: this.#readings.count,
      tookMs,
      statements,
      revisions: this.#periods.revisions,
      suspects,
      suspectsInAll,
      evidence: new Map(suspects.map(({ meter }) => [meter, evidence.get(meter) ?? { days: [], events: [] }])),
      replacements: this.#withDevices(firstByEither(replacements, REPLACEMENTS)),
      suspectsToRecord: this.#suspects.state(suspects, now),
      found: this.#suspects.found,
      statementsToRecord: toRecord,
    }
  }

  /** Yesterday's end once nearly all homes were read after it, or had the night for it. */
  #lastWholeDay(now: number): number {
    const today = this.#calendar.dayStart(now)
    const end = this.#readings.readSince(today) >= OPENING ? today : lastWholeDay(this.#calendar, now)
    // A meter that is heard for the first time makes no stated day half again.
    return Math.max(end, this.#statedTo)
  }

  /** The first midnight after a register was heard. */
  #firstDay(): number {
    const { first } = this.#readings
    return Number.isFinite(first) ? this.#calendar.nextDayStart(first) : Number.POSITIVE_INFINITY
  }

  #withDevices(list: readonly MeterReplacement[]): Replacement[] {
    const { meters } = this.#network
    return list.map(({ over_age: _, ...one }) => ({
      ...one,
      device: String(meters.device[meters.meterOf(one.meter)] ?? ''),
    }))
  }
}

const mostProbable = (a: SuspectFinding, b: SuspectFinding) =>
  b.probability - a.probability || a.meter.localeCompare(b.meter)

const spanKey = ({ from, to }: Pick<WholePeriod, 'from' | 'to'>) => `${from}/${to}`

const tooShort = (days: number): LedgerReason | null =>
  days >= DAYS_FOR_SUSPICIONS ? null : { code: 'short', days, needed: DAYS_FOR_SUSPICIONS }

/** Rows of zones that are solved together. */
function blocksOf(network: Network): number[][] {
  const blocks: number[][] = []
  let meters = Number.POSITIVE_INFINITY
  network.zones.ids.forEach((_, zone) => {
    const own = members(network.zones.meters, zone).length
    if (meters + own > METERS_TOGETHER) {
      blocks.push([])
      meters = 0
    }
    blocks.at(-1)?.push(zone)
    meters += own
  })
  return blocks
}
