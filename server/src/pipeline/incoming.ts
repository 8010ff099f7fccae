import type { Malformed, Report } from '@gastwin/twin'
import type { InboundRequest } from '../ingest/inbound-request.ts'
import type { RefusedReport } from '../trust/read-frame.ts'

/** A request with what could be read from it. */
export interface Incoming {
  readonly request: InboundRequest
  readonly content: Report | Malformed | RefusedReport
}

/** … after the log made it durable, at its position. */
export interface Recorded extends Incoming {
  readonly position: number
}
