import { METER_KINDS, mediumOf, UsageError } from '@gastwin/twin'
import type { AuditFacts } from '../command/audit-chain.ts'
import type { ArchiveCells, ArchiveTable, CampaignFilter, DelegationRequest, FitRequest } from '../contract/index.ts'
import { ARCHIVE_KEYS, type ArchiveChange, type ArchiveRow } from '../devices/archive.ts'
import { ARCHIVE_COLUMNS } from '../devices/archive-columns.table.ts'
import { NO_CELL } from '../devices/cell-load.ts'
import { checkCell } from '../devices/check-cell.ts'
import { csvText } from '../devices/csv.ts'
import { type Delegation, type KeptDelegation, makeDelegationKey } from '../devices/delegation.ts'
import type { DeviceBooks } from '../devices/device-books.ts'
import type { Fitting, KnownFitting } from '../devices/fitting.ts'
import { type ImportPlan, lifeFault, merged, planImport } from '../devices/import-archive.ts'
import type { PersonalSeal } from '../devices/personal-seal.ts'
import type { EventLog, LogEntry } from '../log/event-log.ts'
import { entryOf, type PlatformEvent, recordEvents } from '../log/platform-events.ts'
import type { CityState } from '../pipeline/city-state.ts'
import { timeSlice } from '../time-slice.ts'
import type { DeviceFinder } from '../views/find-devices.ts'
import type { CommandDesk } from './command-desk.ts'
import { concentratorTargets } from './concentrator-targets.ts'

/** Rows of the archive in one event of the log. */
const ROWS_AN_EVENT = 500
const SLICE_MS = 5
const WATER = METER_KINDS.indexOf('water')
/** Device clocks and fitters' watches differ; a later time is a mistake. */
const CLOCKS_DIFFER_MS = 600_000

export interface DeviceDeskParts {
  readonly books: DeviceBooks
  readonly city: CityState
  readonly finder: DeviceFinder
  readonly commands: CommandDesk
  readonly log: EventLog
  readonly seal: PersonalSeal
  readonly audit: (at: number, event: string, facts: AuditFacts) => Promise<unknown>
  /** Service clock, Unix ms. */
  readonly now: () => number
  /** Told when a device is no longer a stranger. */
  readonly adopted: (device: string) => void
  /** Told which meter stands at a point behind a record of the log. */
  readonly fitted: (point: number, device: number, since: number) => void
  readonly failed: (error: unknown) => void
}

/** What people decide about devices. First in the audit, then in the log, then done: a restart knows all of it. */
export class DeviceDesk {
  readonly books: DeviceBooks
  readonly #parts: DeviceDeskParts
  #last: Promise<unknown> = Promise.resolve()

  constructor(parts: DeviceDeskParts) {
    this.#parts = parts
    this.books = parts.books
  }

  /**
   * The point of the network that a number means: of that number itself, else that at which a device of that number stands;
   * undefined when it stands nowhere.
   */
  pointOf(number: string): number | undefined {
    const { fleet } = this.#parts.city
    if (fleet.slotOf(Number(number)) >= 0) return Number(number)
    const point = this.books.meters.pointOf(Number(number))
    return point !== undefined && fleet.slotOf(point) >= 0 ? point : undefined
  }

  /** Row of the point that a number means. @throws UsageError API_NOT_FOUND */
  slotOf(device: string): number {
    const slot = this.#parts.city.fleet.slotOf(this.pointOf(device) ?? -1)
    if (slot < 0) throw new UsageError('API_NOT_FOUND', `no device has the number ${device}`)
    return slot
  }

  /** Radio cell that a device named last, NO_CELL when it named none. */
  cellOf(device: number): number {
    const { fleet } = this.#parts.city
    return fleet.columns.pci[fleet.slotOf(this.books.meters.pointOf(device) ?? -1)] ?? NO_CELL
  }

  /** Number of the device that a number means: of the meter that stands at the point now. */
  deviceFor(number: string): string {
    const point = this.pointOf(number)
    return point === undefined ? number : String(this.books.meters.deviceAt(point) ?? number)
  }

