import { createSocket, type Socket } from 'node:dgram'
import type { Report } from '@gastwin/twin'
import { ValveEmulator } from '../../command/testing/valve-emulator.ts'
import { FIRST_ACTUATOR, FIRST_RTU } from '../../pipeline/testing/made-city.ts'
import {
  COAP_CODE,
  COAP_OPTION,
  COAP_TYPE,
  CONTENT_FORMAT,
  encodeMessage,
  encodeReport,
  pathOptions,
  uintOption,
} from '../../protocol/index.ts'

const LOOKUP = { keyOf: () => undefined, statusProfileOf: () => 'standard' as const }

/** The RTU and the valve actuator of each zone of a made city, in one process, so that one clock times the way between them. */
export class AlarmedZones {
  readonly #valves: readonly ValveEmulator[]
  readonly #socket: Socket
  readonly #port: number
  readonly #waiting = new Map<number, (code: number) => void>()
  #messageId = 0

  private constructor(valves: readonly ValveEmulator[], socket: Socket, port: number) {
    this.#valves = valves
    this.#socket = socket
    this.#port = port
    socket.on('message', (bytes) => this.#waiting.get(bytes.readUInt16BE(2))?.(bytes[1] ?? 0))
  }

  /** Every actuator tells where it listens and that it is open. @param port of the service. @throws Error when one is not believed */
  static async open(zones: number, port: number): Promise<AlarmedZones> {
    const valves = await Promise.all(Array.from({ length: zones }, (_, z) => ValveEmulator.start(FIRST_ACTUATOR + z)))
    const socket = createSocket('udp4')
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
    const all = new AlarmedZones(valves, socket, port)
    for (const [z, valve] of valves.entries()) {
      const code = await all.#post({
        ...base(FIRST_ACTUATOR + z, 'valve', 'registration'),
        status: { valve: 'open', servicePort: valve.port },
      })
      if (code !== COAP_CODE.CHANGED) throw new Error(`the registration of actuator ${z} was answered ${code}`)
    }
    return all
  }

  /**
   * Gas at the RTU of a zone: the time from handing the alarm's datagram to the socket until the close datagram arrives at the zone's
   * actuator, ms; NaN when none came in time. The actuator then says that it is closed.
   */
  async alarm(zone: number, withinMs: number): Promise<number> {
    const at = Date.now()
    const datagram = this.#encode({
      ...base(FIRST_RTU + zone, 'rtu', 'alarm'),
      readings: [
        { quantity: 'pressure_pa', at, value: 103_900 },
        { quantity: 'gas_lel', at, value: 0.7 },
      ],
    })
    const heard = this.#valves[zone]?.heard ?? []
    const begin = performance.now()
    this.#socket.send(datagram, this.#port, '127.0.0.1')
    for (;;) {
      const close = heard.find(({ operation }) => operation === 'close')
      if (close !== undefined) {
        void this.#post({ ...base(FIRST_ACTUATOR + zone, 'valve', 'answer'), status: { valve: 'closed' } })
        return close.at - begin
      }
      if (performance.now() - begin > withinMs) return Number.NaN
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  async close(): Promise<void> {
    this.#socket.close()
    for (const valve of this.#valves) await valve.stop()
  }

  #post(report: Report): Promise<number> {
    const datagram = this.#encode(report)
    const id = this.#messageId
    return new Promise((resolve) => {
      this.#waiting.set(id, (code) => {
        this.#waiting.delete(id)
        resolve(code)
      })
      this.#socket.send(datagram, this.#port, '127.0.0.1')
    })
  }

  #encode(report: Report): Uint8Array {
    this.#messageId = (this.#messageId + 1) & 0xffff
    return encodeMessage({
      type: COAP_TYPE.CON,
      code: COAP_CODE.POST,
      messageId: this.#messageId,
      options: [...pathOptions('r'), uintOption(COAP_OPTION.CONTENT_FORMAT, CONTENT_FORMAT.CBOR)],
      payload: encodeReport(CONTENT_FORMAT.CBOR, report, LOOKUP),
    })
  }
}

function base(device: number, kind: Report['kind'], trigger: Report['trigger']): Report {
  return { device, kind, trigger, deviceTime: Date.now(), sequence: -1, readings: [], events: [], status: {} }
}
