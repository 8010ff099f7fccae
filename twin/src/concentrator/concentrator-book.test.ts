import { describe, expect, test } from 'vitest'
import type { ConcentratorNews, ReadFailure } from '../reading/concentrator-news.ts'
import type { Report } from '../reading/report.ts'
import { CityCalendar } from '../time/city-day.ts'
import { type ConcentratorArchive, DAILY_PLAN, routeFault } from './concentrator.ts'
import { ConcentratorBook } from './concentrator-book.ts'
import type { ConcentratorOrder } from './concentrator-orders.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const MIDNIGHT = Date.parse('2026-03-15T00:00:00+08:00')
const NOON = MIDNIGHT + 12 * HOUR
const CONCENTRATOR = 94_000_000_000_001
const METERS = 30
const calendar = new CityCalendar('Asia/Shanghai')
const meterOf = (i: number) => 181_702_000_000 + i

function archive(since = MIDNIGHT - 2 * DAY): ConcentratorArchive {
  const meter = (i: number) =>
    ({
      number: meterOf(i),
      protocol: 'cjt188',
      interface: 'lora',
      collector: 0,
      quantity: 'index_m3',
      plan: DAILY_PLAN,
    }) as const
  return {
    id: 'C1',
    number: CONCENTRATOR,
    lon: 120,
    lat: 30,
    zone: 'Z1',
    uplink: 'cellular',
    collectors: [],
    meters: Array.from({ length: METERS }, (_, i) => meter(i)),
    neighbours: [],
    since,
  }
}

/** A concentrator that says what it is told to say. */
class Speaker {
  book: ConcentratorBook
  sequence = 0
  now = NOON
  held = { version: 0, rows: 0 }

  constructor(since?: number) {
    this.book = new ConcentratorBook([archive(since)], calendar)
  }

  say(news: Partial<ConcentratorNews> = {}): readonly ConcentratorOrder[] {
    const concentrator = { addresses: this.held, backlog: 0, routes: [], results: [], ...news }
    this.book.hear(
      {
        device: CONCENTRATOR,
        kind: 'concentrator',
        trigger: 'timed',
        deviceTime: this.now,
        sequence: ++this.sequence,
        readings: [],
        events: [],
        status: {},
        concentrator,
      },
      this.now,
    )
    return this.book.find(CONCENTRATOR)?.orders() ?? []
  }

  /** Takes the list of meters page by page. */
  hold(): readonly ConcentratorOrder[] {
    let orders = this.say()
    for (let page = 0; page < 5; page++) {
      const order = orders.find(({ kind }) => kind === 'addresses')
      if (order?.kind !== 'addresses') break
      const begins = order.version !== this.held.version
      expect(order.first).toBe(begins ? 0 : this.held.rows)
      this.held = { version: order.version, rows: order.first + order.rows.length }
      orders = this.say()
    }
    return orders
  }

  value(meter: number, at: number): void {
    const report: Report = {
      device: meter,
      kind: 'meter',
      trigger: 'timed',
      deviceTime: at,
      sequence: -1,
      readings: [{ quantity: 'index_m3', at, value: 100 + (at - MIDNIGHT) / DAY }],
      events: [],
      status: {},
    }
    this.book.take(report, this.now)
  }

  /** Carries out a reading order as far as it can. */
  carryOut(orders: readonly ConcentratorOrder[], can: (meter: number, source: string) => ReadFailure | undefined) {
    const order = orders.find(({ kind }) => kind === 'read')
    if (order?.kind !== 'read') return undefined
    const results = order.meters.map(({ meter, due }) => {
      const failure = can(meter, order.source)
      if (failure === undefined) for (const at of due) this.value(meter, at)
      const found = failure === undefined ? due.length : 0
      return { order: order.id, meter, found, missing: due.length - found, failure }
    })
    return { order, orders: this.say({ results }) }
  }

  get missing(): number {
    return this.book.find(CONCENTRATOR)?.meters.reduce((sum, { duty }) => sum + duty.missing.length, 0) ?? -1
  }
}

