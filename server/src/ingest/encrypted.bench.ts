/**
 * What encryption costs: the same daily reports plain (65001) and as SM4 cipher text (65002) through the service as it is shipped, in
 * turn, so that what else the machine does hits both.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { writeMadeCity } from '../pipeline/testing/made-city.ts'
import { readMetrics, spawnService } from '../pipeline/testing/service-process.ts'
import { CONTENT_FORMAT } from '../protocol/index.ts'
import { runLoad } from './testing/run-load.ts'

interface EncryptedBenchOptions {
  readonly json: boolean
  /** Reports of each kind a round; default 200 000. */
  readonly count?: string
  /** Default 3. */
  readonly rounds?: string
}

const HOUR = 3_600_000
/** A multiple of the sockets: a meter keeps its source. */
const METERS = 20_032
const SOCKETS = 64
const WINDOW = 16

export async function run(options: EncryptedBenchOptions): Promise<Record<string, number>> {
  const count = Number(options.count ?? 200_000)
  const rounds = Number(options.rounds ?? 3)
  const dir = await mkdtemp(path.join(os.tmpdir(), 'gastwin-encrypted-'))
  const dataDir = path.join(dir, 'data')
  await mkdir(dataDir)
  const network = await writeMadeCity(dir, 16, METERS / 16)
  const service = await spawnService({ network, dataDir }).ready
  try {
    const cpu = async () => (await readMetrics(service)).get('gastwin_process_cpu_seconds_total') ?? Number.NaN
    let hour = 0
    const begin = Math.floor(Date.now() / HOUR) * HOUR - Math.ceil((2 * rounds + 1) * (count / METERS + 1)) * HOUR
    let sent = 0
    const load = async (format: number, reports: number) => {
      const before = await cpu()
      const result = await runLoad({
        ...{ port: service.coapPort, count: reports, window: WINDOW, sockets: SOCKETS, format, devices: METERS },
        ...{ 'start-time': begin + hour * HOUR, 'first-message-id': (sent / SOCKETS) & 0xffff },
      })
      hour += Math.ceil(reports / METERS)
      sent += reports
      return {
        rate: result.rate,
        lost: result.lost,
        cpuUs: ((await cpu()) - before) / (reports / 1e6),
        codes: result.codes,
      }
    }
    await load(CONTENT_FORMAT.CJT188_SM4, 40_064)
    const [plain, sealed]: Awaited<ReturnType<typeof load>>[][] = [[], []]
    for (let round = 0; round < rounds; round++) {
      plain?.push(await load(CONTENT_FORMAT.CJT188, count))
      sealed?.push(await load(CONTENT_FORMAT.CJT188_SM4, count))
    }
    const [p, s] = [plain ?? [], sealed ?? []]
    const median = (list: readonly number[]) => list.toSorted((a, b) => a - b)[list.length >> 1] ?? Number.NaN
    const accepted = [...p, ...s].reduce((sum, { codes }) => sum + (codes['2.04'] ?? 0), 0)
    return {
      sealed_per_s: median(s.map(({ rate }) => rate)),
      plain_per_s: median(p.map(({ rate }) => rate)),
      sealed_cpu_us: round1(median(s.map(({ cpuUs }) => cpuUs))),
      plain_cpu_us: round1(median(p.map(({ cpuUs }) => cpuUs))),
      cipher_cpu_us: round1(median(s.map(({ cpuUs }, i) => cpuUs - (p[i]?.cpuUs ?? Number.NaN)))),
      not_accepted: 2 * rounds * count - accepted,
      load_average: round1(os.loadavg()[0] ?? 0),
    }
  } finally {
    await service.stop()
    await rm(dir, { recursive: true, force: true })
  }
}

const round1 = (x: number) => Math.round(x * 10) / 10
