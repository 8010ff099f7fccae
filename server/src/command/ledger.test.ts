import type { Report } from '@gastwin/twin'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { COMMAND_STATES, isLive, mayFollow } from './command-state.ts'
import { awaitsPress, CommandLedger, type CommandRequest, NO_RULES } from './ledger.ts'

const METER = 181702000027
const T0 = 1_760_000_000_000
const HOUR = 3_600_000
const asked = (changes: Partial<CommandRequest> = {}): CommandRequest => ({
  kind: 'close',
  device: String(METER),
  cause: 'shutoff-1',
  now: T0,
  expiresAt: T0 + 24 * HOUR,
  ...changes,
})
const ALL = { clock: true, close: true, parameter: true }
const next = (ledger: CommandLedger, device: number, now: number, forms = ALL) =>
  ledger.nextFor(device, now, forms).command
const spread = { kind: 'parameter', cause: 'tariff', setting: { parameter: 'report_spread_s', value: 120 } } as const
const reported = (status: Report['status'], deviceTime = T0): Report => ({
  device: METER,
  kind: 'meter',
  trigger: 'answer',
  deviceTime,
  sequence: 1,
  readings: [],
  events: [],
  status,
})

describe('asking', () => {
  test('the same cause, device and kind is one command, whatever became of it', () => {
    const ledger = new CommandLedger()
    const first = ledger.request(asked())
    expect(first).toMatchObject({ id: 1, state: 'queued', tries: 0, cause: 'shutoff-1', error: null })
    ledger.advance(1, 'failed', T0 + 1, 'no answer')
    expect(ledger.request(asked({ now: T0 + 2 }))).toMatchObject({ id: 1, state: 'failed' })
    expect(ledger.request(asked({ cause: 'shutoff-2' })).id).toBe(2)
    expect(ledger.request(asked({ device: '5' })).id).toBe(3)
    expect(ledger.request(asked({ kind: 'clock' })).id).toBe(4)
    expect(ledger.list().map(({ id }) => id)).toEqual([4, 3, 2, 1])
  })
})

describe('an order for which a button is to be pressed', () => {
  const pressed = (at = T0): Report => ({ ...reported({}, at), trigger: 'button' })
  test('rides on the answer to the button’s report, although its cell is busy, and the press is on record', () => {
    const ledger = new CommandLedger()
    ledger.request(asked({ ...spread, press: 'customer' }))
    ledger.request(asked({ ...spread, cause: 'patient' }))
    const busy = { ...NO_RULES, holds: () => true }
    expect(ledger.applyReport(reported({}), T0 + 1)).toEqual([])
    expect(ledger.nextFor(METER, T0 + 1, ALL, busy).command).toBeUndefined()
    expect(ledger.applyReport(pressed(), T0 + HOUR)).toMatchObject([
      { id: 1, press: { by: 'customer', pressed_at: T0 + HOUR } },
    ])
    expect(ledger.nextFor(METER, T0 + HOUR, ALL, busy).command).toMatchObject({ id: 1 })
    // Pressed once more, it is the same press.
    expect(ledger.applyReport(pressed(), T0 + 2 * HOUR)).toEqual([])
    expect(CommandLedger.load(JSON.parse(JSON.stringify(ledger.save()))).get(1)).toEqual(ledger.get(1))
  })
  test('goes with a timed report as well, and nobody is asked any more', () => {
    const ledger = new CommandLedger()
    const entry = ledger.request(asked({ ...spread, press: 'worker' }))
    expect(awaitsPress(entry)).toBe(true)
    expect(next(ledger, METER, T0 + HOUR)).toMatchObject({ id: 1 })
    expect(awaitsPress(ledger.get(1) ?? entry)).toBe(false)
    expect(ledger.applyReport(pressed(), T0 + 2 * HOUR)).toEqual([])
  })
  test('says at its end that nobody pressed, or that it was pressed in vain', () => {
    const ledger = new CommandLedger()
    ledger.request(asked({ ...spread, press: 'worker' }))
    ledger.request(asked({ ...spread, cause: 'in vain', press: 'customer', device: '5' }))
    ledger.applyReport({ ...pressed(), device: 5 }, T0 + HOUR)
    expect(ledger.expire(T0 + 25 * HOUR).map(({ error }) => error)).toEqual([
      expect.stringMatching(/never told by .*: the worker who was asked did not press/),
      expect.stringMatching(/the button was pressed, and its report could not be answered with it/),
    ])
  })
})

