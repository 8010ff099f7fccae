import { COAP_OPTION, CONTENT_FORMAT, type CoapMessage, peekKind, peekTrigger, readOptions } from '../protocol/index.ts'
import type { Priority } from './admission.ts'
import type { CoapResource } from './resources.ts'

/** Uri-Query by which a device says that its report is urgent, where the payload cannot be read before it is decrypted. */
const URGENT_QUERY = 'alarm'

/**
 * The class of a request, told from its outside and a glance at the payload. The CBOR profile is spoken by RTUs, actuators and
 * commercial meters, CJ/T 188 by homes; under a seal speak concentrators, RTUs and actuators. A device that claims urgency is
 * believed: the hard cap bounds what a liar can take.
 */
export function classifyRequest(resource: CoapResource, message: CoapMessage): Priority {
  // A valve whose address is not known cannot be closed: it does not wait with the homes that come back after an outage.
  if (resource.name === 'registration') {
    // One that has a certificate says so from outside: its first contact and its registration cannot be read here.
    if (message.hasQuery && saysUrgent(message)) return 'alarm'
    if (message.contentFormat === CONTENT_FORMAT.SEALED) return 'commercial'
    return peekKind(message.contentFormat, message.payload) === 'valve' ? 'alarm' : 'residential'
  }
  if (resource.name === 'command') return 'commercial'
  if (message.contentFormat === CONTENT_FORMAT.CBOR) {
    return peekTrigger(message.contentFormat, message.payload) === 'alarm' ? 'alarm' : 'commercial'
  }
  if (message.hasQuery && saysUrgent(message)) return 'alarm'
  // A concentrator or RTU says one thing at a time: what it must come back with later holds up all that comes behind it.
  return message.contentFormat === CONTENT_FORMAT.SEALED ? 'commercial' : 'residential'
}

function saysUrgent(message: CoapMessage): boolean {
  return readOptions(message).some(
    ({ number, value }) => number === COAP_OPTION.URI_QUERY && Buffer.from(value).toString() === URGENT_QUERY,
  )
}
