import { describe, expect, test } from 'vitest'
import { smallCity } from '../../city/small-city.ts'
import { countedShare, meterRange } from '../metering/meter-response.ts'
import { tamperedShare } from '../metering/tampering.ts'
import { scenarios } from './scenarios.ts'
import { trunkSection } from './trunk-section.ts'

const { network: document } = smallCity(4)
const stage = { document, seed: 3, start: 1e12, live: 1e12 + 26 * 3_600_000 }

describe.each(scenarios)('scenario $name', (scenario) => {
  test('is the same for the same seed, and every asset of its truth is in the network', () => {
    const plan = scenario.plan(stage)
    expect(scenario.plan(stage)).toEqual(plan)
    const ids = new Set(
      [document.pipes, document.meters, document.rtus, document.valves].flatMap((list) => list.map((x) => x.id)),
    )
    for (const event of plan.truth) {
      if (event.asset !== undefined) expect(ids.has(event.asset)).toBe(true)
      expect(event.at).toBeGreaterThanOrEqual(stage.start)
    }
    expect(plan.truth.length === 0).toBe(scenario.name === 'calm')
    expect(plan.truth.map((e) => e.at)).toEqual(plan.truth.map((e) => e.at).sort((a, b) => a - b))
  })
})

test('the day breaks a trunk some hours after people begin to look, near a gas detector, where remote valves can isolate it', () => {
  const plan = scenarios.find((s) => s.name === 'day')?.plan(stage)
  const leak = plan?.leaks[0]
  const pipe = document.pipes.find((p) => p.id === leak?.pipe)
  if (leak === undefined || pipe === undefined) throw new Error('the day has a leak')
  expect(leak.from).toBe(stage.live + 2 * 3_600_000)
  const wells = document.rtus.filter((r) => r.channels.includes('gas')).map((r) => r.at)
  expect(wells.includes(pipe.from) || wells.includes(pipe.to)).toBe(true)
  const section = trunkSection(document, pipe)
  expect(section.valves.length).toBeGreaterThan(0)
  expect(section.metersLost).toBeLessThan(document.meters.length / 2)
})

test('after a warm-up of weeks meters go wrong two weeks before people begin to look, so that a before and an after are seen', () => {
  const day = 86_400_000
  const begins = (live: number) =>
    scenarios
      .find((s) => s.name === 'day')
      ?.plan({ ...stage, live })
      .truth.filter(({ event }) => ['theft', 'small_flow', 'stopped_meter'].includes(event))
      .map(({ at }) => at)
      .filter((at) => at > stage.start) ?? []
  expect(Math.min(...begins(stage.live))).toBeGreaterThanOrEqual(stage.live)
  const long = begins(stage.start + 40 * day)
  expect(long.length).toBeGreaterThan(8)
  for (const at of long) expect((at - stage.start) / day).toBeCloseTo(26, 0)
})

test('forms of theft keep the share they say', () => {
  const at = 10 * 86_400_000
  expect(tamperedShare({ kind: 'bypass', from: at, share: 0.3 }, at - 1, 12, 3)).toBe(1)
  expect(tamperedShare({ kind: 'bypass', from: at, share: 0.3 }, at, 12, 3)).toBe(0.3)
  const night = { kind: 'hours', from: 0, share: 0.1, begin: 17, end: 7 } as const
  expect([6, 12, 18].map((hour) => tamperedShare(night, at, hour, 3))).toEqual([0.1, 1, 0.1])
  expect(tamperedShare({ kind: 'fading', from: 0, share: 0.2, perDay: 0.04 }, at, 0, 10)).toBeCloseTo(0.6)
  const magnet = { kind: 'magnet', from: 0, share: 0, daysOfSeven: 4 } as const
  const days = Array.from({ length: 70 }, (_, day) => tamperedShare(magnet, at, 12, day))
  expect(days.filter((s) => s === 0).length).toBe(40)
})

test('a G2.5 meter stands still below 5 L/h, counts in full from 25 L/h, and an oversized turbine is blind to a kitchen', () => {
  const g25 = meterRange('G2.5')
  expect(countedShare(g25, 0.004 / 3600)).toBe(0)
  expect(countedShare(g25, 0.01 / 3600)).toBeLessThan(1)
  expect(countedShare(g25, 0.03 / 3600)).toBe(1)
  expect(countedShare(meterRange('G160'), 1.5 / 3600)).toBe(0)
})
