import type { AppliedReport, Report } from '@gastwin/twin'
import type { Suspicion } from './hostile-settings.ts'
import { TERMINAL_FEATURE_COUNT, TERMINAL_FEATURES, type TerminalFeature } from './terminal-features.table.ts'

const WINDOW_MS = 600_000
const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
/** Errors of a clock up to so many times what terminals are off in general are none. */
const USUAL_SPREADS = 3

/** What there is to know of the device itself. */
export interface DeviceFacts {
  /** How often it speaks in its ordinary course, ms. */
  readonly everyMs: number
  /** Whether it has a radio whose signal it tells: instruments and actuators do not. */
  readonly tellsSignal: boolean
  /** Flow that no sound installation reaches, m³/h; NaN for no gas meter. */
  readonly overFlowM3H: number
  /** Radio cell + 1 in which it was first known; 0 unknown. */
  readonly cell: number
}

/** A device as it is heard from one source, from the first moment that it was worth a look; plain numbers, saved as they are. */
export interface Episode {
  lastAt: number
  taken: number
  duplicates: number
  late: number
  sealed: number
  unreadable: number
  undecryptable: number
  plainRefused: number
  contacts: number
  knocking: number
  others: number
  intervals: number
  intervalSum: number
  intervalSquares: number
  window: number
  inWindow: number
  peak: number
  clocks: number
  clockSum: number
  counters: number
  leaps: number
  stands: number
  registers: number
  back: number
  still: number
  jumps: number
  contradictions: number
  urgent: number
  buttons: number
  cells: number
  elsewhere: number
  signals: number
  signalSum: number
  signalSquares: number
  batteryLow: number
  batteryHigh: number
  readonly device: number
  /** Row of the fleet state, −1 for a device without one. */
  readonly slot: number
  readonly from: string
  readonly openedAt: number
  /** The source was the one the device is known to speak from. */
  readonly isOwn: boolean
  /** What this source said last, and what others said last in the device's name; null before that. */
  sequence: number | null
  register: number | null
  registerAt: number
  othersSequence: number | null
  othersRegister: number | null
  /** Something came since it was scored. */
  isChanged: boolean
}

/** Whose episode is meant. */
export interface EpisodeSubject {
  readonly device: number
  readonly slot: number
  readonly from: string
  readonly isOwn: boolean
}

/** One literal: thousands are made in the night in which a carrier moves everybody. */
export function openEpisode({ device, slot, from, isOwn }: EpisodeSubject, at: number): Episode {
  return {
    lastAt: 0,
    taken: 0,
    duplicates: 0,
    late: 0,
    sealed: 0,
    unreadable: 0,
    undecryptable: 0,
    plainRefused: 0,
    contacts: 0,
    knocking: 0,
    others: 0,
    intervals: 0,
    intervalSum: 0,
    intervalSquares: 0,
    window: 0,
    inWindow: 0,
    peak: 0,
    clocks: 0,
    clockSum: 0,
    counters: 0,
    leaps: 0,
    stands: 0,
    registers: 0,
    back: 0,
    still: 0,
    jumps: 0,
    contradictions: 0,
    urgent: 0,
    buttons: 0,
    cells: 0,
    elsewhere: 0,
    signals: 0,
    signalSum: 0,
    signalSquares: 0,
    batteryLow: 0,
    batteryHigh: 0,
    device,
    slot,
    from,
    openedAt: at,
    isOwn,
    sequence: null,
    register: null,
    registerAt: 0,
    othersSequence: null,
    othersRegister: null,
    isChanged: true,
  }
}

/** When a report was heard, how late terminals in general were heard then, and by how much they were off that, ms. */
export interface HeardAt {
  readonly at: number
  readonly delayMs: number
  readonly spreadMs: number
}

