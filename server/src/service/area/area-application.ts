import type { IsolationPlan, Leak } from '../../contract/index.ts'
import type { Application } from '../../http/application.ts'
import { cellCoverage, readingFaults } from '../../views/terminal-view.ts'
import { areaManagement } from './area-management.ts'
import { areaOrders } from './area-orders.ts'
import type { AreaParts } from './area-parts.ts'
import { areaReadings } from './area-readings.ts'
import { keptLines } from './area-views.ts'
import { askedFirst } from './asked-first.ts'

/**
 * The application as somebody of an area sees it. Every method stands here: one that is added to the application does not
 * compile until somebody has thought of what an area is told of it.
 */
export function areaApplication(parts: AreaParts): Application {
  const { application: all, reach, views, map } = parts
  const whole = (what: string) => () => reach.refuse(what)
  const alarm = (id: string): void => {
    const known = all.alarms({}).some((one) => one.id === id && views.seesAlarm(one))
    if (!known) reach.refuse(`alarm ${id}`)
  }
  const planned = async (edge: string): Promise<IsolationPlan> => {
    if (!reach.seesPlace(edge)) reach.refuse(`“${edge}”`)
    const plan = await all.isolation(edge)
    if (!views.seesPlan(plan)) reach.refuse(`all that the isolation of “${edge}” closes and cuts off`)
    return views.plan(plan)
  }
  const shutoff = (id: string): void => {
    if (!all.shutoffs().some((one) => one.id === id && views.seesShutoff(one))) reach.refuse(`shut-off ${id}`)
  }
  const meter = (number: string) => reach.requireDevice(number)
  const zone = (name: string) => reach.requireZone(name)
  return {
    ...areaOrders(parts),
    ...areaReadings(parts),
    management: areaManagement(parts),
    ...askedFirst(all, meter, 'device', 'frames', 'actOnSuspect', 'suspectEvidence', 'setCipherPolicy'),
    ...askedFirst(all, zone, 'zonePeriods', 'safetyMode', 'setSafetyMode'),
    ...askedFirst(all, shutoff, 'approveShutoff', 'abortShutoff'),
    ...askedFirst(all, (pci: number) => reach.requireCell(pci), 'spreading'),
    city: () => views.city(all.city()),
    zones: () => views.zones(all.zones()),
    strip: (hours, zone) => {
      if (zone === undefined) return views.strip([...reach.zones].map((one) => all.strip(hours, one)))
      reach.requireZone(zone)
      return all.strip(hours, zone)
    },
    alarms: (filter) => views.alarms(all.alarms(filter)),
    acknowledge: async (id, user, note) => {
      alarm(id)
      return views.alarm(await all.acknowledge(id, user, note))
    },
    shelve: async (id, user, minutes, reason) => {
      alarm(id)
      return views.alarm(await all.shelve(id, user, minutes, reason))
    },
    unshelve: async (id, user) => {
      alarm(id)
      return views.alarm(await all.unshelve(id, user))
    },
    series: async (query) => {
      meter(query.device)
      return all.series(query)
    },
    geometry: () => map().geometry,
    mapState: () => map().state(all.mapState()),
    isolation: planned,
    estimate: () => {
      const { etag, body } = all.estimate()
      return { etag: `"${map().snapshot.toString(16)}-${etag.replaceAll('"', '')}"`, body: map().estimate(body) }
    },
    edgeEstimate: (edge) => {
      if (!reach.seesEdge(edge)) reach.refuse(`pipe “${edge}”`)
      return all.edgeEstimate(edge)
    },
    leaks: () => views.leaks(all.leaks()),
    closeLeak: async (id, request, user): Promise<Leak> => {
      const known = views.leaks(all.leaks()).some((leak) => leak.id === id)
      if (!known) reach.refuse(`leak ${id}`)
      if (request.pipe !== undefined && !reach.seesEdge(request.pipe)) reach.refuse(`pipe “${request.pipe}”`)
      return views.leak(await all.closeLeak(id, request, user))
    },
    gap: async (query) => {
      if (query.zone !== undefined) reach.requireZone(query.zone)
      const ledger = await all.gap(query)
      return { ...ledger, items: ledger.items.filter(({ zone }) => reach.seesZone(zone)) }
    },
    gapRevisions: (limit) =>
      all
        .gapRevisions(Number.MAX_SAFE_INTEGER)
        .filter(({ zone }) => reach.seesZone(zone))
        .slice(0, limit),
    suspects: (query) => {
      if (query.zone !== undefined) reach.requireZone(query.zone)
      const { items, stated_at } = all.suspects({ ...query, limit: Number.MAX_SAFE_INTEGER })
      const own = items.filter(({ device }) => reach.seesDevice(device))
      return { items: own.slice(0, query.limit), total: own.length, stated_at }
    },
    replacements: (by) => all.replacements(by).filter(({ device }) => reach.seesDevice(device)),
    metersHealth: (query) => {
      if (query.zone !== undefined) reach.requireZone(query.zone)
      return views.health(all.metersHealth({ ...query, limit: Number.MAX_SAFE_INTEGER }), query.limit)
    },
    models: whole('what learned models know of the whole city'),
    promoteModel: whole('the choice of a learned model'),
    shutoffs: () => views.shutoffs(all.shutoffs()),
    requestShutoff: async (edge, planHash, reason, user) => {
      await planned(edge)
      return all.requestShutoff(edge, planHash, reason, user)
    },
    readingFaults: (zone, kind, limit) => {
      if (zone !== undefined) reach.requireZone(zone)
      return readingFaults(parts.city, zone, kind, limit, parts.now(), reach.seesSlot)
    },
    coverage: (zone) => {
      if (zone !== undefined) reach.requireZone(zone)
      return cellCoverage(parts.city, zone, parts.now(), reach.seesSlot)
    },
    // A table of losses: it knows no place of the city.
    assessCoverage: (query) => all.assessCoverage(query),
    keysHealth: whole('the health of keys'),
    hostileTerminals: () => all.hostileTerminals().filter(({ device }) => reach.seesDevice(device)),
    securityReport: whole('the security report'),
    hostileModel: whole('the model that watches all terminals'),
    stepTerminal: async (device, request, user) => {
      meter(device)
      return (await all.stepTerminal(device, request, user)).filter((one) => reach.seesDevice(one.device))
    },
    quarantine: async (limit) =>
      (await all.quarantine(Number.MAX_SAFE_INTEGER))
        .filter(({ device }) => device !== null && reach.seesDevice(device))
        .slice(0, limit),
    truth: whole('the truth of the whole city'),
    truthFindings: whole('the truth of the whole city'),
    exportTelemetry: async (from, to, format) =>
      keptLines(await all.exportTelemetry(from, to, format), format, views.seesExported()),
    health: () => all.health(),
    metrics: () => all.metrics(),
  }
}
