import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { openSegmentLog } from '../segment-log.ts'

export interface CrashResult {
  readonly kills: number
  readonly acknowledged: number
  /** Records in the log at the end, unacknowledged ones included. */
  readonly records: number
  /** Acknowledged records that were not at their position with their bytes. */
  readonly lost: number
  /** Entries that stand in the log more than once. */
  readonly doubled: number
  /** Records whose bytes are not what was appended. */
  readonly damaged: number
  /** Times a torn tail was found and cut off. */
  readonly tornTails: number
}

/**
 * Kills a writing process with SIGKILL at random moments, opens the log after each kill, and at the end compares every record
 * with what the process was told. Needs the built server (`tsc -b server`).
 */
export async function crashLog(dir: string, kills: number, random: () => number): Promise<CrashResult> {
  const acknowledged: { position: number; number: number; count: number }[] = []
  let tornTails = 0
  let number = 0
  for (let kill = 0; kill < kills; kill++) {
    for (const line of await writeUntilKilled(dir, number, random() * 60)) {
      const [position = Number.NaN, first = Number.NaN, count = Number.NaN] = line.split(' ').map(Number)
      acknowledged.push({ position, number: first, count })
    }
    // Numbers of a killed life are never used again, so that a number seen twice is an entry stored twice.
    number += 10_000_000
    const log = await openSegmentLog(dir)
    if (log.health().tornBytes > 0) tornTails++
    if (log.health().corrupt.length > 0) throw new Error(`damage after kill ${kill}`)
    await log.close()
  }
  const log = await openSegmentLog(dir)
  const numbers: number[] = []
  const seen = new Set<number>()
  let doubled = 0
  let damaged = 0
  for await (const batch of log.read(0)) {
    for (const record of batch) {
      const n = record.receivedAt
      if (seen.has(n)) doubled++
      seen.add(n)
      if (!crashBody(n).equals(record.body)) damaged++
      numbers[record.position] = n
    }
  }
  let lost = 0
  let total = 0
  for (const ack of acknowledged) {
    total += ack.count
    for (let i = 0; i < ack.count; i++) if (numbers[ack.position + i] !== ack.number + i) lost++
  }
  const records = log.end
  await log.close()
  return { kills, acknowledged: total, records, lost, doubled, damaged, tornTails }
}

/** Same rule as in log-crash-main.mjs. */
function crashBody(n: number): Buffer {
  const body = Buffer.alloc(8 + ((n * 7919) % 300), n % 251)
  body.writeDoubleLE(n, 0)
  return body
}

async function writeUntilKilled(dir: string, first: number, delayMs: number): Promise<string[]> {
  const main = fileURLToPath(new URL('./log-crash-main.mjs', import.meta.url))
  const child = spawn(process.execPath, [main, dir, String(first)], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors += chunk
  })
  let armed = false
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk
    if (armed) return
    armed = true
    setTimeout(() => child.kill('SIGKILL'), delayMs)
  })
  await once(child, 'close')
  if (errors !== '') throw new Error(errors)
  return output.split('\n').slice(0, -1)
}
