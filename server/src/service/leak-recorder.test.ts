import { expect, test } from 'vitest'
import type { Leak } from '../contract/index.ts'
import { LeakBook } from '../ledger/leak-book.ts'
import { LeakRecorder } from './leak-recorder.ts'

const HOUR = 3_600_000
const MARCH = Date.UTC(2026, 2, 1)

const leak = (more: Partial<Leak> = {}): Leak => ({
  ...{ id: 'Z1-0301-0300', kind: 'leak', state: 'confirmed', zone: 'Z1', suspected_at: MARCH, detected_at: MARCH },
  ...{ started_at: MARCH, candidates: [], evidence: [], closed: null },
  ...{ standard_flow_m3_s: { p05: 0.001, p50: 0.002, p95: 0.003 } },
  ...more,
})
const flowing = (p50: number) => leak({ standard_flow_m3_s: { p05: 0.5 * p50, p50, p95: 1.5 * p50 } })
const states = (events: ReturnType<LeakRecorder['take']>) =>
  events.map((event) => (event.type === 'leak_finding' ? event.leak.state : event.type))

test('a suspicion is not put on record, a confirmed leak once, and again after a day', () => {
  const recorder = new LeakRecorder()
  expect(recorder.take([leak({ state: 'suspected', detected_at: null })], MARCH)).toEqual([])
  expect(states(recorder.take([leak()], MARCH + HOUR))).toEqual(['confirmed'])
  expect(recorder.take([leak({ state: 'located' })], MARCH + 2 * HOUR)).toEqual([])
  expect(states(recorder.take([leak()], MARCH + 26 * HOUR))).toEqual(['confirmed'])
})

test('a size that moves goes on record at most once an hour', () => {
  const recorder = new LeakRecorder()
  recorder.take([flowing(0.002)], MARCH)
  expect(recorder.take([flowing(0.00205)], MARCH + 2 * HOUR)).toEqual([])
  expect(recorder.take([flowing(0.003)], MARCH + HOUR / 2)).toEqual([])
  expect(states(recorder.take([flowing(0.003)], MARCH + 2 * HOUR))).toEqual(['confirmed'])
})

test('that a leak is cut off or withdrawn is told at once, and what was closed by a person is told by that act alone', () => {
  const recorder = new LeakRecorder()
  recorder.take([leak()], MARCH)
  expect(states(recorder.take([leak({ state: 'isolated' })], MARCH + 60_000))).toEqual(['isolated'])
  const closed = { at: MARCH, user: 'a', found: 'repaired', pipe: null, note: null } as const
  expect(recorder.take([leak({ state: 'closed', closed })], MARCH + HOUR)).toEqual([])
  recorder.take([leak({ id: 'Z2-1', zone: 'Z2' })], MARCH)
  const gone = leak({ id: 'Z2-1', zone: 'Z2', state: 'dismissed' })
  expect(states(recorder.take([gone], MARCH + 60_000))).toEqual(['dismissed'])
  expect(recorder.take([gone], MARCH + 2 * HOUR)).toEqual([])
})

test('after a start the same is said once more, and whoever reads the log knows the same', () => {
  const before = new LeakRecorder().take([leak()], MARCH)
  const events = [...before, ...new LeakRecorder().take([leak()], MARCH + 2 * HOUR)]
  expect(events).toHaveLength(2)
  const read = (list: typeof events) => {
    const book = new LeakBook()
    for (const event of list) if (event.type === 'leak_finding') book.take(event.leak, event.at)
    return book.known(MARCH + 3 * HOUR)
  }
  expect(read(events)).toEqual(read(before))
})
