import { BLOCK_PARTS, type Block } from './block.ts'
import { logFlow } from './mixture.ts'

/** Numbers the model of usual use is given about a block before it is seen. */
export const FEATURES = 21
/** Of these, what the blocks just before said: left out when a constant flow may be in them. */
export const RECENT_FROM = 15

/** Blocks after which own habits count fully, and the memory of them, in blocks of the same part. */
const MEMORY = 45
const FIRST_WEIGHT = 3
const RECENT = 3

/** What the rest of the class did in the same hours. */
export interface Peers {
  /** Mean of the others' (floor − own middle) / own width, −3 … 3; 0 when unknown. */
  readonly shift: number
  /** Mean middle of the others in this part; NaN when unknown. */
  readonly middle: number
  readonly middleOfLevel: number
  /** How many of them stand high among their own floors in the same hours, of how many that were heard. */
  readonly risen: number
  readonly heard: number
  /** Share of them whose floor in the same hours is at least this (as of `logFlow`); 0 when unknown. */
  readonly asHigh: (floor: number) => number
  /** Share of them that have held at least this (as of `logFlow`) at all hours of the last thirty days, and of how many it is known. */
  readonly restless: (floor: number) => number
  readonly restHeard: number
  /** Mean of the logarithm of their floors in the same hours, as of `logFlow`; NaN when unknown. */
  readonly floor: number
  /** Mean flow of all of them, m³/h; NaN when unknown. */
  readonly flowM3H: number
}

/** Habits of one customer, updated block by block; about 40 numbers. */
export class CustomerMemory {
  readonly #stepM3: number
  readonly count = new Uint16Array(BLOCK_PARTS)
  readonly middle = new Float32Array(BLOCK_PARTS)
  readonly #square = new Float32Array(BLOCK_PARTS)
  readonly #high = new Float32Array(BLOCK_PARTS)
  readonly #rest = new Float32Array(BLOCK_PARTS)
  readonly #slope = new Float32Array(BLOCK_PARTS)
  #level = 0
  /** Floors of the last blocks, newest first, m³/h, and the parts they were. */
  readonly #recent = new Float32Array(RECENT).fill(Number.NaN)
  readonly #recentPart = new Uint8Array(RECENT)
  /** Floor of the last block of each part. */
  readonly #sameRecent = new Float32Array(BLOCK_PARTS).fill(Number.NaN)
  #lastTo = Number.NaN

  constructor(stepM3: number) {
    this.#stepM3 = stepM3
  }

