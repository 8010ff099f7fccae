import type { LowFlowSeries } from '../score-low-flow.ts'
import { blocksOfSeries } from '../series-blocks.ts'

const BEFORE = 57
const LEAST_BEFORE = 37
const SPELL = 3
/** Spells nearer than this are one, days; homes that use less are empty, m³ a day. */
const APART = 7
const EMPTY_M3 = 0.05
const DAY = 86_400_000

/** Three days in a row above twice the median of the days before, per 1 000 meter months of homes read once a day. */
export function livelySpells(series: readonly LowFlowSeries[]): number {
  let [spells, days] = [0, 0]
  for (const { time, value, plan } of series) {
    const { blocks } = blocksOfSeries({ time, value }, { ...plan, mostM3H: 20 })
    const use = blocks.map(({ totalM3, from, to }) => (totalM3 * DAY) / (to - from))
    let last = Number.NEGATIVE_INFINITY
    for (let day = LEAST_BEFORE + SPELL; day < use.length; day++) {
      const before = use.slice(Math.max(0, day - SPELL - BEFORE), day - SPELL).sort((a, b) => a - b)
      const middle = before[before.length >> 1] ?? 0
      if (middle < EMPTY_M3) continue
      days += 1
      if (Math.min(...use.slice(day - SPELL + 1, day + 1)) <= 2 * middle) continue
      if (day - last > APART) spells += 1
      last = day
    }
  }
  return (1000 * spells) / (days / 30.44)
}
