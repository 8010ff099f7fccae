import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { generateGapScenario } from '../../../datasets/src/gap-scenarios/generate-gap-scenario.ts'
import { gap } from './gap.ts'

let folder = ''
let from = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gastwin-gap-'))
  const { document, rows, truth } = generateGapScenario({ seed: 12, days: 14, zones: 2, homes: 60 })
  from = new Date(truth.zoneDays[0]?.from ?? 0).toISOString()
  const lines = rows.map((row) => `${new Date(row.time).toISOString()},${row.asset},${row.quantity},${row.value}`)
  await writeFile(join(folder, 'network.json'), JSON.stringify(document))
  await writeFile(join(folder, 'telemetry.csv.gz'), gzipSync(`time,asset,quantity,value\n${lines.join('\n')}\n`))
})
afterAll(() => rm(folder, { recursive: true }))
afterEach(() => vi.restoreAllMocks())

async function printed(...args: string[]): Promise<string> {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  const code = await gap.run([join(folder, 'network.json'), '--telemetry', join(folder, 'telemetry.csv.gz'), ...args])
  expect(code).toBe(0)
  const text = log.mock.calls.map(([line]) => String(line)).join('\n')
  log.mockRestore()
  return text
}

test('--json prints the array of the contract and nothing else', async () => {
  const rows = JSON.parse(await printed('--json', '--from', from, '--every', '7d'))
  expect(rows).toHaveLength(4)
  for (const row of rows) {
    expect(Object.keys(row)).toEqual([
      'zone',
      'from',
      'to',
      'supply_m3',
      'sales_m3',
      'linepack_change_m3',
      'gap_m3',
      'gap_rate',
      'shares',
    ])
    expect(Object.keys(row.shares)).toEqual([
      'leak',
      'theft',
      'meter_bias',
      'temperature_pressure',
      'timing',
      'unread',
      'unexplained',
    ])
    const shares: { p05: number; p50: number; p95: number }[] = Object.values(row.shares)
    expect(shares.reduce((sum, { p50 }) => sum + p50, 0)).toBeCloseTo(row.gap_m3, 6)
    expect(row.gap_rate).toBeCloseTo(row.gap_m3 / row.supply_m3, 9)
    expect(row.from).toMatch(/^\d{4}-\d{2}-\d{2}T00:00:00Z$/)
  }
})

test('without --json prints a table; --suspects writes the evidence', async () => {
  const file = join(folder, 'suspects.json')
  const text = await printed('--every', '7d', '--suspects', file)
  expect(text).toMatch(/zone +from +supply +gap/)
  expect(text).toContain('yuan a month')
  const { suspects, replace, cost } = JSON.parse(await readFile(file, 'utf8'))
  expect(suspects.length).toBeGreaterThan(0)
  for (const { meter, zone, score, reason } of suspects) {
    expect(meter).toMatch(/^m\d+$/)
    expect(['D1', 'D2']).toContain(zone)
    expect(score).toBeGreaterThan(0)
    expect(reason.length).toBeGreaterThan(10)
  }
  expect(replace.length).toBeLessThanOrEqual(20)
  expect(cost.map((row: { zone: string }) => row.zone)).toEqual(['D1', 'D2'])
})

test('--replace names the meters to replace first with price, gain and interval, and says which prices are assumed', async () => {
  const text = await printed('--every', '7d', '--replace', 'yuan')
  expect(text).toContain('replace first, by yuan won a year for each yuan')
  expect(text).toMatch(/^m\d+ +D[12] +-?\d+ \(-?\d+…\d+\) +\d+ +\d+\* +\d+\.\d\d +\d+\.\d\d {2}\S/m)
  expect(text).toContain('* price assumed')
  await expect(printed('--replace', 'first')).rejects.toMatchObject({ code: 'CLI_USAGE' })
})

test('refuses periods that are no whole days and times without an offset', async () => {
  const run = (...args: string[]) =>
    gap.run([join(folder, 'network.json'), '--telemetry', join(folder, 'telemetry.csv.gz'), ...args])
  await expect(run('--every', '36h')).rejects.toMatchObject({ code: 'CLI_USAGE' })
  await expect(run('--from', '2026-01-05T00:00:00')).rejects.toMatchObject({ code: 'CLI_USAGE' })
  await expect(run('--every', '400d')).rejects.toMatchObject({ code: 'API_INPUT' })
  await expect(gap.run([join(folder, 'network.json')])).rejects.toMatchObject({ code: 'CLI_USAGE' })
})