describe('a concentrator and the platform', () => {
  test('the list of meters goes over in pages, and a changed plan sends it again', () => {
    const speaker = new Speaker()
    speaker.hold()
    expect(speaker.held.rows).toBe(METERS)
    expect(speaker.book.find(CONCENTRATOR)?.holdsAddresses).toBe(true)
    const plan = { every: 'day', slots: [0, 48] } as const
    speaker.book.act({ kind: 'plan', concentrator: CONCENTRATOR, meters: [meterOf(3)], plan }, speaker.now)
    expect(speaker.book.find(CONCENTRATOR)?.holdsAddresses).toBe(false)
    const again = speaker.say().find(({ kind }) => kind === 'addresses')
    expect(again?.kind === 'addresses' && again.rows.find(({ number }) => number === meterOf(3))?.plan).toEqual(plan)
  })

  test('every missing value is found: some at the meter, the rest in the memory of the concentrator', () => {
    const speaker = new Speaker()
    let orders = speaker.hold()
    expect(speaker.missing).toBe(3 * METERS)
    const deaf = meterOf(7)
    for (let round = 0; round < 60 && speaker.missing > 0; round++) {
      const done = speaker.carryOut(orders, (meter, source) =>
        meter === deaf && source === 'meter' ? 'no_answer' : undefined,
      )
      if (done !== undefined) {
        expect(done.order.meters.length).toBeLessThanOrEqual(10)
        orders = done.orders
        continue
      }
      speaker.now += HOUR
      orders = speaker.say()
    }
    expect(speaker.missing).toBe(0)
    expect(speaker.book.find(CONCENTRATOR)?.arrivals).toEqual({
      in_time: 0,
      own: 0,
      meter: 3 * (METERS - 1),
      concentrator: 3,
      next_report: 0,
    })
  })

  test('nothing is asked for while it passes on what lies in its memory', () => {
    const speaker = new Speaker()
    speaker.hold()
    speaker.book.find(CONCENTRATOR)?.load(new ConcentratorBook([archive()], calendar).twins[0]?.save() as never)
    const orders = speaker.say({ backlog: 90 })
    expect(orders.filter(({ kind }) => kind === 'read')).toEqual([])
    for (let i = 0; i < METERS; i++) for (let d = 0; d < 3; d++) speaker.value(meterOf(i), MIDNIGHT - d * DAY)
    expect(speaker.say().filter(({ kind }) => kind === 'read')).toEqual([])
    expect(speaker.missing).toBe(0)
    expect(speaker.book.find(CONCENTRATOR)?.arrivals.own).toBe(3 * METERS)
  })

  test('a meter without a path gets one before it is read again', () => {
    const speaker = new Speaker()
    const lost = meterOf(0)
    const first = speaker.carryOut(speaker.hold(), (meter) => (meter === lost ? 'no_route' : undefined))
    expect(first?.orders.find(({ kind }) => kind === 'network')).toMatchObject({ meters: [lost] })
    const hops = [meterOf(4), meterOf(9)]
    const after = speaker.say({ routes: [{ meter: lost, collector: 0, hops, signalDbm: -111 }] })
    expect(after.some(({ kind }) => kind === 'network')).toBe(false)
    expect(speaker.book.find(CONCENTRATOR)?.meter(lost)?.route?.hops).toEqual(hops)
  })

  test('meters that are lost one after the other all get a path before they are given up', () => {
    const speaker = new Speaker()
    const lost = new Set([0, 1, 2, 3].map((i) => meterOf(i * 7)))
    let orders = speaker.hold()
    for (let round = 0; round < 60; round++) {
      const network = orders.find(({ kind }) => kind === 'network')
      const done = speaker.carryOut(orders, (meter, source) => {
        if (source === 'concentrator') return lost.has(meter) ? 'not_kept' : undefined
        return lost.has(meter) ? 'no_route' : undefined
      })
      speaker.now += 10 * 60_000
      const found = network?.kind === 'network' ? network.meters : []
      for (const meter of found) lost.delete(meter)
      orders = speaker.say({ routes: found.map((meter) => ({ meter, collector: 0, hops: [], signalDbm: -100 })) })
      if (done === undefined && speaker.missing === 0) break
    }
    expect([...lost]).toEqual([])
    expect(speaker.missing).toBe(0)
  })

  test('looking for all paths is not narrowed to the meters that were lost meanwhile', () => {
    const speaker = new Speaker()
    const orders = speaker.hold()
    speaker.book.act({ kind: 'network', concentrator: CONCENTRATOR, meters: null }, speaker.now)
    speaker.now += 31 * 60_000
    const done = speaker.carryOut(orders, (meter) => (meter === meterOf(0) ? 'no_route' : undefined))
    expect(done?.orders.find(({ kind }) => kind === 'network')).toMatchObject({ meters: [] })
  })

  test('beside a queue that never empties what is older than the queue is asked for, the rest not', () => {
    const speaker = new Speaker()
    speaker.hold()
    const reads = () => speaker.say({ backlog: 40 }).filter(({ kind }) => kind === 'read')
    speaker.book.load(JSON.parse(JSON.stringify(new ConcentratorBook([archive()], calendar).save())))
    expect(reads()).toEqual([])
    speaker.now += 23 * HOUR
    expect(reads()).toEqual([])
    speaker.now += 2 * HOUR
    const dues = reads().flatMap((order) => (order.kind === 'read' ? order.meters.flatMap(({ due }) => due) : []))
    expect(new Set(dues)).toEqual(new Set([MIDNIGHT - 2 * DAY, MIDNIGHT - DAY, MIDNIGHT]))
  })

  test('an order that was not answered is said again, word for word, also after a restart', () => {
    const speaker = new Speaker()
    const orders = speaker.hold()
    expect(orders.some(({ kind }) => kind === 'read')).toBe(true)
    expect(speaker.say()).toEqual(orders)
    const restarted = new Speaker()
    restarted.book.load(JSON.parse(JSON.stringify(speaker.book.save())))
    expect(restarted.book.save()).toEqual(speaker.book.save())
    expect(restarted.book.find(CONCENTRATOR)?.orders()).toEqual(orders)
  })

  test('the same message twice changes nothing', () => {
    const speaker = new Speaker()
    speaker.hold()
    const before = JSON.stringify(speaker.book.save())
    speaker.sequence -= 1
    speaker.say({ backlog: 5 })
    expect(JSON.stringify(speaker.book.save())).toBe(before)
  })

  test('an operator reads one meter as it stands, a group at a date, or all of a time', () => {
    const speaker = new Speaker(NOON)
    speaker.hold()
    expect(speaker.missing).toBe(0)
    const all = { concentrator: CONCENTRATOR, meters: null, from: MIDNIGHT - 30 * DAY, to: MIDNIGHT }
    expect(speaker.book.act({ kind: 'read', ...all }, NOON).values).toBe(31 * METERS)
    const one = new Speaker(NOON)
    one.hold()
    one.book.act({ kind: 'read', concentrator: CONCENTRATOR, meters: [meterOf(5)], from: null, to: null }, NOON)
    const order = one.say().find(({ kind }) => kind === 'read')
    expect(order).toMatchObject({ source: 'meter', meters: [{ meter: meterOf(5), due: [NOON] }] })
    one.now += 40 * 60_000
    one.value(meterOf(5), one.now - 30_000)
    expect(one.missing).toBe(0)
  })

  test('a meter that was changed is in the list under its own number, and what the concentrator says of it is of its point', () => {
    const speaker = new Speaker()
    speaker.hold()
    const before = speaker.book.find(CONCENTRATOR)?.version
    const fresh = 181_709_000_000
    speaker.book.fitted(meterOf(3), fresh)
    const list = speaker.say().find(({ kind }) => kind === 'addresses')
    expect(list?.kind === 'addresses' && list.rows.map(({ number }) => number).slice(2, 5)).toEqual([
      meterOf(2),
      fresh,
      meterOf(4),
    ])
    expect(speaker.book.find(CONCENTRATOR)?.version).not.toBe(before)
    const orders = speaker.hold()
    const read = orders.find(({ kind }) => kind === 'read')
    expect(read?.kind === 'read' && read.meters.map(({ meter }) => meter)).toContain(fresh)
    speaker.say({ routes: [{ meter: fresh, collector: 0, hops: [], signalDbm: -90 }] })
    expect(speaker.book.find(CONCENTRATOR)?.meter(meterOf(3))?.route?.signalDbm).toBe(-90)
    const restarted = new Speaker()
    restarted.book.load(JSON.parse(JSON.stringify(speaker.book.save())))
    expect(restarted.book.find(CONCENTRATOR)?.version).toBe(speaker.book.find(CONCENTRATOR)?.version)
    expect(restarted.book.save()).toEqual(speaker.book.save())
  })

  test('what a meter was told shows when it is read as it stands; one that was not reached gets a path', () => {
    const speaker = new Speaker(NOON)
    speaker.hold()
    const [told, deaf] = [meterOf(1), meterOf(2)]
    const passed = { command: 7, attempt: 1, answer: new Uint8Array() }
    const orders = speaker.say({
      passed: [
        { ...passed, meter: told, failure: undefined, answer: Uint8Array.of(0x68) },
        { ...passed, meter: deaf, failure: 'no_answer' },
        { ...passed, meter: meterOf(3), failure: undefined },
      ],
    })
    expect(orders.find(({ kind }) => kind === 'read')).toMatchObject({ meters: [{ meter: told, due: [NOON] }] })
    expect(orders.find(({ kind }) => kind === 'network')).toMatchObject({ meters: [deaf] })
  })

  test('the register as it stands is that of the moment the order is said, also beside a queue', () => {
    const speaker = new Speaker(NOON)
    speaker.hold()
    speaker.book.act({ kind: 'read', concentrator: CONCENTRATOR, meters: [meterOf(5)], from: null, to: null }, NOON)
    const due = (orders: readonly ConcentratorOrder[]) =>
      orders.flatMap((order) => (order.kind === 'read' ? order.meters.flatMap((one) => one.due) : []))
    expect(due(speaker.say({ backlog: 40 }))).toEqual([NOON])
    speaker.now += 3 * HOUR
    expect(due(speaker.say({ backlog: 40 }))).toEqual([NOON + 3 * HOUR])
  })

  test('strangers are refused', () => {
    const { book } = new Speaker()
    expect(book.refusal({ kind: 'network', concentrator: 5, meters: null })).toContain('no concentrator')
    expect(book.refusal({ kind: 'network', concentrator: CONCENTRATOR, meters: [1] })).toContain('not behind')
  })
})

test('a path has at most eight hops, no circle, and does not go through its own end', () => {
  const hops = (n: number) => Array.from({ length: n }, (_, i) => i + 1)
  expect(routeFault(100, hops(8))).toBeUndefined()
  expect(routeFault(100, hops(9))).toContain('8 are the most')
  expect(routeFault(100, [1, 100])).toContain('own end')
  expect(routeFault(100, [1, 2, 1])).toContain('circle')
})
