import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ALERT, alertContent } from './alert.ts'
import { extension } from './client-hello.ts'
import { HANDSHAKE, wholeMessage } from './handshake-message.ts'
import { PskClient, type PskClientOptions } from './psk-client.ts'
import { CONTENT, readRecords, writeRecord } from './record.ts'
import { SUITES } from './record-cipher.ts'
import { KEY, METER, SmallServer } from './testing/small-server.ts'

const client = (more: Partial<PskClientOptions> = {}) => new PskClient({ identity: 'meter-1', key: KEY, ...more })

describe('a handshake', () => {
  test.each(SUITES)('comes to an association with $name, and both hear each other', ({ number: suite }) => {
    const at = new SmallServer()
    const meter = client({ suites: [suite] })
    const number = at.connect(meter)
    at.hear([meter.say('report')])
    expect(at.received).toEqual([{ number, content: 'report' }])
    at.server.send(number, Buffer.from('answer'))
    meter.hear(at.sent.at(-1)?.bytes ?? Buffer.alloc(0))
    expect(meter.contents.map(String)).toEqual(['answer'])
    expect(at.opened[0]?.association.entry.devices).toEqual(METER.devices)
  })

  test('keeps nothing of a client that has not shown that it receives at its address', () => {
    const at = new SmallServer()
    for (let i = 0; i < 500; i++) at.hear(client().hello(), '10.0.0.1', 1_000 + i)
    expect([at.server.handshakes, at.server.associations, at.server.counters.verified]).toEqual([0, 0, 500])
  })

  test('answers a hello with no more bytes than it had', () => {
    const at = new SmallServer()
    const hello = client().hello()
    expect(at.hear(hello)[0]?.length).toBeLessThanOrEqual(hello[0]?.length ?? 0)
  })

  test('takes a cookie from the address and for the hello it was given to, and for two minutes at most', () => {
    const at = new SmallServer()
    const meter = client()
    const [verify = Buffer.alloc(0)] = at.hear(meter.hello())
    const second = meter.hear(verify)
    at.hear(second, '10.0.0.2')
    at.hear(second, '10.0.0.1', 4_001)
    expect(at.server.handshakes).toBe(0)
    at.now += 121_000
    at.hear(second)
    expect(at.server.handshakes).toBe(0)
    at.now -= 61_000
    const fresh = new SmallServer()
    const other = client()
    const [cookie = Buffer.alloc(0)] = fresh.hear(other.hello())
    const good = other.hear(cookie)
    fresh.now += 59_000
    fresh.hear(good)
    expect(fresh.server.handshakes).toBe(1)
  })

  test('is finished in fragments of one byte, and with its own flight in small datagrams', () => {
    const at = new SmallServer([METER], { mtu: 60 })
    const meter = client({ fragmentBytes: 1 })
    at.connect(meter)
    const hellos = at.sent.filter(({ bytes }) => bytes[13] === HANDSHAKE.serverHello)
    expect(hellos.length).toBeGreaterThan(1)
    expect(hellos.every(({ bytes }) => bytes.length <= 60)).toBe(true)
  })

  test('is finished when fragments come in another order, twice, and overlapping', () => {
    const at = new SmallServer()
    const meter = client({ fragmentBytes: 3 })
    const [verify = Buffer.alloc(0)] = at.hear(meter.hello())
    const flight = at.hear(meter.hear(verify)).flatMap((bytes) => meter.hear(bytes))
    const keyed = flight.filter((bytes) => bytes[3] === 0 && bytes[4] === 1)
    const plain = flight.filter((bytes) => !keyed.includes(bytes))
    at.talk(meter, [...plain.toReversed(), ...plain, ...keyed.toReversed()])
    expect(meter.established).toBe(true)
  })

  test.each([1, 2, 3, 4, 5, 6])('survives the loss of flight %i', (lost) => {
    const at = new SmallServer()
    const meter = client()
    const arrives = (flight: number, datagrams: readonly Buffer[]) => (flight === lost ? [] : datagrams)
    const heard = (datagrams: readonly Buffer[]) => datagrams.flatMap((bytes) => meter.hear(bytes))
    const second = heard(arrives(2, at.hear(arrives(1, meter.hello()))))
    const third = heard(arrives(4, at.hear(arrives(3, second))))
    heard(arrives(6, at.hear(arrives(5, third))))
    expect(meter.established).toBe(false)
    at.now += 1_000
    // A client says again what was its last.
    at.talk(meter, third.length > 0 ? meter.flight() : second.length > 0 ? second : meter.hello())
    expect([meter.established, at.server.associations]).toEqual([true, 1])
  })

  test('says its flight again by itself, later each time, and gives up', () => {
    const at = new SmallServer()
    const meter = client()
    const [verify = Buffer.alloc(0)] = at.hear(meter.hello())
    at.hear(meter.hear(verify))
    const times: number[] = []
    for (let second = 1; second <= 70; second++) {
      const before = at.sent.length
      at.now += 1_000
      at.server.tick(at.now)
      if (at.sent.length > before) times.push(second)
    }
    expect(times).toEqual([9, 27])
    expect([at.server.handshakes, at.server.counters.abandoned]).toEqual([0, 1])
  })

  test('of a stranger looks like that with a wrong key: the same answers, and silence', () => {
    const told = (more: Partial<PskClientOptions>) => {
      const at = new SmallServer()
      const meter = client(more)
      at.talk(meter, meter.hello())
      const lengths = at.sent.map(({ bytes }) => bytes.length)
      return { lengths, established: meter.established, alerts: meter.alerts, counters: at.server.counters, at }
    }
    const wrong = told({ key: Buffer.alloc(16, 7) })
    const stranger = told({ identity: 'meter-2' })
    expect(wrong.established || stranger.established).toBe(false)
    expect([wrong.lengths, wrong.alerts]).toEqual([stranger.lengths, stranger.alerts])
    expect([wrong.counters.wrongKey, wrong.at.wrongKeys]).toEqual([1, ['meter-1']])
    expect([stranger.counters.unknownIdentity, stranger.at.wrongKeys]).toEqual([1, []])
  })

  test('without the extended master secret is for identities that may', () => {
    const meter = client({ extendedMasterSecret: false })
    const at = new SmallServer()
    at.talk(meter, meter.hello())
    expect(meter.established).toBe(false)
    const old = client({ extendedMasterSecret: false })
    new SmallServer([{ ...METER, legacy: true }]).connect(old)
    expect(old.established).toBe(true)
  })

  test.each([
    ['no suite of ours', { suites: [0xc02b] }, ALERT.handshakeFailure],
    ['an older version', { version: 0xfeff }, ALERT.protocolVersion],
    ['a renegotiation', { renegotiation: Buffer.alloc(12, 1) }, ALERT.handshakeFailure],
  ])('that offers %s is refused with an alert, and nothing is kept', (_, more, alert) => {
    const at = new SmallServer()
    const meter = client(more)
    at.talk(meter, meter.hello())
    expect([meter.alerts, at.server.handshakes, at.server.counters.refused]).toEqual([[alert], 0, 1])
  })

  test('is held to budgets of its source and of its address', () => {
    const at = new SmallServer([METER], { ofSource: { perSecond: 0, burst: 2 }, ofAddress: { perSecond: 0, burst: 3 } })
    const begin = (port: number) => {
      const meter = client()
      at.hear(
        at.hear(meter.hello(), '10.0.0.1', port).flatMap((bytes) => meter.hear(bytes)),
        '10.0.0.1',
        port,
      )
    }
    for (let i = 0; i < 3; i++) begin(4_000)
    expect(at.server.counters.handshakes).toBe(2)
    for (let i = 1; i < 4; i++) begin(4_000 + i)
    expect(at.server.counters.handshakes).toBe(3)
  })

  test('ends the former association of its source only when it is proven', () => {
    const at = new SmallServer()
    const first = client()
    const former = at.connect(first)
    const liar = client({ key: Buffer.alloc(16) })
    at.talk(liar, liar.hello())
    at.hear([first.say('still here')])
    expect(at.received.map(({ number }) => number)).toEqual([former])
    at.connect(client())
    expect(at.closed).toEqual([former])
  })
})

