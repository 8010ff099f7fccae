import {
  DEVICE_KINDS,
  eventMask,
  eventsOf,
  type FleetState,
  hasCorrector,
  type Network,
  RTU_STATE,
  VALVE_POSITIONS,
} from '@gastwin/twin'
import type { DeviceCondition, DeviceRow } from '../contract/index.ts'
import type { Archive } from '../devices/archive.ts'
import type { MeterBook } from '../devices/meter-book.ts'
import { timeSlice } from '../time-slice.ts'
import type { DeviceViews } from './device-view.ts'

/** What is looked for; what is not said does not narrow. */
export interface DeviceFilter {
  readonly query?: string | undefined
  readonly kind?: 'meter' | 'rtu' | 'valve' | undefined
  readonly zone?: string | undefined
  readonly profile?: string | undefined
  /** `tag:T`, `group:G`, `life:L`. */
  readonly mark?: string | undefined
  readonly conditions?: readonly DeviceCondition[] | undefined
  readonly devices?: readonly string[] | undefined
  /** Devices that the caller may see at all. */
  readonly within?: ((slot: number) => boolean) | undefined
}

/** Others have their turn after so many ms; the clock is looked at every so many rows. */
const SLICE_MS = 5
const ROWS_A_LOOK = 256
const LOW_BATTERY_MV = 3_200
/** S0-80: good when both are strictly above. */
const GOOD_RSRP_DBM = -117.4
const GOOD_SINR_DB = -3
/** A meter's clock may be five minutes wrong in a year. */
const CLOCK_OFF_S = 300
const SAYS_LOW_BATTERY = eventMask(['battery_low'])

export interface FindGround {
  readonly network: Network
  readonly fleet: FleetState
  readonly views: DeviceViews
  readonly archive: Archive
  readonly meters: MeterBook
  /** Service clock, Unix ms. */
  readonly now: () => number
}

type Test = (slot: number) => boolean

/** Looks through all devices in turns, so that millions of them hold nobody up. */
export class DeviceFinder {
  readonly #ground: FindGround

  constructor(ground: FindGround) {
    this.#ground = ground
  }

  /**
   * Rows that fit, in the order of rows.
   * @param from first row looked at. @param limit most that are handed out
   * @returns the rows, how many fit in all, and the first row that was left out
   */
  async find(
    filter: DeviceFilter,
    from: number,
    limit: number,
  ): Promise<{ readonly slots: readonly number[]; readonly total: number; readonly next: number | null }> {
    const slots: number[] = []
    let total = 0
    let next: number | null = null
    await this.each(filter, (slot) => {
      total++
      if (slot < from) return
      if (slots.length < limit) slots.push(slot)
      else next ??= slot
    })
    return { slots, total, next }
  }

  /** Tells every row that fits, in their order. */
  async each(filter: DeviceFilter, tell: (slot: number) => void): Promise<void> {
    const fits = this.#tests(filter)
    const { fleet } = this.#ground
    const only = this.#named(filter)
    if (only !== undefined) {
      for (const slot of only) if (fits.every((test) => test(slot))) tell(slot)
      return
    }
    const slice = timeSlice(SLICE_MS)
    for (let slot = 0; slot < fleet.count; slot++) {
      if (slot % ROWS_A_LOOK === 0) await slice()
      if (fits.every((test) => test(slot))) tell(slot)
    }
  }

  row(slot: number): DeviceRow {
    const { fleet, network, views, archive, meters } = this.#ground
    const c = fleet.columns
    const summary = views.summary(slot)
    const isMeter = DEVICE_KINDS[c.kind[slot] ?? 0] === 'meter'
    const device = meters.deviceAt(Number(summary.number)) ?? Number(summary.number)
    const card = archive.get('devices', String(device))
    const rsrp = c.rsrp[slot] === 0 ? null : -(c.rsrp[slot] ?? 0)
    const sinr = c.sinr[slot] === -128 ? null : (c.sinr[slot] ?? null)
    return {
      ...summary,
      device: String(device),
      valve: VALVE_POSITIONS[c.valve[slot] ?? 0] ?? 'unknown',
      battery_volt: (c.batteryMv[slot] ?? 0) === 0 ? null : (c.batteryMv[slot] ?? 0) / 1000,
      rsrp_dbm: rsrp,
      sinr_db: sinr,
      good_coverage: rsrp === null || sinr === null ? null : rsrp > GOOD_RSRP_DBM && sinr > GOOD_SINR_DB,
      clock_error_s: (c.receivedAt[slot] ?? 0) > 0 ? (c.clockErrorS[slot] ?? 0) : null,
      silent: this.#isSilent(slot),
      profile: isMeter ? network.meters.words.profile[network.meters.profile[c.asset[slot] ?? -1] ?? 0] || null : null,
      index_m3: isMeter ? (fleet.lastReading(slot)?.register ?? null) : null,
      events: [...eventsOf(c.events[slot] ?? 0)],
      life: card?.['life'] ?? null,
      group: card?.['group'] ?? null,
      tags: (card?.['tags'] ?? '').split(';').filter((tag) => tag !== ''),
    }
  }

