import { DEVICE_EVENTS, type DeviceEvent, type Trigger } from '@gastwin/twin'
import { describe, expect, test } from 'vitest'
import { CityContext, reportOf } from '../testing/city-context.ts'
import { takeOver } from '../testing/take-over.ts'
import { DeviceEventDetector } from './device-event-detector.ts'
import { EVENT_RULES } from './event-rules.table.ts'

const START = Date.UTC(2026, 0, 5)
interface Step {
  readonly events?: readonly DeviceEvent[]
  readonly trigger?: Trigger
  readonly volt?: number
  readonly valve?: 'open' | 'abnormal'
  readonly late?: boolean
}

function run(steps: readonly Step[]) {
  const context = new CityContext()
  context.addZone('Z')
  context.addMeter(0)
  let detector = new DeviceEventDetector(context)
  return steps.flatMap(({ events = [], trigger = 'timed', volt, valve, late }, i) => {
    const status = { ...(volt !== undefined && { batteryVolt: volt }), ...(valve !== undefined && { valve }) }
    const report = reportOf(
      context,
      0,
      START + i * 1000,
      {},
      { events, trigger, status, outcome: late ? 'late' : 'fresh' },
    )
    const told = detector.observe([report])
    detector = takeOver(detector, new DeviceEventDetector(context))
    return told.map((d) => [i, d.rule, d.active, d.evidence.map((fact) => fact.code).join('+')] as const)
  })
}

test.each(DEVICE_EVENTS)(
  '%s is told once under its rule and ends with the next report on schedule without it',
  (event) => {
    const { rule } = EVENT_RULES[event]
    expect(run([{ events: [event], trigger: 'alarm' }, { events: [event] }, {}, {}])).toEqual([
      [0, rule, true, event],
      [2, rule, false, ''],
    ])
  },
)

describe('what stands', () => {
  test('two events of one rule stand together until both are gone', () => {
    expect(run([{ events: ['dismantled', 'reset'] }, { events: ['reset'] }, {}])).toEqual([
      [0, 'tamper', true, 'dismantled+reset'],
      [2, 'tamper', false, ''],
    ])
  })

  test('an urgent report or an answer only adds', () => {
    expect(
      run([{ events: ['magnet'] }, { trigger: 'answer' }, { events: ['cover_open'], trigger: 'alarm' }, {}]),
    ).toEqual([
      [0, 'magnet', true, 'magnet'],
      [2, 'cover_open', true, 'cover_open'],
      [3, 'magnet', false, ''],
      [3, 'cover_open', false, ''],
    ])
  })

  test('a late report neither ends what newer ones said nor revives what is over, unless it was urgent', () => {
    expect(
      run([
        { events: ['magnet'] },
        { late: true },
        { events: ['reset'], late: true },
        { events: ['gas_leak'], trigger: 'alarm', late: true },
      ]),
    ).toEqual([
      [0, 'magnet', true, 'magnet'],
      [3, 'gas_detected', true, 'gas_leak'],
    ])
  })
})

test('a battery voltage has hysteresis, and a report without one says nothing about it', () => {
  expect(run([{ volt: 3.5 }, { volt: 3.05 }, {}, { volt: 3.2 }, { volt: 3.35 }])).toEqual([
    [1, 'battery_low', true, 'battery_volt'],
    [4, 'battery_low', false, 'battery_volt'],
  ])
})

test('a valve that calls itself abnormal is told', () => {
  expect(run([{ valve: 'open' }, { valve: 'abnormal' }, { valve: 'open' }])).toEqual([
    [1, 'valve_abnormal', true, ''],
    [2, 'valve_abnormal', false, ''],
  ])
})

test('devices added after the start have a place', () => {
  const context = new CityContext()
  const detector = new DeviceEventDetector(context)
  for (let i = 0; i < 100; i++) context.addMeter(-1)
  expect(detector.observe([reportOf(context, 99, START, {}, { events: ['magnet'] })])).toMatchObject([
    { rule: 'magnet', zone: undefined },
  ])
})
