import type { Block } from './block.ts'
import type { CustomerMemory, Peers } from './customer-memory.ts'
import { logFlow } from './mixture.ts'
import type { RestDays } from './never-rests.ts'
import { FloorsHeard, RISEN } from './shared-rise.ts'

interface Tally {
  count: number
  sum: number
}

const FEW = 8
const HOUR_MS = 3_600_000
const HALF_DAY_MS = 43_200_000
const MOST_KEYS = 64

/** What is asked of a customer that is heard: its habits as they were before, and how it rested. */
export interface Heard {
  readonly track: { readonly memory: CustomerMemory }
  readonly rest: Pick<RestDays, 'floorM3H'>
}

/**
 * What customers of one class do together: cold days, feasts, holidays move all of them, a leak moves one. Kept per part of the day
 * for the running and the last date; an empty answer until some have been heard.
 */
export class PeerWatch {
  readonly #flow = new Map<string, Tally>()
  readonly #floor = new Map<string, Tally>()
  readonly #shift = new Map<string, Tally>()
  readonly #risen = new Map<string, Tally>()
  readonly #floors = new Map<string, FloorsHeard>()
  readonly #rests = new Map<string, FloorsHeard>()
  readonly #middle = new Map<number, Tally>()
  readonly #level: Tally = { count: 0, sum: 0 }

  /** Hears a block of one customer. */
  hear(block: Block, { track: { memory }, rest }: Heard): void {
    const standing = memory.standing(block)
    add(this.#flow, keyOf(block, 0), (block.totalM3 * HOUR_MS) / (block.to - block.from))
    add(this.#floor, keyOf(block, 0), logFlow(block.floorM3H))
    if (!Number.isNaN(standing)) {
      add(this.#shift, keyOf(block, 0), standing)
      add(this.#risen, keyOf(block, 0), standing >= RISEN ? 1 : 0)
    }
    hearFloor(this.#floors, keyOf(block, 0), block.floorM3H)
    if (!Number.isNaN(rest.floorM3H)) hearFloor(this.#rests, keyOf(block, 0), rest.floorM3H)
    if ((memory.count[block.part] as number) >= 10) {
      const middles = this.#middle.get(block.part) ?? { count: 0, sum: 0 }
      this.#middle.set(block.part, middles)
      fade(middles, memory.middle[block.part] as number)
    }
    for (const tallies of [this.#shift, this.#flow, this.#floor, this.#risen, this.#floors, this.#rests])
      forgetOld(tallies)
  }

  /**
   * What the others did in the hours of a block; the same hours of the day before when too few were heard.
   * @param own the customer when its block was heard too: it is no witness of itself
   */
  of(block: Block, own?: Heard): Peers {
    const [today, before] = [keyOf(block, 0), keyOf(block, 2)]
    const shift = meanOf(this.#shift.get(today)) ?? meanOf(this.#shift.get(before))
    const floor = meanOf(this.#floor.get(today)) ?? meanOf(this.#floor.get(before))
    return {
      shift: shift ?? 0,
      middle: meanOf(this.#middle.get(block.part)) ?? Number.NaN,
      floor: floor ?? Number.NaN,
      flowM3H: meanOf(this.#flow.get(today)) ?? Number.NaN,
      ...this.#risenBeside(block, own?.track.memory.standing(block) ?? Number.NaN),
      asHigh: this.#asHighBeside(block, own === undefined ? undefined : logFlow(block.floorM3H)),
      ...this.#restBeside(block, own),
      middleOfLevel: this.#level.count > 0 ? this.#level.sum / this.#level.count : Number.NaN,
    }
  }

  /** Whether enough were heard in the hours of a block or in those of the day before. */
  knows(block: Block): boolean {
    return [keyOf(block, 0), keyOf(block, 2)].some((key) => (this.#flow.get(key)?.count ?? 0) >= FEW)
  }

  #restBeside(block: Block, own: Heard | undefined): Pick<Peers, 'restless' | 'restHeard'> {
    const [today, before] = [this.#rests.get(keyOf(block, 0)), this.#rests.get(keyOf(block, 2))]
    const floor = own?.rest.floorM3H ?? Number.NaN
    const self = Number.isNaN(floor) ? undefined : logFlow(floor)
    if (today !== undefined && today.heard >= (before?.heard ?? 0) / 2)
      return { restless: (least) => today.atLeast(least, self), restHeard: today.heard }
    return { restless: (least) => before?.atLeast(least) ?? 0, restHeard: before?.heard ?? 0 }
  }

  #risenBeside(block: Block, standing: number): Pick<Peers, 'risen' | 'heard'> {
    const today = this.#risen.get(keyOf(block, 0))
    if (today === undefined || today.count < FEW) {
      const { sum, count } = this.#risen.get(keyOf(block, 2)) ?? { sum: 0, count: 0 }
      return count < FEW ? { risen: 0, heard: 0 } : { risen: sum, heard: count }
    }
    if (Number.isNaN(standing)) return { risen: today.sum, heard: today.count }
    return { risen: today.sum - (standing >= RISEN ? 1 : 0), heard: today.count - 1 }
  }

  #asHighBeside(block: Block, own: number | undefined): Peers['asHigh'] {
    const [today, before] = [this.#floors.get(keyOf(block, 0)), this.#floors.get(keyOf(block, 2))]
    if (today !== undefined && today.heard >= FEW) return (floor) => today.atLeast(floor, own)
    return before !== undefined && before.heard >= FEW ? (floor) => before.atLeast(floor) : () => 0
  }
}

/** Blocks of one part whose middles lie in the same half day belong together. */
function keyOf(block: Block, halfDaysBack: number): string {
  const half = Math.floor((block.from + block.to) / 2 / HALF_DAY_MS) - halfDaysBack
  return `${block.part}:${block.part === 3 ? half >> 1 : half}`
}

/** @returns undefined when too few were heard */
const meanOf = (tally: Tally | undefined) =>
  tally !== undefined && tally.count >= FEW ? tally.sum / tally.count : undefined

function forgetOld(tallies: Map<string, unknown>): void {
  if (tallies.size > MOST_KEYS) for (const key of [...tallies.keys()].slice(0, MOST_KEYS / 2)) tallies.delete(key)
}

function hearFloor(heard: Map<string, FloorsHeard>, key: string, floorM3H: number): void {
  const floors = heard.get(key) ?? new FloorsHeard()
  heard.set(key, floors)
  floors.hear(logFlow(floorM3H))
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
