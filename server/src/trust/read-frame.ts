import type { Malformed, Report } from '@gastwin/twin'
import { CONTENT_FORMAT, type DeviceLookup, decodeReport } from '../protocol/index.ts'
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
  const step = trust.hasSteps ? trust.stepOf(device, sourceOf(source)) : 'none'
  if (step === 'isolate' || step === 'offline') return refused(report, `the terminal is at step ${step}`)
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
