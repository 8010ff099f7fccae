import type { IsolationPlan, Proof, Shutoff } from '@gastwin/twin'
import type { CityState } from '../pipeline/city-state.ts'
import { type ProofWitnesses, proofOf, witnessesOf } from './flow-proof.ts'

interface Watched {
  readonly witnesses: ProofWitnesses
  readonly closedAt: number
  readonly leaking: boolean
  told: number
}

/** Looks, after each batch, whether the gas of closed shut-offs really stopped. */
export class ProofWatch {
  readonly #city: CityState
  readonly #tell: (shutoff: string, stopped: boolean, proof: Proof) => void
  readonly #watched = new Map<string, Watched>()

  constructor(city: CityState, tell: (shutoff: string, stopped: boolean, proof: Proof) => void) {
    this.#city = city
    this.#tell = tell
  }

  watch(shutoff: Shutoff, plan: IsolationPlan, now: number): void {
    const confirmed = shutoff.valves.map((v) => v.confirmedAt ?? 0)
    const witnesses = witnessesOf(this.#city.network, this.#city.fleet, plan)
    this.#watched.set(shutoff.id, {
      witnesses,
      closedAt: Math.max(0, ...confirmed) || now,
      leaking: shutoff.cause.kind === 'detection',
      told: 0,
    })
  }

  /** Tells a proof once a minute of event time until it stands. */
  look(now: number): void {
    for (const [id, watched] of this.#watched) {
      const result = proofOf(this.#city.fleet, watched.witnesses, watched.closedAt, watched.leaking, now)
      if (result === undefined || (!result.stopped && now - watched.told < 60_000)) continue
      watched.told = now
      if (result.stopped) this.#watched.delete(id)
      this.#tell(id, result.stopped, result.proof)
    }
  }
}
