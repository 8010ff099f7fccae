import type { Migration } from './migration.ts'

/** As they were named when this step was released. */
const SHARES = ['leak', 'theft', 'meter_bias', 'temperature_pressure', 'timing', 'unread', 'unexplained']
const interval = (name: string) =>
  ['p05', 'p50', 'p95'].map((quantile) => `  ${name}_${quantile} Float64 CODEC(Gorilla, ZSTD(1)),`).join('\n')

/**
 * Where the gap went, per zone and day, week or month: m³ at the reference state and yuan, 90 % intervals and middles. A statement
 * that comes later in the log stands for the earlier one; `revision` counts what late data changed, which `gap_revisions` keeps.
 * Suspicions are kept with their course: one row each time they changed, probability 0 when nothing speaks for them any more.
 */
export const gap: Migration = {
  version: 6,
  name: 'gap',
  sql: `
CREATE TABLE IF NOT EXISTS {local:gap_statements} {on_cluster}
(
  every LowCardinality(String),
  zone LowCardinality(String),
  from_at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  to_at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  supply_m3 Float64 CODEC(Gorilla, ZSTD(1)),
  sales_m3 Float64 CODEC(Gorilla, ZSTD(1)),
  linepack_change_m3 Float64 CODEC(Gorilla, ZSTD(1)),
  own_use_m3 Float64 CODEC(Gorilla, ZSTD(1)),
  gap_m3 Float64 CODEC(Gorilla, ZSTD(1)),
  gap_rate Nullable(Float64) CODEC(Gorilla, ZSTD(1)),
  inlet_coverage Float64 CODEC(Gorilla, ZSTD(1)),
  meters UInt32 CODEC(T64, ZSTD(1)),
  unread_meters UInt32 CODEC(T64, ZSTD(1)),
${SHARES.map((share) => interval(`${share}_m3`)).join('\n')}
${SHARES.map((share) => interval(`${share}_yuan`)).join('\n')}
  revision UInt32 CODEC(T64, ZSTD(1)),
  stated_at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  position UInt64 CODEC(DoubleDelta, ZSTD(1))
)
ENGINE = {engine:ReplacingMergeTree(position)}
PARTITION BY toYear(from_at)
ORDER BY (every, zone, from_at)
SETTINGS {durable};

{distributed:gap_statements:cityHash64(zone)}

CREATE TABLE IF NOT EXISTS {local:gap_revisions} {on_cluster}
(
  zone LowCardinality(String),
  from_at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  to_at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  revision UInt32 CODEC(T64, ZSTD(1)),
  at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  supply_change_m3 Float64 CODEC(Gorilla, ZSTD(1)),
  sales_change_m3 Float64 CODEC(Gorilla, ZSTD(1)),
  gap_change_m3 Float64 CODEC(Gorilla, ZSTD(1)),
  position UInt64 CODEC(DoubleDelta, ZSTD(1))
)
ENGINE = {engine:ReplacingMergeTree(position)}
PARTITION BY toYear(from_at)
ORDER BY (zone, from_at, to_at, revision)
SETTINGS {durable};

{distributed:gap_revisions:cityHash64(zone)}

CREATE TABLE IF NOT EXISTS {local:gap_suspects} {on_cluster}
(
  meter String CODEC(ZSTD(1)),
  kind LowCardinality(String),
  stated_at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  zone LowCardinality(String),
  probability Float64 CODEC(Gorilla, ZSTD(1)),
  found_at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  since Nullable(DateTime64(3, 'UTC')) CODEC(ZSTD(1)),
  m3_per_day_p05 Nullable(Float64) CODEC(ZSTD(1)),
  m3_per_day_p50 Nullable(Float64) CODEC(ZSTD(1)),
  m3_per_day_p95 Nullable(Float64) CODEC(ZSTD(1)),
  yuan_per_month Nullable(Float64) CODEC(ZSTD(1)),
  facts String CODEC(ZSTD(3)),
  position UInt64 CODEC(DoubleDelta, ZSTD(1))
)
ENGINE = {engine:ReplacingMergeTree(position)}
PARTITION BY toYear(stated_at)
ORDER BY (meter, kind, stated_at)
SETTINGS {durable};

{distributed:gap_suspects:cityHash64(meter)}
`,
}
