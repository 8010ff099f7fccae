import type { ConcentratorNews, FoundRoute } from '../reading/concentrator-news.ts'
import type { DeviceStatus, Report } from '../reading/report.ts'
import type { CityCalendar } from '../time/city-day.ts'
import { type ArchivedMeter, type ConcentratorArchive, routeFault } from './concentrator.ts'
import { DUES_A_METER, METERS_AN_ORDER, type ReadingOrder, ROWS_A_PAGE } from './concentrator-orders.ts'
import { type Arrival, MeterDuty, RECOVERY_RULES, type SavedDuty } from './meter-duty.ts'
import type { ReadingPlan } from './reading-plan.ts'

/** How long a queue may stand before what is missing is asked for beside it, ms. */
const PATIENCE_MS = 24 * 3_600_000

/** How long an address from which a concentrator spoke is good for orders that it did not ask for (S0-39), ms. */
export const ADDRESS_LIFE_MS = 24 * 3_600_000

/** In place of a due time: the register at the moment. */
const AS_IT_STANDS = 0

type ReadOrder = Extract<ReadingOrder, { kind: 'read' }>
type NetworkOrder = Extract<ReadingOrder, { kind: 'network' }>

/** A meter behind a concentrator as it is known now. Instants are Unix ms. */
export interface MeterBehind {
  readonly archived: ArchivedMeter
  /** Number of the meter that stands at the point of the archive: what the concentrator knows it by. */
  address: number
  readonly duty: MeterDuty
  route: FoundRoute | undefined
  /** When a path to it was looked for last because it could not be reached; 0 for never. */
  soughtAt: number
  /** Newest value and its time; NaN and 0 before the first. */
  lastValue: number
  lastAt: number
}

/** How many values came in which way. */
export type Arrivals = Readonly<Record<Arrival, number>>

export interface SavedConcentrator {
  readonly heardAt: number
  readonly host?: string
  readonly hostAt?: number
  readonly deviceTime: number
  readonly sequence: number
  readonly backlog: number
  readonly held: ConcentratorNews['addresses']
  readonly status: DeviceStatus
  readonly reading: ReadOrder | null
  readonly forming: NetworkOrder | null
  readonly formingSince: number
  /** Missing in what was saved by a version that did not ask a busy concentrator. */
  readonly busySince?: number
  readonly arrivals: Arrivals
  readonly due: number
  readonly meters: readonly {
    readonly number: number
    readonly address?: number
    readonly plan: ReadingPlan
    readonly route: FoundRoute | null
    readonly soughtAt?: number
    readonly lastValue: number | null
    readonly lastAt: number
    readonly duty: SavedDuty
  }[]
}

/**
 * One concentrator: what it holds and says, the paths to its meters, and what it still has to bring. Changes by its messages, by
 * readings of its meters and by orders, each with the time it was received: read again from the log, it comes out the same.
 */
export class ConcentratorTwin {
  readonly archive: ConcentratorArchive
  readonly meters: readonly MeterBehind[]
  readonly #behind: ReadonlyMap<number, MeterBehind>
  readonly #ofAddress: Map<number, MeterBehind>
  /** 0 before the first message. */
  heardAt = 0
  /** Address from which it spoke last; empty before. */
  host = ''
  /** When it spoke from there, 0 before. */
  hostAt = 0
  /** Its own clock, NaN when it told none. */
  deviceTime = Number.NaN
  backlog = 0
  held: ConcentratorNews['addresses'] = { version: 0, rows: 0 }
  status: DeviceStatus = {}
  reading: ReadOrder | undefined
  forming: NetworkOrder | undefined
  /** Values that became due, and how those that came did. */
  due = 0
  readonly arrivals: Record<Arrival, number> = { in_time: 0, own: 0, meter: 0, concentrator: 0, next_report: 0 }
  #sequence = -1
  #formingSince = 0
  /** Since when values wait in its memory without a break; 0 while none does. */
  #busySince = 0
  #version: number | undefined

