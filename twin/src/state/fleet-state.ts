import { UsageError } from '../errors.ts'
import { DeviceIndex } from '../network/device-index.ts'
import type { Report } from '../reading/report.ts'
import type { Outcome } from './applied-report.ts'
import { applyMeterReadings, applyRtuSamples } from './apply-readings.ts'
import { reportTimes } from './device-clock.ts'
import { DEVICE_KINDS, type DeviceEntry, packFlags } from './device-entry.ts'
import { writeStatus } from './device-status.ts'
import { DirtySlots } from './dirty-slots.ts'
import { fingerprintOf } from './fingerprint.ts'
import {
  COLUMN_NAMES,
  FINGERPRINTS_KEPT,
  FLEET_COLUMNS,
  type FleetColumns,
  makeFleetColumns,
  READINGS_KEPT,
} from './fleet-columns.ts'
import { meterState, rtuState, valveState } from './map-state.ts'
import { ReadingGaps } from './reading-gaps.ts'
import type { RowColumn, RowWatch } from './row-watch.ts'
import { RtuSamples } from './rtu-samples.ts'
import type { StateSink } from './state-sink.ts'

export interface FleetOptions {
  /** Rows to begin with; the fleet grows beyond it. */
  readonly capacity?: number
  /** Number of the city's day that holds an instant (Unix ms): CityCalendar.dayNumber. */
  readonly dayNumber: (at: number) => number
  /** An RTU not heard for so long is stale, ms. */
  readonly rtuStaleMs?: number
}

/** Where a valve actuator serves `/v`. */
export interface ServiceAddress {
  readonly host: string
  readonly port: number
}

const KIND = { meter: 0, rtu: 1, valve: 2 } as const
const MINUTES_A_DAY = 1440

/** The state of every device, one row each, in typed arrays. A row is never removed; a slot is the number of a row. */
export class FleetState {
  readonly rtus = new RtuSamples()
  readonly gaps: ReadingGaps
  readonly serviceAddresses = new Map<number, ServiceAddress>()
  /** Told before a row changes, while somebody copies rows. */
  watch: RowWatch | undefined
  readonly #options: FleetOptions
  readonly #rtuStaleS: number
  readonly #dirty: DirtySlots
  #columns: FleetColumns
  #index: DeviceIndex
  #count = 0
  #tickAt = 0
  #unplaced = 0

  constructor(options: FleetOptions) {
    const capacity = Math.max(16, options.capacity ?? 1024)
    this.#options = options
    this.#rtuStaleS = (options.rtuStaleMs ?? 300_000) / 1000
    this.#columns = makeFleetColumns(capacity)
    this.#index = new DeviceIndex(capacity)
    this.#dirty = new DirtySlots(capacity)
    this.gaps = new ReadingGaps(capacity, mostGaps(capacity))
  }

