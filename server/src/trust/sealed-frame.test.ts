import type { Report } from '@gastwin/twin'
import { describe, expect, test } from 'vitest'
import { packNumbers } from '../log/packed-numbers.ts'
import {
  CONTENT_FORMAT,
  type DeviceLookup,
  deviceKey,
  encodeReport,
  openMessage,
  sealMessage,
} from '../protocol/index.ts'
import { beliefIn } from './belief-in.ts'
import type { CipherPolicy } from './cipher-policy.ts'
import { isRefused, readFrame } from './read-frame.ts'
import { answerInKind, isRepeated, OrderNumbers, openTaken, orderForm, sealOrder } from './sealed-frame.ts'
import { TrustBook } from './trust-book.ts'
import type { TrustEvent } from './trust-events.ts'

const { CBOR, CJT188, SEALED } = CONTENT_FORMAT
const ROOT = new Uint8Array(16).fill(7)
const [A, B, OLD] = [94_000_000_000_001, 94_000_000_000_002, 94_000_000_000_003]
const [OF_A, OF_B, OF_OLD, ALONE] = [181_702_000_027, 181_702_000_028, 181_702_000_029, 181_702_000_030]
const HERE = { address: '10.0.0.1', port: 5683 }
const THERE = { address: '10.9.9.9', port: 6 }
const key = (fill: number) => new Uint8Array(16).fill(fill)
const writer = new TrustBook(ROOT)
const session = (device: number, fill: number, at = 1): TrustEvent => ({
  ...{ type: 'trust_session', at, device, serial: 7, platform: 'north', nonce_at: at },
  key: writer.sealKey(key(fill), device, at),
})
const relay = (device: number, meters: readonly number[], others: readonly number[] = []): TrustEvent => ({
  ...{ type: 'trust_relay', at: 0, device, others, meters: packNumbers(Float64Array.from(meters).sort()) },
})
const speaks = (device: number, { address, port }: typeof HERE): TrustEvent => ({
  ...{ type: 'trust_source', at: 0, device, from: `${address}:${port}` },
})
const policy = (device: number, report: CipherPolicy['report']): TrustEvent => ({
  ...{ type: 'trust_policy', at: 0, device, user: 'admin', policy: { report, alarm: 'both', command: 'both' } },
})
/** A and B have sessions; OLD is believed by its address, and B may bring what OLD has. */
function bookOf(...more: readonly TrustEvent[]): TrustBook {
  const book = new TrustBook(ROOT)
  const events = [
    ...[relay(A, [OF_A]), relay(B, [OF_B]), relay(OLD, [OF_OLD], [B])],
    ...[
      speaks(A, HERE),
      speaks(B, { ...HERE, port: 2 }),
      speaks(OLD, { ...HERE, port: 3 }),
      session(A, 1),
      session(B, 2),
    ],
  ]
  for (const [i, event] of [...events, ...more].entries()) book.hold(event, 10 + i)
  return book
}
const value = (device: number, trigger: Report['trigger'] = 'timed'): Report => ({
  ...{ device, kind: 'meter', trigger, deviceTime: 1_773_507_260_000, sequence: 1, events: [] },
  ...{ readings: [{ quantity: 'index_m3', at: 1_773_507_260_000, value: 5 }], status: { valve: 'open' } },
})
const word = (device: number): Report => ({
  ...{ device, kind: 'concentrator', trigger: 'timed', deviceTime: 1_773_507_260_000, sequence: 1, events: [] },
  ...{
    readings: [],
    status: {},
    concentrator: { addresses: { version: 0, rows: 0 }, backlog: 0, routes: [], results: [] },
  },
})
const lookup: DeviceLookup = { keyOf: () => undefined, statusProfileOf: () => 'standard' }
const formatOf = ({ kind }: Report) => (kind === 'concentrator' ? CBOR : CJT188)
const inClear = (report: Report) => ({
  ...{ contentFormat: formatOf(report), payload: encodeReport(formatOf(report), report, lookup) },
})
const underSeal = (report: Report, device: number, own: Uint8Array, counter = 1) => {
  const { contentFormat, payload } = inClear(report)
  const header = { kind: 'message', device, counter, contentFormat } as const
  return { contentFormat: SEALED, payload: sealMessage(own, header, payload) }
}
function read(book: TrustBook, datagram: { contentFormat: number; payload: Uint8Array }, from = HERE) {
  const content = readFrame({ ...datagram, ...from }, lookup, book)
  if (content.kind !== 'malformed') return 'believed'
  return isRefused(content) ? content.detail : content.reason
}

