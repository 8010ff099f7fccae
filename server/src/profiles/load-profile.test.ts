import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { loadProfile, shippedProfiles } from './load-profile.ts'

const folder = mkdtempSync(join(tmpdir(), 'gastwin-profile-'))
afterAll(() => rmSync(folder, { recursive: true }))
const fileWith = (text: string): string => {
  const file = join(folder, 'profile.json')
  writeFileSync(file, text)
  return file
}

describe('loading profiles', () => {
  test('every shipped profile loads by its name', () => {
    expect(shippedProfiles().length).toBeGreaterThan(5)
    for (const name of shippedProfiles()) expect(loadProfile(name).name).toBe(name)
  })
  test('an operator’s file loads by its path', () => {
    const own = { schema: 'gastwin-vendor-profile/1', name: 'own', protocol: 'cat1', maker: 'm', source: 's' }
    expect(loadProfile(fileWith(JSON.stringify(own))).name).toBe('own')
  })
  test('a wrong name, a file without JSON and a profile with mistakes say what is wrong', () => {
    expect(() => loadProfile('nobody')).toThrow(/no profile nobody; shipped are .*cjt188-2004/)
    expect(() => loadProfile(join(folder, 'missing.json'))).toThrow(/no profile/)
    expect(() => loadProfile(fileWith('{'))).toThrow(/is no JSON/)
    expect(() => loadProfile(fileWith('{"name":"A"}'))).toThrow(/: schema is missing\n(.*\n)*.*: name must be/)
  })
})
