import { type ConcentratorAct, type Report, UsageError } from '@gastwin/twin'
import type { AuditLog } from '../command/audit-log.ts'
import type { CoapEndpoint } from '../ingest/coap-endpoint.ts'
import type { InboundRequest } from '../ingest/inbound-request.ts'
import type { EventLog } from '../log/event-log.ts'
import { recordEvents } from '../log/platform-events.ts'
import type { CityState } from '../pipeline/city-state.ts'
import { type DeviceLookup, encodeAnswer } from '../protocol/index.ts'
import { allows } from '../trust/cipher-policy.ts'
import { formatInside, sealerOf } from '../trust/sealed-frame.ts'
import type { TrustBook } from '../trust/trust-book.ts'
import { answerTaken } from './answer-taken.ts'
import type { LineDesk } from './line-desk.ts'
import type { SourceDesk } from './source-desk.ts'

interface ConcentratorDeskParts {
  readonly city: CityState
  readonly line: LineDesk
  readonly sources: SourceDesk
  readonly endpoint: CoapEndpoint
  readonly trust: TrustBook
  readonly log: EventLog
  readonly audit: AuditLog
  readonly lookup: () => DeviceLookup
  readonly now: () => number
  /** A concentrator that nobody knows. */
  readonly setAside: (request: InboundRequest, detail: string, device: string) => void
  readonly failed: (error: unknown) => void
}

/** What concentrators are told: in answer to their messages, and what operators ask of them. */
export class ConcentratorDesk {
  readonly #parts: ConcentratorDeskParts

  constructor(parts: ConcentratorDeskParts) {
    this.#parts = parts
  }

  /** To be called after the twin took the report, since what it is told follows from that. */
  answer(report: Report, request: InboundRequest | undefined): void {
    if (request === undefined) return
    const { city, endpoint, line, sources, lookup, trust } = this.#parts
    const { device } = report
    const contentFormat = formatInside(request)
    const now = this.#parts.now()
    const clockOnly = () => encodeAnswer(contentFormat, { device, now, orders: [] }, lookup())
    const twin = city.concentrators.find(device)
    if (twin === undefined) {
      this.#parts.setAside(request, 'no concentrator has this number', String(device))
      answerTaken(this.#parts, request, { payload: clockOnly(), contentFormat })
      return
    }
    line.take(report, now)
    const { command } = trust.policyOf(device, undefined)
    if (!allows(command, sealerOf(request) !== undefined)) {
      answerTaken(this.#parts, request, { payload: clockOnly(), contentFormat })
      return
    }
    const { payload, recorded } = line.answer(twin, now)
    // What it passes on next must be known to be its own.
    Promise.all([recorded, sources.heard(twin, request)]).then(
      () => answerTaken(this.#parts, request, { payload, contentFormat }),
      (error: unknown) => {
        this.#parts.failed(error)
        endpoint.drop(request)
      },
    )
  }

  /**
   * What an operator asks of a concentrator: first on record, then carried out with its next message.
   * @throws UsageError API_NOT_FOUND for strangers; (rejects) StoreError LOG_FULL
   */
  async act(act: ConcentratorAct, user: string, reason: string): Promise<{ readonly values: number }> {
    const { city, audit, log } = this.#parts
    const refusal = city.concentrators.refusal(act)
    if (refusal !== undefined) throw new UsageError('API_NOT_FOUND', refusal)
    const at = this.#parts.now()
    const zone = city.concentrators.find(act.concentrator)?.archive.zone ?? null
    const device = act.concentrator
    await audit.append(at, `concentrator_${act.kind}`, { device: String(device), by: user, detail: reason })
    await recordEvents(log, [{ type: 'concentrator_act', at, zone, device, act, user }])
    return city.concentrators.act(act, at)
  }
}
