import { describe, expect, test } from 'vitest'
import { instantOf, NO_ORDER, type OrderWords, orderOfWords } from './order-words.ts'

const ZONE = 'Asia/Shanghai'
const typed = (more: Partial<OrderWords>) => orderOfWords({ ...NO_ORDER, ...more }, ZONE)

describe('an order that was typed', () => {
  test('is none until it is whole and in its limits', () => {
    expect(typed({ kind: 'month', month: '2026-13' })).toBeUndefined()
    expect(typed({ kind: 'month', month: ' 2026-02 ' })).toEqual({ kind: 'read', month: '2026-02' })
    expect([typed({ kind: 'log', days: '31' }), typed({ kind: 'log', days: '' })]).toEqual([undefined, undefined])
    expect(typed({ kind: 'log', days: '7' })).toEqual({ kind: 'log', days: 7 })
    expect(typed({ kind: 'server_address', address: 'nb.example' })).toBeUndefined()
    expect(typed({ kind: 'server_address', address: 'nb.example:5683' })).toMatchObject({ setting: 'server_address' })
    expect(typed({ kind: 'restart' })).toEqual({ kind: 'restart' })
  })
  test('has prices whose steps rise, the last without end, from an instant of the city’s clocks', () => {
    const tiers = [
      { yuan: '2.63', to: '300' },
      { yuan: '3.16', to: '480' },
      { yuan: '4', to: 'what stands here does not count' },
    ]
    const prices = { kind: 'price', tiers, from: 'at', when: '2026-03-14 00:00' } as const
    expect(typed(prices)).toMatchObject({
      prices: {
        tiers: [{ to_m3: 300 }, { yuan_per_m3: 3.16 }, { yuan_per_m3: 4, to_m3: null }],
        from_at: Date.parse('2026-03-14T00:00:00+08:00'),
      },
    })
    expect(typed({ ...prices, when: '14 March' })).toBeUndefined()
    expect(typed({ ...prices, from: 'day', when: '29' })).toBeUndefined()
    expect(
      typed({ ...prices, from: 'now', tiers: [tiers[1], tiers[0], tiers[2]].flatMap((t) => t ?? []) }),
    ).toBeUndefined()
  })
  test('keeps to the clocks of the city over a change of summer time', () => {
    expect(instantOf('2026-03-29 12:00', 'Europe/Berlin')).toBe(Date.parse('2026-03-29T12:00:00+02:00'))
    expect(instantOf('2026-03-28 12:00', 'Europe/Berlin')).toBe(Date.parse('2026-03-28T12:00:00+01:00'))
  })
})
