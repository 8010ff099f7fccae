import type { Report } from '@gastwin/twin'
import type { CommandState } from '../command/command-state.ts'
import type { CommandLedger, CommandRequest } from '../command/ledger.ts'
import type { LedgerEntry, LedgerSnapshot } from '../command/ledger-snapshot.ts'
import type { AnswerForms, QueuedCommand } from '../protocol/index.ts'

/** The command ledger together with its record in the log: what changes is told, so that a restart knows it. */
export class CommandDesk {
  readonly #ledger: CommandLedger
  readonly #record: (entries: readonly LedgerEntry[]) => void

  constructor(ledger: CommandLedger, record: (entries: readonly LedgerEntry[]) => void) {
    this.#ledger = ledger
    this.#record = record
  }

  /** Queues a command, or finds the one that the same cause made before. */
  request(request: CommandRequest): LedgerEntry {
    const newest = this.#ledger.newest
    const entry = this.#ledger.request(request)
    if (this.#ledger.newest !== newest) this.#record([entry])
    return entry
  }

  advance(id: number, state: CommandState, now: number, error: string | null = null): void {
    const entry = this.#ledger.advance(id, state, now, error)
    if (entry !== undefined) this.#record([entry])
  }

  nextFor(device: number, now: number, forms: AnswerForms): QueuedCommand | undefined {
    const { command, changed } = this.#ledger.nextFor(device, now, forms)
    this.#tell(changed)
    return command
  }

  applyReport(report: Report, now: number, idBits: 16 | 32): void {
    this.#tell(this.#ledger.applyReport(report, now, idBits))
  }

  /** @returns the command as it is after that; undefined when there is none */
  cancel(id: number, now: number, who: string): LedgerEntry | undefined {
    const cancelled = this.#ledger.cancel(id, now, who)
    if (cancelled !== undefined) this.#record([cancelled])
    return this.#ledger.get(id)
  }

  expire(now: number): void {
    this.#tell(this.#ledger.expire(now))
  }

  /** Newest first. */
  list(): LedgerEntry[] {
    return this.#ledger.list()
  }

  save(): LedgerSnapshot {
    return this.#ledger.save()
  }

  #tell(entries: readonly LedgerEntry[]): void {
    if (entries.length > 0) this.#record(entries)
  }
}
