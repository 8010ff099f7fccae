import type { Block } from './block.ts'
import type { Peers } from './customer-memory.ts'
import { MeterTrack } from './meter-track.ts'
import type { MeterWatch } from './meter-watch.ts'
import { type BlockFit, ModelFit } from './model-fit.ts'
import type { UsualUseModel } from './usual-use-container.ts'

/** A flow counts as seen from this chance on. */
const SEEN = 0.6

/** How a model that runs in the shadow fares beside the one in use, on the same blocks. */
export interface ShadowComparison {
  readonly blocks: number
  /** Mean surprise of a block, nats: who foretells better surprises less. */
  readonly surprise: number
  readonly shadowSurprise: number
  /** Meters at which only the shadow sees a constant flow at present, and those at which only the other does. */
  readonly newly: number
  readonly noLonger: number
}

/** A model that judges every block beside the one in use, with habits and chances of its own, and changes nothing. */
export class Shadow {
  readonly model: UsualUseModel
  readonly #tracks = new Map<number, { readonly own: MeterTrack; readonly used: MeterTrack }>()
  readonly #own = new ModelFit()
  readonly #used = new ModelFit()

  constructor(model: UsualUseModel) {
    this.model = model
  }

  /** @param fit how well the model in use foretold the block */
  take(meter: number, { track, plan }: MeterWatch, block: Block, peers: Peers, fit: BlockFit): void {
    const known = this.#tracks.get(meter) ?? { own: new MeterTrack(this.model.net, plan.stepM3), used: track }
    this.#tracks.set(meter, known)
    this.#own.add(known.own.take(block, peers, plan.utcOffsetMs(block.to)))
    this.#used.add(fit)
  }

  /** @returns undefined until so many blocks were judged */
  compare(leastBlocks: number): ShadowComparison | undefined {
    if (this.#own.blocks < leastBlocks) return undefined
    let [newly, noLonger] = [0, 0]
    for (const { own, used } of this.#tracks.values()) {
      const [here, there] = [own.filter.neverZero >= SEEN, used.filter.neverZero >= SEEN]
      if (here && !there) newly += 1
      if (there && !here) noLonger += 1
    }
    return {
      blocks: Math.round(this.#own.blocks),
      surprise: this.#used.reference.surprise,
      shadowSurprise: this.#own.reference.surprise,
      newly,
      noLonger,
    }
  }
}
