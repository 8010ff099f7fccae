import { rankingScores, rankRows } from '@gastwin/analytics/theft'
import type { SuspectFinding } from '../contract/index.ts'
import { LearnedModels } from './learned-models.ts'
import type { GapStated } from './ledger-messages.ts'
import { type LivedSuspects, livedSuspects, RIGHT_KINDS, theftScores } from './testing/lived-suspects.ts'

/** From this probability on somebody would be sent to look. */
const WORTH_A_VISIT = 0.4

/**
 * Cities of the demo's fleet that live through 36 days (or `--days`): how thieves are ranked and what visits would find, by the ledger alone and with
 * the learned model that comes with the program or that of `--models FOLDER`.
 */
export async function run(options: {
  readonly json: boolean
  readonly seeds?: string
  readonly models?: string
  /** Of life; what begins in view begins on the eighteenth. */
  readonly days?: string
}): Promise<Record<string, number | string>> {
  const seeds = (options.seeds ?? '61,62,63,64,65,66').split(',').map(Number)
  const models = new LearnedModels(options.models ?? null)
  await models.start()
  const cities = seeds.map((seed) => livedSuspects(seed, models.pair, Number(options.days ?? 36)))
  return {
    seeds: seeds.join(' '),
    ...figures('plain', cities, ({ plain }) => plain),
    ...figures('with_model', cities, ({ stated }) => stated),
  }
}

function figures(name: string, cities: readonly LivedSuspects[], of: (city: LivedSuspects) => GapStated) {
  const out: Record<string, number> = {}
  const round = (value: number) => Math.round(value * 1000) / 1000
  const { scores, labels } = theftScores(cities, of)
  const { rocAuc, averagePrecision } = rankingScores(
    rankRows(
      scores,
      labels.map((_, i) => i),
    ),
    labels,
  )
  out[`${name}_theft_roc_auc`] = round(rocAuc)
  out[`${name}_theft_ap`] = round(averagePrecision)
  let [visits, wrong, right] = [0, 0, 0]
  const kinds: Record<string, [number, number]> = {}
  for (const city of cities)
    for (const suspect of of(city).suspects) {
      if (suspect.probability < WORTH_A_VISIT) continue
      const causes = city.truth.filter(({ asset }) => asset === suspect.meter)
      const tally = kinds[suspect.kind] ?? [0, 0]
      kinds[suspect.kind] = tally
      visits += 1
      tally[0] += 1
      if (causes.length > 0) wrong += 1
      if (!causes.some(({ event }) => RIGHT_KINDS[event]?.includes(suspect.kind) === true)) continue
      right += 1
      tally[1] += 1
    }
  Object.assign(out, { [`${name}_visits`]: visits, [`${name}_something_wrong`]: wrong, [`${name}_as_said`]: right })
  for (const [kind, [all, good]] of Object.entries(kinds)) {
    out[`${name}_visits_${kind}`] = all
    out[`${name}_right_${kind}`] = good
  }
  for (const event of Object.keys(RIGHT_KINDS))
    for (const begins of [true, false]) {
      const own = cities.flatMap((city) =>
        city.truth
          .filter((one) => one.event === event && one.begins === begins)
          .map((one) => found(of(city), one.asset, event)),
      )
      if (own.length === 0) continue
      out[`${name}_${event}_${begins ? 'begins' : 'before'}`] = own.length
      out[`${name}_${event}_${begins ? 'begins' : 'before'}_found`] = own.filter(Boolean).length
    }
  return out
}

const reasons = (suspect: SuspectFinding) => [suspect, ...suspect.also]

function found({ suspects }: GapStated, meter: string, event: string): boolean {
  return suspects.some(
    (one) =>
      one.meter === meter &&
      reasons(one).some(
        ({ kind, probability }) => RIGHT_KINDS[event]?.includes(kind) === true && probability >= WORTH_A_VISIT,
      ),
  )
}
