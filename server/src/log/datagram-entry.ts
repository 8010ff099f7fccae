import { PeerDataError } from '@gastwin/twin'

/**
 * Body of a `DATAGRAM_ENTRY`: the payload of a datagram as it came, readable or not, with where it came from and what it was
 * said to be. Little endian:
 * ```
 * 0  u16  Content-Format, 65535 for none
 * 2  u8   resource, index into DATAGRAM_RESOURCES
 * 3  u8   length of the address text, n
 * 4  n    source address, ASCII
 * …  u16  source port
 * …       payload to the end
 * ```
 */
export interface DatagramEntry {
  /** CoAP Content-Format, −1 for none. */
  readonly contentFormat: number
  readonly resource: DatagramResource
  /** Source IP address. */
  readonly address: string
  readonly port: number
  readonly payload: Uint8Array
}

/**
 * Which resource it was posted to; `repeated`: a sealed message that was said before, judged where it came in, so that whoever reads
 * the log from anywhere judges alike. Order is stored: append only.
 */
export const DATAGRAM_RESOURCES = ['report', 'registration', 'command', 'repeated'] as const
export type DatagramResource = (typeof DATAGRAM_RESOURCES)[number]

const NO_FORMAT = 0xffff
const FIXED_BYTES = 6

export function encodeDatagramEntry(entry: DatagramEntry): Uint8Array {
  const { address, payload } = entry
  const bytes = Buffer.allocUnsafe(FIXED_BYTES + address.length + payload.length)
  bytes.writeUInt16LE(entry.contentFormat < 0 ? NO_FORMAT : entry.contentFormat, 0)
  bytes[2] = DATAGRAM_RESOURCES.indexOf(entry.resource)
  bytes[3] = address.length
  bytes.write(address, 4, 'latin1')
  bytes.writeUInt16LE(entry.port, 4 + address.length)
  bytes.set(payload, FIXED_BYTES + address.length)
  return bytes
}

/**
 * The datagram in a log body; the payload is a view of it.
 * @throws PeerDataError LOG_CORRUPT when the body is not one: the log's checksums held, so a different program wrote it
 */
export function decodeDatagramEntry(body: Uint8Array): DatagramEntry {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const addressEnd = 4 + (bytes[3] ?? 0)
  const resource = DATAGRAM_RESOURCES[bytes[2] ?? -1]
  if (resource === undefined || bytes.length < addressEnd + 2) {
    throw new PeerDataError('LOG_CORRUPT', 'a log entry of kind datagram does not have its form', {
      bytes: bytes.length,
    })
  }
  const contentFormat = bytes.readUInt16LE(0)
  return {
    contentFormat: contentFormat === NO_FORMAT ? -1 : contentFormat,
    resource,
    address: bytes.toString('latin1', 4, addressEnd),
    port: bytes.readUInt16LE(addressEnd),
    payload: body.subarray(addressEnd + 2),
  }
}
