import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { CityCalendar, eventTime } from '@gastwin/twin'
import { pino } from 'pino'
import { ConcentratorClient } from './command/concentrator-client.ts'
import { ValveClient } from './command/valve-client.ts'
import type { Config } from './config/config.ts'
import { meterAuthority } from './config/meter-authority.ts'
import { FirmwareFolder } from './devices/firmware-folder.ts'
import { buildHttp } from './http/app.ts'
import { Sessions } from './http/auth/sessions.ts'
import { ContactThread } from './identity/contact-thread.ts'
import { FailedFrameCounts } from './identity/failed-frames.ts'
import { LoopLateness } from './ingest/loop-lateness.ts'
import { ConsoleHub } from './live/console-hub.ts'
import { readTerminalModel } from './models/terminal-shelf.ts'
import { AlarmNotices } from './notices/alarm-notices.ts'
import { buildPipeline } from './pipeline/build-pipeline.ts'
import { Areas } from './service/area/areas.ts'
import { CaseDesk } from './service/case-desk.ts'
import { cityApplication } from './service/city-application.ts'
import { CityMap } from './service/city-map.ts'
import { CityService } from './service/city-service.ts'
import { ContactDesk } from './service/contact-desk.ts'
import { keepFrozenPeriods } from './service/frozen-periods.ts'
import { HostileDesk } from './service/hostile-desk.ts'
import { keysView } from './service/keys-view.ts'
import { LeakDesk } from './service/leak-desk.ts'
import { listening } from './service/listening.ts'
import { LivePublisher } from './service/live-publisher.ts'
import { managementApplication } from './service/management-application.ts'
import { Metrics } from './service/metrics.ts'
import { NetworkGrowth } from './service/network-growth.ts'
import { openAccounts, recordAccounts } from './service/opening-accounts.ts'
import { openFiles } from './service/opening-files.ts'
import { openKept } from './service/opening-kept.ts'
import { notYetStanding, openDeviceSocket } from './service/opening-socket.ts'
import { openHistory } from './service/opening-store.ts'
import { openWatchers } from './service/opening-watchers.ts'
import { profileNews } from './service/profile-news.ts'
import { SecureDesk } from './service/secure-desk.ts'
import { securityView } from './service/security-view.ts'
import { SnapshotKeeper } from './service/snapshot-keeper.ts'
import { SuppliedPart } from './service/supplied-part.ts'
import { ZoneViews } from './service/zone-views.ts'

export interface RunningService {
  readonly httpPort: number
  readonly coapPort: number
  /** null without DTLS. */
  readonly dtlsPort: number | null
  stop(): Promise<void>
}

const VERSION = (createRequire(import.meta.url)('../package.json') as { version: string }).version
const TICK_MS = 1_000
/** How often the operator's profiles are looked at, ms of the wall. */
const PROFILES_LOOK_MS = 2_000
const WARM_UP_MS = 500
/** Event minutes must not pass unseen in a fast demo. */
const LEAST_TICK_MS = 50

/**
 * The composition root: opens everything in the order in which it depends on each other, and closes it in reverse.
 * @throws UsageError NET_DOCUMENT, CFG_INVALID; StoreError LOG_LOCKED
 */
