import dgram from 'node:dgram'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { CityCalendar, eventTime, type Medium, type NetworkDocument } from '@gastwin/twin'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ConcentratorUnit, type LineMeter } from '../../../datasets/src/fleet/concentrator/concentrator-unit.ts'
import { LineBrain } from '../../../datasets/src/fleet/concentrator/line-brain.ts'
import { standingValue } from '../../../datasets/src/fleet/concentrator/value-frames.ts'
import type {
  ActAnswer,
  CommandRecord,
  Concentrator,
  ConcentratorMeter,
  ConcentratorSummary,
  DeviceTwin,
  HostileTerminal,
  MeterOrdersAnswer,
  MissingValue,
  Page,
  QuarantineItem,
  ReadingRates,
} from '../contract/index.ts'
import { Accounts } from '../http/auth/accounts.ts'
import { UdpPeer } from '../ingest/testing/udp-peer.ts'
import { FIRST_METER, madeCity } from '../pipeline/testing/made-city.ts'
import { type ServiceProcess, spawnService } from '../pipeline/testing/service-process.ts'
import {
  COAP_CODE,
  COAP_OPTION,
  COAP_TYPE,
  CONTENT_FORMAT,
  decodeAnswer,
  encodeReply,
  parseMessage,
  pathOptions,
  uintOption,
} from '../protocol/index.ts'

const DAY = 86_400_000
const NUMBER = 94_000_000_000_001
const METERS = 16
const MEDIA = ['gas', 'water', 'heat', 'electricity'] as const satisfies readonly Medium[]
/** Not reached on some days of the past; its own memory has them. */
const SKIPPED = FIRST_METER
/** Answers no more; the concentrator's memory has what its uplink queue lost. */
const DEAD = FIRST_METER + 4
/** Its path leads nowhere. */
const LOST = FIRST_METER + 1
/** Was without power for four days: nobody has them. */
const HOLED = FIRST_METER + 3
/** Comes to the point of CHANGED later. */
const FRESH = 181_709_000_001
const CHANGED = FIRST_METER + 12
const calendar = new CityCalendar('Asia/Shanghai')
const lookup = { keyOf: () => undefined, statusProfileOf: () => 'standard' as const }

/** Ten event minutes a second from two in the morning: pauses between tries pass quickly, and no midnight comes by. */
const plan = {
  segments: [{ wall: Date.now(), event: calendar.dayStart(Date.now() - DAY) + 2 * 3_600_000, speed: 600 }],
}
const now = () => Math.round(eventTime(plan, Date.now()))
const today = calendar.dayStart(now())
const daysBack = (at: number) => Math.round((today - at) / DAY)
const mediumOf = (meter: number): Medium => MEDIA[(meter - FIRST_METER) % 4] ?? 'gas'
const shows = (meter: number, at: number): number => {
  const days = 100 + Math.round(((at - today) / DAY + 40) * 100) / 100
  return mediumOf(meter) === 'gas' || mediumOf(meter) === 'water' ? days : Math.round(days * 100) * 3.6e4
}
const isHole = (meter: number, at: number) => meter === HOLED && daysBack(at) >= 5 && daysBack(at) <= 8

let dir = ''
let key = ''
let service: ServiceProcess
let peer: UdpPeer
let unit: ConcentratorUnit
let messageId = 7
let safetyKey = ''
/** At which the concentrator takes orders; 0 while it does not listen. */
let port = 0
const brains = new Map<number, LineBrain>()
const PASSWORD = Uint8Array.of(2, 0, 0, 0)
const speaking = true

function cityWithConcentrator(): NetworkDocument {
  const document = madeCity(1, METERS, 1)
  const meters = document.meters.map((meter) => ({ ...meter, kind: mediumOf(Number(meter.id)) }))
  const behind = meters.map(({ id }) => ({ meter: id, interface: 'lora' as const }))
  return {
    ...document,
    meters,
    concentrators: [{ id: 'C1', device_number: String(NUMBER), zone: 'Z1', uplink: 'cellular', meters: behind }],
  }
}

async function start(): Promise<void> {
  service = await spawnService({
    network: path.join(dir, 'network.json'),
    dataDir: path.join(dir, 'data'),
    env: { GASTWIN_CLOCK: JSON.stringify(plan), GASTWIN_METER_AUTHORITY: '0200000000000000' },
  }).ready
  peer = await UdpPeer.open(service.coapPort)
}
async function killAndRestart(): Promise<void> {
  await service.kill()
  peer.close()
  await start()
}

beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'gastwin-concentrators-'))
  const document = cityWithConcentrator()
  await writeFile(path.join(dir, 'network.json'), JSON.stringify(document))
  const accounts = await Accounts.open(path.join(dir, 'data'))
  key = await accounts.addApiKey('test', 'dispatcher')
  safetyKey = await accounts.addApiKey('safety', 'safety')
  const meters: LineMeter[] = document.meters.map(({ id }) => {
    const number = Number(id)
    const medium = mediumOf(number)
    const protocol = medium === 'electricity' ? 'dlt645' : 'cjt188'
    const register = (at: number) => shows(number, at)
    brains.set(number, new LineBrain({ number, medium, protocol, password: PASSWORD, register, close: () => {} }))
    return {
      number,
      medium: mediumOf(number),
      ask: (at, when) => {
        if (number === DEAD && when - at > 3_600_000) return 'no_answer'
        return isHole(number, at) ? 'not_kept' : shows(number, at)
      },
      obey: (frames, when) => brains.get(number)?.obey(frames, when) ?? 'meter_fault',
      isClosed: () => brains.get(number)?.closed === true,
    }
  })
  const body = { number: FRESH, medium: 'gas', protocol: 'cjt188', password: PASSWORD } as const
  const fresh = new LineBrain({ ...body, register: () => 7.25, close: () => {} })
  const guests: LineMeter[] = [
    { number: FRESH, medium: 'gas', ask: () => 7.25, obey: (frames, when) => fresh.obey(frames, when) },
  ]
  const known = document.meters.map(({ id }) => ({
    number: Number(id),
    protocol: mediumOf(Number(id)) === 'electricity' ? ('dlt645' as const) : ('cjt188' as const),
    interface: 'lora' as const,
    collector: 0,
    quantity: 'index_m3' as const,
    plan: { every: 'day' as const, slots: [0] },
  }))
  unit = new ConcentratorUnit({
    number: NUMBER,
    meters,
    guests,
    calendar,
    known,
    lost: new Set([LOST]),
    route: (meter) => ({
      collector: 0,
      hops: meter === LOST ? [FIRST_METER + 8, FIRST_METER + 9] : [],
      signalDbm: -95,
    }),
    misses: (meter, due) => meter === SKIPPED && daysBack(due) >= 3 && daysBack(due) <= 9,
    mostWaiting: 12,
    wordEveryMs: 600_000,
    servicePort: () => port,
    since: today - 31 * DAY,
  })
  unit.collect(now())
  await start()
})
afterAll(async () => {
  peer.close()
  await service.kill()
  await rm(dir, { recursive: true, force: true })
})

/** Lets the concentrator speak as long as it has something to say, as a device does: again when nobody answers. */
async function speak(messages = Number.POSITIVE_INFINITY): Promise<number> {
  for (let sent = 0; sent < messages && speaking; sent++) {
    unit.collect(now())
    const message = unit.next(now())
    if (message === undefined) return sent
    messageId = (messageId + 1) & 0xffff
    peer.sendMessage({
      type: COAP_TYPE.CON,
      code: COAP_CODE.POST,
      messageId,
      token: Uint8Array.of(messageId & 0xff),
      options: [...pathOptions('r'), uintOption(COAP_OPTION.CONTENT_FORMAT, message.contentFormat)],
      payload: message.payload,
    })
    const bytes = await peer.nextMessage()
    if (bytes.code === COAP_CODE.FORBIDDEN) {
      // Another socket after a restart: it introduces itself.
      message.done(now(), false, [])
      unit.introduce(now())
      await pause(30)
      sent -= 1
      continue
    }
    if (bytes.code === COAP_CODE.SERVICE_UNAVAILABLE) {
      message.done(now(), false, [])
      await pause(100)
      continue
    }
    expect(bytes.code).toBe(COAP_CODE.CHANGED)
    const read = bytes.contentFormat === CONTENT_FORMAT.CBOR ? decodeAnswer(60, bytes.payload, lookup) : undefined
    message.done(now(), true, read !== undefined && 'now' in read ? (read.orders ?? []) : [])
  }
  return messages
}

