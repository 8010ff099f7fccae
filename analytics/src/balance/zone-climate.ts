import { type Ambient, ambientPressure, members, type Network, RTU_CHANNELS } from '@gastwin/twin'
import type { BalanceConfig } from './balance-config.ts'
import type { Memory } from './memory.ts'
import { HOUR_MS, HourTable, type TimeAxis } from './time-axis.ts'

/** Hours that a mean is carried on when nothing is heard. */
const CARRIED_HOURS = 48

/**
 * Pressure and temperature of the zones' gas: hourly means of their RTUs, and the pressure of each RTU at each full hour, which is
 * what linepack is made of.
 */
export class ZoneClimate {
  readonly #axis: TimeAxis
  readonly #config: BalanceConfig
  readonly #network: Network
  readonly #pressureSum: HourTable
  readonly #pressureCount: HourTable
  readonly #temperatureSum: HourTable
  readonly #temperatureCount: HourTable
  /** Rows are RTUs: the sample nearest to the full hour, Pa, and how far it lies from it, ms. */
  readonly #atHour: HourTable
  readonly #distance: HourTable
  readonly #pressureRtus: readonly (readonly number[])[]
  readonly #ambient: Float64Array

  constructor(axis: TimeAxis, memory: Memory, network: Network, config: BalanceConfig) {
    const zones = network.zones.count
    const names = network.zones.ids.join(' ')
    const rtus = network.rtus.ids.join(' ')
    this.#axis = axis
    this.#config = config
    this.#network = network
    this.#pressureSum = new HourTable(axis, memory, `pressure sum of ${names}`, zones)
    this.#pressureCount = new HourTable(axis, memory, `pressure count of ${names}`, zones)
    this.#temperatureSum = new HourTable(axis, memory, `temperature sum of ${names}`, zones)
    this.#temperatureCount = new HourTable(axis, memory, `temperature count of ${names}`, zones)
    this.#atHour = new HourTable(axis, memory, `pressure of ${rtus}`, network.rtus.count, Number.NaN)
    this.#distance = new HourTable(axis, memory, `distance of ${rtus}`, network.rtus.count, Number.NaN)
    const bit = 1 << RTU_CHANNELS.indexOf('pressure')
    this.#pressureRtus = network.zones.ids.map((_, zone) =>
      [...members(network.zones.rtus, zone)].filter((rtu) => ((network.rtus.channels[rtu] ?? 0) & bit) !== 0),
    )
    this.#ambient = Float64Array.from(network.zones.ids, (_, zone) => zoneAmbient(network, zone))
  }

  /** @param rtu row of the RTU. @returns whether the sample was taken */
  takePressure(rtu: number, zone: number, at: number, pressure: number): boolean {
    const hour = this.#axis.hourOf(at)
    if (!this.#axis.touch(hour)) return false
    if (zone >= 0) {
      this.#pressureSum.add(zone, hour, pressure)
      this.#pressureCount.add(zone, hour, 1)
    }
    const full = Math.round((at - this.#axis.phase) / HOUR_MS)
    if (!this.#axis.touch(full)) return true
    const distance = at - this.#axis.startOf(full)
    const known = this.#distance.get(rtu, full)
    const nearer = Math.abs(distance) < Math.abs(known) || (distance === -Math.abs(known) && distance < known)
    if (Number.isNaN(known) || nearer) {
      this.#distance.set(rtu, full, distance)
      this.#atHour.set(rtu, full, pressure)
    }
    return true
  }

  takeTemperature(zone: number, at: number, temperature: number): boolean {
    const hour = this.#axis.hourOf(at)
    if (zone < 0 || !this.#axis.touch(hour)) return false
    this.#temperatureSum.add(zone, hour, temperature)
    this.#temperatureCount.add(zone, hour, 1)
    return true
  }

  /** Pa absolute in the zone's pipes; the nominal pressure where nothing was heard. */
  pressure(zone: number, hour: number): number {
    const mean = this.#carried(this.#pressureSum, this.#pressureCount, zone, hour)
    const nominal = this.#network.zones.nominalPressure[zone] ?? Number.NaN
    return mean ?? (Number.isNaN(nominal) ? (this.#ambient[zone] ?? 0) + this.#config.servicePressureGauge : nominal)
  }

  /** K of the gas in the zone's pipes. */
  temperature(zone: number, hour: number): number {
    return this.#carried(this.#temperatureSum, this.#temperatureCount, zone, hour) ?? this.#config.groundTemperature
  }

  /** Pa absolute at the zone's meters: the zone's own when it is a low-pressure one, else that behind service regulators. */
  meterPressure(zone: number, hour: number): number {
    const pressure = this.pressure(zone, hour)
    const ambient = this.#ambient[zone] ?? 0
    return pressure - ambient <= this.#config.lowPressureLimitGauge
      ? pressure
      : ambient + this.#config.servicePressureGauge
  }

  /**
   * Mean pressure over the zone's RTUs at the begin of an hour, Pa absolute. An RTU that was silent then stands with what it said
   * before, or else first after, so that RTUs of different level coming and going do not look like gas coming and going.
   */
  boundaryPressure(zone: number, hour: number): number {
    let sum = 0
    let count = 0
    for (const rtu of this.#pressureRtus[zone] ?? []) {
      const pressure = this.#nearestKnown(rtu, hour)
      if (pressure === undefined) continue
      sum += pressure
      count += 1
    }
    return count > 0 ? sum / count : (this.#network.zones.nominalPressure[zone] ?? Number.NaN)
  }

  #nearestKnown(rtu: number, hour: number): number | undefined {
    const { oldest, newest } = this.#axis
    for (let h = Math.min(hour, newest); h >= oldest; h--) {
      const value = this.#atHour.get(rtu, h)
      if (!Number.isNaN(value)) return value
    }
    for (let h = Math.max(hour + 1, oldest); h <= newest; h++) {
      const value = this.#atHour.get(rtu, h)
      if (!Number.isNaN(value)) return value
    }
    return undefined
  }

  #carried(sum: HourTable, count: HourTable, zone: number, hour: number): number | undefined {
    const first = Math.max(this.#axis.oldest, hour - CARRIED_HOURS)
    for (let h = Math.min(hour, this.#axis.newest); h >= first; h--) {
      const n = count.get(zone, h)
      if (n > 0) return sum.get(zone, h) / n
    }
    return undefined
  }
}

/** Pressure of the air at the mean height of a zone's nodes, Pa absolute. */
function zoneAmbient(network: Network, zone: number): number {
  const nodes = members(network.zones.nodes, zone)
  const height = nodes.reduce((sum, node) => sum + (network.nodes.heightM[node] ?? 0), 0) / Math.max(1, nodes.length)
  const law: Ambient | null | undefined = network.document.ambient
  return ambientPressure(height, law ?? { law: 'barometric' })
}
