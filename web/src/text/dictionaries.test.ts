import { describe, expect, test } from 'vitest'
import { deviceRecords as enRecords } from './en/device-records.ts'
import { devices as enDevices } from './en/devices.ts'
import { en as enFrame } from './en/index.ts'
import { nameIn, wordFor } from './language.ts'
import { deviceRecords as zhRecords } from './zh/device-records.ts'
import { devices as zhDevices } from './zh/devices.ts'
import { zh as zhFrame } from './zh/index.ts'

// The words of a screen that is loaded later stand beside the first ones.
const en = { ...enFrame, devices: enDevices, records: enRecords }
const zh = { ...zhFrame, devices: zhDevices, records: zhRecords }

const leaves = (value: unknown, path = ''): [string, unknown][] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, child]) => leaves(child, `${path}/${key}`))
    : [[path, value]]

describe('the two dictionaries', () => {
  test('have the same keys, open code tables included', () => {
    expect(leaves(zh).map(([path]) => path)).toEqual(leaves(en).map(([path]) => path))
  })

  test('leave nothing empty, and take the same number of arguments', () => {
    const chinese = new Map(leaves(zh))
    for (const [path, word] of leaves(en)) {
      const other = chinese.get(path)
      expect(typeof other, path).toBe(typeof word)
      if (typeof word === 'function') expect((other as () => string).length, path).toBe(word.length)
      else expect(String(other).length * String(word).length, path).toBeGreaterThan(0)
    }
  })

  test('do not mix: no Chinese in English, no English sentences in Chinese', () => {
    const sample = (word: unknown) =>
      typeof word === 'function' ? String((word as (...a: string[]) => string)('1', '2', '3')) : String(word)
    for (const [path, word] of leaves(en))
      if (path !== '/frame/otherLanguage') expect(sample(word), path).not.toMatch(/[\u4e00-\u9fff]/)
    for (const [path, word] of leaves(zh)) expect(sample(word), path).not.toMatch(/[a-z]{3,} [a-z]{2,}/)
  })
})

test('of a name in both languages, one is shown', () => {
  expect(nameIn('zh', '龙溪 Longxi')).toBe('龙溪')
  expect(nameIn('en', '中压干管 Medium-pressure trunks')).toBe('Medium-pressure trunks')
  expect(nameIn('en', '望江')).toBe('望江')
  expect(nameIn('zh', 'Harbour 3')).toBe('Harbour 3')
})

test('an unknown code is still readable', () => {
  expect(wordFor(en.actions, 'send_inspector')).toBe('send an inspector')
  expect(wordFor(en.actions, 'some_later-code')).toBe('some later code')
})
