import type { Alarm } from '@gastwin/analytics'
import type { CityCalendar } from '@gastwin/twin'
import type { AuditFacts } from '../command/audit-chain.ts'
import { deliverNotice } from './deliver-notice.ts'
import { isTold, type NoticeRule } from './notice-rule.ts'

/** What somebody is told. Instants are Unix ms; codes are those of the alarm's rule. */
interface Notice {
  readonly notice: string
  readonly event: 'raised' | 'cleared'
  readonly alarm: Alarm
}

interface Waiting extends Notice {
  readonly rule: NoticeRule
  readonly tries: number
  /** Wall time before which it is not tried. */
  readonly notBefore: number
}

export interface NoticeParts {
  readonly rules: readonly NoticeRule[]
  readonly calendar: CityCalendar
  readonly audit: (event: string, facts: AuditFacts) => Promise<unknown>
  readonly onFailure: (error: unknown) => void
  /** For tests: shorter waits. */
  readonly pausesMs?: readonly number[]
  readonly timeoutMs?: number
}

const MOST_WAITING = 1_000
const AT_ONCE = 4
const TIMEOUT_MS = 30_000
/** Waits before a notice that failed is tried again; after the last it is given up. */
const PAUSES_MS = [5_000, 30_000, 120_000] as const

/**
 * Tells people outside of the console about alarms, by rules of who, what and when (S0-37). An alarm is told when it is raised or comes
 * back, and once more when it cleared where the rule wants it; every notice and every failure is in the audit. What waits is in memory
 * only: after a restart all alarms that stand and that nobody acknowledged are told again, rather twice than never.
 */
export class AlarmNotices {
  readonly #parts: NoticeParts
  readonly #pauses: readonly number[]
  /** What was told of each alarm that stands: event and occurrence. */
  readonly #told = new Map<string, string>()
  #waiting: Waiting[] = []
  #underWay = 0
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(parts: NoticeParts) {
    this.#parts = parts
    this.#pauses = parts.pausesMs ?? PAUSES_MS
  }

  /** Alarms that changed. */
  take(alarms: readonly Alarm[]): void {
    if (this.#parts.rules.length === 0) return
    for (const alarm of alarms) {
      const event =
        alarm.state === 'active_unacked' ? 'raised' : alarm.state.startsWith('cleared') ? 'cleared' : undefined
      if (event === undefined) continue
      const mark = `${event} ${alarm.occurrences}`
      if (this.#told.get(alarm.id) === mark || (event === 'cleared' && !this.#told.has(alarm.id))) continue
      if (event === 'cleared') this.#told.delete(alarm.id)
      else this.#told.set(alarm.id, mark)
      this.#queue(alarm, event)
    }
    this.#next()
  }

  /** Nothing more is told. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  #queue(alarm: Alarm, event: Notice['event']): void {
    const { rules, calendar } = this.#parts
    for (const rule of rules) {
      if (event === 'cleared' && !rule.cleared) continue
      if (
        !isTold(rule, alarm, calendar, event === 'cleared' ? (alarm.cleared_at ?? alarm.updated_at) : alarm.updated_at)
      )
        continue
      this.#waiting.push({ notice: rule.name, event, alarm, rule, tries: 0, notBefore: 0 })
    }
    // In a flood of alarms the least urgent go unsaid.
    if (this.#waiting.length <= MOST_WAITING) return
    this.#waiting.sort((a, b) => a.alarm.priority - b.alarm.priority)
    for (const { notice, alarm: left } of this.#waiting.splice(MOST_WAITING))
      this.#record('alarm_not_told', { notice, alarm: left.id, detail: 'more notices than can be sent' })
  }

  #next(): void {
    if (this.#closed) return
    const now = Date.now()
    while (this.#underWay < AT_ONCE) {
      const place = this.#waiting.findIndex(({ notBefore }) => notBefore <= now)
      const [one] = place < 0 ? [] : this.#waiting.splice(place, 1)
      if (one === undefined) break
      this.#underWay += 1
      void this.#tell(one).finally(() => {
        this.#underWay -= 1
        this.#next()
      })
    }
    clearTimeout(this.#timer)
    const soonest = Math.min(...this.#waiting.map(({ notBefore }) => notBefore))
    if (this.#underWay < AT_ONCE && Number.isFinite(soonest))
      this.#timer = setTimeout(() => this.#next(), Math.max(1, soonest - now))
  }

  async #tell(one: Waiting): Promise<void> {
    const { rule, notice, event, alarm, tries } = one
    const fault = await deliverNotice(rule.way, { notice, event, alarm }, this.#parts.timeoutMs ?? TIMEOUT_MS)
    const about = { notice, event, alarm: alarm.id, rule: alarm.rule, asset: alarm.asset.id, tries: tries + 1 }
    if (fault === undefined) return this.#record('alarm_told', about)
    const pause = this.#pauses[tries]
    if (pause === undefined) return this.#record('alarm_not_told', { ...about, detail: fault })
    this.#waiting.push({ ...one, tries: tries + 1, notBefore: Date.now() + pause })
  }

  #record(event: string, facts: AuditFacts): void {
    this.#parts.audit(event, facts).catch(this.#parts.onFailure)
  }
}
