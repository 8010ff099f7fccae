import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { readConfig } from './config.ts'

test('defaults hold, the file beats them, the environment beats the file, the command line beats all', () => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'gastwin-config-')), 'config.json')
  writeFileSync(file, JSON.stringify({ network: 'a.json', httpPort: 1, coapPort: 2, gapTargetRate: 0.05 }))
  const config = readConfig({ GASTWIN_CONFIG: file, GASTWIN_HTTP_PORT: '3', GASTWIN_COAP_PORT: '4' }, { coapPort: 5 })
  expect(config).toMatchObject({
    network: 'a.json',
    httpPort: 3,
    coapPort: 5,
    gapTargetRate: 0.05,
    safetyMode: 'approval',
  })
})

test('every mistake is told in one line: which setting, where, what was expected', () => {
  const mistakes = () =>
    readConfig({
      GASTWIN_HTTP_PORT: '70000',
      GASTWIN_SAFETY_MODE: 'yolo',
      GASTWIN_MASTER_KEY: 'abc',
      GASTWIN_CLOCK: '{',
    })
  expect(mistakes).toThrow(/GASTWIN_HTTP_PORT: httpPort is "70000", expected a port/)
  expect(mistakes).toThrow(/expected one of automatic, approval, dry_run/)
  expect(mistakes).toThrow(/32 hexadecimal digits/)
  expect(mistakes).toThrow(/network is missing/)
  expect(mistakes).toThrow(/clock/)
})

test('a misspelt key in the file is refused with the likely one', () => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'gastwin-config-')), 'config.json')
  writeFileSync(file, JSON.stringify({ network: 'a.json', httpport: 80 }))
  expect(() => readConfig({ GASTWIN_CONFIG: file })).toThrow(
    /"httpport" is not a setting \(did you mean httpHost|httpPort/,
  )
})

test('a file that is not JSON is named', () => {
  expect(() => readConfig({ GASTWIN_CONFIG: '/nonexistent.json', GASTWIN_NETWORK: 'n' })).toThrow(/nonexistent/)
})
