import type { Report } from '@gastwin/twin'
import type { CommandState } from '../command/command-state.ts'
import { CommandLedger, type CommandRequest } from '../command/ledger.ts'
import type { LedgerEntry, LedgerSnapshot } from '../command/ledger-snapshot.ts'
import type { QueuedCommand } from '../protocol/index.ts'

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
    const entry = this.#ledger.request(request)
    this.#record([entry])
    return entry
  }

  advance(id: number, state: CommandState, now: number, error: string | null = null): void {
    const entry = this.#ledger.advance(id, state, now, error)
    if (entry !== undefined) this.#record([entry])
  }

  nextFor(device: number, now: number): QueuedCommand | undefined {
    return this.#ledger.nextFor(device, now)
  }

  applyReport(report: Report, now: number): void {
    this.#tell(this.#ledger.applyReport(report, now))
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

/** The ledger of a snapshot with the records that came after it. */
export function restoreLedger(saved: LedgerSnapshot | undefined, later: readonly LedgerEntry[]): CommandLedger {
  const entries = new Map((saved?.commands ?? []).map((entry) => [entry.id, entry]))
  for (const entry of later) entries.set(entry.id, entry)
  const nextId = Math.max(saved?.nextId ?? 1, ...later.map((entry) => entry.id + 1))
  return CommandLedger.load({ format: 'gastwin-ledger/1', nextId, commands: [...entries.values()] })
}
