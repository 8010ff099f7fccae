import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { ca } from '../cli/ca.ts'
import { AuthorityFolder } from './authority-folder.ts'
import { decodeCertificate, refuseCertificate } from './certificate.ts'
import { openSecret, sealSecret } from './sealed-key.ts'
import { newKeyPair } from './sm2.ts'

const root = mkdtempSync(path.join(tmpdir(), 'gastwin-ca-'))
afterAll(() => rmSync(root, { recursive: true }))
const PASSPHRASE = 'correct horse battery'
const AT = 1_773_507_260
const meter = newKeyPair()
const claims = { role: 'device', subject: '181702000027', publicKey: meter.publicKey } as const

describe('a sealed secret', () => {
  const secret = new Uint8Array(32).fill(7)
  const sealed = sealSecret(secret, PASSPHRASE)
  test('opens with its passphrase only', () => {
    expect(openSecret(sealed, PASSPHRASE)).toEqual(secret)
    expect(openSecret(sealed, 'another passphrase')).toBeUndefined()
    expect(Buffer.from(sealed).includes(Buffer.from(secret.subarray(0, 16)))).toBe(false)
  })
  test('with a changed byte, or cut, does not open', () => {
    for (const i of [0, 20, 40, sealed.length - 1]) {
      const bad = sealed.slice()
      bad[i] = (bad[i] ?? 0) ^ 1
      expect(openSecret(bad, PASSPHRASE)).toBeUndefined()
    }
    expect(openSecret(sealed.subarray(0, 40), PASSPHRASE)).toBeUndefined()
  })
})

describe('the authority', () => {
  const folder = path.join(root, 'north')
  const authority = new AuthorityFolder(folder)
  test('is made once, issues, takes back, and tells everything again', () => {
    const own = authority.create('North Gas', PASSPHRASE, AT, 20)
    expect(() => authority.create('again', PASSPHRASE, AT, 20)).toThrow(/already/)
    const issued = authority.issue(claims, PASSPHRASE, AT, 12)
    expect([own.serial, issued.serial, authority.issue(claims, PASSPHRASE, AT, 12).serial]).toEqual([1, 2, 3])
    authority.revoke(2, 'meter scrapped', AT + 5)
    authority.revoke(2, 'once more', AT + 9)
    const again = new AuthorityFolder(folder)
    expect(again.certificate).toEqual(own)
    expect(again.list().map(({ certificate, revoked }) => [certificate.serial, revoked?.reason])).toEqual([
      [1, undefined],
      [2, 'meter scrapped'],
      [3, undefined],
    ])
    const taken = new Set(again.list().flatMap(({ certificate, revoked }) => (revoked ? [certificate.serial] : [])))
    const expected = { role: 'device', at: AT + 10, isRevoked: (serial: number) => taken.has(serial) } as const
    expect(refuseCertificate(issued, own.publicKey, expected)).toBe('revoked')
    expect(refuseCertificate({ ...issued, serial: 3 }, own.publicKey, expected)).toBe('signature')
  })
  test('its key is unreadable without the passphrase and for others', () => {
    expect(statSync(path.join(folder, 'authority.key')).mode & 0o077).toBe(0)
    expect(() => authority.issue(claims, 'wrong passphrase', AT, 1)).toThrow(/does not open/)
    expect(() => authority.revoke(99, 'never', AT)).toThrow(/no certificate has serial 99/)
  })
  test('a damaged ledger is told, not passed over', () => {
    const copy = path.join(root, 'copy')
    const other = new AuthorityFolder(copy)
    other.create('Copy', PASSPHRASE, AT, 1)
    const ledger = path.join(copy, 'ledger.ndjson')
    const good = readFileSync(ledger, 'utf8')
    for (const bad of ['{"issued":"00","at":1}', '{"revoked":7,"at":1,"reason":"x"}', '{', '{"at":1}']) {
      writeFileSync(ledger, good)
      appendFileSync(ledger, `${bad}\n`)
      expect(() => other.list()).toThrow(/line 2 of .* cannot be read/)
    }
    expect(() => new AuthorityFolder(path.join(root, 'none')).certificate).toThrow(/no authority/)
  })
})

describe('gastwin ca', () => {
  const run = async (...args: readonly string[]) => {
    const lines: string[] = []
    const log = console.log
    console.log = (line: string) => lines.push(line)
    try {
      expect(await ca.run([...args])).toBe(0)
    } finally {
      console.log = log
    }
    return lines
  }
  test('makes an authority, issues for a device and a platform, takes back, lists', async () => {
    process.env['GASTWIN_CA_PASSPHRASE'] = PASSPHRASE
    const folder = path.join(root, 'cli')
    await run('init', folder, '--name', 'North Gas')
    const keyFile = path.join(root, 'meter.key')
    await run('issue', folder, '--device', '181702000027', '--key-file', keyFile)
    expect(readFileSync(keyFile, 'utf8')).toMatch(/^[0-9A-F]{64}\n$/)
    await run('issue', folder, '--platform', 'north', '--public-key', Buffer.from(meter.publicKey).toString('hex'))
    await run('revoke', folder, '2', '--reason', 'lost')
    const lines = (await run('list', folder, '--json')).map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(lines.map(({ serial, role, subject }) => [serial, role, subject])).toEqual([
      [1, 'authority', 'North Gas'],
      [2, 'device', '181702000027'],
      [3, 'platform', 'north'],
    ])
    expect(lines[1]?.['revoked']).toMatchObject({ reason: 'lost' })
    expect(decodeCertificate(Buffer.from(String(lines[2]?.['certificate']), 'hex'))?.subject).toBe('north')
    expect((await run('list', folder)).join('\n')).toMatch(/device .* revoked .*: lost/)
  })
  test('says what is missing', async () => {
    const folder = path.join(root, 'cli')
    const refused = async (pattern: RegExp, ...args: readonly string[]) => {
      await expect(ca.run([...args])).rejects.toThrow(pattern)
    }
    await refused(/which folder/, 'list')
    await refused(/no action/, 'sell', folder)
    await refused(/has a --name/, 'init', path.join(root, 'new'))
    await refused(/either a --device or a --platform/, 'issue', folder)
    await refused(/up to 14 digits/, 'issue', folder, '--device', 'x')
    await refused(/either a --public-key or a --key-file/, 'issue', folder, '--device', '1')
    await refused(/33 bytes/, 'issue', folder, '--device', '1', '--public-key', '02')
    await refused(/is there already/, 'issue', folder, '--device', '1', '--key-file', path.join(root, 'meter.key'))
    await refused(/--reason/, 'revoke', folder, '2')
    process.env['GASTWIN_CA_PASSPHRASE'] = 'short'
    await refused(
      /fewer than 12/,
      'issue',
      folder,
      '--device',
      '1',
      '--public-key',
      Buffer.from(meter.publicKey).toString('hex'),
    )
  })
})
