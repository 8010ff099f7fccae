import { readFile } from 'node:fs/promises'
import { type ActOutcome, type Alarm, assessPlace, CITY } from '@gastwin/analytics'
import { speedAt, UsageError } from '@gastwin/twin'
import type { LowestAfter } from '../analysis/analysis-messages.ts'
import type { Config } from '../config/config.ts'
import {
  type City,
  type KeysHealth,
  PLACES,
  type SafetyMode,
  type SecurityReport,
  type ZonePeriod,
} from '../contract/index.ts'
import type { Application } from '../http/application.ts'
import type { DeviceManagement } from '../http/management.ts'
import type { EventLog } from '../log/event-log.ts'
import { type PlatformEvent, recordEvents } from '../log/platform-events.ts'
import type { Store } from '../store/store.ts'
import type { TrustBook } from '../trust/trust-book.ts'
import { ConcentratorViews } from '../views/concentrator-view.ts'
import type { MapNumbering } from '../views/map-numbering.ts'
import { readingRates } from '../views/reading-rate-view.ts'
import { proposeSpreading } from '../views/spreading-view.ts'
import { cellCoverage, readingFaults } from '../views/terminal-view.ts'
import type { AnalysisDesk } from './analysis-desk.ts'
import type { CaseDesk } from './case-desk.ts'
import type { CityService } from './city-service.ts'
import { concentratorActs } from './concentrator-acts.ts'
import type { HostileDesk } from './hostile-desk.ts'
import type { LeakDesk } from './leak-desk.ts'
import type { LedgerDesk } from './ledger-desk.ts'
import type { MapUpdates } from './map-updates.ts'
import type { Metrics } from './metrics.ts'
import type { ModelDesk } from './model-desk.ts'
import { orderApplication } from './order-application.ts'
import { truthFindings } from './truth-findings.ts'
import { fullHour, type ZoneViews } from './zone-views.ts'

const MOST_PERIODS = 1_100

export interface ApplicationParts {
  readonly config: Config
  readonly service: CityService
  readonly trust: TrustBook
  readonly zones: ZoneViews
  readonly analysis: AnalysisDesk
  readonly hostile: HostileDesk
  readonly keys: () => KeysHealth
  readonly security: () => Promise<SecurityReport>
  readonly ledger: LedgerDesk
  readonly cases: CaseDesk
  readonly leaks: LeakDesk
  readonly models: ModelDesk
  /** What pressures remain when edges are closed; null when nobody can tell in time. */
  readonly lowestAfterClosing: (edges: readonly number[]) => Promise<LowestAfter | null>
  readonly map: MapUpdates
  readonly numbering: MapNumbering
  readonly geometry: { readonly etag: string; readonly body: Uint8Array }
  readonly store: Store
  readonly log: EventLog
  readonly metrics: Metrics
  readonly version: string
  readonly management: DeviceManagement
  /** Told when an operator's act changed an alarm. */
  readonly onAlarms: (alarms: readonly Alarm[]) => void
}

