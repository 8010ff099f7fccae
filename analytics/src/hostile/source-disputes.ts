import type { AppliedReport, Report } from '@gastwin/twin'
import type { DetectorContext } from '../detectors/detector-context.ts'
import type { FleetClock } from './fleet-clock.ts'
import { type FrameOrigin, fromOf } from './frame-origin.ts'
import { hashSource } from './hash-source.ts'
import type { HostileSettings, Suspicion } from './hostile-settings.ts'
import type { SourceColumns } from './source-columns.ts'
import type { EpisodeSubject } from './terminal-episode.ts'

/** What was said of a device since two sources speak in its name. */
export interface Dispute {
  rival: number
  rivalFrom: string
  rivalAt: number
  /** The rival was heard in another radio cell; told once. */
  isElsewhere: boolean
  isTold: boolean
  ownAt: number
  ownFrom: string | undefined
  register: number
  sequence: number
}

const DAY_MS = 86_400_000
const MOST_DISPUTES = 20_000

/** Who is told what is found. */
export interface DisputeWatch {
  readonly clock: FleetClock
  readonly suspect: (device: number, from: string, code: Suspicion, at: number) => void
  /** Begins an episode: who speaks beside the known source is looked at. */
  readonly open: (subject: EpisodeSubject, at: number) => void
}

/**
 * Devices in whose name two sources speak. The source a device is known to speak from is its own until it is silent for several
 * reporting intervals; a frame that opened with the device's key makes any source its own at once.
 */
export class SourceDisputes {
  readonly #context: DetectorContext
  readonly #settings: HostileSettings
  readonly #rows: SourceColumns
  readonly #watch: DisputeWatch
  readonly #disputes = new Map<number, Dispute>()
  /** Rows + 1 of disputes in the order of their begin, round and round. */
  readonly #order = new Int32Array(MOST_DISPUTES)
  #next = 0

  constructor(context: DetectorContext, settings: HostileSettings, rows: SourceColumns, watch: DisputeWatch) {
    this.#context = context
    this.#settings = settings
    this.#rows = rows
    this.#watch = watch
  }

  /** Holds the source of a report against the one its device is known by. */
  compare(applied: AppliedReport, origin: FrameOrigin): void {
    const { slot, receivedAt, report, outcome } = applied
    const { source, heardAt, reports } = this.#rows.at
    const hash = hashSource(origin)
    const known = source[slot] ?? 0
    const dispute = this.#disputes.size === 0 ? undefined : this.#disputes.get(slot)
    if (known === hash) {
      heardAt[slot] = Math.floor(receivedAt / 1000)
      if (outcome === 'fresh' && reports[slot] === 1) this.#watch.clock.hear(applied)
      if (dispute !== undefined) {
        if (dispute.rivalAt > dispute.ownAt) this.#bothSpeak(report.device, dispute, receivedAt)
        dispute.ownFrom = fromOf(origin)
        if (outcome === 'fresh') remember(dispute, report)
        dispute.ownAt = receivedAt
      }
      return
    }
    const proven = origin.sealed && outcome !== 'duplicate' && outcome !== 'late'
    const every = this.#context.reportEveryMs(slot) || DAY_MS
    const silent = receivedAt - 1000 * (heardAt[slot] ?? 0) > this.#settings.silentIntervals * every
    if (known === 0 || proven || (silent && outcome === 'fresh')) {
      this.#adopt(slot, hash, receivedAt, report)
      return
    }
    const from = fromOf(origin)
    if (outcome === 'duplicate' || outcome === 'late') {
      this.#watch.open({ device: report.device, slot, from, isOwn: false }, receivedAt)
      this.#watch.suspect(report.device, from, 'replayed', receivedAt)
      return
    }
    if (!origin.sealed) this.#rival(slot, hash, from, receivedAt, report, dispute)
  }

