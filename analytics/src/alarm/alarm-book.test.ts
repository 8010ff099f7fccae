import { describe, expect, test } from 'vitest'
import type { Detection } from '../detectors/detection.ts'
import type { AlarmSurroundings } from './alarm.ts'
import { AlarmBook } from './alarm-book.ts'
import { alarmName } from './alarm-name.ts'
import type { SavedAlarmBook } from './alarm-snapshot.ts'

const MINUTE = 60_000
const START = Date.UTC(2026, 0, 5)

const SURROUNDINGS: AlarmSurroundings = {
  meterClass: (meter) => (meter.startsWith('9') ? 'industrial' : 'residential'),
  position: (asset) => (asset.kind === 'rtu' ? { lon: 104, lat: 30 } : undefined),
  affectedMeters: (asset) => (asset.kind === 'rtu' ? 1284 : undefined),
}

function detection(part: Partial<Detection> & Pick<Detection, 'rule' | 'asset'>): Detection {
  return {
    zone: 'Z07', at: START, since: START, active: true, value: 1, limit: 1, unit: '1', strength: 'strong',
    evidenceKind: 'pressure', evidence: [], ...part,
  } // biome-ignore format: one detection, one line of defaults
}
const low = (id: string, active = true, value = 103_000) =>
  detection({ rule: 'pressure_low', asset: { kind: 'rtu', id }, active, value, limit: 103_500, unit: 'Pa' })
const meter = (rule: Detection['rule'], id: string, active = true, cell?: number) =>
  detection({
    rule, asset: { kind: 'meter', id }, active, evidenceKind: 'device_event',
    evidence: cell === undefined ? [] : [{ code: 'cell', at: START, value: cell }],
  }) // biome-ignore format: one detection, one line of defaults

function book() {
  let count = 0
  return new AlarmBook(SURROUNDINGS, {}, () => `A${++count}`)
}

describe('the life of an alarm', () => {
  test('a detection becomes one unacknowledged alarm with priority, consequence, first action and place', () => {
    const [alarm] = book().observe([low('R1')], START)
    expect(alarm).toMatchObject({
      id: 'A1', rule: 'pressure_low', priority: 2, state: 'active_unacked', zone: 'Z07', lon: 104, affected_meters: 1284,
      consequence: 'flames_go_out', action: 'check_regulator_and_inlet', occurrences: 1,
    }) // biome-ignore format: facts in one look
  })

  test('the same condition told again changes nothing while the value stays within the dead-band', () => {
    const alarms = book()
    alarms.observe([low('R1')], START)
    expect(alarms.observe([low('R1', true, 103_010)], START + MINUTE)).toEqual([])
    expect(alarms.observe([low('R1', true, 90_000)], START + MINUTE)).toMatchObject([{ value: 90_000, occurrences: 1 }])
  })

  test('it clears only after the off-delay, and leaves the list only when also acknowledged', () => {
    const alarms = book()
    alarms.observe([low('R1')], START)
    expect(alarms.observe([low('R1', false)], START + MINUTE)).toEqual([])
    expect(alarms.tick(START + 5 * MINUTE)).toEqual([])
    expect(alarms.tick(START + 6 * MINUTE)).toMatchObject([{ state: 'cleared_unacked', cleared_at: START + MINUTE }])
    expect(alarms.acknowledge('A1', 'li', 'seen', START + 7 * MINUTE)).toMatchObject({
      done: true,
      alarm: { state: 'cleared' },
    })
    expect(alarms.list()).toEqual([])
    expect(alarms.history()).toMatchObject([{ id: 'A1', acked_by: 'li', ack_note: 'seen' }])
  })

  test('a condition that comes back within the off-delay does not chatter', () => {
    const alarms = book()
    alarms.observe([low('R1')], START)
    for (let minute = 1; minute < 30; minute++) {
      expect(alarms.observe([low('R1', minute % 2 === 0)], START + minute * MINUTE)).toEqual([])
    }
    expect(alarms.list()).toMatchObject([{ occurrences: 1, state: 'active_unacked' }])
  })

  test('a condition that returns before the operator acknowledged is the same alarm with one more occurrence', () => {
    const alarms = book()
    alarms.observe([low('R1')], START)
    alarms.acknowledge('A1', 'li', null, START)
    alarms.observe([low('R1', false)], START)
    alarms.observe([low('R2')], START)
    expect(alarms.tick(START + 5 * MINUTE)).toMatchObject([{ id: 'A1', state: 'cleared' }])
    alarms.observe([low('R2', false)], START + 6 * MINUTE)
    alarms.tick(START + 11 * MINUTE)
    expect(alarms.observe([low('R2')], START + 12 * MINUTE)).toMatchObject([
      { id: 'A2', state: 'active_unacked', occurrences: 2 },
    ])
    expect(alarms.observe([low('R1')], START + 12 * MINUTE)).toMatchObject([{ id: 'A3', occurrences: 1 }])
  })

  test('two kinds of evidence hold one alarm up until both have ended', () => {
    const alarms = book()
    const told = { ...low('R1'), evidenceKind: 'device_event' as const }
    alarms.observe([low('R1'), told], START)
    alarms.observe([low('R1', false)], START + MINUTE)
    expect(alarms.tick(START + 60 * MINUTE)).toEqual([])
    alarms.observe([{ ...told, active: false }], START + 61 * MINUTE)
    expect(alarms.tick(START + 67 * MINUTE)).toMatchObject([{ state: 'cleared_unacked' }])
  })

  test('a rule with an on-delay shows nothing for a short disturbance', () => {
    const alarms = book()
    const down = (active: boolean) =>
      detection({ rule: 'engine_down', asset: { kind: 'system', id: 'store' }, active, evidenceKind: 'platform' })
    expect(alarms.observe([down(true)], START)).toEqual([])
    expect(alarms.observe([down(false)], START + 30_000)).toEqual([])
    expect(alarms.tick(START + 5 * MINUTE)).toEqual([])
    alarms.observe([down(true)], START + 6 * MINUTE)
    expect(alarms.tick(START + 7 * MINUTE)).toMatchObject([{ rule: 'engine_down', raised_at: START + 7 * MINUTE }])
  })

  test('a rule that asks for no act is recorded as an event and never listed', () => {
    const alarms = book()
    expect(alarms.observe([meter('clock_error', '1')], START)).toEqual([])
    expect(alarms.list()).toEqual([])
    expect(alarms.events()).toMatchObject([{ rule: 'clock_error', asset: { id: '1' } }])
  })
})

