import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { SETTINGS } from '../server/src/config/config.table.ts'

const page = readFileSync(new URL('../docs/OPERATIONS.md', import.meta.url), 'utf8')

test('docs/OPERATIONS.md lists every setting with its variable, default and meaning', () => {
  for (const { key, env, fallback, meaning } of SETTINGS) {
    expect(page, key).toContain(
      `| \`${key}\` | \`${env}\` | ${fallback === null ? '–' : `\`${fallback}\``} | ${meaning} |`,
    )
  }
})
