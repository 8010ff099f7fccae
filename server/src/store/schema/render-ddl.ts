import { InvariantError, UsageError } from '@gastwin/twin'

/** Where the tables stand: one server (or the embedded engine), or a cluster by its name. */
export interface DatabaseTarget {
  readonly database: string
  readonly cluster: string | null
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/
const TOKEN = /\{(\w+)(?::([^}]*))?\}/g

/**
 * Statements of a migration template for one target. Placeholders:
 * `{local:T}` the table that holds rows (`T`, on a cluster `T_local`) · `{on_cluster}` · `{engine:Name(args)}` its engine, on a
 * cluster the replicated one · `{durable}` settings: a part is on disk before its insert is answered, and a repeated insert with
 * the same token is dropped · `{distributed:T:key}` on a cluster the table `T` over all shards, otherwise nothing ·
 * `{column:T:definition}` one column more for `T` and, on a cluster, for the table over all shards, which is told last.
 * @throws UsageError CFG_INVALID when database or cluster is no plain identifier
 */
export function renderDdl(sql: string, target: DatabaseTarget): readonly string[] {
  const database = identifier(target.database)
  const cluster = target.cluster === null ? null : identifier(target.cluster)
  const onCluster = cluster === null ? '' : `ON CLUSTER ${cluster}`
  let table = ''
  const rendered = sql.replace(TOKEN, (whole, name: string, rest = '') => {
    switch (name) {
      case 'local':
        table = rest
        return cluster === null ? `${database}.${rest}` : `${database}.${rest}_local`
      case 'on_cluster':
        return onCluster
      case 'engine':
        return cluster === null ? rest : replicated(rest, database, table)
      case 'durable':
        return cluster === null
          ? 'fsync_after_insert = 1, non_replicated_deduplication_window = 10000'
          : 'fsync_after_insert = 1, replicated_deduplication_window = 10000'
      case 'distributed': {
        if (cluster === null) return ''
        const [base = '', key = ''] = rest.split(':')
        return `CREATE TABLE IF NOT EXISTS ${database}.${base} ${onCluster} AS ${database}.${base}_local
ENGINE = Distributed(${cluster}, ${database}, ${base}_local, ${key});`
      }
      case 'column': {
        const [base = '', definition = ''] = rest.split(':')
        const alter = (name: string) =>
          `ALTER TABLE ${database}.${name} ${onCluster} ADD COLUMN IF NOT EXISTS ${definition};`
        return cluster === null ? alter(base) : `${alter(`${base}_local`)}\n${alter(base)}`
      }
      default:
        throw new InvariantError('TWN_INVARIANT', `a migration uses the unknown placeholder ${whole}`)
    }
  })
  return rendered
    .split(/;\s*(?:\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '')
}

function replicated(engine: string, database: string, table: string): string {
  const [, name = engine, args = ''] = /^(\w+)(?:\((.*)\))?$/.exec(engine) ?? []
  const own = `'/clickhouse/tables/{shard}/${database}/${table}', '{replica}'`
  return `Replicated${name}(${args === '' ? own : `${own}, ${args}`})`
}

function identifier(name: string): string {
  if (!IDENTIFIER.test(name))
    throw new UsageError('CFG_INVALID', `"${name}" cannot name a database or cluster: letters, digits and _ only`)
  return name
}
