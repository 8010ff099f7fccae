/**
 * Whether devices are heard, how well, and with which clock: rules `silence`, `cell_offline`, `radio_poor`, `clock_error`.
 *
 * Silence is judged against each device's own schedule with a grace; RTUs at every tick, meters in a pass of a quarter of an
 * hour. When half of a radio cell misses one report, the cell is told at once, long before its meters count as silent one by
 * one; their silence carries the cell, so that the alarm book can explain it. Times are the service's receive times.
 */
import type { AppliedReport } from '@gastwin/twin'
import { DeviceColumns } from '../columns.ts'
import type { AssetRef, Detection, Detector, Evidence, RuleId } from '../detection.ts'
import { type DetectorContext, zoneIdOf } from '../detector-context.ts'
import { CellCounts, cellKey, cellName, NO_CELL, zoneOfCell } from './cell-counts.ts'
import { FLEET_WATCH_SETTINGS, type FleetWatchSettings } from './fleet-watch-settings.ts'

/** 8 bytes a device. `heard` Unix s, 0 never; `pci` + 1, 0 unknown; counts of reports in a row; told bits. */
const LAYOUT = { heard: Uint32Array, pci: Uint16Array, runs: Uint8Array, told: Uint8Array } as const
const SILENT = 1
const POOR = 2
const CLOCK = 4
/** `runs` holds two counts of four bits: reports that contradict what is told of the radio (low) and of the clock (high). */
const RUN_BITS = 4
const RUN_MASK = 15

export class FleetWatchDetector implements Detector {
  readonly name = 'fleet-watch'
  readonly #context: DetectorContext
  readonly #settings: FleetWatchSettings
  readonly rows: DeviceColumns<typeof LAYOUT>
  readonly #cells: CellCounts
  readonly #offline = new Map<number, number>()
  #cursor = 0
  #tickAt = Number.NaN
  #told: Detection[] = []

  constructor(context: DetectorContext, settings: FleetWatchSettings = FLEET_WATCH_SETTINGS) {
    this.#context = context
    this.#settings = settings
    this.rows = new DeviceColumns(LAYOUT, context.slotCount)
    this.#cells = new CellCounts(context.zones.length)
  }

  get bytesPerDevice(): number {
    return this.rows.bytesPerRow
  }

  observe(batch: readonly AppliedReport[]): readonly Detection[] {
    for (const applied of batch) {
      const { slot, receivedAt, report, outcome } = applied
      if (slot < 0) continue
      this.rows.reach(slot)
      const m = this.rows.at
      m.heard[slot] = Math.max(m.heard[slot] ?? 0, Math.floor(receivedAt / 1000))
      if (report.status.pci !== undefined) m.pci[slot] = report.status.pci + 1
      if ((m.told[slot] ?? 0) & SILENT) this.#say('silence', slot, SILENT, receivedAt, false, 0, 0, 's')
      if (outcome === 'duplicate' || outcome === 'late') continue
      this.#judgeRadio(applied)
      if (report.trigger === 'timed') this.#judgeClock(applied)
    }
    return this.#flush()
  }

