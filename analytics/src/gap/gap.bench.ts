import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildNetwork, type NetworkDocument } from '@gastwin/twin'
import { readTelemetry } from '../../../server/src/telemetry/read-telemetry.ts'
import { explainGap } from './explain-gap.ts'
import { GAP_SHARES } from './gap-period.ts'
import { INTERVAL_WIDTHS } from './interval-widths.table.ts'
import {
  fitTheftWeights,
  mean,
  overTowns,
  ranking,
  scoreTown,
  type TownScore,
  type TruthDay,
} from './testing/score-gap.ts'
import { type ReplacementScore, scoreReplacements } from './testing/score-replacements.ts'
import { inventTown } from './testing/town-telemetry.ts'

const REPORTED_FROM = 9001
const TRAINED_FROM = 1
const repository = join(dirname(fileURLToPath(import.meta.url)), '../../..')
const sample = join(process.env['GASTWIN_DATA'] ?? join(repository, '../shared/data'), 'scenarios/gap-3-zones-45-days')

/**
 * Weekly shares of invented towns against their truth: mean absolute error in % of supply beside that of calling everything
 * unexplained, coverage of the 90 % intervals, ranking of suspects; each with a 90 % interval over towns. Then the shared sample.
 * `--calibrate 50` prints weights and interval widths learnt on so many other towns.
 */
export async function run(options: {
  readonly json: boolean
  readonly towns?: string | number
  readonly every?: string | number
  readonly calibrate?: string | number
  /** Seed of the first town. */
  readonly first?: string | number
}): Promise<Record<string, number | string>> {
  const everyDays = Number(options.every ?? 7)
  if (options.calibrate !== undefined) return calibrate(Number(options.calibrate), everyDays)
  const towns: TownScore[] = []
  const seconds: number[] = []
  const replaced: ReplacementScore[] = []
  const first = Number(options.first ?? REPORTED_FROM)
  for (let i = 0; i < Number(options.towns ?? 24); i++) towns.push(score(first + i, everyDays, seconds, replaced))
  const figures: Record<string, number | string> = {
    towns: towns.length,
    period_days: everyDays,
    seconds_per_town: mean(seconds),
  }
  report(figures, 'own', towns)
  reportReplacements(figures, replaced)
  if (existsSync(join(sample, 'truth.json'))) await scoreSample(figures, everyDays)
  else figures['sample'] = `SKIPPED: nothing at ${sample}`
  return figures
}

function score(seed: number, everyDays: number, seconds: number[] = [], replaced: ReplacementScore[] = []): TownScore {
  const town = inventTown({ seed })
  const { network, telemetry, truth } = town
  const begin = performance.now()
  const explained = explainGap(network, telemetry, { from: truth.zoneDays[0]?.from ?? 0, everyDays })
  seconds.push((performance.now() - begin) / 1000)
  replaced.push(scoreReplacements(town, explained))
  const thieves = new Set(truth.thefts.map((theft) => theft.meter))
  return scoreTown(explained, truth.zoneDays, (meter) => thieves.has(network.meters.idOf(meter)))
}

function report(figures: Record<string, number | string>, name: string, towns: readonly TownScore[]): void {
  const put = (key: string, of: (towns: readonly TownScore[]) => number) => {
    const [value, low, high] = overTowns(towns, of)
    figures[`${name}.${key}`] =
      towns.length > 1 ? `${value.toFixed(3)} (90 %: ${low.toFixed(3)} … ${high.toFixed(3)})` : value.toFixed(3)
  }
  for (const share of GAP_SHARES) {
    put(`${share}.error_pct_of_supply`, (list) => mean(list.flatMap((town) => town.shares[share].error)))
    if (share !== 'unexplained') put(`${share}.floor`, (list) => mean(list.flatMap((town) => town.shares[share].truth)))
    put(`${share}.coverage`, (list) => mean(list.flatMap((town) => town.shares[share].held)))
  }
  put('gap.error_pct_of_supply', (list) => mean(list.flatMap((town) => town.gapError)))
  put('suspects.auc', (list) => ranking(list.flatMap((town) => town.meters)).auc)
  put('suspects.ap', (list) => ranking(list.flatMap((town) => town.meters)).ap)
  figures[`${name}.suspects.thieves`] =
    `${towns.flatMap((town) => town.meters).filter((m) => m.thief === 1).length} of ${towns.flatMap((town) => town.meters).length}`
}

/** m³ a year that the twenty meters named first win for each yuan, beside those that truly win most and the oldest ones. */
function reportReplacements(figures: Record<string, number | string>, towns: readonly ReplacementScore[]): void {
  for (const name of ['stated', 'won', 'best', 'oldest'] as const) {
    const [value, low, high] = overTowns(towns, (list) => mean(list.map((town) => town[name])))
    figures[`replace.${name}.m3_per_yuan`] = `${value.toFixed(3)} (90 %: ${low.toFixed(3)} … ${high.toFixed(3)})`
  }
  const [held, low, high] = overTowns(towns, (list) => mean(list.flatMap((town) => town.held)))
  figures['replace.coverage'] = `${held.toFixed(3)} (90 %: ${low.toFixed(3)} … ${high.toFixed(3)})`
}

async function scoreSample(figures: Record<string, number | string>, everyDays: number): Promise<void> {
  const network = buildNetwork(JSON.parse(readFileSync(join(sample, 'network.json'), 'utf8')) as NetworkDocument)
  const telemetry = await readTelemetry(join(sample, 'telemetry.csv.gz'))
  const truth = JSON.parse(readFileSync(join(sample, 'truth.json'), 'utf8')) as {
    readonly zone_days: readonly (Omit<TruthDay, 'from'> & { readonly from: string })[]
    readonly theft: readonly { readonly id: string }[]
  }
  const days = truth.zone_days.map((day) => ({ ...day, from: Date.parse(day.from) }))
  const begin = performance.now()
  const explained = explainGap(network, telemetry, { from: days[0]?.from ?? 0, everyDays })
  figures['sample.seconds'] = (performance.now() - begin) / 1000
  const thieves = new Set(truth.theft.map(({ id }) => id))
  report(figures, 'sample', [scoreTown(explained, days, (meter) => thieves.has(network.meters.idOf(meter)))])
}

/** Weights of theft signals, and by how much each share's interval must be wider, learnt on towns that are not reported. */
function calibrate(count: number, everyDays: number): Record<string, number | string> {
  const towns = Array.from({ length: count }, (_, i) => score(TRAINED_FROM + i, everyDays))
  const figures: Record<string, number | string> = { towns: count }
  for (const [name, weight] of Object.entries(fitTheftWeights(towns.flatMap((town) => town.meters))))
    figures[`weight.${name}`] = weight
  for (const share of GAP_SHARES) {
    const needed = towns.flatMap((town) => town.shares[share].needed).sort((a, b) => a - b)
    const factor = needed[Math.floor(0.9 * needed.length)] as number
    figures[`width.${share}`] = Math.round(100 * factor * INTERVAL_WIDTHS[share]) / 100
    figures[`coverage.${share}`] = mean(towns.flatMap((town) => town.shares[share].held))
    figures[`error.${share}`] = mean(towns.flatMap((town) => town.shares[share].error))
  }
  return figures
}
