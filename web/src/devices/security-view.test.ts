import { describe, expect, test } from 'vitest'
import { deviceOrders as en } from '../text/en/device-orders.ts'
import { deviceOrders as zh } from '../text/zh/device-orders.ts'
import { findingText, reportTable } from './security-view.tsx'

const findings = [
  { code: 'few_sessions', grade: 'note', text: '', value: 0.25 },
  { code: 'master_key_old', grade: 'notable', text: '', value: 400 },
] as const

describe('the security report', () => {
  test('says a share as a share and a count as a count, in both languages', () => {
    expect(findings.map((one) => findingText(one, en))).toEqual([
      'Only 25.0 % of the devices have a session: the others may be impersonated.',
      'The master key has been the same for 400 days.',
    ])
    expect(findingText(findings[1], zh)).toContain('400')
  })
  test('tells of every finding what to do', () => {
    for (const words of [en, zh])
      expect(Object.keys(words.security.todos).sort()).toEqual(Object.keys(words.security.texts).sort())
  })
  test('as a table has no cell that a spreadsheet would compute', () => {
    const threat = { number: 1, object: '=1+1', threat: 'says "so"', probability: 'low', risk: 'mid' } as const
    const table = reportTable({ findings: [...findings], threats: [{ ...threat, state: 'met', by: '', seen: [] }] }, en)
    expect(table.split('\r\n')[1]).toMatch(/^"note","Only 25/)
    expect(table).toContain('"1. =1+1: says ""so"""')
  })
})
