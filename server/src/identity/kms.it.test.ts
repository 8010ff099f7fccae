import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { keys } from '../cli/keys.ts'
import { Accounts } from '../http/auth/accounts.ts'
import { FIRST_METER, writeMadeCity } from '../pipeline/testing/made-city.ts'
import { type ServiceProcess, spawnService } from '../pipeline/testing/service-process.ts'
import { keyringFacts, openRootKey, rotateMasterKey } from './keyring.ts'
import { Kms } from './kms.ts'
import { masterKeyFromEnvironment, masterKeyOf } from './master-key.ts'

const dir = mkdtempSync(path.join(os.tmpdir(), 'gastwin-kms-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** A KMS as a program of its own: versions of its key in a file that nobody else reads, AES-256-GCM, the purpose authenticated. */
const PROGRAM = `
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { appendFileSync, readFileSync } from 'node:fs'
const [keyFile, told] = process.argv.slice(2)
const versions = readFileSync(keyFile, 'utf8').trim().split('\\n').map((line) => Buffer.from(line, 'hex'))
const asked = JSON.parse(readFileSync(0, 'utf8'))
appendFileSync(told, asked.do + '\\n')
const aad = Buffer.from(asked.purpose)
if (asked.do === 'wrap') {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', versions.at(-1), iv).setAAD(aad)
  const body = Buffer.concat([cipher.update(Buffer.from(asked.key, 'hex')), cipher.final(), cipher.getAuthTag()])
  console.log(JSON.stringify({ wrapped: versions.length + ':' + Buffer.concat([iv, body]).toString('base64') }))
} else {
  const [version, text] = asked.wrapped.split(':')
  const body = Buffer.from(text, 'base64')
  const key = versions[version - 1]
  if (key === undefined) throw new Error('no such version')
  const decipher = createDecipheriv('aes-256-gcm', key, body.subarray(0, 12)).setAAD(aad).setAuthTag(body.subarray(-16))
  console.log(JSON.stringify({ key: Buffer.concat([decipher.update(body.subarray(12, -16)), decipher.final()]).toString('hex') }))
}`
const file = (name: string) => path.join(dir, name)
writeFileSync(file('kms.mjs'), PROGRAM)
const OLD = 'aa'.repeat(32)
const NEW = 'bb'.repeat(32)
const command = (keyFile: string) => [process.execPath, file('kms.mjs'), file(keyFile), file('told')]
const kms = (keyFile = 'kms.keys') => new Kms(command(keyFile))

let ring = ''
let turn = 0
const environment = { ...process.env }
beforeEach(() => {
  ring = file(`keys-${++turn}.json`)
  writeFileSync(file('kms.keys'), `${OLD}\n`)
  writeFileSync(file('told'), '')
})
afterEach(() => {
  process.env = { ...environment }
})

test('a first start makes a root key of its own, which only the KMS can open again', () => {
  const root = openRootKey(ring, kms(), 1)
  expect([root.length, new Set(root).size > 4]).toEqual([16, true])
  expect(openRootKey(ring, kms(), 2)).toEqual(root)
  expect(readFileSync(file('told'), 'utf8')).toBe('wrap\nunwrap\n')
  const kept = readFileSync(ring, 'utf8')
  for (const secret of [OLD, Buffer.from(root).toString('hex')]) expect(kept).not.toContain(secret)
  expect(() => openRootKey(ring, new Uint8Array(16), 2)).toThrow(/was wrapped by a KMS: set GASTWIN_KMS_COMMAND/)
  expect(() => openRootKey(file('none.json'), kms(), undefined)).toThrow(/there is no keyring/)
})

test('a KMS of another key, one that gives another key back, and a changed keyring end the start in words', () => {
  openRootKey(ring, kms(), 1)
  writeFileSync(file('other.keys'), `${NEW}\n`)
  expect(() => openRootKey(ring, kms('other.keys'), 2)).toThrow(/the key command .* ended with 1/)
  const liar = new Kms([process.execPath, '-e', `console.log(JSON.stringify({ key: '${'ab'.repeat(16)}' }))`])
  expect(() => openRootKey(ring, liar, 2)).toThrow(/gave another key back/)
  expect(() => openRootKey(ring, liar, 2)).not.toThrow(/abab/)
  const fool = new Kms([
    process.execPath,
    '-e',
    `console.log(JSON.stringify({ wrapped: JSON.parse(require('node:fs').readFileSync(0)).key }))`,
  ])
  expect(() => openRootKey(file('fool.json'), fool, 1)).toThrow(/did not wrap the key/)
  expect(() => openRootKey(ring, new Kms([process.execPath, '-e', 'console.log("yes")']), 2)).toThrow(
    /did not print JSON with "key"/,
  )
  expect(() => openRootKey(ring, new Kms([file('absent')]), 2)).toThrow(/cannot be run \(ENOENT\)/)
  writeFileSync(ring, readFileSync(ring, 'utf8').replace('"1:', '"2:'))
  expect(() => openRootKey(ring, kms(), 2)).toThrow(/no such version|ended with 1/)
})

test('its key may get another version: after a rotation the old version opens nothing, and the root key stays', () => {
  const root = openRootKey(ring, kms(), 1)
  const former = readFileSync(ring, 'utf8')
  writeFileSync(file('kms.keys'), `${OLD}\n${NEW}\n`)
  expect(rotateMasterKey(ring, kms(), kms(), 5)).toEqual({ made_at: 1, rotated_at: 5, rotations: 1 })
  expect(readFileSync(ring, 'utf8')).toContain('"2:')
  // The utility destroys the first version.
  writeFileSync(file('kms.keys'), `${'00'.repeat(32)}\n${NEW}\n`)
  expect(openRootKey(ring, kms(), 6)).toEqual(root)
  writeFileSync(ring, former)
  expect(() => openRootKey(ring, kms(), 7)).toThrow(/ended with 1/)
})

test('a service with a master key moves under a KMS by the command line, and back, with its root key', async () => {
  const data = mkdtempSync(path.join(dir, 'data-'))
  const own = path.join(data, 'keys.json')
  const first = new Uint8Array(16).fill(7)
  const root = new Uint8Array(openRootKey(own, first, 1))
  expect(() => openRootKey(own, kms(), 2)).toThrow(/is under a master key, not under a KMS/)
  process.env['GASTWIN_MASTER_KEY'] = '07'.repeat(16)
  expect(await keys.run(['rotate', '--data', data, '--new-kms', JSON.stringify(command('kms.keys'))])).toBe(0)
  expect(openRootKey(own, kms(), 2)).toEqual(root)
  expect(() => openRootKey(own, first, 2)).toThrow(/was wrapped by a KMS/)
  process.env['GASTWIN_MASTER_KEY'] = ''
  process.env['GASTWIN_KMS_COMMAND'] = JSON.stringify(command('kms.keys'))
  expect(openRootKey(own, masterKeyFromEnvironment(process.env), undefined)).toEqual(root)
  expect(await keys.run(['rotate', '--data', data, '--new-key-file', file('new.key')])).toBe(0)
  expect(keyringFacts(own)?.rotations).toBe(2)
  const next = masterKeyOf({ masterKey: null, masterKeyFile: file('new.key'), masterKeyCommand: null })
  expect(openRootKey(own, next, 3)).toEqual(root)
  const both = {
    masterKey: '07'.repeat(16),
    masterKeyFile: null,
    masterKeyCommand: null,
    kmsCommand: command('kms.keys'),
  }
  expect(() => masterKeyOf(both)).toThrow(/set one of/)
})

test('a service whose key a KMS keeps seals and opens as any other, over kill -9, and says so', async () => {
  const data = mkdtempSync(path.join(dir, 'service-'))
  const network = await writeMadeCity(data, 1, 2)
  const key = await (await Accounts.open(data)).addApiKey('test', 'admin')
  const env = { GASTWIN_MASTER_KEY: '', GASTWIN_KMS_COMMAND: JSON.stringify(command('kms.keys')) }
  const start = () => spawnService({ network, dataDir: data, env }).ready
  const call = (service: ServiceProcess, place: string, method = 'GET', body?: unknown) =>
    fetch(`${service.url}/api/v1${place}`, {
      method,
      headers: { 'x-api-key': key, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  const first = await start()
  const cells = { point: String(FIRST_METER), address: 'Gate 3 Lane 5' }
  expect((await call(first, '/archive/premises/H1', 'PUT', { cells, reason: 'test' })).status).toBe(200)
  await first.kill()
  const second = await start()
  try {
    expect(await (await call(second, '/keys/health')).json()).toMatchObject({ master_key: 'kms' })
    const shown = await call(second, `/devices/${FIRST_METER}/card/reveal`, 'POST', { reason: 'test' })
    expect(await shown.json()).toMatchObject({ premises: { address: 'Gate 3 Lane 5' } })
  } finally {
    await second.kill()
  }
  const { ready } = spawnService({ network, dataDir: data, env: { ...env, GASTWIN_KMS_COMMAND: '["/no/such/kms"]' } })
  await expect(ready).rejects.toThrow(/cannot be run \(ENOENT\)/)
}, 120_000)
