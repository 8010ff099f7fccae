import type { QueuedCommand } from '@gastwin/server/protocol'
import type { DeviceEvent, DeviceStatus, Reading, Report, Trigger } from '@gastwin/twin'
import { ACCESS_POINTS } from '../radio/access-points.ts'
import { signalNow } from '../radio/signal.ts'
import { clockTolerance } from './device-clock.ts'
import type { FieldWork } from './field-work.ts'
import { LEAST_PAUSE_MS, RETRY_RULE, runWaits } from './retry-rule.ts'
import type { Answer } from './service-link.ts'
import type { SpeakingMeter } from './speaking-meter.ts'

/** From a restart until the meter reports again. */
const START_UP_MS = 60_000
/** From its word about another way until it speaks there. */
const MOVE_MS = 5_000

/** What a kind of meter has to say beside its answers to orders. */
export interface VoiceGround<M extends SpeakingMeter> {
  readonly work: FieldWork
  readonly seed: number
  /** @param at Unix ms; deviceTime: by the meter's own clock, whole seconds */
  readonly compose: (
    meter: M,
    at: number,
    deviceTime: number,
  ) => { readonly readings: readonly Reading[]; readonly events: readonly DeviceEvent[] }
  /** What it says of itself beyond valve, battery and signal. */
  readonly status: (meter: M) => DeviceStatus
  readonly formOf: (meter: M) => number
  /** Does what an order asks. @returns whether the meter takes it; what it is to tell stands in the meter then */
  readonly carryOut: (meter: M, command: QueuedCommand) => boolean
  /** The platform acknowledged a report. */
  readonly heard?: (meter: M, report: Report) => void
}

/**
 * How a meter says one report at a time, tries again by the field's rule, and answers orders: each is carried out once however often
 * it comes, and its word is said until somebody acknowledged it.
 */
export class MeterVoice<M extends SpeakingMeter> {
  readonly #ground: VoiceGround<M>

  constructor(ground: VoiceGround<M>) {
    this.#ground = ground
  }

  speak(meter: M, reason: Trigger, at: number): void {
    const { seed, compose, status: more } = this.#ground
    const { consumer, clock, news } = meter
    const trigger = meter.registers && reason !== 'alarm' ? 'registration' : reason
    // A word that nobody acknowledged yet is said again.
    const word = meter.answerTo ?? meter.open?.report.status.command
    const deviceTime = Math.floor(clock.read(at) / 1000) * 1000
    meter.sequence += 1
    const status: DeviceStatus = {
      valve: consumer.closedFrom <= at ? 'closed' : 'open',
      batteryVolt: Math.round(meter.batteryVolt * 1000) / 1000,
      ...signalNow(seed, consumer.device, meter.radio.rsrp, at),
      pci: meter.radio.pci,
      ...(word && { command: word }),
      ...more(meter),
      ...(news && { update: news }),
    }
    const { readings, events } = compose(meter, at, deviceTime)
    const [terminalLog] = meter.pieces
    const report: Report = {
      ...{ device: consumer.device, kind: 'meter', trigger, deviceTime, sequence: meter.sequence % 65_536 },
      readings: [...meter.days.filter((day) => day.at < deviceTime), ...readings],
      ...{ events, status },
      ...(terminalLog && { terminalLog }),
    }
    meter.answerTo = undefined
    meter.open = { report, runs: RETRY_RULE.runs }
    this.#run(meter)
  }

  /** The second run of a report that nobody answered. */
  retry(meter: M): void {
    if (meter.open !== undefined) this.#run(meter)
  }

  /** It was told to start again, and is up. */
  startUp(meter: M): void {
    const { work } = this.#ground
    meter.open = undefined
    meter.permittedUntil = 0
    meter.registers = true
    meter.log.note(meter.clock.read(work.now), 'power_start', 1)
    this.speak(meter, 'registration', work.now)
  }

  /** It speaks on another way to the platform for the first time. */
  moved(meter: M): void {
    const { work } = this.#ground
    if (meter.trial === undefined) return
    const { id, to } = meter.trial
    const { server, socket } = to
    meter.way = to
    const speak = (): void => {
      if (meter.trial?.id !== id) return
      meter.log.note(meter.clock.read(work.now), 'radio_moved', id)
      meter.news = { id, outcome: 'running' }
      meter.registers = true
      this.speak(meter, 'registration', work.now)
    }
    if (server === undefined || socket !== undefined) speak()
    else
      work.socketTo(server).then(
        (opened) => {
          const way = { ...to, socket: opened }
          if (meter.trial?.id === id) meter.trial = { ...meter.trial, to: way }
          meter.way = way
          speak()
        },
        () => this.#comeBack(meter),
      )
  }

  /** The instant has come from which prices hold that were told before. */
  pricesBegin(meter: M): void {
    const { work } = this.#ground
    const { coming } = meter
    if (coming === undefined || coming.at > work.now) return
    meter.prices = coming.prices
    meter.coming = undefined
    meter.log.note(meter.clock.read(work.now), 'prices_begun', coming.prices.tiers.length)
  }

