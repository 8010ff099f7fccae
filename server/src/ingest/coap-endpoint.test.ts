import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { COAP_CODE, COAP_OPTION, COAP_TYPE, type MessageToSend, pathOptions, uintOption } from '../protocol/index.ts'
import { type CoapEndpoint, type CoapEndpointOptions, openCoapEndpoint } from './coap-endpoint.ts'
import type { InboundRequest } from './inbound-request.ts'
import { UdpPeer } from './testing/udp-peer.ts'

const { CON, NON, ACK, RST } = COAP_TYPE
const { POST, CHANGED } = COAP_CODE

interface Scene {
  readonly endpoint: CoapEndpoint
  readonly peer: UdpPeer
  /** All requests so far. */
  readonly requests: InboundRequest[]
  readonly batches: number[]
}
const open: Scene[] = []

afterEach(async () => {
  for (const { endpoint, peer } of open.splice(0)) {
    peer.close()
    await endpoint.close()
  }
})

/** @param answer 2.04 at once, unless false */
async function scene(options: Partial<CoapEndpointOptions> & { readonly answer?: boolean } = {}): Promise<Scene> {
  const { answer = true, ...rest } = options
  const host = rest.host ?? '127.0.0.1'
  const endpoint = await openCoapEndpoint({
    family: 'udp4',
    host,
    port: 0,
    now: () => 1_760_000_000_000,
    exchanges: 4096,
    ...rest,
  })
  const requests: InboundRequest[] = []
  const batches: number[] = []
  endpoint.requests$.subscribe((batch) => {
    batches.push(batch.length)
    requests.push(...batch)
    if (answer) for (const request of batch) endpoint.answer(request, CHANGED, { payload: Uint8Array.of(0xa0) })
  })
  const made = { endpoint, peer: await UdpPeer.open(endpoint.port, host), requests, batches }
  open.push(made)
  return made
}

/** A report in the CBOR profile, as far as the endpoint looks. */
const report = (messageId: number, change: Partial<MessageToSend> = {}): MessageToSend => ({
  type: CON,
  code: POST,
  messageId,
  token: Uint8Array.of(1, 2, 3, 4),
  options: [...pathOptions('r'), uintOption(COAP_OPTION.CONTENT_FORMAT, 60)],
  payload: Uint8Array.of(0xa1, 0x01, 0x02),
  ...change,
})

describe('a request', () => {
  test('arrives with its source, resource, format and payload, and is answered on its acknowledgement', async () => {
    const { endpoint, peer, requests } = await scene()
    peer.sendMessage(report(0x1234))
    const answer = await peer.nextMessage()
    expect([answer.type, answer.code, answer.messageId]).toEqual([ACK, CHANGED, 0x1234])
    expect([...answer.token]).toEqual([1, 2, 3, 4])
    expect([...answer.payload]).toEqual([0xa0])
    expect(requests).toHaveLength(1)
    expect(requests[0]).toMatchObject({
      receivedAt: 1_760_000_000_000,
      address: '127.0.0.1',
      resource: 'report',
      contentFormat: 60,
      confirmable: true,
      priority: 'commercial',
    })
    expect([...(requests[0]?.payload ?? [])]).toEqual([0xa1, 1, 2])
    expect(endpoint.snapshot()).toMatchObject({ datagrams: 1, requests: 1, answers: 1, inWork: 0 })
  })

  test('gets its token back whatever length from 0 to 8 it has', async () => {
    const { peer } = await scene()
    for (let length = 0; length <= 8; length++) {
      const token = Uint8Array.from({ length }, (_, i) => 0xf0 + i)
      peer.sendMessage(report(length, { token }))
      expect([...(await peer.nextMessage()).token]).toEqual([...token])
    }
  })

  test('that is non-confirmable is answered non-confirmably with a message id of ours', async () => {
    const { peer, requests } = await scene()
    peer.sendMessage(report(7, { type: NON }))
    peer.sendMessage(report(8, { type: NON }))
    const [first, second] = [await peer.nextMessage(), await peer.nextMessage()]
    expect([first.type, first.code, second.type]).toEqual([NON, CHANGED, NON])
    expect(second.messageId).toBe((first.messageId + 1) & 0xffff)
    expect(requests.map((r) => r.confirmable)).toEqual([false, false])
  })

  test('over IPv6 is answered as well', async () => {
    const { peer, requests } = await scene({ family: 'udp6', host: '::1' })
    peer.sendMessage(report(1))
    expect((await peer.nextMessage()).code).toBe(CHANGED)
    expect(requests[0]?.address).toBe('::1')
  })

  test('travels in one batch with the others of its turn', async () => {
    const { peer, requests, batches } = await scene()
    for (let id = 0; id < 200; id++) peer.sendMessage(report(id))
    for (let id = 0; id < 200; id++) await peer.nextMessage()
    expect(requests.map((r) => r.message.messageId).sort((a, b) => a - b)).toEqual([...Array(200).keys()])
    expect(batches.length).toBeLessThan(150)
  })

  test('in one single block is taken and its block option echoed', async () => {
    const { peer, requests } = await scene()
    const options = [...(report(0).options ?? []), uintOption(COAP_OPTION.BLOCK1, 0b0110)]
    peer.sendMessage(report(1, { options }))
    expect(await peer.nextMessage()).toMatchObject({ code: CHANGED, block1: 0b0110 })
    expect(requests).toHaveLength(1)
  })
})

