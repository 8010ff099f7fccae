import type { ConcentratorBook, ConcentratorTwin, FrameToPass, Medium, MeterBehind, PassedOn } from '@gastwin/twin'
import type { CommandRoute } from '../contract/safety.ts'
import {
  encodeLineOrder,
  type LineMeterAddress,
  type LineOrder,
  type LineTerms,
  readLineAnswer,
  type VendorProfile,
} from '../protocol/index.ts'
import { type CommandLedger, type DeliveryRules, isPermit, NO_RULES } from './ledger.ts'
import type { LedgerEntry } from './ledger-snapshot.ts'
import { orderOf } from './line-form.ts'

/** How hard a meter is tried: each try costs its battery. */
export const LINE_RULES = {
  /** Attempts through one concentrator. */
  attempts: 3,
  /** Between two attempts, ms; shorter for a close, and for a permit: somebody stands at the meter. */
  pauseMs: 10 * 60_000,
  closePauseMs: 2 * 60_000,
  /** A concentrator that was not heard so long is passed by, ms: twice the hour within which it must speak. */
  silentMs: 2 * 3_600_000,
  /** A permit that was not said to its meter so long after it was told is not said any more, ms: what spoke for it may be over. */
  permitMs: 10 * 60_000,
  /** Commands of one answer, so that it stays one datagram. */
  atOnce: 8,
} as const

/** What is known beside the ledger. */
export interface LineReach {
  readonly profileOf: (device: number) => VendorProfile | undefined
  /** What a point of the network measures. */
  readonly mediumOf: (point: number) => Medium
  readonly authority: LineTerms['authority']
}

/** The frames a concentrator is told to pass on, and the records that changed by it. */
export interface DueOnLine {
  readonly frames: readonly FrameToPass[]
  readonly changed: readonly LedgerEntry[]
}

/**
 * What waits for meters that this concentrator reaches.
 * @param now Unix ms of the service's clock
 * @param rules what waits although it could be told; asked each time that it is told, also again
 */
export function dueThrough(
  ledger: CommandLedger,
  book: ConcentratorBook,
  reach: LineReach,
  twin: ConcentratorTwin,
  now: number,
  rules: DeliveryRules = NO_RULES,
): DueOnLine {
  const frames: FrameToPass[] = []
  const changed: LedgerEntry[] = []
  for (const owner of [twin, ...book.twins.filter(({ archive }) => archive.neighbours.includes(twin.archive.number))]) {
    for (const meter of owner.meters) {
      if (frames.length >= LINE_RULES.atOnce) return { frames, changed }
      const entry = ledger.dueOnLine(meter.address, now, rules)
      const via = entry && routeOf(entry, owner, twin, now)
      const order = entry && orderOf(entry)
      if (entry === undefined || via === undefined || order === undefined) continue
      const until = isPermit(entry) ? Math.min(entry.expires_at, now + LINE_RULES.permitMs) : entry.expires_at
      const terms = { command: entry.id, now, until, authority: reach.authority }
      const bytes = encodeLineOrder(order, lineMeter(meter, reach), terms)
      if ('why' in bytes) {
        const refused = ledger.advance(entry.id, 'refused', now, bytes.why)
        if (refused !== undefined) changed.push(refused)
        continue
      }
      const told = ledger.passOn(entry.id, via, now, isPermit(entry) ? rules.consentFor(entry) : undefined)
      if (told !== undefined) changed.push(told)
      const { id: command } = entry
      frames.push({ command, attempt: via.attempt, meter: meter.address, until, frames: bytes })
    }
  }
  return { frames, changed }
}

/**
 * What a concentrator says of commands that it passed on. What reached nobody is tried again, by another path, and through another
 * concentrator that the archive names; after that it has failed.
 * @returns the changed records
 */
