import type { Block } from './block.ts'
import { CustomerMemory, FEATURES, type Peers } from './customer-memory.ts'
import { LeakFilter, type LeakRates } from './leak-filter.ts'
import { emptyMixture } from './mixture.ts'
import { type BlockFit, blockFit } from './model-fit.ts'
import type { UsualUse } from './usual-use-net.ts'

const features = new Float32Array(FEATURES)
const given = emptyMixture()
const habit = emptyMixture()
const reduced = emptyMixture()
const reducedFeatures = new Float32Array(FEATURES)

/** Local day number → Saturday or Sunday. */
export function isWeekend(at: number, utcOffsetMs: number): boolean {
  return (Math.floor((at + utcOffsetMs) / 86_400_000) + 3) % 7 >= 5
}

/** One meter's habits and the chance of a constant flow behind it, from its blocks in order of time. */
export class MeterTrack {
  readonly memory: CustomerMemory
  readonly filter: LeakFilter
  readonly #net: UsualUse

  constructor(net: UsualUse, stepM3: number, rates?: LeakRates) {
    this.#net = net
    this.memory = new CustomerMemory(stepM3)
    this.filter = new LeakFilter(rates)
  }

  /** @returns how well the block was foretold */
  take(block: Block, peers: Peers, utcOffsetMs: number): BlockFit {
    const weekend = isWeekend((block.from + block.to) / 2, utcOffsetMs)
    this.memory.describe(block, peers, weekend, features)
    this.#net.predict(features, true, given)
    const fit = blockFit(block, given)
    this.#net.predict(features, false, habit)
    this.filter.update(block, given, habit, (flow) => {
      this.memory.describe(block, peers, weekend, reducedFeatures, flow)
      this.#net.predict(reducedFeatures, true, reduced)
      return reduced
    })
    const usual = this.filter.usual
    this.memory.learn(block, peers, usual + 0.3 * Math.max(0, 1 - usual - this.filter.neverZero))
    return fit
  }
}
