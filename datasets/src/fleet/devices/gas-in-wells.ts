import type { Network } from '@gastwin/twin'
import type { CityPhysics } from '../physics/city-physics.ts'
import type { Leak } from '../physics/leak.ts'

const M_PER_DEGREE = 111_000
/** Gas in the ground reaches a well from this far, m. */
const REACH_M = 70
const FILL_MS = 150_000
const CLEAR_MS = 2_400_000
/** A leak of this much fills a well beyond the explosive limit, kg/s. */
const FILLING_KG_S = 0.01

/** Concentration of gas in valve wells near leaks, as a share of the lower explosive limit. */
export class GasInWells {
  readonly #physics: CityPhysics
  readonly #leaks: readonly { readonly leak: Leak; readonly hole: number }[]
  readonly #network: Network

  constructor(physics: CityPhysics, leaks: readonly Leak[], holes: readonly number[]) {
    this.#physics = physics
    this.#network = physics.network
    this.#leaks = leaks.map((leak, k) => ({ leak, hole: holes[k] ?? -1 }))
  }

  /** @param at Unix ms */
  lel(node: number, at: number): number {
    let sum = 0
    this.#leaks.forEach(({ leak, hole }, k) => {
      const metres = this.#metres(node, hole)
      if (at < leak.from || metres > REACH_M) return
      const began = leak.from + 600 * metres
      const filled = 1 - Math.exp(-Math.max(0, Math.min(at, leak.mendedAt) - began) / FILL_MS)
      const left = at > leak.mendedAt ? Math.exp(-(at - leak.mendedAt) / CLEAR_MS) : 1
      const strength = at > leak.mendedAt ? 1 : Math.min(1, (this.#physics.leakFlow[k] ?? 0) / FILLING_KG_S)
      sum += 1.3 * filled * left * Math.max(strength, 0.3 * filled) * Math.exp(-metres / 50)
    })
    return sum
  }

  #metres(a: number, b: number): number {
    const { lon, lat } = this.#network.nodes
    const dy = (lat[a] ?? 0) - (lat[b] ?? 0)
    const dx = ((lon[a] ?? 0) - (lon[b] ?? 0)) * Math.cos(((lat[a] ?? 0) * Math.PI) / 180)
    return Math.hypot(dx, dy) * M_PER_DEGREE
  }
}
