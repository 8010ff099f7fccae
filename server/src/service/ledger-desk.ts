import { replaceFirst } from '@gastwin/analytics'
import { UsageError } from '@gastwin/twin'
import type {
  GapLedger,
  GapRevision,
  GapStatement,
  LedgerReason,
  MetersHealth,
  Models,
  Replacement,
  ReplacementOrder,
  Suspect,
  SuspectEvidence,
  SuspectFinding,
  Suspects,
} from '../contract/index.ts'
import type { GapQuery, HealthQuery, SuspectQuery } from '../http/application.ts'
import { sm3 } from '../identity/sm3.ts'
import { CaseBook } from '../ledger/case-book.ts'
import type { GapSpan } from '../ledger/gap-records.ts'
import { healthUnknown, narrowHealth } from '../ledger/health-watch.ts'
import { type FromLedger, type GapStated, REPLACEMENTS } from '../ledger/ledger-messages.ts'
import { reasonSentence } from '../ledger/ledger-reason.ts'
import { modelsStarting } from '../ledger/models-view.ts'

/** Names the method in answers and evidence. */
export const GAP_MODEL = 'gastwin-gap/1'
const STARTING: LedgerReason = { code: 'starting' }

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
  readonly #cases: CaseBook
  #stated: GapStated | undefined
  /** What was said last while nothing is stated: a failure has no code. */
  #word: { readonly why: string; readonly reason: LedgerReason | null } = {
    why: reasonSentence(STARTING, 'UTC'),
    reason: STARTING,
  }
  #failed = false
  #models: Models
  #health: MetersHealth = healthUnknown(0)

  /**
   * @param modelsDir folder of the operator's models; null for none
   * @param cases what people did about suspects
   */
  constructor(history: ReadHistory, modelsDir: string | null = null, cases: CaseBook = new CaseBook()) {
    this.#history = history
    this.#cases = cases
    this.#models = modelsStarting(modelsDir)
  }

  /** Batteries and ages of meters that are due. */
  health(query: HealthQuery): MetersHealth {
    return narrowHealth(this.#health, query)
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
    if (message.type === 'health') {
      this.#health = message.health
      return
    }
    if (message.type === 'models') {
      this.#models = message.models
      return
    }
    this.#failed = message.type === 'failed'
    if (message.type === 'stated') this.#stated = message
    else this.#word = { why: message.why, reason: message.type === 'waiting' ? message.reason : null }
  }

  async ledger({ every, zone, from, to = Number.MAX_SAFE_INTEGER }: GapQuery): Promise<GapLedger> {
    if (from !== undefined && !(to > from)) throw new UsageError('API_INPUT', 'to must lie after from')
    const stated = this.#stated
    const held = (stated?.statements[every] ?? []).filter((one) => zone === undefined || one.zone === zone)
    const begin = held[0]?.from ?? to
    let older: readonly GapStatement[] = []
    let { why, reason } = this.#failed || stated === undefined ? this.#word : stated
    if (from !== undefined && from < begin) {
      try {
        older = await this.#history(every, zone, from, Math.min(begin, to))
      } catch (error) {
        reason = null
        why = `older periods are in the database, which does not answer: ${error instanceof Error ? error.message : String(error)}`
      }
    }
    return {
      state: this.#failed ? 'failed' : stated === undefined ? 'waiting' : 'stated',
      why,
      reason,
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

  /** Most probable first; closed ones only when they are asked for, also those of which nothing is suspected any more. */
  suspects({ zone, kind, state, limit }: SuspectQuery): Suspects {
    const stated = this.#stated
    const listed = (stated?.suspects ?? []).map((one): Suspect => ({ ...one, case: this.#cases.caseOf(one) }))
    const found = [...listed, ...(state === 'closed' || state === 'all' ? this.#closedBefore() : [])].filter(
      (one) =>
        (zone === undefined || one.zone === zone) &&
        (kind === undefined || one.kind === kind || one.also.some((other) => other.kind === kind)) &&
        (state === 'all' || (state === undefined ? one.case.state !== 'closed' : one.case.state === state)),
    )
    // What the statement found beyond its list is counted where nothing narrows the question down.
    const beyond =
      zone === undefined && kind === undefined && state === undefined ? (stated?.suspectsInAll ?? 0) - listed.length : 0
    return { items: found.slice(0, limit), total: found.length + beyond, stated_at: stated?.at ?? null }
  }

  /** What stands against a meter; undefined when nothing does. */
  findingOf(meter: string): SuspectFinding | undefined {
    return this.#stated?.suspects.find((one) => one.meter === meter)
  }

  /** What stood against a meter when somebody last did something about it. */
  lastFindingOf(meter: string): SuspectFinding | undefined {
    return this.#cases.acts.findLast((act) => act.meter === meter)?.finding ?? undefined
  }

  /** @throws UsageError API_NOT_FOUND when nothing is suspected of this meter */
  evidence(meter: string): SuspectEvidence {
    const stated = this.#stated
    const finding = this.findingOf(meter)
    if (stated === undefined || finding === undefined)
      throw new UsageError('API_NOT_FOUND', `nothing is suspected of a meter "${meter}"`)
    const { days, events } = stated.evidence.get(meter) ?? { days: [], events: [] }
    const suspect: Suspect = { ...finding, case: this.#cases.caseOf(finding) }
    const acts = this.#cases.history(meter)
    const body = { suspect, days, events, acts, model: GAP_MODEL, stated_at: stated.at }
    return { ...body, digest_sm3: Buffer.from(sm3(Buffer.from(JSON.stringify(body)))).toString('hex') }
  }

  /** Closed cases whose suspicion has fallen away, as it stood when they were closed. */
  #closedBefore(): Suspect[] {
    const listed = new Set(this.#stated?.suspects.map(({ meter }) => meter))
    return this.#cases.closed.flatMap((act) =>
      act.finding === null || listed.has(act.meter) ? [] : [{ ...act.finding, case: this.#cases.closedCase(act) }],
    )
  }

  replacements(by: ReplacementOrder): Replacement[] {
    return replaceFirst(this.#stated?.replacements ?? [], by, REPLACEMENTS)
  }
}
