import type { Migration } from './migration.ts'

/**
 * What arrived and what the platform did, kept one year (S0-110); events of alarms, shut-offs and commands are kept 15 years.
 * Lifetimes run from `stored_at`, the wall clock of the database, because the service's clock may be a simulated one.
 */
export const records: Migration = {
  version: 2,
  name: 'records',
  sql: `
CREATE TABLE IF NOT EXISTS {local:raw_frames} {on_cluster}
(
  device UInt64 CODEC(Delta, ZSTD(1)),
  position UInt64 CODEC(DoubleDelta, ZSTD(1)),
  received_at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  source String CODEC(ZSTD(1)),
  content_format Int32 CODEC(T64, ZSTD(1)),
  outcome LowCardinality(String),
  reason LowCardinality(String),
  bytes String CODEC(ZSTD(3)),
  stored_at DateTime('UTC') DEFAULT now() CODEC(DoubleDelta, ZSTD(1)),
  INDEX by_position position TYPE minmax GRANULARITY 4
)
ENGINE = {engine:ReplacingMergeTree}
PARTITION BY toYYYYMM(received_at)
ORDER BY (device, position)
TTL stored_at + INTERVAL 1 YEAR
SETTINGS {durable};

{distributed:raw_frames:device}

CREATE TABLE IF NOT EXISTS {local:quarantine} {on_cluster}
(
  reason LowCardinality(String),
  device UInt64 CODEC(ZSTD(1)),
  position UInt64 CODEC(DoubleDelta, ZSTD(1)),
  received_at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  source String CODEC(ZSTD(1)),
  content_format Int32 CODEC(T64, ZSTD(1)),
  detail String CODEC(ZSTD(1)),
  bytes String CODEC(ZSTD(3)),
  stored_at DateTime('UTC') DEFAULT now() CODEC(DoubleDelta, ZSTD(1))
)
ENGINE = {engine:ReplacingMergeTree}
PARTITION BY toYYYYMM(received_at)
ORDER BY (reason, device, position)
TTL stored_at + INTERVAL 1 YEAR
SETTINGS {durable};

{distributed:quarantine:device}

CREATE TABLE IF NOT EXISTS {local:events} {on_cluster}
(
  type LowCardinality(String),
  at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  position UInt64 CODEC(DoubleDelta, ZSTD(1)),
  device UInt64 CODEC(ZSTD(1)),
  zone LowCardinality(String),
  body String CODEC(ZSTD(3)),
  lasting Bool,
  stored_at DateTime('UTC') DEFAULT now() CODEC(DoubleDelta, ZSTD(1))
)
ENGINE = {engine:ReplacingMergeTree}
PARTITION BY toYYYYMM(at)
ORDER BY (type, at, position, device)
TTL stored_at + INTERVAL 1 YEAR DELETE WHERE NOT lasting, stored_at + INTERVAL 15 YEAR
SETTINGS {durable};

{distributed:events:position}
`,
}
