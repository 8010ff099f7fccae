import type { DatagramResource } from '../log/datagram-entry.ts'
import { COAP_CODE, COAP_OPTION, CONTENT_FORMAT, type CoapMessage, readBlock, readOptions } from '../protocol/index.ts'

/** One resource that devices may call. */
export interface CoapResource {
  readonly name: DatagramResource
  /** Request code, e.g. POST. */
  readonly method: number
  /** Content-Formats it takes; −1 stands for a request that names none. */
  readonly contentFormats: readonly number[]
  /** Longest payload, bytes. */
  readonly largestPayload: number
}

/** By path without leading slash. */
export type CoapResources = ReadonlyMap<string, CoapResource>

/** Longest payload of a report: what one datagram carries without being taken apart on the way. @source RFC 7252 §4.6 */
const ONE_DATAGRAM = 1_200
const { CBOR, CJT188, CJT188_SM4, DLT645, CAT1, CONTACT, SEALED } = CONTENT_FORMAT

/** What a meter, RTU or actuator may call: `/r` report, `/reg` registration, `/cmd` pull of the queued command. */
export const DEVICE_RESOURCES: CoapResources = new Map<string, CoapResource>([
  [
    'r',
    {
      name: 'report',
      method: COAP_CODE.POST,
      contentFormats: [CBOR, CJT188, CJT188_SM4, DLT645, CAT1, SEALED],
      largestPayload: ONE_DATAGRAM,
    },
  ],
  [
    'reg',
    {
      name: 'registration',
      method: COAP_CODE.POST,
      contentFormats: [CBOR, CONTACT, SEALED],
      largestPayload: ONE_DATAGRAM,
    },
  ],
  ['cmd', { name: 'command', method: COAP_CODE.POST, contentFormats: [CBOR, -1], largestPayload: ONE_DATAGRAM }],
])

/**
 * The resource that a request is for, or the error code of its refusal. The order is from what makes the message
 * unreadable to what is wrong with its content.
 * @source RFC 7252 §5.4.1, §5.8, §5.9; RFC 7959 §2.3, §2.9
 */
export function findResource(resources: CoapResources, message: CoapMessage): CoapResource | number {
  if (message.badOption !== 0) return refusalOfOption(message)
  const resource = resources.get(message.path)
  if (!resource) return COAP_CODE.NOT_FOUND
  if (message.code !== resource.method) return COAP_CODE.METHOD_NOT_ALLOWED
  if (message.block1 >= 0) {
    // A report is one datagram. Nothing is ever kept in wait of further blocks, so a block number cannot cost memory.
    const block = readBlock(message.block1)
    if (block.size === undefined) return COAP_CODE.BAD_REQUEST
    if (block.more || block.number > 0) return COAP_CODE.REQUEST_ENTITY_TOO_LARGE
  }
  if (!resource.contentFormats.includes(message.contentFormat)) return COAP_CODE.UNSUPPORTED_CONTENT_FORMAT
  if (message.payload.length > resource.largestPayload) return COAP_CODE.REQUEST_ENTITY_TOO_LARGE
  return resource
}

/** A request to be forwarded elsewhere has an answer of its own. */
function refusalOfOption(message: CoapMessage): number {
  const proxy = readOptions(message).some(
    (o) => o.number === COAP_OPTION.PROXY_URI || o.number === COAP_OPTION.PROXY_SCHEME,
  )
  return proxy ? COAP_CODE.PROXYING_NOT_SUPPORTED : COAP_CODE.BAD_OPTION
}
