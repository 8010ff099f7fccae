import type { Logger } from 'pino'
import type { AuditFacts } from '../command/audit-chain.ts'
import type { AuditLog } from '../command/audit-log.ts'

const MOST_KEPT = 10_000

interface Kept {
  readonly at: number
  readonly event: string
  readonly facts: AuditFacts
}

/**
 * The audit log for shut-offs: gas is not left flowing because a disk is full. A record that the disk refuses is kept and written,
 * in its order and marked as late, as soon as the disk takes records again.
 */
export class AuditDesk {
  readonly #log: AuditLog
  readonly #logger: Logger
  #kept: Kept[] = []
  #retrying = false

  constructor(log: AuditLog, logger: Logger) {
    this.#log = log
    this.#logger = logger
  }

  /** @returns the record's hash once it is durable, '' when it has to wait for the disk */
  async append(at: number, event: string, facts: AuditFacts): Promise<string> {
    if (this.#kept.length === 0) {
      try {
        return (await this.#log.append(at, event, facts)).hash
      } catch (error) {
        this.#logger.error({ err: error, event, facts }, 'the audit log refuses a record: it is kept')
      }
    }
    if (this.#kept.length < MOST_KEPT) this.#kept.push({ at, event, facts })
    return ''
  }

  /** Tries again what waits; to be called now and then. */
  async retry(): Promise<void> {
    if (this.#retrying) return
    this.#retrying = true
    try {
      for (let next = this.#kept[0]; next !== undefined; next = this.#kept[0]) {
        await this.#log.append(next.at, next.event, { ...next.facts, late: true })
        this.#kept.shift()
      }
    } catch {
      // Still full: it was told when it was refused first.
    } finally {
      this.#retrying = false
    }
  }
}
