import type { AppliedReport, Malformed, Report } from '@gastwin/twin'
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

/** … after it met the twin: `applied` is undefined for what could not be read. */
export interface Applied extends Recorded {
  readonly applied: AppliedReport | undefined
}

export const isMalformed = (content: Report | Malformed): content is Malformed => content.kind === 'malformed'
