import { CONTENT_FORMAT, decodeAnswer, decodeReport, encodeAnswer, type QueuedCommand } from '@gastwin/server/protocol'
import {
  CityCalendar,
  type ConcentratorArchive,
  ConcentratorBook,
  DAILY_PLAN,
  type Medium,
  registerOf,
} from '@gastwin/twin'
import { describe, expect, test } from 'vitest'
import { ConcentratorUnit, type LineMeter, type UnitOptions } from './concentrator-unit.ts'
import { frozenValues, standingValue } from './value-frames.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const MIDNIGHT = Date.parse('2026-03-15T00:00:00+08:00')
const NUMBER = 94_000_000_000_001
const calendar = new CityCalendar('Asia/Shanghai')
const lookup = { keyOf: () => undefined, statusProfileOf: () => 'standard' as const }
const MEDIA: readonly Medium[] = ['gas', 'water', 'heat', 'electricity']
const numberOf = (i: number) => 181_702_000_000 + i

/** Registers that rise by 1 m³, or 1 kWh, a day. */
const shows = (medium: Medium, at: number): number => {
  const days = Math.round(((at - MIDNIGHT) / DAY + 500) * 100) / 100
  return medium === 'gas' || medium === 'water' ? days : Math.round(days * 100) * 3.6e4
}

const rows = Array.from({ length: 40 }, (_, i) => {
  const medium = MEDIA[i % 4] ?? 'gas'
  return {
    number: numberOf(i),
    protocol: medium === 'electricity' ? ('dlt645' as const) : ('cjt188' as const),
    interface: 'lora' as const,
    collector: 0,
    quantity: registerOf(medium, false),
    plan: DAILY_PLAN,
  }
})
const meter = (i: number): LineMeter => {
  const medium = MEDIA[i % 4] ?? 'gas'
  return { number: numberOf(i), medium, ask: (at) => shows(medium, at) }
}

function world(options: Partial<UnitOptions>, now: number) {
  const archive: ConcentratorArchive = {
    id: 'C1',
    number: NUMBER,
    lon: 0,
    lat: 0,
    zone: null,
    uplink: 'cellular',
    collectors: [],
    neighbours: [],
    meters: rows,
    since: 0,
  }
  const book = new ConcentratorBook([archive], calendar)
  const unit = new ConcentratorUnit({
    number: NUMBER,
    meters: rows.map((_, i) => meter(i)),
    calendar,
    route: () => ({ collector: 0, hops: [], signalDbm: -90 }),
    misses: () => false,
    since: MIDNIGHT - 31 * DAY,
    ...options,
  })
  const state = { now, unit, book, malformed: 0, largest: 0 }
  const twin = () => {
    const [first] = book.twins
    if (first === undefined) throw new Error('no twin')
    return first
  }
  /** Lets the unit speak until it is silent, over the real codecs. */
  const speak = (): number => {
    unit.collect(state.now)
    for (let messages = 0; ; messages++) {
      const message = unit.next(state.now)
      if (message === undefined || messages > 5_000) return messages
      state.largest = Math.max(state.largest, message.payload.length)
      const report = decodeReport(message.contentFormat, message.payload, lookup)
      if (report.kind === 'malformed') {
        state.malformed += 1
        message.done(state.now, true, [])
      } else if (report.kind === 'concentrator') {
        book.hear(report, state.now)
        const said = encodeAnswer(60, { device: report.device, now: state.now, orders: twin().orders() }, lookup)
        const answer = decodeAnswer(CONTENT_FORMAT.CBOR, said, lookup)
        if ('kind' in answer) throw new Error(answer.detail)
        message.done(state.now, true, answer.orders ?? [])
      } else {
        book.take(report, state.now)
        message.done(state.now, true, [])
      }
    }
  }
  const missing = () => twin().meters.reduce((sum, { duty }) => sum + duty.missing.length, 0)
  return { state, unit, book, twin, speak, missing }
}

describe('frames that a concentrator passes on', () => {
  test.each([...MEDIA])('%s: a month of frozen registers reads back at its own times', (medium) => {
    const row = rows[MEDIA.indexOf(medium)]
    if (row === undefined) throw new Error('no row')
    const values = Array.from({ length: 31 }, (_, i) => ({
      at: MIDNIGHT - i * DAY,
      value: shows(medium, MIDNIGHT - i * DAY),
    }))
    const read = frozenValues(row, medium, values).flatMap(({ contentFormat, payload }) => {
      expect(payload.length).toBeLessThan(1200)
      const report = decodeReport(contentFormat, payload, lookup)
      if (report.kind === 'malformed') throw new Error(report.detail)
      expect(report.device).toBe(row.number)
      return report.readings.filter(({ quantity }) => quantity === row.quantity)
    })
    expect(read.map(({ at }) => at).sort()).toEqual(values.map(({ at }) => at).sort())
    for (const { at, value } of read) expect(value).toBeCloseTo(shows(medium, at), 5)
  })

  test.each([...MEDIA])('%s: the register as it stands carries the time at which it was read', (medium) => {
    const row = rows[MEDIA.indexOf(medium)]
    if (row === undefined) throw new Error('no row')
    const at = MIDNIGHT + 12 * HOUR
    const { contentFormat, payload } = standingValue(row, medium, { at, value: shows(medium, at) })
    const report = decodeReport(contentFormat, payload, lookup)
    if (report.kind === 'malformed') throw new Error(report.detail)
    const found = report.readings.find(({ quantity }) => quantity === row.quantity)
    expect(found?.at).toBe(at)
    expect(found?.value).toBeCloseTo(shows(medium, at), 5)
  })
})

