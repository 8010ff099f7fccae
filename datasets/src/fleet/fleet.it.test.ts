import { eventTime } from '@gastwin/twin'
import { afterEach, describe, expect, test } from 'vitest'
import { buildCity } from '../city/write-city.ts'
import { profilesOf } from './devices/service-link.ts'
import { Fleet } from './fleet.ts'
import { CoapResponder } from './testing/coap-responder.ts'

const { network: document, truth } = buildCity({ meters: 200, seed: 11 })
const masterKey = Buffer.from('00112233445566778899aabbccddeeff', 'hex')
const profiles = profilesOf(document.meters)
const HOUR = 3_600_000
const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const thing of open.splice(0)) await thing.close()
})

/** @param slowAfter ms of the wall after which only a minute passes in a second */
async function city(begin: string, speed: number, scenario: string, noise = 0, slowAfter = Number.POSITIVE_INFINITY) {
  const first = { wall: Date.now() + 300, event: Date.parse(begin), speed }
  const slow = { wall: first.wall + slowAfter, event: first.event + slowAfter * speed, speed: 60 }
  const plan = { segments: Number.isFinite(slowAfter) ? [first, slow] : [first] }
  const service = new CoapResponder(
    masterKey,
    () => Math.round(eventTime(plan, Date.now())),
    (device) => profiles.get(device),
  )
  const port = await service.open()
  const told: Readonly<Record<string, unknown>>[] = []
  const fleet = await Fleet.open({
    document,
    truth,
    host: '127.0.0.1',
    port,
    plan,
    scenario,
    seed: 5,
    masterKey,
    sockets: 8,
    loss: noise,
    repeat: noise,
    onTruth: (event) => told.push(event),
  })
  open.push(fleet, service)
  const until = async (done: () => boolean, seconds = 25): Promise<void> => {
    const end = Date.now() + seconds * 1000
    while (!done() && Date.now() < end) await new Promise((next) => setTimeout(next, 20))
    expect(done()).toBe(true)
  }
  return { plan, service, fleet, told, until }
}
const past = (fleet: Fleet, at: number) => () => (fleet.stats()['event_time'] ?? 0) >= at

