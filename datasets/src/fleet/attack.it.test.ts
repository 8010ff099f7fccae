import type { DeviceTwin, HostileTerminal, KeysHealth } from '@gastwin/server/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../../../server/src/pipeline/testing/until.ts'
import { buildCity } from '../city/write-city.ts'
import { ServedFleet } from './testing/served-fleet.ts'

const HOUR = 3_600_000
const BEGIN = Date.parse('2026-03-10T22:00:00+08:00')
const SPEED = 1_200
/** The clone needs five reports of its victim, who speaks every two hours. */
const LIVED_H = 14
const IDENTITIES = 20
const { network: document, truth } = buildCity({ meters: 200, seed: 11 })
const homes = document.meters.filter((m) => m.class === 'residential' && m.profile == null)

let served: ServedFleet

beforeAll(async () => {
  served = await ServedFleet.open({
    ...{ name: 'attack', document, truth, begin: BEGIN, speed: SPEED, leadMs: 15_000 },
    certified: homes.slice(0, IDENTITIES).map(({ id }) => Number(id)),
    fleet: { scenario: 'attack', seed: 5 },
  })
})
afterAll(() => served.close())

const terminals = async () => (await served.api.call<{ items: HostileTerminal[] }>('/devices/hostile')).items
const isAway = ({ step }: HostileTerminal): boolean => step === 'isolate' || step === 'offline'
/** Of the wall, however slow the machine. */
const LONG_S = 600
const state = () => served.fleet.stats()

test('clone, replays and flood are isolated, meters with certificates meet the platform, and sound meters lose nothing', async () => {
  await until(
    () => served.fleet.stats()['event_time'] ?? 0,
    (time) => time >= BEGIN + LIVED_H * HOUR,
    LONG_S,
    state,
  )
  const isFlooding = ({ reasons }: HostileTerminal): boolean => reasons.some(({ code }) => code === 'flood')
  const known = await until(
    terminals,
    (all) => all.filter(isAway).length >= 4 && all.some((one) => one.step === 'offline' && isFlooding(one)),
    LONG_S,
    state,
  )
  const away = known.filter(isAway)
  expect(new Set(away.map(({ from }) => from))).toEqual(new Set(served.fleet.attackers.sources))
  const attacked = new Set(away.map(({ device }) => device))
  expect(away.find(isFlooding)?.step).toBe('offline')
  expect(away.filter(({ reasons }) => reasons.some(({ code }) => code === 'replayed')).length).toBeGreaterThanOrEqual(2)
  expect(
    (await terminals()).filter(({ from }) => from !== null && !served.fleet.attackers.sources.includes(from)),
  ).toEqual([])

  const health = await until(
    () => served.api.call<KeysHealth>('/keys/health'),
    ({ sessions }) => sessions >= IDENTITIES - 3 && sessions === served.fleet.stats()['contacts'],
    LONG_S,
    state,
  )
  expect(health.contacts['proof']).toBe(0)
  const sound = served.fleet.book.consumers.filter(({ home, device }) => home && !attacked.has(String(device)))
  const heardRight = async (): Promise<number> => {
    let heard = 0
    for (const consumer of sound) {
      const twin = await served.api.call<DeviceTwin>(`/devices/${consumer.device}`)
      const { index_m3: index, index_at: at } = twin.meter ?? {}
      if (typeof index !== 'number' || typeof at !== 'number') continue
      heard += 1
      expect(Math.abs(index - served.fleet.book.register(consumer, at))).toBeLessThanOrEqual(consumer.quantum + 0.02)
    }
    return heard
  }
  // Dead batteries never speak, and one cell's night lies outside of what was lived.
  await until(heardRight, (heard) => heard > 0.9 * served.fleet.households.count - attacked.size, LONG_S, state)
}, 2_400_000)
