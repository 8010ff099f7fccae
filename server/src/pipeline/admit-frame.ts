import type { InboundRequest } from '../ingest/inbound-request.ts'
import { isTold } from '../trust/read-frame.ts'
import { isRepeated } from '../trust/sealed-frame.ts'
import type { TrustBook } from '../trust/trust-book.ts'
import type { Incoming } from './incoming.ts'

/**
 * Reads a request that came in, once, in the order of arrival. A sealed message that was said before is marked as such, and so it
 * goes on record: whoever reads the log need not know what came earlier.
 */
export function admitFrame(
  request: InboundRequest,
  read: (request: InboundRequest) => Incoming['content'],
  trust: TrustBook,
): Incoming {
  const content = read(request)
  if (!isTold(content) || !isRepeated(request, trust)) return { request, content }
  const marked: InboundRequest = { ...request, resource: 'repeated' }
  return { request: marked, content: read(marked) }
}
