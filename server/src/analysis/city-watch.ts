import {
  bestNextRtu,
  calibrate,
  FLOW_SENSOR,
  type LeakIncident,
  type LeakSettings,
  LeakWatch,
  type RtuPlace,
  type Sensors,
  SensorWatch,
  type Snapshot,
  type StateEstimate,
  StateEstimator,
  sensorsOf,
} from '@gastwin/analytics'
import { CityCalendar, compileHydraulics, lowestPressureAfter, type Network, type Report } from '@gastwin/twin'
import type { Leak, LeakEvidence } from '../contract/index.ts'
import type { LowestAfter } from './analysis-messages.ts'
import type { ClosedLeak } from './closed-leaks.ts'
import { MeasuredMinute } from './measured-minute.ts'
import { UseByNode } from './use-by-node.ts'

/** Registers of so many meters must be known before withdrawals mean anything. */
const ENOUGH_KNOWN = 0.1
const HOUR_MS = 3_600_000
/** Hours of history that friction and offsets are learned from, kept one snapshot an hour. */
const KEPT_HOURS = 7 * 24
/** So many, of different hours of the day, tell a pipe's friction from a sensor's offset. */
const LEAST_HOURS = 20
const CALIBRATE_EVERY_MS = 24 * HOUR_MS
/** Learning takes seconds on a district and many minutes on a city: a larger network is estimated with the document's friction. */
const MOST_NODES_LEARNED = 1_000
const NEXT_RTUS = 8
/** Misfits up to which an hour is learned from, before and after the first calibration. */
const FITS_BEFORE = 6
const FITS = 3

/** What the analysis thread knows of the city, from the reports of the log alone. */
export class CityWatch {
  readonly network: Network
  readonly sensors: Sensors
  estimator: StateEstimator
  readonly minute: MeasuredMinute
  readonly #leaks: LeakWatch
  readonly #use: UseByNode
  readonly #calendar: CityCalendar
  readonly #rtuOf = new Map<number, number>()
  readonly #valveOf = new Map<number, number>()
  readonly #previews: ReturnType<typeof compileHydraulics>
  #demand: Float64Array | undefined
  #sensorWatch: SensorWatch
  readonly #reasons = new Map<number, 'stuck' | 'drift' | 'spread'>()
  readonly #history: Snapshot[] = []
  #calibratedAt: number | undefined
  #spreadKnown = false

