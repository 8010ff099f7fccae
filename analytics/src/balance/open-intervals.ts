import { type FleetState, groupBy, hasCorrector, mediumOf, members, placementOf, READINGS_KEPT } from '@gastwin/twin'
import type { BalanceConfig } from './balance-config.ts'
import { isMissing, overdueMs, PASSINGS, type Passing, unreadMs } from './register-sales.ts'
import { HOUR_MS } from './time-axis.ts'

const GAS = 0
const METER = 0
const INDOOR = PASSINGS.indexOf('indoor')
const OUTDOOR = PASSINGS.indexOf('outdoor')
const CORRECTED = PASSINGS.indexOf('corrected')
/** Places of METER_PLACEMENTS. */
const PLACED_INDOOR = 1
const PLACED_OUTDOOR = 2
const FAST_MS = 2 * HOUR_MS

/** What the meters of a zone owe at the ends of a period, because they were not read since. */
export interface OpenIntervals {
  readonly meters: number
  /** Expected advance of missing readings at the end minus at the begin, m³. */
  readonly unreadM3: number
  /** Meters overdue at the end, those never heard included. */
  readonly unreadMeters: number
  /** Expected advance within the period after each meter's last reading, m³ as registered, by PASSINGS. */
  readonly expected: readonly number[]
}

/** The gas meters of each zone, and what is expected of them since their last reading: rate estimate × time. */
export class MeterScan {
  readonly #fleet: FleetState
  readonly #config: BalanceConfig
  readonly #zones: number
  #slots: Int32Array[] = []
  #counted = -1

  constructor(fleet: FleetState, zones: number, config: BalanceConfig) {
    this.#fleet = fleet
    this.#zones = zones
    this.#config = config
  }

  /** What an interval of a meter is about; undefined when the device is no gas meter of a zone. */
  passingOf(slot: number): Passing | undefined {
    const c = this.#fleet.columns
    const flags = c.flags[slot] ?? 0
    const zone = c.zone[slot] ?? -1
    if (c.kind[slot] !== METER || mediumOf(flags) !== GAS || zone < 0 || zone >= this.#zones) return undefined
    const everyMs = (c.readEveryMinutes[slot] ?? 1440) * 60_000
    return { zone, how: this.#how(flags), fast: everyMs <= FAST_MS, everyMs }
  }

  /** Slots of the gas meters of a zone. */
  slots(zone: number): Int32Array {
    if (this.#counted !== this.#fleet.count) this.#collect()
    return this.#slots[zone] ?? new Int32Array(0)
  }

  /** @param from, to Unix ms. @param now by which a reading counts as missing or merely not due */
  open(zone: number, from: number, to: number, now: number): OpenIntervals {
    const c = this.#fleet.columns
    const slots = this.slots(zone)
    const expected = PASSINGS.map(() => 0)
    let unreadM3 = 0
    let unreadMeters = 0
    for (const slot of slots) {
      const count = c.readings[slot] ?? 0
      if (count === 0) {
        unreadMeters += 1
        continue
      }
      const last = (c.readAt[slot * READINGS_KEPT + count - 1] ?? 0) * 1000
      if (last >= to) continue
      const everyMs = (c.readEveryMinutes[slot] ?? 1440) * 60_000
      const perMs = (c.rate[slot] ?? 0) / 1000
      if (isMissing(now - last, everyMs))
        unreadM3 += perMs * (unreadMs(to - last, everyMs) - unreadMs(from - last, everyMs))
      if (to - last >= overdueMs(everyMs)) unreadMeters += 1
      const how = this.#how(c.flags[slot] ?? 0)
      expected[how] = (expected[how] ?? 0) + perMs * (to - Math.max(last, from))
    }
    return { meters: slots.length, unreadM3, unreadMeters, expected }
  }

  #how(flags: number): number {
    if (hasCorrector(flags)) return CORRECTED
    const placement = placementOf(flags)
    if (placement === PLACED_INDOOR) return INDOOR
    if (placement === PLACED_OUTDOOR) return OUTDOOR
    return this.#config.unknownPlacement === 'indoor' ? INDOOR : OUTDOOR
  }

  #collect(): void {
    const zoneOf = new Int32Array(this.#fleet.count).fill(-1)
    for (let slot = 0; slot < zoneOf.length; slot++) zoneOf[slot] = this.passingOf(slot)?.zone ?? -1
    const bySlot = groupBy(this.#zones, zoneOf)
    this.#slots = Array.from({ length: this.#zones }, (_, zone) => members(bySlot, zone))
    this.#counted = this.#fleet.count
  }
}
