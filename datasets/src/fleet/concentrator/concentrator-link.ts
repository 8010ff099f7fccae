import { COAP_CODE, CONTENT_FORMAT } from '@gastwin/server/protocol'
import type { ContactEnd, FirstContacts } from '../devices/first-contacts.ts'
import type { CoapClientPool, Outcome } from '../radio/coap-client-pool.ts'
import { type Opened, ORDER_LIFE_MS, SealedUplink } from './sealed-uplink.ts'

/** What became of a message. */
export type Heard =
  | { readonly kind: 'accepted'; readonly answer: Opened }
  /** Refused: the platform wants the concentrator's own word first. */
  | { readonly kind: 'introduce' }
  /** Nobody answered, or nobody who could prove that he is the platform. */
  | { readonly kind: 'later'; readonly waitMs: number }

/** Before a first contact that failed is tried again, ms of the wall. */
const CONTACT_PAUSE_MS = 10_000
/** On a clock that runs fast, an order on its way ages at that pace: ms of the wall. */
const ORDER_WALL_MS = 3_000

/**
 * How a concentrator reaches the platform: in clear where it has no certificate; otherwise under the session of its first contact,
 * which it makes again when the platform does not know it.
 */
export class ConcentratorLink {
  readonly #number: number
  readonly #pool: CoapClientPool
  readonly #contacts: FirstContacts | undefined
  #uplink: SealedUplink | undefined

  /** @param contacts undefined where no device of the city has a certificate */
  constructor(number: number, pool: CoapClientPool, contacts: FirstContacts | undefined) {
    this.#number = number
    this.#pool = pool
    this.#contacts = contacts?.has(number) === true ? contacts : undefined
  }

  /** Whether it takes nothing in clear. */
  get isSealed(): boolean {
    return this.#contacts !== undefined
  }

  send(message: Opened, socket: number, waits: readonly number[], done: (heard: Heard) => void): void {
    if (this.#contacts === undefined) this.#post(message, socket, waits, (outcome) => done(judge(outcome, answerOf)))
    else this.#sendSealed(this.#contacts, message, socket, waits, done, true)
  }

  /** An order that came to its port. @param now its clock @param speed event seconds per wall second @returns undefined: refused */
  take(order: Opened, now: number, speed: number): { readonly order: Opened; readonly reply?: Opened } | undefined {
    if (this.#contacts === undefined) return order.contentFormat === CONTENT_FORMAT.CBOR ? { order } : undefined
    return this.#uplink?.order(order, now, Math.max(ORDER_LIFE_MS, ORDER_WALL_MS * speed))
  }

  #sendSealed(
    contacts: FirstContacts,
    message: Opened,
    socket: number,
    waits: readonly number[],
    done: (heard: Heard) => void,
    mayMeet: boolean,
  ): void {
    const uplink = this.#uplink
    if (uplink === undefined) {
      contacts.make(this.#number, { socket, waits, unheard: false }, (end) => {
        if (end.kind !== 'session') done({ kind: 'later', waitMs: pauseAfter(end) })
        else {
          this.#uplink = new SealedUplink(this.#number, end.key)
          this.#sendSealed(contacts, message, socket, waits, done, false)
        }
      })
      return
    }
    const { counter, payload } = uplink.seal(message)
    this.#post({ contentFormat: CONTENT_FORMAT.SEALED, payload }, socket, waits, (outcome) => {
      const isUnknown = outcome.kind === 'answered' && outcome.code === COAP_CODE.UNAUTHORIZED
      if (!isUnknown) done(judge(outcome, (answered) => uplink.answer(counter, answered)))
      else {
        this.#uplink = undefined
        if (mayMeet) this.#sendSealed(contacts, message, socket, waits, done, false)
        else done({ kind: 'later', waitMs: CONTACT_PAUSE_MS })
      }
    })
  }

  #post(message: Opened, socket: number, waits: readonly number[], done: (outcome: Outcome) => void): void {
    this.#pool.send({ ...message, socket, path: 'r', waits, done })
  }
}

/** A busy platform says when to come again. */
const pauseAfter = (end: ContactEnd): number =>
  end.kind === 'answered' && end.code === COAP_CODE.SERVICE_UNAVAILABLE ? end.maxAgeS * 1000 : CONTACT_PAUSE_MS

const answerOf = ({ contentFormat, payload }: Opened): Opened => ({ contentFormat, payload })

function judge(outcome: Outcome, open: (answered: Opened) => Opened | undefined): Heard {
  if (outcome.kind !== 'answered') return { kind: 'later', waitMs: 0 }
  if (outcome.code === COAP_CODE.FORBIDDEN) return { kind: 'introduce' }
  const answer = outcome.code >> 5 === 2 ? open(outcome) : undefined
  return answer === undefined ? { kind: 'later', waitMs: outcome.maxAgeS * 1000 } : { kind: 'accepted', answer }
}
