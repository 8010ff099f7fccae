import type { Alarm, Detection } from '@gastwin/analytics'
import { type ClockPlan, eventTime, type GasTwinError, type Malformed, type Shutoff, speedAt } from '@gastwin/twin'
import type { Logger } from 'pino'
import type { AuditLog } from '../command/audit-log.ts'
import type { ValveClient } from '../command/valve-client.ts'
import type { SafetyMode } from '../contract/index.ts'
import type { PersonalSeal } from '../devices/personal-seal.ts'
import type { CoapEndpoint } from '../ingest/coap-endpoint.ts'
import type { InboundRequest } from '../ingest/inbound-request.ts'
import type { EventLog } from '../log/event-log.ts'
import { type PlatformEvent, recordEvents } from '../log/platform-events.ts'
import { admitFrame } from '../pipeline/admit-frame.ts'
import type { CityState, PositionedReport, Turn } from '../pipeline/city-state.ts'
import type { Incoming, Recorded } from '../pipeline/incoming.ts'
import { Quarantine } from '../pipeline/quarantine.ts'
import { recordBatch } from '../pipeline/record-batch.ts'
import type { RecoveredActs, SavedActs } from '../pipeline/recover.ts'
import type { ProfileBook } from '../profiles/profile-book.ts'
import { type AnswerForms, commandIdBits, encodeAnswer } from '../protocol/index.ts'
import { ShutoffDecisions } from '../safety/decide-shutoffs.ts'
import { ProofWatch } from '../safety/proof-watch.ts'
import { ShutoffRunner } from '../safety/shutoff-runner.ts'
import { orderForms } from '../trust/order-forms.ts'
import { claimant, isRefused, isVouched, readFrame, refusalCode } from '../trust/read-frame.ts'
import { saveTrust } from '../trust/saved-trust.ts'
import { formatInside, sealerOf } from '../trust/sealed-frame.ts'
import type { TrustBook } from '../trust/trust-book.ts'
import { DeviceFinder } from '../views/find-devices.ts'
import { answerTaken } from './answer-taken.ts'
import { AuditDesk } from './audit-desk.ts'
import { CommandDesk } from './command-desk.ts'
import { ConcentratorDesk } from './concentrator-desk.ts'
import type { LineDeskParts } from './line-desk.ts'
import { type OrderDeskParts, type OrderDesks, type OrderSettings, openOrderDesks } from './order-desks.ts'
import { orderEnvelopes } from './order-envelopes.ts'
import type { SourceDesk } from './source-desk.ts'
import { systemAlarm } from './system-alarm.ts'
import { valveClosing } from './valve-closing.ts'

const NO_FORMS: AnswerForms = { clock: false, close: false, parameter: false }

export interface CityServiceParts {
  readonly city: CityState
  readonly clock: ClockPlan
  readonly log: EventLog
  readonly endpoint: CoapEndpoint
  readonly profiles: ProfileBook
  readonly trust: TrustBook
  readonly audit: AuditLog
  readonly valves: ValveClient
  readonly sources: SourceDesk
  readonly line: Pick<LineDeskParts, 'authority' | 'client'>
  readonly logger: Logger
  readonly defaultMode: SafetyMode
  readonly acts: RecoveredActs
  readonly seal: PersonalSeal
  readonly points: OrderDeskParts['points']
  readonly orders: OrderSettings
  /** Told what changed; the live hub and metrics listen. */
  readonly onTurn: (turn: Turn) => void
  readonly onAlarms: (alarms: readonly Alarm[]) => void
  readonly onShutoff: (runner: ShutoffRunner) => void
  readonly onMalformed: (reason: string) => void
  /** A frame was kept and not taken. */
  readonly onUntaken: (request: InboundRequest, content: Malformed) => void
}

/** The steps of the pipeline with what they act on. One turn of the loop at a time; nothing here throws into the stream. */
export class CityService {
  readonly city: CityState
  readonly quarantine = new Quarantine()
  readonly ledger: CommandDesk
  readonly finder: DeviceFinder
  readonly devices: OrderDesks['devices']
  readonly points: OrderDesks['points']
  readonly campaigns: OrderDesks['campaigns']
  readonly firmware: OrderDesks['firmware']
  readonly permits: OrderDesks['permits']
  readonly invitations: OrderDesks['invitations']
  readonly orders: OrderDesks['orders']
  readonly line: OrderDesks['line']
  readonly returnAfter: OrderDesks['returnAfter']
  readonly concentrators: ConcentratorDesk
  readonly shutoffs: ShutoffRunner
  readonly #parts: CityServiceParts
  readonly #decisions: ShutoffDecisions
  readonly #audits: AuditDesk
  readonly #proofs: ProofWatch
  readonly #modes: Map<string, SafetyMode>
  #reports = 0

