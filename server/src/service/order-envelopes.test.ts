import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { afterEach, describe, expect, test } from 'vitest'
import { ValveActuator } from '../../../datasets/src/fleet/devices/valve-actuator.ts'
import { SealedUplink } from '../../../datasets/src/fleet/radio/sealed-uplink.ts'
import { ValveClient } from '../command/valve-client.ts'
import {
  COAP_CODE,
  COAP_TYPE,
  CONTENT_FORMAT,
  type CoapMessage,
  decodeValveReply,
  decodeValveRequest,
  encodeMessage,
  encodeReply,
  encodeValveReply,
  encodeValveRequest,
  parseMessage,
  pathOptions,
  sealMessage,
  uintOption,
} from '../protocol/index.ts'
import { TrustBook } from '../trust/trust-book.ts'
import type { TrustEvent } from '../trust/trust-events.ts'
import { orderEnvelopes } from './order-envelopes.ts'

const { CBOR, SEALED } = CONTENT_FORMAT
const DEVICE = 91_000_000_034
const ROOT = new Uint8Array(16).fill(7)
const KEY = new Uint8Array(16).fill(1)
const NOON = 1_773_507_260_000
const open: Socket[] = []
afterEach(() => {
  for (const socket of open.splice(0)) socket.close()
})

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4')
  open.push(socket)
  await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done))
  return socket
}

/** An actuator on a real socket, as docs/CBOR-PROFILE.md §6 describes it; it remembers every order that came. */
class SealedValve {
  readonly heard: CoapMessage[] = []
  readonly actuator = new ValveActuator(DEVICE, true, 20, false)
  uplink: SealedUplink | undefined = new SealedUplink(DEVICE, KEY)
  /** Somebody in its place says yes to everything. */
  impostor = false
  readonly #socket: Socket

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('message', (bytes, from) => this.#hear(bytes, from))
  }

  get target() {
    return { host: '127.0.0.1', port: this.#socket.address().port }
  }

  #hear(bytes: Uint8Array, from: RemoteInfo): void {
    const message = parseMessage(bytes)
    if (message.kind === 'malformed' || message.path !== 'v') return
    this.heard.push(message)
    this.#socket.send(this.#answer(message), from.port, from.address)
  }

  #answer(message: CoapMessage): Uint8Array {
    const reply = (code: number, rest = {}) => encodeReply(message, code, rest, 1)
    if (this.impostor) {
      const yes = { operation: 'select', device: DEVICE, commandId: 41, accepted: true, position: 'closed' } as const
      return reply(COAP_CODE.CHANGED, { contentFormat: CBOR, payload: encodeValveReply(yes) })
    }
    const taken = this.uplink?.order(message, 0, Number.POSITIVE_INFINITY)
    if (taken === undefined) {
      const refusal = this.uplink?.refusal(message)?.refusal
      return refusal === undefined ? reply(COAP_CODE.UNAUTHORIZED) : reply(COAP_CODE.FORBIDDEN, refusal)
    }
    const request = decodeValveRequest(taken.order.payload)
    if ('kind' in request) return reply(COAP_CODE.BAD_REQUEST)
    const words = encodeValveReply(this.actuator.handle(request, Date.now()).reply)
    return reply(COAP_CODE.CHANGED, taken.reply({ contentFormat: CBOR, payload: words }))
  }
}

const writer = new TrustBook(ROOT)
const session = (key: Uint8Array, at: number): TrustEvent => ({
  ...{ type: 'trust_session', at, device: DEVICE, serial: 7, platform: 'north', nonce_at: at },
  key: writer.sealKey(key, DEVICE, at),
})

async function scene() {
  const trust = new TrustBook(ROOT)
  trust.hold(session(KEY, 1), 1)
  const valve = new SealedValve(await bound())
  const clock = { now: NOON }
  const envelopes = orderEnvelopes(trust, () => clock.now)
  const client = new ValveClient({ stepTimeoutMs: 2_000, tries: 2, contactPauseMs: 50, warm: 1 })
  const close = (command: number, form = envelopes) =>
    client.operateValve(valve.target, DEVICE, command, undefined, () => form(DEVICE))
  return { trust, valve, clock, close }
}

/** Sends a payload to the valve's port as anybody in that network may. @returns the code and what the valve says, when it is in clear */
async function play(valve: SealedValve, contentFormat: number, payload: Uint8Array) {
  const socket = await bound()
  const messageId = 1 + valve.heard.length
  const options = [...pathOptions('v'), uintOption(12, contentFormat)]
  const head = { type: COAP_TYPE.CON, code: COAP_CODE.POST, messageId, token: Uint8Array.of(9) }
  const answered = new Promise<CoapMessage>((done) => {
    socket.once('message', (bytes) => {
      const message = parseMessage(bytes)
      if (message.kind !== 'malformed') done(message)
    })
  })
  socket.send(encodeMessage({ ...head, options, payload }), valve.target.port, valve.target.host)
  return (await answered).code
}

