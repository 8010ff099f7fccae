import dgram from 'node:dgram'
import {
  COAP_CODE,
  type CoapMessage,
  type DeviceAnswer,
  decodeAnswer,
  encodeReply,
  parseMessage,
  type QueuedCommand,
} from '@gastwin/server/protocol'
import type { CityCalendar, ConcentratorRow, Medium, Meter, NetworkDocument } from '@gastwin/twin'
import { unitHash } from '../../seeded-random.ts'
import { ConcentratorUnit, type LineMeter } from '../concentrator/concentrator-unit.ts'
import { LineBrain } from '../concentrator/line-brain.ts'
import type { Consumer } from '../metering/consumer.ts'
import type { CoapClientPool } from '../radio/coap-client-pool.ts'
import { DeviceLink } from '../radio/device-link.ts'
import type { Opened } from '../radio/sealed-uplink.ts'
import { FITTER_MS } from './carry-out.ts'
import type { FieldWork, UpdatedDevice } from './field-work.ts'
import type { FirmwareUpdates } from './firmware-updates.ts'
import type { FirstContacts } from './first-contacts.ts'
import type { OrderWord } from './instrument-orders.ts'
import { confirmableWaits } from './retry-rule.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Between two looks of a unit at its meters, event time: less often when time runs fast. */
const LOOK_WALL_MS = 250
/** A fast demo must not cut a busy service off: ms of the wall after an unanswered message. */
const PAUSE_WALL_MS = 3_000
/** Before it introduces itself where nobody knows it yet, ms of the wall. */
const INTRODUCTION_WALL_MS = 200
/** What goes on in a compound's lines. */
const MISSED = 0.02
const LOST_PATHS = 0.04
/** As manifests of firmware name it. */
const MAKER = 'gastwin'
/** Values of a meter in the queue of the uplink: an outage of more days is read again from the memory. */
const WAITING = 2

interface Post {
  readonly row: ConcentratorRow
  readonly unit: ConcentratorUnit
  readonly link: DeviceLink
  readonly gas: readonly GasLine[]
  /** Its uplink is dead in [from, until). */
  readonly dead: { readonly from: number; readonly until: number }
  /** Its socket in the pool. */
  socket: number
  /** The last order at its port and the reply, which goes out again when the order does. */
  lastOrder: { readonly exchange: string; readonly reply: Uint8Array } | undefined
  sending: boolean
}

/** Who helps concentrators, and what befalls them. */
interface ConcentratorCrew {
  /** Of those with a certificate. */
  readonly contacts: FirstContacts | undefined
  /** undefined where they hold no authority's key: then they take no firmware. */
  readonly firmware: FirmwareUpdates | undefined
  /** None loses its uplink, and none of their meters dies. */
  readonly isSteady: boolean
}

/** Concentrators with the meters behind them: gas meters of the city, and water, heat and electricity of the same homes. */
export class Concentrators {
  readonly #work: FieldWork
  readonly #pool: CoapClientPool
  readonly #calendar: CityCalendar
  readonly #crew: ConcentratorCrew
  readonly #posts: readonly Post[]
  readonly #ports = new Map<number, number>()
  readonly #listening: dgram.Socket[] = []
  /** Orders at ports that were forged, old or played back. */
  refusedOrders = 0

  constructor(
    work: FieldWork,
    seed: number,
    document: NetworkDocument,
    consumers: ReadonlyMap<string, Consumer>,
    pool: CoapClientPool,
    calendar: CityCalendar,
    crew: ConcentratorCrew,
  ) {
    this.#work = work
    this.#pool = pool
    this.#calendar = calendar
    this.#crew = crew
    const kinds = new Map(document.meters.map((meter) => [meter.id, meter]))
    this.#posts = (document.concentrators ?? []).map((row, k) => this.#post(row, k, seed, kinds, consumers))
  }

  get count(): number {
    return this.#posts.length
  }

  /** UDP port at which one takes orders; 0 for those that do not listen. */
  listensAt(number: number): number {
    return this.#ports.get(number) ?? 0
  }

