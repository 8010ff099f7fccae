import {
  FLOW_SENSOR,
  type LeakIncident,
  LeakWatch,
  type Sensors,
  type StateEstimate,
  StateEstimator,
  sensorsOf,
} from '@gastwin/analytics'
import { compileHydraulics, lowestPressureAfter, type Network, type Report } from '@gastwin/twin'
import type { Leak } from '../contract/index.ts'
import type { LowestAfter } from './analysis-messages.ts'
import { MeasuredMinute } from './measured-minute.ts'
import { UseByNode } from './use-by-node.ts'

/** Registers of so many meters must be known before withdrawals mean anything. */
const ENOUGH_KNOWN = 0.1

/** What the analysis thread knows of the city, from the reports of the log alone. */
export class CityWatch {
  readonly network: Network
  readonly sensors: Sensors
  readonly estimator: StateEstimator
  readonly minute: MeasuredMinute
  readonly #leaks: LeakWatch
  readonly #use: UseByNode
  readonly #rtuOf = new Map<number, number>()
  readonly #valveOf = new Map<number, number>()
  readonly #previews: ReturnType<typeof compileHydraulics>
  #demand: Float64Array | undefined

  constructor(network: Network) {
    this.network = network
    this.sensors = sensorsOf(network)
    this.estimator = new StateEstimator(network, this.sensors)
    this.minute = new MeasuredMinute(network, this.sensors)
    this.#leaks = new LeakWatch(network)
    this.#use = new UseByNode(network)
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
    const estimate = this.estimator.estimate(this.minute.snapshot(at, this.#use))
    if (estimate.status === 'estimated') this.#demand = estimate.withdrawal.slice()
    return estimate
  }

  leaks(): readonly Leak[] {
    return this.#leaks.incidents().map(leakView)
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

const leakView = (incident: LeakIncident): Leak => ({
  id: incident.id,
  kind: incident.kind,
  state: incident.state,
  zone: incident.zone,
  suspected_at: incident.suspectedAt,
  detected_at: incident.detectedAt ?? null,
  started_at: incident.startedAt,
  candidates: incident.candidates.map(({ pipe, probability, position }) => ({ pipe, probability, position })),
  standard_flow_m3_s: { ...incident.standardFlow },
  evidence: [...incident.evidence.words],
})

export const isFlow = (sensors: Sensors, sensor: number): boolean => sensors.kind[sensor] === FLOW_SENSOR
