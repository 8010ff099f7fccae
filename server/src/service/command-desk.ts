import type { Report } from '@gastwin/twin'
import type { CommandState } from '../command/command-state.ts'
import type { CommandLedger, CommandRequest, DeliveryRules } from '../command/ledger.ts'
import type { LedgerEntry, LedgerSnapshot } from '../command/ledger-snapshot.ts'
import type { AnswerForms, QueuedCommand } from '../protocol/index.ts'

/** What a device is told, once the log knows that it is told. */
export interface DueOnRecord {
  readonly command: QueuedCommand | undefined
  /** Resolves when the record is durable; a command must not be on the wire before. */
  readonly recorded: Promise<void>
}

/** Commands that ended stay on the list so long; the database keeps their events. */
const KEPT_MS = 60 * 86_400_000

const NOTHING: DueOnRecord = { command: undefined, recorded: Promise.resolve() }

/** The command ledger together with its record in the log: what changes is told, so that a restart knows it. */
export class CommandDesk {
  readonly #ledger: CommandLedger
  readonly #record: (entries: readonly LedgerEntry[]) => Promise<void>
  readonly #failed: (error: unknown) => void

  /** @param record makes entries durable @param failed told when it could not */
  constructor(
    ledger: CommandLedger,
    record: (entries: readonly LedgerEntry[]) => Promise<void>,
    failed: (error: unknown) => void,
  ) {
    this.#ledger = ledger
    this.#failed = failed
    this.#record = record
  }

  /** Queues a command, or finds the one that the same cause made before. */
  request(request: CommandRequest): LedgerEntry {
    const newest = this.#ledger.newest
    const entry = this.#ledger.request(request)
    if (this.#ledger.newest !== newest) this.#tell([entry])
    return entry
  }

  /** Queues many at once. A record that the log refuses is told; the commands are there until a restart, which asks again. */
  requestAll(requests: readonly CommandRequest[]): void {
    this.#tell(
      requests.flatMap((request) => {
        const newest = this.#ledger.newest
        const entry = this.#ledger.request(request)
        return this.#ledger.newest === newest ? [] : [entry]
      }),
    )
  }

  /** Takes back those that no device was told. */
  withdraw(ids: readonly number[], now: number, who: string): void {
    this.#tell(ids.map((id) => this.#ledger.cancel(id, now, who)).filter((entry) => entry !== undefined))
  }

  /**
   * The same for who waits for it: told only when it is durable.
   * @throws (rejects) StoreError LOG_FULL: the command is taken back
   */
  async order(request: CommandRequest): Promise<LedgerEntry> {
    const newest = this.#ledger.newest
    const entry = this.#ledger.request(request)
    if (this.#ledger.newest === newest) return entry
    try {
      await this.#record([entry])
    } catch (error) {
      this.#ledger.cancel(entry.id, request.now, 'the log, which refused it')
      throw error
    }
    return this.#ledger.get(entry.id) ?? entry
  }

  advance(id: number, state: CommandState, now: number, error: string | null = null): void {
    const entry = this.#ledger.advance(id, state, now, error)
    if (entry !== undefined) this.#tell([entry])
  }

  nextFor(device: number, now: number, forms: AnswerForms, rules?: DeliveryRules): DueOnRecord {
    const { command, changed } = this.#ledger.nextFor(device, now, forms, rules)
    return changed.length === 0 ? NOTHING : { command, recorded: this.#record(changed) }
  }

  applyReport(report: Report, now: number, idBits: 16 | 32, session: number): void {
    this.#tell(this.#ledger.applyReport(report, now, idBits, session))
  }

  /**
   * Takes back a command that no device was told; said only when it is durable.
   * @returns the command as it is after that; undefined when there is none
   * @throws (rejects) StoreError LOG_FULL: the command stays what it was
   */
  async cancel(id: number, now: number, who: string): Promise<LedgerEntry | undefined> {
    const before = this.#ledger.get(id)
    const cancelled = this.#ledger.cancel(id, now, who)
    try {
      if (cancelled !== undefined) await this.#record([cancelled])
    } catch (error) {
      if (before !== undefined) this.#ledger.restore(before)
      throw error
    }
    return this.#ledger.get(id)
  }

  /** Records what changed elsewhere in the ledger. @throws (rejects) StoreError LOG_FULL */
  async note(entries: readonly LedgerEntry[]): Promise<void> {
    if (entries.length > 0) await this.#record(entries)
  }

  expire(now: number): void {
    this.#tell(this.#ledger.expire(now))
    this.#ledger.forget(now - KEPT_MS)
  }

  get(id: number): LedgerEntry | undefined {
    return this.#ledger.get(id)
  }

  ofCause(kind: LedgerEntry['kind'], device: string, cause: string): LedgerEntry | undefined {
    return this.#ledger.ofCause({ kind, device, cause })
  }

  /** Commands of one device, oldest first. */
  ofDevice(device: number): readonly LedgerEntry[] {
    return this.#ledger.ofDevice(device)
  }

  /** Newest first. */
  list(): LedgerEntry[] {
    return this.#ledger.list()
  }

  save(): LedgerSnapshot {
    return this.#ledger.save()
  }

  #tell(entries: readonly LedgerEntry[]): void {
    if (entries.length > 0) this.#record(entries).catch(this.#failed)
  }
}