describe('shelving', () => {
  test('priority 1 is never shelved, nor anything longer than eight hours or without a reason', () => {
    const alarms = book()
    alarms.observe([detection({ rule: 'gas_detected', asset: { kind: 'rtu', id: 'R1' } }), low('R2')], START)
    expect(alarms.shelve('A1', 'li', 5, 'known works', START)).toMatchObject({ done: false, code: 'API_CONFLICT' })
    expect(alarms.shelve('A2', 'li', 481, 'known works', START)).toMatchObject({ done: false, code: 'API_INPUT' })
    expect(alarms.shelve('A2', 'li', 480, ' x ', START)).toMatchObject({ done: false, code: 'API_INPUT' })
    expect(alarms.shelve('A9', 'li', 480, 'known works', START)).toMatchObject({ done: false, code: 'API_NOT_FOUND' })
    expect(alarms.shelve('A2', 'li', 480, 'known works', START)).toMatchObject({
      done: true,
      alarm: { state: 'shelved' },
    })
  })

  test('when its time is over a standing condition asks for attention anew; one that ended is gone', () => {
    const alarms = book()
    alarms.observe([low('R1'), low('R2')], START)
    alarms.shelve('A1', 'li', 60, 'known works', START)
    alarms.shelve('A2', 'li', 60, 'known works', START)
    alarms.observe([low('R2', false)], START + MINUTE)
    alarms.tick(START + 10 * MINUTE)
    expect(alarms.kpis()).toMatchObject({ shelved: 2, unacked: 0, active: [0, 0, 0, 0] })
    const changed = alarms.tick(START + 60 * MINUTE)
    expect(changed).toMatchObject([
      { id: 'A1', state: 'active_unacked' },
      { id: 'A2', state: 'cleared' },
    ])
    expect(alarms.list()).toHaveLength(1)
  })

  test('it can be ended early', () => {
    const alarms = book()
    alarms.observe([low('R1')], START)
    expect(alarms.unshelve('A1', START)).toMatchObject({ done: false })
    alarms.shelve('A1', 'li', 60, 'known works', START)
    expect(alarms.unshelve('A1', START + MINUTE)).toMatchObject({
      done: true,
      alarm: { state: 'active_unacked', shelved_until: null },
    })
  })
})