export function takePassed(
  ledger: CommandLedger,
  book: ConcentratorBook,
  reach: LineReach,
  concentrator: number,
  passed: readonly PassedOn[],
  now: number,
): LedgerEntry[] {
  return passed.flatMap((said) => {
    const entry = ledger.get(said.command)
    const { via } = entry ?? {}
    const meter = book.reaching(said.meter)?.meterAt(said.meter)
    // An answer to an attempt that was given up for another proves nothing about that other.
    const isOpen = entry?.state === 'sent' && via?.told === true && via.attempt === said.attempt
    if (entry === undefined || via === undefined || meter === undefined || !isOpen) return []
    if (Number(entry.device) !== said.meter || Number(via.concentrator) !== concentrator) return []
    return [after(ledger, book, reach, entry, via, meter, said, now)].filter((one) => one !== undefined)
  })
}

function after(
  ledger: CommandLedger,
  book: ConcentratorBook,
  reach: LineReach,
  entry: LedgerEntry,
  via: CommandRoute,
  meter: MeterBehind,
  { failure, answer }: PassedOn,
  now: number,
): LedgerEntry | undefined {
  const { id, kind } = entry
  if (failure !== undefined) return anotherWay(ledger, book, entry, via, failure, now)
  if (kind === 'read') return ledger.advance(id, 'failed', now, 'the meter answered, and its value did not come')
  const said = readLineAnswer(lineMeter(meter, reach), answer)
  if (said === 'refused') return ledger.advance(id, 'refused', now, 'refused by the meter')
  // A valve is closed when the meter shows it; the rest is done when the meter took it.
  if (said === 'taken') return ledger.advance(id, kind === 'close' ? 'accepted' : 'confirmed', now)
  return anotherWay(ledger, book, entry, via, 'bad_frame', now)
}

function anotherWay(
  ledger: CommandLedger,
  book: ConcentratorBook,
  entry: LedgerEntry,
  via: CommandRoute,
  failure: string,
  now: number,
): LedgerEntry | undefined {
  const { id, kind, device } = entry
  const next = { ...via, attempt: via.attempt + 1, told: false, failure }
  const here = via.attempt - LINE_RULES.attempts * via.tried.length
  if (failure !== 'unknown_meter' && here < LINE_RULES.attempts) {
    const pause = kind === 'close' || isPermit(entry) ? LINE_RULES.closePauseMs : LINE_RULES.pauseMs
    return ledger.routed(id, { ...next, not_before: now + pause }, now)
  }
  const tried = [...via.tried, via.concentrator]
  const other = book
    .reaching(Number(device))
    ?.archive.neighbours.find((number) => !tried.includes(String(number)) && isHeard(book.find(number), now))
  if (other === undefined)
    return ledger.advance(id, 'failed', now, `the meter was not reached through ${tried.join(', ')}: ${failure}`)
  // Each concentrator has its attempts from where those before would have ended.
  const attempt = LINE_RULES.attempts * tried.length + 1
  return ledger.routed(id, { ...next, attempt, tried, concentrator: String(other), not_before: now }, now)
}

/** How an entry goes to its meter through this concentrator; undefined when it goes another way. */
function routeOf(
  { state, via }: LedgerEntry,
  owner: ConcentratorTwin,
  twin: ConcentratorTwin,
  now: number,
): CommandRoute | undefined {
  const { number } = twin.archive
  if (via !== undefined) return Number(via.concentrator) === number ? via : undefined
  const isOwn = owner === twin
  // Told by nobody, and its own concentrator does not speak: a neighbour may. What was told once waits for that one's word.
  if (!isOwn && (state !== 'queued' || isHeard(owner, now))) return undefined
  return { concentrator: String(number), attempt: 1, told: false, failure: null, not_before: now, tried: [] }
}

const isHeard = (twin: ConcentratorTwin | undefined, now: number): boolean =>
  twin !== undefined && twin.heardAt > 0 && now - twin.heardAt < LINE_RULES.silentMs

const lineMeter = ({ archived, address }: MeterBehind, { profileOf, mediumOf }: LineReach): LineMeterAddress => ({
  number: address,
  medium: mediumOf(archived.number),
  protocol: archived.protocol,
  profile: profileOf(address),
})

/** Why an order can never be said to a meter; undefined when it can. */
export function lineRefusal(order: LineOrder, meter: MeterBehind, reach: LineReach, now: number): string | undefined {
  const made = encodeLineOrder(order, lineMeter(meter, reach), {
    ...{ command: 0, now, until: now, authority: reach.authority },
  })
  return 'why' in made ? made.why : undefined
}
