import { type Alarm, type FrameOrigin, type Suspicion, TERMINAL_STEPS } from '@gastwin/analytics'
import type { Malformed } from '@gastwin/twin'
import { CONTENT_FORMAT, peekDevice } from '../protocol/index.ts'
import { type FrameSource, isRefused, isSealed, isVouched, type RefusedReport, sourceOf } from '../trust/read-frame.ts'
import type { TrustBook } from '../trust/trust-book.ts'
import type { CityState } from './city-state.ts'

const ISOLATE = TERMINAL_STEPS.indexOf('isolate')

export const originOf = (source: FrameSource): FrameOrigin => ({
  ...{ address: source.address, port: source.port, sealed: isVouched(source) },
})

/** The device that a frame claims to be of; 0 when it cannot be told. */
export const claimedDevice = ({ contentFormat, payload }: FrameSource): number =>
  contentFormat === CONTENT_FORMAT.CONTACT ? 0 : Math.max(0, peekDevice(contentFormat, payload))

function signOf({ foreign, repeated, stray }: RefusedReport): Suspicion {
  if (foreign === true) return 'foreign_identity'
  if (repeated === true) return 'replayed'
  return stray === true ? 'stray_route' : 'plain_refused'
}

/**
 * What a frame that was not taken says of its sender, and what of it must reach people; the same live and read again from the log.
 * @returns alarms that changed
 */
export function noteUntaken(
  city: CityState,
  trust: TrustBook,
  source: FrameSource,
  content: Malformed,
  receivedAt: number,
): readonly Alarm[] {
  const origin = originOf(source)
  // Where a concentrator speaks from, noise may be forged: its source is looked at, and never shut out by it.
  const isSource = trust.relays.isSource(sourceOf(source))
  if (isRefused(content)) {
    // Whoever plays a sealed message back had it from the wire: the meter in it has no part in that.
    const device = content.repeated === true ? claimedDevice(source) : content.report.device
    const isKnown = isSource || provesItself(device, city, trust)
    const step = TERMINAL_STEPS.indexOf(trust.stepOf(device, sourceOf(source)))
    const code = step >= ISOLATE ? 'knocking' : signOf(content)
    city.hostile.noteRefused(device, city.fleet.slotOf(device), origin, code, receivedAt, isKnown)
    // Who has proven to be one device and speaks for another is to be looked at himself.
    const liar = content.foreign === true ? (source.proven?.devices[0] ?? 0) : 0
    if (liar > 0) city.hostile.noteRefused(liar, city.fleet.slotOf(liar), origin, 'foreign_identity', receivedAt)
    // An alarm that is played back called people when it was said.
    return content.repeated === true ? [] : city.takeRefused(content.report, receivedAt)
  }
  const device = claimedDevice(source)
  const code = isSealed(source.contentFormat) ? 'undecryptable' : 'unreadable'
  const isKnown = isSource || provesItself(device, city, trust)
  if (device > 0) city.hostile.noteRefused(device, city.fleet.slotOf(device), origin, code, receivedAt, isKnown)
  return []
}

/** Instruments and actuators that seal all they say lose nothing to noise in their name: to be shut out by it they would. */
function provesItself(device: number, city: CityState, trust: TrustBook): boolean {
  const kind = city.fleet.columns.kind[city.fleet.slotOf(device)] ?? 0
  return kind !== 0 && trust.sessionOf(device)?.key !== undefined
}