describe('many alarms at once', () => {
  test('twenty thousand homes with an empty battery are one alarm per zone with a count', () => {
    const alarms = book()
    const reports = Array.from({ length: 20_000 }, (_, i) => ({ ...meter('battery_low', `1${i}`), zone: `Z${i % 12}` }))
    const changed = alarms.observe(reports, START)
    expect(changed).toHaveLength(12)
    expect(changed[0]).toMatchObject({ asset: { kind: 'zone', id: 'Z0' }, affected_meters: 1667, value: 1667 })
    expect(changed[0]?.evidence.length).toBeLessThanOrEqual(8)
  })

  test('an industrial meter and a serious alarm of a home have lines of their own; a flood of them shares one', () => {
    const alarms = book()
    expect(alarms.observe([meter('battery_low', '91'), meter('tamper', '10')], START)).toMatchObject([
      { asset: { id: '91' } },
      { asset: { id: '10' } },
    ])
    alarms.observe(
      Array.from({ length: 500 }, (_, i) => meter('tamper', `2${i}`)),
      START,
    )
    expect(alarms.list().filter((alarm) => alarm.rule === 'tamper')).toHaveLength(21)
    alarms.observe(
      Array.from({ length: 500 }, (_, i) => meter('tamper', `2${i}`, false)),
      START,
    )
    alarms.tick(START + 60 * MINUTE)
    expect(alarms.list().filter((alarm) => alarm.state === 'active_unacked' && alarm.rule === 'tamper')).toMatchObject([
      { asset: { id: '10' } },
    ])
  })

  test('gas in air is never hidden in a group', () => {
    const alarms = book()
    alarms.observe(
      Array.from({ length: 100 }, (_, i) => meter('gas_detected', `${i}`)),
      START,
    )
    expect(alarms.list()).toHaveLength(100)
  })

  test('an acknowledged group asks again when it grows on', () => {
    const alarms = book()
    alarms.observe(
      Array.from({ length: 10 }, (_, i) => meter('magnet', `1${i}`)),
      START,
    )
    alarms.acknowledge('A1', 'li', null, START)
    expect(alarms.observe([meter('magnet', '300')], START)).toMatchObject([
      { state: 'active_acked', affected_meters: 11 },
    ])
    expect(
      alarms.observe(
        Array.from({ length: 10 }, (_, i) => meter('magnet', `4${i}`)),
        START,
      ),
    ).toMatchObject([{ state: 'active_unacked', occurrences: 2 }])
  })

  test('ten new alarms in ten minutes are a flood with groups and first-outs; below five it is over', () => {
    const alarms = book()
    for (let i = 0; i < 9; i++) alarms.observe([{ ...low(`R${i}`), since: START - i * MINUTE }], START + i * MINUTE)
    expect(alarms.kpis()).toMatchObject({ flood: false, last_10_min: 9 })
    alarms.observe(
      [{ ...low('R9'), zone: 'Z02' }, detection({ rule: 'gas_detected', asset: { kind: 'rtu', id: 'R9' } })],
      START + 9 * MINUTE,
    )
    expect(alarms.kpis().flood).toBe(true)
    expect(alarms.floodGroups()).toMatchObject([
      { zone: 'Z07', first_out: 'A9' },
      { zone: 'Z02', first_out: 'A10', alarms: ['A10'] },
    ])
    alarms.tick(START + 15 * MINUTE)
    expect(alarms.kpis()).toMatchObject({ flood: true, last_10_min: 5 })
    alarms.tick(START + 16 * MINUTE)
    expect(alarms.kpis()).toMatchObject({ flood: false, last_10_min: 4 })
    expect(alarms.floodGroups()).toEqual([])
  })
})

