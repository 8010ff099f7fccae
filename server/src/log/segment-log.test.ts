import { spawnSync } from 'node:child_process'
import fs from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { BLOCK_HEADER_BYTES } from './block.ts'
import { openSegmentLog } from './segment-log.ts'
import { describeEventLog, entry, readAll, text } from './testing/describe-event-log.ts'
import { RefusingDisk } from './testing/refusing-disk.ts'
import { temporaryDirectory } from './testing/temporary-log.ts'

describeEventLog('a segment log with its default sizes', async () => {
  const { dir, remove } = await temporaryDirectory()
  return { open: () => openSegmentLog(dir), remove }
})

describeEventLog('a segment log that starts a new segment all the time', async () => {
  const { dir, remove } = await temporaryDirectory()
  return { open: () => openSegmentLog(dir, { segmentBytes: 2_000 }), remove }
})

let dir = ''
let remove = async () => {}
beforeEach(async () => {
  ;({ dir, remove } = await temporaryDirectory())
})
afterEach(() => remove())

const segments = async () => (await fs.readdir(dir)).filter((name) => name.endsWith('.log')).sort()

/** One commit per text. */
async function fill(texts: readonly string[], segmentBytes = 1 << 20): Promise<void> {
  const log = await openSegmentLog(dir, { segmentBytes })
  for (const one of texts) await log.append([entry(one)])
  await log.close()
}

async function damage(name: string, change: (bytes: Buffer) => Buffer): Promise<void> {
  const file = path.join(dir, name)
  await fs.writeFile(file, change(await fs.readFile(file)))
}

describe('segments', () => {
  test('are named by the position of their first record and dropped whole by trim', async () => {
    const log = await openSegmentLog(dir, { segmentBytes: 1_000 })
    for (let i = 0; i < 10; i++) await log.append([{ kind: 1, receivedAt: i, body: Buffer.alloc(400) }])
    expect(await segments()).toEqual([0, 2, 4, 6, 8].map((p) => `${String(p).padStart(20, '0')}.log`))
    await log.trim(5)
    expect([log.begin, (await segments()).length]).toEqual([4, 3])
    expect((await readAll(log)).map((r) => r.position)).toEqual([4, 5, 6, 7, 8, 9])
    await log.close()
    const again = await openSegmentLog(dir)
    expect([again.begin, again.end]).toEqual([4, 10])
    await again.close()
  })

  test('a second writer of the same directory is refused until the first is closed', async () => {
    const log = await openSegmentLog(dir)
    await expect(openSegmentLog(dir)).rejects.toMatchObject({ code: 'LOG_LOCKED' })
    await log.close()
    await (await openSegmentLog(dir)).close()
  })
})

describe('a torn tail', () => {
  test('is cut off at whatever byte it was torn, and the log goes on from there', async () => {
    await fill(['first', 'second'])
    const [name = ''] = await segments()
    const whole = await fs.readFile(path.join(dir, name))
    const one = BLOCK_HEADER_BYTES + 13 + 5
    // A commit that was never durable: the mark is set back to the block before.
    await fs.rm(path.join(dir, 'durable'))
    for (let length = one; length < whole.length; length++) {
      await fs.writeFile(path.join(dir, name), whole.subarray(0, length))
      await fs.rm(path.join(dir, 'durable'), { force: true })
      const log = await openSegmentLog(dir)
      expect([log.end, log.health().tornBytes, log.health().corrupt]).toEqual([1, length - one, []])
      expect(await log.append([entry('again')])).toBe(1)
      expect((await readAll(log)).map(text)).toEqual(['first', 'again'])
      await log.close()
    }
  })

  test('zeros behind the last block, as a power cut leaves them, are cut off too', async () => {
    await fill(['first'])
    await damage((await segments())[0] ?? '', (bytes) => Buffer.concat([bytes, Buffer.alloc(70_000)]))
    const log = await openSegmentLog(dir)
    expect([log.end, log.health().tornBytes]).toEqual([1, 70_000])
    await log.close()
  })

  test('is kept and reported instead when its records had been durable: their positions are not given away again', async () => {
    await fill(['first', 'second', 'third'])
    await damage((await segments())[0] ?? '', (bytes) => bytes.subarray(0, -1))
    const log = await openSegmentLog(dir)
    expect(log.end).toBe(3)
    expect(log.health().corrupt).toMatchObject([{ position: 2, records: 1 }])
    expect(await log.append([entry('fourth')])).toBe(3)
    expect((await readAll(log)).map((r) => [r.position, text(r)])).toEqual([
      [0, 'first'],
      [1, 'second'],
      [3, 'fourth'],
    ])
    await log.close()
  })
})