  /** @param leaks settings of the leak watch that differ from what the network's size asks for */
  constructor(network: Network, leaks: Partial<LeakSettings> = {}) {
    this.network = network
    this.sensors = sensorsOf(network)
    this.estimator = new StateEstimator(network, this.sensors)
    this.#sensorWatch = new SensorWatch(this.estimator)
    this.minute = new MeasuredMinute(network, this.sensors)
    const large = network.nodes.count > MOST_NODES_LEARNED
    this.#leaks = new LeakWatch(network, {
      ...(large ? { calibrateAfterH: Number.POSITIVE_INFINITY } : {}),
      ...leaks,
    })
    this.#use = new UseByNode(network)
    this.#calendar = new CityCalendar(network.timeZone)
    this.#previews = compileHydraulics(network)
    const { rtus, edges, document } = network
    for (let rtu = 0; rtu < rtus.count; rtu++) this.#rtuOf.set(rtus.device[rtu] ?? Number.NaN, rtu)
    document.valves.forEach((valve, i) => {
      if (valve.device_number !== undefined && valve.device_number !== null)
        this.#valveOf.set(Number(valve.device_number), edges.first.valve + i)
    })
  }

  take(report: Report): void {
    if (report.kind === 'rtu') this.#takeRtu(report)
    else if (report.kind === 'valve') this.#takeValve(report)
    else this.#takeMeter(report)
  }

  /** The state of the network at an instant; undefined while too few registers are known. */
  estimate(at: number): StateEstimate | undefined {
    if (this.#use.sum(at) < ENOUGH_KNOWN) return undefined
    const snapshot = this.minute.snapshot(at, this.#use)
    const estimate = this.estimator.estimate(snapshot, { leftOut: this.#sensorWatch.leftOut })
    for (const { sensor, kind } of this.#sensorWatch.step(estimate, snapshot)) {
      if (kind === 'stuck' || kind === 'drift') this.#reasons.set(sensor, kind)
      else if (kind === 'recovered') this.#reasons.delete(sensor)
    }
    if (estimate.status === 'estimated') {
      this.#demand = estimate.withdrawal.slice()
      this.#spreadKnown ||= estimate.spreadIsFresh
      this.#remember(snapshot, estimate)
    }
    return estimate
  }

  /** One snapshot an hour, of hours that the model explains: a burst or a closed part would be learned as friction. */
  #remember(snapshot: Snapshot, estimate: StateEstimate): void {
    const hour = Math.floor(snapshot.at / HOUR_MS)
    if (hour === Math.floor((this.#history.at(-1)?.at ?? 0) / HOUR_MS)) return
    const usual = this.#calibratedAt === undefined ? FITS_BEFORE : FITS
    if ((misfitOf(estimate) ?? Number.POSITIVE_INFINITY) > usual) return
    this.#history.push(snapshot)
    if (this.#history.length > KEPT_HOURS) this.#history.shift()
  }

  /** Sensors that are not believed, and why. */
  get leftOut(): ReadonlyMap<number, 'stuck' | 'drift' | 'spread'> {
    return this.#reasons
  }

  /** When friction and offsets were last learned, Unix ms. */
  get calibratedAt(): number | undefined {
    return this.#calibratedAt
  }

  /** Once a day: learns from the history what lasts, unless a leak is suspected, which would be learned as friction. */
  learn(now: number): boolean {
    const due =
      now - (this.#calibratedAt ?? (this.#history[0]?.at ?? now) - CALIBRATE_EVERY_MS / 2) >= CALIBRATE_EVERY_MS
    if (
      !due ||
      this.network.nodes.count > MOST_NODES_LEARNED ||
      this.#history.length < LEAST_HOURS ||
      this.#leaks.incidents().some(({ state }) => OPEN.has(state))
    )
      return false
    this.#calibratedAt = now
    const calibration = calibrate(this.network, this.sensors, this.#history)
    if (calibration.status === 'stalled') return false
    this.estimator = new StateEstimator(this.network, this.sensors, { calibration })
    this.#sensorWatch = new SensorWatch(this.estimator)
    this.#reasons.clear()
    for (const { sensor, reason } of calibration.leftOut) {
      this.#sensorWatch.leftOut[sensor] = 1
      this.#reasons.set(sensor, reason)
    }
    return true
  }

  /** Places where one more pressure transmitter would tell most. */
  nextRtus(): readonly RtuPlace[] {
    if (!this.#spreadKnown) return []
    const candidates = Int32Array.from({ length: this.network.nodes.count }, (_, node) => node)
    return bestNextRtu(this.estimator, candidates, { count: NEXT_RTUS })
  }

  /** A person has closed what was open in a zone. */
  close({ zone, kind, closed }: ClosedLeak): void {
    this.#leaks.close(zone, closed.at, closed.found !== 'repaired', kind)
  }

  leaks(): readonly Leak[] {
    return this.#leaks.incidents().map((incident) => leakView(incident, this.#calendar))
  }

  /** What remains when edges are closed besides what is closed, for the withdrawals of the last estimate. */
  lowestAfterClosing(closing: readonly number[]): LowestAfter | null {
    const close = closing.map((edge) => ({ edge }))
    const lowest = lowestPressureAfter(
      this.#previews,
      { close },
      { valveOpen: this.minute.valveOpen, ...(this.#demand === undefined ? {} : { demands: this.#demand }) },
    )
    return lowest === null ? null : { node: lowest.id, pressure: lowest.pressure, limit: lowest.limit }
  }

  #takeRtu({ device, readings }: Report): void {
    const rtu = this.#rtuOf.get(device)
    if (rtu === undefined) return
    const place = { kind: 'rtu', index: rtu } as const
    for (const { quantity, at, value } of readings) {
      if (quantity === 'pressure_pa' || quantity === 'standard_flow_m3_s' || quantity === 'temperature_k')
        this.#leaks.observe(at, place, quantity, value)
      if (quantity === 'pressure_pa' || quantity === 'standard_flow_m3_s')
        this.minute.takeReading(rtu, quantity === 'standard_flow_m3_s', at, value)
    }
  }

  #takeValve({ device, status, deviceTime }: Report): void {
    const edge = this.#valveOf.get(device)
    if (edge === undefined || (status.valve !== 'open' && status.valve !== 'closed')) return
    this.minute.takeValve(edge, status.valve === 'open')
    this.#leaks.observe(deviceTime, { kind: 'edge', index: edge }, 'valve_open', status.valve === 'open' ? 1 : 0)
  }

  #takeMeter({ device, readings }: Report): void {
    const meter = this.network.meters.meterOfDevice(device)
    if (meter < 0) return
    const place = { kind: 'meter', index: meter } as const
    for (const { quantity, at, value } of readings) {
      if (quantity !== 'index_m3' && quantity !== 'standard_index_m3') continue
      // A corrector reports both registers; the corrected one is what leaves the pipes.
      if (quantity === 'index_m3' && this.network.meters.corrector[meter] === 1) continue
      this.#leaks.observe(at, place, quantity, value)
      this.#use.takeRegister(meter, at, value)
    }
  }
}

/** Root mean square of the normalised innovations; null without measurements. */
export function misfitOf({ chiSquare, measurements }: StateEstimate): number | null {
  return measurements === 0 ? null : Math.sqrt(Math.max(0, chiSquare) / measurements)
}

const OPEN: ReadonlySet<LeakIncident['state']> = new Set(['suspected', 'confirmed', 'located', 'isolated'])

function evidenceView({
  byForecast,
  byRegisters,
  balance,
  pressure,
  total,
  pressureHours,
}: LeakIncident['evidence']): LeakEvidence[] {
  const facts: readonly LeakEvidence[] = [
    { code: 'flow_by_forecast', value: byForecast, unit: 'm3/s' },
    { code: 'flow_by_registers', value: byRegisters, unit: 'm3/s' },
    { code: 'odds_by_balance', value: balance, unit: '1' },
    ...(pressureHours > 0
      ? ([
          { code: 'odds_by_pressures', value: pressure, unit: '1' },
          { code: 'pressure_hours', value: pressureHours, unit: 'h' },
        ] as const)
      : []),
    { code: 'odds', value: total, unit: '1' },
  ]
  return facts.filter(({ value }) => Number.isFinite(value))
}

/** Zone and local time of the first suspicion: it means the same after a start, which counts incidents anew. */
function leakName({ zone, kind, suspectedAt }: LeakIncident, calendar: CityCalendar): string {
  const local = new Date(suspectedAt + calendar.offset(suspectedAt)).toISOString()
  const [, month, day, hour, minute] = /-(..)-(..)T(..):(..)/.exec(local) ?? []
  return `${zone}-${month}${day}-${hour}${minute}${kind === 'rupture' ? 'R' : ''}`
}

const leakView = (incident: LeakIncident, calendar: CityCalendar): Leak => ({
  id: leakName(incident, calendar),
  kind: incident.kind,
  state: incident.state,
  zone: incident.zone,
  suspected_at: incident.suspectedAt,
  detected_at: incident.detectedAt ?? null,
  started_at: incident.startedAt,
  candidates: incident.candidates.map(({ pipe, probability, position }) => ({ pipe, probability, position })),
  standard_flow_m3_s: { ...incident.standardFlow },
  evidence: evidenceView(incident.evidence),
  closed: null,
})

export const isFlow = (sensors: Sensors, sensor: number): boolean => sensors.kind[sensor] === FLOW_SENSOR
