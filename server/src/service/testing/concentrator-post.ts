import { setTimeout as pause } from 'node:timers/promises'
import type { ConcentratorUnit } from '../../../../datasets/src/fleet/concentrator/concentrator-unit.ts'
import { SealedUplink } from '../../../../datasets/src/fleet/radio/sealed-uplink.ts'
import { type DeviceMaking, makeContact } from '../../identity/testing/contacting-device.ts'
import type { CallAnswer, CoapCaller } from '../../ingest/testing/coap-caller.ts'
import { COAP_CODE, CONTENT_FORMAT, decodeAnswer } from '../../protocol/index.ts'

const { CBOR, SEALED } = CONTENT_FORMAT
const lookup = { keyOf: () => undefined, statusProfileOf: () => 'standard' as const }

/** A concentrator on a socket of its own; with a making it speaks under its seal. */
export class ConcentratorPost {
  readonly unit: ConcentratorUnit
  readonly #making: DeviceMaking | undefined
  readonly #now: () => number
  caller: CoapCaller
  uplink: SealedUplink | undefined
  contacts = 0
  /** The last datagram that it sent. */
  last: { readonly contentFormat: number; readonly payload: Uint8Array } = {
    contentFormat: 0,
    payload: new Uint8Array(),
  }
  sent = 0
  /** Longest payload of a request and of an answer, bytes. */
  readonly longest = { request: 0, answer: 0 }

  /** @param now the platform's clock, Unix ms */
  constructor(unit: ConcentratorUnit, making: DeviceMaking | undefined, caller: CoapCaller, now: () => number) {
    this.#now = now
    this.unit = unit
    this.#making = making
    this.caller = caller
  }

  /** The session in its memory is gone; its values are not. */
  restart(): void {
    this.uplink = undefined
  }

  async post(message: { readonly contentFormat: number; readonly payload: Uint8Array }): Promise<CallAnswer> {
    if (this.#making === undefined) return this.caller.post('r', message.contentFormat, message.payload)
    for (let tries = 0; tries < 3; tries++) {
      if (this.uplink === undefined) {
        const made = await makeContact(this.#making, (format, payload) => this.caller.post('reg', format, payload))
        if (typeof made === 'number') throw new Error(`no contact: ${made}`)
        this.contacts += 1
        this.uplink = new SealedUplink(this.unit.number, made)
      }
      const { counter, payload } = this.uplink.seal(message)
      this.last = { contentFormat: SEALED, payload }
      const answer = await this.caller.post('r', SEALED, payload)
      this.longest.request = Math.max(this.longest.request, payload.length)
      this.longest.answer = Math.max(this.longest.answer, answer.payload.length)
      if (answer.code === COAP_CODE.UNAUTHORIZED) this.restart()
      else if (answer.code !== COAP_CODE.CHANGED) return answer
      else {
        const opened = this.uplink.answer(counter, answer)
        if (opened === undefined) throw new Error('an acknowledgement that is none of the platform’s')
        return { ...answer, ...opened }
      }
    }
    throw new Error('no session holds')
  }

  /** Says what it has to say, as a device does: again where it is not acknowledged. */
  async speak(messages = Number.POSITIVE_INFINITY): Promise<void> {
    for (let said = 0; said < messages; said++) {
      this.unit.collect(this.#now())
      const message = this.unit.next(this.#now())
      if (message === undefined) return
      const answer = await this.post(message)
      this.sent += 1
      if (answer.code === COAP_CODE.FORBIDDEN) {
        message.done(this.#now(), false, [])
        this.unit.introduce(this.#now())
        await pause(30)
        continue
      }
      if (answer.code !== COAP_CODE.CHANGED) throw new Error(`answered ${answer.code}`)
      const read = answer.contentFormat === CBOR ? decodeAnswer(CBOR, answer.payload, lookup) : undefined
      message.done(this.#now(), true, read !== undefined && 'now' in read ? (read.orders ?? []) : [])
    }
  }
}
