import type { Block } from './block.ts'
import type { LowFlowFinding } from './finding.ts'
import { type MeterPlan, MeterWatch } from './meter-watch.ts'
import { TownPeers } from './town-peers.ts'
import { usualUseModel } from './usual-use-model.ts'

/** Readings of one meter in order of time. */
export interface LowFlowSeries {
  readonly id: string
  /** Unix ms. */
  readonly time: ArrayLike<number>
  /** Register, m³. */
  readonly value: ArrayLike<number>
  readonly plan: MeterPlan
  /** Customers of one place have one weather; all are of one where it is not told. */
  readonly place?: string
  /** Whether the others do not hear it: a copy of one of them. */
  readonly unheard?: boolean
}

export interface LowFlowScore {
  readonly id: string
  readonly findings: readonly LowFlowFinding[]
  readonly reads: number
  readonly faults: number
}

/** Judges all meters of an archive together: those of one place, class and cadence are each other's peers. */
export function scoreLowFlow(meters: readonly LowFlowSeries[]): readonly LowFlowScore[] {
  const net = usualUseModel()
  const watches = meters.map(({ plan }) => new MeterWatch(plan, net))
  const classes = new Map<string, TownPeers>()
  const peersOf = meters.map(({ plan, place }) => {
    const key = `${plan.home} ${plan.cadence} ${place ?? ''}`
    const peers = classes.get(key) ?? new TownPeers()
    classes.set(key, peers)
    return peers
  })
  liveThrough(meters, watches, peersOf)
  return meters.map(({ id }, i) => {
    const watch = watches[i] as MeterWatch
    return { id, findings: watch.findings(), ...watch.counts }
  })
}

const HOUR = 3_600_000
/** What ends within so many local hours is heard of all peers before any is judged: parts of the day end at even hours. */
const TOGETHER_H = { hourly: 2, daily: 12 }

/** Reads all meters in the order of time, as a service does: nothing is judged by what comes later. */
function liveThrough(
  meters: readonly LowFlowSeries[],
  watches: readonly MeterWatch[],
  peersOf: readonly TownPeers[],
): void {
  const next = new Uint32Array(meters.length)
  const slotOf = ({ time, plan }: LowFlowSeries, k: number) => {
    const at = time[k] as number
    const length = TOGETHER_H[plan.cadence] * HOUR
    return Math.floor((at + plan.utcOffsetMs(at)) / length) * length
  }
  for (
    let slot = earliest(meters, next, slotOf);
    slot < Number.POSITIVE_INFINITY;
    slot = earliest(meters, next, slotOf)
  ) {
    const ended: { readonly meter: number; readonly block: Block }[] = []
    for (const [meter, series] of meters.entries()) {
      const watch = watches[meter] as MeterWatch
      let k = next[meter] as number
      for (; k < series.time.length && slotOf(series, k) <= slot; k++) {
        const block = watch.read(series.time[k] as number, series.value[k] as number)
        if (block === undefined) continue
        ended.push({ meter, block })
        if (series.unheard !== true) (peersOf[meter] as TownPeers).hear(block, watch)
      }
      next[meter] = k
    }
    for (const { meter, block } of ended) {
      const watch = watches[meter] as MeterWatch
      const own = meters[meter]?.unheard !== true
      watch.judge(block, (peersOf[meter] as TownPeers).of(block, watch, own))
    }
  }
}

function earliest(
  meters: readonly LowFlowSeries[],
  next: Uint32Array,
  slotOf: (series: LowFlowSeries, k: number) => number,
): number {
  let least = Number.POSITIVE_INFINITY
  for (const [meter, series] of meters.entries()) {
    const k = next[meter] as number
    if (k < series.time.length) least = Math.min(least, slotOf(series, k))
  }
  return least
}
