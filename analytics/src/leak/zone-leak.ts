import type { Network } from '@gastwin/twin'
import type { LeakCandidate, LeakEvidence, LeakIncident, LeakState } from './leak-incident.ts'
import type { LeakPlaces } from './leak-places.ts'
import { type PlacePosterior, placePosterior } from './leak-posterior.ts'
import type { LeakSettings } from './leak-settings.ts'
import type { PatternFilter } from './pattern-filter.ts'
import type { Picture } from './pattern-model.ts'
import { PatternTrace } from './pattern-trace.ts'
import { RegisterGap } from './register-gap.ts'
import { UseForecast } from './use-forecast.ts'

const HOUR = 3_600_000
const COVERED = 0.995
/** A trace begins anew when its begin turned out to be off by this many hours, and not more often than it. */
const RETRACE_H = 6

/** Where a trace takes its pictures and its beginning from. */
export interface TraceSource {
  readonly places: LeakPlaces
  readonly inflation: number
  before(hour: number): { readonly hour: number; readonly filter: PatternFilter } | undefined
  picture(hour: number): Picture | undefined
  wander(filter: PatternFilter): void
}

interface Balance {
  readonly begin: number
  readonly pull: number
  readonly weight: number
  readonly byForecast: number
  readonly byRegisters: number
  readonly logOdds: number
}

interface OpenIncident {
  id: string
  state: LeakState
  suspectedAt: number
  detectedAt: number | undefined
  begin: number
  trace: PatternTrace | undefined
  traceBegin: number
  tracedUntil: number
  retracedAt: number
  posterior: PlacePosterior | undefined
  balance: Balance
  total: number
  low: number
}

/** Watches one zone: the balance of what flows in against what is used, and with a suspicion the pressures. */
export class ZoneLeak {
  readonly gap: RegisterGap
  readonly #network: Network
  readonly #zone: number
  readonly #settings: LeakSettings
  readonly #density: number
  readonly #forecast: UseForecast
  readonly #first: number[] = []
  readonly #held: { hour: number; hourOfDay: number; rest: boolean; use: number; air: number }[] = []
  readonly #past: LeakIncident[] = []
  #incident: OpenIncident | undefined
  #count = 0

  constructor(network: Network, zone: number, settings: LeakSettings, density: number) {
    this.#network = network
    this.#zone = zone
    this.#settings = settings
    this.#density = density
    this.gap = new RegisterGap(settings.homeDaily)
    this.#forecast = new UseForecast(settings)
  }

  /** Whether an incident is open. */
  get open(): boolean {
    return this.#incident !== undefined
  }

  incidents(): readonly LeakIncident[] {
    return this.#incident === undefined ? this.#past : [...this.#past, this.#shown(this.#incident)]
  }

