import type { CoapEndpoint } from '../ingest/coap-endpoint.ts'
import type { InboundRequest } from '../ingest/inbound-request.ts'
import { type AnswerToSend, COAP_CODE } from '../protocol/index.ts'
import { answerInKind } from '../trust/sealed-frame.ts'
import type { TrustBook } from '../trust/trust-book.ts'

interface AnsweringParts {
  readonly endpoint: CoapEndpoint
  readonly trust: TrustBook
}

/** Answers a request that was taken, sealed where it came sealed. When its session ended meanwhile, the sender says it again. */
export function answerTaken({ endpoint, trust }: AnsweringParts, request: InboundRequest, answer: AnswerToSend): void {
  const inKind = answerInKind(request, answer, trust)
  if (inKind === undefined) endpoint.drop(request)
  else endpoint.answer(request, COAP_CODE.CHANGED, inKind)
}
