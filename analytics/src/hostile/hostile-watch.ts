import type { AppliedReport, Report } from '@gastwin/twin'
import { DeviceColumns } from '../detectors/columns.ts'
import type { Detection, Detector } from '../detectors/detection.ts'
import type { DetectorContext } from '../detectors/detector-context.ts'
import { EpisodeBook } from './episode-book.ts'
import { FleetClock, type SavedFleetClock } from './fleet-clock.ts'
import { type FrameOrigin, fromOf } from './frame-origin.ts'
import { hashSource } from './hash-source.ts'
import { HOSTILE_SETTINGS, type HostileSettings, type Suspicion, type TerminalStep } from './hostile-settings.ts'
import { SOURCE_LAYOUT, type SourceColumns } from './source-columns.ts'
import { type Dispute, SourceDisputes } from './source-disputes.ts'
import {
  type HostileSubject,
  type LearnedWord,
  SubjectList,
  type SuspicionSum,
  stepOfRank,
  sumsOf,
} from './suspects-list.ts'
import type { Episode } from './terminal-episode.ts'
import { TerminalJudge } from './terminal-judge.ts'
import type { LearnedReason, TerminalModel } from './terminal-model.ts'

/** A step that the rules ask for. */
export interface ProposedStep {
  readonly device: number
  /** null: the device wherever it speaks from, `except` from there. */
  readonly from: string | null
  readonly except: string | null
  readonly step: TerminalStep
  readonly score: number
  readonly reasons: readonly SuspicionSum[]
  /** Whether the rules ask for it, or only the learned model does. */
  readonly by: 'rules' | 'model'
  /** What the learned model says, where it asks for the step or agrees. */
  readonly learned?: { readonly probability: number; readonly because: readonly LearnedReason[] }
}

const WINDOW_MS = 600_000
const DAY_MS = 86_400_000
/** Of one look at the socket. */
const MOST_KNOCKING = 5
const ISOLATE = 3

/**
 * Watches who speaks in a device's name, how and how often, and asks for steps. A suspect is a device **at a source**, so that what
 * an impostor does is not laid at his victim's door: the source a device is known to speak from is its own until it is silent for
 * several reporting intervals; a frame that opened with the device's key makes any source its own at once.
 *
 * Scores are a function of reports and their receive times. Steps are not taken here: who holds them tells `held`.
 */
export class HostileWatch implements Detector {
  readonly name = 'hostile-terminals'
  readonly rows: SourceColumns
  readonly #context: DetectorContext
  readonly #settings: HostileSettings
  readonly #subjects: SubjectList
  readonly #disputes: SourceDisputes
  readonly #proposed = new Map<string, ProposedStep>()
  readonly #episodes: EpisodeBook
  readonly #clock = new FleetClock()
  readonly #judge: TerminalJudge
  #model: TerminalModel | undefined