  takeHour(hour: number, hourOfDay: number, rest: boolean, use: number, air: number): void {
    this.gap.takeHour(hour, Number.isNaN(use) ? this.#forecast.usual * 3600 : use * 3600)
    if (this.#forecast.usual === 0) {
      // The first day tells the scale; then its hours are taken in turn.
      this.#held.push({ hour, hourOfDay, rest, use, air })
      if (!Number.isNaN(use)) this.#first.push(use)
      if (this.#first.length < 24) return
      this.#forecast.begin(this.#first.reduce((sum, value) => sum + value, 0) / this.#first.length)
      for (const h of this.#held) this.#forecast.take(h.hour, h.hourOfDay, h.rest, h.use, h.air)
      this.#held.length = 0
      return
    }
    this.#forecast.take(hour, hourOfDay, rest, use, air)
  }

  /** Weighs the evidence after an hour. @param known hours since the first row */
  judge(hour: number, newest: number, known: number, source: TraceSource): void {
    if (known < this.#settings.learningHours) return
    const balance = this.#weigh(hour)
    if (balance === undefined) return
    const incident = this.#incident
    if (incident === undefined) {
      if (balance.logOdds < this.#settings.suspectLogOdds) return
      this.#incident = this.#suspect(newest, balance)
    } else incident.balance = balance
    const open = this.#incident
    if (open === undefined) return
    this.#follow(open, hour, source)
    this.#decide(open, newest)
  }

  /** Combines forecast and registers over all hours in which a leak may have begun. */
  #weigh(hour: number): Balance | undefined {
    const prior = (this.#settings.leakShare * this.#forecast.usual) ** 2
    let best: Balance | undefined
    let sum = 0
    let hours = 0
    for (const candidate of this.#forecast.candidates) {
      if (candidate.hour > hour - 1) continue
      const registers = this.gap.gapSince(candidate.hour * HOUR)
      const pull = candidate.pull + (registers === undefined ? 0 : registers.flow / registers.variance)
      const weight = candidate.weight + (registers === undefined ? 0 : 1 / registers.variance)
      const share = hour - candidate.hour < 24 ? 1 : 3
      const logOdds =
        pull <= 0
          ? -0.5 * Math.log(1 + prior * weight)
          : (0.5 * pull * pull) / (weight + 1 / prior) - 0.5 * Math.log(1 + prior * weight)
      sum += share * Math.exp(Math.min(logOdds, 500))
      hours += share
      if (best === undefined || logOdds > best.logOdds)
        best = {
          begin: candidate.hour,
          pull,
          weight,
          byForecast: candidate.weight > 0 ? candidate.pull / candidate.weight : Number.NaN,
          byRegisters: registers?.flow ?? Number.NaN,
          logOdds,
        }
    }
    return best === undefined || hours === 0 ? undefined : { ...best, logOdds: Math.log(sum / hours) }
  }

  #suspect(newest: number, balance: Balance): OpenIncident {
    this.#count += 1
    return {
      id: `${this.#network.zones.ids[this.#zone]}-${this.#count}`,
      state: 'suspected',
      suspectedAt: newest,
      detectedAt: undefined,
      begin: balance.begin,
      trace: undefined,
      traceBegin: 0,
      tracedUntil: 0,
      retracedAt: Number.NEGATIVE_INFINITY,
      posterior: undefined,
      balance,
      total: balance.logOdds,
      low: 0,
    }
  }

  /** Brings the trace of pressures up to the hour. */
  #follow(open: OpenIncident, hour: number, source: TraceSource): void {
    const { balance } = open
    this.#forecast.pinned = balance.begin
    const off = Math.abs(balance.begin - open.traceBegin)
    if (open.trace === undefined || (off >= RETRACE_H && hour - open.retracedAt >= RETRACE_H)) {
      const start = source.before(balance.begin)
      if (start !== undefined) {
        open.trace = new PatternTrace(this.#network, start.filter, source.places, this.#zone)
        open.traceBegin = balance.begin
        open.retracedAt = hour
        for (let h = start.hour; h < balance.begin; h++) {
          const picture = source.picture(h)
          source.wander(open.trace.filter)
          if (picture !== undefined) open.trace.filter.take(picture, source.inflation)
        }
        open.tracedUntil = balance.begin - 1
      }
    }
    const { trace } = open
    const flow = (balance.pull / Math.max(balance.weight, 1e-9)) * this.#density
    const sigma = this.#density / Math.sqrt(Math.max(balance.weight, 1e-9))
    if (trace !== undefined) {
      const largest = Math.max(0, flow) + 2 * sigma
      for (let h = open.tracedUntil + 1; h <= hour; h++) {
        source.wander(trace.filter)
        const picture = source.picture(h)
        if (picture !== undefined) trace.take(picture, source.inflation, largest)
      }
      open.tracedUntil = hour
    }
    const places = source.places
    const candidates =
      trace?.candidates ??
      Int32Array.from(Array.from({ length: places.count }, (_, x) => x).filter((x) => places.zone[x] === this.#zone))
    const none = new Float64Array(places.count)
    const prior = this.#settings.leakShare * this.#forecast.usual * this.#density
    const precision = 1 / (sigma * sigma) + 1 / (prior * prior)
    open.posterior = placePosterior(
      places,
      candidates,
      trace?.pull ?? none,
      trace?.weight ?? none,
      { mean: flow / (sigma * sigma) / precision, variance: 1 / precision },
      1,
    )
  }

  #decide(open: OpenIncident, newest: number): void {
    const pressure = Math.max(-6, Math.min(12, open.posterior?.logEvidence ?? 0))
    open.total = open.balance.logOdds + pressure
    open.begin = open.balance.begin
    const { confirmLogOdds } = this.#settings
    if (open.state === 'suspected' && open.total >= confirmLogOdds) {
      open.state = 'confirmed'
      open.detectedAt = newest
    }
    const lost = open.state === 'suspected' ? open.total < 0 : open.total < -2
    open.low = lost ? open.low + 1 : 0
    if (open.low >= 3) {
      open.state = 'dismissed'
      this.#past.push(this.#shown(open))
      this.#incident = undefined
      this.#forecast.pinned = -1
    } else if (
      open.state === 'confirmed' &&
      (open.posterior?.probability.reduce((a, b) => Math.max(a, b), 0) ?? 0) > 0.5
    )
      open.state = 'located'
  }

  #shown(open: OpenIncident): LeakIncident {
    const flow = open.posterior?.flow ?? { p05: 0, p50: 0, p95: 0 }
    const standardFlow = { p05: flow.p05 / this.#density, p50: flow.p50 / this.#density, p95: flow.p95 / this.#density }
    return {
      id: open.id,
      kind: 'leak',
      state: open.state,
      zone: this.#network.zones.ids[this.#zone] ?? '',
      suspectedAt: open.suspectedAt,
      detectedAt: open.detectedAt,
      startedAt: open.begin * HOUR,
      candidates: this.#candidates(open),
      standardFlow,
      evidence: this.#evidence(open, standardFlow),
    }
  }

  #candidates(open: OpenIncident): LeakCandidate[] {
    const { posterior, trace } = open
    if (posterior === undefined || trace === undefined) return []
    const byPipe = new Map<number, { probability: number; best: number; position: number }>()
    for (const x of trace.candidates) {
      const p = posterior.probability[x] as number
      const pipe = trace.places.pipe[x] as number
      const row = byPipe.get(pipe) ?? { probability: 0, best: -1, position: 0 }
      row.probability += p
      if (p > row.best) {
        row.best = p
        row.position = trace.places.share[x] as number
      }
      byPipe.set(pipe, row)
    }
    const rows = [...byPipe].sort((a, b) => b[1].probability - a[1].probability)
    const out: LeakCandidate[] = []
    let sum = 0
    for (const [pipe, { probability, position }] of rows) {
      out.push({ pipe: this.#network.edges.ids[pipe] ?? '', probability, position })
      sum += probability
      if (sum >= COVERED) break
    }
    return out
  }

  #evidence(open: OpenIncident, flow: { p50: number }): LeakEvidence {
    const { balance, posterior, trace } = open
    return {
      balance: balance.logOdds,
      pressure: posterior?.logEvidence ?? 0,
      total: open.total,
      byForecast: balance.byForecast,
      byRegisters: balance.byRegisters,
      pressureHours: trace?.hours ?? 0,
      words: [`about ${(flow.p50 * 3600).toFixed(2)} m³/h more flows into the zone than its use explains`],
    }
  }
}
