import { readFileSync } from 'node:fs'
import { ERROR_CODES } from '@gastwin/twin'
import { expect, test } from 'vitest'

const page = readFileSync(new URL('../docs/ERRORS.md', import.meta.url), 'utf8')

test('docs/ERRORS.md lists exactly the codes of the program, with the same words', () => {
  const rows = [...page.matchAll(/^\| `([A-Z]+_[A-Z_]+)` \| (.+) \|$/gm)].map(([, code, meaning]) => [code, meaning])
  expect(Object.fromEntries(rows)).toEqual(ERROR_CODES)
})
