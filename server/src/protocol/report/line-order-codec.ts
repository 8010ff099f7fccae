import { type Malformed, UsageError } from '@gastwin/twin'
import { concatBytes } from '../bytes/concat.ts'
import { malformed } from '../bytes/malformed.ts'
import { answersWrite, lineOrderFrames as cjt188Frames } from '../cjt188/line-orders.ts'
import { answersOrder, lineOrderFrames as dlt645Frames } from '../dlt645/line-orders.ts'
import type { LineMeterAddress, LineOrder, LineTerms, NoForm } from './line-order.ts'

/**
 * The frames of an order in the meter's own protocol, as they go over the line.
 * @returns why there is none when the protocol has no form for it
 */
export function encodeLineOrder(order: LineOrder, meter: LineMeterAddress, terms: LineTerms): Uint8Array | NoForm {
  try {
    const frames = meter.protocol === 'dlt645' ? dlt645Frames(order, meter, terms) : cjt188Frames(order, meter, terms)
    return 'why' in frames ? frames : concatBytes(frames)
  } catch (error) {
    if (error instanceof UsageError) return { why: error.message }
    throw error
  }
}

/** What a meter answered to the frames of an order: whether it took it. */
export function readLineAnswer(meter: LineMeterAddress, answer: Uint8Array): 'taken' | 'refused' | Malformed {
  if (answer.length === 0) return malformed('truncated', 0, 'no answer of the meter')
  return meter.protocol === 'dlt645' ? answersOrder(meter.number, answer) : answersWrite(meter.number, answer)
}
