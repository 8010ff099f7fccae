import { buildNetwork, type Report, WALL_CLOCK } from '@gastwin/twin'
import { describe, expect, test } from 'vitest'
import { FirmwareBook } from '../devices/firmware-book.ts'
import { CityState } from '../pipeline/city-state.ts'
import { FIRST_METER, madeCity } from '../pipeline/testing/made-city.ts'
import { TrustBook } from '../trust/trust-book.ts'
import { ConcentratorViews } from './concentrator-view.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const MIDNIGHT = Date.parse('2026-03-15T00:00:00+08:00')
const NUMBER = 94_000_000_000_001
const since = new Date(MIDNIGHT - 2 * DAY).toISOString()

function cityWith(meters: number) {
  const document = madeCity(1, meters, 1)
  const city = new CityState(
    buildNetwork({
      ...document,
      concentrators: [
        {
          id: 'C1',
          device_number: String(NUMBER),
          collectors: [{ id: 'K1', interface: 'm_bus' }],
          meters: document.meters.map(({ id }, i) => ({ meter: id, ...(i === 0 ? { collector: 'K1' } : {}) })),
          since,
        },
      ],
    }),
    WALL_CLOCK,
  )
  let position = 0
  const take = (report: Report, at: number) =>
    city.take([{ position: position++, receivedAt: at, report, host: 'x' }], at)
  const word = (sequence: number, at: number, backlog = 0) =>
    take(
      {
        device: NUMBER,
        kind: 'concentrator',
        trigger: 'timed',
        deviceTime: at,
        sequence,
        readings: [],
        events: [],
        status: { rsrpDbm: -90, pci: 12 },
        concentrator: {
          addresses: { version: 0, rows: 0 },
          backlog,
          routes: [{ meter: FIRST_METER + 1, collector: 0, hops: [FIRST_METER, FIRST_METER + 2], signalDbm: -101 }],
          results: [],
        },
      },
      at,
    )
  const value = (meter: number, at: number, receivedAt: number) =>
    take(
      {
        device: meter,
        kind: 'meter',
        trigger: 'timed',
        deviceTime: at,
        sequence: -1,
        readings: [{ quantity: 'index_m3', at, value: 100 }],
        events: [],
        status: {},
      },
      receivedAt,
    )
  return { city, views: new ConcentratorViews(city, new TrustBook(new Uint8Array(0)), new FirmwareBook()), word, value }
}

describe('concentrators as they are shown', () => {
  test('one that was never heard owes everything since it was put up, and is the reason itself', () => {
    const { views } = cityWith(3)
    const now = MIDNIGHT + 2 * HOUR
    expect(views.list(now)).toMatchObject([{ state: 'never_heard', meters: 3, missing: 9, given_up: 0 }])
    const { items, total } = views.missing({ limit: 4 }, now)
    expect(total).toBe(9)
    expect(items.map(({ due_at, reason }) => [due_at, reason])).toEqual([
      ...Array.from({ length: 3 }, () => [MIDNIGHT - 2 * DAY, 'concentrator_silent']),
      [MIDNIGHT - DAY, 'concentrator_silent'],
    ])
  })

  test('one that fell silent owes what became due since; what arrived is not owed', () => {
    const { views, word, value } = cityWith(3)
    word(1, MIDNIGHT - 2 * DAY - HOUR)
    const now = MIDNIGHT - 2 * DAY + 2 * HOUR
    expect(views.list(now)).toMatchObject([{ state: 'online', missing: 3, rsrp_dbm: -90, pci: 12 }])
    value(FIRST_METER, MIDNIGHT - 2 * DAY, now)
    expect(views.list(now)[0]?.missing).toBe(2)
    expect(views.list(now + 2 * HOUR)[0]?.state).toBe('silent')
    word(2, now, 7)
    expect(views.list(now)[0]?.state).toBe('catching_up')
  })

  test('its meters are shown with path, collector, plan and last value, page by page', () => {
    const { views, word, value } = cityWith(3)
    word(1, MIDNIGHT)
    value(FIRST_METER + 1, MIDNIGHT, MIDNIGHT + 60_000)
    const now = MIDNIGHT + HOUR
    const first = views.meters(String(NUMBER), { limit: 2 }, false, now)
    expect([first.total, first.next, first.items.length]).toEqual([3, '2', 2])
    expect(first.items[0]).toMatchObject({ collector: 'K1', interface: 'm_bus', route: null, missing: 2 })
    expect(first.items[1]).toMatchObject({
      route: [String(FIRST_METER), String(FIRST_METER + 2)],
      signal_dbm: -101,
      last_at: MIDNIGHT,
      last_value: 100,
      plan: { every: 'day', slots: [0] },
    })
    expect(views.one(String(NUMBER), now)).toMatchObject({ meters_by_hops: [0, 0, 1], without_route: 2 })
    expect(() => views.one('5', now)).toThrow('no concentrator')
    expect(() => views.meters(String(NUMBER), { limit: 2, cursor: 'x' }, false, now)).toThrow('cursor')
  })
})
