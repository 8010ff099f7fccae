import type { Migration } from './migration.ts'

/**
 * Readings as devices gave them, kept 15 years (S1-18 and S3-10 ask for ten). One (quantity, device, at) counts once: the reading
 * received first stays, as in the twin. The platform annotates, it never corrects (S3-19).
 * flags: 1 the device's clock could not be believed and the time is put right by the receive time · 2 the device speaks of itself (battery, radio)
 */
export const readings: Migration = {
  version: 1,
  name: 'readings',
  sql: `
CREATE TABLE IF NOT EXISTS {local:readings} {on_cluster}
(
  quantity LowCardinality(String),
  device UInt64 CODEC(Delta, ZSTD(1)),
  at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  value Float64 CODEC(Gorilla, ZSTD(1)),
  received_at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  asset String CODEC(ZSTD(1)),
  zone LowCardinality(String),
  flags UInt8 CODEC(T64, ZSTD(1)),
  position UInt64 CODEC(DoubleDelta, ZSTD(1)),
  precedence UInt64 MATERIALIZED 18446744073709551615 - position CODEC(DoubleDelta, ZSTD(1)),
  INDEX by_position position TYPE minmax GRANULARITY 4
)
ENGINE = {engine:ReplacingMergeTree(precedence)}
PARTITION BY toYYYYMM(at)
ORDER BY (quantity, device, at)
TTL toDateTime(at) + INTERVAL 15 YEAR
SETTINGS {durable};

{distributed:readings:device}
`,
}
