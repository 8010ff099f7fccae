import { describe, expect, test } from 'vitest'
import { readStatusWord, type StatusProfile, writeStatusWord } from './status-word.ts'

const PROFILES: readonly StatusProfile[] = ['standard', 'cj188h', 'cat1', 'unknown']

describe('status word', () => {
  test('the word 21 84 means three different things to three makers and nothing to a stranger', () => {
    expect(PROFILES.map((profile) => readStatusWord(0x8421, profile))).toEqual([
      { valve: 'closed', events: [] },
      { valve: 'open', events: ['battery_low'] },
      { valve: 'closed', events: ['battery_low'] },
      { valve: 'unknown', events: [] },
    ])
  })
  test('in the standard layout D1 alone says abnormal', () => {
    expect(readStatusWord(0b10, 'standard').valve).toBe('abnormal')
    expect(readStatusWord(0b11, 'standard').valve).toBe('abnormal')
    expect(readStatusWord(0b101, 'standard')).toEqual({ valve: 'closed', events: ['battery_low'] })
  })
  test('a pattern a maker does not define is unknown', () => {
    expect(readStatusWord(0x80, 'cj188h').valve).toBe('unknown')
    expect(readStatusWord(0b10, 'cat1').valve).toBe('unknown')
  })
  test('open, closed and abnormal read back as written in every profile', () => {
    for (const profile of ['standard', 'cj188h', 'cat1'] as const) {
      for (const valve of ['open', 'closed', 'abnormal'] as const) {
        const status = { valve, events: ['battery_low'] as const }
        expect(readStatusWord(writeStatusWord(status, profile), profile)).toEqual(status)
      }
    }
  })
  test('a position without a pattern never reads back as open or closed', () => {
    for (const profile of PROFILES) {
      for (const valve of ['moving', 'unknown'] as const) {
        expect(['abnormal', 'unknown']).toContain(
          readStatusWord(writeStatusWord({ valve, events: [] }, profile), profile).valve,
        )
      }
    }
  })
  test('magnet and open cover have bits in the cat1 layout', () => {
    const word = writeStatusWord({ valve: 'open', events: ['magnet', 'cover_open', 'gas_leak'] }, 'cat1')
    expect(readStatusWord(word, 'cat1').events).toEqual(['magnet', 'cover_open'])
  })
})
