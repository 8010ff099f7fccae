import { allows } from './cipher-policy.ts'
import type { TrustBook } from './trust-book.ts'

type Belief = 'session' | 'transport' | 'address' | 'nothing'

/** By what a concentrator is believed: its seal, a proof of the transport, the address from which it speaks, or by nothing since its session was ended. */
export function beliefIn(concentrator: number, trust: TrustBook): Belief {
  if (allows(trust.policyOf(concentrator, undefined).report, false))
    return trust.secure.holds(concentrator, trust.at) ? 'transport' : 'address'
  return trust.sessionOf(concentrator)?.key === undefined ? 'nothing' : 'session'
}

/** How many concentrators are believed by what. */
export function beliefs(concentrators: Iterable<number>, trust: TrustBook): Record<Belief, number> {
  const counts = { session: 0, transport: 0, address: 0, nothing: 0 }
  for (const number of concentrators) counts[beliefIn(number, trust)]++
  return counts
}