  constructor(archive: ConcentratorArchive) {
    this.archive = archive
    this.meters = archive.meters.map((archived) => ({
      archived,
      address: archived.number,
      duty: new MeterDuty(archived.plan),
      route: undefined,
      soughtAt: 0,
      lastValue: Number.NaN,
      lastAt: 0,
    }))
    this.#behind = new Map(this.meters.map((meter) => [meter.archived.number, meter]))
    this.#ofAddress = new Map(this.#behind)
  }

  /** Another meter stands at a point: the concentrator is told with a list of its own. */
  fitted(point: number, device: number): void {
    const meter = this.#behind.get(point)
    if (meter === undefined || meter.address === device) return
    this.#ofAddress.delete(meter.address)
    this.#ofAddress.set(device, meter)
    meter.address = device
    meter.route = undefined
    this.#version = undefined
  }

  meter(number: number): MeterBehind | undefined {
    return this.#behind.get(number)
  }

  /** The meter that the concentrator knows by a number. */
  meterAt(address: number): MeterBehind | undefined {
    return this.#ofAddress.get(address)
  }

  /** The list of meters and plans by a number of its own: another list has another one. */
  get version(): number {
    this.#version ??= fingerprint(this.#rows())
    return this.#version
  }
  /** Whether the concentrator has the whole list. */
  get holdsAddresses(): boolean {
    return this.held.version === this.version && this.held.rows >= this.meters.length
  }

