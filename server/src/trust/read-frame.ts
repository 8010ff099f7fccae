import type { Malformed, MalformedReason, Report } from '@gastwin/twin'
import type { DatagramResource } from '../log/datagram-entry.ts'
import { COAP_CODE, CONTENT_FORMAT, type DeviceLookup, decodeReport } from '../protocol/index.ts'
import { allows, kindOfReport } from './cipher-policy.ts'
import { unseal } from './sealed-frame.ts'
import type { TrustBook } from './trust-book.ts'

/** A datagram as far as reading it goes. */
export interface FrameSource {
  readonly contentFormat: number
  readonly payload: Uint8Array
  readonly address: string
  readonly port: number
  /** `repeated`: its seal was good, and it was said before. */
  readonly resource?: DatagramResource
  /** Who has proven to speak below CoAP, and for which devices it may speak; undefined in the clear. */
  readonly proven?: { readonly identity: string; readonly devices: readonly number[] }
}

/** A report that can be read and is not believed: kept with the reason, counted nowhere. */
export interface RefusedReport extends Malformed {
  readonly reason: 'refused'
  readonly report: Report
  /** It did not come by the way by which what its concentrator reads comes. */
  readonly stray?: boolean
  /** Why, where that says more of its sender than the form in which it came. */
  readonly repeated?: boolean
  /** Its sender has proven to be somebody who may not speak for the device. */
  readonly foreign?: boolean
}

export const isRefused = (content: Report | Malformed): content is RefusedReport => 'report' in content

/** Whether a frame was read, believed or not. */
export const isTold = (content: Report | Malformed): boolean => content.kind !== 'malformed' || isRefused(content)

export const sourceOf = ({ address, port }: Pick<FrameSource, 'address' | 'port'>): string => `${address}:${port}`
export const isSealed = (contentFormat: number): boolean =>
  contentFormat === CONTENT_FORMAT.CJT188_SM4 || contentFormat === CONTENT_FORMAT.SEALED

/** Whether a key that only its sender has vouches for a frame: the frame's own, or that of the transport. */
export const isVouched = ({ contentFormat, proven }: FrameSource): boolean =>
  proven !== undefined || isSealed(contentFormat)

/**
 * Reads a datagram as everybody who reads the log does: with the key, the policy and the steps that hold at its place.
 * @param lookup asks `trust` for keys
 */
export function readFrame(
  source: FrameSource,
  lookup: DeviceLookup,
  trust: TrustBook,
): Report | Malformed | RefusedReport {
  if (source.contentFormat === CONTENT_FORMAT.SEALED) return readSealed(source, lookup, trust)
  const { contentFormat, payload } = source
  const report = decodeReport(contentFormat, payload, lookup)
  if (report.kind === 'malformed') return report
  const { device } = report
  const from = sourceOf(source)
  const step = trust.hasActs ? trust.stepOf(device, from) : 'none'
  if (step === 'isolate' || step === 'offline') return refused(report, `the terminal is at step ${step}`)
  const wrong = checkTransport(source, report, trust)
  if (wrong !== undefined) return wrong
  // The proof of the transport stands where otherwise seal, source and way have to vouch.
  const unproven = source.proven === undefined ? checkWay(report, from, trust) : undefined
  if (unproven !== undefined) return unproven
  if (report.kind === 'concentrator') return report
  return checkForm(report, isSealed(contentFormat), lookup, trust, source.proven !== undefined)
}

function checkTransport({ proven }: FrameSource, report: Report, trust: TrustBook): RefusedReport | undefined {
  const { device } = report
  if (proven === undefined)
    return isSecureOnly(device, trust) ? refused(report, 'it is believed over DTLS only') : undefined
  const maySpeak =
    proven.devices.includes(device) ||
    (report.kind !== 'concentrator' && proven.devices.some((one) => trust.relays.mayBring(one, device, trust.at)))
  return maySpeak
    ? undefined
    : { ...refused(report, `identity ${proven.identity} may not speak for it`), foreign: true }
}

/** What only concentrators bring that are believed over DTLS only is not believed in the clear either. */
function isSecureOnly(device: number, trust: TrustBook): boolean {
  if (trust.secure.isEmpty) return false
  if (trust.secure.holds(device, trust.at)) return true
  const via = trust.relays.viaOf(device, trust.at)
  return via.length > 0 && via.every((number) => trust.secure.holds(number, trust.at))
}

