import { type Malformed, UsageError } from '@gastwin/twin'
import { malformed } from '../bytes/malformed.ts'
import { decodeCat1Answer, encodeCat1Answer } from '../cat1/answer.ts'
import { decodeCborAnswer, encodeCborAnswer } from '../cbor/answer.ts'
import { decodeCjt188Answer, encodeCjt188Answer } from '../cjt188/answer.ts'
import { decodeDlt645Answer, encodeDlt645Answer } from '../dlt645/answer.ts'
import type { DeviceAnswer } from './answer.ts'
import { CONTENT_FORMAT, type DeviceLookup } from './lookup.ts'

/**
 * The payload of the answer to a report, in the device's own language: the clock, and the next queued command.
 * A command that has no form in the device's language is left out: `answerForms` says which.
 * @throws UsageError PRT_ENCODE when the format is not known, or no key is known for a device that encrypts
 */
export function encodeAnswer(contentFormat: number, answer: DeviceAnswer, lookup: DeviceLookup): Uint8Array {
  switch (contentFormat) {
    case CONTENT_FORMAT.CBOR:
      return encodeCborAnswer(answer)
    case CONTENT_FORMAT.CJT188:
      return encodeCjt188Answer(answer, false, lookup)
    case CONTENT_FORMAT.CJT188_SM4:
      return encodeCjt188Answer(answer, true, lookup)
    case CONTENT_FORMAT.DLT645:
      return encodeDlt645Answer(answer)
    case CONTENT_FORMAT.CAT1:
      return encodeCat1Answer(answer)
    default:
      throw new UsageError('PRT_ENCODE', `content format ${contentFormat} is not spoken here`)
  }
}

/** What an answer can say in the language of a report: what it cannot is not on the wire, and must not count as sent. */
export interface AnswerForms {
  readonly clock: boolean
  readonly close: boolean
  readonly parameter: boolean
}

const EVERYTHING: AnswerForms = { clock: true, close: true, parameter: true }
const CLOCK_AND_CLOSE: AnswerForms = { clock: true, close: true, parameter: false }
const CLOCK: AnswerForms = { clock: true, close: false, parameter: false }
const CLOSE: AnswerForms = { clock: false, close: true, parameter: false }
const NOTHING: AnswerForms = { clock: false, close: false, parameter: false }

/** What the answer to a report of this device in this format can carry. */
export function answerForms(contentFormat: number, device: number, lookup: DeviceLookup): AnswerForms {
  switch (contentFormat) {
    case CONTENT_FORMAT.CBOR:
      return EVERYTHING
    case CONTENT_FORMAT.CJT188:
    case CONTENT_FORMAT.CJT188_SM4:
      return lookup.profileOf?.(device)?.extension === false ? CLOCK_AND_CLOSE : EVERYTHING
    case CONTENT_FORMAT.DLT645:
      return CLOCK
    case CONTENT_FORMAT.CAT1:
      return CLOSE
    default:
      return NOTHING
  }
}

/** How many bits of a command's number come back in reports of this format. */
export const commandIdBits = (contentFormat: number): 16 | 32 => (contentFormat === CONTENT_FORMAT.CAT1 ? 16 : 32)

/** Mirror of `encodeAnswer`: what the device reads. The CBOR form does not name the device, which becomes −1. */
export function decodeAnswer(
  contentFormat: number,
  payload: Uint8Array,
  lookup: DeviceLookup,
): DeviceAnswer | Malformed {
  switch (contentFormat) {
    case CONTENT_FORMAT.CBOR:
      return decodeCborAnswer(payload)
    case CONTENT_FORMAT.CJT188:
      return decodeCjt188Answer(payload, false, lookup)
    case CONTENT_FORMAT.CJT188_SM4:
      return decodeCjt188Answer(payload, true, lookup)
    case CONTENT_FORMAT.DLT645:
      return decodeDlt645Answer(payload)
    case CONTENT_FORMAT.CAT1:
      return decodeCat1Answer(payload)
    default:
      return malformed('unsupported', 0, `content format ${contentFormat} is not spoken here`)
  }
}