describe('a retransmission', () => {
  test('while the first is in work is dropped; the answer comes once', async () => {
    const { endpoint, peer, requests } = await scene({ answer: false })
    for (let i = 0; i < 3; i++) peer.sendMessage(report(9))
    expect(await peer.next(100)).toBeUndefined()
    expect(requests).toHaveLength(1)
    for (const request of requests) endpoint.answer(request, CHANGED)
    for (const request of requests) endpoint.answer(request, CHANGED)
    expect((await peer.nextMessage()).code).toBe(CHANGED)
    expect(await peer.next(50)).toBeUndefined()
    expect(endpoint.snapshot()).toMatchObject({ duplicatesDropped: 2, requests: 1, answers: 1, inWork: 0 })
  })

  test('after the answer gets the same bytes again and is not processed again', async () => {
    const { endpoint, peer, requests } = await scene()
    peer.sendMessage(report(9))
    const first = await peer.next()
    for (let i = 0; i < 3; i++) {
      peer.sendMessage(report(9))
      expect(await peer.next()).toEqual(first)
    }
    expect(requests).toHaveLength(1)
    expect(endpoint.snapshot()).toMatchObject({ duplicatesAnswered: 3, requests: 1, answers: 1 })
  })

  test('of a non-confirmable request is ignored', async () => {
    const { peer, requests } = await scene()
    peer.sendMessage(report(9, { type: NON }))
    await peer.nextMessage()
    peer.sendMessage(report(9, { type: NON }))
    expect(await peer.next(100)).toBeUndefined()
    expect(requests).toHaveLength(1)
  })

  test('of a request that was dropped is a fresh request', async () => {
    const { endpoint, peer, requests } = await scene({ answer: false })
    peer.sendMessage(report(9))
    await pause(50)
    for (const request of requests) endpoint.drop(request)
    expect(endpoint.snapshot().inWork).toBe(0)
    peer.sendMessage(report(9))
    await pause(50)
    expect(requests).toHaveLength(2)
  })

  test('is told from another device with the same message id', async () => {
    const { endpoint, peer, requests } = await scene()
    const other = await UdpPeer.open(endpoint.port)
    peer.sendMessage(report(9))
    other.sendMessage(report(9))
    await Promise.all([peer.nextMessage(), other.nextMessage()])
    expect(requests).toHaveLength(2)
    other.close()
  })
})

