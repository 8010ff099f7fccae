import { DeadMeter } from './dead-meter.ts'
import type { LowFlowFinding } from './finding.ts'
import { type MeterPlan, MeterWatch, registerLimits } from './meter-watch.ts'
import { PeerWatch } from './peer-watch.ts'
import { RegisterWalk } from './register-walk.ts'
import { usualUseModel } from './usual-use-model.ts'

/**
 * The low-flow rules for a live service: each meter's register is walked reading by reading with the same code that scores archives.
 * Readings of a meter must come in order of time; one that is not later than the last is passed over. Some kilobytes a meter. Of registers
 * that are read once a day only standing is watched: a constant flow cannot be told from a boiler there.
 */
export class LowFlowFleet {
  readonly #planOf: (meter: number) => MeterPlan
  readonly #watches = new Map<number, MeterWatch>()
  readonly #daily = new Map<number, DailyWatch>()
  /** Meters of one class and cadence are each other's peers. */
  readonly #peers = new Map<string, PeerWatch>()

  /** @param planOf asked once for each meter, when it is read first */
  constructor(planOf: (meter: number) => MeterPlan) {
    this.#planOf = planOf
  }

  /** Meters that were read. */
  get size(): number {
    return this.#watches.size + this.#daily.size
  }

  /** @param at Unix ms @param value register, m³ */
  read(meter: number, at: number, value: number): void {
    const watch = this.#of(meter)
    if (watch instanceof DailyWatch) {
      watch.read(at, value)
      return
    }
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
    return (this.#watches.get(meter) ?? this.#daily.get(meter))?.findings() ?? []
  }

  #of(meter: number): MeterWatch | DailyWatch {
    const known = this.#watches.get(meter) ?? this.#daily.get(meter)
    if (known !== undefined) return known
    const plan = this.#planOf(meter)
    if (plan.cadence === 'daily') {
      const daily = new DailyWatch(plan)
      this.#daily.set(meter, daily)
      return daily
    }
    const watch = new MeterWatch(plan, usualUseModel())
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

/** A register that is read once a day. */
class DailyWatch {
  readonly #walk: RegisterWalk
  readonly #dead: DeadMeter

  constructor(plan: MeterPlan) {
    this.#walk = new RegisterWalk(registerLimits(plan))
    this.#dead = new DeadMeter(plan.home)
  }

  read(at: number, value: number): void {
    const interval = this.#walk.next(at, value)
    if (interval !== undefined) this.#dead.take(interval)
  }

  findings(): readonly LowFlowFinding[] {
    return this.#dead.lasting === undefined ? [] : [this.#dead.lasting]
  }
}
