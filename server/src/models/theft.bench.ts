import {
  commonCourse,
  type DayPanel,
  disposeModel,
  rankingScores,
  rankRows,
  scoreCourses,
  sizeDrop,
  type TheftModel,
  unpackModel,
} from '@gastwin/analytics/theft'
import { type InventedCourses, inventCourses } from '../../../datasets/src/theft-scenarios/invent-courses.ts'
import { startModelEngine } from './model-engine.ts'
import { readModelFile } from './model-file.ts'

/**
 * The models that come with the program on invented towns that they have not seen, whose thieves act with hoses and
 * magnets, not by the formulas of training: ranking, and whether the interval of the size holds the truth.
 */
export async function run(options: { readonly customers?: string }): Promise<Record<string, number | string>> {
  const customers = Number(options.customers ?? 3000)
  const figures: Record<string, number | string> = { engine: await startModelEngine('scoring') }
  for (const days of [35, 120, 400]) {
    const url = new URL(`../../models/theft-default-${days}.model`, import.meta.url)
    const model = unpackModel((await readModelFile(url)).model)
    if (typeof model === 'string') throw new Error(model)
    const town = inventCourses({ customers, days, thieves: 0.05, seed: 900 + days })
    Object.assign(figures, judge(model, town, days))
    disposeModel(model)
  }
  return figures
}

function judge(model: TheftModel, town: InventedCourses, days: number): Record<string, number> {
  const panel: DayPanel = { rows: town.labels.length, days, values: town.shown, firstWeekday: 4 }
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
