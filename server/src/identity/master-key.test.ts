import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { keys } from '../cli/keys.ts'
import { openRootKey, rotateMasterKey } from './keyring.ts'
import { Kms } from './kms.ts'
import { keyFromCommand, masterKeyFromEnvironment, masterKeyOf } from './master-key.ts'

const dir = mkdtempSync(path.join(os.tmpdir(), 'gastwin-master-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const NONE = { masterKey: null, masterKeyFile: null, masterKeyCommand: null }
const KEY = 'AB'.repeat(16)
const bytesOf = (key: ReturnType<typeof masterKeyOf>): Uint8Array => {
  if (key instanceof Kms) throw new Error('a KMS, and no key')
  return new Uint8Array(key)
}
/** A client of a KMS: a real program of its own. */
const client = (source: string): readonly string[] => [process.execPath, '-e', source]
const prints = (text: string) => client(`process.stdout.write(${JSON.stringify(text)})`)

describe('the master key', () => {
  test('comes from a setting, a file or a command, or there is none', () => {
    const file = path.join(dir, 'master.key')
    writeFileSync(file, KEY, { mode: 0o600 })
    expect(masterKeyOf(NONE)).toHaveLength(0)
    const key = new Uint8Array(16).fill(0xab)
    expect(bytesOf(masterKeyOf({ ...NONE, masterKey: KEY }))).toEqual(key)
    expect(masterKeyOf({ ...NONE, masterKeyFile: file })).toEqual(key)
    expect(masterKeyOf({ ...NONE, masterKeyCommand: prints(`${KEY}\n`) })).toEqual(key)
    expect(() => masterKeyOf({ ...NONE, masterKey: KEY, masterKeyFile: file })).toThrow(/set one of/)
    expect(() => masterKeyOf({ ...NONE, masterKeyFile: file, masterKeyCommand: prints(KEY) })).toThrow(/set one of/)
  })
  test('is what the environment names, and a command line that is none is told', () => {
    const environment = { GASTWIN_MASTER_KEY_COMMAND: JSON.stringify(prints(KEY)) }
    expect(bytesOf(masterKeyFromEnvironment(environment))[0]).toBe(0xab)
    expect(masterKeyFromEnvironment({ GASTWIN_MASTER_KEY: '' })).toHaveLength(0)
    expect(() => masterKeyFromEnvironment({ GASTWIN_MASTER_KEY_COMMAND: 'kms decrypt' })).toThrow(/is no JSON/)
    expect(() => masterKeyFromEnvironment({ GASTWIN_MASTER_KEY_COMMAND: '"kms"' })).toThrow(/no list of texts/)
  })
})

describe('a key command', () => {
  test('that fails, is missing or prints no key is told in words, and what it printed is not repeated', () => {
    const bad = client(`console.error('first'); console.error('the key is sealed away'); process.exit(3)`)
    expect(() => keyFromCommand(bad, 16)).toThrow(/ended with 3: the key is sealed away$/)
    expect(() => keyFromCommand([path.join(dir, 'no-such-program')], 16)).toThrow(/cannot be run \(ENOENT\)/)
    expect(() => keyFromCommand(prints('CDCD'), 16)).toThrow(/did not print 32 hexadecimal digits/)
    expect(() => keyFromCommand(prints('CDCD'), 16)).not.toThrow(/CDCD/)
    expect(() => keyFromCommand(prints('A'.repeat(10_000)), 16)).toThrow(/said more than a key/)
  })
  test('is given its words as they are: no shell reads them', () => {
    const word = '$(echo hacked); `id`'
    const source = `process.stdout.write(process.argv[1] === ${JSON.stringify(word)} ? '${KEY}' : '')`
    expect(keyFromCommand([...client(source), word], 16)[0]).toBe(0xab)
  })
  test('may take the place of a file: the keyring is wrapped under what it prints, and the old key opens nothing', async () => {
    const data = path.join(dir, 'data')
    const ring = path.join(data, 'keys.json')
    const first = new Uint8Array(16).fill(1)
    const root = openRootKey(ring, first, 1)
    const before = { ...process.env }
    process.env['GASTWIN_MASTER_KEY'] = '01'.repeat(16)
    try {
      const rotate = ['rotate', '--data', data, '--new-key-command', JSON.stringify(prints(KEY))]
      expect(await keys.run(rotate)).toBe(0)
      await expect(keys.run([...rotate, '--new-key-file', path.join(dir, 'x')])).rejects.toThrow(/usage/)
    } finally {
      process.env = before
    }
    const next = masterKeyOf({ ...NONE, masterKeyCommand: prints(KEY) })
    expect(openRootKey(ring, next, 2)).toEqual(new Uint8Array(root))
    expect(() => openRootKey(ring, first, 2)).toThrow(/does not open/)
    expect(() => rotateMasterKey(ring, first, next, 3)).toThrow(/does not open/)
  })
})
