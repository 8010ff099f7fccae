import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { DeviceTwin, ZonePeriod } from '../../contract/index.ts'
import { Accounts } from '../../http/auth/accounts.ts'
import { decodeDatagramEntry } from '../../log/datagram-entry.ts'
import { DATAGRAM_ENTRY } from '../../log/event-log.ts'
import { openLogReader } from '../../log/log-reader.ts'
import { decodeReport, deviceKey } from '../../protocol/index.ts'
import { writeMadeCity } from './made-city.ts'
import { PersistentMeters, REPORT_EVERY_MS, VOLUME_M3 } from './persistent-meters.ts'
import { type ServiceProcess, spawnService, TEST_MASTER_KEY } from './service-process.ts'

export interface CrashServiceResult {
  readonly kills: number
  /** Of these, while the service was still starting and reading its log. */
  readonly killsAtStart: number
  readonly acknowledged: number
  /** Acknowledged reports that are not in the log, or not counted by the twin. */
  readonly lost: number
  /** Reports that stand in the log more often than they were sent, or that the twin counted twice. */
  readonly doubled: number
  /** How far the sales of the city are from what the meters counted, m³. */
  readonly salesErrorM3: number
  /** Records of the log that could not be read. */
  readonly damaged: number
  /** Answers other than 2.04, and than 5.03 of a machine that is busy. */
  readonly refused: number
  /** From the spawn until ready, ms. */
  readonly startP50Ms: number
  readonly startWorstMs: number
}

const ZONES = 2
const METERS_PER_ZONE = 20
const HOUR = 3_600_000
/** Longest life of a service after its first acknowledgement, ms. */
const LIFE_MS = 400

/**
 * Kills the real service with SIGKILL at random moments while meters report to it, a few times also while it starts, and looks at
 * the end whether log, twin and balance hold every acknowledged report exactly once. Needs the built server (`tsc -b server`).
 */
export async function crashService(kills: number, seed: number): Promise<CrashServiceResult> {
  const random = randomFrom(seed)
  const dir = await mkdtemp(path.join(os.tmpdir(), 'gastwin-crash-'))
  const dataDir = path.join(dir, 'data')
  const key = await (await Accounts.open(dataDir)).addApiKey('crash', 'viewer')
  const network = await writeMadeCity(dir, ZONES, METERS_PER_ZONE)
  const begin = Math.floor(Date.now() / HOUR) * HOUR - 8 * 24 * HOUR
  const meters = await PersistentMeters.open(ZONES * METERS_PER_ZONE, begin)
  const starts: number[] = []
  let killsAtStart = 0
  const start = () =>
    spawnService({ network, dataDir, env: { GASTWIN_SNAPSHOT_MINUTES: '0.004', GASTWIN_LOG_SEGMENT_MB: '1' } })
  const startWhole = async (): Promise<ServiceProcess> => {
    const service = await start().ready
    starts.push(service.startMs)
    return service
  }
  let last: ServiceProcess | undefined
  try {
    for (let kill = 0; kill < kills; kill++) {
      if (starts.length > 0 && random() < 0.2) {
        const { child } = start()
        await pause(random() * 1.2 * median(starts))
        const gone = new Promise((resolve) => child.once('exit', resolve))
        child.kill('SIGKILL')
        await gone
        killsAtStart++
        continue
      }
      const service = await startWhole()
      const over = new AbortController()
      const heard = meters.nextAcknowledgement()
      const speaking = meters.speak(service.coapPort, over.signal)
      await heard
      await pause(random() * LIFE_MS)
      await service.kill()
      over.abort()
      await speaking
    }
    last = await startWhole()
    await meters.finish(last.coapPort)
    // What was acknowledged in the last life must survive one more death.
    await last.kill()
    last = await startWhole()
    const twin = await compareTwin(last, key, meters)
    await last.kill()
    const log = await compareLog(path.join(dataDir, 'log'), meters)
    starts.sort((a, b) => a - b)
    return {
      kills: kills + 1,
      killsAtStart,
      acknowledged: meters.acknowledged,
      lost: log.lost + twin.lost,
      doubled: log.doubled + twin.doubled,
      salesErrorM3: twin.salesErrorM3,
      damaged: log.damaged,
      refused: meters.refused,
      startP50Ms: Math.round(median(starts)),
      startWorstMs: Math.round(starts.at(-1) ?? 0),
    }
  } finally {
    meters.close()
    if (last?.child.exitCode === null && last.child.signalCode === null) await last.kill()
    await rm(dir, { recursive: true, force: true })
  }
}

async function compareTwin(service: ServiceProcess, apiKey: string, meters: PersistentMeters) {
  const get = async <T>(place: string): Promise<T> => {
    const response = await fetch(`${service.url}/api/v1${place}`, { headers: { 'x-api-key': apiKey } })
    if (!response.ok) throw new Error(`${place}: ${response.status} ${await response.text()}`)
    return (await response.json()) as T
  }
  let lost = 0
  let doubled = 0
  let counted = 0
  let newest = 0
  for (const [number, acknowledged] of meters.byMeter) {
    const twin = await get<DeviceTwin>(`/devices/${number}`)
    const register = Math.max(0, acknowledged - 1) * VOLUME_M3
    lost += Math.max(0, acknowledged - twin.reports)
    doubled += Math.max(0, twin.reports - acknowledged) + twin.late
    if (acknowledged > 0 && Math.abs((twin.meter?.index_m3 ?? -1) - register) > 1e-9) lost++
    counted += register
    newest = Math.max(newest, meters.timesOf(acknowledged).at(-1) ?? 0)
  }
  const [first = 0] = meters.timesOf(1)
  const { items } = await get<{ items: ZonePeriod[] }>(
    `/zones/city/balance?every=hour&from=${first}&to=${newest + REPORT_EVERY_MS}`,
  )
  const sales = items.reduce((sum, period) => sum + period.sales_m3, 0)
  return { lost, doubled, salesErrorM3: Math.round(Math.abs(sales - counted) * 1e6) / 1e6 }
}

async function compareLog(dir: string, meters: PersistentMeters) {
  const master = Buffer.from(TEST_MASTER_KEY, 'hex')
  const lookup = {
    keyOf: (device: number) => deviceKey(master, device),
    statusProfileOf: () => 'standard' as const,
  }
  const stored = new Map<string, number>()
  let damaged = 0
  const reader = openLogReader(dir)
  for await (const batch of reader.read(0)) {
    for (const record of batch) {
      if (record.kind !== DATAGRAM_ENTRY) continue
      const { contentFormat, payload } = decodeDatagramEntry(record.body)
      const report = decodeReport(contentFormat, payload, lookup)
      if (report.kind === 'malformed') {
        damaged++
        continue
      }
      const key = PersistentMeters.key(report.device, report.deviceTime)
      stored.set(key, (stored.get(key) ?? 0) + 1)
    }
  }
  damaged += reader.corrupt.length
  let lost = 0
  for (const [number, acknowledged] of meters.byMeter)
    for (const at of meters.timesOf(acknowledged)) if (!stored.has(PersistentMeters.key(number, at))) lost++
  let doubled = 0
  for (const [key, copies] of stored) doubled += Math.max(0, copies - (meters.sent.get(key) ?? 0))
  return { lost, doubled, damaged }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

/** Lehmer's generator, 0…1: the same seed kills at the same moments, as far as a scheduler lets it. */
function randomFrom(seed: number): () => number {
  let state = (Math.abs(Math.trunc(seed)) % 2_147_483_646) + 1
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}