  constructor(context: DetectorContext, settings: HostileSettings = HOSTILE_SETTINGS) {
    this.#context = context
    this.#settings = settings
    this.#subjects = new SubjectList(settings)
    this.rows = new DeviceColumns(SOURCE_LAYOUT, context.slotCount)
    const factsOf = (slot: number) => ({
      everyMs: slot < 0 ? DAY_MS : this.#paceMs(slot),
      tellsSignal: slot < 0 || context.meterOf(slot) !== undefined,
      overFlowM3H: (slot < 0 ? undefined : context.meterOf(slot)?.size.overFlowM3H) ?? Number.NaN,
      cell: slot < 0 ? 0 : (this.rows.at.cell[slot] ?? 0),
    })
    this.#episodes = new EpisodeBook(factsOf, this.#clock)
    this.#judge = new TerminalJudge(this.#episodes, this.#subjects, (subject, rank) => this.#propose(subject, rank))
    this.#disputes = new SourceDisputes(context, settings, this.rows, {
      clock: this.#clock,
      suspect: (device, from, code, at) => this.#suspect(device, from, code, at),
      open: (subject, at) => this.#episodes.open(subject, at),
    })
  }

  /** Lets a learned model warn of terminals and have them observed, beside the rules. */
  useModel(model: TerminalModel | undefined): void {
    this.#model = model
  }

  /** Terminals that are looked at, with what is known of each. */
  get episodes(): EpisodeBook {
    return this.#episodes
  }

  observe(batch: readonly AppliedReport[]): readonly Detection[] {
    for (const applied of batch) {
      if (applied.slot < 0 || applied.origin === undefined) continue
      // A concentrator brings what its meters said when it can, from wherever its uplink comes out.
      if (this.#context.isRelayed?.(applied.slot) === true) continue
      this.rows.reach(applied.slot)
      this.#countFlood(applied, applied.origin)
      this.#disputes.compare(applied, applied.origin)
      if (this.#episodes.size > 0) this.#episodes.hear(applied)
    }
    return []
  }

  /**
   * A frame in a device's name that was not taken.
   * @param slot −1 for a device without a row
   * @param isKnown the source is one that is known for the device by other ways than its reports
   */
  noteRefused(
    device: number,
    slot: number,
    origin: FrameOrigin,
    code: Suspicion,
    at: number,
    isKnown: boolean = false,
  ): void {
    const from = fromOf(origin)
    const own = isKnown || (slot >= 0 && this.rows.at.source[slot] === hashSource(origin))
    // What its concentrator brings of it is not looked at, so that what is refused would be all that is known.
    if (slot < 0 || this.#context.isRelayed?.(slot) !== true)
      this.#episodes.refuse({ device, slot, from, isOwn: own }, code, 1, at)
    // Noise from where the device itself speaks may be its own fault, or forged: it is looked at, not shut out.
    const most = own && code !== 'knocking' ? this.#settings.thresholds.isolate - 1 : Number.POSITIVE_INFINITY
    this.#suspect(device, from, code, at, this.#settings.weights[code], most)
  }

  /** A source turned out to be a concentrator's: what came from there astray before it said so was its own. */
  vouch(from: string): void {
    for (const subject of [...this.#subjects.all()]) {
      const isStray = [...subject.reasons.keys()].every((code) => code === 'stray_route')
      if (subject.from === from && subject.rank === 0 && isStray) this.#subjects.drop(subject)
    }
  }

  /** Datagrams of a terminal that is kept away, dropped unread: who goes on at a flood's pace is forced offline. */
  noteDropped(device: number, from: string, count: number, at: number): void {
    const weight = Math.min(MOST_KNOCKING, count * this.#settings.weights.knocking)
    this.#episodes.refuse({ device, slot: -1, from, isOwn: false }, 'knocking', count, at)
    this.#suspect(device, from, 'knocking', at, weight)
  }

  /** A register that cannot be, as another detector found it, in a report of this batch. */
  noteImpossible(batch: readonly AppliedReport[], detections: readonly Detection[]): void {
    for (const { rule, active, asset } of detections) {
      if (rule !== 'register_backwards' || !active) continue
      const said = batch.findLast(({ slot }) => slot >= 0 && this.#context.assetOf(slot).id === asset.id)
      if (said?.origin === undefined || said.origin.sealed) continue
      this.#suspect(said.report.device, fromOf(said.origin), 'impossible_register', said.receivedAt)
    }
  }

  tick(now: number): readonly Detection[] {
    if (this.#model !== undefined) this.#judge.tick(this.#model, now)
    this.#episodes.tick(now)
    for (const subject of this.#subjects.all()) {
      this.#subjects.fade(subject, now)
      if (subject.learned !== undefined && now - subject.learned.at > DAY_MS) subject.learned = undefined
      // Warnings and observations end by themselves; who is kept away comes back by an operator's act only.
      if (subject.score >= this.#settings.thresholds.none || subject.rank >= ISOLATE) continue
      if (subject.learned !== undefined) continue
      if (subject.rank > 0) this.#propose(subject, 0)
      if (subject.score < 0.05) this.#subjects.drop(subject)
    }
    this.#disputes.tick(now)
    return []
  }

  /** Whether another device than that of `slot` is known to speak from a source: a concentrator's, or that of a gateway. */
  isShared(slot: number, from: string): boolean {
    const colon = from.lastIndexOf(':')
    const hash = hashSource({ address: from.slice(0, colon), port: Number(from.slice(colon + 1)) })
    const { source } = this.rows.at
    for (let row = 0; row < source.length; row++) if (source[row] === hash && row !== slot) return true
    return false
  }

  /** Steps that are due since the last call. */
  takeProposals(): readonly ProposedStep[] {
    if (this.#proposed.size === 0) return []
    const due = [...this.#proposed.values()]
    this.#proposed.clear()
    return due
  }

  /** A step holds. @param rank its place among TERMINAL_STEPS */
  held(device: number, from: string | null, rank: number, at: number): void {
    this.#proposed.delete(`${device}@${from ?? '*'}`)
    if (from === null) {
      for (const subject of [...this.#subjects.all()])
        if (subject.device === device && rank === 0) this.#relieve(subject)
      return
    }
    const subject = this.#subjects.reach(device, from, at)
    subject.rank = rank
    // An operator's relief is a fresh start.
    if (rank === 0) this.#relieve(subject)
  }

  /** All with a score, most suspected first. */
  subjects(): readonly (Pick<HostileSubject, 'device' | 'from' | 'score' | 'since' | 'at' | 'rank' | 'learned'> & {
    readonly reasons: readonly SuspicionSum[]
  })[] {
    return [...this.#subjects.all()]
      .sort((a, b) => b.score - a.score)
      .map((subject) => ({ ...subject, reasons: sumsOf(subject) }))
  }

  save(): unknown {
    const subjects = [...this.#subjects.all()].map((s) => [
      ...[s.device, s.from, s.score, s.at, s.since, s.rank, sumsOf(s)],
      s.learned ?? null,
    ])
    return { subjects, disputes: this.#disputes.save(), episodes: this.#episodes.save(), clock: this.#clock.save() }
  }

  load(saved: unknown): void {
    const { subjects, disputes, episodes, clock } = saved as {
      subjects: [number, string, number, number, number, number, SuspicionSum[], LearnedWord | null | undefined][]
      disputes: [number, Dispute][]
      episodes?: readonly Episode[]
      clock?: SavedFleetClock
    }
    if (clock !== undefined) this.#clock.load(clock)
    this.#episodes.load(episodes ?? [])
    for (const [device, from, score, at, since, rank, reasons, learned] of subjects) {
      const subject = this.#subjects.reach(device, from, since)
      Object.assign(subject, { score, at, rank, learned: learned ?? undefined })
      for (const { code, count, weight } of reasons) subject.reasons.set(code, { count, weight })
    }
    this.#disputes.load(disputes)
  }

  #countFlood({ slot, receivedAt, report }: AppliedReport, origin: FrameOrigin): void {
    const { window, reports } = this.rows.at
    const current = Math.floor(receivedAt / WINDOW_MS) & 0xffff
    const count = window[slot] === current ? Math.min(65_535, (reports[slot] ?? 0) + 1) : 1
    window[slot] = current
    reports[slot] = count
    const { floodMeter, floodOther } = this.#settings
    if (count > (report.kind === 'meter' ? floodMeter : floodOther))
      this.#suspect(report.device, fromOf(origin), 'flood', receivedAt)
    this.#countDay(slot, report, origin, receivedAt)
  }

  #countDay(slot: number, { device }: Report, origin: FrameOrigin, at: number): void {
    const { day, said, source } = this.rows.at
    const today = Math.floor(this.#clock.instant(at) / DAY_MS) & 0xffff
    const count = day[slot] === today ? Math.min(65_535, (said[slot] ?? 0) + 1) : 1
    day[slot] = today
    said[slot] = count
    if (count <= this.#settings.busyMore) return
    const due = DAY_MS / this.#paceMs(slot)
    if (count <= this.#settings.busyTimes * due + this.#settings.busyMore) return
    this.#episodes.open({ device, slot, from: fromOf(origin), isOwn: source[slot] === hashSource(origin) }, at)
  }

  /** How often a device speaks in its ordinary course, ms. */
  #paceMs(slot: number): number {
    return this.#context.paceMs?.(slot) ?? (this.#context.reportEveryMs(slot) || DAY_MS)
  }

  #suspect(
    device: number,
    from: string,
    code: Suspicion,
    at: number,
    weight = this.#settings.weights[code],
    most = Number.POSITIVE_INFINITY,
  ): void {
    const subject = this.#subjects.add(device, from, code, at, weight)
    // Before a step is proposed: a step that was asked for is not taken back by a score that falls.
    subject.score = Math.min(subject.score, most)
    const due = this.#subjects.dueRank(subject.score)
    if (due > subject.rank) this.#propose(subject, due)
  }

  /** An operator's relief is a fresh start, for the model too. */
  #relieve({ device, from }: HostileSubject): void {
    const subject = this.#subjects.find(device, from)
    if (subject !== undefined) this.#subjects.drop(subject)
    this.#episodes.forget(device, from)
  }

  #propose(subject: HostileSubject, rank: number): void {
    const { device, from, score, learned } = subject
    subject.rank = rank
    const about = {
      ...{ device, step: stepOfRank(rank), score: Math.round(100 * score) / 100, reasons: sumsOf(subject) },
      by: this.#subjects.dueRank(score) < rank ? ('model' as const) : ('rules' as const),
      ...(learned !== undefined && { learned: { probability: learned.probability, because: learned.because } }),
    }
    this.#proposed.set(`${device}@${from}`, { ...about, from, except: null })
    if (rank === ISOLATE) this.#lock(device, about)
  }

  /** Who comes back from ever new sources is kept away from all but the device's own. */
  #lock(device: number, about: Omit<ProposedStep, 'from' | 'except'>): void {
    let isolated = 0
    for (const subject of this.#subjects.all()) if (subject.device === device && subject.rank >= ISOLATE) isolated++
    if (isolated < this.#settings.sourcesBeforeLock) return
    const own = this.#disputes.ownBeside((from) => this.#subjects.find(device, from) !== undefined)
    if (own !== undefined) this.#proposed.set(`${device}@*`, { ...about, step: 'isolate', from: null, except: own })
  }
}
