import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { KeyFileWatch, pskEnvelope } from './key-file-watch.ts'
import { readPskFile, sealPskFile } from './read-psk-file.ts'

const HEX = '00112233445566778899aabbccddeeff'
const closed = () => undefined
const dir = mkdtempSync(path.join(os.tmpdir(), 'gastwin-psk-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

test('a file says who may speak for whom, and how', () => {
  const text = `\uFEFF# keys of the north\r\nidentity,key,devices,words\r\n181702000027,${HEX}\r\n\r\n网关 7, ${HEX} ,1  22 , only legacy\n`
  const key = new Uint8Array(Buffer.from(HEX, 'hex'))
  expect(readPskFile(text, closed)).toEqual({
    entries: [
      { identity: '181702000027', key, devices: [181_702_000_027], only: false, legacy: false },
      { identity: '网关 7', key, devices: [1, 22], only: true, legacy: true },
    ],
    mistakes: [],
    openKeys: 2,
  })
})

test.each([
  ['a name that is no device', `meter,${HEX}`, 'no number of a device'],
  ['a short key', '1,0011', '16 to 64 bytes'],
  ['a key in letters', '1,secret', 'neither hexadecimal nor sealed'],
  ['too many devices', `1,${HEX},${'1 '.repeat(17)}`, 'at most 16'],
  ['a strange word', `1,${HEX},,ony`, '"ony" is neither'],
  ['a second line', `1,${HEX}\n1,${HEX}`, 'line 2 (1): a second line'],
  ['a long name', `${'n'.repeat(129)},${HEX},1`, '1 to 128 bytes'],
  ['a fifth field', `1,${HEX},1,only,x`, 'more than four'],
])('%s is named with its line, and no key is', (_, text, why) => {
  const { mistakes } = readPskFile(text, closed)
  expect(mistakes).toHaveLength(1)
  expect(mistakes[0]).toContain(why)
  expect(mistakes[0]).not.toContain(HEX)
})

test('sealed keys open under the root key and beside their own identity alone', () => {
  const root = new Uint8Array(16).fill(3)
  const envelope = pskEnvelope(root)
  const sealed = sealPskFile(`# a\n1,${HEX},,only\n2,${HEX}`, (key, purpose) => envelope?.seal(key, purpose) ?? key)
  expect(sealed).not.toContain(HEX)
  expect(sealed.startsWith('# a\n1,sealed:')).toBe(true)
  const file = path.join(dir, 'sealed')
  writeFileSync(file, sealed)
  chmodSync(file, 0o644)
  expect(new KeyFileWatch(file, root).read()).toMatchObject({
    mistakes: [],
    entries: [{ only: true }, { identity: '2' }],
  })
  expect(new KeyFileWatch(file, new Uint8Array(16)).read()?.mistakes).toHaveLength(2)
  writeFileSync(file, sealed.replace('\n2,', '\n3,'))
  expect(new KeyFileWatch(file, root).read()?.mistakes).toEqual([expect.stringContaining('line 3 (3)')])
})

test('a file with open keys that others may read is refused; one that is not written again is not read again', () => {
  const file = path.join(dir, 'open')
  writeFileSync(file, `1,${HEX}`, { mode: 0o600 })
  const watch = new KeyFileWatch(file, new Uint8Array())
  expect(watch.read()).toMatchObject({ mistakes: [], entries: [{ identity: '1' }] })
  expect(watch.read()).toBeUndefined()
  chmodSync(file, 0o640)
  expect(watch.read()?.mistakes).toEqual([expect.stringContaining('chmod 600')])
  rmSync(file)
  expect(watch.read()?.mistakes).toEqual([expect.stringContaining('cannot be read')])
  expect(watch.read()).toBeUndefined()
})
