import type { AppliedReport } from '@gastwin/twin'
import { describe, expect, test } from 'vitest'
import type { Detection } from '../detection.ts'
import { CityContext, reportOf } from '../testing/city-context.ts'
import { SeededNoise } from '../testing/synthetic-supply.ts'
import { takeOver } from '../testing/take-over.ts'
import { RegisterDetector } from './register-detector.ts'

const DAY = 86_400_000
const UTC_OFFSET = 8 * 3_600_000
const START = Date.UTC(2026, 2, 2) - UTC_OFFSET
const TWO_AM = 2 * 3_600_000

/** What a home burns on one day, m³: meals and hot water, some days away, each home with its own habits. */
function homeDay(noise: SeededNoise, habit: number, away: boolean): number {
  if (away) return 0
  let use = 0
  for (const chance of [0.5, 0.5, 0.9]) if (noise.uniform() < chance) use += habit * (0.1 + 0.25 * noise.uniform())
  const showers = Math.floor(noise.uniform() * 3)
  for (let i = 0; i < showers; i++) use += habit * (0.15 + 0.25 * noise.uniform())
  return use
}

interface Homes {
  readonly homes: number
  readonly days: number
  /** What the register adds on a day of a home instead of its own use. */
  readonly change?: (home: number, day: number, use: number) => number
  readonly lost?: number
  readonly restartAt?: number
}

/** Homes that report once a day in pulses of 0.1 m³; returns what is told with the day it was told. */
function runHomes({ homes, days, change = (_, __, use) => use, lost = 0.01, restartAt }: Homes) {
  const city = new CityContext()
  city.addZone('Z')
  for (let home = 0; home < homes; home++) city.addMeter(0)
  let detector = new RegisterDetector(city)
  const noise = new SeededNoise(77)
  const habits = Array.from({ length: homes }, () => 0.6 + 1.2 * noise.uniform())
  const registers = habits.map(() => 500 * noise.uniform())
  const awayUntil = habits.map(() => -1)
  const told: (Detection & { day: number })[] = []
  for (let day = 0; day < days; day++) {
    const batch: AppliedReport[] = []
    for (let home = 0; home < homes; home++) {
      if (noise.uniform() < 0.015) awayUntil[home] = day + Math.ceil(6 * noise.uniform())
      const use = homeDay(noise, habits[home] ?? 1, (awayUntil[home] ?? -1) >= day)
      registers[home] = (registers[home] ?? 0) + change(home, day, use)
      const shown = Math.floor((registers[home] ?? 0) * 10 + 1e-9) / 10
      if (noise.uniform() >= lost)
        batch.push(reportOf(city, home, START + day * DAY + TWO_AM + home * 1000, { index_m3: shown }))
    }
    if (day === restartAt) {
      detector = takeOver(detector, new RegisterDetector(city))
    }
    told.push(...detector.observe(batch).map((d) => ({ ...d, day })))
  }
  return told
}

test('a meter costs 49 bytes', () => {
  expect(new RegisterDetector(new CityContext()).bytesPerMeter).toBe(49)
})

test('300 sound homes with absences and lost reports raise next to nothing in 120 days', () => {
  const told = runHomes({ homes: 300, days: 120 }).filter((d) => d.active)
  const count = (rule: Detection['rule']) => told.filter((d) => d.rule === rule).length
  console.log(
    'sound homes, 300 × 120 days: small flow',
    count('prolonged_small_flow'),
    'stopped',
    count('stopped_meter'),
  )
  expect(told.filter((d) => d.rule !== 'prolonged_small_flow' && d.rule !== 'stopped_meter')).toEqual([])
  expect(count('stopped_meter')).toBeLessThanOrEqual(1)
  expect(count('prolonged_small_flow')).toBeLessThanOrEqual(6)
})

describe('a stopped meter', () => {
  test('is told after some weeks, with the day it stopped, and ends when it runs again', () => {
    const told = runHomes({
      homes: 20,
      days: 150,
      lost: 0,
      change: (home, day, use) => (home < 10 && day >= 60 && day < 120 ? 0 : use),
    })
    const first = told.filter((d) => d.rule === 'stopped_meter' && d.active)
    console.log('stopped meters told after days:', first.map((d) => d.day - 60).join(' '))
    expect(first.length).toBeGreaterThanOrEqual(9)
    for (const d of first) {
      expect(d.day).toBeGreaterThan(70)
      expect(d.day).toBeLessThan(100)
      expect(Math.abs((d.since - START) / DAY - 60)).toBeLessThan(8)
      expect(d.evidence.find((fact) => fact.code === 'stopped_probability')?.value).toBeGreaterThan(0.999)
    }
    expect(told.filter((d) => d.rule === 'stopped_meter' && !d.active)).toHaveLength(first.length)
  })

  test('whose valve is closed is not stopped', () => {
    const city = new CityContext()
    city.addMeter(-1)
    const detector = new RegisterDetector(city)
    for (let day = 0; day < 120; day++) {
      const told = detector.observe([
        reportOf(
          city,
          0,
          START + day * DAY,
          { index_m3: Math.min(day, 40) },
          { status: { valve: day < 40 ? 'open' : 'closed' } },
        ),
      ])
      expect(told.filter((d) => d.rule === 'stopped_meter')).toEqual([])
    }
  })
})

