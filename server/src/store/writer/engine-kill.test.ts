import { setTimeout as pause } from 'node:timers/promises'
import { firstValueFrom } from 'rxjs'
import { filter } from 'rxjs/operators'
import { afterEach, expect, test } from 'vitest'
import { openSegmentLog } from '../../log/segment-log.ts'
import { Database } from '../database.ts'
import { EngineSupervisor } from '../engine/supervise-engine.ts'
import { migrate } from '../schema/migrate.ts'
import { DEVICES, heard, MARCH, METER, MINUTE, report, temporaryDirectory } from '../testing/store-fixture.ts'
import { StoreWriter } from './start-writer.ts'
import { WRITER_LIMITS } from './write-log.ts'

const undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

const KILLS = Number(process.env['GASTWIN_KILLS'] ?? 4)

test('an engine killed again and again under load loses nothing and doubles nothing, down to the single part', async () => {
  const data = await temporaryDirectory()
  const logs = await temporaryDirectory()
  undo.push(data.remove, logs.remove)
  const log = await openSegmentLog(logs.path)
  undo.push(() => log.close())
  const engine = new EngineSupervisor({ directory: data.path, firstPauseMs: 50, longestPauseMs: 50 })
  undo.push(() => engine.stop())
  const database = new Database('gastwin', await engine.ready())
  undo.push(() => database.close())
  await migrate(database, null)
  // Merging would hide a row that came twice.
  for (const table of ['readings', 'raw_frames']) await database.run(`SYSTEM STOP MERGES gastwin.${table}`)
  const start = () =>
    new StoreWriter({
      logDirectory: logs.path,
      database: 'gastwin',
      cluster: false,
      endpoint: undefined,
      devices: DEVICES,
      masterKey: new Uint8Array(0),
      limits: { ...WRITER_LIMITS, rows: 2_000, lingerMs: 5, firstPauseMs: 20, longestPauseMs: 100 },
    })
  let writer = start()
  undo.push(() => writer.stop())
  const watching = engine.state$.subscribe((state) => {
    const endpoint = state.state === 'ready' ? state.endpoint : undefined
    writer.connect(endpoint)
    database.connect(endpoint)
    if (endpoint !== undefined) void database.run('SYSTEM STOP MERGES gastwin.readings').catch(() => {})
  })
  undo.push(async () => watching.unsubscribe())

  let reports = 0
  let loading = true
  const load = (async () => {
    // Readings of two months, so that one batch makes parts in two partitions.
    while (loading) {
      const entries = Array.from({ length: 200 }, () => {
        const n = reports++
        const at = MARCH + (n % 2) * 40 * 24 * 60 * MINUTE + n * MINUTE
        return heard(report(METER, [{ quantity: 'index_m3', at, value: n }]))
      })
      await log.append(entries)
      await pause(5)
    }
  })()
  for (let kill = 0; kill < KILLS; kill++) {
    await pause(300 + kill * 70)
    const { state } = engine
    if (state.state !== 'ready') continue
    process.kill(state.pid, 'SIGKILL')
    if (kill % 2 === 1) {
      // The service dies too: its writer is gone with whatever it was doing, and a new one begins.
      await writer.stop()
      writer = start()
    }
    await firstValueFrom(engine.state$.pipe(filter((s) => s.state === 'ready' && s.pid !== state.pid)))
    const now = engine.state
    if (now.state === 'ready') writer.connect(now.endpoint)
  }
  loading = false
  await load
  await firstValueFrom(writer.progress$.pipe(filter((p) => p.stored >= log.end)))

  const [found] = await database.rows(
    `SELECT toUInt32(count()) AS rows, toUInt32(uniqExact(value)) AS readings, toUInt32(max(value)) AS last FROM gastwin.readings`,
  )
  expect(found).toEqual({ rows: reports, readings: reports, last: reports - 1 })
  const [frames] = await database.rows(
    'SELECT toUInt32(count()) AS rows, toUInt32(uniqExact(position)) AS positions FROM gastwin.raw_frames',
  )
  expect(frames).toEqual({ rows: reports, positions: reports })
}, 120_000)
