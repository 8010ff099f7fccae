/**
 * Walks every meter's register from reading to reading and asks the meter-side rules: over-flow, stopped meter, prolonged small
 * flow, night flow, register that ran backwards. One memory of 49 bytes a meter serves them all; a quiet reading allocates
 * nothing. Readings must come in time order; late ones are left to the balances.
 */
import type { AppliedReport, Reading } from '@gastwin/twin'
import type { Detection, Detector, Evidence } from '../detection.ts'
import { type DetectorContext, localDay, localHour, type MeterFacts, zoneIdOf } from '../detector-context.ts'
import { nightLimit } from '../night-flow/night-flow.ts'
import { overFlow } from '../over-flow/over-flow.ts'
import { logChanceOfNoRest } from '../prolonged-small-flow/prolonged-small-flow.ts'
import { counts, timeOf } from '../reading-time.ts'
import { chanceOfStanding } from '../stopped-meter/stopped-meter.ts'
import { type RegisterColumns, type RegisterRule, registerColumns, TOLD, VALVE_CLOSED } from './register-columns.ts'
import { REGISTER_SETTINGS, type RegisterSettings } from './register-settings.ts'

const DAY_S = 86_400
/** Memory of a meter's usual day, days. */
const DAYS_MEMORY = 30
/** A customer without history is taken to have no use on one day of ten. */
const ZERO_SHARE_AT_FIRST = 26
const NIGHTS_MEMORY = 14

export class RegisterDetector implements Detector {
  readonly name = 'meter-register'
  readonly #context: DetectorContext
  readonly #settings: RegisterSettings
  readonly rows: RegisterColumns
  #told: Detection[] = []

  constructor(context: DetectorContext, settings: RegisterSettings = REGISTER_SETTINGS) {
    this.#context = context
    this.#settings = settings
    this.rows = registerColumns(context.slotCount)
  }

  get bytesPerMeter(): number {
    return this.rows.bytesPerRow
  }

  observe(batch: readonly AppliedReport[]): readonly Detection[] {
    for (const applied of batch) {
      if (applied.report.kind !== 'meter' || !counts(applied) || applied.outcome === 'late') continue
      const facts = this.#context.meterOf(applied.slot)
      if (facts?.gas !== true) continue
      this.rows.reach(applied.slot)
      const { valve } = applied.report.status
      if (valve === 'closed') this.#flag(applied.slot, VALVE_CLOSED, true)
      else if (valve === 'open') this.#flag(applied.slot, VALVE_CLOSED, false)
      const quantity = facts.corrector ? 'standard_index_m3' : 'index_m3'
      for (const reading of applied.report.readings) {
        if (reading.quantity === quantity) this.#read(applied, facts, reading)
      }
    }
    if (this.#told.length === 0) return NOTHING
    const told = this.#told
    this.#told = []
    return told
  }

  tick(): readonly Detection[] {
    return NOTHING
  }

  save(): unknown {
    return null
  }

  load(): void {}

  #read(applied: AppliedReport, facts: MeterFacts, reading: Reading): void {
    const { slot } = applied
    const m = this.rows.at
    const at = timeOf(applied, reading)
    const second = Math.floor(at / 1000)
    const before = m.lastAt[slot] ?? 0
    const day = localDay(this.#context, at)
    if (before === 0) {
      m.lastAdvanceAt[slot] = second
      m.zeroShare[slot] = ZERO_SHARE_AT_FIRST
      m.day[slot] = day
      this.#keep(slot, second, reading.value)
      return
    }
    const seconds = second - before
    if (seconds <= 0) return
    const advance = this.#advance(slot, at, reading.value)
    if (advance >= 0) {
      if (advance > 0) m.lastAdvanceAt[slot] = second
      if (seconds >= this.#settings.shortestIntervalS && !facts.corrector)
        this.#judgeFlow(slot, facts, at, seconds, advance)
      this.#addNight(slot, facts, at, seconds, advance)
      this.#addDay(slot, facts, at, day, seconds, advance)
      this.#judgeStanding(slot, facts, at)
    }
    this.#keep(slot, second, reading.value)
  }

  #keep(slot: number, second: number, value: number): void {
    this.rows.at.lastAt[slot] = second
    this.rows.at.lastIndex[slot] = value
  }

  /** Advance of the register, m³; NaN when it ran backwards, which is told. A register that turned over at its end advanced. */
  #advance(slot: number, at: number, value: number): number {
    const last = this.rows.at.lastIndex[slot] ?? 0
    const { pulseM3, registerTurnsM3 } = this.#settings
    const advance = value - last
    if (advance >= -1.5 * pulseM3) {
      this.#say('register_backwards', slot, at, at, false, 0, 0, 'm3', NO_FACTS)
      return Math.max(0, advance)
    }
    if (last > 0.98 * registerTurnsM3 && value < 0.02 * registerTurnsM3) return advance + registerTurnsM3
    const facts: Evidence[] = [
      { code: 'register_before', at, value: last, unit: 'm3' },
      { code: 'register_after', at, value, unit: 'm3' },
    ]
    this.#say('register_backwards', slot, at, at, true, value, last, 'm3', facts)
    return Number.NaN
  }

