import { scenarioMeters } from '../../../../datasets/src/low-flow-scenarios/scenario.ts'
import type { Block } from '../block.ts'
import { CustomerMemory, FEATURES } from '../customer-memory.ts'
import { sweepFleet } from '../fleet-sweep.ts'
import { isWeekend } from '../meter-track.ts'
import { logFlow } from '../mixture.ts'
import { PeerWatch } from '../peer-watch.ts'
import { blocksOfSeries } from '../series-blocks.ts'
import type { UsualUseSamples } from '../train-usual-use.ts'

/** Blocks of customers without any fault, each with what was known before it: what the model of usual use learns from. */
export function usualUseSamples(seed: number, meters: number, days: number): UsualUseSamples {
  const fleet: { memory: CustomerMemory; peers: string; blocks: readonly Block[] }[] = []
  for (const meter of scenarioMeters({ seed, meters, days, places: Math.max(3, Math.round(meters / 80)) })) {
    const cadence = meter.plan.everyHours === 1 ? 'hourly' : 'daily'
    fleet.push({
      memory: new CustomerMemory(meter.plan.stepM3),
      peers: `${meter.place} ${meter.customer.home}`,
      blocks: blocksOfSeries(meter.series, {
        cadence,
        stepM3: meter.plan.stepM3,
        mostM3H: meter.customer.home ? 20 : 500,
        utcOffsetMs: () => 0,
      }).blocks,
    })
  }
  const watches = new Map<string, PeerWatch>()
  const watchOf = (key: string) => {
    const watch = watches.get(key) ?? new PeerWatch()
    watches.set(key, watch)
    return watch
  }
  const rows = fleet.reduce((sum, { blocks }) => sum + blocks.length, 0)
  const features = new Float32Array(rows * FEATURES)
  const floor = new Float32Array(rows)
  let row = 0
  sweepFleet(
    fleet.map(({ blocks }) => blocks),
    (meter, block) => {
      const { memory, peers: key } = fleet[meter] as (typeof fleet)[number]
      watchOf(key).hear(block, { track: { memory }, rest: { floorM3H: Number.NaN } })
    },
    (meter, block) => {
      const { memory, peers: key } = fleet[meter] as (typeof fleet)[number]
      const peers = watchOf(key).of(block)
      memory.describe(
        block,
        peers,
        isWeekend((block.from + block.to) / 2, 0),
        features.subarray(row * FEATURES, (row + 1) * FEATURES),
      )
      floor[row++] = logFlow(block.floorM3H)
      memory.learn(block, peers, 1)
    },
  )
  return { features, floor }
}
