/** A living city for some minutes: does the service's memory stay flat, does its loop stay free, how fast does the log grow? */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { readMetrics } from './testing/service-process.ts'
import { type SoakSample, soakTrend } from './testing/soak-trend.ts'

interface SoakBenchOptions {
  readonly json: boolean
  /** Default 10. */
  readonly minutes?: string
  readonly meters?: string
  /** Event seconds per wall second; default 300: an hour in 12 s. */
  readonly speed?: string
  readonly scenario?: string
  /** Hours lived through before the first look: histories of days are full then. Default 192. */
  readonly 'warm-up'?: string
}

/** Event seconds per wall second of the warm-up, and wall time in which what it left is worked off, ms. */
const WARM_UP_SPEED = 2_400
const SETTLED_AFTER_MS = 20_000

export async function run(options: SoakBenchOptions): Promise<Record<string, number | string>> {
  const minutes = Number(options.minutes ?? 10)
  const meters = Number(options.meters ?? 5_000)
  const speed = Number(options.speed ?? 300)
  const warmUp = Number(options['warm-up'] ?? 192)
  const dir = await mkdtemp(path.join(os.tmpdir(), 'gastwin-soak-'))
  const demo = startDemo(dir, [
    ...['--meters', String(meters), '--speed', String(speed), '--scenario', options.scenario ?? 'day'],
    ...['--warm-up', String(warmUp), '--warm-up-speed', String(WARM_UP_SPEED)],
  ])
  try {
    const url = await demo.ready
    await pause((warmUp * 3_600_000) / WARM_UP_SPEED + SETTLED_AFTER_MS)
    const every = Math.min(5_000, (minutes * 60_000) / 36)
    const samples: SoakSample[] = []
    const begun = performance.now()
    while (performance.now() - begun < minutes * 60_000) {
      samples.push(await look(url, path.join(dir, 'run', 'log'), (performance.now() - begun) / 60_000))
      await pause(every)
    }
    const figures = await readMetrics({ url })
    const trend = soakTrend(samples)
    const [first, last] = [samples[0], samples.at(-1)]
    if (first === undefined || last === undefined) throw new Error('no sample was taken')
    const lags = samples.map((s) => s.loopLagP99Ms).sort((a, b) => a - b)
    const reports = last.reports - first.reports
    return {
      minutes,
      meters,
      speed,
      event_hours: round((minutes * speed) / 60),
      reports,
      reports_per_s: round(reports / (minutes * 60)),
      rss_begin_mb: round(first.rssMb),
      rss_end_mb: round(last.rssMb),
      rss_mb_a_minute: round(trend.rssMbAMinute),
      heap_begin_mb: round(first.heapMb),
      heap_end_mb: round(last.heapMb),
      heap_floor_mb_a_minute: round(trend.heapFloorMbAMinute),
      rss_growth: round(trend.rssGrowth),
      heap_floor_growth: round(trend.heapFloorGrowth),
      flat: trend.flat ? 'yes' : 'no',
      loop_lag_p99_median_ms: round(lags[lags.length >> 1] ?? Number.NaN),
      loop_lag_p99_worst_ms: round(lags.at(-1) ?? Number.NaN),
      log_mb: round(last.logMb),
      log_bytes_a_report: Math.round(((last.logMb - first.logMb) * 1e6) / Math.max(1, reports)),
      quarantined: figures.get('gastwin_quarantined') ?? 0,
      store_lag_records: figures.get('gastwin_store_lag_records') ?? Number.NaN,
      load_average: round(os.loadavg()[0] ?? 0),
    }
  } finally {
    await demo.stop()
    await rm(dir, { recursive: true, force: true })
  }
}

/** `gastwin demo` as a user starts it. */
function startDemo(dir: string, args: readonly string[]) {
  const bin = fileURLToPath(new URL('../../bin/gastwin.mjs', import.meta.url))
  const child = spawn(process.execPath, [bin, 'demo', '--data', dir, '--http-port', '0', '--coap-port', '0', ...args], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...process.env, GASTWIN_LOG_LEVEL: 'error' },
  })
  let errors = ''
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    errors = (errors + chunk).slice(-20_000)
  })
  const ready = new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the demo ended with code ${code}: ${errors}`)))
    child.on('message', (message: { type?: string; http: number }) => {
      if (message.type === 'ready') resolve(`http://127.0.0.1:${message.http}`)
    })
  })
  ready.catch(() => undefined)
  return { ready, stop: () => end(child) }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

async function look(url: string, logDir: string, minute: number): Promise<SoakSample> {
  const figures = await readMetrics({ url })
  const figure = (name: string) => figures.get(`gastwin_${name}`) ?? Number.NaN
  let reports = 0
  for (const [name, value] of figures) if (name.startsWith('gastwin_reports_total{')) reports += value
  return {
    minute,
    rssMb: figure('process_resident_memory_bytes') / 1e6,
    heapMb: figure('nodejs_heap_size_used_bytes') / 1e6,
    loopLagP99Ms: figure('nodejs_eventloop_lag_p99_seconds') * 1e3,
    logMb: (await bytesIn(logDir)) / 1e6,
    reports,
  }
}

async function bytesIn(dir: string): Promise<number> {
  let bytes = 0
  for (const name of await readdir(dir)) bytes += (await stat(path.join(dir, name))).size
  return bytes
}

const round = (x: number) => Math.round(x * 100) / 100