describe('an association', () => {
  test('takes each record once, in any order, and none that is too old', () => {
    const at = new SmallServer()
    const meter = client()
    at.connect(meter)
    const records = Array.from({ length: 80 }, (_, i) => meter.say(`${i}`))
    at.hear([3, 1, 2, 1, 3, 70, 4, 8, 70].map((i) => records[i] ?? Buffer.alloc(0)))
    expect(at.received.map(({ content }) => content)).toEqual(['3', '1', '2', '70', '8'])
    expect(at.server.counters.rejected).toBe(4)
  })

  test('takes no record of which a bit was changed', () => {
    const at = new SmallServer()
    const meter = client()
    at.connect(meter)
    const good = meter.say('report')
    for (let bit = 0; bit < good.length * 8; bit++) {
      const bad = Buffer.from(good)
      bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      at.hear([bad])
    }
    expect(at.received).toEqual([])
    at.hear([good])
    expect(at.received).toHaveLength(1)
  })

  test('is not in the clear: what is said stands in no datagram', () => {
    const at = new SmallServer()
    const meter = client()
    const number = at.connect(meter)
    at.server.send(number, Buffer.from('close the valve'))
    expect(at.sent.at(-1)?.bytes.includes('valve')).toBe(false)
    expect(meter.say('register 17').includes('register')).toBe(false)
  })

  test('without a connection id is of its source alone', () => {
    const at = new SmallServer()
    const meter = client()
    at.connect(meter)
    at.hear([meter.say('moved')], '10.0.0.9', 9_999)
    expect(at.received).toEqual([])
  })

  test.each([0, 5])('with connection ids (its own of %i bytes) goes on from another source', (bytes) => {
    const at = new SmallServer()
    const meter = client({ cid: Buffer.alloc(bytes, 0xab) })
    const number = at.connect(meter)
    expect(meter.cid).toHaveLength(8)
    const early = meter.say('early')
    at.hear([meter.say('moved')], '10.9.9.9', 9_999)
    expect([at.received.at(-1)?.content, at.moved]).toEqual(['moved', ['10.9.9.9:9999']])
    // An older record is heard and does not take the association back.
    at.hear([early])
    expect(at.received.at(-1)?.content).toBe('early')
    at.server.send(number, Buffer.from('answer'))
    expect(at.sent.at(-1)).toMatchObject({ address: '10.9.9.9', port: 9_999 })
    meter.hear(at.sent.at(-1)?.bytes ?? Buffer.alloc(0))
    expect(meter.contents.map(String)).toEqual(['answer'])
  })

  test('with connection ids does not move for a forged or repeated record', () => {
    const at = new SmallServer()
    const meter = client({ cid: Buffer.alloc(0) })
    at.connect(meter)
    const said = meter.say('report')
    at.hear([said])
    const forged = Buffer.from(meter.say('next'))
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1
    at.hear([said, forged], '6.6.6.6', 6)
    expect([at.moved, at.received.length]).toEqual([[], 1])
  })

  test('hides type and length of padded content behind its connection id', () => {
    const at = new SmallServer()
    const meter = client({ cid: Buffer.alloc(0) })
    at.connect(meter)
    const [record] = readRecords(meter.say('x'), 8)
    expect(record).toMatchObject({ type: CONTENT.connectionId, epoch: 1, cid: meter.cid })
    expect(at.hear([writeRecord(CONTENT.application, 1, 9, Buffer.alloc(40))])).toEqual([])
  })

  test('is ended by close_notify, which is answered, and not by one in plain text', () => {
    const at = new SmallServer()
    const meter = client()
    const number = at.connect(meter)
    at.hear([writeRecord(CONTENT.alert, 0, 50, alertContent(ALERT.closeNotify))])
    expect(at.closed).toEqual([])
    for (const answer of at.hear([meter.seal(CONTENT.alert, alertContent(ALERT.closeNotify))])) meter.hear(answer)
    expect([at.closed, meter.alerts]).toEqual([[number], [ALERT.closeNotify]])
    expect(at.server.send(number, Buffer.from('late'))).toBe(false)
  })

  test('is never renegotiated', () => {
    const at = new SmallServer()
    const meter = client()
    at.connect(meter)
    const hello = wholeMessage({ type: HANDSHAKE.clientHello, ordinal: 4, body: Buffer.alloc(40) })
    for (const answer of at.hear([meter.seal(CONTENT.handshake, hello)])) meter.hear(answer)
    expect([meter.alerts, at.closed]).toEqual([[ALERT.noRenegotiation], []])
  })

  test('ends when it was silent for too long, is too old, or makes room', () => {
    const at = new SmallServer([METER, { ...METER, identity: 'meter-2' }], { associations: 1, idleMs: 5_000 })
    const first = at.connect(client())
    const meter = client({ identity: 'meter-2' })
    const second = at.connect(meter, '10.0.0.2')
    expect(at.closed).toEqual([first])
    at.now += 6_000
    at.server.tick(at.now)
    expect(at.closed).toEqual([first, second])
    const old = new SmallServer([METER], { ageMs: 1_000 })
    const aged = client()
    old.connect(aged)
    old.now += 2_000
    for (const answer of old.hear([aged.say('late')])) aged.hear(answer)
    expect([old.received, aged.alerts]).toEqual([[], [ALERT.closeNotify]])
  })

  test('of one identity there are four at most', () => {
    const at = new SmallServer()
    for (let i = 0; i < 6; i++) at.connect(client(), `10.0.0.${i}`)
    expect([at.server.associations, at.closed.length]).toEqual([4, 2])
  })
})

