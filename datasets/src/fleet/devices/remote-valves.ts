import dgram from 'node:dgram'
import {
  COAP_CODE,
  COAP_TYPE,
  CONTENT_FORMAT,
  type CoapMessage,
  decodeValveRequest,
  encodeReply,
  encodeValveReply,
  parseMessage,
  type QueuedCommand,
} from '@gastwin/server/protocol'
import type { Network, Report, Trigger, Valve } from '@gastwin/twin'
import { unitHash } from '../../seeded-random.ts'
import type { CoapClientPool } from '../radio/coap-client-pool.ts'
import type { DeviceLink } from '../radio/device-link.ts'
import type { FieldWork } from './field-work.ts'
import { obeyOrder } from './instrument-orders.ts'
import { confirmableWaits } from './retry-rule.ts'
import { ValveActuator } from './valve-actuator.ts'

const HEARTBEAT_MS = 3_600_000
/** Answers kept against repeated requests. */
const REMEMBERED = 32

interface Post {
  readonly index: number
  readonly valve: Valve
  readonly edge: number
  readonly actuator: ValveActuator
  readonly socket: dgram.Socket
  readonly number: number
  readonly port: number
  /** undefined for one without a certificate, which obeys whoever knows its number. */
  readonly sealed: DeviceLink | undefined
  readonly slow: boolean
  readonly answers: Map<string, Uint8Array>
  sequence: number
  say: { trigger: Trigger; registers: boolean }
  answered: { readonly id: number; readonly accepted: boolean } | undefined
  /** The last order of another kind than closing. */
  obeyed: number
  /** When it speaks next; earlier plans for the same valve are void. */
  due: number
}

/** Remote valves: each serves `/v` on a socket of its own, registers there, and reports its position after it moved. */
export class RemoteValves {
  readonly #work: FieldWork
  readonly #seed: number
  readonly #pool: CoapClientPool
  readonly #wall: () => number
  readonly #sealedLinkOf: (device: number) => DeviceLink | undefined
  readonly #posts: Post[] = []
  /** Commands carried out, for statistics. */
  closed = 0
  /** Orders at ports that were forged, in clear, or played back. */
  refusedOrders = 0

  constructor(
    work: FieldWork,
    seed: number,
    pool: CoapClientPool,
    wall: () => number,
    sealedLinkOf: (device: number) => DeviceLink | undefined,
  ) {
    this.#work = work
    this.#seed = seed
    this.#pool = pool
    this.#wall = wall
    this.#sealedLinkOf = sealedLinkOf
  }

  get count(): number {
    return this.#posts.length
  }

  /** UDP port at which a valve takes orders; 0 for strangers. */
  listensAt(device: number): number {
    return this.#posts.find((post) => post.actuator.device === device)?.port ?? 0
  }

