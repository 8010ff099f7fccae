import { allows } from './cipher-policy.ts'
import { orderForm } from './sealed-frame.ts'
import type { TrustBook } from './trust-book.ts'

type Belief = 'session' | 'transport' | 'address' | 'nothing'

/** By what a concentrator or RTU is believed: its seal, a proof of the transport, the address from which it speaks, or by nothing since its session was ended. */
export function beliefIn(device: number, trust: TrustBook): Belief {
  if (allows(trust.policyOf(device, undefined).report, false))
    return trust.secure.holds(device, trust.at) ? 'transport' : 'address'
  return trust.sessionOf(device)?.key === undefined ? 'nothing' : 'session'
}

/** How many are believed by what. */
export function beliefs(devices: Iterable<number>, trust: TrustBook): Record<Belief, number> {
  const counts = { session: 0, transport: 0, address: 0, nothing: 0 }
  for (const number of devices) counts[beliefIn(number, trust)]++
  return counts
}

/** How orders leave for actuators that serve requests: under a seal, in clear, or not at all since their session was ended. */
export function orderWays(
  actuators: Iterable<number>,
  trust: TrustBook,
): Record<'sealed' | 'clear' | 'nothing', number> {
  const counts = { sealed: 0, clear: 0, nothing: 0 }
  for (const device of actuators) {
    const form = orderForm(device, trust)
    counts[form === undefined ? 'nothing' : form.key === undefined ? 'clear' : 'sealed']++
  }
  return counts
}