  /** Rows in use. */
  get count(): number {
    return this.#count
  }
  /** The columns themselves, for scans; replaced when the fleet grows, so ask again after `register`. Read only. */
  get columns(): FleetColumns {
    return this.#columns
  }
  /** Late readings that found no place among those remembered. */
  get unplaced(): number {
    return this.#unplaced
  }
  /** The columns one by one, for copying rows. */
  rowColumns(): readonly RowColumn[] {
    return COLUMN_NAMES.map((name) => ({ name, width: FLEET_COLUMNS[name][1], array: () => this.#columns[name] }))
  }
  /** Bytes of all rows, index and side tables. */
  get byteLength(): number {
    const columns = Object.values(this.#columns).reduce((sum, column) => sum + column.byteLength, 0)
    return columns + this.#index.byteLength + this.#dirty.byteLength + this.gaps.byteLength + this.rtus.byteLength
  }

  /** Row of a device, −1 when nobody registered it. */
  slotOf(device: number): number {
    return this.#index.find(device, this.#columns.number)
  }

  /**
   * Gives a device its row, or renews what is known of one that has a row already.
   * @throws UsageError TWN_CAPACITY when the number is none
   */
  register(entry: DeviceEntry): number {
    if (!Number.isSafeInteger(entry.number) || entry.number <= 0 || entry.number > 99_999_999_999_999)
      throw new UsageError('TWN_CAPACITY', `no device number: ${entry.number}`, { number: entry.number })
    const { number, asset, zone, node } = entry
    const every = entry.readEveryMinutes ?? MINUTES_A_DAY
    const slot = this.registerRow(number, DEVICE_KINDS.indexOf(entry.kind), asset, zone, node, packFlags(entry), every)
    if (entry.kind === 'rtu') this.rtus.register(slot, entry.minPressure, entry.maxPressure)
    return slot
  }

  /**
   * `register` without an object for each of millions.
   * @param number checked device number. @param kind place in DEVICE_KINDS. @param flags see packFlags
   * @param guess row that it probably has already
   */
  registerRow(
    number: number,
    kind: number,
    asset: number,
    zone: number,
    node: number,
    flags: number,
    everyMinutes: number,
    guess = -1,
  ): number {
    const slot =
      guess >= 0 && guess < this.#count && this.#columns.number[guess] === number ? guess : this.#rowOf(number)
    this.watch?.before(slot)
    const c = this.#columns
    c.kind[slot] = kind
    c.asset[slot] = asset
    c.zone[slot] = zone
    c.node[slot] = node
    c.flags[slot] = flags
    c.readEveryMinutes[slot] = Math.min(65_535, Math.max(1, everyMinutes))
    return slot
  }

  /**
   * Takes a report into the state. The same report again changes nothing but its counter; a late one counts at its own time.
   * @param receivedAt Unix ms of the service's clock
   */
  apply(report: Report, receivedAt: number, sink: StateSink): Outcome {
    const slot = this.slotOf(report.device)
    if (slot < 0) return 'unknown_device'
    this.watch?.before(slot)
    const c = this.#columns
    const receivedS = Math.ceil(receivedAt / 1000)
    c.receivedAt[slot] = Math.max(c.receivedAt[slot] ?? 0, receivedS)
    const times = reportTimes(report, receivedAt)
    const repeated = this.#seen(slot, fingerprintOf(report))
    if (repeated && times.bad) return this.#count16('duplicates', slot, 'duplicate')

    const isRtu = c.kind[slot] === KIND.rtu
    const taken = isRtu
      ? applyRtuSamples(this.rtus, slot, report, times, receivedAt, sink)
      : applyMeterReadings(c, this.gaps, slot, report, times, receivedAt, sink, this.#options.dayNumber)
    this.#unplaced += taken.unplaced
    const before = c.deviceTime[slot] ?? 0
    const older = times.deviceS < before
    const again = older || (report.trigger === 'timed' && times.deviceS === before)
    const nothingNew = again && report.readings.length > 0 && taken.placed === 0
    if (repeated || nothingNew) return this.#count16('duplicates', slot, 'duplicate')
    // Where a device listens is what it said last, whatever its clock says: a command must find it.
    const port = report.status.servicePort
    if (port !== undefined) this.serviceAddresses.set(slot, { host: this.serviceAddresses.get(slot)?.host ?? '', port })
    if (older) return this.#count16('late', slot, 'late')

    c.deviceTime[slot] = times.deviceS
    c.fresh[slot] = (c.fresh[slot] ?? 0) + 1
    if (Number.isFinite(report.deviceTime)) {
      const error = Math.round((report.deviceTime - receivedAt) / 1000)
      c.clockErrorS[slot] = Math.max(-2_147_483_648, Math.min(2_147_483_647, error))
    }
    writeStatus(c, slot, report)
    this.#renew(slot, receivedS, taken.pressure)
    return times.bad ? 'bad_clock' : 'fresh'
  }

  /** Notes the address from which a device speaks; its port stands in its reports. */
  noteHost(slot: number, host: string): void {
    this.serviceAddresses.set(slot, { host, port: this.serviceAddresses.get(slot)?.port ?? 0 })
  }

  /**
   * Looks at the next rows for devices that fell silent; called again and again it comes round.
   * @param now Unix ms. @param rows looked at in one call
   */
  tick(now: number, rows = 200_000): void {
    const nowS = Math.ceil(now / 1000)
    const look = Math.min(rows, this.#count)
    for (let i = 0; i < look; i++) {
      if (this.#tickAt >= this.#count) this.#tickAt = 0
      this.#renew(this.#tickAt, nowS, false)
      this.#tickAt += 1
    }
  }

  /** Takes out the slots whose state byte, or an RTU's pressure, changed since the last call. */
  takeChanged(): Int32Array {
    return this.#dirty.take()
  }
  get changed(): number {
    return this.#dirty.count
  }

  /** Time of the last reading, Unix ms, and the register then, m³; undefined before the first. */
  lastReading(slot: number): { readonly at: number; readonly register: number } | undefined {
    const n = this.#columns.readings[slot] ?? 0
    if (n === 0) return undefined
    const i = slot * READINGS_KEPT + n - 1
    return { at: (this.#columns.readAt[i] ?? 0) * 1000, register: this.#columns.register[i] ?? 0 }
  }

  /** Takes over what a snapshot holds: rows, and the index over them. */
  adopt(columns: FleetColumns, count: number, unplaced: number): void {
    const capacity = columns.number.length
    this.#columns = columns
    this.#count = count
    this.#unplaced = unplaced
    this.#index = new DeviceIndex(capacity)
    for (let slot = 0; slot < count; slot++) this.#index.insert(slot, columns.number)
    this.#dirty.resize(capacity)
    this.gaps.resize(capacity, mostGaps(capacity))
  }

  /** The row of a device, a new one when it has none. */
  #rowOf(device: number): number {
    if (this.#count === this.#columns.number.length) {
      const known = this.slotOf(device)
      if (known >= 0) return known
      this.#grow()
    }
    const slot = this.#count
    const c = this.#columns
    c.number[slot] = device
    const known = this.#index.insertNew(slot, c.number)
    if (known >= 0) {
      c.number[slot] = 0
      return known
    }
    this.#count += 1
    c.sequence[slot] = -1
    c.sinr[slot] = -128
    c.ecl[slot] = 255
    c.pci[slot] = 65_535
    return slot
  }

  #grow(): void {
    const capacity = Math.ceil(this.#count * 1.5)
    this.#columns = makeFleetColumns(capacity, this.#columns)
    this.watch?.moved()
    this.#dirty.resize(capacity)
    this.gaps.resize(capacity, mostGaps(capacity))
  }

  /** Whether one of the last reports of the device was the same; if not, it is remembered. */
  #seen(slot: number, fingerprint: number): boolean {
    const { fingerprint: known, fingerprintAt } = this.#columns
    const base = slot * FINGERPRINTS_KEPT
    for (let i = 0; i < FINGERPRINTS_KEPT; i++) if (known[base + i] === fingerprint) return true
    const at = fingerprintAt[slot] ?? 0
    known[base + at] = fingerprint
    fingerprintAt[slot] = (at + 1) % FINGERPRINTS_KEPT
    return false
  }

  #count16(column: 'duplicates' | 'late', slot: number, outcome: Outcome): Outcome {
    const counts = this.#columns[column]
    counts[slot] = Math.min(65_535, (counts[slot] ?? 0) + 1)
    return outcome
  }

  #renew(slot: number, nowS: number, valueChanged: boolean): void {
    const state = this.#state(slot, nowS)
    const { state: states } = this.#columns
    if (state === states[slot] && !valueChanged) return
    this.watch?.before(slot)
    states[slot] = state
    this.#dirty.mark(slot)
  }

  #state(slot: number, nowS: number): number {
    const c = this.#columns
    const received = c.receivedAt[slot] ?? 0
    const events = c.events[slot] ?? 0
    const silentS = nowS - received
    if (c.kind[slot] === KIND.valve) return valveState(c.valve[slot] ?? 0)
    if (c.kind[slot] === KIND.meter)
      return meterState(received > 0, events, c.valve[slot] ?? 0, silentS, staleAfterS(c.readEveryMinutes[slot] ?? 0))
    return rtuState(received > 0, events, silentS, this.#rtuStaleS, {
      pressure: this.rtus.value(slot, 'pressure_pa'),
      gasLel: this.rtus.value(slot, 'gas_lel'),
      min: this.rtus.minPressure(slot),
      max: this.rtus.maxPressure(slot),
    })
  }
}

const mostGaps = (capacity: number) => Math.max(1024, capacity >> 3)

/** One and a half reporting intervals; readings more often than every two hours are reported in bundles of two hours. */
function staleAfterS(everyMinutes: number): number {
  return Math.max(everyMinutes, 120) * 90
}