describe('a fleet on real sockets', () => {
  test('tells every meter once, every five minutes and every minute once, though datagrams are lost and repeated', async () => {
    const begin = Date.parse('2026-03-10T22:00:00+08:00')
    const { service, fleet, until } = await city('2026-03-10T22:00:00+08:00', 3600, 'calm', 0.04)
    fleet.run()
    await until(past(fleet, begin + 7 * HOUR))
    const meters = new Map(document.meters.map((m) => [Number(m.id), m]))
    const timed = () =>
      service.reports.filter((r) => r.trigger === 'timed' && meters.get(r.device)?.read_schedule === 'daily')
    await until(() => new Set(timed().map((r) => r.device)).size === fleet.households.count)
    const daily = timed()
    // A second run repeats the same report word for word when only the answers were lost.
    const words = new Set(daily.map((r) => JSON.stringify([r.device, r.sequence, r.deviceTime, r.readings])))
    expect(words.size).toBe(new Set(daily.map((r) => `${r.device}/${r.sequence}`)).size)
    expect(daily.length).toBeLessThan(1.1 * words.size)
    const customer = new Map(fleet.book.consumers.map((c) => [c.device, c]))
    for (const r of daily) {
      const c = customer.get(r.device)
      if (c === undefined) throw new Error(`a stranger: ${r.device}`)
      expect(Math.abs((r.readings[0]?.value ?? -1) - fleet.book.register(c, r.deviceTime))).toBeLessThanOrEqual(
        c.quantum + 0.02,
      )
    }
    // Three makers, four languages: each heard in its own.
    const heard = new Set(daily.map((r) => profiles.get(r.device)?.name))
    expect(heard).toEqual(new Set([undefined, 'emulated-turned-units', 'cat1-c22c']))
    expect([...service.formats].sort()).toEqual([60, 65_001, 65_002, 65_004])
    expect(daily.every((r) => r.status.valve === 'open')).toBe(true)
    expect(service.malformed).toBe(0)
    expect(service.sizes.plain).toBeLessThan(200)
    expect(service.sizes.sealed).toBeLessThan(300)
    const series = (kind: string, step: number, fits: (device: number) => boolean): void => {
      const times = new Map<number, Set<number>>()
      let count = 0
      for (const r of service.reports) {
        if (r.kind !== kind || r.trigger !== 'timed' || !fits(r.device)) continue
        for (const x of r.readings.filter((y, i) => r.readings.findIndex((z) => z.at === y.at) === i)) {
          count += 1
          times.set(r.device, (times.get(r.device) ?? new Set()).add(Math.round(x.at / step)))
        }
      }
      for (const set of times.values()) {
        const sorted = [...set].sort((a, b) => a - b)
        expect((sorted.at(-1) ?? 0) - (sorted[0] ?? 0) + 1).toBe(sorted.length)
      }
      expect([...times.values()].reduce((sum, set) => sum + set.size, 0)).toBe(count)
      expect(times.size).toBeGreaterThan(0)
    }
    series('rtu', 60_000, () => true)
    series('meter', 300_000, (device) => meters.get(device)?.read_schedule === '5min')
  })

  test('keeps what was not acknowledged while the service is away, and household meters transmit four times at most', async () => {
    const begin = Date.parse('2026-03-10T23:00:00+08:00')
    const { service, fleet, until } = await city('2026-03-10T23:00:00+08:00', 1800, 'calm')
    service.mute = true
    fleet.run()
    await until(past(fleet, begin + 2 * HOUR))
    expect(service.reports.length).toBe(0)
    service.mute = false
    await until(past(fleet, begin + 6 * HOUR), 60)
    const first = new Map<number, number>()
    for (const r of service.reports.filter((x) => x.kind === 'rtu'))
      for (const x of r.readings) first.set(r.device, Math.min(first.get(r.device) ?? Infinity, x.at))
    expect(first.size).toBe(document.rtus.length)
    for (const at of first.values()) expect(at).toBeLessThanOrEqual(begin + 2 * 60_000)
    const household = fleet.stats()['silent'] ?? 0
    expect(household).toBeLessThanOrEqual(2 * fleet.households.count)
  })

  test('comes again after the seconds that a busy service asks for, though time passes slower then', async () => {
    const { service, fleet, until } = await city('2026-03-10T23:00:00+08:00', 3600, 'calm', 0, 8_000)
    service.laterS = 20
    fleet.run()
    await until(past(fleet, Date.parse('2026-03-11T06:30:00+08:00')), 300)
    expect(service.turnedAway).toBeGreaterThan(fleet.households.count)
    expect(service.reports.length).toBe(0)
    service.laterS = 0
    // Twenty seconds of the hurried night would be twenty minutes from now.
    const heard = () => new Set(service.reports.filter((r) => r.trigger === 'timed').map((r) => r.device))
    const all = fleet.households.count + fleet.businesses.count + document.rtus.length
    await until(() => heard().size >= all - 3, 300)
  }, 700_000)

  test('closes a valve when it was selected and told to, reports it, and the gas behind it stops', async () => {
    const { service, fleet, until } = await city('2026-01-15T18:00:00+08:00', 60, 'calm')
    fleet.run()
    const zone = document.zones[0]
    const valves = document.valves.filter((v) => v.zone === zone?.id && v.actuator === 'remote')
    const ports = (): Map<number, number> =>
      new Map(
        service.reports.flatMap((r) =>
          r.trigger === 'registration' ? [[r.device, r.status.servicePort ?? 0] as const] : [],
        ),
      )
    await until(() => ports().size >= document.valves.filter((v) => v.actuator === 'remote').length)
    const flow = (): number =>
      (zone?.inlets ?? []).reduce(
        (sum, i) => sum + fleet.physics.standardFlow(fleet.physics.network.edges.numberOf.get(i.edge) ?? -1),
        0,
      )
    await until(() => flow() > 0)
    for (const [i, v] of valves.entries()) {
      const device = Number(v.device_number)
      const port = ports().get(device) ?? 0
      expect((await service.command(port, 'close', device, 100 + i)).accepted).toBe(false)
      expect((await service.command(port, 'select', device, 100 + i)).accepted).toBe(true)
      expect(await service.command(port, 'close', device, 100 + i)).toMatchObject({
        accepted: true,
        position: 'moving',
      })
      expect((await service.command(port, 'close', device, 100 + i)).accepted).toBe(true)
    }
    await until(
      () =>
        service.reports.filter((r) => r.trigger === 'answer' && r.status.valve === 'closed').length >= valves.length,
    )
    expect(service.reports.find((r) => r.trigger === 'answer')?.status.command).toMatchObject({ accepted: true })
    await until(() => flow() < 1e-9)
    expect(fleet.stats()['valves_closed']).toBe(valves.length)
  })

  test('a queued close command shuts the meter of one customer, who then uses nothing', async () => {
    const begin = Date.parse('2026-01-15T23:50:00+08:00')
    const { service, fleet, until } = await city('2026-01-15T23:50:00+08:00', 3600, 'calm')
    const target = fleet.book.consumers.find((c) => c.home && (c.profile & 4) !== 0 && c.device % 100 < 60)
    if (target === undefined) throw new Error('nobody heats')
    for (const c of fleet.book.consumers) if (c === target) service.queued.set(c.device, { kind: 'close', id: 77 })
    fleet.run()
    await until(() =>
      service.reports.some(
        (r) => r.device === target.device && r.status.command?.id === 77 && r.status.valve === 'closed',
      ),
    )
    const after = fleet.book.register(target, target.closedFrom)
    await until(past(fleet, begin + 9 * HOUR))
    expect(fleet.book.register(target, begin + 9 * HOUR)).toBe(after)
    const { supplied, used, leaked, stored } = fleet.physics.totals
    expect(Math.abs(supplied - used - leaked - stored)).toBeLessThan(0.01)

    // A permit opens nothing by itself; the fitter's hand does, while it lasts.
    service.queued.set(target.device, { kind: 'permit', id: 78, windowS: 600 })
    const own = (id: number) => service.reports.find((r) => r.device === target.device && r.status.command?.id === id)
    await until(() => own(78) !== undefined)
    expect(own(78)?.status).toMatchObject({ valve: 'closed', command: { id: 78, accepted: true } })
    await until(() => target.closedFrom === Number.POSITIVE_INFINITY)
    const opened = service.reports.findLast((r) => r.device === target.device && r.trigger === 'button')
    await until(() =>
      service.reports.some((r) => r.device === target.device && r.status.valve === 'open' && r.trigger === 'button'),
    )
    const [, at] = target.closures[0] ?? [0, 0]
    expect(fleet.book.register(target, at)).toBe(after)
    await until(past(fleet, at + 12 * HOUR))
    expect(fleet.book.register(target, at + 12 * HOUR)).toBeGreaterThan(after)
    expect(opened === undefined || opened.status.valve === 'open').toBe(true)
  }, 60_000)

  test('tells the truth of its scenario when it happens, and a detector near the leak cries at once', async () => {
    const { service, fleet, told, until } = await city('2026-01-15T08:00:00+08:00', 1200, 'day')
    fleet.run()
    await until(() => told.some((e) => e['event'] === 'leak_begin'))
    await until(() =>
      service.reports.some((r) => r.kind === 'rtu' && r.trigger === 'alarm' && r.events.includes('gas_leak')),
    )
    expect(told.some((e) => e['event'] === 'theft')).toBe(true)
    expect(fleet.physics.totals.leaked).toBeGreaterThan(0)
  })
})
