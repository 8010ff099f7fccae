import { PeerDataError, type Report } from '@gastwin/twin'
import type { CommandRecord } from '../contract/safety.ts'
import type { QueuedCommand } from '../protocol/index.ts'
import { type CommandState, isLive, isWaiting, mayFollow } from './command-state.ts'
import { type CommandSetting, isSnapshot, type LedgerEntry, type LedgerSnapshot } from './ledger-snapshot.ts'

/** What is asked for. The cause makes it idempotent: one cause, one device, one kind, one command, however often it is asked. */
export interface CommandRequest {
  readonly kind: CommandRecord['kind']
  /** Device number in decimal digits. */
  readonly device: string
  /** e.g. a shut-off's id; a deliberate new attempt needs a new cause. */
  readonly cause: string
  readonly now: number
  readonly expiresAt: number
  readonly setting?: CommandSetting
}

/** Command numbers travel in 32 bits. */
const MAX_ID = 0xffff_ffff
/** A device clock this near is right: a CJ/T 188 clock has whole seconds, and the way takes some. */
const CLOCK_TOLERANCE_MS = 60_000

/**
 * All commands to devices and what became of them. No I/O and no clock of its own: time is passed in (Unix ms of the service's
 * clock), and whoever changes it saves it. Changes come back as records; a change that may not be is undefined.
 */
export class CommandLedger {
  readonly #commands = new Map<number, LedgerEntry>()
  readonly #byCause = new Map<string, number>()
  /** Ids of a device's commands in rising order, by device number. */
  readonly #byDevice = new Map<number, number[]>()
  #nextId = 1

  /** Takes the request into the ledger, or finds the command it has already become. */
  request(request: CommandRequest): LedgerEntry {
    const { kind, device, cause, now, expiresAt, setting } = request
    const known = this.#commands.get(this.#byCause.get(causeKey(request)) ?? -1)
    if (known) return known
    const entry: LedgerEntry = {
      id: this.#nextId,
      device,
      kind,
      state: 'queued',
      created_at: now,
      updated_at: now,
      tries: 0,
      cause,
      error: null,
      expires_at: expiresAt,
      ...(setting && { setting }),
    }
    this.#nextId = this.#nextId === MAX_ID ? 1 : this.#nextId + 1
    this.#keep(entry)
    return entry
  }

  get(id: number): LedgerEntry | undefined {
    return this.#commands.get(id)
  }

  /** Newest first. */
  list(): LedgerEntry[] {
    return [...this.#commands.values()].reverse()
  }

  /**
   * Moves a command to its next state.
   * @param error why, for expired, refused and failed
   * @returns the changed record; undefined when there is no such command or the state may not follow
   */
  advance(id: number, state: CommandState, now: number, error: string | null = null): LedgerEntry | undefined {
    const entry = this.#commands.get(id)
    if (!entry || !mayFollow(entry.state, state)) return undefined
    const changed = { ...entry, state, updated_at: now, tries: entry.tries + (state === 'sent' ? 1 : 0), error }
    this.#keep(changed)
    return changed
  }

  /**
   * The command to ride on the answer to a device's report, counted as sent: closing before settings, older before younger.
   * A command that was sent and not answered goes again with the next report. Every answer carries the clock anyway, so a clock
   * command only waits to be proved.
   * @param device device number
   */
  nextFor(device: number, now: number): QueuedCommand | undefined {
    if (!this.#byDevice.has(device)) return undefined
    const waiting = this.#ofDevice(device).filter((entry) => isWaiting(entry.state) && entry.expires_at > now)
    for (const { id, kind } of waiting) if (kind === 'clock') this.advance(id, 'sent', now)
    const close = waiting.find((entry) => entry.kind === 'close')
    if (close) {
      this.advance(close.id, 'sent', now)
      return { kind: 'close', id: close.id }
    }
    for (const { id, setting } of waiting) {
      if (!setting) continue
      this.advance(id, 'sent', now)
      return { kind: 'parameter', id, ...setting }
    }
    return undefined
  }

  /**
   * What a report proves about commands: the device's answer to one, a closed valve to every close that was sent, a right clock
   * to every clock command that was sent.
   * @returns the changed records
   */
  applyReport(report: Report, now: number): LedgerEntry[] {
    if (!this.#byDevice.has(report.device)) return []
    const { command, valve } = report.status
    const changed: LedgerEntry[] = []
    const move = (id: number, state: CommandState, error: string | null = null) => {
      const entry = this.advance(id, state, now, error)
      if (entry) changed.push(entry)
    }
    for (const { id, kind, tries } of this.#ofDevice(report.device)) {
      if (command?.id === id && !command.accepted) move(id, 'refused', 'refused by the device')
      else if (command?.id === id) move(id, kind === 'close' ? 'accepted' : 'confirmed')
      const sent = tries > 0 || command?.id === id
      if (sent && kind === 'close' && valve === 'closed') move(id, 'confirmed')
      if (sent && kind === 'clock' && Math.abs(report.deviceTime - now) <= CLOCK_TOLERANCE_MS) move(id, 'confirmed')
    }
    return changed
  }

  /** Gives up what is live and past its time. @returns the changed records */
  expire(now: number): LedgerEntry[] {
    return [...this.#commands.values()]
      .filter((entry) => isLive(entry.state) && entry.expires_at <= now)
      .map((entry) => this.advance(entry.id, 'expired', now, `not done by ${new Date(entry.expires_at).toISOString()}`))
      .filter((entry) => entry !== undefined)
  }

  /** Drops commands that ended before an instant; their causes may be used again. @returns how many */
  forget(before: number): number {
    let dropped = 0
    for (const [id, entry] of this.#commands) {
      if (isLive(entry.state) || entry.updated_at >= before) continue
      this.#commands.delete(id)
      this.#byCause.delete(causeKey(entry))
      const device = Number(entry.device)
      const others = (this.#byDevice.get(device) ?? []).filter((other) => other !== id)
      if (others.length > 0) this.#byDevice.set(device, others)
      else this.#byDevice.delete(device)
      dropped++
    }
    return dropped
  }

  save(): LedgerSnapshot {
    return { format: 'gastwin-ledger/1', nextId: this.#nextId, commands: [...this.#commands.values()] }
  }

  /** @throws PeerDataError TWN_SNAPSHOT when it is not a saved ledger */
  static load(saved: unknown): CommandLedger {
    if (!isSnapshot(saved)) throw new PeerDataError('TWN_SNAPSHOT', 'this is not a saved command ledger')
    const ledger = new CommandLedger()
    for (const entry of saved.commands) ledger.#keep(entry)
    ledger.#nextId = saved.nextId
    return ledger
  }

  #keep(entry: LedgerEntry): void {
    if (!this.#commands.has(entry.id)) {
      const device = Number(entry.device)
      const ids = this.#byDevice.get(device)
      if (ids) ids.push(entry.id)
      else this.#byDevice.set(device, [entry.id])
    }
    this.#commands.set(entry.id, entry)
    this.#byCause.set(causeKey(entry), entry.id)
  }

  #ofDevice(device: number): LedgerEntry[] {
    return (this.#byDevice.get(device) ?? []).map((id) => this.#commands.get(id)).filter((entry) => entry !== undefined)
  }
}

const causeKey = ({ kind, device, cause }: Pick<CommandRecord, 'kind' | 'device' | 'cause'>): string =>
  `${kind} ${device} ${cause}`