  #judgeFlow(slot: number, { size }: MeterFacts, at: number, seconds: number, advance: number): void {
    const flow = overFlow(advance, seconds, this.#settings.pulseM3, size)
    this.#say(
      'over_flow',
      slot,
      at,
      at - seconds * 1000,
      flow > 0,
      flow / 3600,
      size.overFlowM3H / 3600,
      'm3/s',
      NO_FACTS,
    )
  }

  /** Days end with the first reading of another day; after a pause of days their mean counts for each. */
  #addDay(slot: number, facts: MeterFacts, at: number, day: number, seconds: number, advance: number): void {
    const m = this.rows.at
    const sum = (m.dayAdvance[slot] ?? 0) + advance
    if (day === m.day[slot]) {
      m.dayAdvance[slot] = sum
      return
    }
    const passed = Math.max(1, Math.round(seconds / DAY_S))
    const use = seconds >= 0.75 * DAY_S ? sum / passed : sum
    m.day[slot] = day
    m.dayAdvance[slot] = 0
    const standing = at / 1000 - (m.lastAdvanceAt[slot] ?? 0) > 1.5 * DAY_S
    if (!standing) this.#closeDay(slot, use)
    if (facts.class === 'residential') this.#judgeRest(slot, facts, at, use, passed)
  }

  /** A standing register must not teach that standing is usual: of a run without use only its first day is learnt. */
  #closeDay(slot: number, use: number): void {
    const m = this.rows.at
    const days = Math.min(255, (m.days[slot] ?? 0) + 1)
    const weight = Math.max(1 / days, 1 / DAYS_MEMORY)
    m.days[slot] = days
    m.dailyUse[slot] = (m.dailyUse[slot] ?? 0) + weight * (use - (m.dailyUse[slot] ?? 0))
    const share = m.zeroShare[slot] ?? 0
    m.zeroShare[slot] = Math.round(share + ((use === 0 ? 255 : 0) - share) / DAYS_MEMORY)
  }

  #judgeRest(slot: number, { size }: MeterFacts, at: number, use: number, days: number): void {
    const m = this.rows.at
    const { mostDailyUse, restShare, leastDays, chance } = this.#settings.smallFlow
    const rest = size.startingM3H * 24
    const told = ((m.flags[slot] ?? 0) & TOLD.prolonged_small_flow) !== 0
    const mean = m.dailyUse[slot] ?? 0
    // A day that was no rest by an older, smaller mean may be one by the present mean: the count begins anew.
    const anew = m.restlessDays[slot] === 0 || (!told && (m.smallestDay[slot] ?? 0) < restShare * mean)
    const smallest = anew ? use : Math.min(use, m.smallestDay[slot] ?? use)
    const restless = anew ? days : Math.min(255, (m.restlessDays[slot] ?? 0) + days)
    const rested = use < rest || use < (told ? 0.5 * (m.smallestDay[slot] ?? 0) : restShare * mean)
    if (rested) {
      m.restlessDays[slot] = 0
      m.smallestDay[slot] = 0
      this.#say('prolonged_small_flow', slot, at, at, false, 0, rest / DAY_S, 'm3/s', NO_FACTS)
      return
    }
    m.smallestDay[slot] = smallest
    m.restlessDays[slot] = restless
    if (told || restless < leastDays || mean > mostDailyUse) return
    const log = logChanceOfNoRest(restless, smallest, mean)
    if (log > Math.log(chance)) return
    const facts: Evidence[] = [
      { code: 'never_zero_probability', at, value: 1 - Math.exp(log), unit: '1' },
      { code: 'days_without_rest', at, value: restless, limit: leastDays, unit: 'd' },
      { code: 'smallest_day', at, value: smallest, unit: 'm3' },
    ]
    this.#say(
      'prolonged_small_flow',
      slot,
      at,
      at - restless * DAY_S * 1000,
      true,
      smallest / DAY_S,
      rest / DAY_S,
      'm3/s',
      facts,
    )
  }

  #judgeStanding(slot: number, facts: MeterFacts, at: number): void {
    const m = this.rows.at
    const settings = this.#settings.stopped
    const since = m.lastAdvanceAt[slot] ?? 0
    const days = (at / 1000 - since) / DAY_S
    if (days < 1) {
      this.#say('stopped_meter', slot, at, at, false, 0, 0, 'd', NO_FACTS)
      return
    }
    const known = (m.days[slot] ?? 0) >= settings.historyDays && (m.dailyUse[slot] ?? 0) > settings.leastDailyUse
    if (!known || ((m.flags[slot] ?? 0) & VALVE_CLOSED) !== 0) return
    const chance = chanceOfStanding(days, (m.zeroShare[slot] ?? 0) / 255, facts.class === 'residential', settings)
    if (chance >= settings.chance) return
    const evidence: Evidence[] = [
      { code: 'stopped_probability', at, value: 1 - chance, unit: '1' },
      { code: 'usual_daily_use', at, value: m.dailyUse[slot] ?? 0, unit: 'm3' },
    ]
    this.#say('stopped_meter', slot, at, since * 1000, true, days, settings.historyDays, 'd', evidence)
  }

  #addNight(slot: number, facts: MeterFacts, at: number, seconds: number, advance: number): void {
    const m = this.rows.at
    const { from, to, leastSeconds } = this.#settings.night
    const hour = localHour(this.#context, at)
    const inside = hour <= to && hour - seconds / 3600 >= from
    if (!inside) {
      if ((m.nightSeconds[slot] ?? 0) >= leastSeconds && hour > to) this.#closeNight(slot, facts, at)
      if (hour > to || hour < from) this.#emptyNight(slot)
      return
    }
    const night = localDay(this.#context, at)
    if (m.night[slot] !== night) this.#emptyNight(slot)
    m.night[slot] = night
    m.nightAdvance[slot] = (m.nightAdvance[slot] ?? 0) + advance
    m.nightSeconds[slot] = (m.nightSeconds[slot] ?? 0) + seconds
  }

  #emptyNight(slot: number): void {
    this.rows.at.nightAdvance[slot] = 0
    this.rows.at.nightSeconds[slot] = 0
  }

  #closeNight(slot: number, facts: MeterFacts, at: number): void {
    const m = this.rows.at
    const settings = this.#settings.night
    const flow = ((m.nightAdvance[slot] ?? 0) / (m.nightSeconds[slot] ?? 1)) * 3600
    const base = m.nightBase[slot] ?? 0
    const nights = m.nights[slot] ?? 0
    const limit = nightLimit(base, facts.size, settings)
    const above = nights >= settings.learnNights && flow > limit
    if (!above) {
      m.nights[slot] = Math.min(255, nights + 1)
      m.nightBase[slot] = base + (flow - base) * Math.max(1 / (nights + 1), 1 / NIGHTS_MEMORY)
    }
    m.nightsAbove[slot] = above ? Math.min(255, (m.nightsAbove[slot] ?? 0) + 1) : 0
    const many = (m.nightsAbove[slot] ?? 0) >= settings.nightsInRow
    if (above && !many) return
    const evidence: Evidence[] = above
      ? [{ code: 'nights_in_row', at, value: m.nightsAbove[slot] ?? 0, limit: settings.nightsInRow, unit: '1' }]
      : NO_FACTS
    this.#say(
      'night_flow',
      slot,
      at,
      at - settings.nightsInRow * DAY_S * 1000,
      above,
      flow / 3600,
      limit / 3600,
      'm3/s',
      evidence,
    )
  }

  #flag(slot: number, bit: number, on: boolean): void {
    const { flags } = this.rows.at
    flags[slot] = on ? (flags[slot] ?? 0) | bit : (flags[slot] ?? 0) & ~bit
  }

  /** Tells a change; what stands already, or is quiet already, is not told again. */
  #say(
    rule: RegisterRule,
    slot: number,
    at: number,
    since: number,
    active: boolean,
    value: number,
    limit: number,
    unit: string,
    facts: readonly Evidence[],
  ): void {
    if ((((this.rows.at.flags[slot] ?? 0) & TOLD[rule]) !== 0) === active) return
    this.#flag(slot, TOLD[rule], active)
    const asset = this.#context.assetOf(slot)
    const evidence = [{ code: rule, at, asset, value, limit, unit }, ...facts.map((fact) => ({ ...fact, asset }))]
    this.#told.push({
      rule,
      asset,
      zone: zoneIdOf(this.#context, slot),
      at,
      since,
      active,
      value,
      limit,
      unit,
      strength: rule === 'over_flow' ? 'strong' : 'weak',
      evidenceKind: 'meter_flow',
      evidence,
    })
  }
}

const NOTHING: readonly Detection[] = []
const NO_FACTS: Evidence[] = []
