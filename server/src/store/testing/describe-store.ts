import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { GapStatement } from '../../contract/index.ts'
import type { EventLog } from '../../log/event-log.ts'
import { openSegmentLog } from '../../log/segment-log.ts'
import { openStore } from '../open-store.ts'
import type { Store, StoreOptions } from '../store.ts'
import {
  appendAll,
  DAY,
  DEVICES,
  datagram,
  gapStatement,
  HOUR,
  heard,
  MARCH,
  METER,
  MINUTE,
  platformEvent,
  RTU,
  report,
  STRANGER,
  suspicion,
  temporaryDirectory,
} from './store-fixture.ts'

/** Where a run of the suite keeps its tables. */
export type StorePlace = Pick<StoreOptions, 'server' | 'directory' | 'database'>

const text = async (stream: AsyncIterable<unknown>) => {
  let all = ''
  for await (const chunk of stream) all += String(chunk)
  return all
}

/** What any store must do, whatever database is behind it. */
export function describeStore(name: string, place: () => Promise<StorePlace & { readonly drop: () => Promise<void> }>) {
  describe(`a store on ${name}`, () => {
    let at: Awaited<ReturnType<typeof place>>
    let directory: Awaited<ReturnType<typeof temporaryDirectory>>
    let log: EventLog
    let store: Store
    const open = () =>
      openStore({
        ...at,
        cluster: null,
        logDirectory: directory.path,
        devices: DEVICES,
        masterKey: new Uint8Array(0),
        timeZone: 'Asia/Shanghai',
        rollUpEveryMs: 3_600_000,
      })
    const settled = () => store.settled(log.end)
    const series = (device: number, quantity: string, from: number, to: number, points: number) =>
      store.series({ device, asset: String(device), quantity, from, to, points })

    beforeAll(async () => {
      directory = await temporaryDirectory()
      at = await place()
      log = await openSegmentLog(directory.path)
      store = open()
      await store.ready()
    })
    afterAll(async () => {
      await store.close()
      await log.close()
      await at.drop()
      await directory.remove()
    })

    test('a reading counts once however often and late its report comes, and the value received first stays', async () => {
      const readings = [0, 1, 2].map((h) => ({ quantity: 'index_m3' as const, at: MARCH + h * HOUR, value: 100 + h }))
      const late = { quantity: 'index_m3' as const, at: MARCH + 90 * MINUTE, value: 101.5 }
      const twisted = readings.map((r) => ({ ...r, value: r.value + 50 }))
      await log.append([heard(report(METER, readings)), heard(report(METER, readings), MARCH + DAY)])
      await log.append([heard(report(METER, [late]), MARCH + DAY)])
      await settled()
      await log.append([heard(report(METER, twisted), MARCH + 2 * DAY)])
      await settled()
      const { at, value, resolution, unit } = await series(METER, 'index_m3', MARCH, MARCH + DAY, 100)
      expect({ at, value, resolution, unit }).toEqual({
        at: [0, 1, 1.5, 2].map((h) => MARCH + h * HOUR),
        value: [100, 101, 101.5, 102],
        resolution: 'raw',
        unit: 'm3',
      })
    })

    test('what a device says of itself is kept beside its readings, its events as events', async () => {
      const said = report(METER, [{ quantity: 'index_m3', at: MARCH + 5 * HOUR, value: 105 }], {
        events: ['magnet', 'cover_open'],
        status: { batteryVolt: 3.6, rsrpDbm: -101 },
      })
      await log.append([heard(said)])
      await settled()
      expect(await store.latest(METER)).toEqual([
        { quantity: 'battery_volt', at: MARCH + 5 * HOUR, value: expect.closeTo(3.6, 6) },
        { quantity: 'index_m3', at: MARCH + 5 * HOUR, value: 105 },
        { quantity: 'rsrp_dbm', at: MARCH + 5 * HOUR, value: -101 },
      ])
      const [magnet] = await store.events('device_magnet', MARCH, MARCH + DAY, 10)
      expect(magnet).toMatchObject({ type: 'device_magnet', at: MARCH + 5 * HOUR, body: { kind: 'meter' } })
    })

    test('the days of a month and lines of a terminal’s own log stand at their own times, told once or twice', async () => {
      const month = MARCH - 28 * DAY
      const days = [0, 1, 2].map((i) => ({ quantity: 'index_m3' as const, at: month + i * DAY, value: 50 + i }))
      const entries = [
        { at: month + HOUR, what: 'clock_set', value: -2 },
        { at: month + HOUR, what: 'valve_closed', value: 0 },
      ] as const
      const said = (sequence: number) =>
        heard(
          report(METER, [...days, { quantity: 'index_m3', at: MARCH + 6 * HOUR, value: 106 }], {
            ...{ sequence, trigger: 'answer', terminalLog: { command: 7, piece: 1, pieces: 1, entries } },
          }),
        )
      await log.append([said(901), said(902)])
      await settled()
      expect((await series(METER, 'index_m3', month, month + 3 * DAY, 10)).value).toEqual([50, 51, 52])
      const lines = await store.deviceLog([METER], month, month + DAY, 10)
      expect(lines.map(({ source, at, what, detail }) => [source, at - month, what, detail]).sort()).toEqual([
        ['terminal', HOUR, 'terminal_clock_set', '-2'],
        ['terminal', HOUR, 'terminal_valve_closed', ''],
      ])
    })

    test('refused bytes and strangers are quarantined with their bytes, whatever the bytes are', async () => {
      const every = Uint8Array.from({ length: 256 }, (_, i) => i)
      await log.append([datagram(every, MARCH), datagram(every, MARCH + 1)])
      await log.append([heard(report(STRANGER, [{ quantity: 'index_m3', at: MARCH, value: 1 }]))])
      await settled()
      const [stranger, malformed] = await store.quarantine(10)
      expect(stranger).toMatchObject({ reason: 'unknown-device', device: String(STRANGER), count: 1 })
      expect(malformed).toMatchObject({ device: null, count: 2, source: '127.0.0.1:5683', received_at: MARCH + 1 })
      expect(malformed?.bytes_hex).toBe(Buffer.from(every).toString('hex'))
      const frames = await store.frames(STRANGER, 5)
      expect(frames.map((f) => f.reason)).toEqual(['unknown_device'])
      expect((await series(STRANGER, 'index_m3', MARCH, MARCH + DAY, 10)).at).toEqual([])
    })

    test('a frozen balance is replaced by its later revision', async () => {
      const period = {
        zone: '东区',
        from: MARCH,
        to: MARCH + DAY,
        supply_m3: 1000,
        sales_m3: 900,
        linepack_change_m3: 10,
        own_use_m3: 0,
        gap_m3: 90,
        gap_rate: 0.09,
        temperature_pressure_m3: 20,
        unread_m3: 30,
        unread_meters: 4,
        meters: 50,
        inlet_coverage: 1,
      }
      const revised = { ...period, sales_m3: 930, gap_m3: 60, gap_rate: null, unread_m3: 0 }
      await log.append([platformEvent({ type: 'zone_period', span: 'day', period })])
      await settled()
      expect(await store.zonePeriods('东区', 'day', MARCH, MARCH + DAY)).toEqual([period])
      await log.append([platformEvent({ type: 'zone_period', span: 'day', period: revised })])
      await settled()
      expect(await store.zonePeriods('东区', 'day', MARCH, MARCH + DAY)).toEqual([revised])
      expect(await store.zonePeriods("x' OR 1=1 --", 'day', 0, MARCH + DAY)).toEqual([])
    })

    test('a statement of the gap is replaced by a later one, its change is kept, and a suspicion has its course', async () => {
      const statement = gapStatement('东区', MARCH, 1)
      const restated = {
        ...statement,
        sales_m3: 930,
        gap_m3: 60,
        gap_rate: null,
        revision: 2,
        stated_at: MARCH + 3 * DAY,
      }
      const change = {
        ...{ zone: '东区', from: MARCH, to: MARCH + DAY, at: MARCH + 3 * DAY, revision: 2 },
        ...{ supply_change_m3: 0, sales_change_m3: 30, gap_change_m3: -30 },
      }
      const record = (one: typeof statement, changed: typeof change | null, at: number) =>
        platformEvent({
          ...{ type: 'gap_statement', at, zone: one.zone },
          recorded: { every: 'day', statement: one, change: changed },
        })
      const other = gapStatement('Z2', MARCH, 1)
      await log.append([record(statement, null, MARCH + 2 * DAY), record(other, null, MARCH + 2 * DAY)])
      await settled()
      expect(await store.gapStatements('day', '东区', MARCH, MARCH + DAY)).toEqual([statement])
      await log.append([record(restated, change, MARCH + 3 * DAY)])
      await log.append(
        [0.4, 0].map((probability, i) =>
          platformEvent({ type: 'gap_suspect', at: MARCH + i * DAY, zone: 'Z2', ...suspicion(probability) }),
        ),
      )
      await settled()
      expect(await store.gapStatements('day', '东区', MARCH, MARCH + DAY)).toEqual([restated])
      expect(await store.gapStatements('day', undefined, MARCH, MARCH + DAY)).toEqual([other, restated])
      expect(await store.gapStatements('week', undefined, MARCH, MARCH + DAY)).toEqual([])
      expect(await store.gapStatements('day', undefined, MARCH + 1, MARCH + DAY)).toEqual([])
    })

    test('a statement whose supply was not measured comes back without gap and shares', async () => {
      const unknown: GapStatement = {
        ...gapStatement('Z7', MARCH + 40 * DAY, 1),
        ...{ supply_state: 'not_measured', gap_m3: null, gap_rate: null, shares_m3: null, shares_yuan: null },
      }
      await log.append([
        platformEvent({
          ...{ type: 'gap_statement', at: MARCH + 41 * DAY, zone: 'Z7' },
          recorded: { every: 'day', statement: unknown, change: null },
        }),
      ])
      await settled()
      expect(await store.gapStatements('day', 'Z7', MARCH + 40 * DAY, MARCH + 41 * DAY)).toEqual([unknown])
    })

    test('a series comes raw, by hour or by day, never with more points than asked for', async () => {
      const begin = MARCH + 10 * DAY
      const minutes = Array.from({ length: 3 * 24 * 60 }, (_, i) => i)
      const value = (i: number) => 300_000 + (i % 60) * 10
      const said = minutes.map((i) =>
        report(RTU, [{ quantity: 'pressure_pa', at: begin + i * MINUTE, value: value(i) }]),
      )
      await appendAll(
        log,
        said.map((one) => heard(one)),
      )
      await settled()
      const byHour = {
        value: Array.from({ length: 72 }, () => 300_295),
        min: Array.from({ length: 72 }, () => 300_000),
        max: Array.from({ length: 72 }, () => 300_590),
      }
      const hours = () => series(RTU, 'pressure_pa', begin, begin + 3 * DAY, 100)
      expect(await hours(), 'before any roll-up').toMatchObject({ resolution: 'hour', ...byHour })
      await store.rollUp()
      expect(await hours(), 'from the roll-up').toMatchObject({ resolution: 'hour', ...byHour })
      // The same reports once more, and one hour that is cut in half by its last reading.
      await appendAll(
        log,
        said.slice(0, 600).map((one) => heard(one)),
      )
      await log.append([heard(report(RTU, [{ quantity: 'pressure_pa', at: begin + 3 * DAY, value: 1e6 }]))])
      await settled()
      expect(await hours(), 'repeated reports, not rolled up yet').toMatchObject(byHour)
      await store.rollUp()
      expect(await hours(), 'rolled up again with repeated reports').toMatchObject(byHour)
      const days = await series(RTU, 'pressure_pa', begin, begin + 3 * DAY, 12)
      expect(days).toMatchObject({ resolution: 'day', at: [0, 1, 2].map((d) => begin + d * DAY), truncated: false })
      expect(days.value).toEqual([300_295, 300_295, 300_295])
      const raw = await series(RTU, 'pressure_pa', begin, begin + DAY, 2000)
      expect(raw).toMatchObject({ resolution: 'raw', truncated: false })
      expect(raw.at.length).toBe(1440)
    })

    test('readings that are too many for a chart, and too short for hours, keep their extremes', async () => {
      const begin = MARCH + 20 * DAY
      const at = (i: number) => begin + i * MINUTE
      const said = Array.from({ length: 360 }, (_, i) => ({
        quantity: 'pressure_pa' as const,
        at: at(i),
        value: i === 200 ? 150_000 : 300_000 + i,
      }))
      await appendAll(
        log,
        said.map((reading) => heard(report(RTU, [reading]))),
      )
      await settled()
      const chart = await series(RTU, 'pressure_pa', begin, begin + 6 * HOUR, 60)
      expect(chart).toMatchObject({ resolution: 'raw', truncated: true })
      expect(chart.at.length).toBeLessThanOrEqual(60)
      expect(chart.value).toContain(150_000)
      expect(chart.at[chart.value.indexOf(150_000)]).toBe(at(200))
    })

    test('telemetry is exported in the form of the network format, each reading once', async () => {
      const csv = (await text(await store.exportTelemetry(MARCH, MARCH + 3 * HOUR, 'csv'))).trim().split('\n')
      expect(csv[0]).toBe('time,asset,quantity,value')
      expect(csv.slice(1).sort()).toEqual(
        [
          ['2026-02-28T16:00:00.000Z', 100],
          ['2026-02-28T17:00:00.000Z', 101],
          ['2026-02-28T17:30:00.000Z', 101.5],
          ['2026-02-28T18:00:00.000Z', 102],
        ].map(([time, value]) => `"${time}","${METER}","index_m3",${value}`),
      )
      const ndjson = await text(await store.exportTelemetry(MARCH + 10 * DAY, MARCH + 10 * DAY + MINUTE, 'ndjson'))
      expect(JSON.parse(ndjson)).toEqual({
        time: '2026-03-10T16:00:00.000Z',
        asset: 'RTU-1',
        quantity: 'pressure_pa',
        value: 300_000,
      })
    })

    test('opened again it goes on where it was, and refuses a wrong question with a code', async () => {
      const before = (await series(METER, 'index_m3', MARCH, MARCH + DAY, 100)).value
      await store.close()
      store = open()
      await store.ready()
      await log.append([heard(report(METER, [{ quantity: 'index_m3', at: MARCH + 7 * HOUR, value: 107 }]))])
      await settled()
      expect((await series(METER, 'index_m3', MARCH, MARCH + DAY, 100)).value).toEqual([...before, 107])
      expect(store.status).toMatchObject({ state: 'ok', stored: log.end, error: undefined })
      await expect(series(Number.NaN, 'index_m3', 0, 1, 1)).rejects.toMatchObject({ code: 'STO_ENGINE' })
    })

    test('a meter that came in the place of another goes on with its series, and the log of the point tells of both', async () => {
      const NEWCOMER = 20_260_000_000_777
      const fitting = {
        ...{ point: METER, device: NEWCOMER, before: METER, fitted_at: MARCH + 8 * HOUR, quantity: 'index_m3' },
        ...{ old_end_m3: 110, new_begin_m3: 2, offset_m3: 108, by: 'anna', reason: 'old' },
      }
      const at = MARCH + 9 * HOUR
      await log.append([
        platformEvent({ type: 'meter_fitted', at: MARCH + 8 * HOUR, device: METER, fitting }, MARCH + 8 * HOUR),
        heard(report(NEWCOMER, [{ quantity: 'index_m3', at, value: 3 }])),
        heard(report(METER, [{ quantity: 'index_m3', at, value: 110 }])),
      ])
      await settled()
      expect((await series(METER, 'index_m3', MARCH + 8 * HOUR, MARCH + DAY, 100)).value).toEqual([111])
      expect((await store.frames(NEWCOMER, 5)).map(({ reason }) => reason)).toEqual(['report'])
      const lines = await store.deviceLog([METER, NEWCOMER], MARCH + 8 * HOUR, MARCH + DAY, 10)
      expect(lines.map(({ source, what }) => [source, what])).toEqual([
        ['device', 'removed_device'],
        ['device', 'report'],
        ['platform', 'meter_fitted'],
      ])
      expect(lines.at(-1)?.detail).toContain('108 m³')
    })
  })
}