  /** Puts a meter, known or a stranger, in the place of another. @throws UsageError when it cannot be so */
  fit(request: FitRequest, user: string): Promise<Fitting> {
    return this.inTurn(() => this.#fit(request, user))
  }

  async #fit(request: FitRequest, user: string): Promise<Fitting> {
    const fitting = this.#fitting(request, user)
    const { point, device, before, old_end_m3, new_begin_m3 } = fitting
    const { now, audit, log, commands } = this.#parts
    const at = now()
    await audit(at, 'fit_meter', {
      device: String(device),
      point: String(point),
      before: String(before),
      old_end_m3,
      new_begin_m3,
      by: user,
      detail: fitting.reason,
    })
    const changes = this.#rowsOfFitting(fitting)
    const events: PlatformEvent[] = [
      { type: 'meter_fitted', at, device: point, fitting },
      ...changes.map(
        (change): PlatformEvent => ({
          type: 'archive',
          at,
          user,
          device: Number(change.rows[0]?.['number'] ?? 0),
          change,
        }),
      ),
    ]
    const since = await log.append(events.map(entryOf))
    this.books.meters.hold({ ...fitting, since } satisfies KnownFitting)
    this.#parts.fitted(point, device, since)
    for (const change of changes) this.books.archive.apply(change)
    const waiting = commands.ofDevice(before).filter(({ state }) => state === 'queued')
    commands.withdraw(
      waiting.map(({ id }) => id),
      at,
      `${user}: the meter was changed`,
    )
    this.#parts.adopted(String(device))
    return fitting
  }