  constructor(parts: CityServiceParts) {
    this.#parts = parts
    this.city = parts.city
    this.#modes = new Map(parts.acts.modes)
    this.#audits = new AuditDesk(parts.audit, parts.logger)
    this.ledger = new CommandDesk(
      parts.acts.ledger,
      (entries) =>
        recordEvents(
          parts.log,
          entries.map((command) => ({
            type: 'command',
            at: command.updated_at,
            device: Number(command.device),
            command,
          })),
        ),
      this.#unrecorded,
    )
    const books = parts.acts.devices
    const [city, now] = [this.city, () => this.now()]
    this.finder = new DeviceFinder({
      ...{ network: city.network, fleet: city.fleet, views: city.views },
      ...books,
      now,
    })
    const desks = openOrderDesks({
      service: parts,
      commands: this.ledger,
      openShutoffs: () => this.shutoffs.open,
      points: parts.points,
      devices: {
        ...{ finder: this.finder, commands: this.ledger, now, failed: this.#unrecorded },
        adopted: (device) => this.quarantine.release(device),
        fitted: (point, device, since) => {
          city.concentrators.fitted(point, device)
          parts.trust.fitted(point, device, since)
        },
      },
    })
    this.devices = desks.devices
    this.points = desks.points
    this.campaigns = desks.campaigns
    this.firmware = desks.firmware
    this.permits = desks.permits
    this.invitations = desks.invitations
    this.orders = desks.orders
    this.line = desks.line
    this.returnAfter = desks.returnAfter
    this.concentrators = new ConcentratorDesk({
      ...{ city: this.city, line: desks.line, sources: parts.sources, endpoint: parts.endpoint, now },
      trust: parts.trust,
      ...{ log: parts.log, audit: parts.audit, lookup: () => parts.profiles.lookup, failed: this.#unrecorded },
      setAside: (request, detail, device) => this.#setAside(request, 'unknown_device', detail, device),
    })
    this.#proofs = new ProofWatch(this.city, (id, stopped, proof) =>
      this.shutoffs.happened(id, { kind: 'proof', at: this.now(), stopped, proof }),
    )
    this.shutoffs = new ShutoffRunner({
      now: () => this.now(),
      speed: () => speedAt(parts.clock, Date.now()),
      plan: (edge, actuators, inoperable) => this.city.isolation.plan(edge, actuators, inoperable),
      planView: (plan) => this.city.isolation.view(plan, this.now()),
      closeValve: valveClosing({
        ...{ city: this.city, ledger: this.ledger, valves: parts.valves, now },
        envelope: orderEnvelopes(parts.trust, now),
        closed: (valve, at) => this.shutoffs.valveReported(valve, 'closed', at, at),
      }),
      audit: (code, facts) => this.#audits.append(this.now(), code, facts),
      record: (shutoff) => this.#record([{ type: 'shutoff', at: this.now(), zone: shutoff.zone, shutoff }]),
      raiseAlarm: (shutoff, code, valve) => this.#raiseShutoffAlarm(shutoff, code, valve),
      changed: () => parts.onShutoff(this.shutoffs),
      watchProof: (shutoff, plan) => this.#proofs.watch(shutoff, plan, this.now()),
    })
    this.#decisions = new ShutoffDecisions(this.city.network, {
      open: () => this.shutoffs.open,
      modeOf: (zone) => this.modeOf(zone ?? ''),
      isIsolated: (place) => {
        const plan = this.city.isolation.plan(place, 'remote_only')
        return plan.feasible && plan.close.length === 0
      },
      detect: (edge, votes, mode, zone) =>
        this.shutoffs.detect(edge, votes, mode, zone, this.#alarmOf(votes[0]?.rule, votes[0]?.asset.id)),
      vote: (id, vote, active, at) => this.shutoffs.happened(id, { kind: 'vote', at, vote, active }),
    })
    this.shutoffs.restore([...parts.acts.shutoffs.values()], parts.acts.nextShutoff)
  }

