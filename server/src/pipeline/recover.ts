import { type CityCalendar, type ClockPlan, growNetwork, type Network, type Shutoff } from '@gastwin/twin'
import { type ClosedLeak, ClosedLeaks } from '../analysis/closed-leaks.ts'
import { CommandLedger } from '../command/ledger.ts'
import type { LedgerSnapshot } from '../command/ledger-snapshot.ts'
import { takePassed } from '../command/line-commands.ts'
import type { SafetyMode } from '../contract/index.ts'
import { DeviceBooks, type SavedDevices } from '../devices/device-books.ts'
import { type CaseAct, CaseBook } from '../ledger/case-book.ts'
import { decodeDatagramEntry } from '../log/datagram-entry.ts'
import { DATAGRAM_ENTRY, type EventLog, type LogRecord } from '../log/event-log.ts'
import { readEvent } from '../log/platform-events.ts'
import type { ProfileBook } from '../profiles/profile-book.ts'
import type { ProfileHistory } from '../profiles/profile-epoch.ts'
import { commandIdBits } from '../protocol/index.ts'
import { isTold, isVouched, readFrame } from '../trust/read-frame.ts'
import { loadTrust, type SavedTrust } from '../trust/saved-trust.ts'
import { formatInside, isRepeated, sealerOf } from '../trust/sealed-frame.ts'
import type { TrustBook } from '../trust/trust-book.ts'
import { CityState, type PositionedReport } from './city-state.ts'
import { lineReach } from './line-reach.ts'
import { readSnapshot } from './snapshots.ts'
import { noteUntaken } from './untaken-frames.ts'

/** What operators decided, from the snapshot and the log after it. */
export interface RecoveredActs {
  readonly modes: Map<string, SafetyMode>
  /** The last form of each shut-off, in order of their begin. */
  readonly shutoffs: Map<string, Shutoff>
  nextShutoff: number
  /** The command ledger as its last record and the reports after it leave it. */
  ledger: CommandLedger
  /** What was decided about devices. */
  readonly devices: DeviceBooks
  /** What people did about suspects. */
  readonly cases: CaseBook
  readonly closedLeaks: ClosedLeaks
}

export interface Recovered {
  readonly city: CityState
  readonly acts: RecoveredActs
  /** Position of the snapshot, and records read from the log after it. */
  readonly from: number
  readonly replayed: number
}

/** What the service puts into a snapshot beside the city. */
export interface SavedActs {
  readonly modes: readonly (readonly [string, SafetyMode])[]
  readonly shutoffs: readonly Shutoff[]
  readonly next: number
  readonly ledger: LedgerSnapshot
  readonly profiles: ProfileHistory
  readonly trust?: SavedTrust
  readonly devices?: SavedDevices
  readonly cases?: readonly CaseAct[]
  readonly closedLeaks?: readonly ClosedLeak[]
}

/**
 * The state as it was when the last record became durable: newest believable snapshot, then the log. Reports run through the same
 * code as live ones, each with the profiles of its own time; nothing is sent to anybody.
 * @param book comes back at the profiles that hold at the end of the log
 * @param trust comes back with the sessions, policies and steps that hold there
 * @param ownUse gas the utility uses itself, by zone id, m³/s at the reference state
 */
export async function recover(
  log: EventLog,
  snapshotDir: string,
  network: Network,
  networkId: string,
  clock: ClockPlan,
  calendar: CityCalendar,
  book: ProfileBook,
  trust: TrustBook,
  faults: (fault: string) => void,
  ownUse: Readonly<Record<string, number>> = {},
): Promise<Recovered> {
  const found = await readSnapshot(snapshotDir, networkId, calendar, faults)
  const saved = found?.city.more as SavedActs | undefined
  // Before the fleet meets the network: its rows say where in it they stand.
  const points = saved?.devices?.points ?? []
  for (const part of points) growNetwork(network, part.points)
  let city = new CityState(network, clock, found?.fleet, ownUse)
  let from = 0
  const acts: RecoveredActs = {
    ...{ modes: new Map(), shutoffs: new Map(), nextShutoff: 1, ledger: new CommandLedger() },
    devices: new DeviceBooks(),
    cases: new CaseBook(),
    closedLeaks: new ClosedLeaks(),
  }
  if (found !== undefined && saved !== undefined) {
    const fault = await city.load(found.balances, found.rows, found.city)
    if (fault === undefined) {
      from = found.city.position
      takeSaved(acts, saved)
      book.history.push(...(saved.profiles ?? []).filter(({ last }) => last < from))
      if (saved.trust !== undefined) loadTrust(trust, saved.trust)
      for (const { point, device, since } of acts.devices.meters.fittings) trust.fitted(point, device, since)
    } else {
      faults(`snapshot at ${found.city.position}: ${fault}`)
      city = new CityState(network, clock, undefined, ownUse)
      // The network keeps them: what was said before they came must go on to count for nothing.
      for (const part of points) acts.devices.meters.points.hold(part)
    }
  }
  if (!(await book.moveTo(log, from)))
    faults(`the vendor profiles that hold at ${from} cannot be read: meters are read by the standard`)
  let replayed = 0
  for await (const records of log.read(from)) {
    replayRecords(city, acts, records, book, trust)
    replayed += records.length
  }
  city.position = Math.max(city.position, log.end)
  trust.at = Number.POSITIVE_INFINITY
  // The first copy of the balances finds its memory: nobody waits for that yet, at the first snapshot everybody would.
  city.balances.save()
  return { city, acts, from, replayed }
}