describe('what breaks a rule', () => {
  const path = (p: string) => [...pathOptions(p), uintOption(COAP_OPTION.CONTENT_FORMAT, 60)]
  const rules: readonly [string, Partial<MessageToSend>, number][] = [
    ['an unknown path', { options: path('nowhere') }, COAP_CODE.NOT_FOUND],
    ['a path below a known one', { options: path('r/1') }, COAP_CODE.NOT_FOUND],
    ['no path', { options: [] }, COAP_CODE.NOT_FOUND],
    ['a wrong method', { code: COAP_CODE.GET }, COAP_CODE.METHOD_NOT_ALLOWED],
    ['an unknown method', { code: 0x1e }, COAP_CODE.METHOD_NOT_ALLOWED],
    [
      'a content format nobody reads',
      { options: [...pathOptions('r'), uintOption(COAP_OPTION.CONTENT_FORMAT, 50)] },
      COAP_CODE.UNSUPPORTED_CONTENT_FORMAT,
    ],
    ['no content format', { options: pathOptions('r') }, COAP_CODE.UNSUPPORTED_CONTENT_FORMAT],
    ['a payload above the limit', { payload: new Uint8Array(1_201) }, COAP_CODE.REQUEST_ENTITY_TOO_LARGE],
    [
      'an unknown critical option',
      { options: [...path('r'), { number: 65_001, value: Uint8Array.of(1) }] },
      COAP_CODE.BAD_OPTION,
    ],
    [
      'a wish to be forwarded',
      { options: [...path('r'), { number: COAP_OPTION.PROXY_SCHEME, value: Buffer.from('coap') }] },
      COAP_CODE.PROXYING_NOT_SUPPORTED,
    ],
    [
      'a block with more to come',
      { options: [...path('r'), uintOption(COAP_OPTION.BLOCK1, 0b1110)] },
      COAP_CODE.REQUEST_ENTITY_TOO_LARGE,
    ],
    [
      'the highest block number there is',
      { options: [...path('r'), uintOption(COAP_OPTION.BLOCK1, 0xfffff6)] },
      COAP_CODE.REQUEST_ENTITY_TOO_LARGE,
    ],
    [
      'a reserved block size',
      { options: [...path('r'), uintOption(COAP_OPTION.BLOCK1, 0b0111)] },
      COAP_CODE.BAD_REQUEST,
    ],
  ]
  test.each(rules)('%s is answered with its code and goes no further', async (_name, change, code) => {
    const { endpoint, peer, requests } = await scene()
    peer.sendMessage(report(3, change))
    expect(await peer.nextMessage()).toMatchObject({ type: ACK, code, messageId: 3 })
    expect(requests).toEqual([])
    expect(endpoint.snapshot()).toMatchObject({ refusedByRule: 1, requests: 0 })
  })

  test('an unknown critical option in a non-confirmable request is rejected in silence', async () => {
    const { peer, requests } = await scene()
    peer.sendMessage(report(3, { type: NON, options: [...path('r'), { number: 65_001, value: Uint8Array.of(1) }] }))
    expect(await peer.next(100)).toBeUndefined()
    expect(requests).toEqual([])
  })

  test('an unknown elective option does not matter', async () => {
    const { peer } = await scene()
    peer.sendMessage(report(3, { options: [...path('r'), { number: 65_002, value: Uint8Array.of(1) }] }))
    expect((await peer.nextMessage()).code).toBe(CHANGED)
  })

  test('a ping, and a confirmable response to nothing of ours, are answered with a Reset', async () => {
    const { endpoint, peer } = await scene()
    peer.sendMessage({ type: CON, code: 0, messageId: 77 })
    expect(await peer.nextMessage()).toMatchObject({ type: RST, code: 0, messageId: 77 })
    peer.sendMessage({ type: CON, code: COAP_CODE.CONTENT, messageId: 78 })
    expect(await peer.nextMessage()).toMatchObject({ type: RST, code: 0, messageId: 78 })
    expect(endpoint.snapshot()).toMatchObject({ pings: 1, stray: 1, resets: 2 })
  })

  test('acknowledgements, Resets and non-confirmable strays are ignored and counted', async () => {
    const { endpoint, peer } = await scene()
    peer.sendMessage({ type: ACK, code: 0, messageId: 1 })
    peer.sendMessage({ type: RST, code: 0, messageId: 2 })
    peer.sendMessage({ type: NON, code: 0, messageId: 3 })
    peer.sendMessage({ type: NON, code: COAP_CODE.CONTENT, messageId: 4 })
    peer.sendMessage(report(5, { type: ACK }))
    expect(await peer.next(100)).toBeUndefined()
    expect(endpoint.snapshot()).toMatchObject({ datagrams: 5, stray: 5, requests: 0 })
  })

  test('a malformed confirmable message is answered with a Reset, any other with silence', async () => {
    const { endpoint, peer } = await scene()
    peer.send(Uint8Array.of(0x49, 0x02, 0x12, 0x34)) // token length 9
    expect(await peer.nextMessage()).toMatchObject({ type: RST, messageId: 0x1234 })
    peer.send(Uint8Array.of(0x59, 0x02, 0x12, 0x35)) // the same, non-confirmable
    peer.send(Uint8Array.of(0x80, 0x02, 0x12, 0x36)) // version 2
    peer.send(Uint8Array.of(0x40))
    peer.send(new Uint8Array(0))
    expect(await peer.next(100)).toBeUndefined()
    expect(endpoint.snapshot()).toMatchObject({ malformed: 5, resets: 1 })
  })
})