describe('suppression by design', () => {
  const silent = (id: string, active = true) =>
    detection({ rule: 'silence', asset: { kind: 'rtu', id }, active, evidenceKind: 'communication' })

  test('a silent RTU hides its own low pressure, not that of others and never a danger to life', () => {
    const alarms = book()
    const rupture = detection({ rule: 'pressure_drop', asset: { kind: 'rtu', id: 'R1' } })
    alarms.observe([low('R1'), low('R2'), rupture], START)
    expect(alarms.observe([silent('R1')], START)).toMatchObject([
      { rule: 'silence' },
      { id: 'A1', state: 'suppressed', suppressed_by: 'A4' },
    ])
    expect(alarms.list().filter((alarm) => alarm.state === 'suppressed')).toHaveLength(1)
    const back = alarms.observe([silent('R1', false)], START + MINUTE)
    expect(back).toMatchObject([
      { rule: 'silence', state: 'cleared_unacked' },
      { id: 'A1', state: 'active_unacked', suppressed_by: null },
    ])
  })

  test('a radio cell that is down explains the silence of its meters but not of others in the zone', () => {
    const alarms = book()
    const cellDown = detection({
      rule: 'cell_offline', asset: { kind: 'system', id: 'cell-17' }, evidenceKind: 'communication',
      evidence: [{ code: 'cell', at: START, value: 17 }],
    }) // biome-ignore format: facts in one look
    alarms.observe(
      Array.from({ length: 50 }, (_, i) => meter('silence', `1${i}`, true, 17)),
      START,
    )
    alarms.observe([cellDown], START)
    expect(alarms.get('A1')).toMatchObject({ state: 'suppressed', suppressed_by: 'A2' })
    expect(alarms.observe([meter('silence', '999', true, 18)], START)).toMatchObject([{ id: 'A3' }])
    alarms.observe([meter('silence', '200', true, 18)], START)
    expect(alarms.get('A1')).toMatchObject({ state: 'active_unacked', affected_meters: 51 })
  })
})

const nameOf = (alarms: AlarmBook, asset: string): string =>
  alarms.list().find((alarm) => alarm.asset.id === asset)?.id ?? 'none'

test('an alarm has its name from what it is about: an act on record meets it again whatever was raised before it', () => {
  const live = new AlarmBook(SURROUNDINGS)
  live.observe(
    [detection({ rule: 'engine_down', asset: { kind: 'system', id: 'store' }, evidenceKind: 'platform' })],
    START,
  )
  live.observe([low('R1'), low('R2')], START)
  // The log, read again, holds nothing of the engine, and brings the others in another order.
  const again = new AlarmBook(SURROUNDINGS)
  again.observe([low('R2'), low('R1')], START)
  expect(again.acknowledge(nameOf(live, 'R1'), 'li', null, START)).toMatchObject({ alarm: { asset: { id: 'R1' } } })
  expect(again.list().map(({ asset, state }) => [asset.id, state])).toEqual(
    expect.arrayContaining([
      ['R1', 'active_acked'],
      ['R2', 'active_unacked'],
    ]),
  )
})

test('the same condition, come again, is another alarm; names differ among hundreds of thousands', () => {
  const alarms = new AlarmBook(SURROUNDINGS)
  const [first] = alarms.observe([low('R1')], START)
  alarms.acknowledge(first?.id ?? '', 'li', null, START)
  alarms.observe([low('R1', false)], START)
  alarms.tick(START + 10 * MINUTE)
  const [second] = alarms.observe([low('R1')], START + 10 * MINUTE)
  expect([second?.id === first?.id, alarms.get(first?.id ?? '')?.state]).toEqual([false, 'cleared'])
  const names = new Set<string>()
  for (let i = 0; i < 300_000; i++) names.add(alarmName(`silence|meter|${18_170_000_000_000 + i}`, START))
  expect(names.size).toBe(300_000)
})

test('a saved book goes on exactly as the original would', () => {
  const original = new AlarmBook(SURROUNDINGS)
  original.observe(
    [low('R1'), low('R2'), ...Array.from({ length: 30 }, (_, i) => meter('magnet', `1${i}`, true, 5))],
    START,
  )
  original.acknowledge(nameOf(original, 'R1'), 'li', null, START)
  original.shelve(nameOf(original, 'R2'), 'li', 30, 'known works', START)
  original.observe([low('R1', false), meter('clock_error', '1')], START + MINUTE)
  const copy = new AlarmBook(SURROUNDINGS)
  copy.load(JSON.parse(JSON.stringify(original.save())) as SavedAlarmBook)
  for (const alarms of [original, copy]) {
    alarms.observe([low('R3'), meter('magnet', '12', false)], START + 3 * MINUTE)
    alarms.tick(START + 40 * MINUTE)
  }
  expect(copy.list()).toEqual(original.list())
  expect(copy.history()).toEqual(original.history())
  expect(copy.kpis()).toEqual(original.kpis())
  expect(copy.events()).toEqual(original.events())
  expect(JSON.stringify(copy.save())).toBe(JSON.stringify(original.save()))
})
