import { StoreError } from '@gastwin/twin'
import { BehaviorSubject, firstValueFrom } from 'rxjs'
import { filter } from 'rxjs/operators'
import { Database } from './database.ts'
import { DatabaseLink, type LinkState } from './database-link.ts'
import { exportTelemetry } from './queries/export-telemetry.ts'
import { readDeviceLog } from './queries/read-device-log.ts'
import { readGapStatements } from './queries/read-gap.ts'
import { readEvents, readFrames, readLatest, readQuarantine, readZonePeriods } from './queries/read-records.ts'
import { readSeries } from './queries/read-series.ts'
import { keepRolledUp } from './roll-up/keep-rolled-up.ts'
import { rollUp } from './roll-up/roll-up.ts'
import type { Store, StoreOptions, StoreStatus } from './store.ts'
import { StoreWriter } from './writer/start-writer.ts'
import { WRITER_LIMITS } from './writer/write-log.ts'

const ROLL_UP_EVERY_MS = 30_000

/**
 * Opens the history: engine or server, schema, writer thread, roll-ups, queries. It returns at once; nothing else of the service
 * waits for the database, and nothing is lost while it is away, because the log keeps what is not `stored`.
 */
export function openStore(options: StoreOptions): Store {
  const database = new Database(options.database)
  const cluster = options.cluster !== null
  const link = new DatabaseLink(database, options)
  const writer = new StoreWriter({
    logDirectory: options.logDirectory,
    database: options.database,
    cluster,
    endpoint: undefined,
    devices: options.devices,
    masterKey: options.masterKey,
    ...(options.profiles && { profiles: options.profiles }),
    ...(options.trust && { trust: options.trust }),
    ...(options.fittings && { fittings: options.fittings }),
    ...(options.points && { points: options.points }),
    limits: WRITER_LIMITS,
  })
  const pass = () => {
    const { base, stored } = writer.progress
    return rollUp(database, base + stored, options.timeZone, cluster)
  }
  const keeper = keepRolledUp(async () => {
    if (link.state.state !== 'ok') return -1
    return pass()
  }, options.rollUpEveryMs ?? ROLL_UP_EVERY_MS)

  const current = (): StoreStatus => {
    const { stored, rows, batches } = writer.progress
    const error = errorOf(link.state, writer.progress.error, keeper.error)
    const writing = writer.progress.state === 'ok' ? 'ok' : 'down'
    const state = link.state.state === 'ok' ? writing : link.state.state
    return { state, stored, rows, batches, rolledUp: keeper.upto, error }
  }
  const status = new BehaviorSubject(current())
  const watching = [
    link.state$.subscribe((state) => {
      writer.connect(state.state === 'ok' ? state.endpoint : undefined)
      status.next(current())
    }),
    writer.progress$.subscribe(() => status.next(current())),
  ]

  return {
    get status() {
      return current()
    },
    status$: status.asObservable(),
    async ready() {
      const state = await firstValueFrom(link.state$.pipe(filter((s) => s.state !== 'starting')))
      if (state.state === 'down') throw state.error
    },
    async settled(position) {
      await firstValueFrom(writer.progress$.pipe(filter((p) => p.stored >= position)))
    },
    async rollUp() {
      await pass()
    },
    setDevices: (devices) => writer.setDevices(devices),
    series: (request) => readSeries(database, request, options.timeZone),
    latest: (device) => readLatest(database, device),
    quarantine: (limit) => readQuarantine(database, limit),
    frames: (device, limit) => readFrames(database, device, limit),
    deviceLog: (devices, from, to, limit) => readDeviceLog(database, devices, from, to, limit),
    zonePeriods: (zone, span, from, to) => readZonePeriods(database, zone, span, from, to),
    gapStatements: (every, zone, from, to) => readGapStatements(database, every, zone, from, to),
    events: (type, from, to, limit) => readEvents(database, type, from, to, limit),
    exportTelemetry: (from, to, format) => exportTelemetry(database, from, to, format),
    async close() {
      for (const subscription of watching) subscription.unsubscribe()
      await writer.stop()
      await keeper.stop()
      await link.close()
    },
  }
}

function errorOf(link: LinkState, writing: string, rollingUp: string): StoreError | undefined {
  if (link.state === 'down') return link.error
  const damage = link.state === 'ok' ? link.damage : ''
  const words = [writing, rollingUp, damage].find((said) => said !== '') ?? ''
  return words === '' ? undefined : new StoreError('STO_ENGINE', words)
}