describe('a sleeping meter', () => {
  test('gets its command with the answer to its next report, and again until it answers', () => {
    const ledger = new CommandLedger()
    expect(next(ledger, METER, T0)).toBeUndefined()
    ledger.request(asked())
    expect(next(ledger, METER, T0 + HOUR)).toEqual({ kind: 'close', id: 1 })
    expect(next(ledger, METER, T0 + 2 * HOUR)).toEqual({ kind: 'close', id: 1 })
    expect(ledger.get(1)).toMatchObject({ state: 'sent', tries: 2 })
    expect(next(ledger, 5, T0)).toBeUndefined()
    ledger.applyReport(reported({ command: { id: 1, accepted: true } }), T0 + 3 * HOUR)
    expect(ledger.get(1)).toMatchObject({ state: 'accepted' })
    expect(next(ledger, METER, T0 + 4 * HOUR)).toBeUndefined()
  })
  test('gets a close before settings, and older settings before younger', () => {
    const ledger = new CommandLedger()
    ledger.request(asked(spread))
    ledger.request(asked({ ...spread, cause: 'later', setting: { parameter: 'report_base_s', value: 60 } }))
    ledger.request(asked())
    expect(next(ledger, METER, T0)).toEqual({ kind: 'close', id: 3 })
    ledger.advance(3, 'accepted', T0)
    expect(next(ledger, METER, T0)).toEqual({ kind: 'parameter', id: 1, parameter: 'report_spread_s', value: 120 })
    expect(ledger.applyReport(reported({ command: { id: 1, accepted: true } }), T0)).toMatchObject([
      { state: 'confirmed' },
    ])
    expect(next(ledger, METER, T0)).toMatchObject({ id: 2 })
  })
  test('is not counted as told what its language has no form for', () => {
    const ledger = new CommandLedger()
    ledger.request(asked(spread))
    ledger.request(asked({ kind: 'clock' }))
    ledger.request(asked())
    expect(ledger.nextFor(METER, T0, { clock: true, close: false, parameter: false })).toMatchObject({
      command: undefined,
      changed: [{ kind: 'clock', state: 'sent' }],
    })
    expect(next(ledger, METER, T0, { clock: false, close: true, parameter: false })).toEqual({ kind: 'close', id: 3 })
    ledger.advance(3, 'confirmed', T0)
    expect(next(ledger, METER, T0, { clock: false, close: true, parameter: false })).toBeUndefined()
    expect(ledger.get(1)).toMatchObject({ state: 'queued', tries: 0 })
  })
  test('gets urgent settings first, and none before the one under way is answered', () => {
    const ledger = new CommandLedger()
    ledger.request(asked({ ...spread, cause: 'a', priority: 'low' }))
    ledger.request(asked({ ...spread, cause: 'b' }))
    expect(next(ledger, METER, T0)).toMatchObject({ id: 2 })
    ledger.request(asked({ ...spread, cause: 'c', priority: 'urgent' }))
    expect(next(ledger, METER, T0)).toMatchObject({ id: 2 })
    ledger.applyReport(reported({ command: { id: 2, accepted: true } }), T0)
    expect(next(ledger, METER, T0)).toMatchObject({ id: 3 })
  })
  test('is answered by the newest command whose number ends alike where only 16 bits come back', () => {
    const ledger = CommandLedger.load({ format: 'gastwin-ledger/1', nextId: 0x1_0005, commands: [] })
    ledger.request(asked())
    next(ledger, METER, T0)
    expect(ledger.applyReport(reported({ command: { id: 5, accepted: true } }), T0)).toEqual([])
    expect(ledger.applyReport(reported({ command: { id: 5, accepted: true } }), T0, 16)).toMatchObject([
      { id: 0x1_0005, state: 'accepted' },
    ])
  })
  test('is spared a command that was taken back before it was sent; later it cannot be', () => {
    const ledger = new CommandLedger()
    ledger.request(asked())
    expect(ledger.cancel(1, T0, 'li')).toMatchObject({ state: 'cancelled', error: 'cancelled by li' })
    expect(next(ledger, METER, T0)).toBeUndefined()
    ledger.request(asked({ cause: 'again' }))
    next(ledger, METER, T0)
    expect(ledger.cancel(2, T0, 'li')).toBeUndefined()
    expect(ledger.get(2)?.state).toBe('sent')
  })
  test('does not get what has expired', () => {
    const ledger = new CommandLedger()
    ledger.request(asked({ expiresAt: T0 + HOUR }))
    expect(next(ledger, METER, T0 + HOUR)).toBeUndefined()
    expect(ledger.expire(T0 + HOUR - 1)).toEqual([])
    const [given] = ledger.expire(T0 + HOUR)
    expect(given).toMatchObject({ id: 1, state: 'expired' })
    expect(given?.error).toMatch(/not done by 2025-10-09T/)
    expect(ledger.expire(T0 + 2 * HOUR)).toEqual([])
  })
})

