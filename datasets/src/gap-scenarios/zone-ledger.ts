import type { TrueZoneDay } from './gap-scenario.ts'
import type { ReadingRound } from './reading-rounds.ts'
import { zoneId } from './scenario-network.ts'
import type { ZoneFlows } from './zone-flows.ts'

const HOUR_MS = 3_600_000

/** Sums of what truly happened, per zone and hour or day, m³ at the reference state. */
export class ZoneLedger {
  readonly zones: number
  readonly hours: number
  readonly #passed: Float64Array[]
  readonly #stolen: Float64Array[]
  readonly #working: Float64Array[]
  readonly #counted: Float64Array[]
  /** Per zone and day: as billed, and as it would have been billed had every scheduled reading arrived. */
  readonly #sales: Float64Array[]
  readonly #onTime: Float64Array[]

  constructor(zones: number, hours: number) {
    this.zones = zones
    this.hours = hours
    const hourly = () => Array.from({ length: zones }, () => new Float64Array(hours))
    const daily = () => Array.from({ length: zones }, () => new Float64Array(hours / 24))
    this.#passed = hourly()
    this.#stolen = hourly()
    this.#working = hourly()
    this.#counted = hourly()
    this.#sales = daily()
    this.#onTime = daily()
  }

  /** One meter's hour. */
  pass(zone: number, hour: number, passed: number, stolen: number, working: number, counted: number): void {
    add(this.#passed[zone], hour, passed)
    add(this.#stolen[zone], hour, stolen)
    add(this.#working[zone], hour, working)
    add(this.#counted[zone], hour, counted)
  }

  /** @param begin Unix ms of hour 0 @param display the register as it shows itself at a time */
  bill(
    zone: number,
    begin: number,
    register: Float64Array,
    round: ReadingRound,
    display: (at: number) => number,
  ): void {
    const days = this.hours / 24
    let arrived = Number.NaN
    let scheduled = Number.NaN
    let next = 0
    for (let day = 0; day <= days; day++) {
      const end = begin + day * 24 * HOUR_MS
      const before = { arrived, scheduled }
      for (; next < round.scheduled.length && (round.scheduled[next] as number) <= end; next++) {
        scheduled = display(round.scheduled[next] as number)
        if (round.arrived[next] === 1) arrived = scheduled
      }
      if (day === 0 || Number.isNaN(before.arrived)) continue
      add(this.#sales[zone], day - 1, arrived - before.arrived)
      add(this.#onTime[zone], day - 1, scheduled - before.scheduled)
    }
    if (register.length !== this.hours + 1) throw new RangeError('a register has one value per hour and one more')
  }

  /** What the zone's customers took in an hour. */
  taken(zone: number, hour: number): number {
    return (this.#passed[zone]?.[hour] ?? 0) + (this.#stolen[zone]?.[hour] ?? 0)
  }

  zoneDays(begin: number, leadDays: number, flows: ZoneFlows): TrueZoneDay[] {
    const days: TrueZoneDay[] = []
    for (let zone = 0; zone < this.zones; zone++) {
      for (let day = leadDays; day < this.hours / 24; day++) {
        const sum = (of: Float64Array | undefined) =>
          of?.subarray(day * 24, day * 24 + 24).reduce((s, v) => s + v, 0) ?? 0
        const working = sum(this.#working[zone])
        const counted = sum(this.#counted[zone])
        const sales = this.#sales[zone]?.[day] ?? 0
        const onTime = this.#onTime[zone]?.[day] ?? 0
        const supply = sum(flows.measured[zone])
        const shares = {
          leak: sum(flows.leak[zone]),
          theft: sum(this.#stolen[zone]),
          meter_bias: working - counted,
          temperature_pressure: sum(this.#passed[zone]) - working,
          timing: counted - onTime,
          unread: onTime - sales,
          unexplained: supply - sum(flows.entered[zone]),
        }
        const linepack = sum(flows.linepackChange[zone])
        days.push({
          zone: zoneId(zone),
          from: begin + day * 24 * HOUR_MS,
          to: begin + (day + 1) * 24 * HOUR_MS,
          supply_m3: supply,
          sales_m3: sales,
          linepack_change_m3: linepack,
          gap_m3: supply - sales - linepack,
          shares,
        })
      }
    }
    return days
  }
}

function add(to: Float64Array | undefined, at: number, value: number): void {
  if (to !== undefined) to[at] = (to[at] ?? 0) + value
}
