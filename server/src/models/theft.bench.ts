import path from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  commonCourse,
  type DayPanel,
  disposeModel,
  rankingScores,
  rankRows,
  resampledScores,
  scoreCourses,
  sizeDrop,
  type TheftModel,
  unpackModel,
} from '@gastwin/analytics/theft'
import { type InventedCourses, inventCourses } from '../../../datasets/src/theft-scenarios/invent-courses.ts'
import { startModelEngine } from './model-engine.ts'
import { readModelFile } from './model-file.ts'

const LENGTHS = [35, 120, 400]
const RESAMPLES = 200

/**
 * The models that come with the program on invented towns that they have not seen, whose thieves act with hoses and
 * magnets, not by the formulas of training: ranking, and whether the interval of the size holds the truth. With
 * `against`, a folder of models under the same names, the gain over those on the same customers of several towns.
 */
export async function run(options: {
  readonly customers?: string
  readonly against?: string
  readonly towns?: string
}): Promise<Record<string, number | string>> {
  const customers = Number(options.customers ?? 3000)
  const towns = Number(options.towns ?? 1)
  const figures: Record<string, number | string> = { engine: await startModelEngine('scoring') }
  for (const days of LENGTHS) {
    const name = `theft-default-${days}.model`
    const model = await modelAt(new URL(`../../models/${name}`, import.meta.url))
    const invent = (town: number) => inventCourses({ customers, days, thieves: 0.05, seed: 900 + days + 1000 * town })
    Object.assign(figures, judge(model, invent(0), days))
    if (options.against !== undefined) {
      const other = await modelAt(pathToFileURL(path.resolve(options.against, name)))
      const seen = Array.from({ length: towns }, (_, town) => invent(town))
      Object.assign(figures, compare(model, other, seen, days))
      disposeModel(other)
    }
    disposeModel(model)
  }
  return figures
}

async function modelAt(url: URL): Promise<TheftModel> {
  const model = unpackModel((await readModelFile(url)).model)
  if (typeof model === 'string') throw new Error(model)
  return model
}

const panelOf = ({ shown, labels }: InventedCourses, days: number): DayPanel => ({
  rows: labels.length,
  days,
  values: shown,
  firstWeekday: 4,
})

/** Gain over the other model with 90 % intervals over resampled customers of all towns together. */
function compare(
  model: TheftModel,
  other: TheftModel,
  towns: readonly InventedCourses[],
  days: number,
): Record<string, string> {
  const said = (by: TheftModel) => towns.flatMap((town) => [...scoreCourses(by, panelOf(town, days))])
  const runs = new Map([
    ['model', [said(model)]],
    ['other', [said(other)]],
  ])
  const labels = Uint8Array.from(towns.flatMap((town) => [...town.labels]))
  const ties = Uint32Array.from(labels, (_, row) => Math.imul(row, 0x9e3779b1))
  const { scores, gains } = resampledScores(runs, labels, ties, RESAMPLES)
  const gain = gains.get('other')
  return Object.fromEntries(
    Object.entries(gain ?? {}).map(([name, { value, p05, p95 }]) => {
      const before = scores.get('other')?.[name as 'roc_auc']
      return [
        `gain_of_${name}_${days}_days`,
        `${value.toFixed(3)} [${p05.toFixed(3)}, ${p95.toFixed(3)}] over ${before?.value.toFixed(3)}`,
      ]
    }),
  )
}

function judge(model: TheftModel, town: InventedCourses, days: number): Record<string, number> {
  const panel = panelOf(town, days)
  const peers = commonCourse(panel)
  const scores = scoreCourses(model, panel, { peers })
  const ties = Uint32Array.from(town.labels, (_, row) => Math.imul(row, 0x9e3779b1))
  const { rocAuc, averagePrecision, mapAt100 } = rankingScores(rankRows(scores, ties), town.labels)
  let sized = 0
  let held = 0
  for (let row = 0; row < panel.rows; row++) {
    const theft = town.thefts[row]
    if (theft === undefined || theft.firstDay === 0) continue
    const { lost_per_day, since_day } = sizeDrop(panel, peers, row)
    if (lost_per_day === null || since_day === null) continue
    let lost = 0
    let seen = 0
    for (let d = since_day; d < days; d++) {
      const at = row * days + d
      if (Number.isNaN(panel.values[at] as number)) continue
      lost += (town.used[at] as number) - (panel.values[at] as number)
      seen += 1
    }
    sized += 1
    const truth = lost / Math.max(1, seen)
    if (truth >= lost_per_day.p05 && truth <= lost_per_day.p95) held += 1
  }
  const thieves = town.labels.reduce((sum, label) => sum + label, 0)
  return {
    [`thieves_${days}_days`]: thieves,
    [`roc_auc_${days}_days`]: rocAuc,
    [`average_precision_${days}_days`]: averagePrecision,
    [`map_at_100_${days}_days`]: mapAt100,
    [`sized_${days}_days`]: sized,
    [`size_in_its_90_percent_interval_${days}_days`]: sized === 0 ? Number.NaN : held / sized,
  }
}
