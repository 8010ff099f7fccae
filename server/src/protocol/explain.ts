import { explainCbor } from './cbor/explain.ts'
import type { CipherProfile } from './cjt188/cipher.ts'
import { explainCjt188 } from './cjt188/explain.ts'
import type { StatusProfile } from './cjt188/status-word.ts'
import { explainCoap } from './coap/explain.ts'
import { parseMessage } from './coap/message.ts'
import type { Explanation } from './report/explanation.ts'
import { CONTENT_FORMAT } from './report/lookup.ts'

/** What helps to read further: a key for encrypted data fields, a maker's status word. */
export interface ExplainOptions {
  readonly key?: Uint8Array
  readonly cipher?: CipherProfile
  readonly statusProfile?: StatusProfile
}

/**
 * Any supported frame, field by field: a CoAP datagram with what it carries, CJ/T 188 frames, or a CBOR message of the profile.
 * What it is, is told from the bytes: a frame starts with FE or 68, a CoAP datagram with version 1, a CBOR message with a map.
 * Offsets count from the first byte given. Bytes that fit nothing come back as one field that says why.
 */
export function explainFrame(bytes: Uint8Array, options: ExplainOptions = {}): Explanation {
  const first = bytes[0] ?? 0
  if (first === 0xfe || first === 0x68) {
    // 68 is also a CoAP acknowledgement with a token of 8 bytes; a frame has its sum, so it goes first.
    const frames = explainCjt188(bytes, options)
    if (!frames.problem) return frames
    const opened = options.key ? explainCjt188(bytes, { ...options, sealed: true }) : frames
    if (!opened.problem) return opened
    const datagram = first === 0x68 ? explainDatagram(bytes, options) : frames
    return datagram.problem ? frames : datagram
  }
  return first >> 6 === 1 ? explainDatagram(bytes, options) : explainCbor(bytes)
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

function explainPayload(contentFormat: number, payload: Uint8Array, options: ExplainOptions): Explanation | undefined {
  if (contentFormat === CONTENT_FORMAT.CBOR) return explainCbor(payload)
  if (contentFormat === CONTENT_FORMAT.CJT188) return explainCjt188(payload, options)
  return contentFormat === CONTENT_FORMAT.CJT188_SM4 ? explainCjt188(payload, { ...options, sealed: true }) : undefined
}