describe('a damaged middle', () => {
  const texts = ['one', 'two', 'three', 'four', 'five']

  test('any flipped byte costs its own block only, is reported, and positions stay right', async () => {
    await fill(texts)
    const [name = ''] = await segments()
    const whole = await fs.readFile(path.join(dir, name))
    const second = BLOCK_HEADER_BYTES + 13 + 3
    for (let at = second; at < 2 * second; at++) {
      await fs.writeFile(path.join(dir, name), whole)
      await damage(name, (bytes) => {
        bytes[at] = (bytes[at] ?? 0) ^ 0x40
        return bytes
      })
      const log = await openSegmentLog(dir)
      expect((await readAll(log)).map((r) => [r.position, text(r)])).toEqual([0, 2, 3, 4].map((i) => [i, texts[i]]))
      expect(log.health().corrupt).toEqual([{ segment: name, offset: second, bytes: second, position: 1, records: 1 }])
      await log.close()
    }
  })

  test('in an older segment is found on reading, and reported once', async () => {
    await fill(texts, 100)
    await damage((await segments())[2] ?? '', (bytes) => bytes.fill(0x11))
    const log = await openSegmentLog(dir)
    expect(log.health().corrupt).toEqual([])
    for (const from of [0, 0, 1]) {
      expect((await readAll(log, from)).map((r) => r.position)).toEqual([0, 1, 3, 4].filter((p) => p >= from))
    }
    expect(log.health().corrupt).toMatchObject([{ position: 2, records: 1, offset: 0 }])
    await log.close()
  })

  test('a missing segment is a hole, not an end', async () => {
    await fill(texts, 100)
    await fs.truncate(path.join(dir, (await segments())[1] ?? ''))
    const log = await openSegmentLog(dir)
    expect((await readAll(log)).map((r) => r.position)).toEqual([0, 2, 3, 4])
    expect(log.health().corrupt).toMatchObject([{ position: 1, records: 1, bytes: 0 }])
    await log.close()
  })

  test('a block of another log inside a payload is not taken for one of ours', async () => {
    await fill(['stranger'])
    const foreign = await fs.readFile(path.join(dir, (await segments())[0] ?? ''))
    await fs.rm(dir, { recursive: true })
    await fs.mkdir(dir)
    const log = await openSegmentLog(dir)
    await log.append([{ kind: 1, receivedAt: 0, body: foreign }])
    await log.append([entry('mine')])
    await log.close()
    await damage((await segments())[0] ?? '', (bytes) => {
      bytes[0] = 0
      return bytes
    })
    const again = await openSegmentLog(dir)
    expect((await readAll(again)).map((r) => [r.position, text(r)])).toEqual([[1, 'mine']])
    await again.close()
  })

  test('lost without mark: the id is taken from a segment, and nothing is lost', async () => {
    await fill(texts, 100)
    await damage('durable', (bytes) => bytes.fill(7))
    const log = await openSegmentLog(dir)
    expect((await readAll(log)).map(text)).toEqual(texts)
    await log.close()
  })
})

