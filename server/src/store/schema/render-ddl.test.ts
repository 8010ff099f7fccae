import { UsageError } from '@gastwin/twin'
import { describe, expect, test } from 'vitest'
import { MIGRATIONS } from './migrations.ts'
import { renderDdl } from './render-ddl.ts'

const single = { database: 'gastwin', cluster: null }
const cluster = { database: 'gastwin', cluster: 'city' }
const all = (target: { database: string; cluster: string | null }) =>
  MIGRATIONS.flatMap((m) => renderDdl(m.sql, target))

describe('statements for one server', () => {
  test('each placeholder is filled', () => {
    for (const statement of all(single)) expect(statement).not.toMatch(/\{[a-z_]+(:|\})/)
  })

  test('tables are plain, durable and drop repeated tokens', () => {
    const [statement] = renderDdl(MIGRATIONS[0]?.sql ?? '', single)
    expect(statement).toContain('CREATE TABLE IF NOT EXISTS gastwin.readings ')
    expect(statement).toContain('ENGINE = ReplacingMergeTree(precedence)')
    expect(statement).toContain('fsync_after_insert = 1, non_replicated_deduplication_window')
    expect(statement).not.toContain('ON CLUSTER')
  })

  test('no Distributed table is made', () => {
    expect(all(single).join('\n')).not.toContain('Distributed')
  })
})

describe('statements for a cluster', () => {
  test('every table is made on the cluster, as a replicated local one and a distributed one over it', () => {
    const statements = all(cluster)
    for (const statement of statements) expect(statement).toContain('ON CLUSTER city')
    const locals = statements.filter((s) => s.includes('ENGINE = Replicated'))
    const distributed = statements.filter((s) => s.includes('ENGINE = Distributed'))
    expect(locals.length).toBe(distributed.length)
    expect(locals.length).toBeGreaterThan(8)
  })

  test('a replicated table has its own path, the replica, and the arguments of its engine', () => {
    const statements = renderDdl(MIGRATIONS[0]?.sql ?? '', cluster)
    expect(statements[0]).toContain('CREATE TABLE IF NOT EXISTS gastwin.readings_local ON CLUSTER city')
    expect(statements[0]).toContain(
      "ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/gastwin/readings', '{replica}', precedence)",
    )
    expect(statements[0]).toContain('replicated_deduplication_window')
    expect(statements[1]).toBe(
      'CREATE TABLE IF NOT EXISTS gastwin.readings ON CLUSTER city AS gastwin.readings_local\n' +
        'ENGINE = Distributed(city, gastwin, readings_local, device)',
    )
  })

  test('a column comes to the tables that hold rows first, then to the one over all shards', () => {
    expect(renderDdl('{column:gap:note String}', cluster)).toEqual([
      'ALTER TABLE gastwin.gap_local ON CLUSTER city ADD COLUMN IF NOT EXISTS note String',
      'ALTER TABLE gastwin.gap ON CLUSTER city ADD COLUMN IF NOT EXISTS note String',
    ])
  })

  test('rows of one device stay on one shard, so that duplicates meet', () => {
    const readings = all(cluster).find((s) => s.includes('Distributed(city, gastwin, readings_local'))
    expect(readings).toMatch(/readings_local, device\)/)
  })
})

test('names that are no identifiers are refused', () => {
  expect(() => renderDdl('SELECT 1', { database: 'a; DROP TABLE b', cluster: null })).toThrow(UsageError)
  expect(() => renderDdl('SELECT 1', { database: 'a', cluster: "x' y" })).toThrow(UsageError)
})

test('versions count up from 1 without a gap', () => {
  expect(MIGRATIONS.map((m) => m.version)).toEqual(MIGRATIONS.map((_, i) => i + 1))
})