describe('overload', () => {
  test('refuses homes with 5.03 and Max-Age while alarms come in, and counts each class', async () => {
    const { endpoint, peer, requests } = await scene({
      backlog: () => 30_000,
      classify: (_resource, message) => (message.payload[0] === 1 ? 'alarm' : 'residential'),
    })
    peer.sendMessage(report(1, { payload: Uint8Array.of(2) }))
    const refused = await peer.nextMessage()
    expect([refused.type, refused.code]).toEqual([ACK, COAP_CODE.SERVICE_UNAVAILABLE])
    expect(refused.maxAge).toBeGreaterThan(60)
    peer.sendMessage(report(2, { payload: Uint8Array.of(1) }))
    expect((await peer.nextMessage()).code).toBe(CHANGED)
    expect(requests.map((r) => r.priority)).toEqual(['alarm'])
    expect(endpoint.snapshot()).toMatchObject({ refusedResidential: 1, refusedAlarm: 0, refusedCommercial: 0 })
  })

  test('an alarm goes ahead of the daily reports that came before it in the same turn', async () => {
    const { peer, requests, batches } = await scene({
      classify: (_, m) => (m.messageId === 9 ? 'alarm' : 'residential'),
    })
    for (const id of [7, 8, 9, 10]) peer.sendMessage(report(id))
    for (let i = 0; i < 4; i++) await peer.nextMessage()
    const order = requests.map(({ message }) => message.messageId)
    expect(order.toSorted((a, b) => a - b)).toEqual([7, 8, 9, 10])
    // However the datagrams fall into turns, the alarm is the first of its own.
    let firstOfTurn = 0
    for (const size of batches) {
      if (order[firstOfTurn] === 9) expect(size).toBe(1)
      firstOfTurn += size
    }
    expect(batches).toContain(1)
    if (batches.length === 2) expect(order[0]).toBe(9)
  })

  test('counts requests in work as backlog, so that a log that stands still closes the door', async () => {
    const limits = {
      waiting: { residential: 10, commercial: 20, alarm: 30 },
      loopDelayMs: { residential: 1e9, commercial: 1e9 },
    }
    const { endpoint, peer } = await scene({ answer: false, limits })
    for (let id = 0; id < 100; id++) {
      peer.sendMessage(report(id))
      await pause(1)
    }
    const { requests, refusedCommercial } = endpoint.snapshot()
    // One turn decides by the load at its beginning, and may bring a few datagrams.
    expect(requests).toBeGreaterThanOrEqual(20)
    expect(requests).toBeLessThan(60)
    expect(requests + refusedCommercial).toBe(100)
  })

  test('a source above its budget is dropped unread', async () => {
    const { endpoint, peer } = await scene({ budget: { perSecond: 1, burst: 10 } })
    for (let id = 0; id < 50; id++) peer.sendMessage(report(id))
    for (let i = 0; i < 10; i++) await peer.nextMessage()
    expect(await peer.next(50)).toBeUndefined()
    expect(endpoint.snapshot()).toMatchObject({ datagrams: 50, overBudget: 40, requests: 10 })
  })
})

test('the socket survives ten thousand random datagrams, counts each once, and still answers', async () => {
  const { endpoint, peer } = await scene({ budget: { perSecond: 1e9, burst: 1e9 } })
  const count = Number(process.env['GASTWIN_FUZZ'] ?? 10_000)
  let state = 20_267
  const random = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  for (let i = 0; i < count; i++) {
    const bytes = Uint8Array.from({ length: random(60) }, () => random(256))
    // Half of them begin like CoAP, so that they get further.
    if (i % 2 === 0 && bytes.length > 1) {
      bytes[0] = 0x40 | (random(4) << 4) | random(9)
      bytes[1] = random(3)
    }
    peer.send(bytes)
    if (i % 100 === 99) await pause(1)
  }
  await expect.poll(() => endpoint.snapshot().datagrams).toBe(count)
  const s = endpoint.snapshot()
  const sum = s.requests + s.malformed + s.pings + s.stray + s.refusedByRule + s.duplicatesAnswered
  expect(sum + s.duplicatesDropped + s.overBudget).toBe(count)
  expect(Math.min(s.malformed, s.stray, s.refusedByRule)).toBeGreaterThan(0)
  const fresh = await UdpPeer.open(endpoint.port)
  fresh.sendMessage(report(1))
  expect((await fresh.nextMessage()).code).toBe(CHANGED)
  fresh.close()
})

