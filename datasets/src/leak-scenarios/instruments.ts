import type { Network } from '@gastwin/twin'
import { SeededRandom } from '../seeded-random.ts'
import type { SnapWeather } from './district-demand.ts'
import { DAY_MS, STEP_MS } from './scenario-plan.ts'
import { type Customer, SPAN_PA } from './street-district.ts'
import { ArrivalOrder, type TelemetryRow } from './telemetry-rows.ts'

export interface SensorFault {
  readonly kind: 'stuck' | 'rtu_drift'
  readonly asset: string
  readonly from: number
  readonly to: number
  readonly totalPa: number
}

/** What really happened in every step: [step · things + thing]. */
export interface DistrictHistory {
  readonly from: number
  readonly steps: number
  /** Pa absolute, by RTU with a pressure. */
  readonly pressure: Float64Array
  /** m³/s at the reference state, by RTU with a flow, positive from → to. */
  readonly flow: Float64Array
  /** m³/s, [customer · steps + step]. */
  readonly use: Float32Array
}

/** Measures a history as instruments of the field would: noise, offsets, faults, gaps, late and bundled deliveries. */
export function measureDistrict(
  seed: number,
  network: Network,
  customers: readonly Customer[],
  history: DistrictHistory,
  faults: readonly SensorFault[],
  weather: SnapWeather,
): TelemetryRow[] {
  const order = new ArrivalOrder()
  const pressures = network.document.rtus.filter((rtu) => rtu.channels.includes('pressure'))
  const flows = network.document.rtus.filter((rtu) => rtu.channels.includes('flow'))
  pressures.forEach((rtu, k) => {
    const random = new SeededRandom(seed, 81, k)
    const offset = random.between(-1e-3, 1e-3) * SPAN_PA
    const own = faults.filter((fault) => fault.asset === rtu.id)
    let held = Number.NaN
    eachSample(random, history, (step, at, arrives) => {
      let value =
        (history.pressure[step * pressures.length + k] as number) + offset + random.normal(0, 1.5e-4 * SPAN_PA)
      let stuck = false
      for (const fault of own) {
        if (at < fault.from) continue
        if (fault.kind === 'rtu_drift')
          value += fault.totalPa * Math.min(1, (at - fault.from) / (fault.to - fault.from)) * (at < fault.to ? 1 : 0)
        else if (at < fault.to) stuck = true
      }
      const shown = stuck && !Number.isNaN(held) ? held : Math.round(value / 5) * 5
      held = shown
      order.add(arrives, at, rtu.id, 'pressure_pa', shown)
    })
    if (rtu.channels.includes('temperature')) temperature(order, random, history, rtu.id, (at) => weather.ground(at))
  })
  flows.forEach((rtu, k) => {
    const random = new SeededRandom(seed, 82, k)
    const gain = 1 + random.between(-5e-3, 5e-3)
    let largest = 0
    for (let step = 0; step < history.steps; step++)
      largest = Math.max(largest, Math.abs(history.flow[step * flows.length + k] as number))
    eachSample(random, history, (step, at, arrives) => {
      const flow = history.flow[step * flows.length + k] as number
      const noise = random.normal(0, 2e-3 * Math.abs(flow) + 3e-4 * largest)
      order.add(arrives, at, rtu.id, 'standard_flow_m3_s', Number((flow * gain + noise).toPrecision(5)))
    })
  })
  temperature(order, new SeededRandom(seed, 83), history, 'rtu-air', (at) => weather.air(at))
  customers.forEach((customer, c) => {
    readRegister(order, new SeededRandom(seed, 84, c), customer, history, c, weather)
  })
  return order.rows()
}

type Sink = (step: number, at: number, arrives: number) => void

/** Steps with the gaps and delays of a radio link. */
function eachSample(random: SeededRandom, history: DistrictHistory, sink: Sink): void {
  let silentUntil = -1
  for (let step = 0; step < history.steps; step++) {
    if (random.chance(2.5e-4)) silentUntil = step + 6 + random.below(60)
    if (step < silentUntil || random.chance(0.008)) continue
    const at = history.from + step * STEP_MS
    const late = random.chance(0.01) ? random.between(300, 3600) * 1000 : random.between(0, 2) * 1000
    sink(step, at, at + late)
  }
}

function temperature(
  order: ArrivalOrder,
  random: SeededRandom,
  history: DistrictHistory,
  asset: string,
  of: (at: number) => number,
): void {
  for (let step = 0; step < history.steps; step += 6) {
    const at = history.from + step * STEP_MS
    order.add(at, at, asset, 'temperature_k', Math.round((of(at) + random.normal(0, 0.2)) * 10) / 10)
  }
}

function readRegister(
  order: ArrivalOrder,
  random: SeededRandom,
  { meter, use }: Customer,
  history: DistrictHistory,
  c: number,
  weather: SnapWeather,
): void {
  const home = use.kind === 'home'
  const gain = 1 + random.normal(home ? -0.002 : 0, home ? 8e-3 : 4e-3)
  const digit = home ? 0.1 : 0.01
  const quantity = meter.corrector === true ? 'standard_index_m3' : 'index_m3'
  const flow = history.use.subarray(c * history.steps, (c + 1) * history.steps)
  const phase = Math.floor(random.next() * 24)
  const daily = random.next() * DAY_MS
  let register = random.between(300, 4000)
  let nextDaily = history.from + daily
  for (let step = 0; step < history.steps; step++) {
    const at = history.from + step * STEP_MS
    // Gauge pressure 2.3 kPa over the air of about 55 m; gas between the ground's and the room's temperature.
    const working = meter.corrector === true ? 1 : (101_325 / 102_950) * ((weather.ground(at) + 4) / 293.15)
    const before = register
    register += (flow[step] as number) * (STEP_MS / 1000) * gain * working
    if (home) {
      while (nextDaily < at + STEP_MS) {
        const share = (nextDaily - at) / STEP_MS
        const value = before + share * (register - before)
        if (!random.chance(0.01))
          order.add(nextDaily + random.next() * 60_000, nextDaily, meter.id, quantity, floorTo(value, digit))
        nextDaily += DAY_MS
      }
    } else if (!random.chance(0.008)) {
      const deliveries = Math.ceil((step + 1 - phase) / 24) * 24 + phase
      order.add(history.from + deliveries * STEP_MS, at + STEP_MS, meter.id, quantity, floorTo(register, digit))
    }
  }
}

function floorTo(value: number, digit: number): number {
  return Number((Math.floor(value / digit) * digit).toFixed(2))
}
