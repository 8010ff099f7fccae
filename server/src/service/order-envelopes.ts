import { ORDER_IN_CLEAR, type OrderEnvelope } from '../command/valve-client.ts'
import { CONTENT_FORMAT } from '../protocol/index.ts'
import { OrderNumbers, openTaken, orderForm, sealOrder } from '../trust/sealed-frame.ts'
import type { TrustBook } from '../trust/trust-book.ts'

/**
 * How orders travel to actuators that serve requests: under the seal of their session where they have one, in clear where they never
 * had and no policy forbids it.
 * @param now the platform's clock, Unix ms
 * @returns asked before each try, since sessions change; undefined when a seal is due and there is no session
 */
export function orderEnvelopes(trust: TrustBook, now: () => number): (device: number) => OrderEnvelope | undefined {
  const numbers = new OrderNumbers()
  return (device) => {
    const form = orderForm(device, trust)
    if (form?.key === undefined) return form && ORDER_IN_CLEAR
    const { key } = form
    let number = -1
    return {
      contentFormat: CONTENT_FORMAT.SEALED,
      wrap: (request) => {
        number = numbers.next(device, now())
        return sealOrder(device, number, request, key)
      },
      unwrap: (reply) => {
        const taken = openTaken(device, reply, key)
        return taken?.counter === number ? taken.payload : undefined
      },
      refused: (reply) => {
        const newest = openTaken(device, reply, key)?.counter
        if (newest !== undefined) numbers.taken(device, newest)
      },
    }
  }
}
