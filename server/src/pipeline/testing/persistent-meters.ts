import { createSocket, type Socket } from 'node:dgram'
import type { Report } from '@gastwin/twin'
import {
  COAP_CODE,
  COAP_OPTION,
  COAP_TYPE,
  CONTENT_FORMAT,
  type DeviceLookup,
  deviceKey,
  encodeMessage,
  encodeReport,
  pathOptions,
  uintOption,
} from '../../protocol/index.ts'
import { FIRST_METER } from './made-city.ts'
import { TEST_MASTER_KEY } from './service-process.ts'

/** Between two reports of one meter, ms of event time: a thousand lives of the service still fit into days. */
export const REPORT_EVERY_MS = 10_000
/** What a meter counts between two reports, m³. */
export const VOLUME_M3 = 0.01
const REPEAT_AFTER_MS = 100

interface Meter {
  readonly number: number
  /** Reports acknowledged; the next one has this number. */
  acknowledged: number
  datagram: Uint8Array | undefined
  sentAt: number
}

/**
 * Meters that send one encrypted report after the other over one socket, each repeated until it is acknowledged, whatever happens to
 * the service in between. Report n of a meter is read at `begin + n · REPORT_EVERY_MS` and shows n · VOLUME_M3.
 */
export class PersistentMeters {
  /** How often each report went out, by `key`. */
  readonly sent = new Map<string, number>()
  /** Answers other than 2.04. */
  refused = 0
  readonly #meters: readonly Meter[]
  readonly #begin: number
  readonly #socket: Socket
  readonly #lookup: DeviceLookup
  #port = 0
  #messageId = 0
  #heard: () => void = () => {}

  private constructor(count: number, begin: number, socket: Socket) {
    this.#begin = begin
    this.#socket = socket
    const keys = new Map<number, Uint8Array>()
    const master = Buffer.from(TEST_MASTER_KEY, 'hex')
    for (let i = 0; i < count; i++) keys.set(FIRST_METER + i, deviceKey(master, FIRST_METER + i))
    this.#lookup = { keyOf: (device) => keys.get(device), statusProfileOf: () => 'standard' }
    this.#meters = Array.from({ length: count }, (_, i) => ({
      number: FIRST_METER + i,
      acknowledged: 0,
      datagram: undefined,
      sentAt: 0,
    }))
    socket.on('message', (bytes) => this.#receive(bytes))
    // While the service is dead the system says that nobody listens.
    socket.on('error', () => undefined)
  }

  static async open(count: number, begin: number): Promise<PersistentMeters> {
    const socket = createSocket('udp4')
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
    return new PersistentMeters(count, begin, socket)
  }

  static key(device: number, at: number): string {
    return `${device} ${at}`
  }

  get acknowledged(): number {
    return this.#meters.reduce((sum, meter) => sum + meter.acknowledged, 0)
  }

  /** Reports acknowledged by meter. */
  get byMeter(): ReadonlyMap<number, number> {
    return new Map(this.#meters.map((meter) => [meter.number, meter.acknowledged]))
  }

  /** Times of the acknowledged reports of one meter, Unix ms. */
  timesOf(acknowledged: number): number[] {
    return Array.from({ length: acknowledged }, (_, n) => this.#begin + n * REPORT_EVERY_MS)
  }

  /** Sends to this port until the signal comes; then no meter begins a new report. */
  async speak(port: number, signal: AbortSignal): Promise<void> {
    this.#port = port
    for (const meter of this.#meters) this.#send(meter)
    const repeating = setInterval(() => this.#repeat(), 20)
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    clearInterval(repeating)
    this.#port = 0
  }

  /** Resolves at the next acknowledgement. */
  nextAcknowledgement(): Promise<void> {
    return new Promise((resolve) => {
      this.#heard = resolve
    })
  }

  /** Repeats what is not acknowledged until all is. */
  async finish(port: number): Promise<void> {
    this.#port = -port
    while (this.#meters.some((meter) => meter.datagram !== undefined)) {
      this.#repeat()
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    this.#port = 0
  }

  close(): void {
    this.#socket.close()
  }

  #repeat(): void {
    const before = performance.now() - REPEAT_AFTER_MS
    for (const meter of this.#meters) if (meter.datagram !== undefined && meter.sentAt < before) this.#put(meter)
  }

  #send(meter: Meter): void {
    meter.datagram ??= this.#encode(meter)
    this.#put(meter)
  }

  #put(meter: Meter): void {
    if (meter.datagram === undefined || this.#port === 0) return
    const key = PersistentMeters.key(meter.number, this.#begin + meter.acknowledged * REPORT_EVERY_MS)
    this.sent.set(key, (this.sent.get(key) ?? 0) + 1)
    meter.sentAt = performance.now()
    this.#socket.send(meter.datagram, Math.abs(this.#port), '127.0.0.1')
  }

  #encode(meter: Meter): Uint8Array {
    const n = meter.acknowledged
    const at = this.#begin + n * REPORT_EVERY_MS
    const report: Report = {
      device: meter.number,
      kind: 'meter',
      trigger: 'timed',
      deviceTime: at,
      sequence: n & 0xffff,
      readings: [{ quantity: 'index_m3', at, value: Math.round(n * VOLUME_M3 * 100) / 100 }],
      events: [],
      status: { valve: 'open', batteryVolt: 3.6 },
    }
    const token = Buffer.alloc(8)
    token.writeUInt32BE(meter.number - FIRST_METER, 0)
    token.writeUInt32BE(n, 4)
    this.#messageId = (this.#messageId + 1) & 0xffff
    return encodeMessage({
      type: COAP_TYPE.CON,
      code: COAP_CODE.POST,
      messageId: this.#messageId,
      token,
      options: [...pathOptions('r'), uintOption(COAP_OPTION.CONTENT_FORMAT, CONTENT_FORMAT.CJT188_SM4)],
      payload: encodeReport(CONTENT_FORMAT.CJT188_SM4, report, this.#lookup),
    })
  }

  #receive(bytes: Buffer): void {
    if (bytes.length < 12 || ((bytes[0] ?? 0) & 0x0f) !== 8) return
    const meter = this.#meters[bytes.readUInt32BE(4)]
    if (meter?.datagram === undefined || bytes.readUInt32BE(8) !== meter.acknowledged) return
    if (bytes[1] !== COAP_CODE.CHANGED) {
      // A busy machine may be asked to wait; the report comes again.
      if (bytes[1] !== COAP_CODE.SERVICE_UNAVAILABLE) this.refused++
      return
    }
    meter.acknowledged++
    meter.datagram = undefined
    if (this.#port > 0) this.#send(meter)
    this.#heard()
  }
}
