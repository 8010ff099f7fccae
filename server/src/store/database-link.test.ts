import fs from 'node:fs/promises'
import path from 'node:path'
import { firstValueFrom } from 'rxjs'
import { filter } from 'rxjs/operators'
import { afterEach, describe, expect, test } from 'vitest'
import { Database } from './database.ts'
import { DatabaseLink, type LinkState } from './database-link.ts'
import { readGapStatements } from './queries/read-gap.ts'
import { migrate } from './schema/migrate.ts'
import type { Migration } from './schema/migration.ts'
import { MIGRATIONS } from './schema/migrations.ts'
import { temporaryDirectory } from './testing/store-fixture.ts'

const undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

async function place(): Promise<string> {
  const made = await temporaryDirectory()
  undo.push(made.remove)
  return made.path
}

async function open(directory: string): Promise<{ database: Database; state: LinkState; close: () => Promise<void> }> {
  const database = new Database('gastwin')
  const link = new DatabaseLink(database, { server: null, directory, cluster: null })
  let closed: Promise<void> | undefined
  const close = () => {
    closed ??= link.close()
    return closed
  }
  undo.push(close)
  const state = await firstValueFrom(link.state$.pipe(filter((s) => s.state !== 'starting')))
  return { database, state, close }
}

describe('migrations', () => {
  test('run once, in order, and a second start changes nothing', async () => {
    const { database, state } = await open(await place())
    expect(state.state).toBe('ok')
    expect(await migrate(database, null)).toEqual([])
    const applied = await database.rows<{ version: number }>(
      'SELECT version FROM gastwin.schema_migrations FINAL ORDER BY version',
    )
    expect(applied.map((a) => a.version)).toEqual(MIGRATIONS.map((m) => m.version))
  })

  test('a database newer than the program, and a step that was changed, are refused with their numbers', async () => {
    const { database } = await open(await place())
    const next: Migration = { version: MIGRATIONS.length + 1, name: 'later', sql: 'SELECT 1' }
    expect(await migrate(database, null, [...MIGRATIONS, next])).toEqual([next.version])
    await expect(migrate(database, null)).rejects.toMatchObject({
      code: 'STO_MIGRATION',
      message: `the database has version ${next.version}, this program knows versions up to ${MIGRATIONS.length}: start a newer gastwin`,
    })
    const changed = [...MIGRATIONS, { ...next, sql: 'SELECT 2' }]
    await expect(migrate(database, null, changed)).rejects.toMatchObject({
      code: 'STO_MIGRATION',
      message: expect.stringContaining('(later) differs'),
    })
  })

  test('statements of before leaks were kept beside them come back without any', async () => {
    const { database } = await open(await place())
    const former = ['known_leaks', 'supply_doubt_m3'].map((column) => `DROP COLUMN ${column}`).join(', ')
    await database.run(`ALTER TABLE gastwin.gap_statements ${former}`)
    await database.run('ALTER TABLE gastwin.gap_revisions DROP COLUMN leak_change_m3')
    await database.run('ALTER TABLE gastwin.schema_migrations DELETE WHERE version = 7 SETTINGS mutations_sync = 1')
    await database.run(
      "INSERT INTO gastwin.gap_statements (every, zone, from_at, to_at, gap_m3) VALUES ('day', 'Z1', 0, 86400000, 3)",
    )
    expect(await migrate(database, null)).toEqual([7])
    const [statement] = await readGapStatements(database, 'day', 'Z1', 0, 1)
    expect(statement).toMatchObject({ gap_m3: 3, known_leaks: [], supply_doubt_m3: null })
  })

  test('a step that fails is named and tried again by the next start', async () => {
    const { database } = await open(await place())
    const step = (sql: string) => [...MIGRATIONS, { version: MIGRATIONS.length + 1, name: 'broken', sql }]
    await expect(migrate(database, null, step('CREATE TABEL x'))).rejects.toMatchObject({ code: 'STO_MIGRATION' })
    expect(await migrate(database, null, step('SELECT 1'))).toEqual([MIGRATIONS.length + 1])
  })
})

test('parts that were damaged on disk are told, by table', async () => {
  const directory = await place()
  const before = await open(directory)
  const row = ['index_m3', '7', '1772300000000', '1', '1772300000000', 'a', 'z', '0', '0'].join('\t')
  const columns = ['quantity', 'device', 'at', 'value', 'received_at', 'asset', 'zone', 'flags', 'position']
  await before.database.insertText('readings', columns, Buffer.from(`${row}\n`))
  const [part] = await before.database.rows<{ path: string }>(
    "SELECT path FROM system.parts WHERE database = 'gastwin' AND table = 'readings' AND active",
  )
  await before.close()
  const files = await fs.readdir(path.join(part?.path ?? '', '.'))
  for (const name of files.filter((f) => f.endsWith('.bin'))) await fs.writeFile(path.join(part?.path ?? '', name), 'x')
  const after = await open(directory)
  expect(after.state).toMatchObject({
    state: 'ok',
    damage: 'damaged parts of the database were set aside, their rows are missing: readings (1)',
  })
})

test('a server that does not answer is down with a reason, and the store goes on trying', async () => {
  const database = new Database('gastwin')
  const server = { url: 'http://127.0.0.1:9', username: 'default', password: '' }
  const link = new DatabaseLink(database, { server, directory: '', cluster: null })
  undo.push(() => link.close())
  const down = await firstValueFrom(link.state$.pipe(filter((s) => s.state === 'down')))
  expect(down).toMatchObject({ error: { code: 'STO_ENGINE', message: expect.stringContaining('ECONNREFUSED') } })
})
