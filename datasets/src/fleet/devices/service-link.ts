import { randomInt } from 'node:crypto'
import { loadProfile } from '@gastwin/server/profiles'
import {
  COAP_CODE,
  CONTENT_FORMAT,
  type DeviceLookup,
  decodeAnswer,
  deviceKey,
  encodeReport,
  type QueuedCommand,
  type VendorProfile,
} from '@gastwin/server/protocol'
import type { Meter, Report } from '@gastwin/twin'
import type { CoapClientPool, Outcome } from '../radio/coap-client-pool.ts'
import { DeviceLink, type Heard } from '../radio/device-link.ts'
import type { FirstContacts } from './first-contacts.ts'

/** What a device learns from its answer. */
export type Answer =
  | {
      readonly kind: 'accepted'
      readonly now: number
      /** The clock in it is worth setting by: the answer to a repeated request may be an old one, said again. */
      readonly fresh: boolean
      readonly command: QueuedCommand | undefined
    }
  /** Come again after so many ms of the wall. */
  | { readonly kind: 'later'; readonly waitMs: number }
  | { readonly kind: 'refused' }
  | { readonly kind: 'silent' }

/** How devices speak to the service: reports in, answers out, in each device's own language. */
export class ServiceLink {
  readonly lookup: DeviceLookup
  readonly largest = { plain: 0, sealed: 0 }
  readonly #pool: CoapClientPool
  readonly #keys = new Map<number, Uint8Array>()
  readonly #contacts: FirstContacts | undefined
  /** Of RTUs and actuators that have a certificate. */
  readonly #links = new Map<number, DeviceLink>()
  readonly #overheard: ((device: number, contentFormat: number, payload: Uint8Array) => void) | undefined

  /**
   * @param meters each speaks as its profile says, and those without one as the standard
   * @param contacts of meters that have a certificate
   * @param overheard told of every payload that goes through the air
   */
  constructor(
    pool: CoapClientPool,
    masterKey: Uint8Array,
    meters: readonly Meter[],
    contacts?: FirstContacts,
    overheard?: (device: number, contentFormat: number, payload: Uint8Array) => void,
  ) {
    this.#pool = pool
    this.#contacts = contacts
    this.#overheard = overheard
    const profiles = profilesOf(meters)
    this.lookup = {
      profileOf: (device) => profiles.get(device),
      keyOf: (device) => {
        const session = contacts?.sessionOf(device)
        if (session !== undefined) return session
        let key = this.#keys.get(device)
        if (key === undefined) {
          key = deviceKey(masterKey, device)
          this.#keys.set(device, key)
        }
        return key
      },
      statusProfileOf: () => 'standard',
    }
  }

  /** Whether the device has a certificate, and so enciphers under a session of its own. */
  hasIdentity(device: number): boolean {
    return this.#contacts?.has(device) === true
  }

  /** How an RTU or actuator with a certificate reaches the platform; undefined for one that has none. */
  sealedLinkOf(device: number): DeviceLink | undefined {
    if (!this.hasIdentity(device)) return undefined
    const known = this.#links.get(device)
    const link = known ?? new DeviceLink(device, this.#pool, this.#contacts, true)
    if (known === undefined) this.#links.set(device, link)
    return link
  }

  /** A device gives its session key up: its next report makes a first contact. */
  forgetKey(device: number): void {
    this.#contacts?.forget(device)
    this.#links.get(device)?.restart()
  }

  /**
   * Sends one report, after a first contact where the meter needs one.
   * @param waits ms of the wall after each transmission
   */
  report(
    socket: number,
    path: 'r' | 'reg',
    contentFormat: number,
    report: Report,
    waits: readonly number[],
    done: (answer: Answer) => void,
    unheard = false,
  ): void {
    const { device } = report
    const contacts = this.#contacts
    const sealed = report.kind === 'meter' ? undefined : this.sealedLinkOf(device)
    if (sealed !== undefined) {
      const payload = encodeReport(contentFormat, report, this.lookup)
      // An actuator whose address is not known cannot be ordered: it does not wait behind the homes.
      const urgent = report.trigger === 'alarm' || path === 'reg'
      sealed.send({ contentFormat, payload }, { socket, waits, path, urgent }, (heard) => done(this.#heard(heard)))
      return
    }
    if (contacts === undefined || !contacts.has(device) || contentFormat !== CONTENT_FORMAT.CJT188_SM4) {
      this.#send(socket, path, contentFormat, report, waits, (outcome) => done(this.#answer(outcome)), unheard)
      return
    }
    const begin = (mayMeet: boolean): void => {
      if (contacts.sessionOf(device) === undefined)
        contacts.make(device, { socket, waits, unheard }, (end) => {
          if (end.kind === 'session') begin(false)
          else done(end.kind === 'distrust' ? { kind: 'refused' } : this.#answer(end))
        })
      else this.#send(socket, path, contentFormat, report, waits, (outcome) => heard(outcome, mayMeet), unheard)
    }
    const heard = (outcome: Outcome, mayMeet: boolean): void => {
      const unknown = outcome.kind === 'answered' && outcome.code === COAP_CODE.UNAUTHORIZED
      if (unknown && mayMeet) {
        contacts.forget(device)
        begin(false)
      } else done(this.#answer(outcome))
    }
    begin(true)
  }

  #send(
    socket: number,
    path: 'r' | 'reg',
    contentFormat: number,
    report: Report,
    waits: readonly number[],
    done: (outcome: Outcome) => void,
    unheard: boolean,
  ): void {
    const payload = encodeReport(contentFormat, report, this.lookup)
    const sealed = contentFormat === CONTENT_FORMAT.CJT188_SM4
    if (sealed) this.largest.sealed = Math.max(this.largest.sealed, payload.length)
    else this.largest.plain = Math.max(this.largest.plain, payload.length)
    this.#pool.send({ socket, path, contentFormat, payload, waits, unheard, done })
    this.#overheard?.(report.device, contentFormat, payload)
  }

  #heard(heard: Heard): Answer {
    if (heard.kind === 'refused') return heard
    if (heard.kind === 'later') return heard.waitMs > 0 ? heard : { kind: 'silent' }
    return this.#read(heard.answer.contentFormat, heard.answer.payload, true)
  }

  #answer(outcome: Outcome): Answer {
    if (outcome.kind === 'silent') return { kind: 'silent' }
    if (outcome.code === COAP_CODE.SERVICE_UNAVAILABLE)
      return { kind: 'later', waitMs: outcome.maxAgeS * 1000 + randomInt(2000) }
    if (outcome.code >> 5 !== 2) return { kind: 'refused' }
    return this.#read(outcome.contentFormat, outcome.payload, outcome.transmissions === 1)
  }

  #read(contentFormat: number, payload: Uint8Array, fresh: boolean): Answer {
    const none = { kind: 'accepted', now: Number.NaN, fresh: false, command: undefined } as const
    if (payload.length === 0) return none
    const answer = decodeAnswer(contentFormat, payload, this.lookup)
    return 'kind' in answer ? none : { kind: 'accepted', now: answer.now, fresh, command: answer.command }
  }
}

/** The profile of each meter that has one. */
export function profilesOf(meters: readonly Meter[]): ReadonlyMap<number, VendorProfile> {
  const loaded = new Map<string, VendorProfile>()
  const found = new Map<number, VendorProfile>()
  for (const { id, profile: name } of meters) {
    if (name === undefined || name === null) continue
    const profile = loaded.get(name) ?? loadProfile(name)
    loaded.set(name, profile)
    found.set(Number(id), profile)
  }
  return found
}
