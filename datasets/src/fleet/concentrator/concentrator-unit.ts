import { CONTENT_FORMAT, encodeReport, type QueuedCommand } from '@gastwin/server/protocol'
import {
  type ArchivedMeter,
  type CityCalendar,
  type ConcentratorOrder,
  type DeviceStatus,
  dueTimes,
  type FoundRoute,
  type FrameToPass,
  KEPT_DAYS,
  type Medium,
  type PassedOn,
  type ReadFailure,
  type ReadResult,
} from '@gastwin/twin'
import type { OrderWord } from '../devices/instrument-orders.ts'
import { frozenValues, type MeterValue, standingValue, type ValueDatagram, valueOfAnswer } from './value-frames.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Routes, and answers of meters, of one message, so that it stays small. */
const ROUTES_A_MESSAGE = 12
const PASSED_A_MESSAGE = 8

/** A meter on the line or the radio of a concentrator. */
export interface LineMeter {
  readonly number: number
  readonly medium: Medium
  /**
   * What it answers when it is asked for its register of an instant, out of its own memory.
   * @param at, now Unix ms
   * @returns SI units of its register, or why there is no answer
   */
  ask(at: number, now: number): number | ReadFailure
  /** What it answers to frames of the line; without it the meter takes no orders. @param now Unix ms */
  obey?(frames: Uint8Array, now: number): Uint8Array | ReadFailure
  /** Where its valve or relay stands; without it open. */
  isClosed?(now: number): boolean
}

/** One message, and what to tell the unit when its fate is known. */
export interface UnitMessage {
  readonly contentFormat: number
  readonly payload: Uint8Array
  /** @param orders of the answer to the unit's own word, and a command to itself; none when nobody acknowledged */
  readonly done: (
    now: number,
    acknowledged: boolean,
    orders: readonly ConcentratorOrder[],
    command?: QueuedCommand,
  ) => void
}

export interface UnitOptions {
  readonly number: number
  readonly meters: readonly LineMeter[]
  readonly calendar: CityCalendar
  /** Meters whose path in memory leads nowhere until paths are looked for anew. */
  readonly lost?: ReadonlySet<number>
  /** How paths run when they are looked for. */
  readonly route: (meter: number) => Omit<FoundRoute, 'meter'>
  /** Whether a planned reading fails, its own repetitions included. */
  readonly misses: (meter: number, due: number) => boolean
  /** Values of a meter that wait for the uplink at most; older ones stay in memory only. */
  readonly mostWaiting?: number
  /** How often it speaks when there is nothing to tell, ms; an hour when not said. */
  readonly wordEveryMs?: number
  /** List that it holds from an earlier life. */
  readonly known?: readonly ArchivedMeter[]
  /** Meters of neighbours that it reaches too; it reads none of them by plan. */
  readonly guests?: readonly LineMeter[]
  /** Does what an order to the unit itself asks; without it the unit refuses all of them. */
  readonly carryOut?: (command: QueuedCommand) => OrderWord
  /** What it says of its firmware, and who is told that somebody heard it. */
  readonly firmware?: {
    readonly word: () => Pick<DeviceStatus, 'firmware' | 'update'>
    readonly heard: (word: Pick<DeviceStatus, 'firmware' | 'update'>) => void
  }
  /** UDP port at which it takes orders at any time. */
  readonly servicePort?: () => number
  /** Unix ms: what was due before it has not read. */
  readonly since: number
}

type Job =
  | { readonly kind: 'value'; readonly datagram: ValueDatagram }
  | { readonly kind: 'result'; readonly result: ReadResult }
  | { readonly kind: 'passed'; readonly passed: PassedOn }

/**
 * A concentrator as a machine: it reads by plan, keeps what it read, passes it on when somebody acknowledges, and carries out orders.
 * It has no clock and no socket; one message is under way at a time.
 */
