import { type Block, BlockCutter, type Cadence } from './block.ts'
import { type Interval, RegisterWalk } from './register-walk.ts'

export interface SeriesPlan {
  readonly cadence: Cadence
  readonly stepM3: number
  /** More than this cannot pass the meter, m³/h. */
  readonly mostM3H: number
  readonly utcOffsetMs: (at: number) => number
}

/** Blocks and faults of a whole series of readings (Unix ms, m³) in order of time. */
export function blocksOfSeries(
  series: { readonly time: ArrayLike<number>; readonly value: ArrayLike<number> },
  plan: SeriesPlan,
): { readonly blocks: readonly Block[]; readonly faults: readonly Interval[] } {
  const walk = new RegisterWalk({ stepM3: plan.stepM3, mostM3H: plan.mostM3H, turnsM3: 100_000 })
  const cutter = new BlockCutter(plan.cadence, plan.stepM3)
  const blocks: Block[] = []
  const faults: Interval[] = []
  for (let i = 0; i < series.time.length; i++) {
    const interval = walk.next(series.time[i] as number, series.value[i] as number)
    if (interval === undefined) continue
    if (interval.fault !== 'none') faults.push(interval)
    const block = cutter.add(interval.from, interval.to, interval.advanceM3, plan.utcOffsetMs(interval.to))
    if (block !== undefined) blocks.push(block)
  }
  return { blocks, faults }
}
