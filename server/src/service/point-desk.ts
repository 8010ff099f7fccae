import type { Meter } from '@gastwin/twin'
import type { AuditFacts } from '../command/audit-chain.ts'
import type { PointImportView } from '../contract/index.ts'
import { csvText } from '../devices/csv.ts'
import type { DeviceBooks } from '../devices/device-books.ts'
import type { PersonalSeal } from '../devices/personal-seal.ts'
import { type PointPlan, planPoints } from '../devices/plan-points.ts'
import type { EventLog } from '../log/event-log.ts'
import { entryOf, type PlatformEvent } from '../log/platform-events.ts'
import type { CityState } from '../pipeline/city-state.ts'

/** Rows in one event of the log. */
const ROWS_AN_EVENT = 500

export interface PointDeskParts {
  readonly books: DeviceBooks
  readonly city: CityState
  readonly log: EventLog
  readonly seal: PersonalSeal
  readonly audit: (at: number, event: string, facts: AuditFacts) => Promise<unknown>
  /** Acts on archive and points, one after the other. */
  readonly inTurn: <T>(act: () => Promise<T>) => Promise<T>
  /** Service clock, Unix ms. */
  readonly now: () => number
  readonly knowsProfile: (name: string) => boolean
  /** Told when a device is no longer a stranger. */
  readonly adopted: (device: string) => void
  /** Told when the network has more points than before. */
  readonly onGrown: () => void
}

/** Metering points that come to the running twin beside its network document. First in the audit, then in the log, then there. */
export class PointDesk {
  readonly #parts: PointDeskParts
  /** Position of the first points that analysis and ledger do not know yet. */
  #settlingFrom: number | undefined

  constructor(parts: PointDeskParts) {
    this.#parts = parts
  }

  /** Reads a whole table and, unless it is only looked at, takes it when nothing is wrong with it. */
  import(bytes: Uint8Array, dryRun: boolean, user: string, file?: string): Promise<PointPlan> {
    return this.#parts.inTurn(() => this.#import(bytes, dryRun, user, file))
  }

  /** The tables that were taken, newest first, and what of them is in force. */
  imports(): PointImportView[] {
    const { books, city } = this.#parts
    return books.meters.points.imports().map(({ since, at, user, file, points }) => {
      const inForce = points.filter(({ id }) => city.fleet.slotOf(Number(id)) >= 0).length
      const isSettling = this.#settlingFrom !== undefined && since >= this.#settlingFrom
      return {
        ...{ id: String(since), at, user, file, points: points.length, in_force: inForce },
        ...{ first: points[0]?.id ?? null, last: points.at(-1)?.id ?? null },
        state: inForce === 0 ? 'gone' : isSettling ? 'settling' : 'in_force',
      }
    })
  }

  /** Analysis and ledger have begun anew with all points there are. */
  settled(): void {
    this.#settlingFrom = undefined
  }

  /** Points beside the network document, as a document would say them, oldest first. */
  list(): readonly Meter[] {
    return this.#parts.books.meters.points.all()
  }

  async #import(bytes: Uint8Array, dryRun: boolean, user: string, file?: string): Promise<PointPlan> {
    const { books, city, seal, knowsProfile } = this.#parts
    const plan = await planPoints(csvText(bytes), {
      ...{ network: city.network, archive: books.archive, seal, knowsProfile },
      taken: (device) => this.#taken(device),
      added: books.meters.points.size,
    })
    if (!dryRun && plan.faultsInAll === 0 && plan.points.length > 0) await this.#add(plan, user, file)
    return plan
  }

  async #add({ points, changes }: PointPlan, user: string, file?: string): Promise<void> {
    const { books, city, log, audit, now, adopted, onGrown } = this.#parts
    const at = now()
    const act = { at, user, ...(file !== undefined && { file }) }
    await audit(at, 'add_points', { rows: points.length, by: user, ...(file !== undefined && { file }) })
    const events: PlatformEvent[] = []
    for (let from = 0; from < points.length; from += ROWS_AN_EVENT)
      events.push({ type: 'points_added', ...act, points: points.slice(from, from + ROWS_AN_EVENT) })
    const parts = events.length
    for (const { table, rows } of changes)
      for (let from = 0; from < rows.length; from += ROWS_AN_EVENT) {
        const some = rows.slice(from, from + ROWS_AN_EVENT)
        const device = table === 'devices' && some.length === 1 ? Number(some[0]?.['number']) : 0
        events.push({ type: 'archive', at, user, device, change: { table, rows: some } })
      }
    // Directly behind the append: a report that comes behind it finds its point.
    await log.append(events.map(entryOf)).then((first) => {
      for (let part = 0; part < parts; part++) {
        const some = points.slice(part * ROWS_AN_EVENT, (part + 1) * ROWS_AN_EVENT)
        books.meters.points.hold({ points: some, since: first + part, ...act })
      }
      this.#settlingFrom ??= first
      city.addPoints(points)
    })
    for (const event of events) if (event.type === 'archive') books.archive.apply(event.change)
    for (const { id } of points) adopted(id)
    onGrown()
  }

  /** Why a number cannot be a new point. */
  #taken(device: number): string | undefined {
    const { city, books } = this.#parts
    const slot = city.fleet.slotOf(device)
    if (slot >= 0) return `${device} belongs to the network already`
    if (city.concentrators.find(device) !== undefined) return `${device} is a concentrator`
    if (books.meters.pointOf(device) !== device)
      return `${device} stands, or stood, at another point: it is put in its place by a change of meters`
    if (books.archive.get('devices', String(device))?.['life'] === 'scrapped') return `${device} was scrapped`
    return undefined
  }
}