  #adopt(slot: number, hash: number, receivedAt: number, { status }: Report): void {
    const { source, heardAt, cell } = this.#rows.at
    source[slot] = hash
    heardAt[slot] = Math.floor(receivedAt / 1000)
    cell[slot] = status.pci === undefined ? 0 : status.pci + 1
    this.#disputes.delete(slot)
  }

  /** Somebody else speaks in the device's name, in plain text. */
  #rival(slot: number, hash: number, from: string, at: number, report: Report, dispute: Dispute | undefined): void {
    const { cell } = this.#rows.at
    if (dispute === undefined || dispute.rival !== hash) {
      const { pci } = report.status
      const usual = cell[slot] ?? 0
      const fresh: Dispute = {
        rival: hash,
        rivalFrom: from,
        rivalAt: at,
        isElsewhere: pci !== undefined && usual > 0 && pci + 1 !== usual,
        isTold: false,
        ownAt: dispute?.ownAt ?? 0,
        ownFrom: dispute?.ownFrom,
        register: dispute?.register ?? Number.NaN,
        sequence: dispute?.sequence ?? -1,
      }
      if (dispute !== undefined && contradicts(dispute, report))
        this.#watch.suspect(report.device, from, 'contradiction', at)
      remember(fresh, report)
      this.#watch.open({ device: report.device, slot, from, isOwn: false }, at)
      if (dispute === undefined) this.#makeRoom(slot)
      this.#disputes.set(slot, fresh)
      return
    }
    if (dispute.ownAt > dispute.rivalAt)
      this.#watch.suspect(report.device, from, contradicts(dispute, report) ? 'contradiction' : 'interleaved', at)
    remember(dispute, report)
    dispute.rivalAt = at
  }

  /** When a carrier moves everybody at once, every meter has a second source: the oldest is forgotten. */
  #makeRoom(slot: number): void {
    const oldest = (this.#order[this.#next] ?? 0) - 1
    if (oldest >= 0) this.#disputes.delete(oldest)
    this.#order[this.#next] = slot + 1
    this.#next = (this.#next + 1) % MOST_DISPUTES
  }

  /** A device that moved does not speak from where it was before: now two do. */
  #bothSpeak(device: number, dispute: Dispute, at: number): void {
    if (dispute.isTold) return
    dispute.isTold = true
    this.#watch.suspect(device, dispute.rivalFrom, 'second_source', at)
    if (dispute.isElsewhere) this.#watch.suspect(device, dispute.rivalFrom, 'wrong_cell', at)
  }

  /** Ends those in which nobody else was heard for three days. */
  tick(now: number): void {
    for (const [slot, { rivalAt }] of this.#disputes) if (now - rivalAt > 3 * DAY_MS) this.#disputes.delete(slot)
  }

  /** Where the device itself spoke from, in the first dispute whose rival is one of these. */
  ownBeside(isRival: (from: string) => boolean): string | undefined {
    return [...this.#disputes.values()].find(({ ownFrom, rivalFrom }) => ownFrom !== undefined && isRival(rivalFrom))
      ?.ownFrom
  }

  save(): readonly (readonly [slot: number, dispute: Dispute])[] {
    return [...this.#disputes]
  }

  load(saved: readonly (readonly [slot: number, dispute: Dispute])[]): void {
    for (const [slot, dispute] of saved) {
      this.#makeRoom(slot)
      this.#disputes.set(slot, dispute)
    }
  }
}

/** Registers that go back, or counters that stand or leap: two meters, not one. */
function contradicts({ register, sequence }: Dispute, report: Report): boolean {
  const index = registerOf(report)
  if (index < register - 0.011) return true
  if (sequence < 0 || report.sequence < 0) return false
  const ahead = (report.sequence - sequence + 65_536) % 65_536
  return ahead === 0 || ahead > 4_096
}

function remember(dispute: Dispute, report: Report): void {
  const index = registerOf(report)
  if (!Number.isNaN(index)) dispute.register = index
  if (report.sequence >= 0) dispute.sequence = report.sequence
}

const registerOf = ({ readings }: Report): number =>
  readings.findLast(({ quantity }) => quantity === 'index_m3')?.value ?? Number.NaN
