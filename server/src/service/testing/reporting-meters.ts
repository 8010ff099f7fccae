import { setTimeout as pause } from 'node:timers/promises'
import type { Report } from '@gastwin/twin'
import { UdpPeer } from '../../ingest/testing/udp-peer.ts'
import { TEST_MASTER_KEY } from '../../pipeline/testing/service-process.ts'
import {
  COAP_CODE,
  COAP_OPTION,
  COAP_TYPE,
  CONTENT_FORMAT,
  type DeviceAnswer,
  type DeviceLookup,
  decodeAnswer,
  deviceKey,
  encodeReport,
  pathOptions,
  uintOption,
} from '../../protocol/index.ts'

const LOOKUP: DeviceLookup = {
  keyOf: (device) => deviceKey(Buffer.from(TEST_MASTER_KEY, 'hex'), device),
  statusProfileOf: () => 'standard',
}

/** Meters behind one UDP socket that report and read what they are answered. */
export class ReportingMeters {
  readonly #peer: UdpPeer
  readonly #lookup: DeviceLookup
  #messageId = 1

  private constructor(peer: UdpPeer, lookup: DeviceLookup) {
    this.#peer = peer
    this.#lookup = lookup
  }

  /** @param lookup keys and profiles of the meters; derived keys and no profiles when not said */
  static async open(coapPort: number, lookup: DeviceLookup = LOOKUP): Promise<ReportingMeters> {
    return new ReportingMeters(await UdpPeer.open(coapPort), lookup)
  }

  /** Reports as the device does, again when a busy service says later, and reads the answer. */
  async report(said: Report, format: number = CONTENT_FORMAT.CBOR): Promise<DeviceAnswer> {
    const payload = encodeReport(format, said, this.#lookup)
    for (let tries = 0; ; tries++) {
      this.#messageId = (this.#messageId + 1) & 0xffff
      this.#peer.sendMessage({
        type: COAP_TYPE.CON,
        code: COAP_CODE.POST,
        messageId: this.#messageId,
        token: Uint8Array.of(this.#messageId & 0xff),
        options: [...pathOptions('r'), uintOption(COAP_OPTION.CONTENT_FORMAT, format)],
        payload,
      })
      const answer = await this.#peer.nextMessage()
      if (answer.code === COAP_CODE.SERVICE_UNAVAILABLE && tries < 100) {
        await pause(100)
        continue
      }
      if (answer.code !== COAP_CODE.CHANGED || answer.contentFormat !== format)
        throw new Error(`answered ${answer.code.toString(16)} in format ${answer.contentFormat}`)
      const read = decodeAnswer(format, answer.payload, this.#lookup)
      if ('kind' in read) throw new Error(read.detail)
      return read
    }
  }

  close(): void {
    this.#peer.close()
  }
}