test('anything at all is borne, before, within and after a handshake', () => {
  const at = new SmallServer([METER], { datagrams: { perSecond: 1e9, burst: 1e9 } })
  const meter = client({ cid: Buffer.alloc(0) })
  at.connect(meter, '10.0.0.7')
  const half = client()
  at.hear(at.hear(half.hello()).flatMap((bytes) => half.hear(bytes)))
  const record = fc
    .tuple(
      fc.constantFrom(20, 21, 22, 23, 25),
      fc.constantFrom(0, 1, 2, 0xffff),
      fc.nat(2 ** 48 - 1),
      fc.uint8Array({ minLength: 1, maxLength: 120 }),
    )
    .map(([type, epoch, sequence, body]) =>
      writeRecord(type, epoch, sequence, body, type === 25 ? meter.cid : undefined),
    )
  const message = fc
    .tuple(fc.constantFrom(0, 1, 2, 14, 16, 20), fc.nat(0xffff), fc.uint8Array({ maxLength: 200 }), fc.nat(2 ** 48 - 1))
    .map(([type, ordinal, body, sequence]) =>
      writeRecord(CONTENT.handshake, 0, sequence, wholeMessage({ type, ordinal, body: Buffer.from(body) })),
    )
  const bent = fc.tuple(fc.nat(), fc.nat(255)).map(([place, value]) => {
    const bytes = Buffer.concat(client().hello())
    bytes[place % bytes.length] = value
    return bytes
  })
  const sealed = fc
    .tuple(fc.constantFrom(20, 21, 22, 23, 24), fc.uint8Array({ maxLength: 60 }))
    .map(([type, content]) => ({ type, content }))
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), record, message, bent), (bytes) => {
      at.hear([Buffer.from(bytes)])
      at.hear([Buffer.from(bytes)], '10.0.0.7')
    }),
    { numRuns: 3_000 },
  )
  fc.assert(
    fc.property(sealed, ({ type, content }) => {
      if (type === CONTENT.alert && content[1] !== 1) return
      at.hear([meter.seal(type, content)], '10.0.0.7')
    }),
    { numRuns: 500 },
  )
  expect(at.server.counters.established).toBe(1)
})

test('a hello with a bad extension is none', () => {
  const at = new SmallServer()
  const [hello = Buffer.alloc(0)] = client({ cid: Buffer.from([1, 2]) }).hello()
  const place = hello.indexOf(extension(54, Buffer.from([2, 1, 2])))
  expect(place).toBeGreaterThan(0)
  hello[place + 4] = 7
  expect(at.hear([hello])).toEqual([])
  expect(at.server.counters.unreadable).toBe(1)
  expect(createHash('sha256').update(hello).digest()).toHaveLength(32)
})
