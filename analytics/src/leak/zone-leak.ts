import type { Network } from '@gastwin/twin'
import { followTrace } from './follow-trace.ts'
import {
  bestBalance,
  certainBalance,
  type FlowEvidence,
  flowOf,
  type LeakBalance,
  sigmaOf,
  totalOdds,
  weighBalance,
} from './leak-balance.ts'
import type { LeakIncident } from './leak-incident.ts'
import type { LeakPlaces } from './leak-places.ts'
import type { PlacePosterior } from './leak-posterior.ts'
import type { LeakSettings } from './leak-settings.ts'
import { incidentView, type OpenIncident, openIncident } from './open-incident.ts'
import type { PatternFilter } from './pattern-filter.ts'
import type { Picture } from './pattern-model.ts'
import { PatternTrace } from './pattern-trace.ts'
import { placesOfFlow } from './places-of-flow.ts'
import type { QuarterWatch } from './quarter-watch.ts'
import { RegisterGap } from './register-gap.ts'
import { RuptureTest } from './rupture-test.ts'
import { SLOT_MS } from './slot-book.ts'
import type { TraceSource } from './trace-source.ts'
import type { ZoneForecast } from './use-forecast.ts'

const HOUR = 3_600_000
/** A leak beyond this share of the zone's usual use does not act in proportion. */
const LARGE = 0.03
/** Log odds of the pressures that count as a second witness. */
const WITNESS = 2
/** Price of having chosen the begin that fits best, as a logarithm of odds. */
const CHOSEN_BEGIN = 2
/** Hours of the learning time in which a leak may already begin. */
const SURE_H = 18

/** Error of the forecast of an hour that is missing, as a share of it. */
const MISSING = 0.15

/** Log odds asked for besides where flows are the only witness. */
const ALONE = 5
/** Hours after which a leak that only flows tell of is taken for usual, so that the next one shows. */
const STANDING_H = 96

/** Quarters in a row that must speak for a leak. */
const LOUD = 2
/** Log odds that are asked for besides: looks come four times an hour in every zone. */
const STRICTER = 5

/** Watches one zone: the balance of what flows in against what is used, and with a suspicion the pressures. */
export class ZoneLeak {
  readonly gap: RegisterGap
  readonly rupture: RuptureTest
  readonly #network: Network
  readonly #zone: number
  readonly #settings: LeakSettings
  readonly #density: number
  readonly #forecast: ZoneForecast
  readonly #past: LeakIncident[] = []
  #incident: OpenIncident | undefined
  #held: { readonly hour: number; readonly use: number }[] = []
  #count = 0
  #balance: LeakBalance | undefined
  #loud = 0
  #brokenAt = Number.NEGATIVE_INFINITY
  #early = false
  /** Unix hours; what speaks for a leak before was judged by a person. */
  #closedAt = Number.NEGATIVE_INFINITY
  #standing = 0

  /** @param forecast of the zone's use, told each hour before `takeHour` */
  constructor(network: Network, zone: number, settings: LeakSettings, density: number, forecast: ZoneForecast) {
    this.#network = network
    this.#zone = zone
    this.#settings = settings
    this.#density = density
    this.rupture = new RuptureTest(settings)
    this.gap = new RegisterGap(settings.homeDaily)
    this.#forecast = forecast
  }

  /** Whether an incident is confirmed and open. */
  get confirmed(): boolean {
    return this.#incident !== undefined && this.#incident.state !== 'suspected'
  }

  /** Whether it is a rupture. */
  get broken(): boolean {
    return this.#incident?.kind === 'rupture'
  }

  /** Channels that a rupture was placed by when it was last placed by early reports. */
  placedBy = 0

  /** Whether devices told of the rupture before their time. */
  get early(): boolean {
    return this.#early
  }

  /** What the zone usually uses, m³/s; 0 while that is not known. */
  get usual(): number {
    return this.#forecast.usual
  }

  /** Whether an incident is open. */
  get open(): boolean {
    return this.#incident !== undefined
  }

  incidents(): readonly LeakIncident[] {
    return this.#incident === undefined ? this.#past : [...this.#past, this.#shown(this.#incident)]
  }

  /** Flow that is known to be no use of homes and stays, m³/s. */
  get standing(): number {
    return this.#standing
  }

