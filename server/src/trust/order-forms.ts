import { type AnswerForms, answerForms, type DeviceLookup } from '../protocol/index.ts'
import { allows } from './cipher-policy.ts'
import { type FrameSource, isSealed, sourceOf } from './read-frame.ts'
import { formatInside } from './sealed-frame.ts'
import type { TrustBook } from './trust-book.ts'

/** What may ride on the answer to a report: an order in a form that the device's policy forbids waits for another report. */
export function orderForms(trust: TrustBook, lookup: DeviceLookup, source: FrameSource, device: number): AnswerForms {
  const forms = answerForms(formatInside(source), device, lookup)
  const { command } = trust.policyOf(device, lookup.profileOf?.(device)?.policy)
  // Who is observed may be an impostor: an order that he swallows would count as told.
  const isWatched = trust.hasActs && trust.stepOf(device, sourceOf(source)) === 'observe'
  const hidden = isSealed(source.contentFormat) || (command === 'cipher' && source.proven !== undefined)
  const mayOrder = allows(command, hidden) && !isWatched
  return mayOrder ? forms : { ...forms, close: false, parameter: false }
}
