import type { Alarm } from '@gastwin/analytics'
import { type Outcome, speedAt } from '@gastwin/twin'
import type { Subscription } from 'rxjs'
import type { Config } from '../config/config.ts'
import type { ServerMessage, Status } from '../contract/index.ts'
import type { ConsoleHub } from '../live/console-hub.ts'
import type { EventLog } from '../log/event-log.ts'
import type { AlarmNotices } from '../notices/alarm-notices.ts'
import type { Turn } from '../pipeline/city-state.ts'
import type { ShutoffRunner } from '../safety/shutoff-runner.ts'
import type { Store } from '../store/store.ts'
import type { AnalysisDesk } from './analysis-desk.ts'
import type { CityService } from './city-service.ts'
import type { MapUpdates } from './map-updates.ts'
import type { Metrics } from './metrics.ts'
import { StatusView } from './status-view.ts'
import type { SuppliedPart } from './supplied-part.ts'
import type { ZoneViews } from './zone-views.ts'

const FRAME_MS = 200
const STRONG_GAP = 0.07
const STORE_BEHIND = 200_000
const MOST_SHUTOFFS = 50

export interface LiveParts {
  readonly config: Config
  readonly service: CityService
  readonly analysis: AnalysisDesk
  readonly zones: ZoneViews
  readonly supplied: SuppliedPart
  readonly map: MapUpdates
  readonly hub: ConsoleHub
  readonly log: EventLog
  readonly store: Store
  readonly metrics: Metrics
  /** Who is told outside of the console. */
  readonly notices: AlarmNotices
}

/** What consoles are told, and when: map frames at 5 Hz, status and zones each second, alarms and shut-offs with the next frame. */
export class LivePublisher {
  readonly #parts: LiveParts
  readonly #status: StatusView
  readonly #alarms = new Map<string, Alarm>()
  readonly #timers: NodeJS.Timeout[] = []
  #shutoffs: ShutoffRunner | undefined
  #frames = 0
  #reportsBefore = 0
  #reportsAt = 0
  #rate = 0
  #engineDown = false
  /** Whether the database was away since the last second, however briefly. */
  #engineFell = false
  #engine: Subscription | undefined

  constructor(parts: LiveParts) {
    this.#parts = parts
    this.#status = new StatusView(parts.service.city, parts.zones)
  }

  start(): void {
    this.#engine = this.#parts.store.status$.subscribe(({ state }) => {
      this.#engineFell ||= state === 'down'
    })
    this.#timers.push(
      setInterval(() => this.#frame(), FRAME_MS),
      setInterval(() => this.#second(), 1000),
    )
  }

  stop(): void {
    this.#engine?.unsubscribe()
    for (const timer of this.#timers) clearInterval(timer)
  }

  turn(turn: Turn): void {
    const { metrics } = this.#parts
    const counts = new Map<Outcome, number>()
    for (const { outcome } of turn.applied) counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
    for (const [outcome, count] of counts) metrics.outcomes.inc({ outcome }, count)
  }

  alarms(alarms: readonly Alarm[]): void {
    for (const alarm of alarms) this.#alarms.set(alarm.id, alarm)
    this.#parts.notices.take(alarms)
  }

  shutoff(runner: ShutoffRunner): void {
    this.#shutoffs = runner
  }

  /** What a console is told at its welcome. */
  greeting(): readonly ServerMessage[] {
    const { service, zones, analysis } = this.#parts
    return [
      { type: 'alarms', changed: [...service.city.book.list()], full: true },
      { type: 'shutoffs', changed: service.shutoffs.list().slice(0, MOST_SHUTOFFS), full: true },
      { type: 'zones', zones: zones.summaries(service.now(), Date.now()) },
      { type: 'leaks', leaks: analysis.leaks },
      { type: 'status', ...this.#view() },
    ]
  }

  #frame(): void {
    const { map, hub, service } = this.#parts
    map.drawChanged()
    this.#frames++
    const now = service.now()
    for (const layer of Object.values(map.layers.layers)) {
      const bytes = layer.takeFrame(map.layers.snapshot, now, this.#frames % 5 === 0)
      if (bytes !== undefined) hub.broadcastFrame(bytes)
    }
    if (this.#alarms.size > 0) {
      hub.broadcast({ type: 'alarms', changed: [...this.#alarms.values()] })
      this.#alarms.clear()
    }
    if (this.#shutoffs !== undefined) {
      hub.broadcast({ type: 'shutoffs', changed: this.#shutoffs.list().slice(0, MOST_SHUTOFFS) })
      this.#shutoffs = undefined
    }
  }

  #second(): void {
    const { hub, zones, service } = this.#parts
    const wall = Date.now()
    if (this.#reportsAt > 0) this.#rate = (1000 * (service.reports - this.#reportsBefore)) / (wall - this.#reportsAt)
    this.#reportsAt = wall
    this.#reportsBefore = service.reports
    this.#drawZonesAndPipes()
    this.#watchEngine()
    hub.renewBudgets()
    if (hub.size === 0) return
    hub.broadcast({ type: 'status', ...this.#view() })
    if (this.#frames % 10 < 5) hub.broadcast({ type: 'zones', zones: zones.summaries(service.now(), wall) })
  }

  #view(): Status {
    const { config, service, log, store } = this.#parts
    const lag = log.end - store.status.stored
    const down = store.status.state === 'down'
    return this.#status.view(service.now(), Date.now(), {
      speed: speedAt(config.clock, Date.now()),
      reportsPerS: this.#rate,
      log: log.health().state,
      store: { state: down ? 'down' : lag > STORE_BEHIND ? 'behind' : 'ok', lag_reports: lag },
    })
  }

  #watchEngine(): void {
    const { store, service, log } = this.#parts
    // A database that dies and is back within the second has died all the same.
    const down = this.#engineFell || store.status.state === 'down'
    this.#engineFell = false
    if (down === this.#engineDown) return
    this.#engineDown = down
    service.platformAlarm('engine_down', down, log.end - store.status.stored, 0, '1')
  }

  #drawZonesAndPipes(): void {
    const { map, zones, service, config, supplied } = this.#parts
    const { network } = service.city
    const now = service.now()
    const summaries = zones.summaries(now, Date.now())
    const pressure = new Float64Array(network.zones.count).fill(Number.NaN)
    const low = new Uint8Array(network.zones.count)
    summaries.forEach((summary, z) => {
      map.drawZone(z, summary.yesterday?.gap_rate ?? null, config.gapToleranceRate, STRONG_GAP)
      pressure[z] = summary.lowest_pressure_pa ?? Number.NaN
      low[z] =
        summary.lowest_pressure_pa !== null &&
        summary.min_pressure_pa !== null &&
        summary.lowest_pressure_pa < summary.min_pressure_pa
          ? 1
          : 0
    })
    const suspects = new Set(
      service.shutoffs.open.flatMap((s) => (s.zone === null ? [] : [network.zones.numberOf.get(s.zone) ?? -1])),
    )
    const { analysis } = this.#parts
    map.drawPipes(
      supplied.isolatedPipes,
      { zones: suspects, pipes: analysis.suspectPipes() },
      pressure,
      low,
      analysis.pipePressure(now),
    )
  }
}