  /**
   * A person has closed the open incident. What began before is not weighed again, and what it taught is taken back.
   * @param at     Unix ms
   * @param stays  the flow is no leak, or was not found: it is counted out from here on, so that the next leak shows
   * @returns since when how much, Unix ms and m³/s; nothing when no incident was open
   */
  close(
    at: number,
    stays: boolean,
    kind: LeakIncident['kind'] | undefined,
  ): { readonly begin: number; readonly flow: number } | undefined {
    const open = this.#incident
    if (open !== undefined && kind !== undefined && open.kind !== kind) {
      this.#closeBeside(stays)
      return undefined
    }
    this.#closedAt = Math.ceil(at / HOUR)
    this.#loud = 0
    this.#balance = undefined
    if (open === undefined) return undefined
    this.#past.push(this.#shown({ ...open, state: 'closed' }))
    return this.#settle(open, stays)
  }

  /** The leak that was known when a rupture came is over: the rupture goes on. */
  #closeBeside(stays: boolean): void {
    const place = this.#past.findLastIndex(({ state }) => state === 'confirmed' || state === 'located')
    const leak = this.#past[place]
    if (leak === undefined) return
    this.#past[place] = { ...leak, state: 'closed' }
    if (stays) this.#standing += leak.standardFlow.p50
  }

  #settle(open: OpenIncident, stays: boolean): { readonly begin: number; readonly flow: number } {
    const flow = Math.max(0, flowOf(open.balance))
    this.#incident = undefined
    this.#forecast.unlearn(open.balance.begin, flow)
    this.gap.discount(Math.floor(open.balance.begin), flow)
    if (stays) this.#standing += flow
    return { begin: open.startedAt ?? open.balance.begin * HOUR, flow }
  }

  /** Takes what the zone's homes took in an hour, m³/s; NaN when it is not known. The forecast has taken it before. */
  takeHour(hour: number, use: number): void {
    this.#held.push({ hour, use })
    // Until the first day is over, nobody knows what to expect of an hour that is missing.
    if (this.#forecast.usual === 0) return
    for (const held of this.#held) {
      const expected = this.#forecast.expected(held.hour)
      if (Number.isNaN(held.use)) this.gap.takeHour(held.hour, Math.max(0, expected) * 3600, MISSING * expected * 3600)
      else this.gap.takeHour(held.hour, held.use * 3600)
    }
    this.#held = []
  }

  /** Largest flow a leak may have by what is known, kg/s. */
  get largest(): number {
    const balance = this.#balance
    return balance === undefined
      ? 0
      : this.#density * Math.max(0, flowOf(balance)) + 2 * this.#density * sigmaOf(balance)
  }

  /** When the open incident began, Unix ms. */
  get begin(): number {
    const open = this.#incident
    return open === undefined ? Number.NaN : (open.startedAt ?? open.begin * HOUR)
  }

  /** Weighs what the comparison with other zones says after a quarter of an hour. */
  judgeQuarter(newest: number, quarters: QuarterWatch, zone: number): void {
    const flows = quarters.evidence(zone).filter(({ begin }) => begin >= this.#closedAt)
    if (flows.length === 0 || Math.floor(newest / HOUR) <= this.#brokenAt + 1) return
    const prior = this.#settings.leakShare * quarters.contrast.usual(zone)
    const weighed = weighBalance(flows, () => undefined, prior)
    const balance = bestBalance(weighed)
    const odds = totalOdds(weighed)
    // A zone without homes knows its business by forecasts only, and those have worse days than they think: it is suspected.
    // On a day like none before nobody knows how much each zone heats.
    const certain = quarters.contrast.hasHomes(zone) && !quarters.contrast.isStrange
    const least = certain ? this.#settings.confirmLogOdds + STRICTER : Number.POSITIVE_INFINITY
    this.#loud = odds >= least ? this.#loud + 1 : 0
    if (balance === undefined || odds < this.#settings.suspectLogOdds) return
    if (this.#incident === undefined) {
      this.#balance = balance
      this.#incident = this.#suspect(newest, balance)
    }
    const open = this.#incident
    if (open.state !== 'suspected' || this.#loud < LOUD) return
    if (quarters.isMeterDoubtful(zone, balance.begin, flowOf(balance), sigmaOf(balance))) return
    open.balance = balance
    open.begin = balance.begin
    open.balanceTotal = odds
    open.total = odds
    open.low = 0
    open.state = 'confirmed'
    open.detectedAt = newest
  }

  /** Weighs the evidence after an hour. @param known hours since the first row */
  judge(hour: number, newest: number, known: number, source: TraceSource, flows: readonly FlowEvidence[] = []): void {
    if (known < this.#settings.learningHours || hour <= this.#brokenAt + 1) return
    // What began before the zone's habits were known is a habit.
    const earliest = Math.max(this.#closedAt, hour - known + this.#settings.learningHours - SURE_H)
    const weighed = this.#weigh(hour, earliest, flows)
    this.#balance = bestBalance(weighed)
    // Where zones can be compared, pressures place a leak and need not suspect it.
    const compared = flows.length > 0
    const screened = compared ? undefined : this.#screened(weighed, source, earliest)
    const strong = (this.#balance?.logOdds ?? 0) > 3
    const balance = strong ? this.#balance : (screened?.balance ?? this.#balance)
    if (balance === undefined) return
    if (this.#incident === undefined) {
      if (Math.max(totalOdds(weighed), screened?.total ?? Number.NEGATIVE_INFINITY) < this.#settings.suspectLogOdds)
        return
      this.#incident = this.#suspect(newest, balance)
    } else {
      this.#incident.balance = balance
      this.#incident.reach = 1
    }
    const open = this.#incident
    open.balanceTotal = totalOdds(weighed)
    open.screenTotal = screened?.total ?? open.balanceTotal
    this.#follow(open, hour, source)
    this.#decide(open, newest, compared)
  }

  /** The balance and the pressures together, for every begin that is traced; the best begin and the mean over all. */
  #screened(
    weighed: readonly LeakBalance[],
    source: TraceSource,
    earliest: number,
  ): { balance: LeakBalance; total: number } | undefined {
    let found: { balance: LeakBalance; log: number } | undefined
    let sum = 0
    let count = 0
    for (const trace of source.screen) {
      if (trace.hours < 3 || trace.begin < earliest) continue
      const balance = weighed.find((b) => b.begin >= trace.begin)
      if (balance === undefined) continue
      const log = Math.min(
        500,
        balance.logOdds + this.#posterior(balance, trace, source.placesOf(this.#zone)).logEvidence,
      )
      sum += Math.exp(log)
      count += 1
      if (found === undefined || log > found.log) found = { balance, log }
    }
    return found === undefined ? undefined : { balance: found.balance, total: Math.log(sum / count) }
  }

  #posterior(balance: LeakBalance, trace: PatternTrace, candidates: Int32Array): PlacePosterior {
    return placesOfFlow(balance, trace, candidates, {
      density: this.#density,
      usual: this.#forecast.usual,
      leakShare: this.#settings.leakShare,
      patternError: this.#settings.patternError,
      isRupture: this.broken,
    })
  }

  /** Whether the open incident is a rupture that began in a slot. */
  brokenIn(slot: number): boolean {
    const at = this.#incident?.startedAt
    return at !== undefined && Math.floor(at / SLOT_MS) === slot
  }

  /** Whether its first slot has placed it. */
  get placed(): boolean {
    return this.#incident?.firstLook !== undefined
  }

  /**
   * A rupture: confirmed by the first reports after it.
   * @param jump   m³/s
   * @param early  whether devices spoke before their time: by the end of the slot valves may have been closed
   */
  break(at: number, jump: number, early = false): void {
    this.#early = early
    const balance = certainBalance(Math.floor(at / HOUR), jump, this.#settings.confirmLogOdds + 6)
    // A mere suspicion gives way; a leak that was known before stays as it was last seen, until a person closes it.
    if (this.#incident !== undefined)
      this.#past.push(this.#shown(this.confirmed ? this.#incident : { ...this.#incident, state: 'dismissed' }))
    const open = this.#suspect(at, balance)
    this.#incident = { ...open, kind: 'rupture', state: 'confirmed', detectedAt: at, startedAt: at }
    this.#brokenAt = balance.begin
  }

  /**
   * More of a rupture's first reports have come.
   * @param jump   m³/s
   * @param reach  so many times that it may be, by inlets that have not spoken
   * @returns whether it is larger than was known
   */
  grow(jump: number, reach = 1): boolean {
    const open = this.#incident
    if (open !== undefined) open.reach = reach
    if (open === undefined || jump <= flowOf(open.balance)) return false
    open.balance = certainBalance(open.balance.begin, jump, open.balance.logOdds)
    return true
  }

  /** Places the rupture by the pressures of one slot. */
  placeBreak(
    places: LeakPlaces,
    filter: PatternFilter,
    picture: (flow: number) => Picture,
    compare: TraceSource['compare'],
  ): void {
    const open = this.#incident
    if (open === undefined) return
    const flow = flowOf(open.balance) * this.#density
    const trace = new PatternTrace(this.#network, filter.size, places, this.#zone, open.balance.begin)
    const own = filter.copy()
    const shown = picture(flow)
    trace.take(shown, compare(own, shown, 2 * flow))
    open.posterior = this.#posterior(open.balance, trace, trace.candidates)
    open.firstLook = trace
  }

  /** Combines forecast and registers over all hours in which a leak may have begun. */
  #weigh(hour: number, earliest: number, contrast: readonly FlowEvidence[]): LeakBalance[] {
    const forecast = this.#forecast.candidates
      .filter((candidate) => candidate.hour < hour && candidate.hour >= earliest)
      .map(({ hour: begin, pull, weight }) => ({ begin, share: hour - begin < 24 ? 1 : 3, pull, weight }))
    const prior = this.#settings.leakShare * this.#forecast.usual
    const recent = contrast.filter(({ begin }) => begin < hour && begin >= earliest)
    // Registers tell a forecast's mistake from a leak; zones compared with each other share what a forecast mistakes.
    if (contrast.length > 0) return weighBalance(recent, () => undefined, prior)
    return weighBalance(forecast, (begin) => this.gap.gapSince(begin * HOUR), prior)
  }

  #suspect(newest: number, balance: LeakBalance): OpenIncident {
    this.#count += 1
    return openIncident(`${this.#network.zones.ids[this.#zone]}-${this.#count}`, newest, balance)
  }

  /** Brings the trace of pressures up to the hour, from the begin that the balance now says. */
  #follow(open: OpenIncident, hour: number, source: TraceSource): void {
    const { balance } = open
    this.#forecast.pin(balance.begin)
    const expected = flowOf(balance) > LARGE * this.#forecast.usual ? flowOf(balance) * this.#density : 0
    const zone = { network: this.#network, zone: this.#zone, largest: this.largest, expected }
    const trace = followTrace(open, hour, source, zone)
    if (trace !== undefined) open.posterior = this.#posterior(balance, trace, trace.candidates)
  }

  #decide(open: OpenIncident, newest: number, compared: boolean): void {
    // Pressures may contradict a balance, or support it; where none are known, the balance stands alone.
    const own = (open.posterior?.logEvidence ?? 0) - CHOSEN_BEGIN
    const support = Math.max(open.screenTotal - open.balanceTotal, own)
    open.total = open.balanceTotal + Math.max(-12, Math.min(20, support))
    open.begin = open.balance.begin
    const { confirmLogOdds } = this.#settings
    // A forecast alone may have met a day it does not know: registers or pressures must say the same.
    const alone = this.#network.meters.count === 0 && open.posterior === undefined
    // Registers alone may have come late or not at all: flows or pressures must not say the contrary.
    const counted = open.balance.byRegisters > 0.4 * flowOf(open.balance) && !(open.balance.byForecast < 0)
    const witnessed = support >= WITNESS || counted || (alone && open.balanceTotal >= confirmLogOdds + ALONE)
    // Pressures alone do not confirm: the map is never right everywhere, and only a leak also lacks in the balance.
    // Where zones are compared, quarters of an hour decide.
    const odd = open.total >= confirmLogOdds && open.balanceTotal >= 0 && witnessed
    if (open.state === 'suspected' && !compared && odd) {
      open.state = 'confirmed'
      open.detectedAt = newest
    }
    const lost = open.total < 0
    open.low = lost ? open.low + 1 : 0
    if (open.low >= (open.state === 'suspected' ? 3 : 12)) {
      open.state = 'dismissed'
      this.#past.push(this.#shown(open))
      this.#incident = undefined
      this.#forecast.pin(-1)
    } else if (
      open.state === 'confirmed' &&
      (open.posterior?.probability.reduce((a, b) => Math.max(a, b), 0) ?? 0) > 0.5
    )
      open.state = 'located'
    else if (alone && open.state === 'confirmed' && newest - (open.detectedAt ?? newest) > STANDING_H * HOUR) {
      this.#past.push(this.#shown(open))
      this.#settle(open, true)
    }
  }

  #shown(open: OpenIncident): LeakIncident {
    return incidentView(this.#network, this.#zone, this.#density, open)
  }
}
