import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { LogEntry } from './event-log.ts'
import { openSegmentLog } from './segment-log.ts'

interface LogBenchOptions {
  readonly json: boolean
  readonly seconds?: number
  /** Entry body, bytes. */
  readonly bodyBytes?: number
  /** Entries handed in with one append, as one turn of the socket brings them. */
  readonly batch?: number
  /** Appends under way at the same time. */
  readonly inFlight?: number
  /** Where the files go: the disk that is measured. */
  readonly dir?: string
}

/**
 * Appends entries for some seconds and reads them back; beside it, in the same run and directory, the plain way: one write and
 * one fdatasync for each batch of entries.
 */
export async function run(options: LogBenchOptions): Promise<Record<string, number | string>> {
  const { seconds = 3, bodyBytes = 100, batch = 32, inFlight = 64 } = options
  const dir = await fs.mkdtemp(path.join(options.dir ?? os.tmpdir(), 'gastwin-log-bench-'))
  try {
    const entries: LogEntry[] = Array.from({ length: batch }, (_, i) => ({
      kind: 1,
      receivedAt: 1_760_000_000_000 + i,
      body: Buffer.alloc(bodyBytes, i),
    }))
    const log = await openSegmentLog(path.join(dir, 'log'))
    const latencies: number[] = []
    const cpu = process.cpuUsage()
    const begin = performance.now()
    const until = begin + seconds * 1_000
    await Promise.all(
      Array.from({ length: inFlight }, async () => {
        while (performance.now() < until) {
          const start = performance.now()
          await log.append(entries)
          latencies.push(performance.now() - start)
        }
      }),
    )
    const elapsed = (performance.now() - begin) / 1_000
    const used = process.cpuUsage(cpu)
    const { commits, committedBytes } = log.health()
    const records = log.end
    const readBegin = performance.now()
    let read = 0
    for await (const records of log.read(0)) read += records.length
    const readSeconds = (performance.now() - readBegin) / 1_000
    await log.close()
    const openBegin = performance.now()
    await (await openSegmentLog(path.join(dir, 'log'))).close()
    const openMs = performance.now() - openBegin
    const plain = await plainLoop(path.join(dir, 'plain'), bodyBytes * batch, seconds)
    latencies.sort((a, b) => a - b)
    return {
      records_per_s: Math.round(records / elapsed),
      mb_per_s: round(committedBytes / elapsed / 1e6),
      fsyncs_per_s: Math.round(commits / elapsed),
      append_p50_ms: round(quantile(latencies, 0.5)),
      append_p99_ms: round(quantile(latencies, 0.99)),
      cpu_us_per_record: round((used.user + used.system) / records),
      read_records_per_s: Math.round(read / readSeconds),
      reopen_ms: round(openMs),
      plain_records_per_s: Math.round(plain.writes * batch),
      plain_fsyncs_per_s: Math.round(plain.writes),
      plain_p50_ms: round(plain.p50),
      plain_p99_ms: round(plain.p99),
      body_bytes: bodyBytes,
      batch,
      in_flight: inFlight,
    }
  } finally {
    await fs.rm(dir, { recursive: true, force: true })
  }
}

async function plainLoop(file: string, bytes: number, seconds: number) {
  const handle = await fs.open(file, 'w')
  const body = Buffer.alloc(bytes, 1)
  const latencies: number[] = []
  const begin = performance.now()
  while (performance.now() < begin + seconds * 1_000) {
    const start = performance.now()
    await handle.write(body)
    await handle.datasync()
    latencies.push(performance.now() - start)
  }
  const writes = latencies.length / ((performance.now() - begin) / 1_000)
  await handle.close()
  latencies.sort((a, b) => a - b)
  return { writes, p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) }
}

const quantile = (sorted: readonly number[], q: number) => sorted[Math.floor(q * (sorted.length - 1))] ?? Number.NaN
const round = (x: number) => Math.round(x * 1_000) / 1_000
