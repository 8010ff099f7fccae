import { encodeLineOrder } from '@gastwin/server/protocol'
import {
  buildNetwork,
  CityCalendar,
  ConcentratorBook,
  concentratorArchives,
  eventTime,
  METER_KINDS,
} from '@gastwin/twin'
import { afterEach, describe, expect, test } from 'vitest'
import { buildCity } from '../city/write-city.ts'
import { profilesOf } from './devices/service-link.ts'
import { Fleet } from './fleet.ts'
import { CoapResponder } from './testing/coap-responder.ts'
import { PacedWall } from './testing/paced-wall.ts'

const DAY = 86_400_000
const { network: document, truth } = buildCity({ meters: 400, seed: 11, concentrators: 3 })
const masterKey = Buffer.from('00112233445566778899aabbccddeeff', 'hex')
const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const thing of open.splice(0)) await thing.close()
})

describe('concentrators of a fleet on real sockets', () => {
  test('their meters are read at midnight and by nobody else, missed ones again, and days of a dead uplink come later', async () => {
    const begin = Date.parse('2026-03-10T20:00:00+08:00')
    const wall = new PacedWall()
    open.push(wall)
    const plan = { segments: [{ wall: wall.now() + 300, event: begin, speed: 7200 }] }
    const now = () => Math.round(eventTime(plan, wall.now()))
    const network = buildNetwork({
      ...document,
      concentrators: document.concentrators?.map((c) => ({ ...c, since: new Date(begin).toISOString() })) ?? [],
    })
    const book = new ConcentratorBook(concentratorArchives(network), new CityCalendar(document.time_zone))
    const profiles = profilesOf(document.meters)
    const service = new CoapResponder(masterKey, now, (device) => profiles.get(device))
    let taken = 0
    // What a service does with its log: everything in the order it came.
    const take = (): void => {
      for (; taken < service.reports.length; taken++) {
        const report = service.reports[taken]
        if (report?.kind === 'concentrator') book.hear(report, now())
        else if (report !== undefined) book.take(report, now())
      }
    }
    service.orders = (report) => {
      take()
      return book.find(report.device)?.orders() ?? []
    }
    const port = await service.open()
    const fleet = await Fleet.open({
      document,
      truth,
      host: '127.0.0.1',
      port,
      plan,
      scenario: 'calm',
      seed: 5,
      masterKey,
      sockets: 8,
      loss: 0.01,
      repeat: 0.01,
      wall: wall.now,
    })
    open.push(fleet, service)
    fleet.run()
    const end = begin + 3.4 * DAY
    const midnight = Date.parse('2026-03-13T00:00:00+08:00')
    // One meter of each compound died and keeps what it has not told.
    const alive = () => book.twins.flatMap(({ meters }) => meters.filter((_, i) => i !== 5))
    const settled = () =>
      alive().every(({ lastAt, duty }) => lastAt >= midnight && duty.missing.every((m) => m.due > midnight))
    const latest = wall.now() + 75_000
    // The valve of one gas meter is closed at the concentrator's own port, on the second day.
    const shut = book.twins[0]?.meters.find(({ archived }) => archived.quantity === 'index_m3')?.archived.number ?? 0
    let asked = false
    const close = (): void => {
      const word = service.reports.findLast(({ device }) => device === book.twins[0]?.archive.number)
      if (asked || word?.status.servicePort === undefined || fleet.now < begin + DAY) return
      asked = true
      const meter = {
        number: shut,
        medium: METER_KINDS[network.meters.kind[network.meters.meterOfDevice(shut)] ?? 0] ?? 'gas',
        protocol: 'cjt188',
        profile: undefined,
      } as const
      const until = now() + DAY
      const frames = encodeLineOrder({ kind: 'close' }, meter, {
        ...{ command: 9, now: now(), until, authority: undefined },
      })
      if ('why' in frames) throw new Error(frames.why)
      service.order(word.status.servicePort, [
        { kind: 'pass_on', frames: [{ command: 9, attempt: 1, meter: shut, until, frames }] },
      ])
    }
    const isHeardShut = () => service.reports.some((one) => one.device === shut && one.status.valve === 'closed')
    while ((fleet.now < end || !settled() || !isHeardShut()) && wall.now() < latest) {
      await new Promise((next) => setTimeout(next, 20))
      take()
      close()
    }

    expect(service.malformed).toBe(0)
    expect(service.formats.has(65_003)).toBe(true)
    expect(book.twins.length).toBeGreaterThan(1)
    const [steady, cutOff] = book.twins
    expect(cutOff?.holdsAddresses && steady?.holdsAddresses).toBe(true)
    expect(cutOff?.arrivals.own).toBeGreaterThan(20)
    // At two hours a second a night's readings take longer than the limit for being in time.
    expect((steady?.arrivals.in_time ?? 0) + (steady?.arrivals.own ?? 0)).toBeGreaterThan(200)
    expect(cutOff?.arrivals.meter).toBeGreaterThan(0)
    expect(alive().length).toBeGreaterThan(150)
    for (const { archived, duty, lastAt, route } of alive()) {
      const old = duty.missing.filter(({ due }) => due <= midnight)
      expect([archived.number, old, lastAt >= midnight]).toEqual([archived.number, [], true])
      expect(route?.hops.length).toBeLessThanOrEqual(8)
    }
    const consumers = new Map(fleet.book.consumers.map((c) => [c.device, c]))
    const behind = new Set(network.document.concentrators?.flatMap((c) => c.meters.map(({ meter }) => Number(meter))))
    const heard = service.reports.filter(({ device }) => behind.has(device))
    const told = service.reports.flatMap(({ concentrator }) => concentrator?.passed ?? [])
    expect(told.map(({ command, meter, failure }) => [command, meter, failure])).toEqual([[9, shut, undefined]])
    expect(heard.some(({ device, status }) => device === shut && status.valve === 'closed')).toBe(true)
    const media = new Set(
      heard.map(({ device }) => METER_KINDS[network.meters.kind[network.meters.meterOfDevice(device)] ?? 0]),
    )
    expect(media).toEqual(new Set(METER_KINDS))
    const today = fleet.weather.dayNumber(fleet.now)
    for (const { device, readings } of heard)
      for (const { at, value, quantity } of readings) {
        const consumer = consumers.get(device)
        // What was told something is read as it stands; everything else at midnight.
        if (device !== shut) expect((at + 8 * 3_600_000) % DAY).toBe(0)
        if (consumer !== undefined && quantity === 'index_m3' && fleet.weather.dayNumber(at) >= today - 1)
          expect(value).toBeCloseTo(fleet.book.register(consumer, at), 2)
      }
  }, 400_000)
})
