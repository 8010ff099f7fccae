/** Handshake messages and the fragments in which they travel. @source RFC 6347 §4.2.2, RFC 5246 §7.4 */
export const HANDSHAKE = {
  helloRequest: 0,
  clientHello: 1,
  serverHello: 2,
  helloVerifyRequest: 3,
  serverHelloDone: 14,
  clientKeyExchange: 16,
  finished: 20,
} as const

export const MESSAGE_HEADER = 12

/** A whole message. */
export interface HandshakeMessage {
  readonly type: number
  /** message_seq: ordinal in the handshake. */
  readonly ordinal: number
  readonly body: Buffer
}

/** A part of a message, or all of it. */
export interface HandshakeFragment {
  readonly type: number
  readonly ordinal: number
  /** Length of the whole message, bytes. */
  readonly length: number
  readonly offset: number
  readonly part: Buffer
}

/** The fragments in the plaintext of one record; undefined when it is not made of fragments. */
export function readFragments(plain: Buffer): readonly HandshakeFragment[] | undefined {
  const found: HandshakeFragment[] = []
  let at = 0
  while (at < plain.length) {
    if (at + MESSAGE_HEADER > plain.length) return undefined
    const length = plain.readUIntBE(at + 1, 3)
    const offset = plain.readUIntBE(at + 6, 3)
    const bytes = plain.readUIntBE(at + 9, 3)
    const end = at + MESSAGE_HEADER + bytes
    if (end > plain.length || offset + bytes > length) return undefined
    found.push({
      ...{ type: plain[at] ?? 0, ordinal: plain.readUInt16BE(at + 4), length, offset },
      part: plain.subarray(at + MESSAGE_HEADER, end),
    })
    at = end
  }
  return found
}

/** A fragment as the plaintext of a record. */
function writeFragment({ type, ordinal, body }: HandshakeMessage, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(MESSAGE_HEADER + length)
  bytes[0] = type
  bytes.writeUIntBE(body.length, 1, 3)
  bytes.writeUInt16BE(ordinal, 4)
  bytes.writeUIntBE(offset, 6, 3)
  bytes.writeUIntBE(length, 9, 3)
  body.copy(bytes, MESSAGE_HEADER, offset, offset + length)
  return bytes
}

/** A message as one fragment: so it enters the hash of the handshake, however it travelled. */
export const wholeMessage = (message: HandshakeMessage): Buffer => writeFragment(message, 0, message.body.length)

/** A message as plaintexts of records that each hold at most so many bytes of it. */
export function writeFragments(message: HandshakeMessage, mostBytes: number): readonly Buffer[] {
  const { length } = message.body
  if (length <= mostBytes) return [wholeMessage(message)]
  const parts: Buffer[] = []
  for (let at = 0; at < length; at += mostBytes)
    parts.push(writeFragment(message, at, Math.min(mostBytes, length - at)))
  return parts
}