function takeSaved(acts: RecoveredActs, saved: SavedActs): void {
  for (const [zone, mode] of saved.modes) acts.modes.set(zone, mode)
  for (const shutoff of saved.shutoffs) acts.shutoffs.set(shutoff.id, shutoff)
  acts.nextShutoff = saved.next
  acts.ledger = CommandLedger.load(saved.ledger)
  if (saved.devices !== undefined) acts.devices.load(saved.devices)
  for (const act of saved.cases ?? []) acts.cases.take(act)
  for (const leak of saved.closedLeaks ?? []) acts.closedLeaks.take(leak)
}

/** Reports with one receive time were one batch or nearly so; acts stand between them at their own place. */
function replayRecords(
  city: CityState,
  acts: RecoveredActs,
  records: readonly LogRecord[],
  book: ProfileBook,
  trust: TrustBook,
): void {
  let batch: PositionedReport[] = []
  let now = 0
  const flush = () => {
    if (batch.length > 0) city.take(batch, now)
    batch = []
  }
  for (const record of records) {
    if (record.kind !== DATAGRAM_ENTRY) {
      flush()
      book.take(record)
      trust.take(record)
      acts.devices.take(record)
      replayAct(city, acts, record, trust)
      continue
    }
    if (record.receivedAt !== now) flush()
    now = record.receivedAt
    const entry = decodeDatagramEntry(record.body)
    const { address } = entry
    trust.at = record.position
    const said = readFrame(entry, book.lookup, trust)
    // What the log says of it stands; only the counter is remembered for those that come.
    if (isTold(said)) isRepeated(entry, trust)
    if (said.kind === 'malformed') {
      if (entry.resource !== 'command') noteUntaken(city, trust, entry, said, now)
      continue
    }
    // The answer to a command may be durable and the record of its end not.
    const session = trust.sessionOf(said.device)?.position ?? -1
    acts.ledger.applyReport(said, now, commandIdBits(formatInside(entry)), session)
    const passed = said.concentrator?.passed
    if (passed !== undefined) {
      const reach = lineReach(city, () => book.lookup, undefined)
      takePassed(acts.ledger, city.concentrators, reach, said.device, passed, now)
    }
    acts.devices.firmware.note(said, now)
    const report = acts.devices.meters.atPoint(said, record.position, now)
    if (report === undefined) continue
    const sealedBy = sealerOf(entry)
    const origin = { host: address, port: entry.port, sealed: isVouched(entry) }
    batch.push({ position: record.position, receivedAt: now, report, ...origin, ...(sealedBy && { sealedBy }) })
  }
  flush()
}

function replayAct(city: CityState, acts: RecoveredActs, record: LogRecord, trust: TrustBook): void {
  const event = readEvent(record)
  switch (event?.type) {
    case 'alarm_ack':
      city.book.acknowledge(event.id, event.user, event.note, event.at)
      return
    case 'alarm_shelve':
      city.book.shelve(event.id, event.user, event.minutes, event.reason, event.at)
      return
    case 'alarm_unshelve':
      city.book.unshelve(event.id, event.at)
      return
    case 'safety_mode':
      acts.modes.set(event.zone, event.mode)
      return
    case 'command':
      acts.ledger.restore(event.command)
      return
    case 'concentrator_act':
      // An archive that lost the concentrator since has nothing to do for it.
      if (city.concentrators.refusal(event.act) === undefined) city.concentrators.act(event.act, event.at)
      return
    case 'points_added':
      city.addPoints(event.points)
      return
    case 'meter_fitted':
      city.concentrators.fitted(event.fitting.point, event.fitting.device)
      return
    case 'trust_source':
      city.hostile.vouch(event.from)
      return
    case 'trust_step':
      trust.at = Number.POSITIVE_INFINITY
      city.takeStep(event, trust.isAtStep(event.device))
      return
    case 'suspect_case':
      acts.cases.take(event.act)
      return
    case 'leak_closed':
      acts.closedLeaks.take(event.leak)
      return
    case 'shutoff':
      acts.shutoffs.set(event.shutoff.id, event.shutoff)
      acts.nextShutoff = Math.max(acts.nextShutoff, Number(event.shutoff.id.slice(1)) + 1)
      return
    default:
  }
}
