/**
 * Records of DTLS 1.2 as they stand in a datagram:
 * ```
 * 0  u8   content type
 * 1  u16  version: 254.253, in a first ClientHello also 254.255
 * 3  u16  epoch
 * 5  u48  sequence number
 * …       connection id, only in records of type tls12_cid
 * …  u16  length, then the fragment
 * ```
 * @source RFC 6347 §4.1; RFC 9146 §4
 */
export const CONTENT = { changeCipherSpec: 20, alert: 21, handshake: 22, application: 23, connectionId: 25 } as const

export const DTLS_1_2 = 0xfefd
export const DTLS_1_0 = 0xfeff
const PLAIN_HEADER = 13
/** Sequence numbers end here; an epoch that reached it is over. */
export const LAST_SEQUENCE = 2 ** 48 - 1

/** One record; `fragment` and `cid` are views of the datagram. */
export interface DtlsRecord {
  readonly type: number
  readonly version: number
  readonly epoch: number
  readonly sequence: number
  /** The connection id that it names; undefined in records of other types. */
  readonly cid: Buffer | undefined
  readonly fragment: Buffer
}

/**
 * The records of a datagram up to the first that is none: what stands behind a broken length cannot be told.
 * @param cidLength bytes of the connection ids that this side gives out
 */
export function readRecords(datagram: Buffer, cidLength: number): readonly DtlsRecord[] {
  const records: DtlsRecord[] = []
  for (let at = 0; at + PLAIN_HEADER <= datagram.length; ) {
    const type = datagram[at] ?? 0
    const named = type === CONTENT.connectionId ? cidLength : 0
    const body = at + PLAIN_HEADER + named
    if (body > datagram.length) break
    const version = datagram.readUInt16BE(at + 1)
    const length = datagram.readUInt16BE(body - 2)
    if (version >> 8 !== 0xfe || length === 0 || body + length > datagram.length) break
    records.push({
      ...{ type, version, epoch: datagram.readUInt16BE(at + 3), sequence: datagram.readUIntBE(at + 5, 6) },
      cid: named === 0 ? undefined : datagram.subarray(at + 11, at + 11 + named),
      fragment: datagram.subarray(body, body + length),
    })
    at = body + length
  }
  return records
}

/** A record as it travels. @param cid the receiver's connection id, in records of type tls12_cid */
export function writeRecord(
  type: number,
  epoch: number,
  sequence: number,
  fragment: Uint8Array,
  cid?: Uint8Array,
  version: number = DTLS_1_2,
): Buffer {
  const named = cid?.length ?? 0
  const bytes = Buffer.allocUnsafe(PLAIN_HEADER + named + fragment.length)
  bytes[0] = type
  bytes.writeUInt16BE(version, 1)
  bytes.writeUInt16BE(epoch, 3)
  bytes.writeUIntBE(sequence, 5, 6)
  if (cid !== undefined) bytes.set(cid, 11)
  bytes.writeUInt16BE(fragment.length, 11 + named)
  bytes.set(fragment, PLAIN_HEADER + named)
  return bytes
}