export async function startService(config: Config): Promise<RunningService> {
  const logger = pino({ level: config.logLevel })
  const { network, networkId, tariff, meterPrices, assumptions, noticeRules } = await openFiles(config)
  const { ownUse = {} } = assumptions
  const calendar = new CityCalendar(network.timeZone)
  const startedAt = Date.now()
  const now = () => Math.round(eventTime(config.clock, Date.now()))
  const at = (...names: string[]) => path.join(config.dataDir, ...names)

  const documentMeters = network.meters.count
  let logChanged = () => {}
  const kept = await openKept({
    ...{ config, network, networkId, ownUse, calendar, now, at, logger },
    logChanged: () => logChanged(),
  })
  const { rootKey, authority, log, trust, profiles, profileDesk, sourceDesk, seal, audit, city, acts } = kept
  const threadSources = { ...kept.threadSources, network: path.resolve(config.network) }
  city.isolation.warmUp(WARM_UP_MS)

  const lateness = new LoopLateness()
  const deviceService = notYetStanding()
  let wrongKey: HostileDesk['wrongKey'] = () => {}
  let secureTrouble = () => {}
  const secure = await SecureDesk.open({
    ...{ config, rootKey, trust, log, now, logger },
    onWrongKey: (...sign) => wrongKey(...sign),
    onTrouble: () => secureTrouble(),
  })
  const socket = { config, trust, lateness, secure: secure.link, service: deviceService, now, logger }
  const endpoint = await openDeviceSocket(socket)

  const cityMap = new CityMap(network, city.fleet, networkId, documentMeters)
  const map = cityMap.updates
  const store = openHistory({ config, network, kept, at })

  const terminalModel = await readTerminalModel(config.modelsDir)
  if (typeof terminalModel === 'string') logger.warn(`hostile terminals are watched by rules alone: ${terminalModel}`)

  const accounts = await openAccounts(config, logger)
  await recordAccounts(accounts, network.zones.ids, (facts) => audit.append(now(), 'account', facts), logger)
  const sessions = new Sessions(accounts, () => Date.now())
  const service: CityService = new CityService({
    city,
    clock: config.clock,
    log,
    endpoint,
    profiles,
    trust,
    audit,
    valves: new ValveClient(),
    sources: sourceDesk,
    line: { authority: meterAuthority(config.meterAuthority), client: new ConcentratorClient() },
    logger,
    defaultMode: config.safetyMode,
    acts,
    seal,
    points: { knowsProfile: (name) => profileDesk.knows(name), onGrown: () => growth.happened() },
    orders: {
      cellAnswersPerMinute: config.cellAnswersPerMinute,
      cellReportsPerMinute: config.cellReportsPerMinute,
      campaignSecondPerson: config.campaignSecondPerson,
      ownConsentOnly: config.ownConsentOnly,
      consentCommand: config.consentCommand,
      firmwareFolder: new FirmwareFolder(at('firmware')),
      firmwareTrust: authority && {
        authorityKey: authority.identity.authorityKey,
        isRevoked: (serial) => authority.isRevoked(serial),
      },
    },
    onTurn: (turn) => {
      hostile.follow()
      live.turn(turn)
    },
    onAlarms: (alarms) => live.alarms(alarms),
    onShutoff: (shutoff) => live.shutoff(shutoff),
    onMalformed: (reason) => metrics.malformed.inc({ reason }),
    onUntaken: (request, content) => hostile.refused(request, content),
  })
  deviceService.serve = service.firmware.serve
  deviceService.returnAfter = service.returnAfter
  const failedFrames = new FailedFrameCounts()
  const hostile: HostileDesk = new HostileDesk({
    city,
    trust,
    log,
    audit,
    endpoint,
    failed: failedFrames,
    learned: terminalModel,
    now,
    onAlarms: (alarms) => service.takeAlarms(alarms),
    onFailure: (error) => logger.error({ err: error }, 'a step against a terminal could not be recorded'),
  })
  wrongKey = (...sign) => hostile.wrongKey(...sign)
  secureTrouble = () => {
    const { isDown, deaths, mistakes } = secure.trouble
    service.platformAlarm('dtls_keys_refused', mistakes > 0, mistakes, 0, '1')
    service.platformAlarm('dtls_down', isDown, deaths, 0, '1')
  }
  const supplied = new SuppliedPart(network, city.isolation)
  const zones = new ZoneViews(city, supplied, (zone) => service.modeOf(zone))
  const hub = new ConsoleHub({
    sessions,
    get layers() {
      return map.layers
    },
    now,
    version: VERSION,
    logger,
    greeting: () => live.greeting(),
    viewFor: (principal) => areas.liveFor(principal),
  })
  const metrics = new Metrics({
    ingest: () => endpoint.snapshot(),
    dtls: () => secure.counters,
    toldAtPorts: () => ({ ...service.line.told }),
    logEnd: () => log.end,
    logPending: () => log.health().pendingRecords,
    logFull: () => log.health().state === 'full',
    storeLag: () => log.end - store.status.stored,
    storeUp: () => store.status.state === 'ok',
    devices: () => city.fleet.count,
    consoles: () => hub.size,
    alarms: () => city.book.kpis().active,
    quarantined: () => service.quarantine.total,
  })
  const watchers = openWatchers({
    ...{ network, cityMap, service, supplied, acts, store, log, audit, now, logger },
    ...{ modelsDir: config.modelsDir, sources: threadSources, prices: { tariff, meterPrices, assumptions } },
    tell: (message) => hub.broadcast(message),
  })
  const { desk } = watchers
  const growth: NetworkGrowth = new NetworkGrowth({
    settleMs: config.pointsSettleS * 1000,
    draw: () => {
      cityMap.renew()
      desk.mapChanged(cityMap.snapshot)
    },
    count: () => {
      profileDesk.networkChanged()
      zones.renew()
    },
    analyse: () => {
      service.points.settled()
      watchers.renew()
    },
  })
  const notices = new AlarmNotices({
    ...{ rules: noticeRules, calendar, audit: (event, facts) => audit.append(now(), event, facts) },
    onFailure: (error) => logger.error({ err: error }, 'a notice could not be put on record'),
  })
  const live: LivePublisher = new LivePublisher({
    config,
    service,
    analysis: desk,
    zones,
    supplied,
    map,
    hub,
    log,
    store,
    metrics,
    notices,
  })
  logChanged = () =>
    service.platformAlarm('log_full', log.health().state === 'full', log.health().pendingRecords, 0, '1')

  const contacts =
    authority &&
    new ContactDesk({
      authority,
      thread: new ContactThread(
        { authorityKey: authority.identity.authorityKey, platform: authority.identity.keys },
        (error) => logger.error({ err: error }, 'the thread of the signatures failed and is started again'),
      ),
      trust,
      rootKey,
      log,
      endpoint,
      now,
      wall: Date.now,
      onSuspicious: (device, request, outcome) => hostile.contact(device, request, outcome),
    })
  const requests$ = contacts?.divert(endpoint.requests$) ?? endpoint.requests$
  const subscription = buildPipeline(requests$, service).subscribe({
    error: (error: unknown) => {
      logger.fatal({ err: error }, 'the pipeline ended: this is a bug')
      process.exitCode = 1
      void stop()
    },
  })
  const management = managementApplication({
    ...{
      desk: service.devices,
      points: service.points,
      campaignDesk: service.campaigns,
      firmware: service.firmware,
      finder: service.finder,
      store,
      seal,
      lookup: profiles.lookup,
    },
    profiles: () => network.meters.words.profile,
    audit: (event, facts) => audit.append(now(), event, facts),
  })
  const keys = () =>
    keysView({
      ...{ config, since: startedAt, trust, failed: failedFrames, authority, contacts },
      dtls: secure.link,
    })
  const posture = { config, network, service, hostile, keys, trust, accounts, endpoint, auditFile: at('audit.ndjson') }
  const application = cityApplication({
    config,
    service,
    trust,
    zones,
    analysis: desk,
    hostile,
    keys,
    security: () => securityView(posture),
    ledger: watchers.ledgerDesk,
    models: watchers.modelDesk,
    cases: new CaseDesk({
      book: acts.cases,
      ledger: watchers.ledgerDesk,
      ...{ log, audit, now },
      onChanged: (at) => hub.broadcast({ type: 'gap', stated_at: at }),
    }),
    leaks: new LeakDesk({
      ...{ analysis: desk, network, book: acts.closedLeaks, log, audit, now },
      onChanged: () => hub.broadcast({ type: 'leaks', leaks: desk.leaks }),
    }),
    lowestAfterClosing: watchers.lowestAfterClosing,
    map,
    numbering: cityMap.numbering,
    get geometry() {
      return cityMap.geometry
    },
    store,
    log,
    metrics,
    version: VERSION,
    management,
    onAlarms: (alarms) => live.alarms(alarms),
  })
  const areas: Areas = new Areas({ application, desk: service.devices, city, now })
  const http = await buildHttp({
    application,
    sessions,
    logger,
    version: VERSION,
    consoleDir: fileURLToPath(new URL('../../web/dist', import.meta.url)),
    onSocket: (socket) => hub.accept(socket),
    applicationFor: areas.applicationFor,
    onOutside: ({ user }, act, words) => {
      audit
        .append(now(), 'outside_area', { by: user, act, detail: words })
        .catch((error: unknown) => logger.error({ err: error }, 'a refusal could not be put on record'))
    },
    delegated: (key) => service.devices.books.delegations.find(key, now()),
  })
  await listening(
    'httpPort',
    config.httpHost,
    config.httpPort,
    http.listen({ host: config.httpHost, port: config.httpPort }),
  )

  const news = profileNews(service, logger)
  const ledgerUnread = (error: unknown) =>
    logger.error({ err: error }, 'the authority’s ledger cannot be read: what was known before holds')
  live.start()
  // What stood in a snapshot ends when it is over: broken profiles would have ended the start.
  service.platformAlarm('profile_refused', false, 0, 0, '1')
  secureTrouble()
  notices.take(city.book.list())
  service.shutoffs.resume()
  watchers.start()
  const speed = Math.max(1, ...config.clock.segments.map((s) => s.speed))
  const snapshots = new SnapshotKeeper(at('snapshots'), service, networkId, logger)
  const timers = [
    setInterval(service.tick, Math.max(LEAST_TICK_MS, Math.min(TICK_MS, 60_000 / speed))),
    setInterval(() => void snapshots.write(true), config.snapshotMinutes * 60_000),
    setInterval(() => void profileDesk.renew(news), PROFILES_LOOK_MS),
    setInterval(() => hostile.tick(), TICK_MS),
    setInterval(() => void contacts?.renew().catch(ledgerUnread), PROFILES_LOOK_MS),
    keepFrozenPeriods(service, log, logger),
  ]
  let stopping: Promise<void> | undefined
  const stop = (): Promise<void> => {
    stopping ??= (async () => {
      for (const timer of timers) clearInterval(timer)
      live.stop()
      growth.stop()
      notices.close()
      hub.close()
      await http.close()
      await secure.stop()
      await endpoint.close()
      subscription.unsubscribe()
      await service.shutoffs.stop()
      await contacts?.stop()
      await watchers.stop()
      await snapshots.write(false)
      await store.close()
      await log.close()
      await audit.close()
      lateness.stop()
    })()
    return stopping
  }
  const address = http.server.address()
  const httpPort = typeof address === 'object' && address !== null ? address.port : 0
  return { httpPort, coapPort: endpoint.port, dtlsPort: secure.port, stop }
}
