import type { KnownLeakPart } from '@gastwin/server/contract'
import { describe, expect, test } from 'vitest'
import { en } from '../text/en/index.ts'
import { zh } from '../text/zh/index.ts'
import { leakPartText } from './known-leak-text.ts'

const part = (standing: KnownLeakPart['standing']): KnownLeakPart => ({
  ...{ id: 'Z1-0301-0300', kind: 'leak', standing, from: 0, until: null, probability: 0.9 },
  volume_m3: { p05: 80, p50: 100, p95: 120 },
})

describe('what a known leak takes of the leak share', () => {
  test('is a volume with its interval where there is a leak', () => {
    expect(leakPartText(part('found'), en)).toBe('100 m³ (80 – 120)')
    expect(leakPartText(part('repaired'), zh)).toBe('100 m³ (80 – 120)')
  })

  test('is said to be nothing where people found none or another cause, in both languages', () => {
    for (const standing of ['not_found', 'other_cause'] as const)
      expect([leakPartText(part(standing), en), leakPartText(part(standing), zh)]).toEqual([
        'not part of the leak share',
        '不计入泄漏',
      ])
  })
})
