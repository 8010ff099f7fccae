import { UsageError } from '@gastwin/twin'
import type {
  GapLedger,
  GapRevision,
  GapStatement,
  Models,
  Replacement,
  SuspectEvidence,
  Suspects,
} from '../contract/index.ts'
import type { GapQuery } from '../http/application.ts'
import { sm3 } from '../identity/sm3.ts'
import type { GapSpan } from '../ledger/gap-records.ts'
import type { FromLedger, GapStated } from '../ledger/ledger-messages.ts'
import { modelsStarting } from '../ledger/models-view.ts'

/** Names the method in answers and evidence. */
export const GAP_MODEL = 'gastwin-gap/1'
const STARTING = 'the readings of the last days are read from the log'

/** Statements of a span that begin in [from, to), from where they are kept for good. */
export type ReadHistory = (
  every: GapSpan,
  zone: string | undefined,
  from: number,
  to: number,
) => Promise<readonly GapStatement[]>

/** What the ledger's thread said last, as the API wants it; periods older than that come from the database. */
export class LedgerDesk {
  readonly #history: ReadHistory
  #stated: GapStated | undefined
  #why: string = STARTING
  #failed = false
  #models: Models

  /** @param modelsDir folder of the operator's models; null for none */
  constructor(history: ReadHistory, modelsDir: string | null = null) {
    this.#history = history
    this.#models = modelsStarting(modelsDir)
  }

  /** Which learned models the thread uses and how they fare. */
  get models(): Models {
    return this.#models
  }

  /** The statement that stands; undefined before the first. */
  get stated(): GapStated | undefined {
    return this.#stated
  }

  take(message: FromLedger): void {
    if (message.type === 'models') {
      this.#models = message.models
      return
    }
    this.#failed = message.type === 'failed'
    if (message.type === 'stated') this.#stated = message
    else this.#why = message.why
  }

  async ledger({ every, zone, from, to = Number.MAX_SAFE_INTEGER }: GapQuery): Promise<GapLedger> {
    if (from !== undefined && !(to > from)) throw new UsageError('API_INPUT', 'to must lie after from')
    const stated = this.#stated
    const held = (stated?.statements[every] ?? []).filter((one) => zone === undefined || one.zone === zone)
    const begin = held[0]?.from ?? to
    let older: readonly GapStatement[] = []
    let why = this.#failed || stated === undefined ? this.#why : stated.why
    if (from !== undefined && from < begin) {
      try {
        older = await this.#history(every, zone, from, Math.min(begin, to))
      } catch (error) {
        why = `older periods are in the database, which does not answer: ${error instanceof Error ? error.message : String(error)}`
      }
    }
    return {
      state: this.#failed ? 'failed' : stated === undefined ? 'waiting' : 'stated',
      why,
      stated_at: stated?.at ?? null,
      data_from: stated?.dataFrom ?? null,
      data_to: stated?.dataTo ?? null,
      readings: stated?.readings ?? 0,
      took_ms: stated?.tookMs ?? 0,
      model: GAP_MODEL,
      items: [...older, ...held.filter((one) => (from === undefined || one.from >= from) && one.from < to)],
    }
  }

  revisions(limit: number): GapRevision[] {
    return (this.#stated?.revisions ?? []).slice(0, limit)
  }

  suspects(zone: string | undefined, kind: string | undefined, limit: number): Suspects {
    const found = (this.#stated?.suspects ?? []).filter(
      (one) =>
        (zone === undefined || one.zone === zone) &&
        (kind === undefined || one.kind === kind || one.also.some((other) => other.kind === kind)),
    )
    const all = zone === undefined && kind === undefined ? (this.#stated?.suspectsInAll ?? 0) : found.length
    return { items: found.slice(0, limit), total: all, stated_at: this.#stated?.at ?? null }
  }

  /** @throws UsageError API_NOT_FOUND when nothing is suspected of this meter */
  evidence(meter: string): SuspectEvidence {
    const stated = this.#stated
    const suspect = stated?.suspects.find((one) => one.meter === meter)
    if (stated === undefined || suspect === undefined)
      throw new UsageError('API_NOT_FOUND', `nothing is suspected of a meter "${meter}"`)
    const { days, events } = stated.evidence.get(meter) ?? { days: [], events: [] }
    const body = { suspect, days, events, model: GAP_MODEL, stated_at: stated.at }
    return { ...body, digest_sm3: Buffer.from(sm3(Buffer.from(JSON.stringify(body)))).toString('hex') }
  }

  replacements(): Replacement[] {
    return [...(this.#stated?.replacements ?? [])]
  }
}