test('a small flow that never rests is warned of within weeks, with its size', () => {
  const leak = 0.05
  const told = runHomes({
    homes: 40,
    days: 120,
    change: (home, day, use) => use + (home < 20 && day >= 40 ? 24 * leak : 0),
  })
  const found = told.filter((d) => d.rule === 'prolonged_small_flow' && d.active && Number(d.asset.id) < 10_020)
  console.log('small flow of 50 L/h told after days:', found.map((d) => d.day - 40).join(' '))
  expect(new Set(found.map((d) => d.asset.id)).size).toBeGreaterThanOrEqual(18)
  for (const d of found) expect(d.value * 3600).toBeGreaterThan(0.8 * leak)
  for (const d of found) expect(d.value * 3600).toBeLessThan(1.6 * leak)
})

describe('between two readings', () => {
  function read(values: readonly (readonly [minute: number, index: number])[], size = 'G2.5') {
    const city = new CityContext()
    city.addMeter(-1, { size })
    const detector = new RegisterDetector(city)
    return values.flatMap(([minute, index_m3]) =>
      detector
        .observe([reportOf(city, 0, START + minute * 60_000, { index_m3 })])
        .map((d) => [minute, d.rule, d.active] as const),
    )
  }

  test('more gas than the size allows is over-flow, until an interval is back within', () => {
    expect(
      read([
        [0, 100],
        [60, 104.6],
        [120, 109.3],
        [180, 110],
      ]),
    ).toEqual([
      [120, 'over_flow', true],
      [180, 'over_flow', false],
    ])
    expect(
      read(
        [
          [0, 100],
          [60, 104.7],
        ],
        'G6',
      ),
    ).toEqual([])
  })

  test('one pulse in a short interval is not over-flow', () => {
    expect(
      read([
        [0, 100],
        [1, 100.1],
        [2, 100.2],
        [3, 100.3],
      ]),
    ).toEqual([])
  })

  test('a register that runs backwards is told; one that turned over, or repeats a rounding, is not', () => {
    expect(
      read([
        [0, 100],
        [60, 99],
        [120, 99.5],
      ]),
    ).toEqual([
      [60, 'register_backwards', true],
      [120, 'register_backwards', false],
    ])
    expect(
      read([
        [0, 99_999.5],
        [60, 0.2],
        [120, 0.3],
      ]),
    ).toEqual([])
    expect(
      read([
        [0, 100],
        [60, 99.9],
        [120, 100],
      ]),
    ).toEqual([])
  })
})

describe('a meter that is read every five minutes', () => {
  /** A shop: works from 8 to 22, and from day 20 something burns at night. */
  function shop(night: (day: number) => number, days: number) {
    const city = new CityContext()
    city.addMeter(-1, { size: 'G16', class: 'commercial', every: 7_200_000 })
    const detector = new RegisterDetector(city)
    let register = 1000
    const told: (readonly [number, string, boolean])[] = []
    for (let step = 0; step < days * 288; step++) {
      const [day, hour] = [Math.floor(step / 288), (step % 288) / 12]
      register += (hour >= 8 && hour < 22 ? 5 : night(day)) / 12
      const report = reportOf(city, 0, START + (step + 1) * 300_000, { index_m3: Math.floor(register * 100) / 100 })
      told.push(...detector.observe([report]).map((d) => [day, d.rule, d.active] as const))
    }
    return told
  }

  test('has a night flow after seven nights in a row above its own habit, until a quiet night', () => {
    expect(shop((day) => (day >= 20 && day < 35 ? 0.2 : 0), 40)).toEqual([
      [26, 'night_flow', true],
      [35, 'night_flow', false],
    ])
  })

  test('may work at night if it always did', () => {
    expect(shop(() => 3, 30)).toEqual([])
  })
})

test('late readings are left alone, and a restart from saved memory tells the same', () => {
  const trial: Homes = {
    homes: 20,
    days: 110,
    change: (home, day, use) => (home < 3 && day > 60 ? 0 : home < 6 && day > 40 ? use + 1.5 : use),
  }
  expect(runHomes({ ...trial, restartAt: 70 })).toEqual(runHomes(trial))
  const city = new CityContext()
  city.addMeter(-1)
  const detector = new RegisterDetector(city)
  detector.observe([reportOf(city, 0, START + DAY, { index_m3: 100 })])
  expect(detector.observe([reportOf(city, 0, START, { index_m3: 90 }, { outcome: 'late' })])).toEqual([])
})