/** A report from this source was taken, or was known already. */
export function noteReport(
  episode: Episode,
  { report, receivedAt, outcome, origin }: AppliedReport,
  { at, delayMs, spreadMs }: HeardAt,
  facts: DeviceFacts,
) {
  noteTime(episode, at)
  episode.taken += 1
  if (outcome === 'duplicate') episode.duplicates += 1
  if (outcome === 'late') episode.late += 1
  if (origin?.sealed === true) episode.sealed += 1
  if (report.trigger === 'alarm') episode.urgent += 1
  if (report.trigger === 'button') episode.buttons += 1
  if (!Number.isNaN(report.deviceTime)) {
    episode.clocks += 1
    const error = Math.abs(report.deviceTime - receivedAt + delayMs)
    // What is no more than others are off says nothing of this one.
    episode.clockSum += Math.log1p(Math.max(0, error - USUAL_SPREADS * spreadMs) / 1000)
  }
  noteStatus(episode, report, facts.cell)
  if (outcome === 'duplicate') return
  noteCounter(episode, report.sequence)
  const register = report.readings.findLast(({ quantity }) => quantity === 'index_m3')
  if (register !== undefined) noteRegister(episode, register.value, register.at, facts.overFlowM3H)
}

/** Another source spoke in the device's name. */
export function noteOther(episode: Episode, report: Report): void {
  episode.others += 1
  episode.isChanged = true
  if (report.sequence >= 0) episode.othersSequence = report.sequence
  const register = report.readings.findLast(({ quantity }) => quantity === 'index_m3')
  if (register !== undefined) episode.othersRegister = register.value
}

/** A frame from this source was not taken. */
export function noteUntaken(episode: Episode, code: Suspicion, count: number, at: number): void {
  noteTime(episode, at)
  if (code === 'unreadable') episode.unreadable += count
  else if (code === 'undecryptable') episode.undecryptable += count
  else if (code === 'plain_refused') episode.plainRefused += count
  else if (code === 'knocking') episode.knocking += count
  else if (code.startsWith('contact_')) episode.contacts += count
}

/** Everything that came, taken or not. */
export const heardOf = (e: Episode): number => e.taken + untakenOf(e)

const untakenOf = (e: Episode): number => e.unreadable + e.undecryptable + e.plainRefused + e.contacts + e.knocking

/** What is known beside the episode itself. */
export interface EpisodeSurroundings {
  /** Sources that are looked at for the device, and devices that are looked at for the source. */
  readonly sources: number
  readonly devices: number
  readonly everyMs: number
  readonly tellsSignal: boolean
}

/** Writes the features of an episode as they stand at an instant. @param out Float32Array[TERMINAL_FEATURE_COUNT] from `offset` */
export function writeFeatures(
  e: Episode,
  { sources, devices, everyMs, tellsSignal }: EpisodeSurroundings,
  at: number,
  out: Float32Array,
  offset: number,
): void {
  const age = Math.max(0, at - e.openedAt)
  const heard = heardOf(e)
  const mean = e.intervals === 0 ? Number.NaN : e.intervalSum / e.intervals
  const share = (count: number, of: number): number => (of === 0 ? Number.NaN : count / of)
  const values: Record<TerminalFeature, number> = {
    hours: Math.log1p(age / HOUR_MS),
    own_source: e.isOwn ? 1 : 0,
    regularity: e.intervals < 2 ? Number.NaN : spread(e.intervals, e.intervalSum, e.intervalSquares) / (mean + 1e-9),
    interval_s: Math.log1p(mean),
    others_speaking: Math.log1p(e.others),
    sources_of_device: Math.log1p(sources),
    refused_contacts: Math.log1p(e.contacts),
    knocking: Math.log1p(e.knocking),
    elsewhere: share(e.elsewhere, e.cells),
    reports: Math.log1p(e.taken),
    pace: Math.log((heard + 0.5) / (age / (everyMs || DAY_MS) + 1)),
    peak: Math.log1p(e.peak),
    devices_of_source: Math.log1p(devices),
    duplicates: share(e.duplicates, e.taken),
    late: share(e.late, e.taken),
    sealed: share(e.sealed, e.taken),
    untaken: share(untakenOf(e), heard),
    unreadable: Math.log1p(e.unreadable),
    undecryptable: Math.log1p(e.undecryptable),
    plain_refused: Math.log1p(e.plainRefused),
    clock_error_s: share(e.clockSum, e.clocks),
    counter_leaps: share(e.leaps, e.counters),
    counter_stands: share(e.stands, e.counters),
    register_back: share(e.back, e.registers),
    register_still: share(e.still, e.registers),
    register_leaps: share(e.jumps, e.registers),
    contradictions: share(e.contradictions, e.taken),
    urgent: share(e.urgent, e.taken),
    buttons: share(e.buttons, e.taken),
    signal_missing: tellsSignal ? share(e.taken - e.signals, e.taken) : Number.NaN,
    signal_spread_db: e.signals < 2 ? Number.NaN : spread(e.signals, e.signalSum, e.signalSquares),
    battery_spread_v: e.batteryHigh > 0 ? e.batteryHigh - e.batteryLow : Number.NaN,
  }
  for (let i = 0; i < TERMINAL_FEATURE_COUNT; i++) {
    const feature = TERMINAL_FEATURES[i]
    if (feature !== undefined) out[offset + i] = values[feature.name]
  }
}

