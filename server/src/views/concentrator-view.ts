import { type ConcentratorTwin, type MeterBehind, type MissingReading, type Network, UsageError } from '@gastwin/twin'
import type {
  Concentrator,
  ConcentratorMeter,
  ConcentratorSummary,
  METER_MEDIA,
  MissingValue,
  OpenOrder,
  Page,
} from '../contract/index.ts'
import type { FirmwareBook } from '../devices/firmware-book.ts'
import type { MissingQuery, PageQuery } from '../http/reading-application.ts'
import type { CityState } from '../pipeline/city-state.ts'
import { beliefIn } from '../trust/belief-in.ts'
import type { TrustBook } from '../trust/trust-book.ts'

/** A concentrator speaks at least once an hour; after three it is silent, ms. */
const SILENT_MS = 3 * 3_600_000
const MEDIA = ['gas', 'water', 'heat', 'electricity'] as const satisfies typeof METER_MEDIA

/** Concentrators and what they still have to bring, at the moment of asking. */
export class ConcentratorViews {
  readonly #city: CityState
  readonly #network: Network
  readonly #trust: TrustBook
  readonly #firmware: FirmwareBook

  constructor(city: CityState, trust: TrustBook, firmware: FirmwareBook) {
    this.#city = city
    this.#trust = trust
    this.#firmware = firmware
    this.#network = city.network
  }

  list(now: number): ConcentratorSummary[] {
    return this.#city.concentrators.twins.map((twin) => this.#summary(twin, now))
  }

  /** @throws UsageError API_NOT_FOUND */
  one(number: string, now: number): Concentrator {
    const twin = this.#twin(number)
    const byHops: number[] = []
    let without = 0
    for (const { route } of twin.meters) {
      if (route === undefined) without += 1
      else {
        while (byHops.length <= route.hops.length) byHops.push(0)
        byHops[route.hops.length] = (byHops[route.hops.length] ?? 0) + 1
      }
    }
    return {
      ...this.#summary(twin, now),
      collector_list: twin.archive.collectors.map(({ id, interface: port }, i) => ({
        id,
        interface: port,
        meters: twin.meters.filter(({ archived }) => archived.collector === i + 1).length,
      })),
      orders: twin.orders().map(
        (order): OpenOrder =>
          order.kind === 'addresses'
            ? { kind: 'addresses', id: null, source: null, meters: order.total - order.first, values: 0 }
            : order.kind === 'network'
              ? { kind: 'network', id: order.id, source: null, meters: order.meters.length, values: 0 }
              : {
                  kind: 'read',
                  id: order.id,
                  source: order.source,
                  meters: order.meters.length,
                  values: order.meters.reduce((sum, { due }) => sum + due.length, 0),
                },
      ),
      meters_by_hops: byHops,
      without_route: without,
    }
  }