  #fitting(request: FitRequest, user: string): Fitting {
    const { city, finder, now } = this.#parts
    const { meters, archive } = this.books
    const slot = city.fleet.slotOf(Number(request.point))
    if (slot < 0) throw new UsageError('NET_UNKNOWN', `the network has no metering point ${request.point}`)
    if (city.fleet.columns.kind[slot] !== 0)
      throw new UsageError('CMD_REFUSED', `${request.point} is no meter: RTUs and valves are changed in the document`)
    if (mediumOf(city.fleet.columns.flags[slot] ?? 0) > WATER)
      throw new UsageError('CMD_REFUSED', 'only meters that count in m³ are changed: gas and water')
    const point = Number(request.point)
    const device = Number(request.device)
    const before = meters.deviceAt(point) ?? point
    const stands = meters.pointOf(device)
    if (before === device) throw new UsageError('API_CONFLICT', `${device} stands at ${point} already`)
    if (stands !== undefined && (stands !== device || city.fleet.slotOf(device) >= 0))
      throw new UsageError('API_CONFLICT', `${device} stands at ${stands}: it cannot be at two points`)
    if (archive.get('devices', String(device))?.['life'] === 'scrapped')
      throw new UsageError('CMD_REFUSED', `${device} was scrapped`)
    const fittedAt = request.fitted_at ?? now()
    if (fittedAt > now() + CLOCKS_DIFFER_MS) throw new UsageError('API_INPUT', 'it is fitted in the future')
    const offsetBefore = meters.historyOf(point).at(-1)?.offset_m3 ?? 0
    const last = city.fleet.lastReading(slot)
    const lastOfMeter = last === undefined ? 0 : last.register - offsetBefore
    const oldEnd = request.old_end_m3 ?? lastOfMeter
    if (last !== undefined && last.at > fittedAt)
      throw new UsageError(
        'CMD_REFUSED',
        `the point was read at ${new Date(last.at).toISOString()}, after the meter was fitted`,
      )
    if (oldEnd < lastOfMeter - 1e-6)
      throw new UsageError(
        'CMD_REFUSED',
        `${before} had counted ${lastOfMeter.toFixed(3)} m³ before: an end of ${oldEnd} m³ would take sales back`,
      )
    return {
      point,
      device,
      before,
      fitted_at: fittedAt,
      quantity: finder.billedAt(slot),
      old_end_m3: oldEnd,
      new_begin_m3: request.new_begin_m3,
      offset_m3: oldEnd + offsetBefore - request.new_begin_m3,
      by: user,
      reason: request.reason,
    }
  }

  /** Rows of the archive that say the same: the meter that came is in service where the other was. */
  #rowsOfFitting({ device, before, fitted_at, reason }: Fitting): readonly ArchiveChange[] {
    const { archive } = this.books
    const old = archive.get('devices', String(before))
    const { premises: _, group: __, ...left } = { ...old, number: String(before), life: 'out_of_service' } as ArchiveRow
    const came: ArchiveRow = {
      ...archive.get('devices', String(device)),
      number: String(device),
      life: 'in_service',
      installed_on: this.#parts.city.calendar.dayName(fitted_at),
      ...(old?.['premises'] && { premises: old['premises'] }),
      ...(old?.['group'] && { group: old['group'] }),
    }
    const ended: ArchiveRow = { ...(left as ArchiveRow), note: reason.slice(0, 200) }
    return [
      { table: 'devices', rows: [ended] },
      { table: 'devices', rows: [came] },
    ]
  }

  /** Sets cells of one row. @throws UsageError API_INPUT saying column and mistake */
  editArchive(
    table: ArchiveTable,
    key: string,
    cells: ArchiveCells,
    reason: string,
    user: string,
  ): Promise<ArchiveRow> {
    return this.inTurn(() => this.#edit(table, key, cells, reason, user))
  }

  async #edit(
    table: ArchiveTable,
    key: string,
    cells: ArchiveCells,
    reason: string,
    user: string,
  ): Promise<ArchiveRow> {
    const { archive } = this.books
    const { seal } = this.#parts
    const given: Record<string, string> = {}
    const columns = ARCHIVE_COLUMNS[table]
    for (const [name, value] of Object.entries({ ...cells, [ARCHIVE_KEYS[table]]: key })) {
      const column = columns.find((one) => one.name === name)
      if (column === undefined) throw new UsageError('API_INPUT', `${name}: ${table} have no such column`)
      if (column.personal && !seal.canSeal)
        throw new UsageError('API_INPUT', `${name}: personal values need a master key of the service`)
      const checked = checkCell(value.trim(), column.cell, {
        has: (other, of) => archive.get(other, of) !== undefined,
        isPoint: this.isPoint,
      })
      if (typeof checked !== 'string') throw new UsageError('API_INPUT', `${name}: ${checked.words}`)
      given[name] = checked
    }
    const row = given[ARCHIVE_KEYS[table]] ?? key
    const before = archive.get(table, row)
    const order = lifeFault(before?.['life'], given['life'])
    if (order !== undefined) throw new UsageError('CMD_REFUSED', order)
    const after = merged(table, before, given, seal)
    if (after === undefined) return before ?? {}
    await this.#keep(table, [after], user, 'edit_archive', reason)
    return after
  }

  /** Reads a whole table and takes it when nothing is wrong with it. */
  importArchive(table: ArchiveTable, bytes: Uint8Array, dryRun: boolean, user: string): Promise<ImportPlan> {
    return this.inTurn(() => this.#import(table, bytes, dryRun, user))
  }

  async #import(table: ArchiveTable, bytes: Uint8Array, dryRun: boolean, user: string): Promise<ImportPlan> {
    const ground = { archive: this.books.archive, seal: this.#parts.seal, isPoint: this.isPoint }
    const plan = await planImport(table, csvText(bytes), ground)
    if (!dryRun && plan.faultsInAll === 0 && plan.changes.length > 0)
      await this.#keep(table, plan.changes, user, 'import_archive', `${plan.added} added, ${plan.changed} changed`)
    return plan
  }

  async delegate(request: DelegationRequest, user: string): Promise<{ delegation: Delegation; key: string }> {
    const { name, role, scope, expires_in_s, reason } = request
    const at = this.#parts.now()
    const { key, sha256 } = makeDelegationKey()
    const { delegations } = this.books
    const delegation: KeptDelegation = {
      ...{ id: delegations.takeId(), name, role, scope, granted_by: user, granted_at: at },
      ...{ expires_at: at + expires_in_s * 1000, revoked_at: null, revoked_by: null, reason, sha256 },
    }
    await this.#parts.audit(at, 'delegate', { id: delegation.id, name, role, by: user, detail: reason })
    await recordEvents(this.#parts.log, [{ type: 'delegation', at, delegation }])
    delegations.apply(delegation)
    const { sha256: _, ...shown } = delegation
    return { delegation: shown, key }
  }

  async revoke(id: string, user: string): Promise<Delegation> {
    const { delegations } = this.books
    const known = delegations.get(id)
    if (known === undefined) throw new UsageError('API_NOT_FOUND', `no delegation has the id ${id}`)
    const at = this.#parts.now()
    const revoked = known.revoked_at === null ? { ...known, revoked_at: at, revoked_by: user } : known
    await this.#parts.audit(at, 'revoke_delegation', { id, by: user })
    await recordEvents(this.#parts.log, [{ type: 'delegation', at, delegation: revoked }])
    delegations.apply(revoked)
    const { sha256: _, ...shown } = revoked
    return shown
  }

  /** Whether a delegation reaches a row of the fleet. */
  isWithin({ zones, marks, devices }: Delegation['scope'], slot: number): boolean {
    const { fleet, network } = this.#parts.city
    const c = fleet.columns
    const point = c.number[slot] ?? 0
    const device = this.books.meters.deviceAt(point) ?? point
    if (zones !== undefined && !zones.includes(network.zones.ids[c.zone[slot] ?? -1] ?? '')) return false
    if (devices !== undefined && !devices.some((one) => Number(one) === point || Number(one) === device)) return false
    return marks === undefined || marks.some((mark) => this.books.archive.devicesWith(mark).has(device))
  }

  /** Numbers of the devices that a filter finds, rising: of each point the meter that stands there now. @throws UsageError */
  async targets(filter: CampaignFilter): Promise<Float64Array> {
    if (filter.kind === 'concentrator')
      return concentratorTargets(filter, this.#parts.city.concentrators, this.books.archive)
    const numbers: number[] = []
    const { fleet } = this.#parts.city
    await this.#parts.finder.each({ ...filter, kind: 'meter' }, (slot) => {
      const device = this.books.meters.deviceAt(fleet.columns.number[slot] ?? 0)
      if (device !== undefined) numbers.push(device)
    })
    return Float64Array.from(numbers).sort()
  }

  /** Whether the network has a meter of this number. */
  readonly isPoint = (number: string): boolean => {
    const slot = this.#parts.city.fleet.slotOf(Number(number))
    return slot >= 0 && this.#parts.city.fleet.columns.kind[slot] === 0
  }

  async #keep(
    table: ArchiveTable,
    rows: readonly ArchiveRow[],
    user: string,
    event: string,
    detail: string,
  ): Promise<void> {
    const at = this.#parts.now()
    await this.#parts.audit(at, event, { table, rows: rows.length, by: user, detail })
    const changes: ArchiveChange[] = []
    for (let from = 0; from < rows.length; from += ROWS_AN_EVENT)
      changes.push({ table, rows: rows.slice(from, from + ROWS_AN_EVENT) })
    const device = rows.length === 1 && table === 'devices' ? Number(rows[0]?.['number']) : 0
    const slice = timeSlice(SLICE_MS)
    const entries: LogEntry[] = []
    for (const change of changes) {
      await slice()
      entries.push(entryOf({ type: 'archive', at, user, device, change }))
    }
    // At once: a table is taken as a whole or not at all.
    await this.#parts.log.append(entries)
    for (const change of changes) this.books.archive.apply(change)
  }

  /** What was checked must still be so when it is written: one after the other. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => undefined)
    return done
  }
}
