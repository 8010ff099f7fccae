import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readRegisters } from './lowflow-input.ts'

const folder = mkdtempSync(join(tmpdir(), 'lowflow-'))
const OPTIONS = { unitM3: 1, wideRegisters: false, utcOffsetMs: 8 * 3_600_000 }

function file(text: string): string {
  const path = join(folder, `${Math.abs(text.length * 31 + text.charCodeAt(0))}.csv`)
  writeFileSync(path, text)
  return path
}

describe('readings of registers', () => {
  test('come from telemetry, the meter named with or without its prefix', async () => {
    const text =
      'time,asset,quantity,value\n2026-01-02T00:00:00Z,meter:7,index_m3,1.1\n2026-01-01T00:00:00Z,meter:7,index_m3,1\n2026-01-01T00:00:00Z,r,pressure_pa,1\n'
    expect(await readRegisters(file(text), OPTIONS)).toEqual([
      { id: '7', time: [Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 2)], value: [1, 1.1] },
    ])
  })
  test('come from long files in local time and litres', async () => {
    const [one] = await readRegisters(
      file('id,time,reading_l\nw,2026-01-01T08:00,500\nw,2026-01-01 09:00:00,700\n'),
      OPTIONS,
    )
    expect(one).toEqual({ id: 'w', time: [Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 1, 1)], value: [0.5, 0.7] })
  })
  test('of uses stand for a register that breaks where a period is missing', async () => {
    const [one] = await readRegisters(file('id,2026-01-01,2026-01-02,2026-01-04,2026-01-05\na,1,2,4,5\n'), OPTIONS)
    const steps = one?.value.slice(1).map((value, i) => value - (one.value[i] ?? 0))
    expect(steps).toEqual([1, 2, -1000, 4, 5])
  })
  test('are refused with the line that is wrong', async () => {
    await expect(readRegisters(file('id,time,reading\na,yesterday,1\n'), OPTIONS)).rejects.toThrow('line 2')
    await expect(readRegisters(file('what,is,this\n1,2,3\n'), OPTIONS)).rejects.toThrow('line 1')
    await expect(readRegisters(join(folder, 'absent.csv'), OPTIONS)).rejects.toMatchObject({ code: 'API_INPUT' })
  })
})