async function call<T>(place: string, body?: unknown, apiKey = key): Promise<{ status: number; body: T }> {
  const response = await fetch(`${service.url}/api/v1${place}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'x-api-key': apiKey, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as T }
}
const get = async <T>(place: string): Promise<T> => (await call<T>(place)).body
const missing = () => get<Page<MissingValue>>('/readings/missing?limit=500')
/** All that is known, without what the passing of time alone changes: a slow restart takes hours of the plan's clock. */
const known = async () => {
  const { items } = await missing()
  const { state: _, ...one } = await get<Concentrator>(`/concentrators/${NUMBER}`)
  return [
    items.map(({ reason, ...item }) => ({ ...item, reason: reason === 'concentrator_silent' ? null : reason })),
    one,
  ]
}
const summary = async () => (await get<{ items: ConcentratorSummary[] }>('/concentrators')).items[0]

describe('a concentrator that was cut off for a month', () => {
  test('is not asked for anything while it passes on what it kept, and a kill between loses nothing', async () => {
    expect((await summary())?.state).toBe('never_heard')
    expect(unit.backlog).toBeGreaterThan(150)
    await speak(5)
    await killAndRestart()
    await speak(5)
    expect(await summary()).toMatchObject({ number: String(NUMBER), meters: METERS })
    await killAndRestart()
  })

  test('what is missing is read from meters and memory, over a new path where the old was wrong, through three kills', async () => {
    for (let kills = 0; kills < 3; kills++) {
      await speak(7)
      const before = await known()
      await killAndRestart()
      const after = await known()
      expect(after).toEqual(before)
    }
    for (let round = 0; round < 200; round++) {
      await speak()
      const { items } = await missing()
      if (items.every(({ meter }) => meter === String(HOLED))) break
      await pause(250)
    }
    const { items } = await missing()
    expect(items.map(({ meter, source, reason, asked }) => [meter, source, reason, asked])).toEqual(
      Array.from({ length: 4 }, () => [String(HOLED), 'next_report', 'not_kept', false]),
    )
    const one = await get<Concentrator>(`/concentrators/${NUMBER}`)
    expect(one).toMatchObject({ holds_addresses: true, backlog: 0, missing: 4, given_up: 0, orders: [] })
    expect(one.arrivals.concentrator).toBeGreaterThan(0)
    expect(one.arrivals.meter).toBeGreaterThan(7)
    const meters = await get<Page<ConcentratorMeter>>(`/concentrators/${NUMBER}/meters`)
    expect(meters.items.find(({ number }) => number === String(LOST))?.route).toEqual([
      String(FIRST_METER + 8),
      String(FIRST_METER + 9),
    ])
  }, 90_000)

  test('every value counts once at its own day, of all four media', async () => {
    const rates = await get<ReadingRates>(`/readings/rates?by=day&from=${today - 30 * DAY}&to=${today + DAY}`)
    const holes = rates.items.filter(({ read }) => read < METERS)
    expect(rates.items).toHaveLength(31)
    expect(rates.items.reduce((sum, { read }) => sum + read, 0)).toBe(31 * METERS - 4)
    expect(holes).toHaveLength(4)
    expect(rates.all.completeness).toBeCloseTo((31 * METERS - 4) / (31 * METERS), 10)
    expect(rates.all.accuracy).toBe(1)
    for (const medium of MEDIA) {
      const meter = FIRST_METER + 8 + MEDIA.indexOf(medium)
      const twin = await get<DeviceTwin>(`/devices/${meter}`)
      const behind = (await get<Page<ConcentratorMeter>>(`/concentrators/${NUMBER}/meters`)).items.find(
        ({ number }) => number === String(meter),
      )
      expect([medium, behind?.medium, behind?.last_at]).toEqual([medium, medium, today])
      expect(behind?.last_value).toBeCloseTo(shows(meter, today), 5)
      expect(twin.meter?.index_m3 ?? twin.meter?.energy_j).toBeCloseTo(shows(meter, today), 5)
    }
  })

  test('a register is read as it stands when a dispatcher asks, and what two reports do not bring is given up', async () => {
    const asked = { meters: [String(HOLED)], reason: 'a customer called' }
    for (let i = 0; i < 2; i++) {
      const answer = await call<ActAnswer>(`/concentrators/${NUMBER}/read`, asked)
      expect([answer.status, answer.body.values]).toEqual([202, 1])
      await killAndRestart()
      for (let round = 0; round < 80; round++) {
        await speak()
        if ((await missing()).items.every(({ source }) => source === 'next_report')) break
        await pause(250)
      }
    }
    const { items } = await missing()
    expect(items.map(({ meter, reason, given_up_at }) => [meter, reason, given_up_at !== null])).toEqual(
      Array.from({ length: 4 }, () => [String(HOLED), 'not_kept', true]),
    )
    expect((await call(`/concentrators/${NUMBER}/read`, { meters: ['5'], reason: 'a stranger' })).status).toBe(404)
    expect((await call('/concentrators/5/network', { reason: 'a stranger' })).status).toBe(404)
  }, 90_000)
})

describe('orders for meters behind a concentrator', () => {
  const stateOf = async (id: number) => {
    const { items } = await get<{ items: CommandRecord[] }>('/commands?limit=1000')
    return items.find((command) => command.id === id)?.state
  }
  const order = async (what: unknown, meters: readonly string[] | null) => {
    const body = { order: what, meters, reason: 'a test of orders' }
    return call<MeterOrdersAnswer>(`/concentrators/${NUMBER}/orders`, body, safetyKey)
  }
  /** Speaks until every command has ended. */
  const settle = async (ids: readonly number[]) => {
    for (let round = 0; round < 60; round++) {
      await speak()
      const states = await Promise.all(ids.map(stateOf))
      if (states.every((state) => state !== 'queued' && state !== 'sent' && state !== 'accepted')) return states
      await pause(100)
    }
    return Promise.all(ids.map(stateOf))
  }

  test('a dispatcher may not give them, and strangers and forms that do not exist are refused', async () => {
    const gas = String(FIRST_METER + 8)
    const body = { order: { kind: 'close' }, meters: [gas], reason: 'not mine' }
    expect((await call(`/concentrators/${NUMBER}/orders`, body)).status).toBe(403)
    expect((await order({ kind: 'open' }, [gas])).status).toBe(400)
    expect((await order({ kind: 'close' }, ['5'])).status).toBe(404)
    const permit = await order({ kind: 'permit' }, [gas])
    expect([permit.status, permit.body.commands, permit.body.refused[0]?.device]).toEqual([201, [], gas])
  })

  test('a valve is closed through kills before, between and after it was told; the meter heard it once', async () => {
    const [gas, power] = [FIRST_METER + 8, FIRST_METER + 11]
    const { status, body } = await order({ kind: 'close' }, [String(gas), String(power)])
    expect([status, body.commands.length]).toEqual([201, 2])
    await killAndRestart()
    const ids = body.commands.map(({ id }) => id)
    expect(await Promise.all(ids.map(stateOf))).toEqual(['queued', 'queued'])
    for (let i = 0; i < 20 && brains.get(gas)?.closed !== true; i++) {
      await speak(1)
      await pause(100)
    }
    expect(brains.get(gas)?.closed).toBe(true)
    await killAndRestart()
    expect(await Promise.all(ids.map(stateOf))).toEqual(['sent', 'sent'])
    await speak(1)
    await killAndRestart()
    expect(await settle(ids)).toEqual(['confirmed', 'confirmed'])
    expect([gas, power].map((meter) => brains.get(meter)?.obeyed)).toEqual([1, 1])
    const twin = await get<DeviceTwin>(`/devices/${gas}`)
    expect(twin.valve).toBe('closed')
  }, 90_000)

  test('a group hears one order: clocks of all that take it', async () => {
    const { body } = await order({ kind: 'clock' }, null)
    expect(body.commands).toHaveLength(METERS)
    const states = await settle(body.commands.map(({ id }) => id))
    expect(new Set(states)).toEqual(new Set(['confirmed']))
    expect(brains.get(FIRST_METER + 8)?.obeyed).toBe(2)
  }, 90_000)

  test('one that listens hears it at once, before its next word', async () => {
    const socket = dgram.createSocket('udp4')
    await new Promise<void>((done) => socket.bind(0, '127.0.0.1', () => done()))
    port = socket.address().port
    let asked = 0
    socket.on('message', (bytes, from) => {
      const message = parseMessage(bytes)
      if (message.kind === 'malformed' || message.path !== 'o') return
      asked += 1
      const read = decodeAnswer(60, message.payload, lookup)
      if ('now' in read) for (const one of read.orders ?? []) unit.obey(one, now())
      socket.send(encodeReply(message, COAP_CODE.CHANGED, {}, 1), from.port, from.address)
    })
    await pause(1_100)
    await speak()
    const before = brains.get(FIRST_METER + 12)?.obeyed
    const prices = {
      tiers: [
        { yuan_per_m3: 2.63, to_m3: 300 },
        { yuan_per_m3: 3.1, to_m3: null },
      ],
      from_day: 1,
    }
    const { body } = await order({ kind: 'price', prices }, [String(FIRST_METER + 12)])
    for (let i = 0; i < 100 && asked === 0; i++) await pause(50)
    expect(asked).toBe(1)
    expect(brains.get(FIRST_METER + 12)?.obeyed).toBe((before ?? 0) + 1)
    expect(await settle(body.commands.map(({ id }) => id))).toEqual(['confirmed'])
    socket.close()
    port = 0
  }, 60_000)
})

describe('who brings values of a meter behind a concentrator', () => {
  const terminals = async () => (await get<{ items: HostileTerminal[] }>('/devices/hostile')).items
  const inQuarantine = async () => (await get<{ items: QuarantineItem[] }>('/quarantine')).items

  test('a value from elsewhere is set aside with the reason, makes its source suspect, and is in no twin, also after a kill', async () => {
    const meter = FIRST_METER + 9
    await speak()
    const before = await get<DeviceTwin>(`/devices/${meter}`)
    const stranger = await UdpPeer.open(service.coapPort)
    const forged = standingValue({ number: meter, protocol: 'cjt188' }, 'water', { at: now(), value: 99_999 })
    stranger.sendMessage({
      type: COAP_TYPE.CON,
      code: COAP_CODE.POST,
      messageId: 77,
      token: Uint8Array.of(7),
      options: [...pathOptions('r'), uintOption(COAP_OPTION.CONTENT_FORMAT, forged.contentFormat)],
      payload: forged.payload,
    })
    expect((await stranger.nextMessage()).code).toBe(COAP_CODE.FORBIDDEN)
    const item = (await inQuarantine()).find(({ device }) => device === String(meter))
    expect(item).toMatchObject({ reason: 'refused', detail: `it did not come from concentrator ${NUMBER}` })
    const suspects = () => terminals().then((all) => all.filter(({ device }) => device === String(meter)))
    expect((await suspects()).map(({ reasons }) => reasons.map(({ code }) => code))).toEqual([['stray_route']])
    expect((await get<DeviceTwin>(`/devices/${meter}`)).meter?.index_m3).toBe(before.meter?.index_m3)
    stranger.close()
    await killAndRestart()
    expect((await get<DeviceTwin>(`/devices/${meter}`)).meter?.index_m3).toBe(before.meter?.index_m3)
    expect(await suspects()).toHaveLength(1)
  }, 60_000)

  test('the concentrator itself is believed from another port once it has spoken there, and is no suspect', async () => {
    unit.introduce(now())
    await speak()
    expect((await summary())?.state).not.toBe('never_heard')
    expect((await terminals()).filter(({ device }) => device === String(NUMBER))).toEqual([])
  })
})

describe('a meter behind a concentrator that is changed', () => {
  test('is in a new list, is told things under its own number, and its register goes on at the point, also after a kill', async () => {
    await speak()
    expect((await get<Concentrator>(`/concentrators/${NUMBER}`)).holds_addresses).toBe(true)
    const reason = 'the old one leaked'
    const fit = { point: String(CHANGED), device: String(FRESH), old_end_m3: 500, new_begin_m3: 7, reason }
    expect((await call('/fittings', fit, safetyKey)).status).toBe(201)
    expect((await get<Concentrator>(`/concentrators/${NUMBER}`)).holds_addresses).toBe(false)
    await killAndRestart()
    await pause(1_100)
    await speak()
    expect((await get<Concentrator>(`/concentrators/${NUMBER}`)).holds_addresses).toBe(true)
    const orders = { order: { kind: 'read' }, meters: [String(CHANGED)], reason: 'is it the right one' }
    const { body } = await call<MeterOrdersAnswer>(`/concentrators/${NUMBER}/orders`, orders, safetyKey)
    expect(body.commands.map(({ device }) => device)).toEqual([String(FRESH)])
    const confirmed = async () => {
      const { items } = await get<{ items: CommandRecord[] }>('/commands?limit=1000')
      return items.find(({ id }) => id === body.commands[0]?.id)?.state
    }
    for (let round = 0; round < 40 && (await confirmed()) !== 'confirmed'; round++) {
      await speak()
      await pause(100)
    }
    expect(await confirmed()).toBe('confirmed')
    expect((await get<DeviceTwin>(`/devices/${CHANGED}`)).meter?.index_m3).toBeCloseTo(500.25, 5)
  }, 60_000)
})
