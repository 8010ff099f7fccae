import type { LowFlowFinding } from './finding.ts'
import { type MeterPlan, MeterWatch } from './meter-watch.ts'
import { PeerWatch } from './peer-watch.ts'
import { usualUseModel } from './usual-use-model.ts'

/**
 * The low-flow rules for a live service: each meter's register is walked reading by reading with the same code that scores archives.
 * Readings of a meter must come in order of time; one that is not later than the last is passed over. Some kilobytes a meter: for registers
 * that are read several times a day; those read once are judged from their kept days (`standingRegister`, `lastingRise`, `risenFloor`).
 */
export class LowFlowFleet {
  readonly #planOf: (meter: number) => MeterPlan
  readonly #watches = new Map<number, MeterWatch>()
  /** Meters of one class and cadence are each other's peers. */
  readonly #peers = new Map<string, PeerWatch>()

  /** @param planOf asked once for each meter, when it is read first */
  constructor(planOf: (meter: number) => MeterPlan) {
    this.#planOf = planOf
  }

  /** Meters that were read. */
  get size(): number {
    return this.#watches.size
  }

  /** @param at Unix ms @param value register, m³ */
  read(meter: number, at: number, value: number): void {
    const watch = this.#of(meter)
    const block = watch.read(at, value)
    if (block !== undefined) {
      const peers = this.#peersOf(watch.plan)
      peers.hear(block, watch.track.memory)
      watch.judge(block, peers.of(block))
    }
    watch.forgetEnded()
  }

  /** What lasts at a meter as of its last reading. */
  lasting(meter: number): readonly LowFlowFinding[] {
    return this.#watches.get(meter)?.findings() ?? []
  }

  #of(meter: number): MeterWatch {
    const known = this.#watches.get(meter)
    if (known !== undefined) return known
    const watch = new MeterWatch(this.#planOf(meter), usualUseModel())
    this.#watches.set(meter, watch)
    return watch
  }

  #peersOf({ home, cadence }: MeterPlan): PeerWatch {
    const key = `${home} ${cadence}`
    const known = this.#peers.get(key)
    if (known !== undefined) return known
    const peers = new PeerWatch()
    this.#peers.set(key, peers)
    return peers
  }
}
