import { buildNetwork, type Report, WALL_CLOCK } from '@gastwin/twin'
import { describe, expect, test } from 'vitest'
import type { DeviceCondition } from '../contract/index.ts'
import { Archive } from '../devices/archive.ts'
import { MeterBook } from '../devices/meter-book.ts'
import { CityState } from '../pipeline/city-state.ts'
import { FIRST_METER, FIRST_RTU, madeCity } from '../pipeline/testing/made-city.ts'
import { DeviceFinder } from './find-devices.ts'

const METERS = 30
const NOON = Date.UTC(2026, 2, 29, 12)
const DAY = 86_400_000

function setUp() {
  const city = new CityState(buildNetwork(madeCity(3, METERS / 3, 1)), WALL_CLOCK)
  const archive = new Archive()
  const meters = new MeterBook()
  const { network, fleet, views } = city
  const finder = new DeviceFinder({ network, fleet, views, archive, meters, now: () => NOON })
  let position = 0
  const hear = (device: number, at: number, status: object = {}, events: readonly 'magnet'[] = []) => {
    const report: Report = {
      ...({ device, kind: 'meter', trigger: 'timed', deviceTime: at, sequence: 1, events } as const),
      readings: [{ quantity: 'index_m3', at, value: 7 }],
      status,
    }
    city.take([{ position: position++, receivedAt: at, report, host: '' }], at)
  }
  const numbers = async (filter: Parameters<DeviceFinder['find']>[0]) =>
    (await finder.find(filter, 0, 1000)).slots.map((slot) => finder.row(slot).number)
  return { finder, archive, meters, hear, numbers }
}

describe('devices', () => {
  test('are handed out in pages that hold each of them once', async () => {
    const { finder } = setUp()
    const seen: number[] = []
    let from: number | null = 0
    while (from !== null) {
      const page: Awaited<ReturnType<DeviceFinder['find']>> = await finder.find({}, from, 7)
      seen.push(...page.slots)
      expect(page.total).toBe(METERS + 3 + 3)
      from = page.next
    }
    expect(seen).toEqual(Array.from({ length: METERS + 6 }, (_, i) => i))
  })

  test('are found by part of a number, by kind and by zone, all together', async () => {
    const { numbers } = setUp()
    expect(await numbers({ query: String(FIRST_METER + 12) })).toEqual([String(FIRST_METER + 12)])
    expect(await numbers({ kind: 'rtu' })).toEqual([0, 1, 2].map((i) => String(FIRST_RTU + i)))
    expect((await numbers({ kind: 'meter', zone: 'Z2' })).length).toBe(METERS / 3)
    expect(await numbers({ kind: 'rtu', zone: 'Z2', query: 'nothing' })).toEqual([])
    expect(await numbers({ zone: 'no such zone' })).toEqual([])
  })

  test('are found by how they are', async () => {
    const { hear, numbers } = setUp()
    const [silent, closed, weak, fine] = [0, 1, 2, 3].map((i) => FIRST_METER + i) as [number, number, number, number]
    hear(silent, NOON - 3 * DAY)
    hear(closed, NOON - 60_000, { valve: 'closed', batteryVolt: 3.1 })
    hear(weak, NOON - 60_000, { rsrpDbm: -118, sinrDb: 9 }, ['magnet'])
    hear(fine, NOON - 60_000, { rsrpDbm: -90, sinrDb: 9, batteryVolt: 3.6, valve: 'open' })
    const found = async (condition: DeviceCondition) => await numbers({ kind: 'meter', conditions: [condition] })
    expect(await found('silent')).toEqual([String(silent)])
    expect(await found('valve_closed')).toEqual([String(closed)])
    expect(await found('low_battery')).toEqual([String(closed)])
    expect(await found('weak_radio')).toEqual([String(weak)])
    expect(await found('events')).toEqual([String(weak)])
    expect((await found('never_heard')).length).toBe(METERS - 4)
    expect(await numbers({ conditions: ['events', 'valve_closed'] })).toEqual([])
  })

  test('are found by their marks and by the number of a meter that came later, at the point where it stands', async () => {
    const { archive, meters, numbers, finder } = setUp()
    const [point, device] = [FIRST_METER + 5, 777]
    meters.hold({
      ...{ point, device, before: point, fitted_at: NOON, quantity: 'index_m3', old_end_m3: 1, new_begin_m3: 0 },
      ...{ offset_m3: 1, by: 'anna', reason: 'old', since: 1 },
    })
    archive.apply({
      table: 'devices',
      rows: [
        { number: '777', tags: 'loud;old' },
        { number: String(point), tags: 'old' },
        { number: String(FIRST_METER), tags: 'old' },
      ],
    })
    expect(await numbers({ query: '777' })).toContain(String(point))
    // The meter that was taken away stands nowhere, whatever its tags are.
    expect(await numbers({ mark: 'tag:old' })).toEqual([String(FIRST_METER), String(point)])
    expect(await numbers({ mark: 'tag:loud' })).toEqual([String(point)])
    const { slots } = await finder.find({ mark: 'tag:loud' }, 0, 1)
    expect(finder.row(slots[0] ?? -1)).toMatchObject({ device: '777', tags: ['loud', 'old'] })
  })
})
