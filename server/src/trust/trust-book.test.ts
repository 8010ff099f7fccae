import type { Report } from '@gastwin/twin'
import { describe, expect, test } from 'vitest'
import { packNumbers } from '../log/packed-numbers.ts'
import { entryOf } from '../log/platform-events.ts'
import { CONTENT_FORMAT, type DeviceLookup, deviceKey, encodeReport } from '../protocol/index.ts'
import { type FrameSource, readFrame } from './read-frame.ts'
import { loadTrust, saveTrust } from './saved-trust.ts'
import { noTrustFacts, TrustBook, type TrustFacts } from './trust-book.ts'
import type { TrustEvent } from './trust-events.ts'

const ROOT = new Uint8Array(16).fill(7)
const METER = 181_702_000_027
const { CJT188, CJT188_SM4 } = CONTENT_FORMAT
const FROM = { address: '10.0.0.1', port: 40_000 }
const key = (fill: number) => new Uint8Array(16).fill(fill)
const said = (value: number, trigger: Report['trigger'] = 'timed'): Report => ({
  ...{ device: METER, kind: 'meter', trigger, deviceTime: 1_773_507_260_000, sequence: value, events: [] },
  ...{ readings: [{ quantity: 'index_m3', at: 1_773_507_260_000, value }], status: { valve: 'open' } },
})
const lookupOf = (trust: TrustBook): DeviceLookup => ({
  keyOf: (device) => trust.keyOf(device),
  statusProfileOf: () => 'standard',
})
const sealedWith = (own: Uint8Array, value: number) =>
  encodeReport(CJT188_SM4, said(value), { keyOf: () => own, statusProfileOf: () => 'standard' })
const plain = (value: number, trigger?: Report['trigger']) =>
  encodeReport(CJT188, said(value, trigger), { keyOf: () => undefined, statusProfileOf: () => 'standard' })

function bookWith(...events: readonly (readonly [position: number, event: TrustEvent])[]): TrustBook {
  const book = new TrustBook(ROOT)
  for (const [position, event] of events) book.hold(event, position)
  return book
}
const sealer = new TrustBook(ROOT)
const session = (fill: number, at: number): TrustEvent => ({
  ...{ type: 'trust_session', at, device: METER, serial: 7, platform: 'north', nonce_at: at },
  key: sealer.sealKey(key(fill), METER, at),
})
const ended: TrustEvent = { type: 'trust_session_end', at: 5, device: METER, reason: 'revoked' }
const step = (of: 'none' | 'warn' | 'isolate', from: string | null): TrustEvent => ({
  ...{
    type: 'trust_step',
    at: 1,
    device: METER,
    from,
    except: null,
    step: of,
    score: 1,
    reasons: [],
    by: 'rules',
    note: null,
  },
})
const read = (
  book: TrustBook,
  contentFormat: number,
  payload: Uint8Array,
  from: Omit<FrameSource, 'contentFormat' | 'payload'> = FROM,
) => {
  const content = readFrame({ contentFormat, payload, ...from }, lookupOf(book), book)
  return content.kind === 'malformed' ? content.reason : content.readings[0]?.value
}