  /** Register that is billed at a point. */
  billedAt(slot: number): 'index_m3' | 'standard_index_m3' {
    return hasCorrector(this.#ground.fleet.columns.flags[slot] ?? 0) ? 'standard_index_m3' : 'index_m3'
  }

  /** Rows of a filter that names its devices, in their order; undefined when all must be looked through. */
  #named({ devices, mark }: DeviceFilter): readonly number[] | undefined {
    const { fleet, archive } = this.#ground
    const rowOf = (number: string) => {
      const point = fleet.slotOf(Number(number))
      return point >= 0 ? point : this.#rowOf(Number(number))
    }
    const marked = mark === undefined ? undefined : [...archive.devicesWith(mark)].map((number) => this.#rowOf(number))
    const rows = (devices?.map(rowOf) ?? marked)?.filter((slot) => slot >= 0)
    if (rows === undefined) return undefined
    return [...new Set(rows)].sort((a, b) => a - b)
  }

  /** Row of the point where a device stands, −1 when it stands nowhere. */
  #rowOf(number: number): number {
    return this.#ground.fleet.slotOf(this.#ground.meters.pointOf(number) ?? -1)
  }

  #tests(filter: DeviceFilter): readonly Test[] {
    const { network, fleet, views } = this.#ground
    const c = fleet.columns
    const { kind, zone, profile, conditions, within } = filter
    const words = filter.query?.trim().toLowerCase() ?? ''
    const tests: Test[] = []
    if (kind !== undefined) {
      const code = DEVICE_KINDS.indexOf(kind)
      tests.push((slot) => c.kind[slot] === code)
    }
    if (zone !== undefined) {
      const row = network.zones.numberOf.get(zone) ?? -2
      tests.push((slot) => c.zone[slot] === row)
    }
    if (within !== undefined) tests.push(within)
    if (profile !== undefined) {
      const code = network.meters.words.profile.indexOf(profile)
      tests.push((slot) => c.kind[slot] === 0 && network.meters.profile[c.asset[slot] ?? -1] === code)
    }
    for (const condition of conditions ?? []) tests.push(this.#condition(condition))
    if (words !== '') {
      // A meter that came later to its point is found there by its own number.
      const moved = /^\d{1,14}$/.test(words) ? this.#rowOf(Number(words)) : -1
      // A meter's id is its number, unless its number is none.
      const isNumber = (slot: number) => c.kind[slot] === 0 && (c.number[slot] ?? 0) > 0
      tests.push(
        (slot) =>
          slot === moved ||
          String(c.number[slot]).includes(words) ||
          (!isNumber(slot) && views.assetId(slot).toLowerCase().includes(words)),
      )
    }
    return tests
  }

  #condition(condition: DeviceCondition): Test {
    const c = this.#ground.fleet.columns
    switch (condition) {
      case 'never_heard':
        return (slot) => c.receivedAt[slot] === 0
      case 'silent':
        return (slot) => this.#isSilent(slot)
      case 'events':
        return (slot) => c.events[slot] !== 0
      case 'low_battery':
        return (slot) =>
          ((c.events[slot] ?? 0) & SAYS_LOW_BATTERY) !== 0 ||
          ((c.batteryMv[slot] ?? 0) > 0 && (c.batteryMv[slot] ?? 0) < LOW_BATTERY_MV)
      case 'weak_radio':
        return (slot) =>
          c.rsrp[slot] !== 0 &&
          c.sinr[slot] !== -128 &&
          !(-(c.rsrp[slot] ?? 0) > GOOD_RSRP_DBM && (c.sinr[slot] ?? 0) > GOOD_SINR_DB)
      case 'valve_closed':
        return (slot) => c.valve[slot] === VALVE_POSITIONS.indexOf('closed')
      case 'valve_abnormal':
        return (slot) => c.valve[slot] === VALVE_POSITIONS.indexOf('abnormal')
      case 'clock_off':
        return (slot) => c.receivedAt[slot] !== 0 && Math.abs(c.clockErrorS[slot] ?? 0) > CLOCK_OFF_S
    }
  }

  /** By its own times: the state byte of a meter with an event says the event. */
  #isSilent(slot: number): boolean {
    const { fleet, now } = this.#ground
    const c = fleet.columns
    const received = c.receivedAt[slot] ?? 0
    if (received === 0 || c.kind[slot] === 2) return false
    if (c.kind[slot] === 1) return c.state[slot] === RTU_STATE.stale
    return now() / 1000 - received > Math.max(c.readEveryMinutes[slot] ?? 1440, 120) * 90
  }
}
