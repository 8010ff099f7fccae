import { PeerDataError } from '@gastwin/twin'

/**
 * Body of a `DATAGRAM_ENTRY`: the payload of a datagram as it came, readable or not, with where it came from and what it was
 * said to be. Little endian:
 * ```
 * 0  u16  Content-Format, 65535 for none
 * 2  u8   resource, index into DATAGRAM_RESOURCES
 * 3  u8   length of the address text, n; with the highest bit set the proof stands behind the port
 * 4  n    source address, ASCII
 * …  u16  source port
 * …       proof: u8 length, then the identity, UTF-8; u8 count of devices, u48 each
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
  /** Who had proven to speak, and which devices it might speak for then; undefined in the clear. */
  readonly proven?: ProvenSpeaker
}

interface ProvenSpeaker {
  readonly identity: string
  readonly devices: readonly number[]
}

/**
 * Which resource it was posted to; `repeated`: a sealed message that was said before, judged where it came in, so that whoever reads
 * the log from anywhere judges alike. Order is stored: append only.
 */
export const DATAGRAM_RESOURCES = ['report', 'registration', 'command', 'repeated'] as const
export type DatagramResource = (typeof DATAGRAM_RESOURCES)[number]

const NO_FORMAT = 0xffff
const FIXED_BYTES = 6
const PROVEN = 0x80
const NUMBER_BYTES = 6

export function encodeDatagramEntry(entry: DatagramEntry): Uint8Array {
  const { address, payload, proven } = entry
  const proof = proven === undefined ? undefined : encodeProof(proven)
  const bytes = Buffer.allocUnsafe(FIXED_BYTES + address.length + (proof?.length ?? 0) + payload.length)
  bytes.writeUInt16LE(entry.contentFormat < 0 ? NO_FORMAT : entry.contentFormat, 0)
  bytes[2] = DATAGRAM_RESOURCES.indexOf(entry.resource)
  bytes[3] = address.length | (proof === undefined ? 0 : PROVEN)
  bytes.write(address, 4, 'latin1')
  bytes.writeUInt16LE(entry.port, 4 + address.length)
  if (proof !== undefined) bytes.set(proof, FIXED_BYTES + address.length)
  bytes.set(payload, bytes.length - payload.length)
  return bytes
}

function encodeProof({ identity, devices }: ProvenSpeaker): Buffer {
  const name = Buffer.from(identity, 'utf8')
  const bytes = Buffer.allocUnsafe(2 + name.length + NUMBER_BYTES * devices.length)
  bytes[0] = name.length
  name.copy(bytes, 1)
  bytes[1 + name.length] = devices.length
  for (const [i, device] of devices.entries())
    bytes.writeUIntLE(device, 2 + name.length + NUMBER_BYTES * i, NUMBER_BYTES)
  return bytes
}

/**
 * The datagram in a log body; the payload is a view of it.
 * @throws PeerDataError LOG_CORRUPT when the body is not one: the log's checksums held, so a different program wrote it
 */
export function decodeDatagramEntry(body: Uint8Array): DatagramEntry {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const head = bytes[3] ?? 0
  const addressEnd = 4 + (head & (PROVEN - 1))
  const resource = DATAGRAM_RESOURCES[bytes[2] ?? -1]
  const place = addressEnd + 2
  const proof = head < PROVEN ? { proven: undefined, end: place } : decodeProof(bytes, place)
  if (resource === undefined || bytes.length < place || proof === undefined) {
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
    payload: body.subarray(proof.end),
    ...(proof.proven === undefined ? undefined : { proven: proof.proven }),
  }
}

function decodeProof(
  bytes: Buffer,
  place: number,
): { readonly proven: ProvenSpeaker; readonly end: number } | undefined {
  const nameEnd = place + 1 + (bytes[place] ?? 0)
  const count = bytes[nameEnd] ?? 0
  const end = nameEnd + 1 + NUMBER_BYTES * count
  if (bytes.length < end) return undefined
  const identity = bytes.toString('utf8', place + 1, nameEnd)
  const devices = Array.from({ length: count }, (_, i) =>
    bytes.readUIntLE(nameEnd + 1 + NUMBER_BYTES * i, NUMBER_BYTES),
  )
  return { proven: { identity, devices }, end }
}
