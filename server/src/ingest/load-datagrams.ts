import { type Report, UsageError } from '@gastwin/twin'
import {
  COAP_CODE,
  COAP_OPTION,
  COAP_TYPE,
  CONTENT_FORMAT,
  type DeviceLookup,
  deviceKey,
  encodeMessage,
  encodeReport,
  fromHex,
  pathOptions,
  uintOption,
} from '../protocol/index.ts'

export interface LoadPlan {
  /** Datagrams altogether. */
  readonly count: number
  /** Sockets they are spread over, one after the other. */
  readonly sockets: number
  /** Content-Format of generated reports. */
  readonly contentFormat: number
  /** Devices that report in turn. */
  readonly devices: number
  readonly firstDevice: number
  /** Numbers of the devices, instead of `devices` numbers from `firstDevice` on. */
  readonly numbers?: readonly number[]
  /** Of every socket; default 0. A port that the system gives out again must not meet message ids that are still remembered. */
  readonly firstMessageId?: number
  /** Master key of the device keys, for encrypted frames. */
  readonly masterKey: Uint8Array
  /** Event time of the first round of reports, Unix ms; each round is an hour later. */
  readonly startTime: number
  /** Ready payloads instead of generated ones, used in turn. */
  readonly payloads?: readonly { readonly contentFormat: number; readonly payload: Uint8Array }[]
}

/** All datagrams in one buffer, encoded before the clock starts: datagram i lies between `ends[i − 1]` and `ends[i]`. */
export interface LoadDatagrams {
  readonly bytes: Buffer
  readonly ends: Uint32Array
}

const HOUR = 3_600_000

/**
 * Encodes a load: confirmable `POST /r`, datagram i for socket i mod sockets. Its token is i, so that an answer names its
 * datagram; message ids count up on each socket.
 * @throws UsageError CLI_USAGE when a socket would need more message ids than there are
 */
export function encodeLoad(plan: LoadPlan): LoadDatagrams {
  const { count, sockets } = plan
  if (count / sockets > 65_536) {
    throw new UsageError('CLI_USAGE', `${count} datagrams need at least ${Math.ceil(count / 65_536)} sockets`)
  }
  const ends = new Uint32Array(count)
  let bytes = Buffer.allocUnsafeSlow(256 * 1024)
  let end = 0
  const reports = reportWriter(plan)
  const token = Buffer.alloc(4)
  for (let i = 0; i < count; i++) {
    const { contentFormat, payload } = reports(i)
    token.writeUInt32BE(i, 0)
    const datagram = encodeMessage({
      type: COAP_TYPE.CON,
      code: COAP_CODE.POST,
      messageId: ((plan.firstMessageId ?? 0) + Math.floor(i / sockets)) & 0xffff,
      token,
      options: [...pathOptions('r'), uintOption(COAP_OPTION.CONTENT_FORMAT, contentFormat)],
      payload,
    })
    if (end + datagram.length > bytes.length) {
      const larger = Buffer.allocUnsafeSlow(bytes.length * 2)
      bytes.copy(larger, 0, 0, end)
      bytes = larger
    }
    bytes.set(datagram, end)
    end += datagram.length
    ends[i] = end
  }
  return { bytes, ends }
}

/** Payload of datagram i: a ready one, or the daily report of a residential meter whose register goes on from round to round. */
function reportWriter(plan: LoadPlan): (i: number) => { contentFormat: number; payload: Uint8Array } {
  const { payloads, contentFormat } = plan
  if (payloads) {
    return (i) => payloads[i % payloads.length] ?? { contentFormat, payload: new Uint8Array(0) }
  }
  const keys = new Map<number, Uint8Array>()
  const keyOf = (device: number): Uint8Array => {
    const key = keys.get(device) ?? deviceKey(plan.masterKey, device)
    keys.set(device, key)
    return key
  }
  const lookup: DeviceLookup = { keyOf, statusProfileOf: () => 'standard' }
  const devices = plan.numbers?.length ?? plan.devices
  return (i) => {
    const round = Math.floor(i / devices)
    const number = i % devices
    const at = plan.startTime + round * HOUR
    const report: Report = {
      device: plan.numbers?.[number] ?? plan.firstDevice + number,
      kind: 'meter',
      trigger: 'timed',
      deviceTime: at,
      sequence: round & 0xffff,
      readings: [
        { quantity: 'index_m3', at, value: Math.round(100_000 + (number % 997) * 100 + round * 7) / 100 },
        { quantity: 'settlement_index_m3', at, value: 1_000 },
      ],
      events: [],
      status: { valve: 'open', batteryVolt: 3.6 },
    }
    return { contentFormat, payload: encodeReport(contentFormat, report, lookup) }
  }
}

/**
 * Ready payloads from text: a line each, `content-format hex`.
 * @throws UsageError CLI_USAGE for a line of another form
 */
export function parsePayloads(text: string): NonNullable<LoadPlan['payloads']> {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'))
  return lines.map((line) => {
    const [format, hex, ...rest] = line.trim().split(/\s+/)
    const payload = hex === undefined ? undefined : fromHex(hex)
    if (!/^\d+$/.test(format ?? '') || payload === undefined || rest.length > 0) {
      throw new UsageError('CLI_USAGE', `not a payload line (content-format hex): ${line}`)
    }
    return { contentFormat: Number(format), payload }
  })
}

/** Formats in which the daily report of a gas meter can be written. */
const LOAD_FORMATS: readonly number[] = [CONTENT_FORMAT.CBOR, CONTENT_FORMAT.CJT188, CONTENT_FORMAT.CJT188_SM4]

export const isLoadFormat = (format: number): boolean => LOAD_FORMATS.includes(format)
