import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type LeakIncident, LeakWatch } from '@gastwin/analytics'
import { readWaterTown, WATER_INLETS, type WaterTown } from './water-town.ts'

const STEP_MS = 300_000
const HOUR = 3_600_000
const DAY = 24 * HOUR
const HERE = dirname(fileURLToPath(import.meta.url))
const FOLDER = join(process.env['GASTWIN_DATA'] ?? join(HERE, '../../../../shared/data'), 'leak')
/** Bursts added to the measured flows, m³/h, and days on which they begin, at different hours; 30 days of watching before the first. */
const SIZES = [2.5, 5, 10, 20]
const FIRST_DAY = 35
const EVERY_DAYS = 41.3
const LASTS = 10 * DAY

interface Burst {
  readonly zone: 'AB' | 'C'
  readonly flow: number
  readonly from: number
}

/**
 * The leak engine on a water network that is measured at its inlets and its tank only: what it says of the measured year, which
 * nobody has labelled here, and how soon bursts are found that are added to it, one at a time.
 * @param options `dir`: folder of L-TOWN, see `readWaterTown`
 */
export async function run(options: { readonly dir?: string }): Promise<Record<string, number | string>> {
  const folder = options.dir ?? FOLDER
  if (!existsSync(join(folder, '2019_flows.csv')))
    return { SKIPPED: `no L-TOWN at ${folder}; say --dir FOLDER (BattLeDIM 2020, doi 10.5281/zenodo.4017659)` }
  const town = await readWaterTown(folder)
  const figures: Record<string, number | string> = {}
  const usual = watch(town).filter(({ detectedAt }) => detectedAt !== undefined)
  figures['alarms in the measured year'] = usual.length
  for (const { zone, startedAt, detectedAt = 0, standardFlow } of usual)
    figures[`${zone} ${new Date(detectedAt).toISOString().slice(0, 16)}`] =
      `${(standardFlow.p50 * 3600).toFixed(1)} m³/h since ${new Date(startedAt).toISOString().slice(0, 13)} h`
  const begins: readonly Burst[] = (['AB', 'C'] as const).flatMap((zone) =>
    SIZES.flatMap((size) =>
      Array.from({ length: 8 }, (_, i) => ({
        zone,
        flow: size / 3600,
        from: town.from + Math.round((FIRST_DAY + EVERY_DAYS * i) * DAY),
      })),
    ),
  )
  for (const zone of ['AB', 'C'] as const)
    for (const size of SIZES) {
      const delays = begins
        .filter((burst) => burst.zone === zone && burst.flow === size / 3600)
        .map((burst) => {
          const already = usual.some(
            (incident) => incident.zone === zone && Math.abs((incident.detectedAt ?? 0) - burst.from) < LASTS / 2,
          )
          return already ? undefined : delayOf(burst, watch(town, burst))
        })
        .filter((delay) => delay !== undefined)
      const found = delays.filter((delay) => Number.isFinite(delay)).sort((a, b) => a - b)
      figures[`${zone}, bursts of ${size} m³/h found within 10 days`] =
        `${found.length} of ${delays.length}, after ${found.map((delay) => delay.toFixed(0)).join(', ') || '–'} h`
    }
  return figures
}

function delayOf(burst: Burst, incidents: readonly LeakIncident[]): number {
  const found = incidents
    .filter(({ zone, detectedAt }) => zone === burst.zone && detectedAt !== undefined)
    .map(({ detectedAt }) => ((detectedAt as number) - burst.from) / HOUR)
    .filter((delay) => delay >= 0 && delay <= LASTS / HOUR)
  return Math.min(...found)
}

/** @param burst is watched for as long as it lasts, from 30 days before it */
function watch({ network, from, flows }: WaterTown, burst?: Burst): readonly LeakIncident[] {
  const leakWatch = new LeakWatch(network, { followsPressures: false })
  const rows = flows.p227.length
  const first = burst === undefined ? 0 : Math.floor((burst.from - 30 * DAY - from) / STEP_MS)
  const last = burst === undefined ? rows : Math.min(rows, Math.ceil((burst.from + LASTS - from) / STEP_MS))
  const inlet = burst === undefined ? undefined : burst.zone === 'C' ? 'p239' : 'p235'
  for (let row = Math.max(0, first); row < last; row++) {
    const at = from + row * STEP_MS
    WATER_INLETS.forEach((name) => {
      const more = burst !== undefined && name === inlet && at >= burst.from ? burst.flow : 0
      const index = network.rtus.numberOf.get(`rtu-${name}`) ?? -1
      leakWatch.observe(at, { kind: 'rtu', index }, 'standard_flow_m3_s', (flows[name][row] as number) + more)
    })
  }
  leakWatch.finish()
  return leakWatch.incidents()
}
