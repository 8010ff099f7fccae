import { explainCat1 } from './cat1/explain.ts'
import { explainCbor } from './cbor/explain.ts'
import type { CipherProfile } from './cjt188/cipher.ts'
import { explainCjt188 } from './cjt188/explain.ts'
import { explainCoap } from './coap/explain.ts'
import { parseMessage } from './coap/message.ts'
import { explainDlt645 } from './dlt645/explain.ts'
import type { ProfileProtocol, VendorProfile } from './profile/vendor-profile.ts'
import type { StatusProfile } from './record/status-word.ts'
import type { Explanation } from './report/explanation.ts'
import { CONTENT_FORMAT } from './report/lookup.ts'
import { explainSealed } from './sealed/explain.ts'
import { peekSealed } from './sealed/sealed-message.ts'

/** What helps to read further: a key for encrypted data fields, a maker's status word, or all that is known of the maker. */
export interface ExplainOptions {
  readonly key?: Uint8Array
  readonly cipher?: CipherProfile
  readonly statusProfile?: StatusProfile
  /** Names the protocol too: frames of no other are tried. */
  readonly profile?: VendorProfile
  /** Keys of those who seal what others say. */
  readonly keyOf?: (device: number) => Uint8Array | undefined
}

type Family = 'cjt188' | 'dlt645' | 'cat1'
const FAMILY_OF: Readonly<Record<ProfileProtocol, Family>> = {
  cjt188: 'cjt188',
  'dlt645-2007': 'dlt645',
  'dlt645-1997': 'dlt645',
  cat1: 'cat1',
}

/**
 * Any supported frame, field by field: a CoAP datagram with what it carries, CJ/T 188, DL/T 645 or CAT-1 frames, or a CBOR message
 * of the profile. What it is, is told from the bytes: a frame starts with FE or 68 and only one layout fits its length, sum and
 * end; a CoAP datagram starts with version 1, a CBOR message with a map.
 * Offsets count from the first byte given. Bytes that fit nothing come back as one field that says why.
 */
export function explainFrame(bytes: Uint8Array, options: ExplainOptions = {}): Explanation {
  const first = bytes[0] ?? 0
  if (first === 0xfe || first === 0x68) {
    // 68 is also a CoAP acknowledgement with a token of 8 bytes; a frame has its sum, so it goes first.
    const frames = explainFrames(bytes, options)
    if (!frames.problem) return frames
    const datagram = first === 0x68 ? explainDatagram(bytes, options) : frames
    return datagram.problem ? frames : datagram
  }
  return first >> 6 === 1 ? explainDatagram(bytes, options) : explainCbor(bytes)
}

/** The first layout that fits without a problem; without one, the layout that the second 68 or the profile speaks for. */
function explainFrames(bytes: Uint8Array, options: ExplainOptions): Explanation {
  const { profile } = options
  const wanted = profile && FAMILY_OF[profile.protocol]
  const likely = wanted ?? (hasSecondStart(bytes) ? 'dlt645' : 'cjt188')
  const order: Family[] = wanted ? [wanted] : ['cjt188', 'dlt645', 'cat1']
  let best: Explanation | undefined
  for (const family of order) {
    const explained = explainAs(family, bytes, options)
    if (!explained.problem) return explained
    if (family === likely) best = explained
  }
  if (likely === 'cjt188' && options.key) {
    const opened = explainCjt188(bytes, { ...options, sealed: true })
    if (!opened.problem) return opened
  }
  return best ?? explainAs(likely, bytes, options)
}

function explainAs(family: Family, bytes: Uint8Array, options: ExplainOptions): Explanation {
  if (family === 'dlt645') return explainDlt645(bytes, options.profile)
  return family === 'cat1' ? explainCat1(bytes, options.profile) : explainCjt188(bytes, options)
}

function hasSecondStart(bytes: Uint8Array): boolean {
  let at = 0
  while (bytes[at] === 0xfe) at++
  return bytes[at + 7] === 0x68
}

function explainDatagram(bytes: Uint8Array, options: ExplainOptions): Explanation {
  const message = parseMessage(bytes)
  const explained = explainCoap(bytes)
  if (message.kind === 'malformed' || message.payload.length === 0) return explained
  const inside = explainPayload(message.contentFormat, message.payload, options)
  if (!inside) return explained
  const shift = bytes.length - message.payload.length
  return {
    format: `${explained.format}, ${inside.format}`,
    fields: [
      ...explained.fields.slice(0, -1),
      ...inside.fields.map((field) => ({ ...field, offset: field.offset + shift })),
    ],
    ...(inside.problem !== undefined && { problem: inside.problem }),
  }
}

/** A payload whose content format is known; undefined for formats that carry nothing of ours. */
export function explainPayload(
  contentFormat: number,
  payload: Uint8Array,
  options: ExplainOptions,
): Explanation | undefined {
  switch (contentFormat) {
    case CONTENT_FORMAT.CBOR:
      return explainCbor(payload)
    case CONTENT_FORMAT.CJT188:
      return explainCjt188(payload, options)
    case CONTENT_FORMAT.CJT188_SM4:
      return explainCjt188(payload, { ...options, sealed: true })
    case CONTENT_FORMAT.DLT645:
      return explainDlt645(payload, options.profile)
    case CONTENT_FORMAT.CAT1:
      return explainCat1(payload, options.profile)
    case CONTENT_FORMAT.SEALED: {
      const key = options.keyOf?.(peekSealed(payload)?.device ?? -1)
      return explainSealed(payload, key, (format, inside) =>
        format === CONTENT_FORMAT.SEALED ? undefined : explainPayload(format, inside, options),
      )
    }
    default:
      return undefined
  }
}
