import type { Block } from './block.ts'
import type { Peers } from './customer-memory.ts'
import type { MeterWatch } from './meter-watch.ts'
import { PeerWatch } from './peer-watch.ts'

/**
 * The customers of one place, class and cadence. A home of which it is known whether gas heats it is held against those of its own kind, once
 * enough of them were heard: heated homes rise together in the cold, the others do not. One of which it is not known is held against all.
 */
export class TownPeers {
  readonly #all = new PeerWatch()
  readonly #heated = new PeerWatch()
  readonly #others = new PeerWatch()

  /** Hears a block that a meter has ended, before it is judged. */
  hear(block: Block, watch: MeterWatch): void {
    this.#all.hear(block, watch)
    this.#ofKind(watch)?.hear(block, watch)
  }

  /** What the others did in the hours of a block. @param own whether its block was heard too: it is no witness of itself */
  of(block: Block, watch: MeterWatch, own: boolean): Peers {
    const kind = this.#ofKind(watch)
    const peers = kind?.knows(block) === true ? kind : this.#all
    return peers.of(block, own ? watch : undefined)
  }

  #ofKind({ plan: { heated } }: MeterWatch): PeerWatch | undefined {
    return heated === undefined ? undefined : heated ? this.#heated : this.#others
  }
}
