/** Rows per second from the log into the database while the service's thread stays free, beside what the engine and the row builder can do alone. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Report } from '@gastwin/twin'
import { firstValueFrom } from 'rxjs'
import { filter } from 'rxjs/operators'
import type { LogEntry } from '../log/event-log.ts'
import { openLogReader } from '../log/log-reader.ts'
import { openSegmentLog } from '../log/segment-log.ts'
import { Database } from './database.ts'
import { EngineSupervisor } from './engine/supervise-engine.ts'
import { migrate } from './schema/migrate.ts'
import { HOUR, heard, MARCH, MINUTE, report, temporaryDirectory } from './testing/store-fixture.ts'
import type { BatchRows } from './writer/batch-rows.ts'
import type { BatchStore } from './writer/batch-store.ts'
import { type DeviceColumns, DeviceDirectory } from './writer/device-directory.ts'
import { frameDecoder } from './writer/frame-decoder.ts'
import { recordToRows } from './writer/record-rows.ts'
import { StoreWriter } from './writer/start-writer.ts'
import { TABLE_NAMES, WRITTEN_TABLES } from './writer/text-rows.ts'
import { WRITER_LIMITS, writeLog } from './writer/write-log.ts'

const FIRST_DEVICE = 20_260_000_000_000
const DEVICE_COUNT = 20_000
const DEVICES: DeviceColumns = {
  numbers: Float64Array.from({ length: DEVICE_COUNT }, (_, i) => FIRST_DEVICE + i),
  zone: Int32Array.from({ length: DEVICE_COUNT }, (_, i) => i % 12),
  zones: Array.from({ length: 12 }, (_, i) => `Z${i + 1}`),
  assets: new Map(),
}

/** @param options.rows about how many rows to write */
export async function run(options: { json?: boolean; rows?: number } = {}): Promise<Record<string, number | string>> {
  const data = await temporaryDirectory()
  const logs = await temporaryDirectory()
  const log = await openSegmentLog(logs.path)
  const wanted = options.rows ?? 3_000_000
  const reports = await fill(log, wanted)
  const engine = new EngineSupervisor({ directory: data.path })
  const endpoint = await engine.ready()
  const database = new Database('gastwin', endpoint)
  try {
    await migrate(database, null)
    const alone = await buildAlone(logs.path, reports)
    const engineRowsPerS = await insertAlone(database, alone.batches)
    for (const table of TABLE_NAMES) await database.run(`TRUNCATE TABLE gastwin.${table}`)

    const delay = monitorEventLoopDelay({ resolution: 1 })
    const begun = performance.now()
    const writer = new StoreWriter({
      logDirectory: logs.path,
      database: 'gastwin',
      cluster: false,
      endpoint,
      devices: DEVICES,
      masterKey: new Uint8Array(0),
      limits: WRITER_LIMITS,
    })
    delay.enable()
    const done = await firstValueFrom(writer.progress$.pipe(filter((p) => p.stored >= reports)))
    const seconds = (performance.now() - begun) / 1000
    delay.disable()
    await writer.stop()
    const [stored] = await database.rows<{ readings: number }>(
      'SELECT toUInt32(count()) AS readings FROM gastwin.readings',
    )
    return {
      reports,
      rows: done.rows,
      batches: done.batches,
      readings_stored: stored?.readings ?? 0,
      rows_per_s: Math.round(done.rows / seconds),
      reports_per_s: Math.round(reports / seconds),
      main_loop_delay_p99_ms: Number((delay.percentile(99) / 1e6).toFixed(2)),
      main_loop_delay_max_ms: Number((delay.max / 1e6).toFixed(2)),
      reference_build_only_rows_per_s: alone.rowsPerS,
      reference_engine_only_rows_per_s: engineRowsPerS,
    }
  } finally {
    await database.close()
    await engine.stop()
    await log.close()
    await data.remove()
    await logs.remove()
  }
}

/** A city's mix: households with one register, RTUs with three channels, two-hour bundles of commercial meters. */
function cityReport(n: number): Report {
  const device = FIRST_DEVICE + (n % DEVICE_COUNT)
  const at = MARCH + Math.floor(n / DEVICE_COUNT) * 2 * HOUR
  if (n % 5 < 2)
    return report(device, [{ quantity: 'index_m3', at, value: 1000 + (n % 977) / 10 }], {
      status: { batteryVolt: 3.6, rsrpDbm: -100 },
    })
  if (n % 5 === 2)
    return report(device, [
      { quantity: 'pressure_pa', at, value: 104_000 + (n % 1009) },
      { quantity: 'temperature_k', at, value: 285 + (n % 100) / 100 },
      { quantity: 'standard_flow_m3_s', at, value: (n % 883) / 1e4 },
    ])
  const bundle = Array.from({ length: 24 }, (_, i) => ({
    quantity: 'standard_index_m3' as const,
    at: at + i * 5 * MINUTE,
    value: 5000 + (n % 991) + i / 10,
  }))
  return report(device, bundle)
}

async function fill(log: { append(entries: LogEntry[]): Promise<number> }, rows: number): Promise<number> {
  const reports = Math.ceil(rows / 12.4)
  for (let n = 0; n < reports; n += 2_000) {
    const count = Math.min(2_000, reports - n)
    await log.append(Array.from({ length: count }, (_, i) => heard(cityReport(n + i))))
  }
  return reports
}

/** The writer with a database that takes everything at no cost; keeps what it would have sent. */
async function buildAlone(directory: string, reports: number): Promise<{ rowsPerS: number; batches: BatchRows[] }> {
  const batches: BatchRows[] = []
  const toRows = recordToRows(frameDecoder(new Uint8Array(0)), new DeviceDirectory(DEVICES))
  const stop = new AbortController()
  const nowhere: BatchStore = {
    open: async () => ({ base: 0, from: 0, to: 0 }),
    note: async () => {},
    insert: async (_, batch) => {
      if (batches.length < 10) batches.push(batch)
    },
  }
  let rows = 0
  const begun = performance.now()
  await writeLog({
    log: 'alone',
    source: openLogReader(directory),
    store: nowhere,
    toRows: () => toRows,
    limits: WRITER_LIMITS,
    signal: stop.signal,
    onProgress: (progress) => {
      rows = progress.rows
      if (progress.stored >= reports) stop.abort()
    },
  })
  return { rowsPerS: Math.round((rows / (performance.now() - begun)) * 1000), batches }
}

/** The same bytes, built before, sent one batch after the other. */
async function insertAlone(database: Database, batches: readonly BatchRows[]): Promise<number> {
  let rows = 0
  const begun = performance.now()
  for (const batch of batches) {
    for (const name of TABLE_NAMES)
      if (batch.table(name).rows > 0) await database.insertText(name, WRITTEN_TABLES[name], batch.table(name).bytes())
    rows += batch.rows
  }
  return Math.round((rows / (performance.now() - begun)) * 1000)
}
