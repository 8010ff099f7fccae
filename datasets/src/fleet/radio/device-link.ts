import { COAP_CODE, CONTENT_FORMAT } from '@gastwin/server/protocol'
import type { ContactEnd, FirstContacts } from '../devices/first-contacts.ts'
import type { CoapClientPool, Outcome } from './coap-client-pool.ts'
import { type Opened, ORDER_LIFE_MS, type OrderTaken, SealedUplink } from './sealed-uplink.ts'

/** What became of a message. */
export type Heard =
  | { readonly kind: 'accepted'; readonly answer: Opened }
  /** Refused: from a concentrator the platform wants its own word first. */
  | { readonly kind: 'refused' }
  /** Nobody answered, or nobody who could prove that he is the platform. */
  | { readonly kind: 'later'; readonly waitMs: number }

/** How a message travels. */
export interface LinkWay {
  readonly socket: number
  /** ms of the wall after each transmission. */
  readonly waits: readonly number[]
  readonly path?: 'r' | 'reg'
  /** Said from outside, since nobody reads through the seal. */
  readonly urgent?: boolean
}

/** Before a first contact that failed is tried again, ms of the wall. */
const CONTACT_PAUSE_MS = 10_000
/** On a clock that runs fast, an order on its way ages at that pace: ms of the wall. */
const ORDER_WALL_MS = 3_000

/**
 * How a concentrator, an RTU or an actuator reaches the platform: in clear where it has no certificate; otherwise under the session
 * of its first contact, which it makes again when the platform does not know it.
 */
export class DeviceLink {
  readonly #number: number
  readonly #pool: CoapClientPool
  readonly #contacts: FirstContacts | undefined
  readonly #isInstrument: boolean
  #uplink: SealedUplink | undefined
  /** Messages that wait for the first contact that is under way. */
  #waiting: ((end: ContactEnd) => void)[] | undefined
  /** Wall, Unix ms, before which no other first contact is tried. */
  #quietUntil = 0

  /**
   * @param contacts undefined where no device of the city has a certificate
   * @param isInstrument an RTU or actuator: nothing is heard of it, or told it, before its first contact, which does not wait with homes
   */
  constructor(number: number, pool: CoapClientPool, contacts: FirstContacts | undefined, isInstrument = false) {
    this.#number = number
    this.#isInstrument = isInstrument
    this.#pool = pool
    this.#contacts = contacts?.has(number) === true ? contacts : undefined
  }

  /** Whether it takes nothing in clear. */
  get isSealed(): boolean {
    return this.#contacts !== undefined
  }

  /** Whether it could open an order now. */
  get hasSession(): boolean {
    return this.#uplink !== undefined
  }

  /** Power was lost, and the session with it. */
  restart(): void {
    this.#uplink = undefined
  }

  send(message: Opened, way: LinkWay, done: (heard: Heard) => void): void {
    if (this.#contacts === undefined) this.#post(message, way, (outcome) => done(judge(outcome, answerOf)))
    else this.#sendSealed(this.#contacts, message, way, done, true)
  }

  /** An order that came to the port of a concentrator. @param now its clock @param speed event seconds per wall second @returns undefined: refused */
  take(order: Opened, now: number, speed: number): { readonly order: Opened; readonly reply?: Opened } | undefined {
    if (this.#contacts === undefined) return order.contentFormat === CONTENT_FORMAT.CBOR ? { order } : undefined
    const uplink = this.#uplink
    const taken = uplink?.order(order, now, Math.max(ORDER_LIFE_MS, ORDER_WALL_MS * speed))
    return taken && { order: taken.order, reply: taken.reply({ contentFormat: -1, payload: new Uint8Array(0) }) }
  }

  /** An order that came to the port of an actuator under its seal: it needs no clock to tell an old one. */
  takeSealed(order: Opened): OrderTaken | 'no_session' | { readonly refusal: Opened } {
    const uplink = this.#uplink
    if (uplink === undefined) return 'no_session'
    return uplink.order(order, 0, Number.POSITIVE_INFINITY) ?? uplink.refusal(order) ?? 'no_session'
  }

  #sendSealed(
    contacts: FirstContacts,
    message: Opened,
    way: LinkWay,
    done: (heard: Heard) => void,
    mayMeet: boolean,
  ): void {
    const uplink = this.#uplink
    if (uplink === undefined) {
      const quietMs = this.#quietUntil - Date.now()
      // Never at once: who asks in answer would ask for ever.
      if (quietMs > 0) setTimeout(() => done({ kind: 'later', waitMs: quietMs }), 0)
      else
        this.#meet(contacts, way, (end) => {
          if (end.kind !== 'session') done({ kind: 'later', waitMs: pauseAfter(end) })
          else this.#sendSealed(contacts, message, way, done, false)
        })
      return
    }
    const { counter, payload } = uplink.seal(message)
    this.#post({ contentFormat: CONTENT_FORMAT.SEALED, payload }, way, (outcome) => {
      const isUnknown = outcome.kind === 'answered' && outcome.code === COAP_CODE.UNAUTHORIZED
      if (!isUnknown) done(judge(outcome, (answered) => uplink.answer(counter, answered)))
      else {
        if (this.#uplink === uplink) this.#uplink = undefined
        if (mayMeet) this.#sendSealed(contacts, message, way, done, false)
        else done({ kind: 'later', waitMs: CONTACT_PAUSE_MS })
      }
    })
  }

  /** One first contact at a time: a second one would end the session of the first. */
  #meet(contacts: FirstContacts, way: LinkWay, done: (end: ContactEnd) => void): void {
    if (this.#waiting !== undefined) {
      this.#waiting.push(done)
      return
    }
    const waiting = [done]
    this.#waiting = waiting
    contacts.make(this.#number, { ...way, urgent: this.#isInstrument, unheard: false }, (end) => {
      this.#waiting = undefined
      this.#quietUntil = end.kind === 'session' ? 0 : Date.now() + pauseAfter(end)
      if (end.kind === 'session') this.#uplink = new SealedUplink(this.#number, end.key)
      for (const next of waiting) next(end)
    })
  }

  #post(message: Opened, way: LinkWay, done: (outcome: Outcome) => void): void {
    const { socket, waits, path = 'r', urgent = false } = way
    const query = urgent && message.contentFormat === CONTENT_FORMAT.SEALED ? ['alarm'] : []
    this.#pool.send({ ...message, socket, path, query, waits, done })
  }
}

/** A busy platform says when to come again. */
const pauseAfter = (end: ContactEnd): number =>
  end.kind === 'answered' && end.code === COAP_CODE.SERVICE_UNAVAILABLE ? end.maxAgeS * 1000 : CONTACT_PAUSE_MS

const answerOf = ({ contentFormat, payload }: Opened): Opened => ({ contentFormat, payload })

function judge(outcome: Outcome, open: (answered: Opened) => Opened | undefined): Heard {
  if (outcome.kind !== 'answered') return { kind: 'later', waitMs: 0 }
  if (outcome.code === COAP_CODE.FORBIDDEN) return { kind: 'refused' }
  const answer = outcome.code >> 5 === 2 ? open(outcome) : undefined
  return answer === undefined ? { kind: 'later', waitMs: outcome.maxAgeS * 1000 } : { kind: 'accepted', answer }
}