describe('an actuator with a session', () => {
  test('is closed under its seal; no number of it and no order goes in clear', async () => {
    const { valve, close } = await scene()
    expect(await close(41)).toEqual({ outcome: 'accepted', position: 'moving' })
    expect(valve.heard.map(({ contentFormat }) => contentFormat)).toEqual([SEALED, SEALED])
    for (const { payload } of valve.heard) expect('kind' in decodeValveRequest(payload)).toBe(true)
    valve.actuator.arrive()
    expect(valve.actuator.position).toBe('closed')
  })

  test('obeys nobody who forges an order, in clear or under another key, whatever he knows of its number', async () => {
    const { valve } = await scene()
    const stranger = new Uint8Array(16).fill(9)
    for (const operation of ['select', 'close'] as const) {
      const request = encodeValveRequest({ operation, device: DEVICE, commandId: 41 })
      expect(await play(valve, CBOR, request)).toBe(COAP_CODE.UNAUTHORIZED)
      const header = { kind: 'order', device: DEVICE, counter: NOON, contentFormat: CBOR } as const
      expect(await play(valve, SEALED, sealMessage(stranger, header, request))).toBe(COAP_CODE.UNAUTHORIZED)
    }
    expect([valve.actuator.position, valve.heard.length]).toEqual(['open', 4])
  })

  test('does not close again when the very orders that closed it are played back after a hand opened it', async () => {
    const { valve, close } = await scene()
    await close(41)
    valve.actuator.arrive()
    valve.actuator.turnByHand(true)
    for (const { payload } of valve.heard.slice(0, 2))
      expect(await play(valve, SEALED, payload)).toBe(COAP_CODE.FORBIDDEN)
    expect(valve.actuator.position).toBe('open')
    expect(await close(42)).toMatchObject({ outcome: 'accepted' })
  })

  test('is closed though the platform’s clock was set back: the refusal proves which number it took last', async () => {
    const { trust, valve, clock, close } = await scene()
    await close(41)
    valve.actuator.arrive()
    valve.actuator.turnByHand(true)
    clock.now = NOON - 3_600_000
    // As after a restart of the platform, which remembers no numbers.
    const fresh = orderEnvelopes(trust, () => clock.now)
    expect(await close(42, fresh)).toMatchObject({ outcome: 'accepted' })
  })

  test('that lost its session is asked again when it has made another', async () => {
    const { trust, valve, close } = await scene()
    valve.uplink = undefined
    const closing = close(41)
    for (let i = 0; i < 200 && valve.heard.length === 0; i++) await new Promise((next) => setTimeout(next, 5))
    const key = new Uint8Array(16).fill(3)
    trust.hold(session(key, 2), 2)
    valve.uplink = new SealedUplink(DEVICE, key)
    expect(await closing).toMatchObject({ outcome: 'accepted' })
  })

  test('whose session was ended is told nothing, in clear neither', async () => {
    const { trust, valve, close } = await scene()
    trust.hold({ type: 'trust_session_end', at: 3, device: DEVICE, reason: 'revoked' }, 3)
    expect(await close(41)).toEqual({ outcome: 'failed', step: 'select', detail: 'no session' })
    expect(valve.heard).toEqual([])
  })

  test('does not count as closed because somebody in its place says so', async () => {
    const { valve, close } = await scene()
    valve.impostor = true
    expect(await close(41)).toMatchObject({ outcome: 'failed', detail: expect.stringContaining('seal') })
    // Told again under a number of its own, and no close went out after a select that nobody proved.
    expect(valve.heard.length).toBe(2)
  })
})

test('an actuator that never had a session is told in clear', async () => {
  const socket = await bound()
  const heard: CoapMessage[] = []
  socket.on('message', (bytes, from) => {
    const message = parseMessage(bytes)
    if (message.kind === 'malformed') return
    heard.push(message)
    const request = decodeValveRequest(message.payload)
    if ('kind' in request) return
    const payload = encodeValveReply({ ...request, accepted: true, position: 'moving' })
    expect('kind' in decodeValveReply(payload)).toBe(false)
    socket.send(encodeReply(message, COAP_CODE.CHANGED, { contentFormat: CBOR, payload }, 1), from.port, from.address)
  })
  const envelopes = orderEnvelopes(new TrustBook(ROOT), () => NOON)
  const target = { host: '127.0.0.1', port: socket.address().port }
  const client = new ValveClient({ stepTimeoutMs: 2_000, warm: 1 })
  expect(await client.operateValve(target, DEVICE, 7, undefined, () => envelopes(DEVICE))).toMatchObject({
    outcome: 'accepted',
  })
  expect(heard.map(({ contentFormat }) => contentFormat)).toEqual([CBOR, CBOR])
})