describe('what reports prove', () => {
  test('a closed valve confirms a close that was sent, even one that was given up', () => {
    const ledger = new CommandLedger()
    ledger.request(asked())
    expect(ledger.applyReport(reported({ valve: 'closed' }), T0)).toEqual([])
    ledger.advance(1, 'sent', T0)
    ledger.advance(1, 'expired', T0 + 1, 'late')
    expect(ledger.applyReport(reported({ valve: 'open' }), T0 + 2)).toEqual([])
    expect(ledger.applyReport(reported({ valve: 'closed' }), T0 + 3)).toMatchObject([
      { state: 'confirmed', error: null },
    ])
  })
  test('acceptance and arrival in one report are two steps', () => {
    const ledger = new CommandLedger()
    ledger.request(asked())
    const changed = ledger.applyReport(reported({ valve: 'closed', command: { id: 1, accepted: true } }), T0)
    expect(changed.map(({ state }) => state)).toEqual(['accepted', 'confirmed'])
  })
  test('a refusal ends a command; the answer of another device changes nothing', () => {
    const ledger = new CommandLedger()
    ledger.request(asked())
    const stranger = { ...reported({ command: { id: 1, accepted: true } }), device: 5 }
    expect(ledger.applyReport(stranger, T0)).toEqual([])
    ledger.request(asked({ device: '5' }))
    expect(ledger.applyReport(stranger, T0)).toEqual([])
    expect(ledger.applyReport(reported({ command: { id: 1, accepted: false } }), T0)).toMatchObject([
      { id: 1, state: 'refused', error: 'refused by the device' },
    ])
  })
  test('a clock command is done when the device reports with the right time', () => {
    const ledger = new CommandLedger()
    ledger.request(asked({ kind: 'clock' }))
    expect(ledger.applyReport(reported({}), T0)).toEqual([])
    expect(next(ledger, METER, T0)).toBeUndefined()
    expect(ledger.get(1)?.state).toBe('sent')
    expect(ledger.applyReport(reported({}, T0 - HOUR), T0)).toEqual([])
    expect(ledger.applyReport(reported({}, T0 - 2_000), T0)).toMatchObject([{ state: 'confirmed' }])
  })
})

describe('states', () => {
  test('no command leaves an end but to be confirmed late', () => {
    for (const from of ['confirmed', 'refused', 'cancelled', 'expired', 'failed'] as const) {
      expect(isLive(from)).toBe(false)
      const followers = COMMAND_STATES.filter((to) => mayFollow(from, to))
      expect(followers).toEqual(from === 'expired' || from === 'failed' ? ['confirmed'] : [])
    }
  })
  test('what was sent cannot be cancelled any more, and unknown commands do not move', () => {
    const ledger = new CommandLedger()
    ledger.request(asked())
    ledger.advance(1, 'sent', T0)
    expect(ledger.advance(1, 'cancelled', T0)).toBeUndefined()
    expect(ledger.advance(9, 'sent', T0)).toBeUndefined()
  })
})

