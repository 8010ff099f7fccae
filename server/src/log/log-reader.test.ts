import fs from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openLogReader } from './log-reader.ts'
import { openSegmentLog } from './segment-log.ts'
import { entry, readAll, text } from './testing/describe-event-log.ts'
import { RefusingDisk } from './testing/refusing-disk.ts'
import { temporaryDirectory } from './testing/temporary-log.ts'

let dir = ''
let remove = async () => {}
beforeEach(async () => {
  ;({ dir, remove } = await temporaryDirectory())
})
afterEach(() => remove())

test('a reader follows a living writer over segments, in order and without gap', async () => {
  const log = await openSegmentLog(dir, { segmentBytes: 3_000 })
  const reader = openLogReader(dir)
  const stop = new AbortController()
  const seen: number[] = []
  const following = (async () => {
    for await (const batch of reader.follow(0, { signal: stop.signal, pollMs: 1, maxRecords: 50 })) {
      seen.push(...batch.map((r) => r.position))
      if (seen.length >= 2_000) stop.abort()
    }
  })()
  for (let i = 0; i < 200; i++) await log.append(Array.from({ length: 10 }, (_, k) => entry(`record ${i * 10 + k}`)))
  await following
  expect(seen).toEqual(Array.from({ length: 2_000 }, (_, i) => i))
  expect(reader.corrupt).toEqual([])
  await log.close()
})

test('a reader never sees a block whose fsync has not returned', async () => {
  const disk = new RefusingDisk()
  const log = await openSegmentLog(dir, { files: disk, retryMs: 60_000 })
  await log.append([entry('durable')])
  disk.syncError = 'EIO'
  await log.append([entry('written, not durable')]).catch(() => undefined)
  const [name = ''] = (await fs.readdir(dir)).filter((n) => n.endsWith('.log'))
  expect((await fs.readFile(path.join(dir, name))).includes('written, not durable')).toBe(true)
  const reader = openLogReader(dir)
  expect((await readAll(reader)).map(text)).toEqual(['durable'])
  expect([await reader.begin(), await reader.end()]).toEqual([0, 1])
  await log.close()
})

test('a reader of a directory without log waits, and ends when told', async () => {
  const reader = openLogReader(path.join(dir, 'later'))
  expect(await reader.end()).toBe(0)
  expect(await readAll(reader)).toEqual([])
  const signal = AbortSignal.timeout(30)
  for await (const batch of reader.follow(0, { signal, pollMs: 1 })) expect(batch).toEqual([])
  expect(signal.aborted).toBe(true)
})