  /** Width of own floors of a part: never narrower than steps of the register make it. */
  width(part: number): number {
    const n = this.count[part] as number
    const own = Math.max(0, (this.#square[part] as number) - (this.middle[part] as number) ** 2)
    return Math.max(0.15, Math.sqrt((own * n + 0.5 * FIRST_WEIGHT) / (n + FIRST_WEIGHT)))
  }

  /** Standing of a floor among the customer's own, −3 … 3. */
  standing(block: Block): number {
    if ((this.count[block.part] as number) < 5) return Number.NaN
    const apart = (logFlow(block.floorM3H) - (this.middle[block.part] as number)) / this.width(block.part)
    return Math.max(-3, Math.min(3, apart))
  }

  /** Mean level of own use, as the logarithm of a flow; NaN without history. */
  get level(): number {
    return this.#level > 0 ? logFlow(this.#level) : Number.NaN
  }

  /** Floor that one usual block in twenty passes, m³/h, in the quietest part of the day; 0 without history. */
  get usualHighM3H(): number {
    let least = Number.POSITIVE_INFINITY
    for (let part = 0; part < BLOCK_PARTS; part++)
      if ((this.count[part] as number) > 0) least = Math.min(least, this.#high[part] as number)
    return least === Number.POSITIVE_INFINITY ? 0 : Math.max(0, Math.exp(least) - 0.3) / 1000
  }

  /** Without own history the middle of the others stands in. */
  middleOf(part: number, peers: Peers): number {
    const n = this.count[part] as number
    if (Number.isNaN(peers.middle)) return n > 0 ? (this.middle[part] as number) : 1
    const prior = n > 0 && n < 3 ? 1 : n === 0 ? 1 : 0
    return (n * (n > 0 ? (this.middle[part] as number) : 0) + prior * peers.middle) / (n + prior)
  }

  /**
   * Fills `out` with the features of the block that comes next.
   * @param lessM3H constant flow that is thought to be in the recent blocks: they are described without it
   */
  describe(block: Block, peers: Peers, weekend: boolean, out: Float32Array, lessM3H = 0): void {
    const { part } = block
    const n = this.count[part] as number
    const hours = (block.to - block.from) / 3_600_000
    const middle = this.middleOf(part, peers)
    const fresh = Number.isNaN(this.#lastTo) || block.from - this.#lastTo > 20 * 3_600_000
    const slope = n > 0 ? (this.#slope[part] as number) : 0
    out[0] = middle / 5
    out[1] = this.width(part)
    out[2] = n > 0 ? (this.#high[part] as number) - middle : 0
    out[3] = Math.log1p(Math.min(n, 60)) / 4
    out[4] = this.#level > 0 ? (logFlow(this.#level) - middle) / 5 : 0
    out[5] = (logFlow(this.#stepM3 / hours) - middle) / 5
    out[6] = weekend ? 1 : 0
    out[7] = part === 0 ? 1 : 0
    out[8] = part === 1 ? 1 : 0
    out[9] = part === 2 ? 1 : 0
    out[10] = hours / 24
    out[11] = peers.shift
    out[12] = slope
    out[13] = slope * peers.shift
    out[14] = n > 0 ? (this.#rest[part] as number) : 0.5
    for (let i = 0; i < RECENT; i++)
      out[RECENT_FROM + i] = fresh ? 0 : this.#apart(this.#recent[i] as number, this.#recentPart[i] as number, lessM3H)
    out[18] = fresh ? 0 : this.#apart(this.#sameRecent[part] as number, part, lessM3H)
    out[19] = fresh || Number.isNaN(this.#recent[0] as number) ? 0 : 1
    out[20] = fresh || Number.isNaN(this.#recent[2] as number) ? 0 : 1
  }

  #apart(floorM3H: number, part: number, lessM3H: number): number {
    if (Number.isNaN(floorM3H)) return 0
    return clip(logFlow(floorM3H - lessM3H) - (this.middle[part] as number))
  }

  /**
   * Learns a block.
   * @param usual how sure it is that nothing but usual use was in it, 0 … 1: a leak must not become a habit
   */
  learn(block: Block, peers: Peers, usual: number): void {
    const { part } = block
    const y = logFlow(block.floorM3H)
    const hours = (block.to - block.from) / 3_600_000
    const n = this.count[part] as number
    if (n === 0) {
      this.middle[part] = this.middleOf(part, peers)
      this.#square[part] = (this.middle[part] as number) ** 2 + 0.5
      this.#high[part] = this.middle[part] as number
      this.#rest[part] = 0.5
    }
    const rate = usual / Math.min(n + FIRST_WEIGHT, MEMORY)
    const apart = y - (this.middle[part] as number)
    const standing = clip(apart / this.width(part))
    if (usual > 0.2) this.count[part] = Math.min(65_000, n + 1)
    this.middle[part] = (this.middle[part] as number) + rate * apart
    this.#square[part] = (this.#square[part] as number) + rate * (y * y - (this.#square[part] as number))
    // A floor that only one block in twenty passes: steps of 19 up and 1 down.
    const up = y > (this.#high[part] as number) ? 0.95 : -0.05
    this.#high[part] = (this.#high[part] as number) + usual * (n < 20 ? 0.6 : 0.3) * up
    const rest = block.floorM3H < (1.6 * this.#stepM3) / hours ? 1 : 0
    this.#rest[part] = (this.#rest[part] as number) + rate * (rest - (this.#rest[part] as number))
    const wanted = standing - (this.#slope[part] as number) * peers.shift
    this.#slope[part] = (this.#slope[part] as number) + 0.1 * usual * wanted * peers.shift
    this.#level += usual * (this.#level === 0 ? 1 : 0.02) * (block.totalM3 / hours - this.#level)
    this.#recent.copyWithin(1, 0)
    this.#recentPart.copyWithin(1, 0)
    this.#recent[0] = block.floorM3H
    this.#recentPart[0] = part
    this.#sameRecent[part] = block.floorM3H
    this.#lastTo = block.to
  }
}

function clip(value: number): number {
  return Math.max(-4, Math.min(4, value))
}
