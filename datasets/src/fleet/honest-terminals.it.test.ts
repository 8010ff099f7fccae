import { setTimeout as pause } from 'node:timers/promises'
import type { Alarm, HostileTerminal } from '@gastwin/server/contract'
import type { ClockPlan } from '@gastwin/twin'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildCity } from '../city/write-city.ts'
import { ServedFleet } from './testing/served-fleet.ts'

const HOUR = 3_600_000
const BEGIN = Date.parse('2026-03-10T06:00:00+08:00')
const SPEED = 2_400
const LIVED_H = 44
/** After six hours the road to the platform is held up for twelve; what was said then comes in the two hours behind. */
const [JAM_H, FREE_H, OVER_H] = [6, 18, 20]
const { network: document, truth } = buildCity({ meters: 200, seed: 11 })
const homes = document.meters.filter((m) => m.class === 'residential' && m.profile == null)
const instruments = [...document.rtus, ...document.valves.filter(({ actuator }) => actuator === 'remote')].flatMap(
  ({ device_number: number }) => (number == null ? [] : [Number(number)]),
)

/** The fleet lives behind the service's clock while it is held up, and lives the faster afterwards. */
function heldUp({ segments }: ClockPlan): number {
  const now = Date.now()
  const wall = segments[0]?.wall ?? now
  const hours = ((now - wall) * SPEED) / HOUR
  if (hours < JAM_H || hours >= OVER_H) return now
  const lived =
    hours < FREE_H
      ? JAM_H + (hours - JAM_H) / 100
      : JAM_H + 0.12 + ((hours - FREE_H) / (OVER_H - FREE_H)) * (OVER_H - JAM_H - 0.12)
  return wall + (lived * HOUR) / SPEED
}

let served: ServedFleet

beforeAll(async () => {
  served = await ServedFleet.open({
    ...{ name: 'honest', document, truth, begin: BEGIN, speed: SPEED, leadMs: 15_000 },
    certified: [...homes.slice(0, 10).map(({ id }) => Number(id)), ...instruments],
    fleet: { scenario: 'calm', seed: 5 },
    wall: heldUp,
  })
})
afterAll(() => served.close())

test('sound homes, RTUs and remote valves are never warned of, though all are held up for half a day and come back in a hurry', async () => {
  expect(instruments.length).toBeGreaterThan(3)
  const warned = new Map<string, HostileTerminal>()
  const lived = async (): Promise<boolean> => {
    for (const one of (await served.api.call<{ items: HostileTerminal[] }>('/devices/hostile')).items)
      if (one.step !== 'none') warned.set(`${one.device}@${one.from}`, one)
    return (served.fleet.stats()['event_time'] ?? 0) >= BEGIN + LIVED_H * HOUR
  }
  for (const end = Date.now() + 270_000; Date.now() < end && !(await lived()); await pause(200));
  expect(served.fleet.stats()['event_time']).toBeGreaterThan(BEGIN + LIVED_H * HOUR)
  expect([...warned.values()]).toEqual([])
  const { items: alarms } = await served.api.call<{ items: Alarm[] }>('/alarms')
  expect(alarms.filter(({ rule }) => rule === 'hostile_terminal')).toEqual([])
  // They were heard all the while.
  const sessions = (await served.api.call<{ sessions: number }>('/keys/health')).sessions
  expect(sessions).toBeGreaterThanOrEqual(instruments.length)
}, 300_000)
