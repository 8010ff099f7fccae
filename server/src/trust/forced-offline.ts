import { peekDevice } from '../protocol/index.ts'
import { type FrameSource, sourceOf } from './read-frame.ts'
import type { TrustBook } from './trust-book.ts'

/** Whether a datagram is of a terminal that was forced offline: told from its outside, before anything is done for it. */
export function isForcedOffline(trust: TrustBook, source: FrameSource): boolean {
  if (!trust.hasOffline) return false
  const device = peekDevice(source.contentFormat, source.payload)
  return device > 0 && trust.stepOf(device, sourceOf(source)) === 'offline'
}
