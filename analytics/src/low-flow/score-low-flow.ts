import type { Block } from './block.ts'
import type { LowFlowFinding } from './finding.ts'
import { sweepFleet } from './fleet-sweep.ts'
import { type MeterPlan, MeterWatch } from './meter-watch.ts'
import { PeerWatch } from './peer-watch.ts'
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
  const blocks = meters.map(({ time, value }, i) => {
    const found: Block[] = []
    for (let k = 0; k < time.length; k++) {
      const block = (watches[i] as MeterWatch).read(time[k] as number, value[k] as number)
      if (block !== undefined) found.push(block)
    }
    return found
  })
  const classes = new Map<string, PeerWatch>()
  const peersOf = meters.map(({ plan, place }) => {
    const key = `${plan.home} ${plan.cadence} ${place ?? ''}`
    const peers = classes.get(key) ?? new PeerWatch()
    classes.set(key, peers)
    return peers
  })
  sweepFleet(
    blocks,
    (meter, block) => (peersOf[meter] as PeerWatch).hear(block, (watches[meter] as MeterWatch).track.memory),
    (meter, block) => (watches[meter] as MeterWatch).judge(block, (peersOf[meter] as PeerWatch).of(block)),
  )
  return meters.map(({ id }, i) => {
    const watch = watches[i] as MeterWatch
    return { id, findings: watch.findings(), ...watch.counts }
  })
}
