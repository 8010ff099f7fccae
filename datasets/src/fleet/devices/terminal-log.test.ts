import { expect, test } from 'vitest'
import { TerminalLog } from './terminal-log.ts'

const T0 = Date.parse('2026-03-01T00:00:00+08:00')
const DAY = 86_400_000

test('a log is told in pieces of twenty lines, oldest first, and one without lines as one empty piece', () => {
  const log = new TerminalLog()
  expect(log.pieces(7, 30, T0)).toEqual([{ command: 7, piece: 1, pieces: 1, entries: [] }])
  for (let i = 0; i < 45; i++) log.note(T0 + i * 60_000 + 999, 'radio_reported', i)
  const pieces = log.pieces(7, 1, T0 + 3_600_000)
  expect(pieces.map(({ piece, pieces: of, entries }) => [piece, of, entries.length])).toEqual([
    [1, 3, 20],
    [2, 3, 20],
    [3, 3, 5],
  ])
  expect(pieces.flatMap(({ entries }) => entries.map(({ value }) => value))).toEqual(
    Array.from({ length: 45 }, (_, i) => i),
  )
  expect(pieces[0]?.entries[0]).toEqual({ at: T0, what: 'radio_reported', value: 0 })
})

test('a log keeps thirty days, and tells as many as it is asked for', () => {
  const log = new TerminalLog()
  for (let day = 0; day < 40; day++) log.note(T0 + day * DAY, 'clock_set', day)
  const now = T0 + 39 * DAY
  const told = (days: number) => log.pieces(1, days, now).flatMap(({ entries }) => entries.map(({ value }) => value))
  expect(told(2)).toEqual([37, 38, 39])
  expect(told(30)).toEqual(Array.from({ length: 31 }, (_, i) => 9 + i))
})
