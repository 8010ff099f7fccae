import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { EstimateFeed } from './estimate-feed.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function feedOf(wanted: () => boolean, ok = true) {
  const asked: number[] = []
  const bodies: ArrayBuffer[] = []
  const feed = new EstimateFeed({
    fetch: async () => {
      asked.push(performance.now())
      return ok
        ? { ok: true, value: new ArrayBuffer(8) }
        : { ok: false, failure: { code: 'NET_DOWN', status: 0, detail: '' } }
    },
    onBody: (body) => bodies.push(body),
    wanted,
    steady: () => performance.now(),
  })
  return { feed, asked, bodies }
}

test('a burst of estimates is fetched at once and then every five seconds, the last one included', async () => {
  const { feed, asked, bodies } = feedOf(() => true)
  for (let i = 0; i < 12; i++) {
    feed.tell()
    await vi.advanceTimersByTimeAsync(1000)
  }
  await vi.advanceTimersByTimeAsync(60_000)
  const gaps = asked.slice(1).map((at, i) => at - (asked[i] ?? 0))
  expect(asked).toHaveLength(4)
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(5000)
  expect(bodies).toHaveLength(4)
})

test('nothing is fetched while nobody looks, and what came meanwhile is fetched once somebody does', async () => {
  let looking = false
  const { feed, asked } = feedOf(() => looking)
  feed.tell()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toHaveLength(0)
  looking = true
  feed.look()
  feed.look()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toHaveLength(1)
})

test('a fetch that failed is tried again, not sooner than five seconds later', async () => {
  const { feed, asked } = feedOf(() => true, false)
  feed.tell()
  await vi.advanceTimersByTimeAsync(11_000)
  expect(asked).toHaveLength(3)
  feed.stop()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toHaveLength(3)
})
