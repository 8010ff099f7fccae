import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LogRecord } from '../../log/event-log.ts'
import { heard, MARCH, METER, RTU, report, STRANGER } from '../testing/store-fixture.ts'
import { BatchRows } from './batch-rows.ts'
import type { BatchStore, WriterMark } from './batch-store.ts'
import { DeviceDirectory } from './device-directory.ts'
import { frameDecoder } from './frame-decoder.ts'
import { type RecordToRows, recordToRows } from './record-rows.ts'
import { numberField, textField } from './text-rows.ts'
import { type RecordSource, type WriterProgress, writeLog } from './write-log.ts'

const LIMITS = { rows: 7, bytes: 1e6, lingerMs: 0, pollMs: 1, firstPauseMs: 1, longestPauseMs: 2 }

/** A log in memory that grows. */
class GrowingLog implements RecordSource {
  readonly records: LogRecord[] = []
  grow(count: number): void {
    for (let i = 0; i < count; i++)
      this.records.push({ position: this.records.length, kind: 1, receivedAt: MARCH, body: new Uint8Array(0) })
  }
  async begin(): Promise<number> {
    return 0
  }
  async end(): Promise<number> {
    return this.records.length
  }
  async *read(from: number): AsyncGenerator<readonly LogRecord[]> {
    for (let at = from; at < this.records.length; at += 3) yield this.records.slice(at, at + 3)
  }
}

/** Keeps what a database would: marks, and rows per token, the first insert of a token counting. */
class KeptBatches implements BatchStore {
  mark: WriterMark = { base: 0, from: 0, to: 0 }
  readonly byToken = new Map<string, string>()
  async open(): Promise<WriterMark> {
    return this.mark
  }
  async note(_: string, mark: WriterMark): Promise<void> {
    this.mark = mark
  }
  async insert(log: string, batch: BatchRows): Promise<void> {
    const token = `${log}:${batch.from}-${batch.to}`
    if (!this.byToken.has(token)) this.byToken.set(token, batch.table('readings').bytes().toString())
  }
  /** Positions stored, with repetitions. */
  positions(): number[] {
    return [...this.byToken.values()].flatMap((text) => text.split('\n').filter(Boolean).map(Number))
  }
}

const onePerRecord: RecordToRows = (_, position, batch) => batch.table('readings').add(String(position))

async function run(
  source: GrowingLog,
  store: BatchStore,
  until: (progress: WriterProgress) => boolean,
  base = 0,
): Promise<WriterProgress[]> {
  const stop = new AbortController()
  const seen: WriterProgress[] = []
  const onProgress = (progress: WriterProgress) => {
    seen.push(progress)
    if (until(progress)) stop.abort()
  }
  await writeLog({
    log: `log${base}`,
    source,
    store,
    toRows: () => onePerRecord,
    limits: LIMITS,
    signal: stop.signal,
    onProgress,
  })
  return seen
}