test('says what receive buffer the system granted when it is less than wanted', async () => {
  const warnings: string[] = []
  await scene({ receiveBufferBytes: 1 << 30, warn: (message) => warnings.push(message) })
  expect(warnings).toHaveLength(1)
  expect(warnings[0]).toMatch(/instead of 1073741824 bytes/)
})

test('close completes the stream, and an answer afterwards is counted as a send error, not thrown', async () => {
  const { endpoint, peer, requests } = await scene({ answer: false })
  let completed = false
  endpoint.requests$.subscribe({ complete: () => (completed = true) })
  peer.sendMessage(report(1))
  await pause(50)
  open.pop()
  await endpoint.close()
  for (const request of requests) endpoint.answer(request, CHANGED)
  expect([completed, endpoint.snapshot().sendErrors]).toEqual([true, 1])
  peer.close()
})

describe('what is only read', () => {
  const get = (messageId: number): MessageToSend => ({
    ...{ type: CON, code: COAP_CODE.GET, messageId, token: Uint8Array.of(9) },
    options: pathOptions('fw/1'),
  })
  test('is answered each time anew, and is handed on to nobody', async () => {
    let asked = 0
    const serve = () => ({ code: COAP_CODE.CONTENT, answer: { payload: Uint8Array.of(++asked), block2: 0x0d } })
    const { endpoint, peer, requests } = await scene({ serve })
    for (const messageId of [7, 7, 8]) {
      peer.sendMessage(get(messageId))
      expect(await peer.nextMessage()).toMatchObject({ type: ACK, code: COAP_CODE.CONTENT, messageId, block2: 0x0d })
    }
    expect([asked, requests.length]).toEqual([3, 0])
    expect(endpoint.snapshot()).toMatchObject({ served: 3, requests: 0, rememberedExchanges: 0 })
  })
  test('is 4.04 where nothing is, 4.02 with an option that is not understood, and waits while the service is late', async () => {
    const { peer } = await scene({ serve: () => undefined })
    peer.sendMessage(get(1))
    expect((await peer.nextMessage()).code).toBe(COAP_CODE.NOT_FOUND)
    const late = await scene({ serve: () => ({ code: COAP_CODE.CONTENT, answer: {} }), loopDelayMs: () => 500 })
    late.peer.sendMessage({ ...get(2), options: [...pathOptions('fw/1'), uintOption(9, 1)] })
    expect((await late.peer.nextMessage()).code).toBe(COAP_CODE.BAD_OPTION)
    late.peer.sendMessage(get(3))
    const refused = await late.peer.nextMessage()
    expect([refused.code, refused.maxAge >= 10]).toEqual([COAP_CODE.SERVICE_UNAVAILABLE, true])
  })
})

test('homes of a crowded cell are told when to come again, and alarms and businesses come in', async () => {
  const { endpoint, peer, requests } = await scene({ returnAfter: () => 90 })
  const home = (messageId: number, ...query: string[]): MessageToSend => ({
    ...report(messageId),
    options: [
      ...pathOptions('r'),
      uintOption(COAP_OPTION.CONTENT_FORMAT, 65_001),
      ...query.map((text) => ({ number: COAP_OPTION.URI_QUERY, value: Buffer.from(text) })),
    ],
  })
  const codes: [number, number][] = []
  for (const message of [home(1), home(2, 'alarm'), report(3)]) {
    peer.sendMessage(message)
    const { code, maxAge } = await peer.nextMessage()
    codes.push([code, maxAge])
  }
  expect(codes).toEqual([
    [COAP_CODE.SERVICE_UNAVAILABLE, 90],
    [CHANGED, -1],
    [CHANGED, -1],
  ])
  expect([requests.length, endpoint.snapshot().crowdedCell]).toEqual([2, 1])
})
