import type { Migration } from './migration.ts'

/** Frozen balances of zones. A later revision (late readings) stands for the earlier one. m³ are at the reference state. */
export const balances: Migration = {
  version: 3,
  name: 'balances',
  sql: `
CREATE TABLE IF NOT EXISTS {local:zone_periods} {on_cluster}
(
  span LowCardinality(String),
  zone LowCardinality(String),
  from_at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  to_at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  supply_m3 Float64 CODEC(Gorilla, ZSTD(1)),
  sales_m3 Float64 CODEC(Gorilla, ZSTD(1)),
  linepack_change_m3 Float64 CODEC(Gorilla, ZSTD(1)),
  own_use_m3 Float64 CODEC(Gorilla, ZSTD(1)),
  gap_m3 Float64 CODEC(Gorilla, ZSTD(1)),
  gap_rate Nullable(Float64) CODEC(Gorilla, ZSTD(1)),
  temperature_pressure_m3 Float64 CODEC(Gorilla, ZSTD(1)),
  unread_m3 Float64 CODEC(Gorilla, ZSTD(1)),
  unread_meters UInt32 CODEC(T64, ZSTD(1)),
  meters UInt32 CODEC(T64, ZSTD(1)),
  inlet_coverage Float64 CODEC(Gorilla, ZSTD(1)),
  revision UInt64 CODEC(DoubleDelta, ZSTD(1))
)
ENGINE = {engine:ReplacingMergeTree(revision)}
PARTITION BY toYear(from_at)
ORDER BY (span, zone, from_at)
SETTINGS {durable};

{distributed:zone_periods:cityHash64(zone)}
`,
}
