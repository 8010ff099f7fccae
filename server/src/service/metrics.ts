import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { IngestSnapshot } from '../ingest/ingest-counters.ts'

/** What is measured elsewhere and read when Prometheus asks. */
export interface MetricSources {
  readonly ingest: () => IngestSnapshot
  readonly dtls: () => Readonly<Record<string, number>>
  /** Orders said to ports at which concentrators listen, by what became of them. */
  readonly toldAtPorts: () => Readonly<Record<string, number>>
  readonly logEnd: () => number
  readonly logPending: () => number
  readonly logFull: () => boolean
  readonly storeLag: () => number
  readonly storeUp: () => boolean
  readonly devices: () => number
  readonly consoles: () => number
  readonly alarms: () => readonly number[]
  readonly quarantined: () => number
}

/** The service's metrics; names and units follow the conventions of Prometheus. */
export class Metrics {
  readonly #registry = new Registry()
  readonly outcomes: Counter<'outcome'>
  readonly malformed: Counter<'reason'>
  readonly shutoffs: Counter<'state'>
  readonly turnSeconds: Histogram

  constructor(sources: MetricSources) {
    const registers = [this.#registry]
    collectDefaultMetrics({ register: this.#registry, prefix: 'gastwin_' })
    this.outcomes = new Counter({
      name: 'gastwin_reports_total',
      help: 'reports by what became of them',
      labelNames: ['outcome'],
      registers,
    })
    this.malformed = new Counter({
      name: 'gastwin_malformed_total',
      help: 'unreadable frames by reason',
      labelNames: ['reason'],
      registers,
    })
    this.shutoffs = new Counter({
      name: 'gastwin_shutoffs_total',
      help: 'shut-offs by state entered',
      labelNames: ['state'],
      registers,
    })
    this.turnSeconds = new Histogram({
      name: 'gastwin_turn_seconds',
      help: 'a batch from durable to decided',
      buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5],
      registers,
    })
    const gauge = (name: string, help: string, value: () => number) =>
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(value())
        },
      })
    gauge('gastwin_log_records', 'next position of the log', sources.logEnd)
    gauge('gastwin_log_pending_records', 'records waiting for the disk', sources.logPending)
    gauge('gastwin_log_full', '1 while the disk refuses writes', () => (sources.logFull() ? 1 : 0))
    gauge('gastwin_store_up', '1 while the database answers', () => (sources.storeUp() ? 1 : 0))
    gauge('gastwin_store_lag_records', 'records of the log not yet in the database', sources.storeLag)
    gauge('gastwin_devices', 'registered devices', sources.devices)
    gauge('gastwin_consoles', 'connected consoles', sources.consoles)
    gauge('gastwin_quarantined', 'frames and reports set aside since the start', sources.quarantined)
    this.#byLabel('gastwin_alarms_active', 'active alarms by priority', 'priority', () =>
      sources.alarms().map((count, i) => [String(i + 1), count]),
    )
    this.#byLabel('gastwin_ingest', 'datagrams and requests by what became of them', 'what', () =>
      Object.entries(sources.ingest()).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
    )
    this.#byLabel('gastwin_dtls', 'handshakes, associations and records of DTLS by what became of them', 'what', () =>
      Object.entries(sources.dtls()),
    )
    this.#byLabel('gastwin_orders_at_ports', 'orders said to concentrators that listen by what became', 'what', () =>
      Object.entries(sources.toldAtPorts()),
    )
  }

  text(): Promise<string> {
    return this.#registry.metrics()
  }

  #byLabel(name: string, help: string, label: string, values: () => readonly (readonly [string, number])[]): void {
    new Gauge({
      name,
      help,
      labelNames: [label],
      registers: [this.#registry],
      collect() {
        for (const [key, value] of values()) this.set({ [label]: key }, value)
      },
    })
  }
}