  /** Opens a socket for every remote valve. */
  async open(valves: readonly Valve[], network: Network, stuck: ReadonlySet<string>, host: string): Promise<void> {
    for (const valve of valves) {
      const socket = dgram.createSocket('udp4')
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject)
        socket.bind(0, host, () => {
          socket.off('error', reject)
          resolve()
        })
      })
      const index = this.#posts.length
      const device = Number(valve.device_number)
      const travelS = 18 + 20 * unitHash(this.#seed, 121, index)
      const post: Post = {
        index,
        valve,
        edge: network.edges.numberOf.get(valve.id) ?? -1,
        actuator: new ValveActuator(device, valve.open, travelS, stuck.has(valve.id)),
        socket,
        number: this.#pool.adopt(socket),
        port: socket.address().port,
        sealed: this.#sealedLinkOf(device),
        slow: unitHash(this.#seed, 122, index) < 0.06,
        answers: new Map(),
        sequence: this.#work.firstSequence,
        say: { trigger: 'registration', registers: true },
        answered: undefined,
        obeyed: -1,
        due: 0,
      }
      this.#posts.push(post)
      socket.on('message', (bytes, from) => this.#receive(post, bytes, from))
    }
  }

  /** Registers all of them, spread over a minute. */
  start(): void {
    for (const post of this.#posts) this.#planSpeech(post, this.#work.start + 500 * post.index)
  }

  #planSpeech(post: Post, at: number): void {
    post.due = at
    this.#work.plan('valve_speaks', post.index, at)
  }

  /** The time of a planned report has come. */
  timed(index: number, at: number): void {
    if (this.#posts[index]?.due === at) this.speak(index)
  }

  /** The spindle has turned. */
  arrive(index: number): void {
    const post = this.#posts[index]
    if (post === undefined || post.actuator.position !== 'moving') return
    const tight = post.actuator.arrive()
    if (tight) {
      this.#work.physics.setValve(post.edge, false)
      this.closed += 1
    }
    post.answered = { id: post.actuator.command, accepted: tight }
    post.say = { trigger: 'answer', registers: false }
    this.speak(index)
  }

  /** People on site open what commands have closed. */
  openByHand(): void {
    for (const post of this.#posts) {
      if (post.actuator.command < 0 || post.actuator.position === 'open') continue
      post.actuator.turnByHand(true)
      this.#work.physics.setValve(post.edge, true)
      post.say = { trigger: 'button', registers: false }
      this.speak(post.index)
    }
  }

  /** Tells where it stands. */
  speak(index: number): void {
    const post = this.#posts[index]
    if (post === undefined) return
    const { trigger, registers } = post.say
    post.sequence += 1
    const { position } = post.actuator
    const answered = post.answered
    const report: Report = {
      device: post.actuator.device,
      kind: 'valve',
      trigger,
      deviceTime: Math.round(this.#work.now),
      sequence: post.sequence % 65_536,
      readings: [],
      events: position === 'abnormal' ? ['valve_abnormal'] : [],
      status: { valve: position, servicePort: post.port, ...(answered === undefined ? {} : { command: answered }) },
    }
    const waits = confirmableWaits(unitHash(this.#seed, 123, index, post.sequence))
    const { link } = this.#work
    link.report(post.number, registers ? 'reg' : 'r', CONTENT_FORMAT.CBOR, report, waits, (answer) => {
      const heard = answer.kind === 'accepted' || answer.kind === 'refused'
      if (heard && post.answered === answered) post.answered = undefined
      if (heard && post.say.trigger === trigger) post.say = { trigger: 'timed', registers: false }
      if (answer.kind === 'accepted' && answer.command !== undefined && this.#carryOut(post, answer.command)) return
      const { now } = this.#work
      const pause = answer.kind === 'later' ? answer.waitMs : 1000
      this.#planSpeech(post, heard ? now + HEARTBEAT_MS : this.#work.after(pause))
    })
  }

  /** What rides on an answer: a close comes to its port. @returns whether it has something to say of it at once */
  #carryOut(post: Post, command: QueuedCommand): boolean {
    if (command.kind === 'close' || command.id === post.obeyed) return false
    post.obeyed = command.id
    const word = obeyOrder(command, post.actuator.device, this.#work, false)
    post.answered = { id: word.id, accepted: word.accepted }
    post.say = { trigger: word.trigger, registers: word.trigger === 'registration' }
    this.#planSpeech(post, this.#work.now)
    return true
  }

  #receive(post: Post, bytes: Uint8Array, from: dgram.RemoteInfo): void {
    const message = parseMessage(bytes)
    if (message.kind === 'malformed') return
    if (message.code === COAP_CODE.EMPTY || message.code >> 5 !== 0) {
      this.#pool.receive(post.number, bytes)
      return
    }
    const key = `${from.address}:${from.port}/${message.messageId}`
    const known = post.answers.get(key)
    const answer = known ?? this.#answer(post, message)
    if (answer === undefined) return
    post.answers.set(key, answer)
    if (post.answers.size > REMEMBERED) post.answers.delete(post.answers.keys().next().value ?? '')
    const reply = (): void => {
      post.socket.send(answer, from.port, from.address, () => undefined)
    }
    if (post.slow && known === undefined)
      setTimeout(reply, 600 + 1200 * unitHash(this.#seed, 124, message.messageId)).unref()
    else reply()
  }

  #answer(post: Post, message: CoapMessage): Uint8Array | undefined {
    const ownId = (post.sequence * 7 + message.messageId) & 0xffff
    const refuse = (code: number): Uint8Array => encodeReply(message, code, {}, ownId)
    if (message.path !== 'v') return refuse(COAP_CODE.NOT_FOUND)
    if (message.code !== COAP_CODE.POST) return refuse(COAP_CODE.METHOD_NOT_ALLOWED)
    if (message.type !== COAP_TYPE.CON && message.type !== COAP_TYPE.NON) return undefined
    if (post.sealed === undefined) {
      const words = this.#obey(post, message.payload)
      if (words === undefined) return refuse(COAP_CODE.BAD_REQUEST)
      return encodeReply(message, COAP_CODE.CHANGED, { contentFormat: CONTENT_FORMAT.CBOR, payload: words }, ownId)
    }
    const taken = post.sealed.takeSealed(message)
    if (taken === 'no_session') {
      this.refusedOrders += 1
      // The platform may hold a session that this actuator lost with its power: it does not wait for its hour to make another.
      if (!post.sealed.hasSession) this.#planSpeech(post, this.#work.now)
      return refuse(COAP_CODE.UNAUTHORIZED)
    }
    if ('refusal' in taken) {
      this.refusedOrders += 1
      return encodeReply(message, COAP_CODE.FORBIDDEN, taken.refusal, ownId)
    }
    const words = this.#obey(post, taken.order.payload)
    if (words === undefined) return refuse(COAP_CODE.BAD_REQUEST)
    const reply = taken.reply({ contentFormat: CONTENT_FORMAT.CBOR, payload: words })
    return encodeReply(message, COAP_CODE.CHANGED, reply, ownId)
  }

  /** @returns the actuator's words; undefined when the request cannot be read */
  #obey(post: Post, request: Uint8Array): Uint8Array | undefined {
    const read = decodeValveRequest(request)
    if ('kind' in read) return undefined
    const { reply, moves } = post.actuator.handle(read, this.#wall())
    if (moves) this.#work.plan('valve_arrives', post.index, Math.round(this.#work.now + post.actuator.travelS * 1000))
    return encodeValveReply(reply)
  }

  /** Power fails at every actuator: what it did not write down is gone, its spindle stands where it stood. */
  losePower(): void {
    for (const post of this.#posts) post.sealed?.restart()
  }

  async close(): Promise<void> {
    await Promise.all(this.#posts.map(({ socket }) => new Promise<void>((done) => socket.close(() => done()))))
  }
}
