import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import type { LowFlowSeries } from '../score-low-flow.ts'

const repository = join(dirname(fileURLToPath(import.meta.url)), '../../../..')
/** Where real series lie. */
export const REAL_SERIES = join(process.env['GASTWIN_DATA'] ?? join(repository, '../shared/data'), 'theft')

/** What is known of a home that is read every hour, beside its step. */
export const HOURLY_HOME = { home: true, cadence: 'hourly', size: undefined, utcOffsetMs: () => 0 } as const

/** Cells of a file of real series. */
export function rowsOf(file: string): string[][] {
  return gunzipSync(readFileSync(join(REAL_SERIES, file)))
    .toString()
    .split('\n')
    .slice(1)
    .filter((line) => line !== '')
    .map((line) => line.split(','))
}

/** Real water homes in litres; those whose hash is even were developed on. */
export function waterHomes(part: 'test' | 'development'): LowFlowSeries[] {
  const homes = new Map<string, { time: number[]; value: number[] }>()
  for (const [id = '', time = '', litres = ''] of rowsOf('daiad_water/daiad_water_hourly.csv.gz')) {
    const developed = (createHash('sha256').update(id).digest()[0] ?? 0) % 2 === 0
    if (developed !== (part === 'development')) continue
    const home = homes.get(id) ?? { time: [], value: [] }
    homes.set(id, home)
    home.time.push(Date.parse(`${time}Z`))
    home.value.push(Number(litres) / 1000)
  }
  return [...homes].map(([id, home]) => ({ id, ...home, plan: { ...HOURLY_HOME, stepM3: 0.001 } }))
}

/** Hourly readings of a series by the minute. */
export function oneHouse(file: string, id: string, stepM3: number): LowFlowSeries {
  const time: number[] = []
  const value: number[] = []
  for (const [seconds = '', counter = ''] of rowsOf(file)) {
    if (Number(seconds) % 3600 !== 0) continue
    time.push(Number(seconds) * 1000)
    value.push(Number(counter) / 1000)
  }
  return { id, time, value, plan: { ...HOURLY_HOME, stepM3, utcOffsetMs: () => -8 * 3_600_000 } }
}
