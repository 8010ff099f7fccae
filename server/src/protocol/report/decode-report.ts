import type { Malformed, Report } from '@gastwin/twin'
import { malformed } from '../bytes/malformed.ts'
import { decodeCat1Report } from '../cat1/report.ts'
import { decodeCborReport } from '../cbor/report.ts'
import { decodeCjt188Report } from '../cjt188/report.ts'
import { decodeDlt645Report } from '../dlt645/report.ts'
import { CONTENT_FORMAT, type DeviceLookup } from './lookup.ts'

/**
 * Reads the payload of `POST /r` or `POST /reg`: bytes and what the archive knows about the device in, a report in SI units out.
 * @param contentFormat CoAP Content-Format; every other than those of CONTENT_FORMAT is `unsupported`
 * @returns a `Malformed` for anything that cannot be read; it never throws on input
 */
export function decodeReport(contentFormat: number, payload: Uint8Array, lookup: DeviceLookup): Report | Malformed {
  switch (contentFormat) {
    case CONTENT_FORMAT.CBOR:
      return decodeCborReport(payload)
    case CONTENT_FORMAT.CJT188:
      return decodeCjt188Report(payload, false, lookup)
    case CONTENT_FORMAT.CJT188_SM4:
      return decodeCjt188Report(payload, true, lookup)
    case CONTENT_FORMAT.DLT645:
      return decodeDlt645Report(payload, lookup)
    case CONTENT_FORMAT.CAT1:
      return decodeCat1Report(payload, lookup)
    default:
      return malformed('unsupported', 0, `content format ${contentFormat} is not spoken here`)
  }
}