export class ConcentratorUnit {
  readonly number: number
  readonly #options: UnitOptions
  readonly #meters: ReadonlyMap<number, LineMeter>
  readonly #memory = new Map<number, Map<number, number>>()
  readonly #lost: Set<number>
  #list: readonly ArchivedMeter[]
  #incoming: ArchivedMeter[] = []
  #version = 0
  #collectedTo: number
  /** Values read by plan and not passed on, by meter. */
  readonly #waiting = new Map<number, MeterValue[]>()
  #jobs: Job[] = []
  #results: ReadResult[] = []
  #routes: FoundRoute[] = []
  /** What became of every command and attempt that was passed on, and which of it is to be told. */
  readonly #obeyed = new Map<string, PassedOn>()
  #passed: PassedOn[] = []
  #sequence = 0
  #wordDue = 0
  #underWay = false
  /** The platform does not know that this is where it speaks from. */
  #mustIntroduce = false
  readonly #busyWith = new Set<string>()
  /** The last order to the unit itself, and what it is still to say about it. */
  #obeyedOwn = -1
  #own: OrderWord | undefined

  constructor(options: UnitOptions) {
    this.#options = options
    this.number = options.number
    this.#meters = new Map([...options.meters, ...(options.guests ?? [])].map((meter) => [meter.number, meter]))
    this.#lost = new Set(options.lost)
    this.#list = options.known ?? []
    this.#collectedTo = options.since
  }

