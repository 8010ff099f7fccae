import type { Malformed, Report } from '@gastwin/twin'
import type { InboundRequest } from '../ingest/inbound-request.ts'

/** A request with what could be read from it. */
export interface Incoming {
  readonly request: InboundRequest
  readonly content: Report | Malformed
}

/** … after the log made it durable, at its position. */
export interface Recorded extends Incoming {
  readonly position: number
}
