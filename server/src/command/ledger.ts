import { PeerDataError, type Report } from '@gastwin/twin'
import type { CommandRecord, CommandRoute, PriceTable } from '../contract/safety.ts'
import type { AnswerForms, QueuedCommand } from '../protocol/index.ts'
import { type Move, movesOf } from './command-proof.ts'
import { type CommandState, isLive, isWaiting, mayFollow } from './command-state.ts'
import {
  type CommandPriority,
  type CommandSetting,
  type FirmwareOrder,
  isSnapshot,
  type LedgerEntry,
  type LedgerSnapshot,
  type PermitOrder,
  PRIORITIES,
} from './ledger-snapshot.ts'
import { isForLine, wirePrices } from './line-form.ts'

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
  readonly prices?: PriceTable
  readonly firmware?: FirmwareOrder
  readonly permit?: PermitOrder
  readonly read?: NonNullable<LedgerEntry['read']>
  readonly log?: NonNullable<LedgerEntry['log']>
  /** Its value sealed. */
  readonly connection?: NonNullable<LedgerEntry['connection']>
  /** Which of a device's commands goes first; `normal` when not said. */
  readonly priority?: CommandPriority
  /** Who is asked to press the meter's button. */
  readonly press?: NonNullable<LedgerEntry['press']>['by']
}

/** What a device is to be told with an answer, and the records that changed by it. */
export interface DueCommand {
  readonly command: QueuedCommand | undefined
  readonly changed: readonly LedgerEntry[]
}

/** What decides whether a command may go although an answer could carry it. */
export interface DeliveryRules {
  /** Waits for another report. */
  holds(entry: LedgerEntry): boolean
  /** The customer's consent that covers a permit; a permit without one waits. */
  consentFor(entry: LedgerEntry): string | undefined
  /** A sealed value in the clear; undefined when it cannot be opened: then it waits. */
  open(sealed: string): string | undefined
  /** Where in the log the session of a device begins, −1 without one. */
  sessionOf(device: number): number
}

/** Nothing is held back. */
export const NO_RULES: DeliveryRules = {
  ...{ holds: () => false, consentFor: () => undefined, open: () => undefined, sessionOf: () => -1 },
}
const NOTHING_DUE: DueCommand = { command: undefined, changed: [] }