  /** Values that wait to be passed on. */
  get backlog(): number {
    let sum = 0
    for (const values of this.#waiting.values()) sum += values.length
    return sum
  }
  get meters(): number {
    return this.#list.length
  }

  /** Reads what became due. */
  collect(now: number): void {
    for (const row of this.#list) {
      const meter = this.#meters.get(row.number)
      if (meter === undefined) continue
      for (const due of dueTimes(row.plan, this.#collectedTo, now, this.#options.calendar)) {
        if (this.#lost.has(row.number) || this.#options.misses(row.number, due)) continue
        const value = meter.ask(due, due)
        if (typeof value === 'number') this.#keep(row, { at: due, value }, now)
      }
    }
    this.#collectedTo = Math.max(this.#collectedTo, now)
  }

  /** The next message, unless one is under way or there is nothing to say. */
  next(now: number): UnitMessage | undefined {
    if (this.#underWay) return undefined
    // A busy platform sheds values first: how things stand must not wait behind them for hours.
    const starved = now >= this.#wordDue + HOUR_MS || this.#mustIntroduce
    const message = (starved ? this.#word(now) : undefined) ?? this.#nextValues(now) ?? this.#word(now)
    if (message !== undefined) this.#underWay = true
    return message
  }

  /** The platform answered 4.03: it wants to hear the unit's own word from here, before anything else. */
  introduce(now: number): void {
    this.#mustIntroduce = true
    this.#wordDue = now
  }

  /** Something is to be told at once. */
  speakUp(now: number): void {
    this.#wordDue = now
  }

  #keep(row: ArchivedMeter, value: MeterValue, now: number): void {
    const kept = this.#memory.get(row.number) ?? new Map<number, number>()
    this.#memory.set(row.number, kept)
    kept.set(value.at, value.value)
    const oldest = now - KEPT_DAYS[row.plan.every] * DAY_MS
    for (const at of kept.keys()) if (at < oldest) kept.delete(at)
    const waiting = this.#waiting.get(row.number) ?? []
    this.#waiting.set(row.number, [...waiting, value].slice(-(this.#options.mostWaiting ?? 400)))
  }

  #nextValues(now: number): UnitMessage | undefined {
    for (let job = this.#jobs[0]; job !== undefined && job.kind !== 'value'; job = this.#jobs[0]) {
      this.#jobs.shift()
      this.#wordDue = now
      if (job.kind === 'passed') {
        this.#passed.push(job.passed)
        continue
      }
      this.#results.push(job.result)
      this.#busyWith.delete(`${job.result.order}/${job.result.meter}`)
    }
    const job = this.#jobs[0]
    if (job?.kind === 'value')
      return this.#send(job.datagram, () => {
        this.#jobs.shift()
      })
    for (const [number, values] of this.#waiting) {
      const row = this.#list.find((one) => one.number === number)
      const meter = this.#meters.get(number)
      if (row === undefined || meter === undefined || values.length === 0) continue
      const [first] = frozenValues(row, meter.medium, values, meter.isClosed?.(now) === true)
      if (first === undefined) continue
      const gone = new Set(first.values.map(({ at }) => at))
      return this.#send(first, () => {
        this.#waiting.set(
          number,
          (this.#waiting.get(number) ?? []).filter(({ at }) => !gone.has(at)),
        )
        if (this.backlog === 0) this.#wordDue = now
      })
    }
    return undefined
  }

  #send({ contentFormat, payload }: ValueDatagram, passedOn: () => void): UnitMessage {
    const done = (_now: number, acknowledged: boolean): void => {
      this.#underWay = false
      if (acknowledged) passedOn()
    }
    return { contentFormat, payload, done }
  }

  #word(now: number): UnitMessage | undefined {
    if (now < this.#wordDue) return undefined
    const routes = this.#routes.slice(0, ROUTES_A_MESSAGE)
    const results = this.#results.slice(0, ROUTES_A_MESSAGE)
    const passed = this.#passed.slice(0, PASSED_A_MESSAGE)
    const servicePort = this.#options.servicePort?.()
    const own = this.#own
    const firmware = this.#options.firmware?.word() ?? {}
    this.#sequence += 1
    const payload = encodeReport(
      CONTENT_FORMAT.CBOR,
      {
        device: this.number,
        kind: 'concentrator',
        trigger: own?.trigger ?? 'timed',
        deviceTime: Math.round(now),
        sequence: this.#sequence,
        readings: [],
        events: [],
        status: {
          ...(servicePort !== undefined && { servicePort }),
          ...(own && { command: { id: own.id, accepted: own.accepted } }),
          ...firmware,
        },
        concentrator: {
          addresses: { version: this.#version, rows: this.#incoming.length },
          backlog: this.backlog,
          routes,
          results,
          ...(passed.length > 0 && { passed }),
        },
      },
      { keyOf: () => undefined, statusProfileOf: () => 'unknown' },
    )
    return {
      contentFormat: CONTENT_FORMAT.CBOR,
      payload,
      done: (at, acknowledged, orders, command) => {
        this.#underWay = false
        if (!acknowledged) return
        this.#options.firmware?.heard(firmware)
        this.#mustIntroduce = false
        this.#routes = this.#routes.slice(routes.length)
        this.#results = this.#results.slice(results.length)
        this.#passed = this.#passed.slice(passed.length)
        if (this.#own === own) this.#own = undefined
        const left = this.#routes.length + this.#results.length + this.#passed.length > 0 || this.#own !== undefined
        const hasNews = this.#options.firmware?.word().update !== undefined
        this.#wordDue = left || hasNews ? at : at + (this.#options.wordEveryMs ?? HOUR_MS)
        if (command !== undefined) this.obeyOwn(command, at)
        for (const order of orders) this.obey(order, at)
      },
    }
  }

  /** Carries out an order, of an answer or said to it at its port. */
  obey(order: ConcentratorOrder, now: number): void {
    if (order.kind === 'pass_on') for (const one of order.frames) this.#passOn(one, now)
    else if (order.kind === 'addresses') this.#takeRows(order, now)
    else if (order.kind === 'network') {
      const asked = order.meters.length > 0 ? order.meters : this.#list.map(({ number }) => number)
      for (const meter of asked) {
        if (!this.#meters.has(meter)) continue
        this.#lost.delete(meter)
        this.#routes.push({ meter, ...this.#options.route(meter) })
      }
      this.#wordDue = now
    } else for (const { meter, due } of order.meters) this.#read(order.id, order.source, meter, due, now)
  }

  /** Carries out an order to itself, once however often it comes, and tells with its next word what became of it. */
  obeyOwn(command: QueuedCommand, now: number): void {
    if (command.id === this.#obeyedOwn) return
    this.#obeyedOwn = command.id
    this.#own = this.#options.carryOut?.(command) ?? { id: command.id, accepted: false, trigger: 'answer' }
    this.#wordDue = now
  }

  #passOn({ command, attempt, meter: number, until, frames }: FrameToPass, now: number): void {
    const key = `${command}/${attempt}`
    if (this.#obeyed.has(key)) {
      // Said again: the meter is not told twice, only the platform.
      const known = this.#obeyed.get(key)
      const waits = this.#passed.some((one) => one.command === command && one.attempt === attempt)
      if (known !== undefined && !waits && !this.#jobs.some((job) => job.kind === 'passed' && job.passed === known))
        this.#jobs.push({ kind: 'passed', passed: known })
      this.#wordDue = now
      return
    }
    if (now > until) return
    const meter = this.#meters.get(number)
    const heard =
      meter === undefined
        ? 'unknown_meter'
        : this.#lost.has(number)
          ? 'no_route'
          : (meter.obey?.(frames, now) ?? 'meter_fault')
    const answered = typeof heard !== 'string'
    const value = answered ? valueOfAnswer(number, heard) : undefined
    if (value !== undefined) this.#jobs.push({ kind: 'value', datagram: value })
    const passed = {
      ...{ command, attempt, meter: number, failure: answered ? undefined : heard },
      answer: answered && value === undefined ? heard : new Uint8Array(0),
    }
    this.#obeyed.set(key, passed)
    this.#jobs.push({ kind: 'passed', passed })
    this.#wordDue = now
  }

  #takeRows(order: Extract<ConcentratorOrder, { kind: 'addresses' }>, now: number): void {
    if (order.version !== this.#version) {
      this.#version = order.version
      this.#incoming = []
    }
    if (order.first === this.#incoming.length) this.#incoming.push(...order.rows)
    this.#wordDue = now
    if (this.#incoming.length < order.total) return
    const before = new Set(this.#list.map(({ number }) => number))
    this.#list = [...this.#incoming]
    for (const { number } of this.#list)
      if (!before.has(number) && this.#meters.has(number) && !this.#lost.has(number))
        this.#routes.push({ meter: number, ...this.#options.route(number) })
  }

  #read(order: number, source: 'meter' | 'concentrator', number: number, due: readonly number[], now: number): void {
    const key = `${order}/${number}`
    if (this.#busyWith.has(key)) return
    this.#busyWith.add(key)
    const row = this.#list.find((one) => one.number === number)
    const meter = this.#meters.get(number)
    const result = (found: number, failure: ReadFailure | undefined): void => {
      this.#jobs.push({ kind: 'result', result: { order, meter: number, found, missing: due.length - found, failure } })
      this.#wordDue = now
    }
    if (row === undefined || meter === undefined) {
      result(0, 'unknown_meter')
      return
    }
    const found: MeterValue[] = []
    let failure: ReadFailure | undefined
    const asked = (at: number): number | ReadFailure => {
      if (source === 'concentrator') return this.#memory.get(number)?.get(at) ?? 'not_kept'
      return this.#lost.has(number) ? 'no_route' : meter.ask(at, now)
    }
    for (const at of due) {
      const onPlan = dueTimes(row.plan, at - 1, at, this.#options.calendar).length > 0
      const standing = !onPlan && source === 'meter' && now - at < HOUR_MS
      const value = asked(standing ? now : at)
      if (typeof value !== 'number') failure = value
      else if (standing)
        this.#jobs.push({
          kind: 'value',
          datagram: standingValue(row, meter.medium, { at: now, value }, meter.isClosed?.(now) === true),
        })
      else found.push({ at, value })
    }
    for (const datagram of frozenValues(row, meter.medium, found, meter.isClosed?.(now) === true))
      this.#jobs.push({ kind: 'value', datagram })
    result(failure === undefined ? due.length : found.length, failure)
  }
}
