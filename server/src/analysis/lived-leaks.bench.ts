import { buildCity, LivedCity, type SharedLeak } from '@gastwin/datasets'
import { buildNetwork } from '@gastwin/twin'
import { CityWatch } from './city-watch.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const LEARNED_DAYS = 4
const QUIET_DAYS = 14
/** What is broken after the quiet weeks, one after the other: zone by its place in the list, share, day, hour, hours until it is mended. */
const PLAN: readonly (readonly [zone: number, share: number, day: number, hour: number, hours: number])[] = [
  [1, 0.05, 18, 2.1, 10],
  [3, 0.01, 20, 1, 29],
  [5, 0.05, 22, 3, 9],
  [7, 0.01, 24, 14, 28],
  [9, 0.05, 27, 14, 9],
  [11, 0.05, 29, 2.1, 10],
  [0, 0.01, 31, 1, 29],
  [2, 1.5, 34, 10, 1],
]
const MENDED_FOR = 12 * HOUR

/**
 * Finds leaks in a city of the fleet's own devices, burning and physics: false alarms of two quiet weeks, then eight leaks.
 * @param options seed, month (1 … 12) and meters
 */
export async function run(options: {
  readonly seed?: string
  readonly month?: string
  readonly meters?: string
}): Promise<Record<string, number | string>> {
  const seed = Number(options.seed ?? 41)
  const start = Date.UTC(2026, Number(options.month ?? 7) - 1, 4, 16)
  const { network: document, truth } = buildCity({ meters: Number(options.meters ?? 20_000), seed })
  const network = buildNetwork(document)
  const homes = network.zones.ids.filter((id) => id.startsWith('Z'))
  const leaks = PLAN.map(([zone, share, day, hour, hours]): SharedLeak => {
    const from = start + day * DAY + hour * HOUR
    return { zone: homes[zone % homes.length] ?? '', share, from, mendedAt: from + hours * HOUR }
  })
  const end = leaks.at(-1)?.mendedAt ?? start
  const city = new LivedCity({
    ...{ document, truth, seed, start, leaks },
    stepMinutes: (at) => (at > end - 2 * HOUR ? 1 : 5),
  })
  const watch = new CityWatch(network, { followsPressures: false })
  const states = new Map<string, string>()
  const said: { readonly at: number; readonly zone: string; readonly state: string; readonly kind: string }[] = []
  for (const { at, reports } of city.until(end)) {
    for (const report of reports) watch.take(report)
    for (const { id, zone, state, kind } of watch.leaks()) {
      if (states.get(id) === state) continue
      states.set(id, state)
      said.push({ at, zone, state, kind })
    }
  }
  const figures: Record<string, number | string> = { seed, month: Number(options.month ?? 7), zones: homes.length }
  const confirmed = said.filter(({ state }) => state === 'confirmed')
  const ofLeak = ({ zone, at }: (typeof said)[number]) =>
    leaks.some((leak) => leak.zone === zone && at >= leak.from && at < leak.mendedAt + MENDED_FOR)
  const quietEnd = start + (LEARNED_DAYS + QUIET_DAYS) * DAY
  figures['false_alarms_in_two_quiet_weeks'] = confirmed.filter(({ at }) => at < quietEnd).length
  figures['false_alarms_later'] = confirmed.filter((entry) => entry.at >= quietEnd && !ofLeak(entry)).length
  PLAN.forEach(([, share, , hour], i) => {
    const leak = leaks[i]
    if (leak === undefined) return
    for (const state of ['suspected', 'confirmed']) {
      const first = said.find(
        (entry) =>
          entry.state === state && entry.zone === leak.zone && entry.at >= leak.from && entry.at < leak.mendedAt,
      )
      const name = `${leak.zone} ${100 * share} % at ${hour} h ${state} after h`
      figures[name] = first === undefined ? 'not' : Math.round(((first.at - leak.from) / HOUR) * 100) / 100
      if (first?.kind === 'rupture') figures[`${leak.zone} told as`] = 'rupture'
    }
  })
  return figures
}
