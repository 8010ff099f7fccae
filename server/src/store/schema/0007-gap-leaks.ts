import type { Migration } from './migration.ts'

/**
 * What a statement says of leaks that were found in its period (JSON as the API tells it; empty for those of before), by how much the
 * filled hours of its supply may differ, and what another word about a leak changed.
 */
export const gapLeaks: Migration = {
  version: 7,
  name: 'gap-leaks',
  sql: `
{column:gap_statements:known_leaks String CODEC(ZSTD(3))}

{column:gap_statements:supply_doubt_m3 Nullable(Float64) CODEC(Gorilla, ZSTD(1))}

{column:gap_revisions:leak_change_m3 Float64 CODEC(Gorilla, ZSTD(1))}
`,
}