describe('keeping', () => {
  test('a ledger loaded from its JSON behaves as the one that was saved', () => {
    const step = fc.record({ act: fc.nat(5), device: fc.nat(2), id: fc.integer({ min: 1, max: 8 }), cause: fc.nat(2) })
    const run = (
      ledger: CommandLedger,
      { act, device, id, cause }: { act: number; device: number; id: number; cause: number },
      i: number,
    ) => {
      const now = T0 + i * HOUR
      const request = asked({ device: String(device), cause: `c${cause}`, now, expiresAt: now + 3 * HOUR })
      switch (act) {
        case 0:
          return ledger.request(request)
        case 1:
          return ledger.request({ ...request, ...spread, cause: `p${cause}` })
        case 2:
          return next(ledger, device, now)
        case 3:
          return ledger.applyReport(
            { ...reported({ valve: 'closed', command: { id, accepted: cause > 0 } }), device },
            now,
          )
        case 4:
          return ledger.expire(now)
        default:
          return ledger.forget(now - 5 * HOUR)
      }
    }
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.nat(30), (steps, cut) => {
        let ledger = new CommandLedger()
        const whole = new CommandLedger()
        steps.forEach((each, i) => {
          if (i === cut) ledger = CommandLedger.load(JSON.parse(JSON.stringify(ledger.save())))
          expect(run(ledger, each, i)).toEqual(run(whole, each, i))
        })
        expect(ledger.save()).toEqual(whole.save())
      }),
    )
  })
  test('what ended long ago is forgotten, and its cause may be used again', () => {
    const ledger = new CommandLedger()
    ledger.request(asked())
    ledger.request(asked({ cause: 'other' }))
    ledger.advance(1, 'cancelled', T0)
    expect(ledger.forget(T0)).toBe(0)
    expect(ledger.forget(T0 + 1)).toBe(1)
    expect(ledger.request(asked()).id).toBe(3)
    ledger.advance(2, 'cancelled', T0)
    ledger.advance(3, 'cancelled', T0)
    expect(ledger.forget(T0 + 1)).toBe(2)
    expect(next(ledger, METER, T0)).toBeUndefined()
  })
  test('numbers begin again after the last that fits 32 bits', () => {
    const ledger = CommandLedger.load({ format: 'gastwin-ledger/1', nextId: 0xffff_ffff, commands: [] })
    expect(ledger.request(asked()).id).toBe(0xffff_ffff)
    expect(ledger.request(asked({ cause: 'next' })).id).toBe(1)
  })
  test.each([
    null,
    {},
    { format: 'gastwin-ledger/1', nextId: 1 },
    { format: 'gastwin-ledger/1', nextId: 1, commands: [7] },
    ...['id', 'device', 'kind', 'state', 'cause', 'error', 'setting', 'expires_at'].map((field) => {
      const ledger = new CommandLedger()
      ledger.request(asked())
      const saved = ledger.save()
      return {
        ...saved,
        commands: [{ ...saved.commands[0], [field]: field === 'setting' ? { parameter: 'apn', value: 1 } : [] }],
      }
    }),
  ])('%j is not a saved ledger', (saved) => {
    expect(() => CommandLedger.load(saved)).toThrow(/not a saved/)
  })
})

describe('an order to run another firmware', () => {
  const firmware = { image: 3, version: '1.1.0', from: '1.0.0' }
  const ordered = () => {
    const ledger = new CommandLedger()
    const { id } = ledger.request(asked({ kind: 'firmware', cause: 'campaign C1', firmware }))
    expect(next(ledger, METER, T0)).toEqual({ kind: 'firmware', id, image: 3 })
    return { ledger, id, hear: (status: Report['status']) => ledger.applyReport(reported(status), T0 + HOUR) }
  }
  test('is accepted first, told no more, and confirmed by the version that runs then', () => {
    const { ledger, id, hear } = ordered()
    hear({ firmware: '1.0.0', command: { id, accepted: true } })
    expect(ledger.get(id)?.state).toBe('accepted')
    expect(next(ledger, METER, T0 + HOUR)).toBeUndefined()
    hear({ firmware: '1.0.0' })
    expect(ledger.get(id)?.state).toBe('accepted')
    hear({ firmware: '1.1.0', update: { id, outcome: 'running' } })
    expect(ledger.get(id)).toMatchObject({ state: 'confirmed', firmware })
  })
  test('is confirmed although the word of its end was lost, and only when it was told', () => {
    const { ledger, id, hear } = ordered()
    hear({ firmware: '1.1.0' })
    expect(ledger.get(id)?.state).toBe('confirmed')
    const untold = new CommandLedger()
    untold.request(asked({ kind: 'firmware', firmware }))
    untold.applyReport(reported({ firmware: '1.1.0' }), T0)
    expect(untold.get(1)?.state).toBe('queued')
  })
  test.each([
    [{ firmware: '1.0.0', outcome: 'returned' as const }, 'returned'],
    [{ firmware: '1.0.0', outcome: 'bad_signature' as const }, 'bad_signature'],
    [{ firmware: '1.2.0', outcome: 'running' as const }, 'other_version:1.2.0'],
  ])('fails with the device’s word %j', ({ firmware: runs, outcome }, error) => {
    const { ledger, id, hear } = ordered()
    hear({ command: { id, accepted: true } })
    hear({ firmware: runs, update: { id, outcome } })
    expect(ledger.get(id)).toMatchObject({ state: 'failed', error })
  })
  test('is not ended by the word about another order, and comes back from a snapshot as it was', () => {
    const { ledger, id, hear } = ordered()
    hear({ firmware: '1.0.0', update: { id: id + 7, outcome: 'returned' } })
    expect(ledger.get(id)?.state).toBe('sent')
    const again = CommandLedger.load(JSON.parse(JSON.stringify(ledger.save())))
    expect(again.get(id)).toEqual(ledger.get(id))
    expect(next(again, METER, T0 + HOUR)).toEqual({ kind: 'firmware', id, image: 3 })
  })
})
