import { BatteryBook, fleetHealth, meterSize } from '@gastwin/analytics'
import { METER_KINDS, type Network, type Report, readingTime, reportTimes } from '@gastwin/twin'
import type { MeterDue, MetersHealth } from '../contract/index.ts'

const GAS = METER_KINDS.indexOf('gas')
const HOUR_MS = 3_600_000
const HORIZON_DAYS = 365
/** The most urgent that are told; the others are counted. */
const MOST_LISTED = 5_000
/** A reading so far ahead of our clock is none. */
const AHEAD_MS = 10 * 60_000

/** Batteries and ages of all meters of a network, from the same reports as the ledger. */
export class HealthWatch {
  readonly #network: Network
  readonly #book: BatteryBook
  readonly #maxFlow: readonly (number | undefined)[]
  #statedAt = Number.NEGATIVE_INFINITY

  constructor(network: Network) {
    this.#network = network
    this.#book = new BatteryBook(network.meters.count)
    this.#maxFlow = network.meters.words.size.map((word) => (word === '' ? undefined : meterSize(word).maxM3H))
  }

  /** @param receivedAt service clock, Unix ms */
  take(report: Report, receivedAt: number): void {
    if (report.kind !== 'meter') return
    const { status, readings, events, deviceTime } = report
    const row = this.#network.meters.meterOfDevice(report.device)
    if (row < 0) return
    const times = reportTimes(report, receivedAt)
    const at = Number.isNaN(deviceTime) ? receivedAt : readingTime(deviceTime, times, receivedAt)
    if (at > receivedAt + AHEAD_MS) return
    const low = events.includes('battery_low') || events.includes('under_voltage')
    const temperatureK = readings.findLast(({ quantity }) => quantity === 'temperature_k')?.value
    this.#book.take(row, { at, volt: status.batteryVolt, temperatureK, rsrpDbm: status.rsrpDbm, low })
  }

  /** Once an hour of event time is enough: batteries are slow. @param now Unix ms */
  isDue(now: number): boolean {
    return now - this.#statedAt >= HOUR_MS
  }

  /** @param now service clock, Unix ms */
  state(now: number): MetersHealth {
    this.#statedAt = now
    const { meters } = this.#network
    const states = Array.from({ length: meters.count }, (_, row) => ({
      installedYear: meters.installedYear[row] ?? 0,
      maxFlowM3H: meters.kind[row] === GAS ? this.#maxFlow[meters.size[row] ?? 0] : undefined,
      battery: this.#book.view(row),
    }))
    const { due, decline, withBattery, low, overAge } = fleetHealth(states, now, HORIZON_DAYS * 24 * HOUR_MS)
    return {
      stated_at: now,
      horizon_days: HORIZON_DAYS,
      meters: meters.count,
      with_battery: withBattery,
      battery_low: low,
      over_age: overAge,
      decline_v_per_year: decline?.perYear ?? null,
      items: due.slice(0, MOST_LISTED).map(({ row, reasons, life, age }): MeterDue => {
        const battery = states[row]?.battery
        return {
          meter: meters.idOf(row),
          device: String(meters.device[row] ?? ''),
          zone: this.#network.zones.ids[meters.zone[row] ?? -1] ?? '',
          reasons: reasons.map(({ reason, dueAt }) => ({ reason, due_at: dueAt })),
          due_at: reasons[0]?.dueAt ?? now,
          age_years: age ?? null,
          battery:
            battery === undefined
              ? null
              : {
                  volt: battery.volt,
                  volt_per_year: battery.slope?.perYear ?? null,
                  reports_per_day: battery.reportsPerDay,
                  rsrp_dbm: battery.rsrpDbm ?? null,
                  years_left: life === undefined ? null : { p05: life.p05, p50: life.p50, p95: life.p95 },
                  basis: [...(life?.basis ?? [])],
                },
        }
      }),
      total: due.length,
    }
  }
}

/** Before the thread has told anything. */
export const healthUnknown = (meters: number): MetersHealth => ({
  ...{ stated_at: null, horizon_days: HORIZON_DAYS, meters, with_battery: 0, battery_low: 0, over_age: 0 },
  ...{ decline_v_per_year: null, items: [], total: 0 },
})

/** Those of a zone, or for a reason. */
export function narrowHealth(
  health: MetersHealth,
  {
    zone,
    reason,
    limit,
  }: { readonly zone?: string | undefined; readonly reason?: string | undefined; readonly limit: number },
): MetersHealth {
  if (zone === undefined && reason === undefined) return { ...health, items: health.items.slice(0, limit) }
  const items = health.items.filter(
    (one) =>
      (zone === undefined || one.zone === zone) &&
      (reason === undefined || one.reasons.some((other) => other.reason === reason)),
  )
  return { ...health, items: items.slice(0, limit), total: items.length }
}
