/**
 * From the alarm's datagram to the close datagram, through the service as it is shipped: report, log (fsync), twin, detector, vote,
 * isolation plan, audit record (fsync), select at the actuator, close. Idle, and at half of the load it can take. Beside each part the
 * round trip to a bare UDP echo at the same moments: what the machine alone adds.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startEcho } from '../ingest/testing/reference-servers.ts'
import { prepareLoad, runLoad } from '../ingest/testing/run-load.ts'
import { FIRST_METER, writeMadeCity } from '../pipeline/testing/made-city.ts'
import { spawnService } from '../pipeline/testing/service-process.ts'
import { AlarmedZones } from './testing/alarmed-zones.ts'

interface ShutoffBenchOptions {
  readonly json: boolean
  /** Alarms in each of the two parts; default 100. */
  readonly alarms?: string
  /** Keeps a processor profile of the service in this folder. */
  readonly profile?: string
}

const METERS_PER_ZONE = 100
const PIPES_PER_ZONE = 30
const HOUR = 3_600_000
const BETWEEN_MS = 120
const WITHIN_MS = 5_000

export async function run(options: ShutoffBenchOptions): Promise<Record<string, number | string>> {
  const alarms = Number(options.alarms ?? 100)
  const zones = 2 * alarms
  const dir = await mkdtemp(path.join(os.tmpdir(), 'gastwin-shutoff-'))
  const dataDir = path.join(dir, 'data')
  await mkdir(dataDir)
  const network = await writeMadeCity(dir, zones, METERS_PER_ZONE, PIPES_PER_ZONE)
  const service = await spawnService({
    network,
    dataDir,
    env: { GASTWIN_SAFETY_MODE: 'automatic' },
    ...(options.profile === undefined
      ? {}
      : { nodeArgs: ['--cpu-prof', `--cpu-prof-dir=${path.resolve(options.profile)}`] }),
  }).ready
  const echo = await startEcho(dir)
  let city: AlarmedZones | undefined
  try {
    city = await AlarmedZones.open(zones, service.coapPort)
    const devices = zones * METERS_PER_ZONE
    const load = { port: service.coapPort, devices, 'first-device': FIRST_METER }
    // Recent hours: a city that hears of weeks at once would put all their days on record while alarms come.
    const begin = Math.floor(Date.now() / HOUR) * HOUR - 48 * HOUR
    const full = await runLoad({ ...load, count: 200_000, window: 16, 'start-time': begin })

    const idle = await sample(city, echo.port, 0, alarms)
    const seconds = (alarms * BETWEEN_MS * 1.3) / 1000 + 4
    const half = Math.round(full.rate / 2)
    const prepared = await prepareLoad({
      ...load,
      ...{ rate: half, count: Math.round(half * seconds) },
      ...{ 'start-time': begin + 16 * HOUR, 'first-message-id': 20_000 },
    })
    const loading = prepared.begin()
    await pause(2_000)
    const loaded = await sample(city, echo.port, alarms, alarms)
    const halfLoad = await loading
    return {
      ...figures('idle', idle.closes),
      ...figures('half_load', loaded.closes),
      full_reports_per_s: full.rate,
      half_load_reports_per_s: halfLoad.rate,
      half_load_ack_p99_ms: halfLoad.p99,
      half_load_shed: halfLoad.codes['5.03'] ?? 0,
      reference_echo: echo.kind,
      reference_echo_idle_p99_ms: quantileOf(idle.echoes, 0.99),
      reference_echo_half_load_p99_ms: quantileOf(loaded.echoes, 0.99),
      zones,
      pipes: zones * (PIPES_PER_ZONE + 1),
      meters: devices,
      load_average: Math.round((os.loadavg()[0] ?? 0) * 10) / 10,
    }
  } finally {
    await city?.close()
    await echo.stop()
    await service.stop()
    await rm(dir, { recursive: true, force: true })
  }
}

interface Samples {
  readonly closes: readonly number[]
  readonly echoes: readonly number[]
}

/** One alarm after the other, not in step with anything that the service does at fixed times; an echo between each two. */
async function sample(city: AlarmedZones, echoPort: number, first: number, count: number): Promise<Samples> {
  const closes: number[] = []
  const echoes: number[] = []
  const socket = createSocket('udp4')
  for (let i = 0; i < count; i++) {
    await pause((BETWEEN_MS * (0.7 + ((i * 7919) % 61) / 100)) / 2)
    closes.push(await city.alarm(first + i, WITHIN_MS))
    await pause(BETWEEN_MS / 2)
    const begin = performance.now()
    socket.send(PING, echoPort, '127.0.0.1')
    await once(socket, 'message')
    echoes.push(performance.now() - begin)
  }
  socket.close()
  return { closes, echoes }
}

const PING = Buffer.alloc(64)

function figures(name: string, samples: readonly number[]): Record<string, number> {
  const closed = samples.filter((ms) => !Number.isNaN(ms))
  return {
    [`${name}_alarms`]: samples.length,
    [`${name}_without_close`]: samples.length - closed.length,
    [`${name}_p50_ms`]: quantileOf(closed, 0.5),
    [`${name}_p99_ms`]: quantileOf(closed, 0.99),
    [`${name}_worst_ms`]: quantileOf(closed, 1),
  }
}

function quantileOf(samples: readonly number[], q: number): number {
  const sorted = samples.toSorted((a, b) => a - b)
  return Math.round((sorted[Math.ceil(q * sorted.length) - 1] ?? Number.NaN) * 100) / 100
}
