import type { LowFlowFinding } from './finding.ts'
import { type MeterPlan, MeterWatch } from './meter-watch.ts'
import type { Mixture } from './mixture.ts'
import { ModelFit } from './model-fit.ts'
import { Shadow, type ShadowComparison } from './shadow.ts'
import { TownPeers } from './town-peers.ts'
import type { UsualUseModel } from './usual-use-container.ts'
import { shippedUsualUse } from './usual-use-model.ts'
import type { UsualUse } from './usual-use-net.ts'

/** Fewer blocks say nothing of how a model fares. */
const LEAST_BLOCKS = 500

/** How the model fares in this town. */
export interface FleetFit {
  readonly blocks: number
  /** Mean surprise of a block here and at the training, nats. */
  readonly surprise: number
  readonly trained: number
  /** Population stability index of where floors lie in what is foretold, here against the training. */
  readonly moved: number
}

/**
 * The low-flow rules for a live service: each meter's register is walked reading by reading with the same code that scores archives.
 * Readings of a meter must come in order of time; one that is not later than the last is passed over. Some kilobytes a meter: for registers
 * that are read several times a day; those read once are judged from their kept days (`standingRegister`, `lastingRise`, `risenFloor`).
 * The model of usual use can be replaced while meters are walked, and another may run beside it.
 */
export class LowFlowFleet {
  readonly #planOf: (meter: number) => MeterPlan
  readonly #watches = new Map<number, MeterWatch>()
  /** Meters of one class and cadence are each other's peers. */
  readonly #peers = new Map<string, TownPeers>()
  readonly #model = new Replaceable(shippedUsualUse())
  #fit = new ModelFit()
  #shadow: Shadow | undefined

  /** @param planOf asked once for each meter, when it is read first */
  constructor(planOf: (meter: number) => MeterPlan) {
    this.#planOf = planOf
  }

  /** Meters that were read. */
  get size(): number {
    return this.#watches.size
  }

  /** Another model foretells from here on; what is known of the meters stays. @param shadow runs beside it and changes nothing */
  use(active: UsualUseModel, shadow: UsualUseModel | undefined): void {
    if (active.net !== this.#model.current.net) {
      this.#model.current = active
      this.#fit = new ModelFit()
    }
    if (shadow?.net !== this.#shadow?.model.net) this.#shadow = shadow === undefined ? undefined : new Shadow(shadow)
  }

  /** How the model fares; undefined until enough blocks were judged. */
  get fit(): FleetFit | undefined {
    if (this.#fit.blocks < LEAST_BLOCKS) return undefined
    const { reference } = this.#model.current
    return {
      blocks: Math.round(this.#fit.blocks),
      surprise: this.#fit.reference.surprise,
      trained: reference.surprise,
      moved: this.#fit.movedFrom(reference),
    }
  }

  /** How the shadow fares beside the model; undefined without one, and until enough blocks were judged by both. */
  get comparison(): ShadowComparison | undefined {
    return this.#shadow?.compare(LEAST_BLOCKS)
  }

  /** @param at Unix ms @param value register, m³ */
  read(meter: number, at: number, value: number): void {
    const watch = this.#of(meter)
    const block = watch.read(at, value)
    if (block !== undefined) {
      const peersOfClass = this.#peersOf(watch.plan)
      peersOfClass.hear(block, watch)
      const peers = peersOfClass.of(block, watch, true)
      const fit = watch.judge(block, peers)
      if (fit !== undefined) {
        this.#fit.add(fit)
        this.#shadow?.take(meter, watch, block, peers, fit)
      }
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
    const watch = new MeterWatch(this.#planOf(meter), this.#model)
    this.#watches.set(meter, watch)
    return watch
  }

  #peersOf({ home, cadence }: MeterPlan): TownPeers {
    const key = `${home} ${cadence}`
    const known = this.#peers.get(key)
    if (known !== undefined) return known
    const peers = new TownPeers()
    this.#peers.set(key, peers)
    return peers
  }
}

/** The model that foretells at present. */
class Replaceable implements UsualUse {
  current: UsualUseModel

  constructor(model: UsualUseModel) {
    this.current = model
  }

  predict(features: Float32Array, recent: boolean, into: Mixture): void {
    this.current.net.predict(features, recent, into)
  }
}