describe('keys', () => {
  test('hold behind their place in the log, one key a meter at a time', () => {
    const book = bookWith([10, session(1, 1)], [20, session(2, 2)], [30, ended])
    const at = (position: number) => {
      book.at = position
      return book.keyOf(METER)
    }
    expect([at(5), at(10)]).toEqual([deviceKey(ROOT, METER), deviceKey(ROOT, METER)])
    expect([at(11), at(20)]).toEqual([key(1), key(1)])
    expect([at(21), at(30)]).toEqual([key(2), key(2)])
    expect([at(31), at(Number.POSITIVE_INFINITY)]).toEqual([undefined, undefined])
    expect(book.keyOf(METER + 1)).toEqual(deviceKey(ROOT, METER + 1))
  })
  test('a reader that begins in the middle, and one that was given everything, read alike', () => {
    const events = [[10, session(1, 1)] as const, [20, session(2, 2)] as const]
    const book = bookWith(...events)
    const given = new TrustBook(ROOT, structuredClone(book.facts))
    for (const reader of [book, given]) {
      // The log tells again what is known.
      for (const [position, event] of events) reader.take({ ...entryOf(event), position })
      reader.at = 15
      expect(read(reader, CJT188_SM4, sealedWith(key(1), 4))).toBe(4)
      expect(read(reader, CJT188_SM4, sealedWith(key(2), 4))).not.toBe(4)
      reader.at = 21
      expect(read(reader, CJT188_SM4, sealedWith(key(2), 4))).toBe(4)
    }
  })
  test('never stand plain in the log or in a snapshot, and come back from both', () => {
    const book = bookWith([10, session(1, 1)], [12, step('warn', null)], [20, ended], [25, session(3, 9)])
    const text = JSON.stringify(saveTrust(book))
    for (const told of [text, JSON.stringify(session(1, 1))])
      for (const fill of [1, 3]) {
        expect(told).not.toContain(Buffer.from(key(fill)).toString('base64').slice(0, 20))
        expect(told).not.toContain(Buffer.from(key(fill)).toString('hex'))
      }
    const back = new TrustBook(ROOT)
    loadTrust(back, JSON.parse(text))
    for (const position of [5, 11, 21, 26]) {
      back.at = position
      book.at = position
      expect(back.keyOf(METER)).toEqual(book.keyOf(METER))
      expect(back.stepOf(METER, 'x')).toBe(book.stepOf(METER, 'x'))
    }
    expect(back.since).toBe(25)
    const stranger = new TrustBook(key(5))
    loadTrust(stranger, JSON.parse(text))
    expect(stranger.keyOf(METER)).toBeUndefined()
  })
  test('of many devices fit columns that grow', () => {
    const book = new TrustBook(ROOT)
    for (let i = 1; i <= 100; i++)
      book.hold(
        {
          ...{ type: 'trust_session', at: i, device: i, serial: i, platform: 'p', nonce_at: i },
          key: sealer.sealKey(key(i), i, i),
        },
        i,
      )
    for (let i = 1; i <= 100; i++) expect(book.keyOf(i)).toEqual(key(i))
    expect(book.sessionCount).toBe(100)
  })
  test('without a root key nothing opens and nothing is sealed', () => {
    const none = new TrustBook(new Uint8Array(0))
    none.hold(session(1, 1), 1)
    expect(none.keyOf(METER)).toBeUndefined()
    expect(() => none.sealKey(key(1), METER, 1)).toThrow(/master key/)
  })
})

describe('policies', () => {
  test('a device with a session speaks cipher, and its urgent alarm is heard in any form', () => {
    const book = bookWith([10, session(1, 1)])
    expect(read(book, CJT188, plain(3))).toBe('refused')
    expect(read(book, CJT188, plain(3, 'alarm'))).toBe(3)
    expect(read(book, CJT188_SM4, sealedWith(key(1), 3))).toBe(3)
    book.at = 9
    expect(read(book, CJT188, plain(3))).toBe(3)
  })
  test('an operator’s word goes before the profile, the profile before the session', () => {
    const only = (rule: 'plain' | 'cipher' | 'both') => ({ report: rule, alarm: rule, command: rule }) as const
    const policy = (position: number, rule: 'plain' | 'cipher' | 'both' | null): [number, TrustEvent] => [
      position,
      { type: 'trust_policy', at: 1, device: METER, user: 'u', policy: rule && only(rule) },
    ]
    const book = bookWith([10, session(1, 1)], policy(20, 'plain'), policy(30, null))
    const rules = [15, 25, 35].map((at) => {
      book.at = at
      return [book.policyOf(METER, undefined).report, book.policyOf(METER, only('both')).report]
    })
    expect(rules).toEqual([
      ['cipher', 'both'],
      ['plain', 'plain'],
      ['cipher', 'both'],
    ])
    book.at = 25
    expect(read(book, CJT188_SM4, sealedWith(key(1), 3))).toBe('refused')
    expect(read(book, CJT188, plain(3))).toBe(3)
  })
})