test('what is known of the place is taken into account: own use is no gap, and a file with a mistake is named', async () => {
  const file = join(folder, 'assumptions.json')
  await writeFile(file, JSON.stringify({ own_use_m3_per_day: { D2: 3 }, leak_rate: [0.03, 0.002] }))
  const week = ['--json', '--from', from, '--every', '7d'] as const
  const rows = (text: string) =>
    JSON.parse(text) as { zone: string; gap_m3: number; own_use_m3?: number; shares: Shares }[]
  type Shares = { leak: { p50: number } }
  const [plain, told] = [rows(await printed(...week)), rows(await printed(...week, '--assumptions', file))]
  plain.forEach((before, i) => {
    const after = told[i]
    const own = before.zone === 'D2' ? 21 : 0
    expect(after?.own_use_m3 ?? 0).toBeCloseTo(own, 6)
    expect(after?.gap_m3).toBeCloseTo(before.gap_m3 - own, 6)
    if (own === 0) expect(after?.shares.leak.p50).toBeGreaterThan(before.shares.leak.p50)
  })
  await writeFile(file, JSON.stringify({ own_use_m3_per_day: { D7: 3 } }))
  await expect(printed('--assumptions', file)).rejects.toMatchObject({ code: 'CFG_INVALID' })
})

test('leaks that were found raise the leak share, say where they are in it, and a file with a mistake is named', async () => {
  const file = join(folder, 'leaks.json')
  const week = ['--json', '--from', from, '--every', '7d'] as const
  const leak = {
    ...{ kind: 'leak', zone: 'D2', id: 'D2-1', state: 'confirmed', suspected_at: from, detected_at: from },
    ...{ started_at: new Date(Date.parse(from) - 20 * 86_400_000).toISOString(), candidates: [], evidence: {} },
    standard_flow_m3_s: { p05: 2e-5, p50: 3e-5, p95: 4e-5 },
  }
  const rows = (text: string) => JSON.parse(text) as { zone: string; shares: Shares; known_leaks?: { id: string }[] }[]
  type Shares = { leak: { p50: number } }
  await writeFile(file, JSON.stringify([leak, { ...leak, id: 'D2-2', state: 'suspected' }]))
  const [plain, told] = [rows(await printed(...week)), rows(await printed(...week, '--leaks', file))]
  plain.forEach((before, i) => {
    const after = told[i]
    expect(before.known_leaks).toBeUndefined()
    expect(after?.known_leaks?.map(({ id }) => id)).toEqual(after?.zone === 'D2' ? ['D2-1'] : [])
    if (after?.zone === 'D2') expect(after.shares.leak.p50).toBeGreaterThan(before.shares.leak.p50)
  })
  // As the service tells them: times as numbers, and with what people found.
  const at = Date.parse(from) - 10 * 86_400_000
  const closed = { at, user: 'a', found: 'repaired', pipe: null, note: null }
  const served = { ...leak, state: 'closed', started_at: at - 86_400_000, detected_at: at, suspected_at: at, closed }
  await writeFile(file, JSON.stringify({ items: [served] }))
  expect(await printed('--every', '7d', '--leaks', file)).toContain('none in these periods')
  for (const wrong of [
    { ...leak, zone: 'D9' },
    { ...leak, started_at: 'yesterday' },
    { ...leak, standard_flow_m3_s: 1 },
  ]) {
    await writeFile(file, JSON.stringify([wrong]))
    await expect(printed('--leaks', file)).rejects.toMatchObject({ code: 'CFG_INVALID' })
  }
})

test('a tariff and meter prices from files change costs and replacements, and a bad file is named', async () => {
  const suspects = join(folder, 'priced.json')
  const tariff = join(folder, 'tariff.json')
  const prices = join(folder, 'prices.json')
  await writeFile(tariff, JSON.stringify({ tiers: [{ from_m3: 0, price: 1 }], business: 1, purchase: 100 }))
  await writeFile(prices, JSON.stringify([{ nominal_m3_h: 2.5, yuan: 77 }]))
  await printed('--every', '7d', '--suspects', suspects, '--tariff', tariff, '--meter-prices', prices)
  const { replace, cost } = JSON.parse(await readFile(suspects, 'utf8'))
  expect(new Set(replace.map((row: { yuan: number }) => row.yuan))).toEqual(new Set([77]))
  for (const { yuan_per_month } of cost) expect(yuan_per_month.leak.p50).toBeGreaterThan(yuan_per_month.theft.p50)
  await writeFile(tariff, JSON.stringify({ tiers: [] }))
  await expect(printed('--tariff', tariff)).rejects.toMatchObject({ code: 'CFG_INVALID' })
})
