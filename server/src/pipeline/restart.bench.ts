import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { runLoad } from '../ingest/testing/run-load.ts'

const KEY = '00112233445566778899AABBCCDDEEFF'
const BIN = fileURLToPath(new URL('../../bin/gastwin.mjs', import.meta.url))
const CITY = fileURLToPath(new URL('../../../datasets/dist/city-main.js', import.meta.url))
const SNAPSHOT_WITHIN_MS = 180_000
const WRITTEN = 'a snapshot is written'

interface Options {
  readonly json: boolean
  /** Size of the city that is made when none is given. */
  readonly meters?: string
  /** Folder with a network.json to take instead. */
  readonly network?: string
  /** Reports sent before the snapshot, while it is written, and again after it. */
  readonly reports?: string
}

/**
 * Starts the service with a large city, sends reports, lets a snapshot be written while more reports come, kills it, and starts it
 * again: seconds until `/readyz` says yes, memory, and for how long the snapshot kept the loop.
 */
export async function run(options: Options): Promise<Record<string, number | string>> {
  const work = await mkdtemp(path.join(tmpdir(), 'gastwin-restart-'))
  try {
    const city = options.network ?? (await madeCity(work, options.meters ?? '1000000'))
    const network = path.join(city, 'network.json')
    const document = JSON.parse(await readFile(network, 'utf8')) as { meters_file?: { count: number } }
    const meters = document.meters_file?.count ?? Number.NaN
    if (Number.isNaN(meters)) throw new Error('the city has no meters_file: take one of more than 200 000 meters')
    const reports = Number(options.reports ?? 20_000)
    const numbers = path.join(work, 'numbers.txt')
    await writeFile(numbers, (await someNumbers(city, meters, reports)).join('\n'))
    const data = path.join(work, 'data')

    const first = await startService(network, data, 60)
    await send(first.coap, numbers, reports, 0)
    await first.kill()
    // The log alone, and a service that writes one snapshot after the other while reports come.
    const fromLog = await startService(network, data, 0.02)
    const during = await send(fromLog.coap, numbers, reports, 1)
    await fromLog.told(WRITTEN)
    const snapshots = fromLog.lines(WRITTEN)
    const worst = (key: string) => Math.max(...snapshots.map((line) => Number(line[key])))
    await fromLog.kill()
    const again = await startService(network, data, 60)
    const rssMb = await rssOf(again.child)
    const recovered = await again.told('the twin is recovered')
    await again.kill()
    return {
      meters,
      first_start_s: first.readyS,
      restart_s: again.readyS,
      restart_cpu_s: again.cpuS,
      reports_replayed: Number(recovered['replayed']),
      rss_mb: rssMb,
      rss_bytes_per_meter: Math.round((rssMb * 1e6) / meters),
      snapshots: snapshots.length,
      snapshot_mb: Math.round(worst('bytes') / 1e6),
      snapshot_s: round(worst('seconds')),
      snapshot_first_turn_ms: round(worst('openedMs')),
      snapshot_longest_block_ms: round(worst('blockMs')),
      snapshot_rows_kept_aside: worst('keptRows'),
      reports_during: during.answered,
      answer_p99_during_ms: round(during.p99),
    }
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

const round = (x: number) => Math.round(x * 10) / 10

async function madeCity(work: string, meters: string): Promise<string> {
  if (!existsSync(CITY)) throw new Error(`${CITY} is missing: run "npm run build"`)
  const folder = path.join(work, 'city')
  const { status } = spawnSync(process.execPath, [CITY, '--meters', meters, '--out', folder], { stdio: 'ignore' })
  if (status !== 0) throw new Error('the city generator failed')
  return folder
}

/** Device numbers of meters spread over the whole city. */
async function someNumbers(city: string, meters: number, most: number): Promise<number[]> {
  const handle = await open(path.join(city, 'meters', 'number.bin'), 'r')
  const all = new Float64Array(meters)
  const bytes = new Uint8Array(all.buffer)
  for (let done = 0; done < bytes.length; ) {
    const { bytesRead } = await handle.read(bytes, done, bytes.length - done, done)
    if (bytesRead === 0) throw new Error('number.bin is shorter than the city')
    done += bytesRead
  }
  await handle.close()
  const step = Math.max(1, Math.floor(meters / most))
  return Array.from({ length: Math.min(most, meters) }, (_, i) => all[(i * step) % meters] ?? 0)
}

/** Round 0 is a day, round 1 the next. */
function send(port: number, numbers: string, count: number, day: number) {
  return runLoad({
    port,
    count,
    numbers,
    devices: count,
    rate: 4000,
    'master-key': KEY,
    'start-time': Date.now() - (2 - day) * 86_400_000,
    'first-message-id': 0,
  })
}

async function startService(network: string, data: string, snapshotMinutes: number) {
  const begun = performance.now()
  const child = spawn(
    process.execPath,
    [BIN, 'serve', '--network', network, '--data', data, '--http-port', '0', '--coap-port', '0'],
    {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      env: {
        ...process.env,
        GASTWIN_MASTER_KEY: KEY,
        GASTWIN_LOG_LEVEL: 'info',
        GASTWIN_COAP_HOST: '127.0.0.1',
        GASTWIN_SNAPSHOT_MINUTES: String(snapshotMinutes),
        CLICKHOUSE_URL: 'http://127.0.0.1:9',
      },
    },
  )
  const lines: Record<string, unknown>[] = []
  let onLine = () => {}
  createInterface({ input: child.stdout ?? Readable.from([]) }).on('line', (line) => {
    if (!line.startsWith('{')) return
    lines.push(JSON.parse(line) as Record<string, unknown>)
    onLine()
  })
  const ports = await new Promise<{ http: number; coap: number }>((resolve, reject) => {
    child.once('exit', (code, signal) => reject(new Error(`the service ended (${code ?? signal})`)))
    child.on('message', (message: { type?: string; http: number; coap: number }) => {
      if (message.type === 'ready') resolve(message)
    })
  })
  const ready = await fetch(`http://127.0.0.1:${ports.http}/readyz`)
  if (!ready.ok) throw new Error(`/readyz answers ${ready.status}`)
  return {
    child,
    coap: ports.coap,
    readyS: round((performance.now() - begun) / 1000),
    cpuS: round(await cpuSecondsOf(child)),
    /** Lines so far of the service's own log with a message. */
    lines: (message: string) => lines.filter((line) => line['msg'] === message),
    /** The first of them. */
    told: (message: string) =>
      new Promise<Record<string, unknown>>((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`not told: ${message}`)), SNAPSHOT_WITHIN_MS)
        onLine = () => {
          const found = lines.find((line) => line['msg'] === message)
          if (found === undefined) return
          clearTimeout(late)
          resolve(found)
        }
        onLine()
      }),
    kill: async () => {
      child.removeAllListeners('exit')
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
  }
}

/** Resident memory, MB; 0 where there is no /proc. */
async function rssOf(child: ChildProcess): Promise<number> {
  const text = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '')
  return Math.round((Number(/VmRSS:\s+(\d+)/.exec(text)?.[1] ?? 0) * 1024) / 1e6)
}

/** User and system time of a process so far, s; 0 where there is no /proc. */
async function cpuSecondsOf(child: ChildProcess): Promise<number> {
  if (!(await stat('/proc/self/stat').catch(() => undefined))) return 0
  const fields = (await readFile(`/proc/${child.pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / 100
}