  /**
   * A message of the concentrator.
   * @param nextOrder gives a number to an order
   * @param host address from which it came
   * @returns false when it is the same message again
   */
  hear(report: Report, now: number, calendar: CityCalendar, nextOrder: () => number, host = ''): boolean {
    this.speaksFrom(host, now)
    this.heardAt = Math.max(this.heardAt, now)
    if (report.sequence >= 0 && report.sequence === this.#sequence) return false
    this.#sequence = report.sequence
    this.deviceTime = report.deviceTime
    this.status = report.status
    const news = report.concentrator
    if (news !== undefined) this.#take(news, now)
    for (const { duty } of this.meters) {
      this.due += duty.expect(now, this.archive.since, calendar, (how) => {
        this.arrivals[how] += 1
      })
      duty.tend(now)
    }
    if (this.reading !== undefined && !this.#stillOpen(this.reading)) this.reading = undefined
    if (this.forming !== undefined && now - this.#formingSince >= RECOVERY_RULES.orderMs) this.forming = undefined
    if (this.reading === undefined && this.holdsAddresses) this.#askForMissing(now, nextOrder)
    return true
  }

  /** Something of it came from an address. @param host empty when nobody knows */
  speaksFrom(host: string, now: number): void {
    if (host === '' || now < this.hostAt) return
    this.host = host
    this.hostAt = now
  }

  /** A value of one of its meters. @param at its own time @param now when it was received, Unix ms */
  value(meter: MeterBehind, at: number, value: number, now: number): void {
    const how = meter.duty.arrived(at, now)
    if (how !== undefined) this.arrivals[how] += 1
    if (at <= meter.lastAt) return
    meter.lastAt = at
    meter.lastValue = value
    meter.duty.reported(now)
  }

  /** What its answer has to say now. */
  orders(): ReadingOrder[] {
    const orders: ReadingOrder[] = []
    if (!this.holdsAddresses) {
      const first = this.held.version === this.version ? this.held.rows : 0
      const rows = this.#rows().slice(first, first + ROWS_A_PAGE)
      orders.push({ kind: 'addresses', version: this.version, total: this.meters.length, first, rows })
    }
    const addressOf = (number: number): number => this.#behind.get(number)?.address ?? number
    if (this.forming !== undefined) orders.push({ ...this.forming, meters: this.forming.meters.map(addressOf) })
    if (this.reading !== undefined) {
      // A register as it stands is that of the moment when the order is said, however often it was said before.
      const standing = Math.ceil(this.heardAt / 1000) * 1000
      const meters = this.reading.meters.map(({ meter, due }) => {
        return { meter: addressOf(meter), due: due.map((at) => (at === AS_IT_STANDS ? standing : at)) }
      })
      orders.push({ ...this.reading, meters })
    }
    return orders
  }

  /** Reads these meters by another plan from now on. @param numbers undefined: all */
  setPlan(plan: ReadingPlan, numbers: readonly number[] | undefined): void {
    for (const meter of this.#chosen(numbers)) meter.duty.plan = plan
    this.#version = undefined
  }

  /** Wants values of these meters once more. @param due by meter, Unix ms */
  want(
    numbers: readonly number[] | undefined,
    wanted: 'value' | 'newest',
    due: (meter: MeterBehind) => readonly number[],
  ): number {
    let values = 0
    for (const meter of this.#chosen(numbers)) {
      const times = due(meter)
      meter.duty.want(times, wanted)
      values += times.length
    }
    return values
  }

  /** Lets it look for paths anew. */
  form(numbers: readonly number[] | undefined, id: number, now: number): void {
    this.forming = { kind: 'network', id, meters: numbers ?? [] }
    this.#formingSince = now
  }

  save(): SavedConcentrator {
    return {
      heardAt: this.heardAt,
      host: this.host,
      hostAt: this.hostAt,
      deviceTime: Number.isNaN(this.deviceTime) ? 0 : this.deviceTime,
      sequence: this.#sequence,
      backlog: this.backlog,
      held: this.held,
      status: this.status,
      reading: this.reading ?? null,
      forming: this.forming ?? null,
      formingSince: this.#formingSince,
      busySince: this.#busySince,
      arrivals: { ...this.arrivals },
      due: this.due,
      meters: this.meters.map(({ archived, address, duty, route, soughtAt, lastValue, lastAt }) => ({
        number: archived.number,
        ...(address === archived.number ? {} : { address }),
        plan: duty.plan,
        route: route ?? null,
        soughtAt,
        lastValue: Number.isNaN(lastValue) ? null : lastValue,
        lastAt,
        duty: duty.save(),
      })),
    }
  }

  /** Takes up what was saved, of the meters that the archive still has. */
  load(saved: SavedConcentrator): void {
    this.heardAt = saved.heardAt
    this.host = saved.host ?? ''
    this.hostAt = saved.hostAt ?? saved.heardAt
    this.deviceTime = saved.deviceTime === 0 ? Number.NaN : saved.deviceTime
    this.#sequence = saved.sequence
    this.backlog = saved.backlog
    this.held = saved.held
    this.status = saved.status
    this.reading = saved.reading ?? undefined
    this.forming = saved.forming ?? undefined
    this.#formingSince = saved.formingSince
    this.#busySince = saved.busySince ?? 0
    Object.assign(this.arrivals, saved.arrivals)
    this.due = saved.due
    for (const one of saved.meters) {
      const meter = this.#behind.get(one.number)
      if (meter === undefined) continue
      this.fitted(one.number, one.address ?? one.number)
      meter.duty.plan = one.plan
      // JSON has no NaN.
      meter.route = one.route === null ? undefined : { ...one.route, signalDbm: one.route.signalDbm ?? Number.NaN }
      meter.soughtAt = one.soughtAt ?? 0
      meter.lastValue = one.lastValue ?? Number.NaN
      meter.lastAt = one.lastAt
      meter.duty.load(one.duty)
    }
    this.#version = undefined
  }

  #take(news: ConcentratorNews, now: number): void {
    this.held = news.addresses
    this.backlog = news.backlog
    if (news.backlog === 0) this.#busySince = 0
    else if (this.#busySince === 0) this.#busySince = now
    for (const route of news.routes) {
      const meter = this.#ofAddress.get(route.meter)
      if (meter !== undefined && routeFault(route.meter, route.hops) === undefined) meter.route = route
    }
    const { forming } = this
    if (forming !== undefined && news.routes.length > 0) {
      const found = new Set(news.routes.map(({ meter }) => this.#ofAddress.get(meter)?.archived.number))
      const left = forming.meters.filter((meter) => !found.has(meter))
      this.forming = left.length === 0 ? undefined : { ...forming, meters: left }
    }
    const lost: number[] = []
    for (const result of news.results) {
      const meter = this.#ofAddress.get(result.meter)
      if (meter === undefined) continue
      const { number } = meter.archived
      // Found and never received is a fault of the frame on its way.
      meter.duty.notFound(result.order, result.failure ?? 'bad_frame', now)
      if (result.failure === 'no_route') lost.push(number)
      if (this.reading?.id !== result.order) continue
      const left = this.reading.meters.filter((one) => one.meter !== number)
      this.reading = left.length === 0 ? undefined : { ...this.reading, meters: left }
    }
    for (const { meter: address, failure, answer } of news.passed ?? []) {
      const meter = this.#ofAddress.get(address)
      if (meter === undefined) continue
      // Whoever could not be reached may be reached by another path; what a meter was told shows when it is read as it stands.
      if (failure === 'no_route' || failure === 'no_answer') lost.push(meter.archived.number)
      else if (failure === undefined && answer.length > 0) meter.duty.want([Math.ceil(now / 1000) * 1000], 'newest')
    }
    this.#seek(lost, now)
  }

  /** Lets paths to meters be looked for that could not be reached, of each only so often. */
  #seek(lost: readonly number[], now: number): void {
    const wanted = lost.filter((number) => {
      const meter = this.#behind.get(number)
      if (meter === undefined || (meter.soughtAt !== 0 && now - meter.soughtAt < RECOVERY_RULES.pauseMs)) return false
      meter.soughtAt = now
      return true
    })
    if (wanted.length === 0) return
    const before = this.forming?.meters
    // No meters means all of them: an order for all is not narrowed.
    this.form(before?.length === 0 ? [] : [...new Set([...(before ?? []), ...wanted])], this.forming?.id ?? 0, now)
  }

  #stillOpen(order: ReadOrder): boolean {
    return order.meters.some(({ meter }) => this.#behind.get(meter)?.duty.missing.some((one) => one.order === order.id))
  }

  /**
   * What lies in its memory comes by itself: asking for it would read every meter for nothing. Beside a queue that never empties
   * what is older than the queue is asked for, and always what a person wants.
   */
  #askForMissing(now: number, nextOrder: () => number): void {
    const queued = this.backlog > 0
    const latest = !queued ? now : now - this.#busySince < PATIENCE_MS ? Number.NEGATIVE_INFINITY : this.#busySince
    for (const source of ['meter', 'concentrator'] as const) {
      const asked: { meter: MeterBehind; due: readonly number[] }[] = []
      for (const meter of this.meters) {
        const { duty } = meter
        const due = duty.dueAt(source, now).filter((at) => at <= latest || duty.wanted(at) !== 'plan')
        if (due.length > 0) asked.push({ meter, due: due.slice(-DUES_A_METER) })
        if (asked.length === METERS_AN_ORDER) break
      }
      if (asked.length === 0) continue
      const id = nextOrder()
      const meters = asked.map(({ meter: { archived, duty }, due }) => {
        const times = due.map((at) => (duty.wanted(at) === 'newest' ? AS_IT_STANDS : at))
        duty.asked(due, id, now)
        return { meter: archived.number, due: times }
      })
      this.reading = { kind: 'read', id, source, meters }
      return
    }
  }

  #chosen(numbers: readonly number[] | undefined): readonly MeterBehind[] {
    return numbers === undefined
      ? this.meters
      : numbers.map((number) => this.#behind.get(number)).filter((meter) => meter !== undefined)
  }

  #rows(): ArchivedMeter[] {
    return this.meters.map(({ archived, address, duty }) => ({ ...archived, number: address, plan: duty.plan }))
  }
}

/** A number of 32 bits that is never 0. */
function fingerprint(rows: readonly ArchivedMeter[]): number {
  let hash = 0x811c9dc5
  for (const character of JSON.stringify(rows)) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193)
  return hash >>> 0 || 1
}
