import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import type { EventLog, LogEntry, LogRecord } from '../event-log.ts'

/** A place where one log lives through several openings. */
export interface LogHome {
  open(): Promise<EventLog>
  remove(): Promise<void>
}

/** What every event log must do, whatever it is built on. */
export function describeEventLog(name: string, make: () => Promise<LogHome>): void {
  describe(name, () => {
    const homes: LogHome[] = []
    const home = async () => {
      const made = await make()
      homes.push(made)
      return made
    }
    afterEach(async () => {
      for (const made of homes.splice(0)) await made.remove()
    })

    test('an empty log begins and ends at position 0 and reads nothing', async () => {
      const log = await (await home()).open()
      expect([log.begin, log.end, await readAll(log)]).toEqual([0, 0, []])
      await log.close()
    })

    test('append resolves with the position of its first entry, and end follows', async () => {
      const log = await (await home()).open()
      expect(await log.append([entry('a'), entry('b')])).toBe(0)
      expect(await log.append([entry('c')])).toBe(2)
      expect(await log.append([])).toBe(3)
      expect(log.end).toBe(3)
      await log.close()
    })

    test('overlapping appends get consecutive positions in the order of the calls', async () => {
      const log = await (await home()).open()
      const calls = Array.from({ length: 200 }, (_, i) => log.append([entry(`${i}a`), entry(`${i}b`)]))
      expect(await Promise.all(calls)).toEqual(Array.from({ length: 200 }, (_, i) => 2 * i))
      expect((await readAll(log)).map((r) => text(r))).toEqual(
        Array.from({ length: 200 }, (_, i) => [`${i}a`, `${i}b`]).flat(),
      )
      expect(log.health().commits).toBeLessThan(20)
      await log.close()
    })

    test('the caller may reuse its buffer as soon as append has returned', async () => {
      const log = await (await home()).open()
      const body = Buffer.from('before')
      const done = log.append([{ kind: 1, receivedAt: 1, body }])
      body.write('after!')
      await done
      expect((await readAll(log)).map(text)).toEqual(['before'])
      await log.close()
    })

    test('kind, receive time and every byte come back, also after reopening', async () => {
      const one = fc.record({
        kind: fc.integer({ min: 0, max: 255 }),
        receivedAt: fc.double({ noNaN: true }),
        body: fc.uint8Array({ maxLength: 3000 }),
      })
      const runs = fc.array(fc.array(one, { maxLength: 40 }), { maxLength: 6 })
      await fc.assert(
        fc.asyncProperty(runs, async (batches) => {
          const place = await make()
          const log = await place.open()
          await Promise.all(batches.map((batch) => log.append(batch)))
          const expected = batches.flat().map((e, position) => ({ position, ...e, body: [...e.body] }))
          expect(plain(await readAll(log))).toEqual(expected)
          await log.close()
          const again = await place.open()
          expect(again.end).toBe(expected.length)
          expect(plain(await readAll(again))).toEqual(expected)
          await again.close()
          await place.remove()
        }),
        { numRuns: 15, seed: 7 },
      )
    })

    test('reading starts at any position and hands out batches no larger than wanted', async () => {
      const log = await (await home()).open()
      for (let i = 0; i < 10; i++) await log.append(Array.from({ length: 25 }, (_, k) => entry(`${i * 25 + k}`)))
      for (const from of [0, 1, 24, 25, 26, 130, 249]) {
        const sizes: number[] = []
        const seen: number[] = []
        for await (const batch of log.read(from, { maxRecords: 10 })) {
          sizes.push(batch.length)
          seen.push(...batch.map((r) => r.position))
        }
        expect(seen).toEqual(Array.from({ length: 250 - from }, (_, i) => from + i))
        expect(sizes.every((n) => n >= 1 && n <= 10)).toBe(true)
      }
      expect(await readAll(log, 250)).toEqual([])
      expect(await readAll(log, 9999)).toEqual([])
      await log.close()
    })

    test('a reader that stops early and goes on where it stopped misses nothing', async () => {
      const log = await (await home()).open()
      for (let i = 0; i < 20; i++) await log.append(Array.from({ length: 7 }, (_, k) => entry(`${i * 7 + k}`)))
      const seen: number[] = []
      while (seen.length < 140) {
        for await (const batch of log.read(seen.length, { maxRecords: 5 })) {
          seen.push(...batch.map((r) => r.position))
          break
        }
      }
      expect(seen).toEqual(Array.from({ length: 140 }, (_, i) => i))
      await log.close()
    })

    test('reading sees what was durable at the call, and two readers do not disturb each other', async () => {
      const log = await (await home()).open()
      await log.append(Array.from({ length: 50 }, (_, i) => entry(`${i}`)))
      const first = log.read(0, { maxRecords: 10 })[Symbol.asyncIterator]()
      await first.next()
      await log.append([entry('later')])
      const others = (await readAll(log)).length
      let rest = 10
      for (let step = await first.next(); !step.done; step = await first.next()) rest += step.value.length
      expect([others, rest]).toEqual([51, 50])
      await log.close()
    })

    test('an append larger than one group commit is durable as a whole', async () => {
      const log = await (await home()).open()
      const big = Array.from({ length: 60 }, (_, i) => ({ kind: 2, receivedAt: i, body: Buffer.alloc(200_000, i) }))
      expect(await log.append(big)).toBe(0)
      const back = await readAll(log)
      expect(back.map((r) => [r.position, r.body[0], r.body.length])).toEqual(big.map((_, i) => [i, i, 200_000]))
      await log.close()
    })

    test('trim never takes a record at or behind its position', async () => {
      const log = await (await home()).open()
      for (let i = 0; i < 30; i++) await log.append([{ kind: 1, receivedAt: i, body: Buffer.alloc(50_000, i) }])
      await log.trim(15)
      expect(log.begin).toBeLessThanOrEqual(15)
      const kept = (await readAll(log)).map((r) => r.position)
      expect(kept).toEqual(Array.from({ length: 30 - log.begin }, (_, i) => log.begin + i))
      await log.trim(1000)
      expect(log.end).toBe(30)
      expect(await log.append([entry('on')])).toBe(30)
      await log.close()
    })

    test('close commits what is waiting; afterwards append is refused with LOG_CLOSED', async () => {
      const place = await home()
      const log = await place.open()
      const last = log.append([entry('last')])
      await log.close()
      expect(await last).toBe(0)
      await expect(log.append([entry('too late')])).rejects.toMatchObject({ code: 'LOG_CLOSED' })
      const again = await place.open()
      expect((await readAll(again)).map(text)).toEqual(['last'])
      await again.close()
    })
  })
}

export const entry = (body: string): LogEntry => ({ kind: 1, receivedAt: 1_700_000_000_000, body: Buffer.from(body) })

export const text = (record: LogRecord): string => Buffer.from(record.body).toString()

export async function readAll(log: Pick<EventLog, 'read'>, from = 0): Promise<LogRecord[]> {
  const records: LogRecord[] = []
  for await (const batch of log.read(from)) records.push(...batch)
  return records
}

const plain = (records: readonly LogRecord[]) => records.map((r) => ({ ...r, body: [...r.body] }))
