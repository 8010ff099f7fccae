import { spawn } from 'node:child_process'
import fs from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createClient } from '@clickhouse/client'
import { StoreError } from '@gastwin/twin'
import { firstValueFrom } from 'rxjs'
import { filter } from 'rxjs/operators'
import { afterEach, describe, expect, test } from 'vitest'
import { entryPath } from '../../entry.ts'
import { Database } from '../database.ts'
import { temporaryDirectory } from '../testing/store-fixture.ts'
import { EngineSupervisor, engineError } from './supervise-engine.ts'

const undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

async function directory(): Promise<string> {
  const made = await temporaryDirectory()
  undo.push(made.remove)
  return made.path
}

function supervise(at: string): EngineSupervisor {
  const engine = new EngineSupervisor({ directory: at, firstPauseMs: 50, readers: 2 })
  undo.push(() => engine.stop())
  return engine
}

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('the embedded engine answers as a ClickHouse server does', () => {
  test('parameters, settings of one statement, errors with codes, long results, compressed both ways', async () => {
    const endpoint = await supervise(await directory()).ready()
    const client = createClient({ ...endpoint, compression: { request: true, response: true }, log: { level: 127 } })
    undo.push(() => client.close())
    const one = async (query: string, query_params: Record<string, unknown> = {}) =>
      (await (await client.query({ query, query_params, format: 'JSONEachRow' })).json())[0]
    expect((await client.ping()).success).toBe(true)
    const nasty = "a'b\\c\td\ne 燃气表阀门 {x:String}"
    expect(await one('SELECT {s:String} AS s, {a:Array(UInt32)} AS a', { s: nasty, a: [1, 2] })).toEqual({
      s: nasty,
      a: [1, 2],
    })
    await expect(one('SELECT {s:String} AS s, {gone:String}', { s: '' })).rejects.toMatchObject({ code: '456' })
    await client.command({ query: 'CREATE TABLE t (n UInt64, s String) ENGINE = MergeTree ORDER BY n' })
    await client.insert({ table: 't', values: [{ n: 1, s: nasty }], format: 'JSONEachRow' })
    expect(await one('SELECT * FROM t')).toEqual({ n: 1, s: nasty })
    const limited = { query: 'SELECT sleep(2)', clickhouse_settings: { max_execution_time: 1 } }
    await expect(client.query(limited)).rejects.toMatchObject({ code: '159', type: 'TIMEOUT_EXCEEDED' })
    expect(await one("SELECT getSetting('max_execution_time') AS s"), 'a setting ends with its statement').toEqual({
      s: 60,
    })
    await expect(one('SELECT * FROM nowhere')).rejects.toMatchObject({ code: '60', type: 'UNKNOWN_TABLE' })
    let rows = 0
    const long = await client.query({ query: 'SELECT number FROM numbers(300000)', format: 'JSONEachRow' })
    for await (const some of long.stream()) rows += some.length
    expect(rows).toBe(300_000)
    const broken = await client.query({
      query: 'SELECT throwIf(number = 200000) FROM numbers(300000) SETTINGS max_block_size = 1000',
      format: 'JSONEachRow',
    })
    await expect(broken.text(), 'a result that breaks off is not taken for a whole one').rejects.toThrow()
  })

  test('a slow statement does not hold up others', async () => {
    const database = new Database('default', await supervise(await directory()).ready())
    undo.push(() => database.close())
    const slow = database.rows('SELECT sleep(2)')
    const begun = performance.now()
    await database.run('CREATE TABLE t (n UInt64) ENGINE = MergeTree ORDER BY n')
    await database.insertText('t', ['n'], Buffer.from('1\n2\n'))
    expect(await database.rows('SELECT count() AS n FROM t')).toEqual([{ n: 2 }])
    expect(performance.now() - begun).toBeLessThan(1_500)
    await slow
  })

  test('nobody without the password is served', async () => {
    const endpoint = await supervise(await directory()).ready()
    const stranger = createClient({ ...endpoint, password: 'wrong', log: { level: 127 } })
    undo.push(() => stranger.close())
    await expect(stranger.query({ query: 'SELECT 1' })).rejects.toMatchObject({ code: '516' })
    expect((await fetch(`${endpoint.url}/?query=SELECT+1`)).status).toBe(403)
  })
})

describe('supervision', () => {
  test('an engine that is killed comes back with its data', async () => {
    const engine = supervise(await directory())
    const database = new Database('default', await engine.ready())
    undo.push(() => database.close())
    await database.run('CREATE TABLE t (n UInt64) ENGINE = MergeTree ORDER BY n SETTINGS fsync_after_insert = 1')
    await database.insertText('t', ['n'], Buffer.from('1\n'))
    const { state } = engine
    if (state.state !== 'ready') throw new Error(state.state)
    process.kill(state.pid, 'SIGKILL')
    await expect(database.rows('SELECT 1')).rejects.toBeInstanceOf(StoreError)
    const again = await firstValueFrom(engine.state$.pipe(filter((s) => s.state === 'ready' && s.pid !== state.pid)))
    if (again.state !== 'ready') throw new Error(again.state)
    database.connect(again.endpoint)
    expect(await database.rows('SELECT n FROM t')).toEqual([{ n: 1 }])
  })

  test('the engine ends when the process that started it is killed', async () => {
    const at = await directory()
    const script = `import { EngineSupervisor } from ${JSON.stringify(entryPath(import.meta.url, './supervise-engine.js'))}
      const engine = new EngineSupervisor({ directory: ${JSON.stringify(at)} })
      await engine.ready()
      process.stdout.write(String(engine.state.pid))`
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const pid = Number(await new Promise((resolve) => parent.stdout.once('data', resolve)))
    expect(isAlive(pid)).toBe(true)
    parent.kill('SIGKILL')
    for (let i = 0; i < 100 && isAlive(pid); i++) await pause(50)
    expect(isAlive(pid)).toBe(false)
  })

  test('a directory that another engine holds is named, and taken as soon as it is free', async () => {
    const at = await directory()
    const first = supervise(at)
    await first.ready()
    const second = supervise(at)
    await expect(second.ready()).rejects.toMatchObject({
      code: 'STO_ENGINE',
      message: `the database directory ${at} is in use by another process`,
    })
    await first.stop()
    await firstValueFrom(second.state$.pipe(filter((s) => s.state === 'ready')))
  })

  test('a damaged directory and a directory that is a file are named', async () => {
    const at = await directory()
    const engine = supervise(path.join(at, 'db'))
    const database = new Database('g', await engine.ready())
    await database.run('CREATE DATABASE g')
    await database.close()
    await engine.stop()
    await fs.writeFile(path.join(at, 'db', 'metadata', 'g.sql'), 'garbage')
    await expect(supervise(path.join(at, 'db')).ready()).rejects.toThrow(
      /could not open .*db \(damaged\?\): .*Syntax error/,
    )
    await fs.writeFile(path.join(at, 'file'), '')
    await expect(supervise(path.join(at, 'file')).ready()).rejects.toThrow(/file is not a directory/)
  })
})

test('a full disk and a read-only directory are said in plain words', () => {
  const death = { directory: '/d', code: 1, signal: null, wasReady: false, detail: undefined, stderr: '' }
  const full = engineError({ ...death, stderr: 'filesystem error: No space left on device' })
  expect(full.message).toBe('the disk of the database directory /d is full')
  const readOnly = engineError({ ...death, detail: "EACCES: permission denied, mkdir '/d'" })
  expect(readOnly.message).toBe('the database directory /d cannot be written')
})