describe('steps', () => {
  const there = '10.0.0.9:1'
  test('keep away one source of a device and not the others, behind their place', () => {
    const book = bookWith([10, step('isolate', there)])
    const from = { address: '10.0.0.9', port: 1 }
    expect(read(book, CJT188, plain(3), from)).toBe('refused')
    expect(read(book, CJT188, plain(3))).toBe(3)
    book.at = 10
    expect(read(book, CJT188, plain(3), from)).toBe(3)
  })
  test('of the whole device hold for every source, and an end of them ends all', () => {
    const book = bookWith([10, step('isolate', there)], [20, step('isolate', null)], [30, step('none', null)])
    book.at = 25
    expect(read(book, CJT188, plain(3))).toBe('refused')
    expect([...book.standing()]).toEqual([])
    book.at = 31
    expect(read(book, CJT188, plain(3), { address: '10.0.0.9', port: 1 })).toBe(3)
  })
  test('facts of a thread that starts later hold what was added meanwhile', () => {
    const facts: TrustFacts = noTrustFacts()
    const book = new TrustBook(ROOT, facts)
    book.hold(step('isolate', there), 4)
    book.hold(session(2, 2), 5)
    const later = new TrustBook(ROOT, structuredClone(facts))
    expect([later.stepOf(METER, there), later.keyOf(METER), later.since]).toEqual(['isolate', key(2), 5])
  })
})

describe('proven identities', () => {
  const OTHER = METER + 1
  const CONCENTRATOR = 94_000_000_000_001
  const numbers = (...devices: readonly number[]) => packNumbers(Float64Array.from(devices).sort())
  const only = (say: boolean, ...devices: readonly number[]): TrustEvent => ({
    ...{ type: 'trust_secure', at: 1, only: say, devices: numbers(...devices) },
  })
  const as = (...devices: readonly number[]) => ({ ...FROM, proven: { identity: 'i', devices } })

  test('speak for their devices, and a concentrator’s for what it may bring, from wherever', () => {
    const relay = { type: 'trust_relay', at: 1, device: CONCENTRATOR, meters: numbers(METER), others: [] } as const
    const source = { type: 'trust_source', at: 1, device: CONCENTRATOR, from: '9.9.9.9:9' } as const
    const book = bookWith([10, relay], [11, source])
    expect([read(book, CJT188, plain(1), as(METER)), read(book, CJT188, plain(2), as(OTHER, CONCENTRATOR))]).toEqual([
      ...[1, 2],
    ])
    expect([read(book, CJT188, plain(3), as(OTHER)), read(book, CJT188, plain(4))]).toEqual(['refused', 'refused'])
  })

  test('give what cipher text is wanted for', () => {
    const book = bookWith([10, session(1, 1)])
    expect([read(book, CJT188, plain(1)), read(book, CJT188, plain(2), as(METER))]).toEqual(['refused', 2])
  })

  test('are the only ones believed where the file says so, behind that word alone, for everybody who reads', () => {
    const relay = { type: 'trust_relay', at: 1, device: CONCENTRATOR, meters: numbers(OTHER), others: [] } as const
    const book = bookWith([10, only(true, METER, CONCENTRATOR)], [20, only(false, METER)], [30, relay])
    const thread = new TrustBook(ROOT, structuredClone(book.facts))
    const saved = new TrustBook(ROOT)
    loadTrust(saved, JSON.parse(JSON.stringify(saveTrust(book))))
    for (const one of [book, thread, saved]) {
      const at = (position: number) => {
        one.at = position
        return [read(one, CJT188, plain(1)), read(one, CJT188, plain(1), as(METER))]
      }
      expect([at(5), at(15), at(25)]).toEqual([
        [1, 1],
        ['refused', 1],
        [1, 1],
      ])
      expect([...one.secure.now()]).toEqual([CONCENTRATOR])
      expect(one.since).toBe(30)
    }
  })
})
