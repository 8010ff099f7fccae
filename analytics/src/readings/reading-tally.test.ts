import { CityCalendar, DEAF_SINK, FleetState, type Report } from '@gastwin/twin'
import { describe, expect, test } from 'vitest'
import { ReadingTally } from './reading-tally.ts'

const DAY = 86_400_000
const calendar = new CityCalendar('Asia/Shanghai')
const NOON = Date.parse('2026-03-15T12:00:00+08:00')
const today = calendar.dayNumber(NOON)

function made() {
  const fleet = new FleetState({ dayNumber: (at) => calendar.dayNumber(at) })
  for (let i = 0; i < 4; i++) fleet.register({ number: 100 + i, kind: 'meter', asset: i, zone: i % 2, node: 0 })
  const tally = new ReadingTally(fleet, calendar, (slot) => `zone ${slot % 2}`)
  let sequence = 0
  const hear = (device: number, at: number, receivedAt: number, value = 10 + at / DAY, badClock = false): void => {
    const report: Report = {
      device,
      kind: 'meter',
      trigger: 'timed',
      deviceTime: badClock ? 5 : at,
      sequence: ++sequence,
      readings: [{ quantity: 'index_m3', at: badClock ? 5 : at, value }],
      events: [],
      status: {},
    }
    const slot = fleet.slotOf(device)
    const before = tally.before(slot)
    const sink = { ...DEAF_SINK, anomaly: (_slot: number, kind: 'register_backwards') => tally.doubt(kind) }
    const outcome = fleet.apply(report, receivedAt, sink)
    tally.after(slot, before, receivedAt, outcome === 'bad_clock')
  }
  const counts = () =>
    [...tally.between(0, Number.POSITIVE_INFINITY)].map(({ day, group, read, inTime, wrong }) => [
      day - today,
      group,
      read,
      inTime,
      wrong,
    ])
  return { tally, hear, counts }
}

describe('counting daily values', () => {
  test('a meter counts once a day, on its day when it came then, and late when it came later', () => {
    const { hear, counts } = made()
    hear(100, NOON, NOON + 1000)
    hear(100, NOON + 3_600_000, NOON + 3_601_000)
    hear(102, NOON, NOON + 1000)
    hear(101, NOON - DAY, NOON)
    expect(counts()).toEqual([
      [0, 'zone 0', 2, 2, 0],
      [-1, 'zone 1', 1, 0, 0],
    ])
  })

  test('what is restated or repeated changes nothing, and a gap that is filled counts late', () => {
    const { hear, counts } = made()
    hear(100, NOON - 3 * DAY, NOON - 3 * DAY)
    hear(100, NOON, NOON)
    hear(100, NOON, NOON)
    hear(100, NOON - 2 * DAY, NOON + 5000)
    expect(counts()).toEqual([
      [-3, 'zone 0', 1, 1, 0],
      [0, 'zone 0', 1, 1, 0],
      [-2, 'zone 0', 1, 0, 0],
    ])
  })

  test('a register that ran backwards and a clock that cannot be are not accurate', () => {
    const { hear, counts } = made()
    hear(100, NOON - DAY, NOON - DAY, 500)
    hear(100, NOON, NOON, 400)
    hear(102, NOON, NOON, 1, true)
    expect(counts()).toEqual([
      [-1, 'zone 0', 1, 1, 0],
      [0, 'zone 0', 2, 2, 2],
    ])
  })

  test('two months are kept, over a restart too', () => {
    const { hear, counts, tally } = made()
    for (let day = -80; day <= 0; day++) hear(100, NOON + day * DAY, NOON + day * DAY)
    expect(counts()).toHaveLength(62)
    const again = made()
    again.tally.load(JSON.parse(JSON.stringify(tally.save())))
    expect(again.counts()).toEqual(counts())
  })
})
