import type { Malformed } from '@gastwin/twin'
import {
  type AnswerToSend,
  CONTENT_FORMAT,
  openMessage,
  peekSealed,
  type SealedHeader,
  sealMessage,
} from '../protocol/index.ts'
import type { TrustBook } from './trust-book.ts'

/** A datagram as far as its seal goes. */
interface Carried {
  readonly contentFormat: number
  readonly payload: Uint8Array
}

/** What a seal held. */
export interface UnsealedFrame {
  /** Whose session sealed it: proven. */
  readonly sealedBy: number
  readonly contentFormat: number
  readonly payload: Uint8Array
}

/** Opens a sealed message with the session that holds at this place of the log: a key that is merely derived proves nothing. */
export function unseal(payload: Uint8Array, trust: TrustBook): UnsealedFrame | Malformed {
  const header = peekSealed(payload)
  if (header?.kind !== 'message') return malformed('bad-start', 'this is no sealed message')
  const key = trust.sessionOf(header.device)?.key
  if (key === undefined) return malformed('no-key', `${header.device} has no session`)
  const opened = openMessage(key, payload)
  if (opened === undefined) return malformed('decrypt', 'the seal is broken, or of another session')
  return { sealedBy: opened.device, contentFormat: opened.contentFormat, payload: opened.payload }
}

/** Whose seal a datagram carries; undefined for one in clear. Proven only when it opened. */
export const sealerOf = (source: Carried): number | undefined => headerOf(source)?.device

/** Content-Format of what a datagram says, within its seal if it has one. */
export const formatInside = (source: Carried): number => headerOf(source)?.contentFormat ?? source.contentFormat

/**
 * The answer to a request in the form in which it came: what came sealed is answered sealed, under its own counter, so that nobody
 * else can acknowledge it. A refusal says nothing worth a seal.
 * @returns undefined when the session ended meanwhile
 */
export function answerInKind(source: Carried, answer: AnswerToSend, trust: TrustBook): AnswerToSend | undefined {
  const header = headerOf(source)
  if (header === undefined) return answer
  const { device, counter } = header
  const key = trust.sessionOf(device)?.key
  if (key === undefined) return undefined
  const { payload = new Uint8Array(0), contentFormat = -1, ...rest } = answer
  const sealed = sealMessage(key, { kind: 'answer', device, counter, contentFormat }, payload)
  return { ...rest, payload: sealed, contentFormat: CONTENT_FORMAT.SEALED }
}

/** How orders leave for a device that listens: under a key, or in clear without one; undefined where a seal is due and there is no session. */
export function orderForm(device: number, trust: TrustBook): { readonly key: Uint8Array | undefined } | undefined {
  const key = trust.sessionOf(device)?.key
  const { command } = trust.policyOf(device, undefined)
  if (command === 'plain' || (key === undefined && command === 'both')) return { key: undefined }
  return key && { key }
}

/** An order under the seal of a session. @param counter the platform's clock, Unix ms: above that of every order before */
export const sealOrder = (device: number, counter: number, payload: Uint8Array, key: Uint8Array): Uint8Array =>
  sealMessage(key, { kind: 'order', device, counter, contentFormat: CONTENT_FORMAT.CBOR }, payload)

/**
 * What a device says of a sealed order.
 * @returns undefined when it was not this device that said it; otherwise its words, and the number of the order: one that it
 * refuses because it took a newer one bears the number of that
 */
export function openTaken(
  device: number,
  reply: Uint8Array,
  key: Uint8Array,
): { readonly counter: number; readonly payload: Uint8Array } | undefined {
  const opened = openMessage(key, reply)
  return opened?.kind === 'taken' && opened.device === device ? opened : undefined
}

/** Numbers of sealed orders: each above all before it of its device, by the platform's clock. */
export class OrderNumbers {
  readonly #last = new Map<number, number>()

  /** @param now the platform's clock, Unix ms */
  next(device: number, now: number): number {
    const number = Math.max(Math.round(now), 1 + (this.#last.get(device) ?? 0))
    this.#last.set(device, number)
    return number
  }

  /** A device proved that it took an order of this number: the clock may have been set back since. */
  taken(device: number, number: number): void {
    this.#last.set(device, Math.max(number, this.#last.get(device) ?? 0))
  }
}

/** Whether a message whose seal was good was said before. To be asked once of each message, in the order in which they came. */
export function isRepeated(source: Carried, trust: TrustBook): boolean {
  const header = headerOf(source)
  const session = header && trust.sessionOf(header.device)
  if (header === undefined || session === undefined) return false
  return !trust.counters.take(header.device, session.position, header.counter)
}

const headerOf = ({ contentFormat, payload }: Carried): SealedHeader | undefined =>
  contentFormat === CONTENT_FORMAT.SEALED ? peekSealed(payload) : undefined

const malformed = (reason: Malformed['reason'], detail: string): Malformed => ({
  kind: 'malformed',
  reason,
  at: 0,
  detail,
})
