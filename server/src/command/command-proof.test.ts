import type { Report } from '@gastwin/twin'
import { describe, expect, test } from 'vitest'
import { CommandLedger, type CommandRequest } from './ledger.ts'

const METER = 181_702_000_027
const T0 = Date.parse('2026-03-10T12:00:00+08:00')
const DAY = 86_400_000
const ALL = { clock: true, close: true, parameter: true }
const reported = (more: Partial<Report>): Report => ({
  ...{ device: METER, kind: 'meter', trigger: 'answer', deviceTime: T0, sequence: 1, events: [], status: {} },
  readings: [{ quantity: 'index_m3', at: T0, value: 5 }],
  ...more,
})
const rules = {
  ...{ holds: () => false, consentFor: () => undefined, open: (sealed: string) => sealed.replace('sealed:', '') },
  sessionOf: () => 40,
}

/** A ledger with one order that was told. */
function told(order: Pick<CommandRequest, 'kind' | 'read' | 'log' | 'connection' | 'prices'>) {
  const ledger = new CommandLedger()
  ledger.request({ ...order, device: String(METER), cause: 'anna', now: T0 - 60_000, expiresAt: T0 + DAY })
  const { command } = ledger.nextFor(METER, T0, ALL, rules)
  const hear = (more: Partial<Report>, session = 40) => {
    ledger.applyReport(reported(more), T0, 32, session)
    return ledger.get(1)
  }
  return { command, hear }
}
const taken = { status: { command: { id: 1, accepted: true } } }

describe('an order is done when something proves it:', () => {
  test('a reading, by a register that was taken after it was asked for', () => {
    const { command, hear } = told({ kind: 'read' })
    expect(command).toEqual({ kind: 'read', id: 1 })
    expect(hear({ ...taken, readings: [{ quantity: 'index_m3', at: T0 - DAY, value: 4 }] })?.state).toBe('accepted')
    expect(hear({})?.state).toBe('confirmed')
  })
  test('a month, by the days of it that came with the word; none is a failure', () => {
    const month = { kind: 'read', read: { month: '2026-02', days: null } } as const
    const days = [0, 1, 2].map((i) => ({
      ...{ quantity: 'index_m3' as const, at: Date.parse('2026-02-01T00:00:00+08:00') + i * DAY, value: i },
    }))
    const first = told(month)
    expect(first.command).toEqual({ kind: 'read', id: 1, month: 202_602 })
    expect(first.hear({ ...taken, readings: days })).toMatchObject({ state: 'confirmed', read: { days: 3 } })
    expect(told(month).hear(taken)).toMatchObject({ state: 'failed', error: 'nothing_kept' })
    expect(told(month).hear({ status: { command: { id: 1, accepted: false } } })?.state).toBe('refused')
  })
  test('a log, by its last piece, in whatever order and however often they come', () => {
    const { hear } = told({ kind: 'log', log: { days: 30, pieces: null, got: [], lines: 0 } })
    const entries = [{ at: T0, what: 'clock_set', value: 1 }] as const
    const piece = (number: number) => ({ terminalLog: { command: 1, piece: number, pieces: 3, entries } })
    expect(hear({ ...taken, ...piece(3) })).toMatchObject({ state: 'accepted', log: { got: [3], pieces: 3, lines: 1 } })
    expect(hear(piece(3))?.log).toMatchObject({ got: [3], lines: 1 })
    expect(hear(piece(1))).toMatchObject({ state: 'accepted', log: { got: [1, 3] } })
    expect(hear(piece(2))).toMatchObject({ state: 'confirmed', log: { got: [1, 2, 3], lines: 3 } })
  })
  test('a restart, by the registration behind it', () => {
    const { hear } = told({ kind: 'restart' })
    expect(hear(taken)?.state).toBe('accepted')
    expect(hear({ trigger: 'registration' })?.state).toBe('confirmed')
  })
  test('another session key, by a session that begins behind the order', () => {
    const { hear } = told({ kind: 'renew_key' })
    expect(hear(taken)).toMatchObject({ state: 'accepted', renewal: { before: 40 } })
    expect(hear({}, 41)?.state).toBe('confirmed')
  })
  test('another address, by the word from there; a meter that came back failed', () => {
    const order = { kind: 'connection', connection: { setting: 'server_address', value: 'sealed:h:1' } } as const
    const { command, hear } = told(order)
    expect(command).toEqual({ kind: 'connection', id: 1, setting: 'server_address', text: 'h:1' })
    expect(hear(taken)?.state).toBe('accepted')
    expect(hear({ status: { update: { id: 1, outcome: 'running' } } })?.state).toBe('confirmed')
    const other = told(order)
    other.hear(taken)
    expect(other.hear({ status: { update: { id: 1, outcome: 'returned' } } })).toMatchObject({
      ...{ state: 'failed', error: 'returned' },
    })
  })
  test('prices, by the word of the meter', () => {
    const tiers = [
      { yuan_per_m3: 2.63, to_m3: 300 },
      { yuan_per_m3: 4, to_m3: null },
    ]
    const { command, hear } = told({ kind: 'price', prices: { tiers, from_day: null, from_at: T0 + DAY } })
    expect(command).toMatchObject({ prices: { tiers: [{ yuan: 2.63, toM3: 300 }, { yuan: 4 }], fromAt: T0 + DAY } })
    expect(hear(taken)?.state).toBe('confirmed')
  })
})

test('a sealed value that cannot be opened is told to nobody', () => {
  const ledger = new CommandLedger()
  const connection = { setting: 'apn', value: 'sealed:x' } as const
  ledger.request({ kind: 'connection', connection, device: String(METER), cause: 'a', now: T0, expiresAt: T0 + DAY })
  expect(ledger.nextFor(METER, T0, ALL, { ...rules, open: () => undefined }).command).toBeUndefined()
  expect(ledger.get(1)?.state).toBe('queued')
})
