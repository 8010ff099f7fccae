import type { Alarm } from '@gastwin/server/contract'
import { describe, expect, test } from 'vitest'
import { plainAlarm } from '../testing/plain-alarm.ts'
import { compareAlarms, countByPriority, groupFlood, holdOrder, selectAlarms } from './order.ts'

let next = 0
const alarm = (change: Partial<Alarm>): Alarm =>
  plainAlarm({
    ...{ id: `A${++next}`, asset: { kind: 'rtu', id: 'RTU-1' }, zone: 'Z-1' },
    ...{ since: 1000, raised_at: 1000, updated_at: 1000 },
    ...change,
  })
const all = { list: 'current', priorities: new Set<number>(), unackedOnly: false } as const
const ids = (rows: readonly Alarm[]) => rows.map((a) => a.id)

describe('order', () => {
  test('priority first, then unacknowledged, then newest', () => {
    const rows = [
      alarm({ id: 'old2', priority: 2, raised_at: 1 }),
      alarm({ id: 'acked1', priority: 1, state: 'active_acked', raised_at: 9 }),
      alarm({ id: 'new2', priority: 2, raised_at: 5 }),
      alarm({ id: 'cleared1', priority: 1, state: 'cleared_unacked', raised_at: 2 }),
      alarm({ id: 'acked2', priority: 2, state: 'active_acked', raised_at: 99 }),
    ]
    expect(ids([...rows].sort(compareAlarms))).toEqual(['cleared1', 'acked1', 'new2', 'old2', 'acked2'])
  })

  test('shelved and suppressed alarms have lists of their own, cleared ones none', () => {
    const rows = [
      alarm({ id: 'a' }),
      alarm({ id: 's', state: 'shelved' }),
      alarm({ id: 'u', state: 'suppressed' }),
      alarm({ id: 'c', state: 'cleared' }),
    ]
    expect(ids(selectAlarms(rows, all))).toEqual(['a'])
    expect(ids(selectAlarms(rows, { ...all, list: 'shelved' }))).toEqual(['s'])
    expect(ids(selectAlarms(rows, { ...all, list: 'suppressed' }))).toEqual(['u'])
    expect(countByPriority(rows)).toEqual([0, 1, 0, 0])
  })

  test('filters keep chosen priorities and unacknowledged ones', () => {
    const rows = [alarm({ id: 'a', priority: 1 }), alarm({ id: 'b', priority: 3, state: 'active_acked' })]
    expect(ids(selectAlarms(rows, { ...all, priorities: new Set([3]) }))).toEqual(['b'])
    expect(ids(selectAlarms(rows, { ...all, unackedOnly: true }))).toEqual(['a'])
  })
})

describe('while the operator is in the list', () => {
  test('rows keep their places, take new content, and new ones are counted', () => {
    const a = alarm({ id: 'a', priority: 3 })
    const b = alarm({ id: 'b', priority: 2 })
    const acked = { ...a, state: 'active_acked' as const }
    const urgent = alarm({ id: 'x', priority: 1 })
    const map = new Map([acked, b, urgent].map((r) => [r.id, r]))
    const held = holdOrder(['a', 'b'], [urgent, b, acked], map)
    expect(ids(held.rows)).toEqual(['a', 'b'])
    expect(held.rows[0]?.state).toBe('active_acked')
    expect(held.waiting).toBe(1)
  })
})

describe('in a flood', () => {
  const rows = [
    alarm({ id: 'p1', priority: 1, zone: 'Z-1' }),
    alarm({ id: 'b', zone: 'Z-1', since: 50 }),
    alarm({ id: 'c', zone: 'Z-1', since: 10 }),
    alarm({ id: 'd', zone: 'Z-1', since: 90 }),
    alarm({ id: 'e', zone: 'Z-2' }),
    alarm({ id: 'f', zone: null }),
  ]

  test('three of a zone become one row that names the first; priority 1 stays alone', () => {
    const entries = groupFlood(rows, new Set())
    expect(entries.map((e) => e.key)).toEqual(['p1', 'group:Z-1', 'e', 'f'])
    const group = entries[1]
    expect(group?.kind === 'group' && group.first.id).toBe('c')
    expect(group?.kind === 'group' && group.alarms.length).toBe(3)
  })

  test('an opened group shows its rows and marks the first-out', () => {
    const entries = groupFlood(rows, new Set(['group:Z-1']))
    expect(entries.map((e) => e.key)).toEqual(['p1', 'group:Z-1', 'b', 'c', 'd', 'e', 'f'])
    expect(entries.flatMap((e) => (e.kind === 'alarm' && e.firstOut ? e.key : []))).toEqual(['c'])
  })
})
