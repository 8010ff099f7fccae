import { createHash } from 'node:crypto'
import { StoreError } from '@gastwin/twin'
import type { Database } from '../database.ts'
import type { Migration } from './migration.ts'
import { MIGRATIONS } from './migrations.ts'
import { renderDdl } from './render-ddl.ts'

interface Applied {
  readonly version: number
  readonly name: string
  readonly checksum: string
}

const LEDGER = `
CREATE TABLE IF NOT EXISTS {local:schema_migrations} {on_cluster}
(
  version UInt32,
  name String,
  checksum String,
  applied_at DateTime('UTC') DEFAULT now()
)
ENGINE = {engine:ReplacingMergeTree}
ORDER BY version
SETTINGS {durable};

{distributed:schema_migrations:version}
`

/**
 * Brings the database to this program's shape: makes what is missing, in order, once. Safe to run at every start.
 * @returns versions applied by this call
 * @throws StoreError STO_MIGRATION when the database is newer than this program, or a step was changed after it ran;
 *   STO_ENGINE when the engine refuses
 */
export async function migrate(
  database: Database,
  cluster: string | null,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<readonly number[]> {
  const target = { database: database.name, cluster }
  const onCluster = cluster === null ? '' : ` ON CLUSTER ${cluster}`
  const ledger = renderDdl(LEDGER, target)
  await database.run(`CREATE DATABASE IF NOT EXISTS ${database.name}${onCluster}`)
  for (const statement of ledger) await database.run(statement)
  const applied = await database.rows<Applied>(
    `SELECT version, name, checksum FROM ${database.name}.schema_migrations FINAL ORDER BY version`,
  )
  refuseMisfit(applied, migrations)
  const missing = migrations.filter((m) => !applied.some((a) => a.version === m.version))
  for (const migration of missing) await apply(database, target, migration)
  return missing.map((m) => m.version)
}

async function apply(
  database: Database,
  target: { readonly database: string; readonly cluster: string | null },
  migration: Migration,
): Promise<void> {
  try {
    for (const statement of renderDdl(migration.sql, target)) await database.run(statement, { timeoutS: 300 })
    await database.run(
      `INSERT INTO ${database.name}.schema_migrations (version, name, checksum)
       SELECT {version:UInt32}, {name:String}, {checksum:String}`,
      { parameters: { version: migration.version, name: migration.name, checksum: checksum(migration) } },
    )
  } catch (error) {
    const { version, name } = migration
    const words = error instanceof Error ? error.message : String(error)
    throw new StoreError('STO_MIGRATION', `migration ${version} (${name}) failed: ${words}`, { version, name }, error)
  }
}

function refuseMisfit(applied: readonly Applied[], migrations: readonly Migration[]): void {
  const known = Math.max(0, ...migrations.map((m) => m.version))
  const newest = applied.at(-1)?.version ?? 0
  if (newest > known)
    throw new StoreError(
      'STO_MIGRATION',
      `the database has version ${newest}, this program knows versions up to ${known}: start a newer gastwin`,
      { newest, known },
    )
  for (const migration of migrations) {
    const then = applied.find((a) => a.version === migration.version)
    if (then !== undefined && then.checksum !== checksum(migration))
      throw new StoreError(
        'STO_MIGRATION',
        `migration ${migration.version} (${migration.name}) differs from the one the database was made with`,
        { version: migration.version, applied: then.checksum, program: checksum(migration) },
      )
  }
}

const checksum = (migration: Migration): string => createHash('sha256').update(migration.sql).digest('hex')