/** By which way and in which form concentrators, and what they bring, may come in the clear. */
function checkWay(report: Report, from: string, trust: TrustBook): RefusedReport | undefined {
  const { device, kind } = report
  // Forged, what these say closes valves, or sends the order to close one elsewhere: alarms included.
  if (kind !== 'meter' && !mayBeClear(device, trust))
    return refused(report, `${kind} ${device} must speak under its seal`)
  if (kind !== 'meter' && kind !== 'concentrator') return undefined
  const stray = trust.relays.stray(device, kind, from, trust.at)
  if (stray !== undefined) return { ...refused(report, stray), stray: true }
  if (kind === 'concentrator') return undefined
  // An urgent alarm that only a seal would prove reaches people as one that nobody could believe.
  const relays = trust.relays.relaysAt(device, from, trust.at)
  return relays.length > 0 && !relays.some((relay) => mayBeClear(relay, trust))
    ? refused(report, `what concentrator ${relays.join(' or ')} brings must come under its seal`)
    : undefined
}

/** As a source: steps against an impostor at one source do not hold for who proves that he is none. */
const WHEREVER = ''

/** A seal proves whose session it is of, and the archive which meters that concentrator may bring: no address is asked. */
function readSealed(source: FrameSource, lookup: DeviceLookup, trust: TrustBook): Report | Malformed | RefusedReport {
  const inside = unseal(source.payload, trust)
  if ('kind' in inside) return inside
  const { sealedBy, contentFormat, payload } = inside
  const report = decodeReport(contentFormat, payload, lookup)
  if (report.kind === 'malformed') return report
  if (source.resource === 'repeated') return { ...refused(report, 'this was said before'), repeated: true }
  for (const device of trust.hasActs ? [sealedBy, report.device] : []) {
    const step = trust.stepOf(device, WHEREVER)
    if (step === 'isolate' || step === 'offline') return refused(report, `terminal ${device} is at step ${step}`)
  }
  const wrong = checkTransport(source, report, trust)
  if (wrong !== undefined) return wrong
  const isOwn = report.device === sealedBy
  if (report.kind !== 'meter' && !isOwn) return refused(report, `it came under the seal of ${sealedBy}`)
  if (!isOwn && !trust.relays.mayBring(sealedBy, report.device, trust.at))
    return { ...refused(report, `it does not stand behind concentrator ${sealedBy}`), stray: true }
  if (!allows(trust.policyOf(sealedBy, undefined).report, true))
    return refused(report, `what ${sealedBy} brings must come in clear`)
  if (report.kind !== 'meter') return report
  // The seal covers the way through strange networks: what a meter may say in clear or must encipher, it may say within.
  const rule = trust.policyOf(report.device, lookup.profileOf?.(report.device)?.policy)[kindOfReport(report.trigger)]
  return rule === 'cipher' ? report : checkForm(report, isSealed(contentFormat), lookup, trust)
}

const mayBeClear = (device: number, trust: TrustBook): boolean =>
  allows(trust.policyOf(device, undefined).report, false)

/** @param proven what cipher is wanted for, nobody reading along and nobody else speaking, the transport gives as well */
function checkForm(
  report: Report,
  sealed: boolean,
  lookup: DeviceLookup,
  trust: TrustBook,
  proven = false,
): Report | RefusedReport {
  const kind = kindOfReport(report.trigger)
  const rule = trust.policyOf(report.device, lookup.profileOf?.(report.device)?.policy)[kind]
  if (allows(rule, sealed) || (rule === 'cipher' && proven)) return report
  return refused(report, sealed ? `a ${kind} must come plain` : `a ${kind} must come as cipher text`)
}

const refused = (report: Report, detail: string): RefusedReport => ({
  kind: 'malformed',
  reason: 'refused',
  at: 0,
  detail,
  report,
})

/** A device that hears 4.01 makes its first contact again; one that hears 4.03 is not wanted in this form. */
const REFUSALS: Partial<Readonly<Record<MalformedReason, number>>> = {
  decrypt: COAP_CODE.UNAUTHORIZED,
  'no-key': COAP_CODE.UNAUTHORIZED,
  refused: COAP_CODE.FORBIDDEN,
}

/** CoAP code of the answer to a frame that is not taken. */
export const refusalCode = ({ reason }: Malformed): number => REFUSALS[reason] ?? COAP_CODE.BAD_REQUEST

/** Number of the device that a refused report is of; null when the frame could not be read. */
export const claimant = (content: Malformed): string | null =>
  isRefused(content) ? String(content.report.device) : null