describe('a concentrator with a session', () => {
  test('is believed under its seal from anywhere, with what stands behind it', () => {
    for (const from of [HERE, THERE])
      for (const report of [value(OF_A), word(A)])
        expect(read(bookOf(), underSeal(report, A, key(1)), from)).toBe('believed')
    expect(read(bookOf(), underSeal(value(OF_OLD), B, key(2)), THERE)).toBe('believed')
    expect(beliefIn(A, bookOf())).toBe('session')
  })
  test('is not believed in clear, from its own address and port either, and neither is an alarm', () => {
    for (const from of [HERE, THERE]) expect(read(bookOf(), inClear(word(A)), from)).toMatch(/under its seal/)
    expect(read(bookOf(), inClear(value(OF_A)))).toMatch(/under its seal/)
    expect(read(bookOf(), inClear(value(OF_A, 'alarm')))).toMatch(/under its seal/)
    expect(read(bookOf(), inClear(value(OF_A)), THERE)).toMatch(/did not come from/)
  })
  test('is not believed under any other key: a stranger’s, one that is merely derived, that of another session', () => {
    for (const wrong of [key(9), key(2), deviceKey(ROOT, A)])
      expect(read(bookOf(), underSeal(value(OF_A), A, wrong))).toBe('decrypt')
    const again = bookOf(session(A, 4, 2))
    expect(read(again, underSeal(value(OF_A), A, key(1)))).toBe('decrypt')
    expect(read(again, underSeal(value(OF_A), A, key(4)))).toBe('believed')
    expect(read(bookOf(), underSeal(value(OF_OLD), OLD, deviceKey(ROOT, OLD)))).toBe('no-key')
  })
  test('cannot speak for another concentrator, its meters, or a meter that speaks for itself', () => {
    expect(read(bookOf(), underSeal(word(B), A, key(1)))).toMatch(/under the seal of/)
    for (const meter of [OF_B, OF_OLD, ALONE])
      expect(read(bookOf(), underSeal(value(meter), A, key(1)))).toMatch(/does not stand behind/)
  })
  test('is not heard when its session was ended, or it is kept away', () => {
    const over = bookOf({ type: 'trust_session_end', at: 3, device: A, reason: 'revoked' })
    expect(read(over, underSeal(value(OF_A), A, key(1)))).toBe('no-key')
    expect(read(over, inClear(value(OF_A)))).toMatch(/under its seal/)
    expect(beliefIn(A, over)).toBe('nothing')
    const step = { type: 'trust_step', at: 1, device: A, from: null, except: null, step: 'isolate' } as const
    const away = bookOf({ ...step, score: 0, reasons: [], by: 'admin', note: null })
    expect(read(away, underSeal(value(OF_A), A, key(1)))).toMatch(/at step isolate/)
  })
  test('may be believed in clear by an operator’s word, or in clear only', () => {
    const both = bookOf(policy(A, 'both'))
    expect([read(both, inClear(value(OF_A))), read(both, underSeal(value(OF_A), A, key(1)))]).toEqual([
      'believed',
      'believed',
    ])
    const plain = bookOf(policy(A, 'plain'))
    expect(read(plain, inClear(word(A)))).toBe('believed')
    expect(read(plain, underSeal(word(A), A, key(1)))).toMatch(/in clear/)
    expect(beliefIn(A, plain)).toBe('address')
  })
  test('is heard once under each counter, and what the log marks as repeated nobody takes', () => {
    const book = bookOf()
    const said = underSeal(value(OF_A), A, key(1), 5)
    expect([isRepeated(said, book), isRepeated(said, book)]).toEqual([false, true])
    const content = readFrame({ ...said, ...HERE, resource: 'repeated' }, lookup, book)
    expect(content).toMatchObject({ reason: 'refused', repeated: true, detail: 'this was said before' })
  })
})