/** Command numbers travel in 32 bits. */
const MAX_ID = 0xffff_ffff

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
    const { kind, device, cause, now, expiresAt, setting, prices, firmware, permit, priority, read, log, connection } =
      request
    const { press } = request
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
      ...(prices && { prices }),
      ...(firmware && { firmware }),
      ...(permit && { permit }),
      ...(read && { read }),
      ...(log && { log }),
      ...(connection && { connection }),
      ...(priority && { priority }),
      ...(press && { press: { by: press, pressed_at: null } }),
    }
    this.#nextId = this.#nextId === MAX_ID ? 1 : this.#nextId + 1
    this.#keep(entry)
    return entry
  }

  /** Number of the command that was asked for last, 0 before the first. */
  get newest(): number {
    return this.#nextId - 1
  }

  get(id: number): LedgerEntry | undefined {
    return this.#commands.get(id)
  }

  /** The command that a cause made of a device; undefined before, and when it is forgotten. */
  ofCause(key: Pick<CommandRecord, 'kind' | 'device' | 'cause'>): LedgerEntry | undefined {
    return this.#commands.get(this.#byCause.get(causeKey(key)) ?? -1)
  }

  /** Commands of one device, oldest first. */
  ofDevice(device: number): readonly LedgerEntry[] {
    return this.#ofDevice(device)
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
   * The command to ride on the answer to a device's report, counted as sent: closing before settings, urgent before patient,
   * older before younger, one at a time for a device. A command that was sent and not answered goes again with the next report;
   * no other setting overtakes it. An answer with a clock proves nothing yet, so a clock command only waits to be proved.
   * @param device device number
   * @param forms what this answer can carry: the rest stays queued
   * @param rules what waits for another report, although this one could carry it
   * @returns the command for the wire, and every record that changed
   */
  nextFor(device: number, now: number, forms: AnswerForms, rules: DeliveryRules = NO_RULES): DueCommand {
    if (!this.#byDevice.has(device)) return NOTHING_DUE
    const waiting = this.#ofDevice(device).filter((entry) => isWaiting(entry.state) && entry.expires_at > now)
    const changed: LedgerEntry[] = []
    const send = (id: number, more: Pick<LedgerEntry, 'consent' | 'renewal'> = {}) => {
      const entry = this.advance(id, 'sent', now)
      if (entry === undefined) return
      const sent = { ...entry, ...more }
      this.#keep(sent)
      changed.push(sent)
    }
    if (forms.clock) for (const { id, kind } of waiting) if (kind === 'clock') send(id)
    const close = forms.close ? first(waiting.filter(({ kind }) => kind === 'close')) : undefined
    if (close !== undefined) {
      send(close.id)
      return { command: { kind: 'close', id: close.id }, changed }
    }
    const mayGo = (entry: LedgerEntry): boolean =>
      wireForm(entry, rules) !== undefined &&
      // Whoever pressed the button stands there and waits for it.
      (isPressed(entry) || !rules.holds(entry)) &&
      (!isPermit(entry) || rules.consentFor(entry) !== undefined)
    const settings = forms.parameter ? waiting.filter(mayGo) : []
    const due = settings.find(({ state }) => state === 'sent') ?? first(settings)
    const command = due && wireForm(due, rules)
    if (due === undefined || command === undefined) return { command: undefined, changed }
    const consent = isPermit(due) ? rules.consentFor(due) : undefined
    const renewal =
      due.kind === 'renew_key' && due.renewal === undefined ? { before: rules.sessionOf(device) } : undefined
    send(due.id, { ...(consent !== undefined && { consent }), ...(renewal && { renewal }) })
    return { command, changed }
  }

  /**
   * The command that a concentrator passes on to a device next, in the order of `nextFor`: one at a time, only a close goes before
   * what is under way.
   */
  dueOnLine(device: number, now: number, rules: DeliveryRules = NO_RULES): LedgerEntry | undefined {
    if (!this.#byDevice.has(device)) return undefined
    const mayGo = (entry: LedgerEntry): boolean =>
      entry.kind === 'close' || (!rules.holds(entry) && (!isPermit(entry) || rules.consentFor(entry) !== undefined))
    const waiting = this.#ofDevice(device).filter(
      (entry) => isWaiting(entry.state) && entry.expires_at > now && isForLine(entry) && mayGo(entry),
    )
    const close = first(waiting.filter(({ kind }) => kind === 'close'))
    const due = close ?? waiting.find(({ state }) => state === 'sent') ?? first(waiting)
    return due === undefined || (due.via?.not_before ?? 0) > now ? undefined : due
  }

  /**
   * A concentrator is told to pass a command on.
   * @param consent under which a permit goes
   * @returns the changed record; undefined when it was told this attempt before
   */
  passOn(id: number, via: CommandRoute, now: number, consent?: string): LedgerEntry | undefined {
    const entry = this.#commands.get(id)
    if (entry?.via?.told === true && entry.state === 'sent') return undefined
    const sent = this.advance(id, 'sent', now)
    if (sent !== undefined && consent !== undefined) this.#keep({ ...sent, consent })
    return sent && this.routed(id, { ...via, told: true }, now)
  }

  /** Another way, or another time, for a command that did not reach its meter. @returns the changed record */
  routed(id: number, via: CommandRoute, now: number): LedgerEntry | undefined {
    const entry = this.#commands.get(id)
    if (entry === undefined) return undefined
    const changed = { ...entry, via, updated_at: now }
    this.#keep(changed)
    return changed
  }

  /**
   * What a report proves about commands: the device's answer to one, and of every command that was told what shows that it is done.
   * @param idBits of a command's number that the device's language carries back
   * @param session where in the log the device's session begins
   * @returns the changed records
   */
  applyReport(report: Report, now: number, idBits: 16 | 32 = 32, session = -1): LedgerEntry[] {
    if (!this.#byDevice.has(report.device)) return []
    const { command } = report.status
    const changed: LedgerEntry[] = []
    if (report.trigger === 'button') changed.push(...this.#pressed(report.device, now))
    const entries = this.#ofDevice(report.device)
    // Of numbers that are cut short the newest is meant: one command at a time is under way.
    const answered = entries.findLast(({ id }) => (idBits === 16 ? id % 0x1_0000 : id) === command?.id)?.id
    for (const entry of entries) {
      const word = entry.id === answered ? command?.accepted : undefined
      for (const { state, error = null, more } of movesOf(entry, { report, word, now, session })) {
        const moved = this.#move(entry.id, state, now, error, more)
        if (moved !== undefined) changed.push(moved)
      }
    }
    return changed
  }

  /** The button of a meter was pressed: what waits for that goes with the answer. */
  #pressed(device: number, now: number): LedgerEntry[] {
    const asked = this.#ofDevice(device).filter((entry) => awaitsPress(entry) && entry.expires_at > now)
    return asked.map((entry) => {
      const pressed = { ...entry, press: { by: entry.press?.by ?? 'worker', pressed_at: now }, updated_at: now }
      this.#keep(pressed)
      return pressed
    })
  }

  /** A step that brings news of an order is taken also where it does not change the state. */
  #move(
    id: number,
    state: CommandState,
    now: number,
    error: string | null,
    more: Move['more'],
  ): LedgerEntry | undefined {
    const before = this.#commands.get(id)
    const moved = this.advance(id, state, now, error)
    const known = moved ?? (more !== undefined && before?.state === state ? before : undefined)
    if (known === undefined || more === undefined) return known
    const told = { ...known, ...more, updated_at: now }
    this.#keep(told)
    return told
  }

  /**
   * Takes back a command that was never sent. What is under way may have been obeyed already and runs to its end.
   * @returns the changed record; undefined when it cannot be taken back any more, or there is none
   */
  cancel(id: number, now: number, who: string): LedgerEntry | undefined {
    return this.advance(id, 'cancelled', now, `cancelled by ${who}`)
  }

  /** Takes a record of the log as it is: what the command had become then. */
  restore(entry: LedgerEntry): void {
    this.#keep(entry)
    if (entry.id >= this.#nextId) this.#nextId = entry.id === MAX_ID ? 1 : entry.id + 1
  }

  /** Gives up what is live and past its time. @returns the changed records */
  expire(now: number): LedgerEntry[] {
    return [...this.#commands.values()]
      .filter((entry) => isLive(entry.state) && entry.expires_at <= now)
      .map((entry) => this.advance(entry.id, 'expired', now, expiryOf(entry)))
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

/** Whether somebody is still asked to press the button of the meter, so that it is told. */
export const awaitsPress = ({ press, state }: Pick<LedgerEntry, 'press' | 'state'>): boolean =>
  press?.pressed_at === null && state === 'queued'

const isPressed = ({ press }: LedgerEntry): boolean => press !== undefined && press.pressed_at !== null

/** Why a command is given up. */
function expiryOf(entry: LedgerEntry): string {
  const by = new Date(entry.expires_at).toISOString()
  if (awaitsPress(entry)) return `never told by ${by}: the ${entry.press?.by} who was asked did not press the button`
  if (isPressed(entry) && entry.tries === 0)
    return `never told by ${by}: the button was pressed, and its report could not be answered with it`
  return `not done by ${by}`
}

/** Whether a person on site may open a valve by it: a relay's permit needs no consent. */
export const isPermit = ({ permit }: LedgerEntry): boolean => permit !== undefined

/** The command for the wire; undefined for one that travels in a form of its own, or cannot be opened. */
function wireForm(entry: LedgerEntry, { open }: Pick<DeliveryRules, 'open'>): QueuedCommand | undefined {
  const { id, kind, setting, firmware, permit, read, log, connection, prices } = entry
  switch (kind) {
    case 'parameter':
      return setting && { kind, id, ...setting }
    case 'firmware':
      return firmware && { kind, id, image: firmware.image }
    case 'permit':
      return permit && { kind, id, windowS: permit.window_s }
    case 'read':
      return read === undefined ? { kind, id } : { kind, id, month: Number(read.month.replace('-', '')) }
    case 'log':
      return log && { kind, id, days: log.days }
    case 'restart':
    case 'renew_key':
      return { kind, id }
    case 'price':
      return prices && { kind, id, prices: wirePrices(prices) }
    case 'connection': {
      const text = connection && open(connection.value)
      return connection === undefined || text === undefined
        ? undefined
        : { kind, id, setting: connection.setting, text }
    }
    default:
      return undefined
  }
}

/** The most urgent of entries in rising order of their numbers, the oldest of those. */
function first(entries: readonly LedgerEntry[]): LedgerEntry | undefined {
  const rank = ({ priority }: LedgerEntry): number => PRIORITIES.indexOf(priority ?? 'normal')
  return entries.reduce<LedgerEntry | undefined>(
    (best, entry) => (best === undefined || rank(entry) < rank(best) ? entry : best),
    undefined,
  )
}

const causeKey = ({ kind, device, cause }: Pick<CommandRecord, 'kind' | 'device' | 'cause'>): string =>
  `${kind} ${device} ${cause}`
