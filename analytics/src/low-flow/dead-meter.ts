import type { LowFlowFinding } from './finding.ts'
import type { Interval } from './register-walk.ts'
import { STANDING_HOME, STANDING_OTHER, StandingWatch } from './standing-watch.ts'

const DEAD_TOLD = 0.7

/** Tells when a register stands longer than its own pauses foretell. */
export class DeadMeter {
  readonly #standing: StandingWatch
  #lasting: LowFlowFinding | undefined

  constructor(home: boolean) {
    this.#standing = new StandingWatch(home ? STANDING_HOME : STANDING_OTHER)
  }

  /** What lasts as of the last interval. */
  get lasting(): LowFlowFinding | undefined {
    return this.#lasting
  }

  /** @returns what ended with this interval, if it did */
  take({ from, to, advanceM3 }: Interval): LowFlowFinding | undefined {
    this.#standing.take(from, to, advanceM3)
    const chance = this.#standing.stoppedChance(to)
    const before = this.#lasting
    if (chance < DEAD_TOLD) {
      this.#lasting = undefined
      return before === undefined ? undefined : { ...before, until: to }
    }
    const { since, usualM3D } = this.#standing
    this.#lasting = {
      kind: 'dead_meter',
      since,
      until: null,
      toldAt: before?.toldAt ?? to,
      flowM3H: null,
      probability: chance,
      explanation: `register stands for ${((to - since) / 86_400_000).toFixed(0)} days although it moved by ${usualM3D.toPrecision(2)} m³ a day before; its own pauses were shorter. A stopped meter, or nobody uses gas there any more`,
    }
    return undefined
  }
}

/**
 * What the readings of a register that is read once a day say of its standing; nothing of it need be kept between calls.
 * @param time  Unix ms, in order
 * @param total m³, never falling
 * @returns undefined while it moves, and while it may well move again
 */
export function standingRegister(
  time: ArrayLike<number>,
  total: ArrayLike<number>,
  home: boolean,
): LowFlowFinding | undefined {
  const last = time.length - 1
  if (last < 1 || total[last] !== total[last - 1]) return undefined
  const dead = new DeadMeter(home)
  for (let i = 1; i <= last; i++)
    dead.take({
      from: time[i - 1] as number,
      to: time[i] as number,
      advanceM3: (total[i] as number) - (total[i - 1] as number),
      fault: 'none',
    })
  return dead.lasting
}
