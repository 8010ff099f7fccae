import path from 'node:path'
import type { ZonePeriod } from '@gastwin/server/contract'
import { beforeAll, describe, expect, test } from 'vitest'
import { runGastwin } from '../../server/src/cli/testing/run-gastwin.ts'
import type { ApiClient } from '../support/api-client.ts'
import type { RunningDemo } from '../support/demo-process.ts'
import { eventually } from '../support/eventually.ts'
import { parseTelemetry, type Row, recompute, type Sums } from './recomputed-balance.ts'

const HOUR_MS = 3_600_000
/** Commercial meters report every two hours, and a home tries again for a quarter of an hour. */
const SETTLED_MS = 3 * HOUR_MS

/** Balances of the service against sums made by hand from the raw log, from the database, and against each other. */
export function everythingAddsUp(running: () => RunningDemo): void {
  describe('everything adds up:', () => {
    let api: ApiClient
    let from = 0
    let to = 0
    beforeAll(async () => {
      api = await running().signIn('viewer')
      // The city's hours are whole in UTC too: Shanghai is eight hours ahead.
      const { now } = await eventually(
        60_000,
        () => api.city(),
        ({ speed }) => speed < 1000,
      )
      to = Math.floor((now - SETTLED_MS) / HOUR_MS) * HOUR_MS
      from = to - 24 * HOUR_MS
    }, 270_000)

    const balance = async (zone: string, every: string, begin = from, end = to) =>
      (await api.get<{ items: ZonePeriod[] }>(`/zones/${zone}/balance?every=${every}&from=${begin}&to=${end}`)).items
    const sumOf = (periods: readonly ZonePeriod[], field: 'supply_m3' | 'sales_m3' | 'linepack_change_m3' | 'gap_m3') =>
      periods.reduce((sum, p) => sum + p[field], 0)
    const exported = async (): Promise<Row[]> => {
      const { dataDir, runDir, masterKey } = running()
      const network = path.join(dataDir, 'city-600-1', 'network.json')
      const { code, stdout, stderr } = await runGastwin(['export', '--data', runDir, '--network', network], {
        GASTWIN_MASTER_KEY: masterKey,
      })
      expect([code, stderr]).toEqual([0, ''])
      return parseTelemetry(stdout)
    }

    test('every gate was measured in every hour of the day: no instrument stayed silent through the hurried night', async () => {
      const covered = () =>
        Promise.all(
          running().network.zones.map(async ({ id }) => {
            const hours = await balance(id, 'hour')
            return [id, hours.length, Math.min(...hours.map((hour) => hour.inlet_coverage))] as const
          }),
        )
      const zones = await eventually(120_000, covered, (all) => all.every(([, , least]) => least > 0.95))
      expect(zones.map(([, hours]) => hours)).toEqual(zones.map(() => 24))
    }, 150_000)

    test('supply and sales of every zone over a day equal sums made by hand from the exported log', async () => {
      const { network } = running()
      const told = async () => {
        const sums = new Map<string, Sums>()
        for (const { id } of network.zones) {
          const hours = await balance(id, 'hour')
          expect(hours.length, id).toBe(24)
          sums.set(id, { supply: sumOf(hours, 'supply_m3'), sales: sumOf(hours, 'sales_m3') })
        }
        return sums
      }
      // What came late in a day that took seconds may still be under way: then both are asked again.
      const { service, byHand } = await eventually(
        60_000,
        async () => {
          const before = await told()
          const rows = await exported()
          return { service: await told(), before, byHand: recompute(network, rows, from, to) }
        },
        ({ service: now, before }) => network.zones.every(({ id }) => now.get(id)?.supply === before.get(id)?.supply),
      )
      for (const [zone, { supply, sales }] of service) {
        expect(supply, `supply of ${zone}`).toBeCloseTo(byHand.get(zone)?.supply ?? Number.NaN, 3)
        expect(sales, `sales of ${zone}`).toBeCloseTo(byHand.get(zone)?.sales ?? Number.NaN, 4)
      }
      // The test must have had something to compare.
      const total = [...byHand.values()].reduce((sum, z) => sum + z.sales, 0)
      expect(total).toBeGreaterThan(100)
    }, 360_000)

    test('the hours of a zone add up to its 24 hours, and a gap is what its definition says', async () => {
      for (const zone of [...running().network.zones.map((z) => z.id), 'city']) {
        const hours = await balance(zone, 'hour')
        for (const p of hours)
          expect(p.gap_m3).toBeCloseTo(p.supply_m3 - p.sales_m3 - p.linepack_change_m3 - p.own_use_m3, 6)
        const { now } = await api.city()
        const days = await balance(zone, 'day', now - 48 * HOUR_MS, now)
        for (const day of days.slice(0, 1)) {
          const ofDay = await balance(zone, 'hour', day.from, day.to)
          for (const field of ['supply_m3', 'sales_m3', 'linepack_change_m3', 'gap_m3'] as const)
            expect(sumOf(ofDay, field), `${zone} ${field}`).toBeCloseTo(day[field], 4)
        }
      }
    })

    test('the sales of all zones are the sales of the city', async () => {
      const zones = await Promise.all(
        running().network.zones.map(async ({ id }) => sumOf(await balance(id, 'hour'), 'sales_m3')),
      )
      const city = sumOf(await balance('city', 'hour'), 'sales_m3')
      expect(zones.reduce((a, b) => a + b, 0)).toBeCloseTo(city, 4)
    })

    test('the database exports every reading of the log exactly once, and no other', async () => {
      const key = (row: Row) => `${row.at} ${row.asset} ${row.quantity} ${row.value}`
      const stored = async () => {
        const answer = await api.request('GET', `/export?from=${from}&to=${to}`)
        return parseTelemetry((await answer.text()).replaceAll('"', '')).map(key)
      }
      const compare = async () => {
        const inLog = new Set((await exported()).filter((r) => r.at >= from && r.at < to).map(key))
        const rows = await stored()
        const inStore = new Set(rows)
        return {
          rows: rows.length,
          twice: rows.length - inStore.size,
          missing: [...inLog].filter((row) => !inStore.has(row)),
          strange: [...inStore].filter((row) => !inLog.has(row)),
        }
      }
      const found = await eventually(60_000, compare, ({ missing, strange }) => missing.length + strange.length === 0)
      expect(found.twice).toBe(0)
      expect(found.rows).toBeGreaterThan(10_000)
    }, 270_000)
  })
}
