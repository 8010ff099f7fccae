import { isRow } from './field-rules.ts'

const LISTS = ['valves', 'regulators', 'sources', 'zones', 'meters', 'rtus'] as const

/**
 * Fills in what a `gastwin-network/1` document may leave out when nothing but its hydraulics matters: empty lists, UTC, junctions,
 * open valves. What is there stays as it is; anything that is no object is handed back untouched.
 */
export function completeDocument(json: unknown): unknown {
  if (!isRow(json)) return json
  const complete: Record<string, unknown> = { ...json }
  for (const list of LISTS) complete[list] ??= []
  complete['time_zone'] ??= 'UTC'
  complete['name'] ??= 'network'
  complete['nodes'] = withDefaults(complete['nodes'], 'kind', 'junction')
  complete['valves'] = withDefaults(complete['valves'], 'open', true)
  return complete
}

function withDefaults(rows: unknown, key: string, value: unknown): unknown {
  if (!Array.isArray(rows)) return rows
  return rows.map((row: unknown) => (isRow(row) && (row[key] ?? null) === null ? { ...row, [key]: value } : row))
}
