import type { Report } from '@gastwin/twin'
import type { CommandState } from './command-state.ts'
import type { LedgerEntry } from './ledger-snapshot.ts'

/** A device clock this near is right: a CJ/T 188 clock has whole seconds, and the way takes some. */
const CLOCK_TOLERANCE_MS = 60_000
/** Months begin by the city's clock: no city is further from Greenwich. */
const FARTHEST_ZONE_MS = 14 * 3_600_000
const DAY_MS = 86_400_000
/** What a device says it took is not done yet: something else proves it. */
const NEEDS_PROOF: ReadonlySet<LedgerEntry['kind']> = new Set([
  'close',
  'firmware',
  'read',
  'log',
  'restart',
  'renew_key',
  'connection',
])

/** What a report says about one command. */
export interface Said {
  readonly report: Report
  /** The device's word under the number of this command, when it gave one. */
  readonly word: boolean | undefined
  /** Service clock, Unix ms. */
  readonly now: number
  /** Where in the log the device's session begins, −1 without one. */
  readonly session: number
}

/** A state that a command comes to, and what else is known of it then. */
export interface Move {
  readonly state: CommandState
  readonly error?: string
  readonly more?: Partial<Pick<LedgerEntry, 'read' | 'log'>>
}

/** What becomes of a command by a report, in this order; a state that may not follow is passed over by the ledger. */
export function movesOf(entry: LedgerEntry, said: Said): readonly Move[] {
  const { word } = said
  if (word === false) return [{ state: 'refused', error: 'refused by the device' }]
  const took: Move[] = word === true ? [{ state: NEEDS_PROOF.has(entry.kind) ? 'accepted' : 'confirmed' }] : []
  const wasTold = entry.tries > 0 || word === true
  return wasTold ? [...took, ...proofsOf(entry, said)] : took
}

function proofsOf(entry: LedgerEntry, { report, word, now, session }: Said): readonly Move[] {
  const { valve, relay, update } = report.status
  const ended = update?.id === entry.id ? update.outcome : undefined
  const done: readonly Move[] = [{ state: 'confirmed' }]
  switch (entry.kind) {
    case 'close':
      return valve === 'closed' || relay === 'off' ? done : []
    case 'clock':
      return Math.abs(report.deviceTime - now) <= CLOCK_TOLERANCE_MS ? done : []
    case 'restart':
      return report.trigger === 'registration' ? done : []
    case 'renew_key':
      return session > (entry.renewal?.before ?? Number.POSITIVE_INFINITY) ? done : []
    case 'connection':
      if (ended === undefined) return []
      return ended === 'running' ? done : [{ state: 'failed', error: ended }]
    case 'firmware':
      return firmwareProof(entry, report, ended)
    case 'read':
      return entry.read === undefined ? standingProof(entry, report) : word === true ? monthProof(entry, report) : []
    case 'log':
      return logProof(entry, report)
    default:
      return []
  }
}

function firmwareProof({ firmware }: LedgerEntry, { status }: Report, ended: string | undefined): readonly Move[] {
  const runs = status.firmware
  if (firmware === undefined) return []
  if (runs === firmware.version && (ended === undefined || ended === 'running')) return [{ state: 'confirmed' }]
  if (ended === undefined) return []
  return [{ state: 'failed', error: ended === 'running' ? `other_version:${runs ?? ''}` : ended }]
}

/** A register that was taken after it was asked for. */
function standingProof({ created_at: created }: LedgerEntry, { readings }: Report): readonly Move[] {
  return readings.some(({ at }) => at >= created) ? [{ state: 'confirmed' }] : []
}

/** A meter tells the whole month in the report with its word: what does not come then, it has not kept. */
function monthProof({ read }: LedgerEntry, { readings, deviceTime }: Report): readonly Move[] {
  if (read === undefined) return []
  const [from, to] = monthSpan(read.month)
  const days = new Set(
    readings
      .filter(({ at }) => at >= from && at < to && at !== deviceTime)
      .map(({ at }) => Math.floor((at - from) / DAY_MS)),
  ).size
  return days === 0
    ? [{ state: 'failed', error: 'nothing_kept' }]
    : [{ state: 'confirmed', more: { read: { ...read, days } } }]
}

/** The pieces may come in any order, and more than once. */
function logProof({ log, id }: LedgerEntry, { terminalLog }: Report): readonly Move[] {
  if (log === undefined || terminalLog?.command !== id) return []
  const { piece, pieces, entries } = terminalLog
  if (log.got.includes(piece)) return []
  const got = [...log.got, piece].sort((a, b) => a - b)
  const more = { log: { ...log, pieces, got, lines: log.lines + entries.length } }
  return [{ state: got.length >= pieces ? 'confirmed' : 'accepted', more }]
}

/** The instants that may belong to a month of any city, `YYYY-MM`, Unix ms. */
function monthSpan(month: string): readonly [from: number, to: number] {
  const from = Date.parse(`${month}-01T00:00:00Z`)
  const to = new Date(from).setUTCMonth(new Date(from).getUTCMonth() + 1)
  return [from - FARTHEST_ZONE_MS, to + FARTHEST_ZONE_MS]
}
