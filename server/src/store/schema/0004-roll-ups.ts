import type { Migration } from './migration.ts'

const rollUp = (span: string) => `
CREATE TABLE IF NOT EXISTS {local:readings_${span}} {on_cluster}
(
  quantity LowCardinality(String),
  device UInt64 CODEC(Delta, ZSTD(1)),
  start DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
  zone LowCardinality(String),
  min Float64 CODEC(Gorilla, ZSTD(1)),
  max Float64 CODEC(Gorilla, ZSTD(1)),
  avg Float64 CODEC(Gorilla, ZSTD(1)),
  first Float64 CODEC(Gorilla, ZSTD(1)),
  last Float64 CODEC(Gorilla, ZSTD(1)),
  first_at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  last_at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  samples UInt32 CODEC(T64, ZSTD(1)),
  revision UInt64 CODEC(DoubleDelta, ZSTD(1))
)
ENGINE = {engine:ReplacingMergeTree(revision)}
PARTITION BY toYear(start)
ORDER BY (quantity, device, start)
SETTINGS {durable};

{distributed:readings_${span}:device}
`

/**
 * Readings per hour, day and month of the city's civil time; `last` of a day is its frozen reading (S3-06). They are computed
 * again from the readings that count, never added to: a report that comes twice cannot be in them twice.
 */
export const rollUps: Migration = {
  version: 4,
  name: 'roll-ups',
  sql: `${['hour', 'day', 'month'].map(rollUp).join('\n')}
CREATE TABLE IF NOT EXISTS {local:roll_up_marks} {on_cluster}
(
  name LowCardinality(String),
  upto UInt64,
  marked_at DateTime('UTC') DEFAULT now()
)
ENGINE = {engine:ReplacingMergeTree(upto)}
ORDER BY name
SETTINGS {durable};

{distributed:roll_up_marks:cityHash64(name)}
`,
}
