import { describe, expect, test } from 'vitest'
import type { Detection } from '../detection.ts'
import { CityContext, reportOf } from '../testing/city-context.ts'
import { SeededNoise } from '../testing/synthetic-supply.ts'
import { PressureDropDetector } from './pressure-drop-detector.ts'

const START = Date.UTC(2026, 0, 5)
const MINUTE = 60_000
const AMBIENT = 101_325

/** Three RTUs on 300 kPa gauge: the first two feel each other, the third is alone. Pressures swing by the day and are noisy. */
function city() {
  const context = new CityContext()
  context.addZone('Z')
  context.addRtu(0, { neighbours: [1] })
  context.addRtu(0, { neighbours: [0] })
  context.addRtu(0)
  return context
}

function usual(noise: SeededNoise, minute: number): number {
  return AMBIENT + 300_000 + 12_000 * Math.sin((minute / 1440) * 2 * Math.PI) + 250 * noise.normal()
}

function run(
  minutes: number,
  change: (rtu: number, minute: number, pressure: number) => number | undefined,
  restart = false,
) {
  const context = city()
  const noise = new SeededNoise(9)
  let detector = new PressureDropDetector(context)
  const told: (Detection & { minute: number })[] = []
  for (let minute = 0; minute < minutes; minute++) {
    for (const rtu of [0, 1, 2]) {
      const pressure = change(rtu, minute, usual(noise, minute))
      if (pressure === undefined) continue
      const at = START + minute * MINUTE + rtu * 5000
      told.push(
        ...detector.observe([reportOf(context, rtu, at, { pressure_pa: pressure })]).map((d) => ({ ...d, minute })),
      )
    }
    told.push(...detector.tick(START + (minute + 1) * MINUTE).map((d) => ({ ...d, minute })))
    if (restart && minute === minutes - 10) {
      const saved = JSON.parse(JSON.stringify(detector.save()))
      detector = new PressureDropDetector(context)
      detector.load(saved)
    }
  }
  return told
}

describe('a pressure that falls as in a rupture', () => {
  test('is told as strong with the first report after the break when the fall is large', () => {
    const told = run(2 * 1440, (rtu, minute, pressure) =>
      rtu === 2 && minute >= 2000 ? AMBIENT + (pressure - AMBIENT) * 0.6 : pressure,
    )
    expect(told[0]).toMatchObject({
      minute: 2000,
      active: true,
      strength: 'strong',
      asset: { id: 'RTU-2' },
      since: START + 1999 * MINUTE + 10_000,
      evidenceKind: 'pressure',
    })
    expect(told[0]?.value).toBeGreaterThan(110_000)
    expect(told.filter((d) => d.active)).toHaveLength(1)
  })

  test('that is moderate is weak until the neighbour falls too, and then both are strong', () => {
    const told = run(2010, (rtu, minute, pressure) => (rtu < 2 && minute >= 2000 ? pressure - 30_000 : pressure))
    expect(told.map(({ asset, strength, minute }) => [asset.id, strength, minute])).toEqual([
      ['RTU-0', 'weak', 2000],
      ['RTU-1', 'strong', 2000],
      ['RTU-0', 'strong', 2000],
    ])
    expect(told[1]?.evidence).toContainEqual(
      expect.objectContaining({ code: 'neighbour_fell', asset: { kind: 'rtu', id: 'RTU-0' } }),
    )
  })

  test('at one sensor while its neighbour reports on unmoved is weak, however large', () => {
    const told = run(2040, (rtu, minute, pressure) => {
      if (rtu === 0 && minute >= 1998 && minute < 2002) return undefined
      return rtu === 0 && minute >= 2002 ? AMBIENT + 20_000 : pressure
    })
    expect(told[0]).toMatchObject({ asset: { id: 'RTU-0' }, strength: 'weak', minute: 2002 })
    expect(told.filter((d) => d.strength === 'strong')).toEqual([])
  })

  test('ends when the pressure has not fallen further for a while', () => {
    const told = run(2100, (rtu, minute, pressure) =>
      rtu === 2 && minute >= 2000 ? AMBIENT + (pressure - AMBIENT) * 0.6 : pressure,
    )
    expect(told.at(-1)).toMatchObject({ active: false })
    expect(told.at(-1)?.minute).toBeLessThan(2025)
  })

  test('is told at the first minutes of service too, from the assumed spread', () => {
    const told = run(12, (rtu, minute, pressure) => (rtu === 2 && minute >= 10 ? AMBIENT + 100_000 : pressure))
    expect(told).toMatchObject([{ minute: 10, strength: 'strong' }])
  })
})

test('daily swings, noise and lost reports raise nothing in 20 days', () => {
  const lost = new SeededNoise(4)
  expect(run(20 * 1440, (_, __, pressure) => (lost.uniform() < 0.02 ? undefined : pressure))).toEqual([])
})

test('an RTU whose pressure always saws is judged by its own habit', () => {
  const told = run(3000, (rtu, minute, pressure) => pressure + (rtu === 2 ? 15_000 * Math.sin(minute) : 0))
  expect(told.filter((d) => d.minute > 120)).toEqual([])
})

test('a restart from saved memory tells the same', () => {
  const rupture = (rtu: number, minute: number, pressure: number) =>
    rtu === 2 && minute >= 295 ? pressure - 90_000 : pressure
  expect(run(300, rupture, true)).toEqual(run(300, rupture))
})