  /** Service clock, Unix ms. */
  now(): number {
    return Math.round(eventTime(this.#parts.clock, Date.now()))
  }

  /** Readable reports taken since the start. */
  get reports(): number {
    return this.#reports
  }

  modeOf(zone: string): SafetyMode {
    return this.#modes.get(zone) ?? this.#parts.defaultMode
  }

  async setMode(zone: string, mode: SafetyMode, user: string): Promise<void> {
    await recordEvents(this.#parts.log, [{ type: 'safety_mode', at: this.now(), zone, mode, user }])
    await this.#parts.audit.append(this.now(), 'safety_mode', { zone, mode, by: user })
    this.#modes.set(zone, mode)
  }

  /** What a snapshot keeps beside the city. */
  saveActs(): SavedActs {
    const { next, shutoffs } = this.shutoffs.save()
    return {
      modes: [...this.#modes],
      shutoffs,
      next,
      ledger: this.ledger.save(),
      profiles: this.#parts.profiles.history,
      trust: saveTrust(this.#parts.trust),
      devices: this.devices.books.save(),
      cases: this.#parts.acts.cases.acts,
      closedLeaks: this.#parts.acts.closedLeaks.list,
    }
  }

  /** Bytes become frames become reports. */
  readonly readReports = (requests: readonly InboundRequest[]): readonly Incoming[] =>
    requests.map((request) => admitFrame(request, (one) => this.#read(one), this.#parts.trust))

  /** Reports become durable; what the log refuses stays unanswered, so that the device tries again. */
  readonly record = async (batch: readonly Incoming[]): Promise<readonly Recorded[]> => {
    const { profiles, trust, log } = this.#parts
    const readWith = Math.max(profiles.since, trust.since)
    try {
      const recorded = await recordBatch(log, batch)
      const since = Math.max(profiles.since, trust.since)
      if (since === readWith) return recorded
      // Profiles, keys or steps changed while the disk was busy: what came behind the change in the log is read as everybody will read it.
      return recorded.map((one) => (one.position > since ? { ...one, content: this.#read(one.request) } : one))
    } catch (error) {
      for (const { request } of batch) this.#parts.endpoint.drop(request)
      this.#parts.logger.error(
        { err: error, code: (error as GasTwinError).code },
        'the log refuses: nothing is acknowledged',
      )
      return []
    }
  }

  /** Durable reports are acknowledged, with the clock and what waits for the device. */
  readonly acknowledge = (batch: readonly Recorded[]): void => {
    const now = this.now()
    for (const { request, content } of batch) {
      if (content.kind === 'malformed') {
        this.#parts.endpoint.answer(request, refusalCode(content))
        continue
      }
      const { device } = content
      const { lookup } = this.#parts.profiles
      const contentFormat = formatInside(request)
      // First what it says about commands: an answered one must not ride on the answer to its answer.
      const session = this.#parts.trust.sessionOf(device)?.position ?? -1
      this.ledger.applyReport(content, now, commandIdBits(contentFormat), session)
      this.devices.books.firmware.note(content, request.receivedAt)
      // What a concentrator is told follows from what it said, after that met the twin.
      if (content.kind === 'concentrator') continue
      // The answer to a value reaches the concentrator that passed it on, not the meter.
      const forms = this.line.isBehind(device) ? NO_FORMS : orderForms(this.#parts.trust, lookup, request, device)
      const { command, recorded } = this.ledger.nextFor(device, now, forms, this.campaigns.rules)
      this.campaigns.load.note(this.devices.cellOf(device), now)
      const payload = encodeAnswer(
        contentFormat,
        command === undefined ? { device, now } : { device, now, command },
        lookup,
      )
      const answer = () => answerTaken(this.#parts, request, { payload, contentFormat })
      if (command === undefined) {
        recorded.catch(this.#unrecorded)
        answer()
        continue
      }
      // What a device may do is on record before it is told; if it cannot be, the device asks again.
      recorded.then(answer, (error: unknown) => {
        this.#unrecorded(error)
        this.#parts.endpoint.drop(request)
      })
    }
  }

  /** Reports become state, balances, detections, alarms. */
  readonly applyToTwin = (batch: readonly Recorded[]): Turn => {
    const now = this.now()
    const readable: PositionedReport[] = []
    const requests = new Map<number, InboundRequest>()
    for (const { request, content, position } of batch) {
      if (content.kind === 'malformed') {
        this.#setAside(request, content.reason, content.detail, claimant(content))
        this.#parts.onUntaken(request, content)
        if (isRefused(content) && content.stray === true && content.report.kind === 'concentrator')
          this.#parts.sources.elsewhere(content.report.device, request).catch(this.#unrecorded)
      } else {
        const { receivedAt, address: host, port } = request
        const report = this.devices.books.meters.atPoint(content, position, receivedAt)
        if (report === undefined)
          this.#setAside(request, 'removed_device', 'its meter was changed', String(content.device))
        else {
          const sealedBy = sealerOf(request)
          const origin = { host, port, sealed: isVouched(request), ...(sealedBy && { sealedBy }) }
          if (sealedBy) this.#parts.sources.proven(sealedBy, request).catch(this.#unrecorded)
          readable.push({ position, receivedAt, report, ...origin })
          requests.set(position, request)
        }
      }
    }
    this.#reports += readable.length
    const turn = this.city.take(readable, now)
    for (const { report, position } of readable)
      if (report.kind === 'concentrator') this.concentrators.answer(report, requests.get(position))
    turn.applied.forEach(({ outcome, report, position }) => {
      const request = requests.get(position)
      if (outcome === 'unknown_device' && request !== undefined)
        this.#setAside(request, 'unknown_device', 'no device has this number', String(report.device))
    })
    return turn
  }

  /** Alarms become decisions become commands. */
  readonly decide = (turn: Turn): void => {
    for (const { report, outcome } of turn.applied) {
      if (report.kind !== 'valve' || outcome === 'duplicate' || outcome === 'unknown_device') continue
      const position = report.status.valve
      const valve = this.city.views.assetId(this.city.fleet.slotOf(report.device))
      if (position === 'closed' || position === 'abnormal' || position === 'open')
        this.shutoffs.valveReported(valve, position, turn.now, report.deviceTime)
    }
    this.#decisions.take(turn.detections, turn.now)
    if (turn.applied.length > 0) this.#proofs.look(turn.now)
  }

  readonly publish = (turn: Turn): void => {
    this.#recordAlarms(turn.alarms)
    this.#parts.onTurn(turn)
  }

  /** Lets event time pass when no device speaks. */
  readonly tick = (): void => {
    const turn = this.city.advanceTo(this.now())
    this.decide(turn)
    this.publish(turn)
    this.#proofs.look(turn.now)
    this.ledger.expire(turn.now)
    this.campaigns.runner.tick()
    void this.#audits.retry()
  }

  /** Raises or ends an alarm of the platform itself: full log, dead engine. */
  platformAlarm(
    rule: 'log_full' | 'engine_down' | 'ingest_overload' | 'profile_refused' | 'dtls_keys_refused' | 'dtls_down',
    active: boolean,
    value: number,
    limit: number,
    unit: string,
  ): void {
    const now = this.now()
    const alarms = this.city.book.observe([systemAlarm(rule, active, now, value, limit, unit)], now)
    this.#recordAlarms(alarms)
  }

  /** What the analysis of the network found, for the alarm book. */
  takeFindings(detections: readonly Detection[]): void {
    this.#recordAlarms(this.city.book.observe(detections, this.now()))
  }

  /** Alarms that changed elsewhere: on record and told. */
  takeAlarms(alarms: readonly Alarm[]): void {
    this.#recordAlarms(alarms)
  }

  /** Writes events of the platform; a full disk is told, not thrown. */
  #record(events: readonly PlatformEvent[]): void {
    recordEvents(this.#parts.log, events).catch(this.#unrecorded)
  }

  readonly #unrecorded = (error: unknown): void => {
    this.#parts.logger.error({ err: error }, 'an event could not be recorded')
  }

  #recordAlarms(alarms: readonly Alarm[]): void {
    if (alarms.length === 0) return
    this.#record(alarms.map((alarm) => ({ type: 'alarm', at: alarm.updated_at, zone: alarm.zone, alarm })))
    this.#parts.onAlarms(alarms)
  }

  #alarmOf(rule: string | undefined, asset: string | undefined): string | null {
    return this.city.book.list().find((a) => a.rule === rule && a.asset.id === asset)?.id ?? null
  }

  #raiseShutoffAlarm(shutoff: Shutoff, code: string, valve: string | undefined): void {
    this.#parts.logger.warn({ shutoff: shutoff.id, code, valve }, 'shut-off needs a person')
    if (valve === undefined || code === 'close_by_hand') return
    const now = this.now()
    const alarms = this.city.book.observe(
      [
        {
          ...systemAlarm('valve_abnormal', true, now, 1, 0, '1'),
          asset: { kind: 'valve', id: valve },
          zone: shutoff.zone ?? undefined,
          strength: 'weak',
        },
      ],
      now,
    )
    this.#recordAlarms(alarms)
  }

  #read(request: InboundRequest): Incoming['content'] {
    return readFrame(request, this.#parts.profiles.lookup, this.#parts.trust)
  }

  #setAside(request: Incoming['request'], reason: string, detail: string, device: string | null): void {
    this.#parts.onMalformed(reason)
    this.quarantine.add({
      reason,
      detail,
      source: `${request.address}:${request.port}`,
      device,
      receivedAt: request.receivedAt,
      payload: request.payload,
    })
  }
}
