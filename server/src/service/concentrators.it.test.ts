import dgram from 'node:dgram'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { standingValue } from '../../../datasets/src/fleet/concentrator/value-frames.ts'
import type {
  ActAnswer,
  CommandRecord,
  Concentrator,
  ConcentratorMeter,
  DeviceTwin,
  HostileTerminal,
  MeterOrdersAnswer,
  Page,
  QuarantineItem,
  ReadingRates,
} from '../contract/index.ts'
import { UdpPeer } from '../ingest/testing/udp-peer.ts'
import { FIRST_METER } from '../pipeline/testing/made-city.ts'
import {
  COAP_CODE,
  COAP_OPTION,
  COAP_TYPE,
  decodeAnswer,
  encodeReply,
  parseMessage,
  pathOptions,
  uintOption,
} from '../protocol/index.ts'
import {
  CHANGED,
  ConcentratorTown,
  DAY,
  FRESH,
  HOLED,
  LOST,
  lookup,
  MEDIA,
  METERS,
  NUMBER,
  now,
  shows,
  today,
} from './testing/concentrator-town.ts'

let town: ConcentratorTown
beforeAll(async () => {
  town = await ConcentratorTown.open()
})
afterAll(() => town.close())

describe('a concentrator that was cut off for a month', () => {
  test('is not asked for anything while it passes on what it kept, and a kill between loses nothing', async () => {
    expect((await town.summary())?.state).toBe('never_heard')
    expect(town.unit.backlog).toBeGreaterThan(150)
    await town.speak(5)
    await town.killAndRestart()
    await town.speak(5)
    expect(await town.summary()).toMatchObject({ number: String(NUMBER), meters: METERS })
    await town.killAndRestart()
  })

  test('what is missing is read from meters and memory, over a new path where the old was wrong, through three kills', async () => {
    for (let kills = 0; kills < 3; kills++) {
      await town.speak(7)
      const before = await town.known()
      await town.killAndRestart()
      const after = await town.known()
      expect(after).toEqual(before)
    }
    for (let round = 0; round < 200; round++) {
      await town.speak()
      const { items } = await town.missing()
      if (items.every(({ meter }) => meter === String(HOLED))) break
      await pause(250)
    }
    const { items } = await town.missing()
    expect(items.map(({ meter, source, reason, asked }) => [meter, source, reason, asked])).toEqual(
      Array.from({ length: 4 }, () => [String(HOLED), 'next_report', 'not_kept', false]),
    )
    const one = await town.get<Concentrator>(`/concentrators/${NUMBER}`)
    expect(one).toMatchObject({ holds_addresses: true, backlog: 0, missing: 4, given_up: 0, orders: [] })
    expect(one.arrivals.concentrator).toBeGreaterThan(0)
    expect(one.arrivals.meter).toBeGreaterThan(7)
    const meters = await town.get<Page<ConcentratorMeter>>(`/concentrators/${NUMBER}/meters`)
    expect(meters.items.find(({ number }) => number === String(LOST))?.route).toEqual([
      String(FIRST_METER + 8),
      String(FIRST_METER + 9),
    ])
  }, 90_000)

  test('every value counts once at its own day, of all four media', async () => {
    const rates = await town.get<ReadingRates>(`/readings/rates?by=day&from=${today - 30 * DAY}&to=${today + DAY}`)
    const holes = rates.items.filter(({ read }) => read < METERS)
    expect(rates.items).toHaveLength(31)
    expect(rates.items.reduce((sum, { read }) => sum + read, 0)).toBe(31 * METERS - 4)
    expect(holes).toHaveLength(4)
    expect(rates.all.completeness).toBeCloseTo((31 * METERS - 4) / (31 * METERS), 10)
    expect(rates.all.accuracy).toBe(1)
    for (const medium of MEDIA) {
      const meter = FIRST_METER + 8 + MEDIA.indexOf(medium)
      const twin = await town.get<DeviceTwin>(`/devices/${meter}`)
      const behind = (await town.get<Page<ConcentratorMeter>>(`/concentrators/${NUMBER}/meters`)).items.find(
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
      const answer = await town.call<ActAnswer>(`/concentrators/${NUMBER}/read`, asked)
      expect([answer.status, answer.body.values]).toEqual([202, 1])
      await town.killAndRestart()
      for (let round = 0; round < 80; round++) {
        await town.speak()
        if ((await town.missing()).items.every(({ source }) => source === 'next_report')) break
        await pause(250)
      }
    }
    const { items } = await town.missing()
    expect(items.map(({ meter, reason, given_up_at }) => [meter, reason, given_up_at !== null])).toEqual(
      Array.from({ length: 4 }, () => [String(HOLED), 'not_kept', true]),
    )
    expect((await town.call(`/concentrators/${NUMBER}/read`, { meters: ['5'], reason: 'a stranger' })).status).toBe(404)
    expect((await town.call('/concentrators/5/network', { reason: 'a stranger' })).status).toBe(404)
  }, 90_000)
})

describe('orders for meters behind a concentrator', () => {
  const stateOf = async (id: number) => {
    const { items } = await town.get<{ items: CommandRecord[] }>('/commands?limit=1000')
    return items.find((command) => command.id === id)?.state
  }
  const order = async (what: unknown, meters: readonly string[] | null) => {
    const body = { order: what, meters, reason: 'a test of orders' }
    return town.call<MeterOrdersAnswer>(`/concentrators/${NUMBER}/orders`, body, 'safety')
  }
  /** Speaks until every command has ended. */
  const settle = async (ids: readonly number[]) => {
    for (let round = 0; round < 60; round++) {
      await town.speak()
      const states = await Promise.all(ids.map(stateOf))
      if (states.every((state) => state !== 'queued' && state !== 'sent' && state !== 'accepted')) return states
      await pause(100)
    }
    return Promise.all(ids.map(stateOf))
  }

  test('a dispatcher may not give them, and strangers and forms that do not exist are refused', async () => {
    const gas = String(FIRST_METER + 8)
    const body = { order: { kind: 'close' }, meters: [gas], reason: 'not mine' }
    expect((await town.call(`/concentrators/${NUMBER}/orders`, body)).status).toBe(403)
    expect((await order({ kind: 'open' }, [gas])).status).toBe(400)
    expect((await order({ kind: 'close' }, ['5'])).status).toBe(404)
    const permit = await order({ kind: 'permit' }, [gas])
    expect([permit.status, permit.body.commands, permit.body.refused[0]?.device]).toEqual([201, [], gas])
  })

  test('a valve is closed through kills before, between and after it was told; the meter heard it once', async () => {
    const [gas, power] = [FIRST_METER + 8, FIRST_METER + 11]
    const { status, body } = await order({ kind: 'close' }, [String(gas), String(power)])
    expect([status, body.commands.length]).toEqual([201, 2])
    await town.killAndRestart()
    const ids = body.commands.map(({ id }) => id)
    expect(await Promise.all(ids.map(stateOf))).toEqual(['queued', 'queued'])
    for (let i = 0; i < 20 && town.brains.get(gas)?.closed !== true; i++) {
      await town.speak(1)
      await pause(100)
    }
    expect(town.brains.get(gas)?.closed).toBe(true)
    await town.killAndRestart()
    expect(await Promise.all(ids.map(stateOf))).toEqual(['sent', 'sent'])
    await town.speak(1)
    await town.killAndRestart()
    expect(await settle(ids)).toEqual(['confirmed', 'confirmed'])
    expect([gas, power].map((meter) => town.brains.get(meter)?.obeyed)).toEqual([1, 1])
    const twin = await town.get<DeviceTwin>(`/devices/${gas}`)
    expect(twin.valve).toBe('closed')
  }, 90_000)

  test('a group hears one order: clocks of all that take it', async () => {
    const { body } = await order({ kind: 'clock' }, null)
    expect(body.commands).toHaveLength(METERS)
    const states = await settle(body.commands.map(({ id }) => id))
    expect(new Set(states)).toEqual(new Set(['confirmed']))
    expect(town.brains.get(FIRST_METER + 8)?.obeyed).toBe(2)
  }, 90_000)

  test('one that listens hears it at once, before its next word', async () => {
    const socket = dgram.createSocket('udp4')
    await new Promise<void>((done) => socket.bind(0, '127.0.0.1', () => done()))
    town.port = socket.address().port
    let asked = 0
    socket.on('message', (bytes, from) => {
      const message = parseMessage(bytes)
      if (message.kind === 'malformed' || message.path !== 'o') return
      asked += 1
      const read = decodeAnswer(60, message.payload, lookup)
      if ('now' in read) for (const one of read.orders ?? []) town.unit.obey(one, now())
      socket.send(encodeReply(message, COAP_CODE.CHANGED, {}, 1), from.port, from.address)
    })
    await pause(1_100)
    await town.speak()
    const before = town.brains.get(FIRST_METER + 12)?.obeyed
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
    expect(town.brains.get(FIRST_METER + 12)?.obeyed).toBe((before ?? 0) + 1)
    expect(await settle(body.commands.map(({ id }) => id))).toEqual(['confirmed'])
    socket.close()
    town.port = 0
  }, 60_000)
})

describe('who brings values of a meter behind a concentrator', () => {
  const terminals = async () => (await town.get<{ items: HostileTerminal[] }>('/devices/hostile')).items
  const inQuarantine = async () => (await town.get<{ items: QuarantineItem[] }>('/quarantine')).items

  test('a value from elsewhere is set aside with the reason, makes its source suspect, and is in no twin, also after a kill', async () => {
    const meter = FIRST_METER + 9
    await town.speak()
    const before = await town.get<DeviceTwin>(`/devices/${meter}`)
    const stranger = await UdpPeer.open(town.service.coapPort)
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
    expect((await town.get<DeviceTwin>(`/devices/${meter}`)).meter?.index_m3).toBe(before.meter?.index_m3)
    stranger.close()
    await town.killAndRestart()
    expect((await town.get<DeviceTwin>(`/devices/${meter}`)).meter?.index_m3).toBe(before.meter?.index_m3)
    expect(await suspects()).toHaveLength(1)
  }, 60_000)

  test('the concentrator itself is believed from another port once it has spoken there, and is no suspect', async () => {
    town.unit.introduce(now())
    await town.speak()
    expect((await town.summary())?.state).not.toBe('never_heard')
    expect((await terminals()).filter(({ device }) => device === String(NUMBER))).toEqual([])
  })
})

describe('a meter behind a concentrator that is changed', () => {
  test('is in a new list, is told things under its own number, and its register goes on at the point, also after a kill', async () => {
    await town.speak()
    expect((await town.get<Concentrator>(`/concentrators/${NUMBER}`)).holds_addresses).toBe(true)
    const reason = 'the old one leaked'
    const fit = { point: String(CHANGED), device: String(FRESH), old_end_m3: 500, new_begin_m3: 7, reason }
    expect((await town.call('/fittings', fit, 'safety')).status).toBe(201)
    expect((await town.get<Concentrator>(`/concentrators/${NUMBER}`)).holds_addresses).toBe(false)
    await town.killAndRestart()
    await pause(1_100)
    await town.speak()
    expect((await town.get<Concentrator>(`/concentrators/${NUMBER}`)).holds_addresses).toBe(true)
    const orders = { order: { kind: 'read' }, meters: [String(CHANGED)], reason: 'is it the right one' }
    const { body } = await town.call<MeterOrdersAnswer>(`/concentrators/${NUMBER}/orders`, orders, 'safety')
    expect(body.commands.map(({ device }) => device)).toEqual([String(FRESH)])
    const confirmed = async () => {
      const { items } = await town.get<{ items: CommandRecord[] }>('/commands?limit=1000')
      return items.find(({ id }) => id === body.commands[0]?.id)?.state
    }
    for (let round = 0; round < 40 && (await confirmed()) !== 'confirmed'; round++) {
      await town.speak()
      await pause(100)
    }
    expect(await confirmed()).toBe('confirmed')
    expect((await town.get<DeviceTwin>(`/devices/${CHANGED}`)).meter?.index_m3).toBeCloseTo(500.25, 5)
  }, 60_000)
})
