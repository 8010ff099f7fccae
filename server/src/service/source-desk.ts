import type { ConcentratorTwin } from '@gastwin/twin'
import type { InboundRequest } from '../ingest/inbound-request.ts'
import type { EventLog } from '../log/event-log.ts'
import { packNumbers } from '../log/packed-numbers.ts'
import { entryOf } from '../log/platform-events.ts'
import type { CityState } from '../pipeline/city-state.ts'
import { sourceOf } from '../trust/read-frame.ts'
import { sealerOf } from '../trust/sealed-frame.ts'
import type { TrustBook } from '../trust/trust-book.ts'
import type { RelayEvent } from '../trust/trust-events.ts'

/** From another address a concentrator is believed when it was silent so long: twice the hour within which it must speak, ms. */
const SILENT_MS = 2 * 3_600_000

export interface SourceDeskParts {
  readonly city: CityState
  readonly trust: TrustBook
  readonly log: EventLog
  readonly now: () => number
}

/** From where concentrators speak, and which meters they may bring: on record, so that whoever reads the log judges alike. */
export class SourceDesk {
  readonly #parts: SourceDeskParts
  /** Sources on their way to the log. */
  readonly #binding = new Map<number, string>()

  constructor(parts: SourceDeskParts) {
    this.#parts = parts
  }

  /** Writes what the archive says of concentrators, where the log says something else. @throws (rejects) StoreError LOG_FULL */
  async open(): Promise<void> {
    const { city, trust, log, now } = this.#parts
    const at = now()
    const archived = city.concentrators.twins.map(({ archive }): RelayEvent => {
      const meters = packNumbers(Float64Array.from(archive.meters.map(({ number }) => number)).sort())
      return { type: 'trust_relay', at, device: archive.number, meters, others: archive.neighbours }
    })
    const known = new Set(archived.map(({ device }) => device))
    const gone = trust.relays.concentrators
      .filter((device) => !known.has(device))
      .map((device): RelayEvent => ({ type: 'trust_relay', at, device, meters: '', others: [] }))
    const changed = [...gone, ...archived].filter((event) => !trust.relays.says(event))
    if (changed.length === 0) return
    const first = await log.append(changed.map(entryOf))
    for (const [i, event] of changed.entries()) trust.hold(event, first + i)
  }

  /** A word of a concentrator that was taken. Resolves when its source is on record. */
  async heard({ archive }: ConcentratorTwin, request: InboundRequest): Promise<void> {
    if (sealerOf(request) !== undefined) await this.proven(archive.number, request)
    // Who has proven who he is need not be known by where he speaks from.
    else if (request.proven === undefined && this.#sourceNow(archive.number) === undefined)
      await this.#bind(archive.number, sourceOf(request))
  }

  /** Something that was taken under the seal of a concentrator: wherever it came from, there the concentrator is. */
  async proven(device: number, request: InboundRequest): Promise<void> {
    const from = sourceOf(request)
    const isKnown = this.#parts.city.concentrators.find(device) !== undefined
    if (isKnown && this.#sourceNow(device) !== from && this.#binding.get(device) !== from)
      await this.#bind(device, from)
  }

  /**
   * A word of a concentrator from elsewhere, which was not taken: it may have another port, and after a silence another address. It
   * is believed when it says it again.
   */
  async elsewhere(device: number, request: InboundRequest): Promise<void> {
    const twin = this.#parts.city.concentrators.find(device)
    const before = this.#sourceNow(device)
    if (twin === undefined || before === undefined) return
    const sameHost = before.slice(0, before.lastIndexOf(':')) === request.address
    if (sameHost || this.#parts.now() - twin.heardAt >= SILENT_MS) await this.#bind(device, sourceOf(request))
  }

  #sourceNow(device: number): string | undefined {
    return this.#parts.trust.relays.sourceOf(device, Number.POSITIVE_INFINITY)
  }

  async #bind(device: number, from: string): Promise<void> {
    const { city, trust, log, now } = this.#parts
    const event = { type: 'trust_source', at: now(), device, from } as const
    this.#binding.set(device, from)
    try {
      await log.append([entryOf(event)]).then((position) => {
        trust.hold(event, position)
        city.hostile.vouch(from)
      })
    } finally {
      this.#binding.delete(device)
    }
  }
}
