import type { Malformed, MalformedReason, Report } from '@gastwin/twin'
import { COAP_CODE, CONTENT_FORMAT, type DeviceLookup, decodeReport } from '../protocol/index.ts'
import { allows, kindOfReport } from './cipher-policy.ts'
import type { TrustBook } from './trust-book.ts'

/** A datagram as far as reading it goes. */
export interface FrameSource {
  readonly contentFormat: number
  readonly payload: Uint8Array
  readonly address: string
  readonly port: number
}

/** A report that can be read and is not believed: kept with the reason, counted nowhere. */
export interface RefusedReport extends Malformed {
  readonly reason: 'refused'
  readonly report: Report
  /** It did not come by the way by which what its concentrator reads comes. */
  readonly stray?: boolean
}

export const isRefused = (content: Report | Malformed): content is RefusedReport => 'report' in content

export const sourceOf = ({ address, port }: Pick<FrameSource, 'address' | 'port'>): string => `${address}:${port}`
export const isSealed = (contentFormat: number): boolean => contentFormat === CONTENT_FORMAT.CJT188_SM4

/**
 * Reads a datagram as everybody who reads the log does: with the key, the policy and the steps that hold at its place.
 * @param lookup asks `trust` for keys
 */
export function readFrame(
  source: FrameSource,
  lookup: DeviceLookup,
  trust: TrustBook,
): Report | Malformed | RefusedReport {
  const { contentFormat, payload } = source
  const report = decodeReport(contentFormat, payload, lookup)
  if (report.kind === 'malformed') return report
  const { device } = report
  const step = trust.hasActs ? trust.stepOf(device, sourceOf(source)) : 'none'
  if (step === 'isolate' || step === 'offline') return refused(report, `the terminal is at step ${step}`)
  if (report.kind === 'meter' || report.kind === 'concentrator') {
    const stray = trust.relays.stray(device, report.kind, sourceOf(source), trust.at)
    if (stray !== undefined) return { ...refused(report, stray), stray: true }
  }
  const sealed = isSealed(contentFormat)
  const kind = kindOfReport(report.trigger)
  const rule = trust.policyOf(device, lookup.profileOf?.(device)?.policy)[kind]
  if (allows(rule, sealed)) return report
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
