import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Reading, Report } from '@gastwin/twin'
import { GAP_SHARE_NAMES, type GapStatement } from '../../contract/index.ts'
import type { RecordedSuspect } from '../../ledger/gap-records.ts'
import { encodeDatagramEntry } from '../../log/datagram-entry.ts'
import { DATAGRAM_ENTRY, type EventLog, type LogEntry, PLATFORM_EVENT_ENTRY } from '../../log/event-log.ts'
import { CONTENT_FORMAT, encodeReport } from '../../protocol/index.ts'
import type { DeviceColumns } from '../writer/device-directory.ts'

export const METER = 20_260_000_000_001
export const RTU = 20_260_000_009_001
export const STRANGER = 99_999_999_999_999
/** 2026-03-01 00:00 in Shanghai. */
export const MARCH = Date.UTC(2026, 1, 28, 16)
export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

export const DEVICES: DeviceColumns = {
  numbers: Float64Array.of(METER, RTU),
  zone: Int32Array.of(0, 1),
  zones: ['东区', 'Z2'],
  assets: new Map([[RTU, 'RTU-1']]),
}

export function report(device: number, readings: readonly Reading[], rest: Partial<Report> = {}): Report {
  return {
    device,
    kind: device === RTU ? 'rtu' : 'meter',
    trigger: 'timed',
    deviceTime: readings.at(-1)?.at ?? MARCH,
    sequence: 1,
    readings,
    events: [],
    status: {},
    ...rest,
  }
}

/** A datagram entry with a report in our CBOR profile. */
export const heard = (said: Report, receivedAt = said.deviceTime + 1_000): LogEntry =>
  datagram(encodeReport(CONTENT_FORMAT.CBOR, said, NO_LOOKUP), receivedAt)

export const datagram = (payload: Uint8Array, receivedAt: number): LogEntry => ({
  kind: DATAGRAM_ENTRY,
  receivedAt,
  body: encodeDatagramEntry({
    contentFormat: CONTENT_FORMAT.CBOR,
    resource: 'report',
    address: '127.0.0.1',
    port: 5683,
    payload,
  }),
})

export const platformEvent = (event: object, receivedAt = MARCH): LogEntry => ({
  kind: PLATFORM_EVENT_ENTRY,
  receivedAt,
  body: new TextEncoder().encode(JSON.stringify(event)),
})

const NO_LOOKUP = { keyOf: () => undefined, statusProfileOf: () => 'standard' as const }

/** A statement of a day whose shares are all different. */
export function gapStatement(zone: string, from: number, revision: number): GapStatement {
  const shares = (factor: number) =>
    Object.fromEntries(
      GAP_SHARE_NAMES.map((share, i) => [share, { p05: factor * i, p50: factor * (i + 0.5), p95: factor * (i + 2) }]),
    ) as NonNullable<GapStatement['shares_m3']>
  return {
    ...{ zone, from, to: from + DAY, supply_m3: 1000, sales_m3: 900, linepack_change_m3: 10, own_use_m3: 0 },
    ...{
      supply_state: 'partly',
      supply_doubt_m3: 12,
      gap_m3: 90,
      gap_rate: 0.09,
      inlet_coverage: 0.98,
      meters: 50,
      unread_meters: 4,
    },
    known_leaks: [
      {
        ...{ id: `${zone}-1`, kind: 'leak', standing: 'not_found', from: from + 1000, until: null, probability: 0.5 },
        volume_m3: { p05: 0, p50: 4, p95: 9 },
      },
    ],
    ...{ shares_m3: shares(1), shares_yuan: shares(3.44), revision, stated_at: from + 2 * DAY },
  }
}

/** What the platform records of a suspicion. */
export const suspicion = (probability: number): { readonly device: number; readonly recorded: RecordedSuspect } => ({
  device: METER,
  recorded: {
    suspect: {
      ...{ meter: String(METER), device: String(METER), zone: 'Z2', kind: 'theft', probability, since: null },
      ...{ m3_per_day: { p05: 1, p50: 2, p95: 3 }, yuan_per_month: null, lon: null, lat: null },
      ...{ model_score: null, also: [] },
      facts: [{ code: 'drop', value: 0.5, unit: '1', at: MARCH }],
    },
    foundAt: MARCH,
  },
})

export async function temporaryDirectory(): Promise<{ path: string; remove: () => Promise<void> }> {
  const made = await fs.mkdtemp(path.join(os.tmpdir(), 'gastwin-store-'))
  return { path: made, remove: () => fs.rm(made, { recursive: true, force: true }) }
}

/** Appends in groups, as the ingest does. */
export async function appendAll(log: EventLog, entries: readonly LogEntry[]): Promise<void> {
  for (let i = 0; i < entries.length; i += 500) await log.append(entries.slice(i, i + 500))
}
