import { explainGap, type GapExplanation } from './explain-gap.ts'
import { GAP_SHARES, type GapPeriod } from './gap-period.ts'
import type { KnownLeak } from './known-leak.ts'
import { mean, overTowns, scoreTown, type TownScore } from './testing/score-gap.ts'
import { inventTown, type Town } from './testing/town-telemetry.ts'
import { watchedLeaks } from './testing/watched-leaks.ts'

const REPORTED_FROM = 9401

interface Compared {
  readonly without: TownScore
  readonly with: TownScore
}

/**
 * Weekly shares of invented towns with leaks, explained without and with what the leak watch and people say of them: mean absolute
 * error in % of supply and coverage of the 90 % intervals, each with a 90 % interval over towns. Of all zone-weeks, of those in which
 * a known leak flows, and of those in which people found none where the watch had told of one.
 */
export async function run(options: {
  readonly json: boolean
  readonly towns?: string | number
  readonly every?: string | number
  readonly first?: string | number
  readonly share?: string | number
}): Promise<Record<string, number | string>> {
  const everyDays = Number(options.every ?? 7)
  const figures: Record<string, number | string> = {}
  const told: KnownLeak[] = []
  const groups: Record<'all' | 'known' | 'searched', Compared[]> = { all: [], known: [], searched: [] }
  let leaks = 0
  for (let i = 0; i < Number(options.towns ?? 24); i++) {
    const seed = Number(options.first ?? REPORTED_FROM) + i
    const town = inventTown({ seed, leaks: Number(options.share ?? 0.6) })
    const known = watchedLeaks(town, seed)
    leaks += town.truth.leaks.length
    told.push(...known)
    const from = town.truth.zoneDays[0]?.from ?? 0
    const without = explainGap(town.network, town.telemetry, { from, everyDays })
    const withThem = explainGap(town.network, town.telemetry, { from, everyDays, leaks: known })
    const put = (group: keyof typeof groups, keep: (period: GapPeriod) => boolean) => {
      if (withThem.periods.some(keep))
        groups[group].push({ without: scored(town, without, keep), with: scored(town, withThem, keep) })
    }
    const touches = (searched: boolean) => (period: GapPeriod) =>
      known.some(
        ({ zone, from, until, standing }) =>
          zone === period.zone &&
          (standing === 'not_found') === searched &&
          from < period.to &&
          (until ?? Number.POSITIVE_INFINITY) > period.from,
      )
    put('all', () => true)
    put('known', touches(false))
    put('searched', touches(true))
  }
  const count = (standing: KnownLeak['standing']) => told.filter((one) => one.standing === standing).length
  figures['leaks'] = leaks
  figures['findings'] = `${count('repaired')} repaired, ${count('found')} open, ${count('not_found')} closed as nothing`
  for (const [name, towns] of Object.entries(groups)) report(figures, name, towns)
  return figures
}

function scored(town: Town, explained: GapExplanation, keep: (period: GapPeriod) => boolean): TownScore {
  const { periods } = explained
  return scoreTown({ suspicions: [], periods: periods.filter(keep) }, town.truth.zoneDays, () => false)
}

function report(figures: Record<string, number | string>, name: string, towns: readonly Compared[]): void {
  figures[`${name}.zone_periods`] = towns.reduce((sum, { without }) => sum + without.gapError.length, 0)
  const put = (key: string, of: (towns: readonly Compared[]) => number) => {
    const [value, low, high] = overTowns(towns, of)
    figures[`${name}.${key}`] = `${value.toFixed(3)} (90 %: ${low.toFixed(3)} … ${high.toFixed(3)})`
  }
  for (const share of GAP_SHARES) {
    const error = (which: keyof Compared) => (list: readonly Compared[]) =>
      mean(list.flatMap((town) => town[which].shares[share].error))
    const held = (which: keyof Compared) => (list: readonly Compared[]) =>
      mean(list.flatMap((town) => town[which].shares[share].held))
    put(`${share}.error_without`, error('without'))
    put(`${share}.error_with`, error('with'))
    put(`${share}.error_change`, (list) => error('with')(list) - error('without')(list))
    put(`${share}.coverage_without`, held('without'))
    put(`${share}.coverage_with`, held('with'))
  }
}