/** The running service as HTTP and WebSocket see it. */
export function cityApplication(parts: ApplicationParts): Application {
  const { config, service, zones, map, store, log } = parts
  const { city, shutoffs } = service
  const { network } = city

  // First on record, then done: an act that could not be recorded has not happened, here as after a restart.
  const act = async (event: PlatformEvent, apply: () => ActOutcome): Promise<Alarm> => {
    await recordEvents(log, [event])
    const outcome = apply()
    if (!outcome.done) throw new UsageError(outcome.code, outcome.detail)
    parts.onAlarms([outcome.alarm])
    return outcome.alarm
  }
  const pointOf = (number: string) => String(service.devices.pointOf(number) ?? number)
  const zoneExists = (zone: string) => {
    if (zone !== CITY && network.zones.numberOf.get(zone) === undefined)
      throw new UsageError('NET_UNKNOWN', `the network has no zone "${zone}"`)
  }
  const zoneOfEdge = (edge: string): string | null => {
    const row = network.edges.numberOf.get(edge)
    const zone =
      row === undefined
        ? (network.nodes.zone[network.nodes.numberOf.get(edge) ?? -1] ?? -1)
        : (network.edges.zone[row] ?? -1)
    return network.zones.ids[zone] ?? null
  }
  const truth = async () => {
    if (config.demoTruth === null) return null
    const text = await readFile(config.demoTruth, 'utf8').catch(() => '')
    return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as unknown]))
  }
  const kept = () => {
    const waiting = log.end - store.status.stored
    return { ok: store.status.state === 'ok', detail: store.status.error?.message ?? `${waiting} records behind` }
  }

  const concentrators = new ConcentratorViews(city, parts.trust, service.devices.books.firmware)

  return {
    ...concentratorActs(service),
    city: (): City => ({
      name: network.name,
      time_zone: network.timeZone,
      centre: { lon: parts.numbering.origin[0], lat: parts.numbering.origin[1] },
      bounds: [...parts.numbering.bounds],
      now: service.now(),
      speed: speedAt(config.clock, Date.now()),
      demo: config.demoScenario !== null,
      scenario: config.demoScenario,
      counts: {
        meters: network.meters.count,
        rtus: network.rtus.count,
        valves: network.edges.countOf.valve,
        pipes: network.edges.countOf.pipe,
        zones: network.zones.count,
      },
      gap_target_rate: config.gapTargetRate,
      gap_tolerance_rate: config.gapToleranceRate,
      version: parts.version,
    }),
    zones: () => zones.summaries(service.now(), Date.now()),
    zonePeriods: async (zone, every, from, to) => {
      zoneExists(zone)
      if (!(to > from)) throw new UsageError('API_INPUT', 'to must lie after from')
      return periods(parts, zone, every, from, to)
    },
    strip: (hours, zone) => {
      if (zone !== undefined) zoneExists(zone)
      return zones.strip(hours, zone, service.now())
    },
    alarms: ({ state, zone }) =>
      [...(state === 'cleared' ? city.book.history(500) : city.book.list())].filter(
        (alarm) => (state === undefined || alarm.state === state) && (zone === undefined || alarm.zone === zone),
      ),
    acknowledge: (id, user, note) => {
      const at = service.now()
      const text = note ?? null
      return act({ type: 'alarm_ack', at, id, user, note: text }, () => city.book.acknowledge(id, user, text, at))
    },
    shelve: (id, user, minutes, reason) => {
      const at = service.now()
      return act({ type: 'alarm_shelve', at, id, user, minutes, reason }, () =>
        city.book.shelve(id, user, minutes, reason, at),
      )
    },
    unshelve: (id, user) => {
      const at = service.now()
      return act({ type: 'alarm_unshelve', at, id, user }, () => city.book.unshelve(id, at))
    },
    management: parts.management,
    device: (number) => city.views.twin(pointOf(number)),
    series: ({ device, quantity, from, to, points }) => {
      if (!(to > from)) throw new UsageError('API_INPUT', 'to must lie after from')
      const slot = service.devices.slotOf(device)
      return store.series({
        device: Number(pointOf(device)),
        asset: city.views.assetId(slot),
        quantity,
        from,
        to,
        points,
      })
    },
    frames: (device, limit) => store.frames(Number(service.devices.deviceFor(device)), limit),
    geometry: () => parts.geometry,
    mapState: () => map.layers.stateColumns(service.now(), Date.now()),
    isolation: async (edge) => {
      const plan = city.isolation.plan(edge)
      const view = city.isolation.view(plan, service.now())
      const lowest = plan.feasible ? await parts.lowestAfterClosing(plan.close.map((valve) => valve.edge)) : null
      if (lowest === null) return view
      const { node, pressure, limit } = lowest
      return { ...view, lowest_pressure: { node, pressure_pa: pressure, limit_pa: limit } }
    },
    estimate: () => parts.analysis.columns(service.now()),
    edgeEstimate: (edge) => parts.analysis.edge(edge, service.now()),
    leaks: () => parts.analysis.leaks,
    closeLeak: (id, request, user) => parts.leaks.close(id, request, user),
    gap: (query) => {
      if (query.zone !== undefined) zoneExists(query.zone)
      return parts.ledger.ledger(query)
    },
    gapRevisions: (limit) => parts.ledger.revisions(limit),
    suspects: (query) => parts.ledger.suspects(query),
    actOnSuspect: (meter, request, user) => parts.cases.act(meter, request, user),
    suspectEvidence: (meter) => parts.ledger.evidence(meter),
    replacements: (by) => parts.ledger.replacements(by),
    metersHealth: (query) => parts.ledger.health(query),
    models: () => parts.ledger.models,
    promoteModel: (request, user) => parts.models.promote(request, user),
    shutoffs: () => shutoffs.list(),
    requestShutoff: async (edge, planHash, reason, user) => {
      const zone = zoneOfEdge(edge)
      return shutoffs.request(edge, planHash, reason, user, service.modeOf(zone ?? ''), zone)
    },
    approveShutoff: async (id, user) => shutoffs.approve(id, user),
    abortShutoff: async (id, user) => shutoffs.abort(id, user),
    safetyMode: (zone) => {
      zoneExists(zone)
      return service.modeOf(zone)
    },
    setSafetyMode: async (zone, mode: SafetyMode, user) => {
      zoneExists(zone)
      await service.setMode(zone, mode, user)
      zones.renew()
      return mode
    },
    ...orderApplication(service),
    readingRates: ({ by, from, to, zone }) => {
      if (zone !== undefined) zoneExists(zone)
      return readingRates(city, by, from, to, zone === CITY ? undefined : zone, service.now())
    },
    missingReadings: (query) => concentrators.missing(query, service.now()),
    readingFaults: (zone, kind, limit) => {
      if (zone !== undefined) zoneExists(zone)
      return readingFaults(city, zone === CITY ? undefined : zone, kind, limit, service.now())
    },
    coverage: (zone) => {
      if (zone !== undefined) zoneExists(zone)
      return cellCoverage(city, zone === CITY ? undefined : zone, service.now())
    },
    assessCoverage: ({ rsrp_dbm: rsrpDbm, through, distance_m: distanceM, floor, place }) => {
      const known = place === undefined ? undefined : PLACES[place]
      const { lowDbm, highDbm, verdict, reasons } = assessPlace({ rsrpDbm, through, distanceM, floor, place: known })
      return { rsrp_low_dbm: lowDbm, rsrp_high_dbm: highDbm, verdict, reasons: [...reasons] }
    },
    spreading: (pci, capacityPerMinute) => proposeSpreading(city, pci, capacityPerMinute),
    concentrators: () => concentrators.list(service.now()),
    concentrator: (number) => concentrators.one(number, service.now()),
    concentratorMeters: (number, query, onlyMissing) => concentrators.meters(number, query, onlyMissing, service.now()),
    keysHealth: parts.keys,
    hostileTerminals: () => parts.hostile.list(),
    securityReport: parts.security,
    hostileModel: () => parts.hostile.model(),
    stepTerminal: (device, request, user) => parts.hostile.act(device, request, user),
    setCipherPolicy: (device, policy, user) => parts.hostile.setPolicy(device, policy, user),
    quarantine: async (limit) => service.quarantine.list(limit),
    truth,
    truthFindings: async () => {
      const happens = await truth()
      if (happens === null) throw new UsageError('API_NOT_FOUND', 'only a demo knows the truth')
      const alarms = [...city.book.list(), ...city.book.history(500)]
      return truthFindings(happens, { stated: parts.ledger.stated, leaks: parts.analysis.leaks, alarms })
    },
    exportTelemetry: (from, to, format) => store.exportTelemetry(from, to, format),
    health: () => {
      const full = log.health().state === 'full'
      const storing = kept()
      return {
        // The database may be away: devices are heard and safety works all the same.
        ready: !full,
        parts: {
          log: { ok: !full, detail: full ? `the disk refuses: ${log.health().lastRefusal}` : `${log.end} records` },
          store: storing,
          twin: { ok: true, detail: `${city.fleet.count} devices` },
        },
      }
    },
    metrics: () => parts.metrics.text(),
  }
}

async function periods(
  parts: ApplicationParts,
  zone: string,
  every: 'hour' | 'day' | 'month',
  from: number,
  to: number,
): Promise<ZonePeriod[]> {
  const { city } = parts.service
  const { calendar, balances } = city
  const now = parts.service.now()
  const next = (at: number) =>
    every === 'hour' ? at + 3_600_000 : every === 'day' ? calendar.nextDayStart(at) : calendar.nextMonthStart(at)
  const begin =
    every === 'hour' ? fullHour(city, from) : every === 'day' ? calendar.dayStart(from) : calendar.monthStart(from)
  const found: ZonePeriod[] = []
  for (let at = begin; at < Math.min(to, now); at = next(at)) {
    if (found.length >= MOST_PERIODS)
      throw new UsageError('API_INPUT', `more than ${MOST_PERIODS} periods: ask for a shorter time or longer periods`)
    found.push(balances.period(zone, at, next(at), now))
  }
  return found
}
