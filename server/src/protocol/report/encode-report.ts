import { type Report, UsageError } from '@gastwin/twin'
import { encodeCat1Report } from '../cat1/encode-report.ts'
import { encodeCborReport } from '../cbor/encode-report.ts'
import { encodeCjt188Report } from '../cjt188/encode-report.ts'
import { encodeDlt645Report } from '../dlt645/encode-report.ts'
import { CONTENT_FORMAT, type DeviceLookup } from './lookup.ts'

/**
 * Mirror of `decodeReport`: what a device sends.
 * @throws UsageError PRT_ENCODE when the report has no place in the format, or the format is not known
 */
export function encodeReport(contentFormat: number, report: Report, lookup: DeviceLookup): Uint8Array {
  switch (contentFormat) {
    case CONTENT_FORMAT.CBOR:
      return encodeCborReport(report)
    case CONTENT_FORMAT.CJT188:
      return encodeCjt188Report(report, false, lookup)
    case CONTENT_FORMAT.CJT188_SM4:
      return encodeCjt188Report(report, true, lookup)
    case CONTENT_FORMAT.DLT645:
      return encodeDlt645Report(report)
    case CONTENT_FORMAT.CAT1:
      return encodeCat1Report(report, lookup)
    default:
      throw new UsageError('PRT_ENCODE', `content format ${contentFormat} is not spoken here`)
  }
}
