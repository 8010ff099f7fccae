import type { Block } from './block.ts'
import type { Peers } from './customer-memory.ts'
import { flowText, type LowFlowFinding } from './finding.ts'
import { logFlow } from './mixture.ts'

const DAY = 86_400_000
const HOUR = 3_600_000
/** So long a register must not have rested. */
const DAYS = 30
/** Of their parts, the share that must be known. */
const LEAST_KNOWN = 0.7
const PARTS_A_DAY = 3
/** Less is a pilot flame or a meter's own doubt, m³/h. */
const LEAST_M3H = 0.005
/** Nor what a register of coarse steps allows that rests for six hours at most, steps an hour. */
const LEAST_STEPS = 0.15
/** Parts that follow each other are looked at together as well. */
const JOINED_PARTS = 3
/** At most this share of the peers may hold so much of it over as long a time. */
const FEW = 0.05
const SAME_KIND = 0.4
/** Peers without which nothing is told. */
const LEAST_PEERS = 10
/** It is over when less than this share of it is all that can have passed. */
const OVER = 0.8
/** What passed lies between this share of what the register allows and all of it (own homes of seeds 777 to 779). */
const LEAST_SHARE = 0.7
/** Of homes whose registers never rest some have a reason that is no fault (assumption). */
const CHANCE = 0.7

/**
 * The largest constant flow that a register allows over each of the last thirty days, over stretches of a part of the day up to a day:
 * a home rests now and then, a flow that was there before the first reading does not let it. Memory: 35 numbers.
 */
export class RestDays {
  readonly #stepM3: number
  readonly #floors: number[] = []
  readonly #days: number[] = []
  readonly #counts: number[] = []
  #last: readonly Block[] = []
  /** Begin of the first part. */
  begin = Number.NaN

  constructor(stepM3: number) {
    this.#stepM3 = stepM3
  }

  take(block: Block): void {
    if (Number.isNaN(this.begin)) this.begin = block.from
    const joins = this.#last.at(-1)?.to === block.from
    this.#last = [...(joins ? this.#last.slice(1 - JOINED_PARTS) : []), block]
    const day = Math.floor(block.from / DAY)
    if (this.#days.at(-1) !== day) {
      this.#days.push(day)
      this.#floors.push(Number.POSITIVE_INFINITY)
      this.#counts.push(0)
    }
    while ((this.#days[0] as number) <= day - DAYS)
      for (const list of [this.#days, this.#floors, this.#counts]) list.shift()
    const at = this.#floors.length - 1
    this.#counts[at] = (this.#counts[at] as number) + 1
    this.#floors[at] = Math.min(this.#floors[at] as number, block.floorM3H, ...this.#joined())
  }

  /** The largest constant flow that the last thirty days allow, m³/h; NaN when too little of them is known. */
  get floorM3H(): number {
    const parts = this.#counts.reduce((sum, count) => sum + count, 0)
    return parts < LEAST_KNOWN * DAYS * PARTS_A_DAY ? Number.NaN : Math.min(...this.#floors)
  }

  /** Over two parts and more that follow each other. */
  #joined(): number[] {
    const { to } = this.#last.at(-1) as Block
    let volume = this.#stepM3
    return this.#last.toReversed().map(({ from, totalM3 }) => {
      volume += totalM3
      return (volume * HOUR) / (to - from)
    })
  }
}

/** Tells of a register that has not rested for thirty days from its first reading on while its peers' did. */
export class NeverRests {
  readonly #leastM3H: number
  #told: { readonly toldAt: number; readonly floorM3H: number } | undefined
  #over = false
  #begin = Number.NaN
  #until: number | null = null

  constructor(stepM3: number) {
    this.#leastM3H = Math.max(LEAST_M3H, LEAST_STEPS * stepM3)
  }

  /** @param rest of the meter, with this block @param peers in the hours of the block */
  take(block: Block, rest: RestDays, peers: Peers): void {
    const floor = rest.floorM3H
    if (this.#over || Number.isNaN(floor)) return
    if (this.#told !== undefined) {
      if (block.floorM3H < OVER * LEAST_SHARE * this.#told.floorM3H) {
        this.#over = true
        this.#until = block.from
      }
      return
    }
    if (block.to - rest.begin < DAYS * DAY) return
    // What rests in the first days has no flow from before them; one that begins later is another rule's.
    if (block.to - rest.begin > (DAYS + 7) * DAY) {
      this.#over = true
      return
    }
    if (floor < this.#leastM3H || peers.restHeard < LEAST_PEERS) return
    if (peers.restless(logFlow(SAME_KIND * floor)) > FEW) return
    this.#begin = rest.begin
    this.#told = { toldAt: block.to, floorM3H: floor }
  }

  /** @param at Unix ms */
  finding(at: number): LowFlowFinding | undefined {
    if (this.#told === undefined) return undefined
    const { toldAt, floorM3H } = this.#told
    const flow = { p05: LEAST_SHARE * floorM3H, p50: ((1 + LEAST_SHARE) / 2) * floorM3H, p95: floorM3H }
    return {
      kind: 'flow_never_stops',
      since: this.#begin,
      until: this.#until,
      toldAt,
      flowM3H: flow,
      probability: CHANCE,
      explanation: `since the record begins, ${(((this.#until ?? at) - this.#begin) / DAY).toFixed(0)} days ago, the register has never rested as its peers' have: ${flowText(flow.p50)} (at most ${flowText(floorM3H)}) at all hours${this.#until === null ? '' : '; over'}`,
    }
  }
}