describe('a concentrator unit and the platform', () => {
  test('a new one takes its list, and reads the month before from the memories of its meters', () => {
    const { state, speak, missing, twin } = world({ since: MIDNIGHT + 11 * HOUR }, MIDNIGHT + 12 * HOUR)
    speak()
    expect(missing()).toBe(0)
    expect(twin().arrivals.meter).toBe(31 * rows.length)
    expect(state.malformed).toBe(0)
    expect(state.largest).toBeLessThan(1200)
    expect(twin().meters.every(({ route }) => route !== undefined)).toBe(true)
  })

  test('one that was cut off for a month passes on by itself what it kept, and nothing is read twice', () => {
    const { speak, missing, twin } = world({ known: rows }, MIDNIGHT + 12 * HOUR)
    speak()
    expect(missing()).toBe(0)
    // On first contact nothing was due before: it came before it was counted.
    expect(twin().arrivals.meter + twin().arrivals.concentrator).toBe(0)
  })

  test('what lies only in its memory is found there when the meter does not answer any more', () => {
    const dead = numberOf(4)
    const meters = rows.map((_, i) => {
      const alive = meter(i)
      return i === 4
        ? { ...alive, ask: (at: number, now: number) => (now > at ? 'no_answer' : alive.ask(at, now)) }
        : alive
    }) as readonly LineMeter[]
    const { state, speak, missing, twin } = world({ known: rows, meters, mostWaiting: 10 }, MIDNIGHT + 12 * HOUR)
    speak()
    for (let i = 0; i < 8 && missing() > 0; i++) {
      state.now += HOUR
      speak()
    }
    expect(missing()).toBe(0)
    expect(twin().meter(dead)?.duty.missing).toEqual([])
    expect(twin().arrivals.concentrator).toBe(21)
    expect(twin().arrivals.meter).toBe(21 * (rows.length - 1))
  })

  test('a meter with a wrong path is found anew and read', () => {
    const lost = new Set([numberOf(0), numberOf(3)])
    const { state, speak, missing, twin } = world({ known: rows, lost }, MIDNIGHT + 12 * HOUR)
    speak()
    state.now += HOUR
    speak()
    expect(missing()).toBe(0)
    expect(twin().arrivals.meter).toBe(31 * lost.size)
  })

  test('an operator gets the register as it stands', () => {
    const { state, speak, twin, book } = world({ known: rows }, MIDNIGHT + 12 * HOUR)
    speak()
    state.now += 2 * HOUR
    const act = { kind: 'read', concentrator: NUMBER, meters: [numberOf(3)], from: null, to: null } as const
    book.act(act, state.now)
    state.now += 10 * 60_000
    speak()
    expect(twin().meter(numberOf(3))?.lastAt).toBe(state.now)
  })

  test('an order to itself is carried out once however often it comes, and told until somebody heard it, at once', () => {
    const done: number[] = []
    const carryOut = ({ id }: QueuedCommand) => {
      done.push(id)
      return { id, accepted: true, trigger: 'registration' as const }
    }
    const { unit, speak } = world({ known: rows, carryOut }, MIDNIGHT + 12 * HOUR)
    speak()
    const now = MIDNIGHT + 13 * HOUR
    const said = () => {
      const message = unit.next(now)
      const report = message && decodeReport(message.contentFormat, message.payload, lookup)
      if (message === undefined || report === undefined || report.kind === 'malformed') throw new Error('no word')
      return { message, trigger: report.trigger, word: report.status.command }
    }
    const order = { kind: 'restart', id: 7 } as const
    const first = said()
    expect([first.trigger, first.word]).toEqual(['timed', undefined])
    // It comes at its port while a word is under way, and with the answer to that.
    unit.obeyOwn(order, now)
    first.message.done(now, true, [], order)
    const lost = said()
    expect([lost.trigger, lost.word]).toEqual(['registration', { id: 7, accepted: true }])
    lost.message.done(now, false, [])
    const heard = said()
    expect(heard.word).toEqual({ id: 7, accepted: true })
    heard.message.done(now, true, [], order)
    expect([unit.next(now), done]).toEqual([undefined, [7]])
    const other = world({ known: rows }, now)
    other.speak()
    other.unit.obeyOwn({ kind: 'log', id: 8, days: 3 }, now)
    const refusal = other.unit.next(now)
    const report = refusal && decodeReport(refusal.contentFormat, refusal.payload, lookup)
    expect(report?.kind === 'concentrator' && report.status.command).toEqual({ id: 8, accepted: false })
  })
})
