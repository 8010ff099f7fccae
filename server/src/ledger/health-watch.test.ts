import type { Report } from '@gastwin/twin'
import Value from 'typebox/value'
import { beforeAll, describe, expect, test } from 'vitest'
import { MetersHealth } from '../contract/index.ts'
import { HealthWatch, narrowHealth } from './health-watch.ts'
import { type LivedTown, liveTown, reportOf } from './testing/lived-town.ts'

const DAY = 86_400_000

let town: LivedTown
let start: number
beforeAll(() => {
  town = liveTown({ seed: 5, days: 3, zones: 2, homes: 60 })
  start = town.reports[0]?.deviceTime ?? 0
})

/** A report of a meter's battery. */
const said = (device: number, at: number, volt: number, events: Report['events'] = []): Report =>
  reportOf(
    device,
    'meter',
    { quantity: 'index_m3', at, value: 1 },
    { events, status: { batteryVolt: volt, rsrpDbm: -100 } },
  )

describe('batteries of a town', () => {
  const days = 40
  const devices = () => town.network.document.meters.map(({ id }) => Number(id))
  const watchOf = (reports: readonly Report[]) => {
    const watch = new HealthWatch(town.network)
    for (const report of reports) watch.take(report, report.deviceTime + 1000)
    return watch
  }
  const all = () =>
    devices().flatMap((device, i) =>
      Array.from({ length: days }, (_, day) =>
        // The first falls fast, the second calls its battery low, the others stand.
        said(
          device,
          start + day * DAY,
          i === 0 ? 3.35 - 0.004 * day : 3.55,
          i === 1 && day > 30 ? ['battery_low'] : [],
        ),
      ),
    )

  test('whose voltage falls or that call themselves low are told with reason, date and figures', () => {
    const now = start + days * DAY
    const health = watchOf(all()).state(now)
    expect([...Value.Errors(MetersHealth, health)].slice(0, 3)).toEqual([])
    expect(health).toMatchObject({ stated_at: now, meters: devices().length, with_battery: devices().length })
    const [falling, low] = devices()
    const find = (device: number | undefined) => health.items.find((one) => one.device === String(device))
    expect(find(low)?.reasons[0]).toEqual({ reason: 'battery_low', due_at: now })
    expect(find(falling)?.reasons.map(({ reason }) => reason)).toContain('battery')
    expect(find(falling)?.battery?.volt_per_year).toBeCloseTo(-0.004 * 365.25, 1)
    expect(find(falling)?.battery?.years_left?.p50).toBeLessThan(0.6)
    expect(health.items.map(({ due_at }) => due_at)).toEqual(
      health.items.map(({ due_at }) => due_at).toSorted((a, b) => a - b),
    )
  })

  test('are the same whatever the order of their reports, and can be asked for by zone and reason', () => {
    const now = start + days * DAY
    const health = watchOf(all()).state(now)
    const meters = ({ items }: MetersHealth) =>
      items.map(({ meter, reasons }) => [meter, reasons.map(({ reason }) => reason)])
    expect(meters(watchOf(all().toReversed()).state(now))).toEqual(meters(health))
    const only = narrowHealth(health, { reason: 'battery_low', limit: 10 })
    expect([only.total, only.items.length]).toEqual([1, 1])
    expect(narrowHealth(health, { zone: 'nowhere', limit: 10 }).items).toEqual([])
    expect(narrowHealth(health, { limit: 1 }).total).toBe(health.total)
  })

  test('are looked at once an hour', () => {
    const watch = watchOf([])
    expect(watch.isDue(start)).toBe(true)
    watch.state(start)
    expect(watch.isDue(start + 3_000_000)).toBe(false)
    expect(watch.isDue(start + 3_600_000)).toBe(true)
  })
})