describe('the writer', () => {
  test('goes on from the mark, shifts positions by the base, and says how far it is', async () => {
    const source = new GrowingLog()
    source.grow(20)
    const store = new KeptBatches()
    store.mark = { base: 1000, from: 1005, to: 1005 }
    const seen = await run(source, store, (p) => p.stored === 20, 1000)
    expect(store.positions()).toEqual(Array.from({ length: 15 }, (_, i) => 1005 + i))
    expect(seen.at(-1)).toMatchObject({ state: 'ok', base: 1000, stored: 20, rows: 15 })
  })

  test('a refused insert is repeated with the same borders until it is taken, and said meanwhile', async () => {
    const source = new GrowingLog()
    source.grow(10)
    const store = new KeptBatches()
    const tried: string[] = []
    const flaky: BatchStore = {
      open: () => store.open(),
      note: (log, mark) => store.note(log, mark),
      insert: async (log, batch) => {
        tried.push(`${batch.from}-${batch.to}`)
        source.grow(1)
        if (tried.length < 4) throw new Error('disk of the database is full')
        await store.insert(log, batch)
      },
    }
    const seen = await run(source, flaky, (p) => p.stored >= 10)
    expect(new Set(tried.slice(0, 4)).size).toBe(1)
    expect(seen.some((p) => p.state === 'down' && p.error === 'disk of the database is full')).toBe(true)
    expect(seen.at(-1)).toMatchObject({ state: 'ok', error: '' })
    const kept = store.positions()
    expect(kept).toEqual(kept.map((_, i) => i))
  })

  test('whenever it dies, before, between or after its inserts, each record is stored exactly once', async () => {
    const death = fc.record({ grow: fc.nat(12), calls: fc.nat(5), afterwards: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(fc.array(death, { minLength: 1, maxLength: 8 }), async (deaths) => {
        const source = new GrowingLog()
        source.grow(5)
        const store = new KeptBatches()
        for (const { grow, calls, afterwards } of deaths) {
          const stop = new AbortController()
          let left = calls
          const dying = async (work: () => Promise<void>) => {
            if (left-- > 0) return work()
            if (afterwards) await work()
            stop.abort()
            throw new Error('killed')
          }
          const mortal: BatchStore = {
            open: () => store.open(),
            note: (log, mark) => dying(() => store.note(log, mark)),
            insert: (log, batch) => dying(() => store.insert(log, batch)),
          }
          const enough = setTimeout(() => stop.abort(), 30)
          const ended = writeLog({
            log: 'log0',
            source,
            store: mortal,
            toRows: () => onePerRecord,
            limits: LIMITS,
            signal: stop.signal,
            onProgress: () => {},
          })
          source.grow(grow)
          await ended
          clearTimeout(enough)
        }
        const end = source.records.length
        await run(source, store, (p) => p.stored >= end)
        expect(store.positions()).toEqual(Array.from({ length: end }, (_, i) => i))
      }),
      { numRuns: Number(process.env['GASTWIN_FUZZ'] ?? 40), seed: 20260301 },
    )
  })

  test('a log that is shorter than what the database has from it is complained of', async () => {
    const source = new GrowingLog()
    source.grow(3)
    const store = new KeptBatches()
    store.mark = { base: 0, from: 8, to: 9 }
    const [first] = await run(source, store, () => true)
    expect(first).toMatchObject({ state: 'down', error: expect.stringContaining('the log ends at 3') })
  })
})

describe('rows of a record', () => {
  const toRows = recordToRows(
    frameDecoder(new Uint8Array(0)),
    new DeviceDirectory({
      numbers: Float64Array.of(METER, RTU),
      zone: Int32Array.of(0, -1),
      zones: ['东\t区'],
      assets: new Map([[RTU, 'RTU-1']]),
    }),
  )
  const rowsOf = (said: Parameters<typeof report>, receivedAt?: number) => {
    const batch = new BatchRows(0)
    toRows({ position: 4, ...heard(report(...said), receivedAt) }, 4, batch)
    return batch
  }
  const fields = (batch: BatchRows) => batch.table('readings').bytes().toString().trimEnd().split('\t')

  test('a reading has its asset, its zone and its own time', () => {
    const [quantity, device, at, value, received, asset, zone, flags, position] = fields(
      rowsOf([METER, [{ quantity: 'index_m3', at: MARCH, value: 1.5 }]], MARCH + 5000),
    )
    expect([quantity, device, at, value, received]).toEqual([
      'index_m3',
      String(METER),
      String(MARCH),
      '1.5',
      String(MARCH + 5000),
    ])
    expect([asset, zone, flags, position]).toEqual([String(METER), '东\\t区', '0', '4'])
    expect(fields(rowsOf([RTU, [{ quantity: 'pressure_pa', at: MARCH, value: 3e5 }]])).slice(5, 7)).toEqual([
      'RTU-1',
      '',
    ])
  })

  test('a clock that cannot be believed is put right by the receive time and marked', () => {
    const at = Date.UTC(2001, 0, 1)
    const row = fields(rowsOf([METER, [{ quantity: 'index_m3', at, value: 1 }]], MARCH))
    expect([row[2], row[7]]).toEqual([String(MARCH), '1'])
  })

  test('a stranger gives no readings, but a quarantined frame and a raw one', () => {
    const batch = rowsOf([STRANGER, [{ quantity: 'index_m3', at: MARCH, value: 1 }]])
    expect(batch.table('readings').rows).toBe(0)
    expect(batch.table('quarantine').rows).toBe(1)
    expect(batch.table('raw_frames').rows).toBe(1)
  })

  test('an entry of a kind nobody knows is kept as it is', () => {
    const batch = new BatchRows(0)
    toRows({ position: 1, kind: 77, receivedAt: MARCH, body: Uint8Array.of(9, 10) }, 1, batch)
    expect(batch.table('quarantine').bytes().toString()).toContain('kind 77\t\\t\\n\n')
  })
})

test('fields say every number and string as the database reads them', () => {
  expect([0.1, -1e-7, 1e21, Number.NaN, -Infinity].map(numberField)).toEqual(['0.1', '-1e-7', '1e+21', 'nan', '-inf'])
  expect(textField('a\\b\tc\nd\re\0')).toBe('a\\\\b\\tc\\nd\\re\\0')
})