  /** Opens a socket for every second one, at which it takes orders. */
  async open(host: string): Promise<void> {
    for (const [k, post] of this.#posts.entries()) {
      if (k % 2 !== 0) continue
      const socket = dgram.createSocket('udp4')
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject)
        socket.bind(0, host, () => {
          socket.off('error', reject)
          resolve()
        })
      })
      this.#listening.push(socket)
      post.socket = this.#pool.adopt(socket)
      this.#ports.set(post.unit.number, socket.address().port)
      socket.on('message', (bytes, from) => this.#receive(post, socket, bytes, from))
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#listening.map((socket) => new Promise<void>((done) => socket.close(() => done()))))
  }

  #receive(post: Post, socket: dgram.Socket, bytes: Buffer, from: dgram.RemoteInfo): void {
    const message = parseMessage(bytes)
    if (message.kind === 'malformed') return
    if (message.code === COAP_CODE.EMPTY || message.code >> 5 !== 0) {
      this.#pool.receive(post.socket, bytes)
      return
    }
    if (this.isDead(this.#posts.indexOf(post), this.#work.now)) return
    const exchange = `${from.address} ${from.port} ${message.messageId}`
    if (post.lastOrder?.exchange !== exchange) post.lastOrder = { exchange, reply: this.#obey(post, message) }
    socket.send(post.lastOrder.reply, from.port, from.address)
    this.#speak(post)
  }

  /** Carries out what came to the port of a concentrator. @returns the reply */
  #obey({ unit, link }: Post, message: CoapMessage): Uint8Array {
    const { now, speed } = this.#work
    const isOrder = message.code === COAP_CODE.POST && message.path === 'o'
    if (!isOrder) return encodeReply(message, COAP_CODE.NOT_FOUND, {}, message.messageId)
    const taken = link.take(message, this.#work.serviceInstant(), speed)
    if (taken === undefined) {
      this.refusedOrders += 1
      return encodeReply(message, COAP_CODE.FORBIDDEN, {}, message.messageId)
    }
    const { orders = [], command } = toldIn(taken.order)
    for (const order of orders) unit.obey(order, now)
    if (command !== undefined) unit.obeyOwn(command, now)
    return encodeReply(message, COAP_CODE.CHANGED, { ...taken.reply }, message.messageId)
  }

  start(): void {
    for (let k = 0; k < this.#posts.length; k++) this.#work.plan('concentrator', k, this.#work.start + 1000 * k)
  }

  /** A unit reads what is due, and speaks when it has something to say. */
  look(index: number, at: number): void {
    const post = this.#posts[index]
    if (post === undefined) return
    for (const line of post.gas) line.freeze(at)
    post.unit.collect(at)
    this.#speak(post)
    this.#work.plan('concentrator', index, at + Math.max(MINUTE_MS, LOOK_WALL_MS * this.#work.speed))
  }

  /** Its socket in the pool. */
  socketOf(index: number): number {
    return this.#posts[index]?.socket ?? 0
  }

  /** Somebody holds the button of a gas meter. @param consumer whose meter it is */
  button(consumer: number, at: number): void {
    for (const { gas } of this.#posts) for (const line of gas) if (line.index === consumer) line.press(at)
  }

  /** Something came of an order: it is told at once. */
  answer(index: number): void {
    const post = this.#posts[index]
    if (post === undefined) return
    post.unit.speakUp(this.#work.now)
    this.#speak(post)
  }

  /** A new image has had its time to come up: whatever comes up has no session, but all values. */
  boot(index: number): void {
    this.#posts[index]?.link.restart()
    this.#crew.firmware?.boot(index)
  }

  /** Whether a uplink is dead now, for whoever compares. */
  isDead(index: number, at: number): boolean {
    const dead = this.#posts[index]?.dead
    return dead !== undefined && at >= dead.from && at < dead.until
  }

  #post(
    row: ConcentratorRow,
    k: number,
    seed: number,
    kinds: ReadonlyMap<string, Meter>,
    consumers: ReadonlyMap<string, Consumer>,
  ): Post {
    const { start } = this.#work
    const { contacts, isSteady } = this.#crew
    const number = Number(row.device_number)
    const gas: GasLine[] = []
    const meters: LineMeter[] = []
    for (const { meter: id } of row.meters) {
      const meter = kinds.get(id)
      const consumer = consumers.get(id)
      // One meter of a compound dies on its second day.
      const diesAt = meters.length === 5 && !isSteady ? start + 1.4 * DAY_MS : Number.POSITIVE_INFINITY
      if (meter?.kind === 'gas' && consumer !== undefined) {
        const line = new GasLine(this.#work, consumer, this.#calendar, diesAt)
        gas.push(line)
        meters.push(line)
      } else if (meter !== undefined) meters.push(otherLine(seed, meter, start))
    }
    const lost = new Set(meters.filter((m) => unitHash(seed, 141, m.number) < LOST_PATHS).map((m) => m.number))
    const link = new DeviceLink(number, this.#pool, contacts)
    const crew = this.#crew.firmware
    const device: UpdatedDevice = {
      ...{ row: k, device: number, maker: MAKER, batteryVolt: Number.POSITIVE_INFINITY, pci: 0 },
    }
    const carryOut = (command: QueuedCommand): OrderWord => {
      const { id, kind } = command
      if (kind === 'firmware') {
        crew?.order(device, id, command.image)
        return { id, accepted: crew !== undefined, trigger: 'answer' }
      }
      const accepted = kind === 'restart' || (kind === 'renew_key' && link.isSealed)
      // The session was in its memory alone; its values are not.
      if (accepted) link.restart()
      return { id, accepted, trigger: kind === 'restart' ? 'registration' : 'answer' }
    }
    const unit = new ConcentratorUnit({
      ...{ number, meters, calendar: this.#calendar, carryOut },
      ...(crew && { firmware: { word: () => crew.wordOf(device), heard: (word) => crew.heard(k, word) } }),
      lost,
      since: start,
      // Every second listens: its orders need not wait for its next word.
      ...(k % 2 === 0 && { servicePort: () => this.listensAt(number) }),
      mostWaiting: WAITING,
      misses: (meter, due) => unitHash(seed, 142, meter, Math.floor(due / MINUTE_MS)) < MISSED,
      route: (meter) => {
        const hops = Math.floor(4 * unitHash(seed, 143, meter) ** 2)
        const via = meters.map((m) => m.number).filter((n) => n !== meter)
        const first = Math.floor(unitHash(seed, 144, meter) * Math.max(1, via.length - hops))
        const signalDbm = -Math.round(600 + 600 * unitHash(seed, 145, meter)) / 10
        return { collector: 0, hops: via.slice(first, first + hops), signalDbm }
      },
    })
    // Every third is cut off before the first night for a day and a half, the others never.
    const from = start + 0.8 * DAY_MS
    const dead = k % 3 === 1 && !isSteady ? { from, until: from + 1.5 * DAY_MS } : { from: 0, until: 0 }
    return { row, unit, link, gas, dead, socket: this.#work.socketOf(number), lastOrder: undefined, sending: false }
  }

  #speak(post: Post): void {
    const { now } = this.#work
    if (post.sending || (now >= post.dead.from && now < post.dead.until)) return
    const message = post.unit.next(now)
    if (message === undefined) return
    post.sending = true
    const waits = confirmableWaits(unitHash(post.unit.number, Math.floor(now)))
    post.link.send(message, { socket: post.socket, waits }, (heard) => {
      const answered = (): void => {
        post.sending = false
        const isHeard = heard.kind === 'accepted'
        const told = isHeard ? toldIn(heard.answer) : {}
        message.done(this.#work.now, isHeard, told.orders ?? [], told.command)
        this.#speak(post)
      }
      if (heard.kind === 'accepted') answered()
      else if (heard.kind === 'refused') {
        post.unit.introduce(this.#work.now)
        setTimeout(answered, INTRODUCTION_WALL_MS).unref()
      } else setTimeout(answered, Math.max(PAUSE_WALL_MS, heard.waitMs)).unref()
    })
  }
}

function toldIn({ contentFormat, payload }: Opened): Partial<Pick<DeviceAnswer, 'orders' | 'command'>> {
  const answer = decodeAnswer(contentFormat, payload, { keyOf: () => undefined, statusProfileOf: () => 'unknown' })
  return 'kind' in answer ? {} : answer
}

/** A gas meter of the city on a concentrator's radio: it keeps its register of each midnight. */
class GasLine implements LineMeter {
  readonly medium: Medium = 'gas'
  readonly #work: FieldWork
  readonly #consumer: Consumer
  readonly #calendar: CityCalendar
  readonly #diesAt: number
  readonly #kept = new Map<number, number>()
  readonly #brain: LineBrain
  #frozenTo: number

  constructor(work: FieldWork, consumer: Consumer, calendar: CityCalendar, diesAt: number) {
    this.#work = work
    this.#consumer = consumer
    this.#calendar = calendar
    this.#diesAt = diesAt
    this.#frozenTo = work.start
    this.#brain = new LineBrain({
      ...{ number: consumer.device, medium: 'gas', protocol: 'cjt188', password: new Uint8Array(4) },
      register: () => work.book.register(consumer, work.now),
      close: (at) => work.book.closeValve(consumer, Math.max(at, work.physicsAt)),
      open: (at) => work.book.openValve(consumer, Math.max(at, work.physicsAt)),
    })
  }

  /** Of its consumer. */
  get index(): number {
    return this.#consumer.index
  }

  press(at: number): void {
    this.#brain.press(at)
  }

  get number(): number {
    return this.#consumer.device
  }

  /** Keeps the register of the midnights that passed. */
  freeze(now: number): void {
    if (now >= this.#diesAt) return
    for (;;) {
      const midnight = this.#calendar.nextDayStart(this.#frozenTo)
      if (midnight > now) return
      this.#kept.set(midnight, this.#work.book.register(this.#consumer, midnight))
      this.#frozenTo = midnight
    }
  }

  obey(frames: Uint8Array, now: number): Uint8Array | 'no_answer' | 'bad_frame' {
    if (now >= this.#diesAt) return 'no_answer'
    const before = this.#brain.buttonUntil
    const answer = this.#brain.obey(frames, now)
    // The fitter who asked for it stands before the meter.
    if (this.#brain.buttonUntil > before) this.#work.plan('line_button', this.index, now + FITTER_MS)
    return answer
  }

  isClosed(): boolean {
    return this.#brain.closed
  }

  ask(at: number, now: number): number | 'no_answer' | 'not_kept' {
    if (now >= this.#diesAt) return 'no_answer'
    const kept = this.#kept.get(at)
    if (kept !== undefined) return kept
    const young = at >= this.#work.start && this.#calendar.dayNumber(at) >= this.#calendar.dayNumber(this.#work.now) - 1
    return young ? this.#work.book.register(this.#consumer, at) : 'not_kept'
  }
}

/** Of the emulated electricity meters: level 2, then 000000. A service that is to order them has `meterAuthority` 0200000000000000. */
const LINE_PASSWORD = Uint8Array.of(2, 0, 0, 0)
/** A day's use by kind: least and most, m³ or kWh. */
const DAILY_USE = { gas: [0, 0], water: [0.15, 0.6], heat: [8, 60], electricity: [3, 14] } as const

/** Water, heat and electricity are used evenly until somebody closes them; their registers count in hundredths. */
function otherLine(seed: number, meter: Meter, start: number): LineMeter {
  const number = Number(meter.id)
  const medium = meter.kind
  const [least, most] = DAILY_USE[medium]
  const perDay = least + (most - least) * unitHash(seed, 146, number)
  const base = 50 + 900 * unitHash(seed, 147, number)
  const unit = medium === 'water' ? 1 : 3.6e6
  let closedAt = Number.POSITIVE_INFINITY
  const register = (at: number): number =>
    (Math.floor((base + (perDay * (Math.min(at, closedAt) - start)) / DAY_MS) * 100) / 100) * unit
  const protocol = medium === 'electricity' ? 'dlt645' : 'cjt188'
  const close = (at: number): void => {
    closedAt = Math.min(closedAt, at)
  }
  const brain = new LineBrain({ number, medium, protocol, password: LINE_PASSWORD, register, close })
  return {
    number,
    medium,
    ask: (at) => (at < start ? 'not_kept' : register(at)),
    obey: (frames, now) => brain.obey(frames, now),
    isClosed: () => brain.closed,
  }
}
