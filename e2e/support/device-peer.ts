import {
  COAP_CODE,
  COAP_OPTION,
  COAP_TYPE,
  CONTENT_FORMAT,
  type CoapMessage,
  type DeviceAnswer,
  type DeviceLookup,
  decodeAnswer,
  deviceKey,
  encodeReport,
  pathOptions,
  uintOption,
} from '@gastwin/server/protocol'
import type { Report } from '@gastwin/twin'
import { UdpPeer } from '../../server/src/ingest/testing/udp-peer.ts'
import type { RunningDemo } from './demo-process.ts'

export interface Post {
  readonly path?: string
  /** Content-Format, none when null. */
  readonly format?: number | null
  readonly payload: Uint8Array
  readonly messageId?: number
  readonly confirmable?: boolean
}

/** A device of ours beside the fleet, on a UDP socket of its own, with the keys that the platform derives. */
export class DevicePeer {
  readonly lookup: DeviceLookup
  readonly #peer: UdpPeer
  #messageId = Math.floor(Math.random() * 0x8000)

  private constructor(peer: UdpPeer, masterKey: Uint8Array) {
    this.#peer = peer
    this.lookup = { keyOf: (device) => deviceKey(masterKey, device), statusProfileOf: () => 'standard' }
  }

  static async open(demo: RunningDemo): Promise<DevicePeer> {
    return new DevicePeer(await UdpPeer.open(demo.coapPort), Buffer.from(demo.masterKey, 'hex'))
  }

  /** Sends a request. @returns its message id */
  send({ path = 'r', format = CONTENT_FORMAT.CBOR, payload, messageId, confirmable = true }: Post): number {
    this.#messageId = (this.#messageId + 1) & 0xffff
    const id = messageId ?? this.#messageId
    this.#peer.sendMessage({
      type: confirmable ? COAP_TYPE.CON : COAP_TYPE.NON,
      code: COAP_CODE.POST,
      messageId: id,
      token: Uint8Array.of(id >> 8, id & 0xff),
      options: [...pathOptions(path), ...(format === null ? [] : [uintOption(COAP_OPTION.CONTENT_FORMAT, format)])],
      payload,
    })
    return id
  }

  sendBytes(bytes: Uint8Array): void {
    this.#peer.send(bytes)
  }

  next(): Promise<CoapMessage> {
    return this.#peer.nextMessage()
  }

  /** Whether nothing comes back for so long, ms. */
  async isSilent(ms: number): Promise<boolean> {
    return (await this.#peer.next(ms)) === undefined
  }

  async post(post: Post): Promise<CoapMessage> {
    this.send(post)
    return this.next()
  }

  encode(report: Report, format: number = CONTENT_FORMAT.CBOR): Uint8Array {
    return encodeReport(format, report, this.lookup)
  }

  /** Reports and reads the answer as the device would. @throws when the service did not take it */
  async report(report: Report, format: number = CONTENT_FORMAT.CBOR): Promise<DeviceAnswer> {
    const answer = await this.post({ payload: this.encode(report, format), format })
    if (answer.code !== COAP_CODE.CHANGED) throw new Error(`the report was answered ${answer.code.toString(16)}`)
    const read = decodeAnswer(format, answer.payload, this.lookup)
    if ('kind' in read) throw new Error(`the answer cannot be read: ${read.detail}`)
    return read
  }

  close(): void {
    this.#peer.close()
  }
}

/** A report with nothing in it but what is given. */
export function reportOf(device: number, at: number, more: Partial<Report> = {}): Report {
  return {
    device,
    kind: 'meter',
    trigger: 'timed',
    deviceTime: at,
    sequence: -1,
    readings: [],
    events: [],
    status: {},
    ...more,
  }
}