describe('a disk that refuses', () => {
  const until = (condition: () => boolean) => vi.waitFor(() => expect(condition()).toBe(true), { interval: 2 })

  test('nothing is acknowledged while it is full; the log recovers by itself and hides no half block', async () => {
    const disk = new RefusingDisk()
    const states: string[] = []
    const log = await openSegmentLog(dir, { files: disk, retryMs: 5, onStateChange: (h) => states.push(h.state) })
    await log.append([entry('kept')])
    disk.room = 30
    const refused = ['a', 'b', 'c'].map((t) => log.append([entry(t)]))
    for (const each of refused) await expect(each).rejects.toMatchObject({ code: 'LOG_FULL' })
    await expect(log.append([entry('d')])).rejects.toMatchObject({ code: 'LOG_FULL' })
    expect(log.health()).toMatchObject({ state: 'full', lastRefusal: 'ENOSPC', refusals: 1, pendingRecords: 0 })
    expect(log.end).toBe(1)
    disk.room = Number.POSITIVE_INFINITY
    await until(() => log.health().state === 'ok')
    expect(await log.append([entry('after')])).toBe(1)
    expect((await readAll(log)).map(text)).toEqual(['kept', 'after'])
    expect(states).toEqual(['full', 'ok'])
    await log.close()
    const again = await openSegmentLog(dir)
    expect((await readAll(again)).map(text)).toEqual(['kept', 'after'])
    expect(again.health()).toMatchObject({ tornBytes: 0, corrupt: [] })
    await again.close()
  })

  test('a failed fsync refuses the whole group although its bytes were written, and they do not come back', async () => {
    const disk = new RefusingDisk()
    const log = await openSegmentLog(dir, { files: disk, retryMs: 5 })
    await log.append([entry('kept')])
    disk.syncError = 'EIO'
    await expect(log.append([entry('not durable')])).rejects.toMatchObject({ code: 'LOG_FULL' })
    expect(log.health().lastRefusal).toBe('EIO')
    disk.syncError = undefined
    await until(() => log.health().state === 'ok')
    await log.append([entry('after')])
    await log.close()
    const again = await openSegmentLog(dir)
    expect((await readAll(again)).map(text)).toEqual(['kept', 'after'])
    await again.close()
  })

  test('a disk that does not even let the failed block be taken back stays full', async () => {
    const disk = new RefusingDisk()
    const log = await openSegmentLog(dir, { files: disk, retryMs: 2 })
    await log.append([entry('kept')])
    disk.syncError = 'EIO'
    await expect(log.append([entry('x')])).rejects.toMatchObject({ code: 'LOG_FULL' })
    disk.syncError = undefined
    disk.truncateError = 'EIO'
    await new Promise((resolve) => setTimeout(resolve, 30))
    await expect(log.append([entry('y')])).rejects.toMatchObject({ code: 'LOG_FULL' })
    disk.truncateError = undefined
    await until(() => log.health().state === 'ok')
    expect(await log.append([entry('z')])).toBe(1)
    expect((await readAll(log)).map(text)).toEqual(['kept', 'z'])
    await log.close()
  })

  test('what waits behind a slow disk is bounded', async () => {
    const log = await openSegmentLog(dir, { maxPendingBytes: 10_000 })
    const calls = Array.from({ length: 100 }, () => log.append([{ kind: 1, receivedAt: 0, body: Buffer.alloc(1_000) }]))
    const results = await Promise.allSettled(calls)
    expect(results.filter((r) => r.status === 'fulfilled')).toHaveLength(9)
    expect(log.end).toBe(9)
    await log.close()
  })

  const mounted = process.platform === 'linux' && process.getuid?.() === 0
  test.skipIf(!mounted)('on a real full file system (1 MiB tmpfs; skipped without root)', async (context) => {
    const system = (program: 'mount' | 'umount', ...args: string[]) => spawnSync(program, args)
    const mount = system('mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', dir)
    if (mount.status !== 0)
      return context.skip('tmpfs cannot be mounted here: the full disk is tested by injection only')
    try {
      const log = await openSegmentLog(dir, { retryMs: 5 })
      let kept = 0
      const body = Buffer.alloc(10_000, 7)
      for (; log.health().state === 'ok'; ) {
        await log.append([{ kind: 1, receivedAt: kept, body }]).then(
          () => kept++,
          () => undefined,
        )
      }
      expect(log.health().lastRefusal).toBe('ENOSPC')
      expect(kept).toBeGreaterThan(90)
      system('mount', '-o', 'remount,size=2m', dir)
      await until(() => log.health().state === 'ok')
      expect(await log.append([{ kind: 1, receivedAt: kept, body }])).toBe(kept)
      expect((await readAll(log)).map((r) => r.receivedAt)).toEqual(Array.from({ length: kept + 1 }, (_, i) => i))
      await log.close()
    } finally {
      system('umount', dir)
    }
  })
})
