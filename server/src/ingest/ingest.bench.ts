/**
 * Reports per second of the whole path: UDP → SM4 → CJ/T 188 → log (fsync) → twin → acknowledgement, through the service as it is
 * shipped, beside a bare UDP echo and an empty npm `coap` server under the same load from the same program.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { NetworkDocument } from '@gastwin/twin'
import { readMetrics, type ServiceProcess, spawnService } from '../pipeline/testing/service-process.ts'
import type { LoadResult } from './send-load.ts'
import { startEcho, startEmptyCoap } from './testing/reference-servers.ts'
import { runLoad } from './testing/run-load.ts'

interface IngestBenchOptions {
  readonly json: boolean
  /** Meters of the invented city; default 22 000. */
  readonly meters?: string
  /** Reports a round; default 300 000. */
  readonly count?: string
  /** Rounds, each with all three servers in turn, so that what else the machine does hits all of them; default 3. */
  readonly rounds?: string
  /** Datagrams on the way for each of 64 sockets; default 16, as many reports share an fsync. */
  readonly window?: string
  /** The same for the `coap` server, which is fastest with fewer; default 4. */
  readonly coapWindow?: string
  /** Keeps a processor profile of the service in this folder. */
  readonly profile?: string
}

const HOUR = 3_600_000

interface Round {
  readonly load: LoadResult
  /** Processor time of the server for one answer, µs. */
  readonly cpuUs: number
}

export async function run(options: IngestBenchOptions): Promise<Record<string, number | string>> {
  const count = Number(options.count ?? 300_000)
  const rounds = Number(options.rounds ?? 3)
  const window = Number(options.window ?? 16)
  const coapWindow = Number(options.coapWindow ?? 4)
  const dir = await mkdtemp(path.join(os.tmpdir(), 'gastwin-ingest-'))
  const numbers = path.join(dir, 'numbers')
  const network = await makeCity(dir, Number(options.meters ?? 22_000))
  const meters = await homes(network)
  await writeFile(numbers, meters.join('\n'))
  await mkdir(path.join(dir, 'data'))
  const closing: (() => Promise<void>)[] = []
  try {
    const echo = await startEcho(dir)
    closing.push(echo.stop)
    const coap = await startEmptyCoap()
    closing.push(coap.stop)
    const service = await spawnService({
      network,
      dataDir: path.join(dir, 'data'),
      ...(options.profile === undefined
        ? {}
        : { nodeArgs: ['--cpu-prof', `--cpu-prof-dir=${path.resolve(options.profile)}`] }),
    }).ready
    closing.push(service.stop)
    let sentBefore = 0
    // Reports are of the hours before now; each load, also one for another server, goes on where the one before ended.
    const begin =
      Math.floor((Date.now() - ((3 * rounds + 1) * count * HOUR) / meters.length) / HOUR - 9 * rounds) * HOUR
    const load = async (port: number, reports: number, onTheWay: number): Promise<LoadResult> => {
      const round = Math.ceil(sentBefore / meters.length)
      sentBefore += reports
      return runLoad({
        ...{ port, count: reports, window: onTheWay, numbers, 'start-time': begin + round * HOUR },
        'first-message-id': (sentBefore / 64) & 0xffff,
      })
    }
    const measure = async (port: number, cpuSeconds: () => Promise<number>, onTheWay = window): Promise<Round> => {
      const before = await cpuSeconds()
      const result = await load(port, count, onTheWay)
      return { load: result, cpuUs: ((await cpuSeconds()) - before) / (count / 1e6) }
    }
    const serviceCpu = async () => (await readMetrics(service)).get('gastwin_process_cpu_seconds_total') ?? Number.NaN
    await load(service.coapPort, Math.min(count, 60_000), window)
    const before = await outcomes(service)
    const ours: Round[] = []
    const echoes: Round[] = []
    const coaps: Round[] = []
    for (let round = 0; round < rounds; round++) {
      echoes.push(await measure(echo.port, () => echo.cpuSeconds()))
      coaps.push(await measure(coap.port, () => coap.cpuSeconds(), coapWindow))
      ours.push(await measure(service.coapPort, serviceCpu))
    }
    const after = await outcomes(service)
    const rate = (list: readonly Round[]) => median(list.map((r) => r.load.rate))
    const cpu = (list: readonly Round[]) => round1(median(list.map((r) => r.cpuUs)))
    return {
      reports_per_s: rate(ours),
      ratio_to_echo: round2(median(ours.map((r, i) => r.load.rate / (echoes[i]?.load.rate ?? Number.NaN)))),
      ratio_to_coap: round2(median(ours.map((r, i) => r.load.rate / (coaps[i]?.load.rate ?? Number.NaN)))),
      cpu_us_per_report: cpu(ours),
      ack_p50_ms: median(ours.map((r) => r.load.p50)),
      ack_p99_ms: median(ours.map((r) => r.load.p99)),
      lost: ours.reduce((sum, r) => sum + r.load.lost, 0),
      repeated: ours.reduce((sum, r) => sum + r.load.repeated, 0),
      answers_not_2_04: ours.reduce((sum, r) => sum + r.load.answered - (r.load.codes['2.04'] ?? 0), 0),
      fresh_in_twin: after.fresh - before.fresh,
      sent: count * rounds,
      reference_echo: echo.kind,
      reference_echo_per_s: rate(echoes),
      reference_echo_cpu_us: cpu(echoes),
      reference_coap: coap.kind,
      reference_coap_per_s: rate(coaps),
      reference_coap_cpu_us: cpu(coaps),
      meters: meters.length,
      on_the_way: 64 * window,
      reference_coap_on_the_way: 64 * coapWindow,
      load_average: round1(os.loadavg()[0] ?? 0),
    }
  } finally {
    for (const close of closing) await close()
    await rm(dir, { recursive: true, force: true })
  }
}

async function outcomes(service: ServiceProcess): Promise<{ readonly fresh: number }> {
  return { fresh: (await readMetrics(service)).get('gastwin_reports_total{outcome="fresh"}') ?? 0 }
}

/** An invented city, written by the generator's own program. */
async function makeCity(dir: string, meters: number): Promise<string> {
  const main = fileURLToPath(new URL('../../../datasets/dist/city-main.js', import.meta.url))
  const child = spawn(process.execPath, [main, '--meters', String(meters), '--seed', '1', '--out', dir], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`the city generator ended with ${String(code)}`)
  return path.join(dir, 'network.json')
}

/** Meters whose plain register is billed: what the load's daily reports carry. */
async function homes(network: string): Promise<string[]> {
  const { meters } = JSON.parse(await readFile(network, 'utf8')) as NetworkDocument
  return meters.filter((m) => m.kind === 'gas' && m.corrector !== true).map((m) => m.id)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
const round1 = (x: number) => Math.round(x * 10) / 10
const round2 = (x: number) => Math.round(x * 100) / 100