describe('an RTU or actuator', () => {
  const [RTU, VALVE, NEW] = [90_000_000_012, 91_000_000_034, 91_000_000_035]
  const said = (device: number, kind: 'rtu' | 'valve', trigger: Report['trigger'] = 'timed'): Report => ({
    ...{ device, kind, trigger, deviceTime: 1_773_507_260_000, sequence: 1, readings: [] },
    ...{ events: kind === 'rtu' ? ['gas_leak'] : [], status: kind === 'valve' ? { servicePort: 9 } : {} },
  })
  const clear = (report: Report) => ({ contentFormat: CBOR, payload: encodeReport(CBOR, report, lookup) })
  const sealed = (report: Report, device: number, own: Uint8Array) => ({
    contentFormat: SEALED,
    payload: sealMessage(own, { kind: 'message', device, counter: 1, contentFormat: CBOR }, clear(report).payload),
  })
  const book = (...more: readonly TrustEvent[]) => bookOf(session(RTU, 5), session(VALVE, 6), ...more)
  const both = [said(RTU, 'rtu', 'alarm'), said(VALVE, 'valve', 'registration')] as const
  test('that has a session is believed under its own seal, from anywhere, and under no other', () => {
    for (const [i, report] of both.entries()) {
      expect(read(book(), sealed(report, report.device, key(5 + i)), THERE)).toBe('believed')
      expect(read(book(), sealed(report, report.device, key(9)))).toBe('decrypt')
      expect(read(book(), sealed(report, A, key(1)))).toMatch(/under the seal of/)
    }
    expect(read(book(), sealed(said(RTU, 'rtu'), VALVE, key(6)))).toMatch(/under the seal of/)
  })
  test('that has a session is not believed in clear: neither its alarms nor where it says that it takes orders', () => {
    for (const report of both)
      for (const from of [HERE, THERE]) expect(read(book(), clear(report), from)).toMatch(/must speak under its seal/)
    const over = book({ type: 'trust_session_end', at: 9, device: VALVE, reason: 'revoked' })
    expect(read(over, clear(said(VALVE, 'valve')))).toMatch(/must speak under its seal/)
    expect(orderForm(VALVE, over)).toBeUndefined()
  })
  test('without a session is believed in clear, and so is one of which an operator says so', () => {
    expect(read(book(), clear(said(NEW, 'valve')))).toBe('believed')
    expect(read(book(policy(VALVE, 'both')), clear(said(VALVE, 'valve')))).toBe('believed')
    const plain = { report: 'plain', alarm: 'plain', command: 'plain' } as const
    const inPlain = book({ type: 'trust_policy', at: 9, device: VALVE, user: 'admin', policy: plain })
    expect(read(inPlain, clear(said(VALVE, 'valve')))).toBe('believed')
    expect(orderForm(VALVE, inPlain)).toEqual({ key: undefined })
  })
  test('is refused, sealed or not, while it is kept away wherever it speaks, and not for noise at one address', () => {
    const at = (from: string | null): TrustEvent => ({
      ...{ type: 'trust_step', at: 1, device: RTU, from, except: null, step: 'isolate' },
      ...{ score: 0, reasons: [], by: 'rules', note: null },
    })
    const report = sealed(said(RTU, 'rtu'), RTU, key(5))
    expect(read(book(at(null)), report)).toMatch(/at step isolate/)
    expect(read(book(at(`${HERE.address}:${HERE.port}`)), report)).toBe('believed')
  })
  test('a meter with a session may speak under its own seal too', () => {
    const meter = bookOf(session(ALONE, 5))
    expect(read(meter, underSeal(value(ALONE), ALONE, key(5)), THERE)).toBe('believed')
  })
})

describe('a concentrator without a session', () => {
  test('is believed by its address alone, and shown so; its neighbour’s seal is worth as much', () => {
    const at = { ...HERE, port: 3 }
    expect([read(bookOf(), inClear(value(OF_OLD)), at), read(bookOf(), inClear(word(OLD)), at)]).toEqual([
      'believed',
      'believed',
    ])
    expect(read(bookOf(), inClear(value(OF_OLD)), { ...HERE, port: 2 })).toMatch(/under its seal/)
    expect(beliefIn(OLD, bookOf())).toBe('address')
    const secure = bookOf({ type: 'trust_secure', at: 9, only: true, devices: packNumbers(Float64Array.of(OLD)) })
    expect(beliefIn(OLD, secure)).toBe('transport')
    expect(read(secure, inClear(word(OLD)), at)).toMatch(/over DTLS only/)
  })
})

describe('what the platform says', () => {
  test('is sealed where the request was, under its counter, and opens as an answer only', () => {
    const book = bookOf()
    const answer = { payload: Uint8Array.of(1), contentFormat: CBOR }
    const sealed = answerInKind(underSeal(word(A), A, key(1), 9), answer, book)
    expect(openMessage(key(1), sealed?.payload ?? key(0))).toMatchObject({
      kind: 'answer',
      device: A,
      counter: 9,
      contentFormat: CBOR,
    })
    expect(answerInKind(inClear(word(OLD)), answer, book)).toBe(answer)
    const over = bookOf({ type: 'trust_session_end', at: 3, device: A, reason: 'revoked' })
    expect(answerInKind(underSeal(word(A), A, key(1)), answer, over)).toBeUndefined()
  })
  test('as an order is sealed where there is a session, in clear where none is due, and not said otherwise', () => {
    expect(orderForm(A, bookOf())).toEqual({ key: key(1) })
    expect(orderForm(OLD, bookOf())).toEqual({ key: undefined })
    expect(orderForm(A, bookOf({ type: 'trust_session_end', at: 3, device: A, reason: 'revoked' }))).toBeUndefined()
    const sealed = sealOrder(A, 77, Uint8Array.of(1), key(1))
    expect(openMessage(key(1), sealed)).toMatchObject({ kind: 'order', counter: 77, contentFormat: CBOR })
    const taken = (counter: number, own = key(1)) =>
      sealMessage(own, { kind: 'taken', device: A, counter, contentFormat: -1 }, new Uint8Array())
    const said = [taken(77), taken(76), taken(77, key(3)), sealed]
    expect(said.map((reply) => openTaken(A, reply, key(1))?.counter)).toEqual([77, 76, undefined, undefined])
    expect(openTaken(B, taken(77), key(1))).toBeUndefined()
  })
  test('bears a number above all before it, though the clock stands still or goes back', () => {
    const numbers = new OrderNumbers()
    expect([100, 100, 90].map((now) => numbers.next(A, now))).toEqual([100, 101, 102])
    numbers.taken(A, 500)
    numbers.taken(A, 300)
    expect([numbers.next(A, 110), numbers.next(A, 9_000), numbers.next(B, 5)]).toEqual([501, 9_000, 5])
  })
})