function noteTime(e: Episode, at: number): void {
  e.isChanged = true
  if (e.lastAt > 0) {
    const seconds = Math.max(0, at - e.lastAt) / 1000
    e.intervals += 1
    e.intervalSum += seconds
    e.intervalSquares += seconds * seconds
  }
  e.lastAt = at
  const window = Math.floor(at / WINDOW_MS)
  e.inWindow = e.window === window ? e.inWindow + 1 : 1
  e.window = window
  e.peak = Math.max(e.peak, e.inWindow)
}

function noteStatus(e: Episode, { status }: Report, usual: number): void {
  if (status.pci !== undefined && usual > 0) {
    e.cells += 1
    if (status.pci + 1 !== usual) e.elsewhere += 1
  }
  if (status.rsrpDbm !== undefined) {
    e.signals += 1
    e.signalSum += status.rsrpDbm
    e.signalSquares += status.rsrpDbm ** 2
  }
  const { batteryVolt } = status
  if (batteryVolt === undefined) return
  e.batteryLow = e.batteryHigh === 0 ? batteryVolt : Math.min(e.batteryLow, batteryVolt)
  e.batteryHigh = Math.max(e.batteryHigh, batteryVolt)
}

function noteCounter(e: Episode, sequence: number): void {
  if (sequence < 0) return
  if (e.sequence !== null) {
    const ahead = (sequence - e.sequence + 65_536) % 65_536
    e.counters += 1
    if (ahead === 0) e.stands += 1
    else if (ahead > 64) e.leaps += 1
  }
  if (e.othersSequence !== null) {
    const ahead = (sequence - e.othersSequence + 65_536) % 65_536
    if (ahead === 0 || ahead > 4_096) e.contradictions += 1
  }
  e.sequence = sequence
}

function noteRegister(e: Episode, value: number, at: number, overFlowM3H: number): void {
  if (e.register !== null) {
    const advance = value - e.register
    e.registers += 1
    if (advance < -0.011) e.back += 1
    else if (advance < 0.011) e.still += 1
    // A moment's rounding of clocks and registers is no leap.
    else if (advance > overFlowM3H * (Math.max(0, at - e.registerAt) / HOUR_MS) + 1) e.jumps += 1
  }
  if (e.othersRegister !== null && value < e.othersRegister - 0.011) e.contradictions += 1
  e.register = value
  e.registerAt = at
}

function spread(count: number, sum: number, squares: number): number {
  const mean = sum / count
  return Math.sqrt(Math.max(0, squares / count - mean * mean))
}
