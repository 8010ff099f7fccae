import type { Report } from '../../reading/report.ts'
import type { SampleQuantity, StateAnomaly, StateSink } from '../state-sink.ts'

export const DAY = 86_400_000
export const HOUR = 3_600_000
/** A Monday, 00:00 UTC. */
export const MONDAY = Date.UTC(2026, 0, 5)

/** A meter's timed report of one register reading taken when it speaks. */
export function meterReport(device: number, at: number, m3: number, more: Partial<Report> = {}): Report {
  return {
    device,
    kind: 'meter',
    trigger: 'timed',
    deviceTime: at,
    sequence: -1,
    readings: [{ quantity: 'index_m3', at, value: m3 }],
    events: [],
    status: {},
    ...more,
  }
}

export function rtuReport(device: number, at: number, quantity: SampleQuantity, value: number): Report {
  return { ...meterReport(device, at, 0), kind: 'rtu', readings: [{ quantity, at, value }] }
}

/** A sink that remembers everything. */
export class HeardSink implements StateSink {
  readonly advances: { slot: number; from: number; to: number; volume: number; sign: number }[] = []
  readonly samples: { slot: number; quantity: SampleQuantity; at: number; value: number }[] = []
  readonly anomalies: { slot: number; kind: StateAnomaly; at: number; before: number; after: number }[] = []

  advance(slot: number, from: number, to: number, volume: number, sign: 1 | -1): void {
    this.advances.push({ slot, from, to, volume, sign })
  }
  sample(slot: number, quantity: SampleQuantity, at: number, value: number): void {
    this.samples.push({ slot, quantity, at, value })
  }
  anomaly(slot: number, kind: StateAnomaly, at: number, before: number, after: number): void {
    this.anomalies.push({ slot, kind, at, before, after })
  }

  /** Last reading up to the end minus last reading up to the begin, as the advances add up. */
  sales(from: number, to: number): number {
    return this.advances.filter((a) => from < a.to && a.to <= to).reduce((sum, a) => sum + a.sign * a.volume, 0)
  }
}
