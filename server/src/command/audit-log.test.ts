import { appendFile, mkdtemp, open, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
// @ts-expect-error sm-crypto ships no types
import smCrypto from 'sm-crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { GENESIS } from './audit-chain.ts'
import { AuditLog, verifyAuditLog } from './audit-log.ts'

let folder = ''
let files = 0
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'gastwin-audit-'))
})
afterAll(() => rm(folder, { recursive: true }))
const fresh = () => path.join(folder, `audit-${files++}.ndjson`)

async function written(count = 4): Promise<string> {
  const file = fresh()
  const log = await AuditLog.open(file)
  for (let i = 1; i <= count; i++) await log.append(1000 * i, 'valve_closed', { valve: `V-${i}`, 阀门: '关', tries: i })
  await log.close()
  return file
}

describe('the chain', () => {
  test('an empty or missing file is whole', async () => {
    expect(await verifyAuditLog(fresh())).toEqual({ ok: true, records: 0, hash: GENESIS })
  })
  test('records are lines of JSON in the order of the calls, each with its receipt', async () => {
    const file = fresh()
    const log = await AuditLog.open(file)
    const receipts = await Promise.all([1, 2, 3].map((i) => log.append(i, 'step', { i })))
    await log.close()
    const records = (await readFile(file, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(records.map(({ sequence, at, event, facts }) => ({ sequence, at, event, facts }))).toEqual(
      [1, 2, 3].map((i) => ({ sequence: i, at: i, event: 'step', facts: { i } })),
    )
    expect(records.map(({ hash }) => hash)).toEqual(receipts.map(({ hash }) => hash))
    expect(log.hash).toBe(receipts[2]?.hash)
    expect(await verifyAuditLog(file)).toEqual({ ok: true, records: 3, hash: log.hash })
  })
  test('another SM3 gives the same hashes', async () => {
    let previous = GENESIS
    for (const line of (await readFile(await written(), 'utf8')).trim().split('\n')) {
      const text = line.slice(0, line.lastIndexOf(',"hash"'))
      previous = smCrypto.sm3(previous + text)
      expect(JSON.parse(line).hash).toBe(previous)
    }
  })
  test('it survives a restart and goes on', async () => {
    const file = await written(2)
    const log = await AuditLog.open(file)
    expect(log.verdict).toMatchObject({ ok: true, records: 2 })
    expect((await log.append(9, 'again', {})).sequence).toBe(3)
    await log.close()
    expect(await verifyAuditLog(file)).toMatchObject({ ok: true, records: 3 })
  })
})

describe('tampering', () => {
  const lines = async (file: string) => (await readFile(file, 'utf8')).trimEnd().split('\n')
  const tampered = async (change: (lines: string[]) => string[]) => {
    const file = await written()
    await writeFile(file, `${change(await lines(file)).join('\n')}\n`)
    return verifyAuditLog(file)
  }
  test('any changed byte of any record is found in that record', async () => {
    const file = await written(2)
    const bytes = await readFile(file)
    const border = bytes.indexOf(0x0a)
    for (let i = 0; i < bytes.length; i += 3) {
      const copy = Buffer.from(bytes)
      copy[i] = (copy[i] ?? 0) ^ 0x01
      await writeFile(file, copy)
      const verdict = await verifyAuditLog(file)
      expect(verdict.ok).toBe(false)
      if (!verdict.ok) expect(verdict.line).toBe(i <= border ? 1 : 2)
    }
  })
  test('a record taken out, put in, or moved breaks the chain where it was', async () => {
    expect(await tampered(([a = '', , c = '', d = '']) => [a, c, d])).toMatchObject({
      ok: false,
      line: 2,
      reason: 'hash',
    })
    expect(await tampered(([a = '', b = '', c = '']) => [a, a, b, c])).toMatchObject({ ok: false, line: 2 })
    expect(await tampered(([a = '', b = '', c = '', d = '']) => [a, c, b, d])).toMatchObject({ ok: false, line: 2 })
    expect(await tampered(([a = '', , c = '', d = '']) => [a, '{}', c, d])).toMatchObject({
      line: 2,
      reason: 'unreadable',
    })
  })
  test('a broken chain is kept as evidence, and new records go on behind it', async () => {
    const file = await written()
    const [a = '', b = '', ...rest] = await lines(file)
    await writeFile(file, `${[a, b.replace('V-2', 'V-9'), ...rest].join('\n')}\n`)
    const log = await AuditLog.open(file)
    expect(log.verdict).toEqual({ ok: false, line: 2, reason: 'hash' })
    await log.append(5, 'after', {})
    await log.close()
    expect((await lines(file)).length).toBe(5)
    expect(await verifyAuditLog(file)).toMatchObject({ ok: false, line: 2 })
  })
  test('a record of another chain does not fit by its number alone', async () => {
    const first = await lines(await written(1))
    const file = fresh()
    const log = await AuditLog.open(file)
    await log.append(1, 'other', {})
    await log.close()
    await writeFile(file, `${[...(await lines(file)), ...first].join('\n')}\n`)
    expect(await verifyAuditLog(file)).toMatchObject({ ok: false, line: 2 })
  })
})

describe('crashes', () => {
  test('a last record cut at any byte is moved aside, and the chain goes on whole', async () => {
    const file = await written(2)
    const bytes = await readFile(file)
    const border = bytes.indexOf(0x0a) + 1
    for (let end = border; end < bytes.length; end += 7) {
      await writeFile(file, bytes.subarray(0, end))
      const log = await AuditLog.open(file)
      expect(log).toMatchObject({ tornBytes: end - border, verdict: { ok: true, records: 1 } })
      await log.append(1, 'after the crash', {})
      await log.close()
      expect(await verifyAuditLog(file)).toMatchObject({ ok: true, records: 2 })
    }
    expect((await readFile(`${file}.torn`)).length).toBeGreaterThan(0)
  })
  test('a last line whose text did not reach the disk is torn too', async () => {
    const file = await written(1)
    await appendFile(file, `${'\0'.repeat(50)}\n`)
    expect(await verifyAuditLog(file)).toMatchObject({ ok: false, line: 2, reason: 'unreadable' })
    const log = await AuditLog.open(file)
    expect(log).toMatchObject({ tornBytes: 51, verdict: { ok: true, records: 1 } })
    await log.close()
    await truncate(file, 0)
    await appendFile(file, '\n')
    const empty = await AuditLog.open(file)
    expect(empty).toMatchObject({ tornBytes: 1, verdict: { ok: true, records: 0 } })
    await empty.close()
  })
  test('a full disk is told, the half record is taken back, and the chain goes on when there is room', async () => {
    const file = await written(1)
    let full = true
    const log = await AuditLog.open(file, async (name, flags) => {
      const handle = await open(name, flags)
      const append = handle.appendFile.bind(handle)
      handle.appendFile = async (bytes) => {
        if (!full) return append(bytes)
        await append((bytes as Buffer).subarray(0, 20))
        throw new Error('ENOSPC')
      }
      return handle
    })
    await expect(log.append(1, 'lost', {})).rejects.toMatchObject({ code: 'LOG_FULL' })
    expect(await verifyAuditLog(file)).toMatchObject({ ok: true, records: 1 })
    full = false
    expect((await log.append(2, 'kept', {})).sequence).toBe(2)
    expect(await verifyAuditLog(file)).toMatchObject({ ok: true, records: 2 })
    full = true
    await rm(file)
    await expect(log.append(3, 'lost', {})).rejects.toMatchObject({ code: 'LOG_FULL' })
    full = false
    await expect(log.append(4, 'lost too: what stands in the file is not known', {})).rejects.toMatchObject({
      code: 'LOG_FULL',
    })
    await log.close()
  })
  test('a file that cannot be opened or read is an error with a code', async () => {
    await expect(AuditLog.open(folder)).rejects.toMatchObject({ code: 'LOG_CORRUPT' })
    await expect(verifyAuditLog(folder)).rejects.toMatchObject({ code: 'LOG_CORRUPT' })
  })
})