  tick(now: number): readonly Detection[] {
    this.rows.reach(this.#context.slotCount - 1)
    if (now - this.#tickAt > this.#settings.pauseMs) this.#forgive(now - this.#tickAt)
    this.#tickAt = now
    for (const { slot } of this.#context.rtus) if (slot >= 0) this.#judgeSilence(slot, now)
    const count = this.#context.slotCount
    const end = Math.min(count, this.#cursor + Math.ceil(count / this.#settings.ticksPerPass))
    for (let slot = this.#cursor; slot < end; slot++) {
      if (this.#context.kindOf(slot) !== 'rtu') this.#judgeSilence(slot, now)
    }
    this.#cursor = end
    if (end >= count) {
      this.#cursor = 0
      this.#cells.finish((key, members, overdue) => this.#judgeCell(key, members, overdue, now))
    }
    return this.#flush()
  }

  save(): unknown {
    return {
      cells: this.#cells.save(),
      offline: [...this.#offline],
      cursor: this.#cursor,
      tickAt: Number.isNaN(this.#tickAt) ? null : this.#tickAt,
    }
  }

  load(saved: unknown): void {
    const memory = saved as {
      readonly cells: readonly number[]
      readonly offline: readonly (readonly [number, number])[]
      readonly cursor: number
      readonly tickAt: number | null
    }
    this.#cells.load(memory.cells)
    this.#offline.clear()
    for (const [key, since] of memory.offline) this.#offline.set(key, since)
    this.#cursor = memory.cursor
    this.#tickAt = memory.tickAt ?? Number.NaN
  }

  #judgeSilence(slot: number, now: number): void {
    const every = this.#context.reportEveryMs(slot)
    if (every <= 0) return
    const m = this.rows.at
    const heard = m.heard[slot] ?? 0
    if (heard === 0) {
      // The platform may be younger than the device's last report: its time begins when it is first looked at.
      this.rows.watch?.before(slot)
      m.heard[slot] = Math.floor(now / 1000)
      return
    }
    const rtu = this.#context.rtuOf(slot) >= 0
    const silentFor = now - heard * 1000
    const grace = rtu ? 0 : Math.max(this.#settings.graceLeastMs, this.#settings.graceShare * every)
    const limit = every * (rtu ? this.#settings.missedReportsRtu : this.#settings.missedReports) + grace
    if (!rtu) {
      const key = cellKey(this.#context.zoneOf(slot), ((m.pci[slot] ?? 0) - 1) >>> 0)
      if (key !== NO_CELL) this.#cells.count(key, silentFor > every + grace)
    }
    if (silentFor > limit) this.#say('silence', slot, SILENT, now, true, silentFor / 1000, limit / 1000, 's')
  }

  #judgeCell(key: number, members: number, overdue: number, now: number): void {
    const { cellLeast, cellOffShare, cellOnShare } = this.#settings
    const since = this.#offline.get(key)
    const share = overdue / members
    const off = since === undefined ? overdue >= cellLeast && share >= cellOffShare : share >= cellOnShare
    if (off === (since !== undefined)) return
    if (off) this.#offline.set(key, now)
    else this.#offline.delete(key)
    const zone = this.#context.zones[zoneOfCell(key)]?.id
    const asset: AssetRef = { kind: 'system', id: cellName(key, zone) }
    this.#told.push({
      rule: 'cell_offline',
      asset,
      zone,
      at: now,
      since: since ?? now,
      active: off,
      value: overdue,
      limit: Math.ceil(cellOffShare * members),
      unit: '1',
      strength: 'weak',
      evidenceKind: 'communication',
      evidence: [
        { code: 'cell', at: now, value: key, unit: '1' },
        { code: 'cell_members', at: now, asset, value: members, unit: '1' },
        { code: 'cell_overdue', at: now, asset, value: overdue, unit: '1' },
      ],
    })
  }

  #judgeRadio({ slot, receivedAt, report: { status } }: AppliedReport): void {
    const { rsrpDbm, sinrDb } = status
    if (rsrpDbm === undefined && sinrDb === undefined) return
    const { goodRsrpDbm, goodSinrDb, radioReports } = this.#settings
    const good =
      (rsrpDbm ?? Number.POSITIVE_INFINITY) > goodRsrpDbm && (sinrDb ?? Number.POSITIVE_INFINITY) > goodSinrDb
    if (this.#turns(slot, POOR, 0, !good, radioReports)) {
      const byPower = rsrpDbm !== undefined && !(rsrpDbm > goodRsrpDbm)
      this.#say(
        'radio_poor',
        slot,
        POOR,
        receivedAt,
        !good,
        (byPower ? rsrpDbm : sinrDb) ?? rsrpDbm ?? 0,
        byPower ? goodRsrpDbm : goodSinrDb,
        byPower ? 'dBm' : 'dB',
      )
    }
  }

  #judgeClock({ slot, receivedAt, outcome, report }: AppliedReport): void {
    const ahead = report.deviceTime - receivedAt
    if (Number.isNaN(ahead)) return
    const { clockAheadMs, clockBehindMs, clockReports } = this.#settings
    const wrong = outcome === 'bad_clock' || ahead > clockAheadMs || -ahead > clockBehindMs
    if (!this.#turns(slot, CLOCK, RUN_BITS, wrong, clockReports)) return
    this.#say(
      'clock_error',
      slot,
      CLOCK,
      receivedAt,
      wrong,
      ahead / 1000,
      (ahead > 0 ? clockAheadMs : clockBehindMs) / 1000,
      's',
    )
  }

  /** Counts reports in a row that contradict what is told; true when they are enough to turn it. */
  #turns(slot: number, bit: number, shift: number, bad: boolean, needed: number): boolean {
    const m = this.rows.at
    const runs = m.runs[slot] ?? 0
    const run = bad === (((m.told[slot] ?? 0) & bit) !== 0) ? 0 : Math.min(RUN_MASK, ((runs >> shift) & RUN_MASK) + 1)
    const turned = run >= needed
    m.runs[slot] = (runs & ~(RUN_MASK << shift)) | ((turned ? 0 : run) << shift)
    return turned
  }

  /** The service was away: nobody could be heard, so that time counts for nobody. */
  #forgive(awayMs: number): void {
    const { heard } = this.rows.at
    const seconds = Math.floor(awayMs / 1000)
    this.rows.watch?.beforeAll()
    for (let slot = 0; slot < heard.length; slot++)
      if (heard[slot] !== 0)
        heard[slot] = Math.min((heard[slot] ?? 0) + seconds, Math.floor((this.#tickAt + awayMs) / 1000))
  }

  #say(
    rule: RuleId,
    slot: number,
    bit: number,
    at: number,
    active: boolean,
    value: number,
    limit: number,
    unit: string,
  ): void {
    const m = this.rows.at
    const told = m.told[slot] ?? 0
    if (((told & bit) !== 0) === active) return
    this.rows.watch?.before(slot)
    m.told[slot] = active ? told | bit : told & ~bit
    const asset = this.#context.assetOf(slot)
    const evidence: Evidence[] = [{ code: rule, at, asset, value, limit, unit }]
    const key = cellKey(this.#context.zoneOf(slot), ((m.pci[slot] ?? 0) - 1) >>> 0)
    if (rule === 'silence' && key !== NO_CELL && this.#context.rtuOf(slot) < 0)
      evidence.push({ code: 'cell', at, value: key, unit: '1' })
    this.#told.push({
      rule,
      asset,
      zone: zoneIdOf(this.#context, slot),
      at,
      since: rule === 'silence' ? (m.heard[slot] ?? 0) * 1000 : at,
      active,
      value,
      limit,
      unit,
      strength: 'weak',
      evidenceKind: 'communication',
      evidence,
    })
  }

  #flush(): readonly Detection[] {
    if (this.#told.length === 0) return NOTHING
    const told = this.#told
    this.#told = []
    return told
  }
}

const NOTHING: readonly Detection[] = []
