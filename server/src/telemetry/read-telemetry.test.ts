import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { seriesOf } from '@gastwin/analytics'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readTelemetry } from './read-telemetry.ts'

const CSV = `time,asset,quantity,value
2026-01-12T00:05:00Z,rtu-1,pressure_pa,103825
2026-01-12T00:00:00Z,rtu-1,pressure_pa,103820
2026-01-12T08:05:00+08:00,rtu-1,pressure_pa,999999
2026-01-12T00:05:00Z,m1,index_m3,12.5
2026-01-12T00:06:00Z,m1,event,cover_open
2026-01-12T00:06:00Z,m1,event,magnet
`
let folder: string
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'gastwin-telemetry-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function write(name: string, content: string | Buffer): string {
  const file = path.join(folder, name)
  writeFileSync(file, content)
  return file
}

describe('an archive of telemetry', () => {
  test('counts a repeated row once, also when its time is written with another offset', async () => {
    const telemetry = await readTelemetry(write('a.csv', CSV))
    expect(telemetry).toMatchObject({ rows: 5, repeated: 1, assets: ['rtu-1', 'm1'], events: ['cover_open', 'magnet'] })
  })

  test('keeps the order of arrival and gives series in order of time', async () => {
    const telemetry = await readTelemetry(write('b.csv.gz', gzipSync(CSV)))
    expect(telemetry.value[0]).toBe(103825)
    const [pressure] = seriesOf(telemetry)
    expect(pressure).toMatchObject({ asset: 'rtu-1', quantity: 'pressure_pa' })
    expect([...(pressure?.value ?? [])]).toEqual([103820, 103825])
    expect([...(pressure?.row ?? [])]).toEqual([1, 0])
  })

  test('reads NDJSON to the same rows', async () => {
    const [, ...rows] = CSV.trim().split('\n')
    const ndjson = rows
      .map((row) => {
        const [time, asset, quantity, value = ''] = row.split(',')
        return JSON.stringify({ time, asset, quantity, value: quantity === 'event' ? value : Number(value) })
      })
      .join('\n')
    expect(await readTelemetry(write('c.ndjson', ndjson))).toEqual(await readTelemetry(write('c.csv', CSV)))
  })

  test('takes the columns in any order', async () => {
    const telemetry = await readTelemetry(
      write('d.csv', 'value,quantity,asset,time\r\n4,temperature_k,x,2026-01-12T00:00:00Z\r\n'),
    )
    expect(telemetry.value[0]).toBe(4)
  })

  test('names every fault with file and line', async () => {
    const file = write(
      'e.csv',
      'time,asset,quantity,value\n2026-01-12T00:00:00,x,index_m3,1\n2026-01-12T00:00:00Z,x,volume,1\n2026-01-12T00:00:00Z,x,index_m3,\n',
    )
    await expect(readTelemetry(file)).rejects.toThrow(
      /line 2: time is not ISO 8601 with an offset\n.*line 3: quantity "volume" is none of.*\n.*line 4: value "" is not a number/,
    )
  })

  test('refuses what is no archive', async () => {
    await expect(readTelemetry(path.join(folder, 'none.csv'))).rejects.toThrow('none.csv')
    await expect(readTelemetry(write('f.csv', 'a,b\n1,2\n'))).rejects.toThrow('expected time,asset,quantity,value')
    await expect(readTelemetry(write('g.parquet', 'PAR1 and then nothing'))).rejects.toThrow('Parquet')
  })
})