  /** Does what came with the answer to any report of the meter, and tells of it. */
  obey(meter: M, command: QueuedCommand): void {
    const { work, carryOut } = this.#ground
    const { id } = command
    // A reading goes with its word: when that was lost, both are told again.
    if (meter.obeyed?.id !== id || command.kind === 'read') {
      const accepted = carryOut(meter, command)
      meter.obeyed = { id, accepted }
      if (!accepted) meter.log.note(meter.clock.read(work.now), 'settings_refused', id)
    }
    meter.answerTo = meter.obeyed
    this.speak(meter, 'answer', work.now)
  }

  #run(meter: M): void {
    const { work, formOf } = this.#ground
    const { open } = meter
    if (open === undefined) return
    open.runs -= 1
    work.link.report(
      wayOf(meter, work),
      'r',
      formOf(meter),
      open.report,
      runWaits(work.speed),
      (answer) => this.#answered(meter, open, answer),
      isUnheard(meter, work),
    )
  }

  #answered(meter: M, open: NonNullable<M['open']>, answer: Answer): void {
    if (meter.open !== open) return
    const { work } = this.#ground
    const row = meter.consumer.index
    if (answer.kind === 'accepted') {
      meter.open = undefined
      this.#heard(meter, open, answer)
    } else if (answer.kind === 'later') {
      open.runs += 1
      work.plan('retry', row, work.after(answer.waitMs))
    } else if (answer.kind === 'silent' && open.runs > 0) {
      work.plan('retry', row, Math.max(work.now + RETRY_RULE.pauseMs, work.after(LEAST_PAUSE_MS)))
    } else {
      meter.open = undefined
      meter.log.note(meter.clock.read(work.now), answer.kind === 'silent' ? 'radio_not_heard' : 'radio_refused')
      const isAway = meter.trial !== undefined && meter.way === meter.trial.to
      if (meter.next !== undefined) this.#goOn(meter, open.report)
      else if (isAway) this.#comeBack(meter)
    }
  }

  /** The platform has what a report said: what waited for that goes on. */
  #heard(meter: M, { report, runs }: NonNullable<M['open']>, answer: Extract<Answer, { kind: 'accepted' }>): void {
    const { work, heard } = this.#ground
    const { status, terminalLog, readings } = report
    heard?.(meter, report)
    if (report.trigger === 'registration') meter.registers = false
    meter.log.note(meter.clock.read(work.now), 'radio_reported', RETRY_RULE.runs - runs)
    if (readings.some(({ at }) => at === meter.days[0]?.at)) meter.days = []
    if (terminalLog !== undefined && terminalLog === meter.pieces[0]) meter.pieces = meter.pieces.slice(1)
    if (meter.news !== undefined && status.update?.id === meter.news.id) {
      meter.news = undefined
      if (status.update.outcome === 'running') meter.trial = undefined
    }
    // A push is answered without a clock: such a meter keeps its own.
    if (answer.fresh && Number.isFinite(answer.now)) {
      const before = meter.clock.error(work.now)
      meter.clock.set(work.serviceInstant(), answer.now, clockTolerance(work.speed))
      const forward = Math.round((meter.clock.error(work.now) - before) / 1000)
      if (forward !== 0) meter.log.note(meter.clock.read(work.now), 'clock_set', forward)
    }
    this.#goOn(meter, report)
    if (answer.command !== undefined) this.obey(meter, answer.command)
    else if (meter.pieces.length > 0) this.speak(meter, 'answer', work.now)
  }

  /** Its word about an order was told, or cannot be: what it announced comes. */
  #goOn(meter: M, { status }: Report): void {
    const { work } = this.#ground
    const { next, consumer } = meter
    if (next === undefined || status.command?.id !== next.id) return
    meter.next = undefined
    const wait = next.task === 'start_up' ? START_UP_MS : MOVE_MS
    work.plan(next.task, consumer.index, work.now + wait)
  }

  /** Nobody answered on the other way: it says so on the one that it came from. */
  #comeBack(meter: M): void {
    const { work } = this.#ground
    const { trial } = meter
    if (trial === undefined) return
    meter.way = trial.back
    meter.trial = undefined
    meter.registers = false
    meter.news = { id: trial.id, outcome: 'returned' }
    meter.log.note(meter.clock.read(work.now), 'radio_returned', trial.id)
    this.speak(meter, 'answer', work.now)
  }
}

/** Number of the socket by which a meter speaks. */
export const wayOf = ({ way, consumer }: SpeakingMeter, work: FieldWork): number =>
  way.socket ?? work.socketOf(consumer.device)

/** Whether nothing that a meter says reaches anybody: its cell is out of order, or the carrier lets it not in. */
export const isUnheard = ({ way, radio }: SpeakingMeter, work: FieldWork): boolean =>
  work.isSilent(radio.pci) || !ACCESS_POINTS.has(way.apn)
