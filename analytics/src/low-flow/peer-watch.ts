import type { Block } from './block.ts'
import type { CustomerMemory, Peers } from './customer-memory.ts'

interface Tally {
  count: number
  sum: number
}

const FEW = 8
const HOUR_MS = 3_600_000
const HALF_DAY_MS = 43_200_000
const MOST_KEYS = 64

/**
 * What customers of one class do together: cold days, feasts, holidays move all of them, a leak moves one. Kept per part of the day
 * for the running and the last date; an empty answer until some have been heard.
 */
export class PeerWatch {
  readonly #flow = new Map<string, Tally>()
  readonly #shift = new Map<string, Tally>()
  readonly #middle = new Map<number, Tally>()
  readonly #level: Tally = { count: 0, sum: 0 }

  /** Hears a block of one customer, with its habits as they were before. */
  hear(block: Block, memory: CustomerMemory): void {
    const standing = memory.standing(block)
    add(this.#flow, keyOf(block, 0), (block.totalM3 * HOUR_MS) / (block.to - block.from))
    if (!Number.isNaN(standing)) add(this.#shift, keyOf(block, 0), standing)
    if ((memory.count[block.part] as number) >= 10) {
      const middles = this.#middle.get(block.part) ?? { count: 0, sum: 0 }
      this.#middle.set(block.part, middles)
      fade(middles, memory.middle[block.part] as number)
    }
    forgetOld(this.#shift)
    forgetOld(this.#flow)
  }

  /** What the others did in the hours of a block; the same hours of the day before when too few were heard. */
  of(block: Block): Peers {
    const today = this.#shift.get(keyOf(block, 0))
    const tally = today !== undefined && today.count >= FEW ? today : this.#shift.get(keyOf(block, 2))
    const middles = this.#middle.get(block.part)
    const flow = this.#flow.get(keyOf(block, 0))
    return {
      shift: tally !== undefined && tally.count >= FEW ? tally.sum / tally.count : 0,
      middle: middles !== undefined && middles.count >= FEW ? middles.sum / middles.count : Number.NaN,
      flowM3H: flow !== undefined && flow.count >= FEW ? flow.sum / flow.count : Number.NaN,
      middleOfLevel: this.#level.count > 0 ? this.#level.sum / this.#level.count : Number.NaN,
    }
  }
}

/** Blocks of one part whose middles lie in the same half day belong together. */
function keyOf(block: Block, halfDaysBack: number): string {
  const half = Math.floor((block.from + block.to) / 2 / HALF_DAY_MS) - halfDaysBack
  return `${block.part}:${block.part === 3 ? half >> 1 : half}`
}

function forgetOld(tallies: Map<string, Tally>): void {
  if (tallies.size > MOST_KEYS) for (const key of [...tallies.keys()].slice(0, MOST_KEYS / 2)) tallies.delete(key)
}

function add(tallies: Map<string, Tally>, key: string, value: number): void {
  const tally = tallies.get(key) ?? { count: 0, sum: 0 }
  tally.count += 1
  tally.sum += value
  tallies.set(key, tally)
}

function fade(tally: Tally, value: number): void {
  tally.count = Math.min(500, tally.count + 1)
  tally.sum += tally.count < 500 ? value : value - tally.sum / 500
}