  /** @throws UsageError API_NOT_FOUND, API_INPUT for a cursor that is none */
  meters(number: string, { limit, cursor }: PageQuery, onlyMissing: boolean, now: number): Page<ConcentratorMeter> {
    const twin = this.#twin(number)
    const all = onlyMissing ? twin.meters.filter((meter) => this.#overdue(twin, meter, now).length > 0) : twin.meters
    return cut(all, limit, cursor, (meter) => this.#meter(twin, meter, now))
  }

  /** What is due and not there, oldest first. @throws UsageError API_NOT_FOUND, API_INPUT */
  missing(query: MissingQuery, now: number): Page<MissingValue> {
    const twins = query.concentrator === undefined ? this.#city.concentrators.twins : [this.#twin(query.concentrator)]
    const wanted: { twin: ConcentratorTwin; meter: MeterBehind; one: MissingReading }[] = []
    for (const twin of twins)
      for (const meter of twin.meters) {
        if (query.meter !== undefined && meter.archived.number !== Number(query.meter)) continue
        for (const one of this.#overdue(twin, meter, now))
          if (query.given_up === undefined || query.given_up === one.givenUpAt > 0) wanted.push({ twin, meter, one })
      }
    wanted.sort((a, b) => a.one.due - b.one.due)
    return cut(wanted, query.limit, query.cursor, ({ twin, meter, one }) => ({
      concentrator: String(twin.archive.number),
      meter: String(meter.archived.number),
      due_at: one.due,
      source: one.source,
      tries: one.tries,
      reason: one.reason ?? (isSilent(twin, now) ? 'concentrator_silent' : null),
      asked: one.order !== 0,
      given_up_at: one.givenUpAt === 0 ? null : one.givenUpAt,
    }))
  }

  #overdue(twin: ConcentratorTwin, { duty }: MeterBehind, now: number): readonly MissingReading[] {
    return duty.overdue(now, twin.archive.since, this.#city.calendar)
  }

  #twin(number: string): ConcentratorTwin {
    const twin = this.#city.concentrators.find(Number(number))
    if (twin === undefined) throw new UsageError('API_NOT_FOUND', `no concentrator has the number ${number}`)
    return twin
  }

  #summary(twin: ConcentratorTwin, now: number): ConcentratorSummary {
    const { archive, status } = twin
    let missing = 0
    let givenUp = 0
    let oldest = Number.POSITIVE_INFINITY
    for (const meter of twin.meters)
      for (const one of this.#overdue(twin, meter, now)) {
        if (one.givenUpAt > 0) givenUp += 1
        else {
          missing += 1
          oldest = Math.min(oldest, one.due)
        }
      }
    const state = twin.heardAt === 0 ? 'never_heard' : isSilent(twin, now) ? 'silent' : undefined
    return {
      number: String(archive.number),
      id: archive.id,
      zone: archive.zone,
      lon: finite(archive.lon),
      lat: finite(archive.lat),
      uplink: archive.uplink,
      state: state ?? (twin.backlog > 0 ? 'catching_up' : 'online'),
      last_heard_at: twin.heardAt === 0 ? null : twin.heardAt,
      clock_error_s: twin.heardAt === 0 ? null : finite(Math.round((twin.deviceTime - twin.heardAt) / 1000)),
      believed_by: beliefIn(archive.number, this.#trust),
      address: twin.host === '' ? null : twin.host,
      address_at: twin.hostAt === 0 ? null : twin.hostAt,
      meters: twin.meters.length,
      collectors: archive.collectors.length,
      holds_addresses: twin.holdsAddresses,
      backlog: twin.backlog,
      due: twin.due,
      missing,
      given_up: givenUp,
      oldest_missing_at: finite(oldest),
      arrivals: { ...twin.arrivals },
      firmware: this.#firmware.running(archive.number)?.version ?? null,
      rsrp_dbm: status.rsrpDbm ?? null,
      sinr_db: status.sinrDb ?? null,
      ecl: status.ecl ?? null,
      pci: status.pci ?? null,
    }
  }

  #meter(twin: ConcentratorTwin, meter: MeterBehind, now: number): ConcentratorMeter {
    const { archived, duty, route, lastAt, lastValue } = meter
    const overdue = this.#overdue(twin, meter, now)
    const row = this.#network.meters.meterOfDevice(archived.number)
    const givenUp = overdue.filter((one) => one.givenUpAt > 0).length
    return {
      number: String(archived.number),
      medium: MEDIA[this.#network.meters.kind[row] ?? 0] ?? 'gas',
      protocol: archived.protocol,
      interface: archived.interface,
      collector: twin.archive.collectors[archived.collector - 1]?.id ?? null,
      plan: { every: duty.plan.every, slots: [...duty.plan.slots] },
      route: route === undefined ? null : route.hops.map(String),
      signal_dbm: finite(route?.signalDbm ?? Number.NaN),
      quantity: archived.quantity,
      last_at: lastAt === 0 ? null : lastAt,
      last_value: finite(lastValue),
      missing: overdue.length - givenUp,
      given_up: givenUp,
    }
  }
}

const isSilent = (twin: ConcentratorTwin, now: number): boolean => now - twin.heardAt > SILENT_MS
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)

/** A page of a list; the cursor is the place of the next one. @throws UsageError API_INPUT */
function cut<T, V>(all: readonly T[], limit: number, cursor: string | undefined, view: (one: T) => V): Page<V> {
  const from = cursor === undefined ? 0 : Number(cursor)
  if (!Number.isSafeInteger(from) || from < 0)
    throw new UsageError('API_INPUT', `cursor "${cursor}" is not one of ours`)
  const next = from + limit
  return { items: all.slice(from, next).map(view), next: next < all.length ? String(next) : null, total: all.length }
}
