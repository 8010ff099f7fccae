import { randomBytes } from 'node:crypto'
import {
  COAP_CODE,
  CONTENT_FORMAT,
  type ContactMessage,
  confirmation,
  decodeContact,
  encodeCertificate,
  encodeContact,
  NONCE_BYTES,
  proveContact,
  refuseContact,
  sessionKey,
  transportKey,
} from '@gastwin/server/protocol'
import type { CoapClientPool, Outcome } from '../radio/coap-client-pool.ts'
import type { DeviceIdentities, DeviceIdentity } from './device-identity.ts'

/** What became of a contact: a session, or the outcome that ended it. */
export type ContactEnd =
  | { readonly kind: 'session'; readonly key: Uint8Array }
  | Outcome
  | { readonly kind: 'distrust' }

/** How a meter's request travels. */
export interface ContactWay {
  readonly socket: number
  readonly waits: readonly number[]
  readonly unheard: boolean
  /** Of a device whose word cannot wait with that of the homes. */
  readonly urgent?: boolean
}

/** First contacts of meters that have a certificate, and the session keys that came of them. */
export class FirstContacts {
  readonly counts = { made: 0, refused: 0 }
  readonly #pool: CoapClientPool
  readonly #rootKey: Uint8Array
  readonly #identities: DeviceIdentities
  readonly #sessions = new Map<number, Uint8Array>()
  /** Platform certificates whose signature was checked: to all meters it shows the same one. */
  readonly #believed = new Set<string>()

  /** @param rootKey from which the makers of the meters had their transport keys */
  constructor(pool: CoapClientPool, rootKey: Uint8Array, identities: DeviceIdentities) {
    this.#pool = pool
    this.#rootKey = rootKey
    this.#identities = identities
  }

  has(device: number): boolean {
    return this.#identities.devices.has(device)
  }

  sessionOf(device: number): Uint8Array | undefined {
    return this.#sessions.get(device)
  }

  /** The platform does not know the session any more. */
  forget(device: number): void {
    this.#sessions.delete(device)
  }

  /** Both exchanges. */
  make(device: number, way: ContactWay, done: (end: ContactEnd) => void): void {
    const identity = this.#identities.devices.get(device)
    if (identity === undefined) throw new RangeError(`device ${device} has no certificate`)
    const nonce = new Uint8Array(randomBytes(NONCE_BYTES))
    const hello = encodeContact({ kind: 'hello', nonce, certificate: identity.certificate })
    this.#post(way, hello, (first) => {
      const challenge = answerOf(first)
      const proven = challenge?.kind === 'challenge' ? this.#prove(device, identity, nonce, challenge) : undefined
      if (proven === undefined) this.#end(challenge === undefined ? first : { kind: 'distrust' }, done)
      else this.#post(way, proven.message, (second) => this.#conclude(device, proven.key, second, done))
    })
  }

  #conclude(device: number, key: Uint8Array, second: Outcome, done: (end: ContactEnd) => void): void {
    const confirmed = answerOf(second)
    if (confirmed?.kind !== 'confirmed') this.#end(second, done)
    else if (!sameBytes(confirmation(key, confirmed.now), confirmed.mac)) this.#end({ kind: 'distrust' }, done)
    else {
      this.#sessions.set(device, key)
      this.counts.made += 1
      done({ kind: 'session', key })
    }
  }

  #post(way: ContactWay, payload: Uint8Array, done: (outcome: Outcome) => void): void {
    const { socket, waits, unheard, urgent = false } = way
    const query = urgent ? ['alarm'] : []
    const contentFormat = CONTENT_FORMAT.CONTACT
    this.#pool.send({ socket, path: 'reg', query, contentFormat, payload, waits, unheard, done })
  }

  #end(outcome: Outcome | { readonly kind: 'distrust' }, done: (end: ContactEnd) => void): void {
    this.counts.refused += 1
    done(outcome)
  }

  /** The platform is checked before anything is proven to it. */
  #prove(
    device: number,
    { certificate, keys }: DeviceIdentity,
    deviceNonce: Uint8Array,
    { certificate: platform, nonce: platformNonce, proof }: ContactMessage & { readonly kind: 'challenge' },
  ): { readonly message: Uint8Array; readonly key: Uint8Array } | undefined {
    const contact = { device: certificate, deviceNonce, platform, platformNonce }
    const shown = Buffer.from(encodeCertificate(platform)).toString('hex')
    // What the platform proves once with a certificate, it proves to every emulated meter: one check stands for all.
    if (!this.#believed.has(shown)) {
      const expected = { at: Math.floor(Date.now() / 1000), isRevoked: () => false }
      if (refuseContact(contact, 'platform', proof, this.#identities.authorityKey, expected) !== undefined)
        return undefined
      this.#believed.add(shown)
    }
    const key = sessionKey(transportKey(this.#rootKey, device), {
      ...{ device, platform: platform.subject, deviceNonce, platformNonce },
    })
    const own = proveContact(contact, 'device', keys)
    return { message: encodeContact({ kind: 'proof', deviceNonce, platformNonce, proof: own, certificate }), key }
  }
}

function answerOf(outcome: Outcome): ContactMessage | undefined {
  return outcome.kind === 'answered' && outcome.code === COAP_CODE.CHANGED ? decodeContact(outcome.payload) : undefined
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.from(a).equals(b)
