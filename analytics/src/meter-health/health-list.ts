import type { BatteryView } from './battery-book.ts'
import {
  BATTERY_ASSUMPTIONS,
  type BatteryAssumptions,
  type BatteryLife,
  batteryLife,
  fleetDecline,
  type VoltDecline,
} from './battery-life.ts'

/** What is known of one meter. */
export interface MeterState {
  /** 0 when unknown. */
  readonly installedYear: number
  /** Largest flow of its size, m³/h; undefined when not known. */
  readonly maxFlowM3H: number | undefined
  readonly battery: BatteryView | undefined
}

export type HealthReason = 'battery_low' | 'battery' | 'over_age'

/** A meter that has to be replaced or get a battery, and until when. */
export interface MeterDue {
  /** Place among the meters that were given. */
  readonly row: number
  /** The most urgent first. */
  readonly reasons: readonly { readonly reason: HealthReason; readonly dueAt: number }[]
  readonly life: BatteryLife | undefined
  /** Years; undefined when not known. */
  readonly age: number | undefined
}

export interface FleetHealth {
  /** Due within the horizon, the most urgent first. */
  readonly due: readonly MeterDue[]
  readonly decline: VoltDecline | undefined
  /** Meters that told a voltage; that call their battery low; that are past their years. */
  readonly withBattery: number
  readonly low: number
  readonly overAge: number
}

/**
 * Diaphragm meters on natural gas up to this flow are scrapped after so many years.
 * @source JJG 577-2012 as cited in the NB-IoT meter white paper 2018 §1.2.3
 */
const MOST_YEARS = 10
const SMALL_M3H = 10
const YEAR_MS = 365.25 * 86_400_000

/**
 * Which meters are due, why and when: batteries by their forecast (the early end of it, so that the visit comes before the end), small
 * meters by the years they may serve. Only the calendar year of installation is known: age counts from its middle, the limit to its end.
 * @param now Unix ms @param horizonMs how far ahead
 */
export function fleetHealth(
  meters: readonly MeterState[],
  now: number,
  horizonMs: number,
  assumptions: BatteryAssumptions = BATTERY_ASSUMPTIONS,
): FleetHealth {
  const ageOf = ({ installedYear }: MeterState) =>
    installedYear === 0 ? undefined : Math.max(0, (now - Date.UTC(installedYear, 6, 1)) / YEAR_MS)
  const decline = fleetDecline(
    meters.flatMap((meter) => {
      const age = ageOf(meter)
      return age === undefined || meter.battery === undefined ? [] : [{ age, volt: meter.battery.volt }]
    }),
  )
  const due: MeterDue[] = []
  let [withBattery, low, overAge] = [0, 0, 0]
  meters.forEach((meter, row) => {
    const age = ageOf(meter)
    const { battery } = meter
    const life = battery === undefined ? undefined : batteryLife(battery, age, decline, assumptions)
    if (battery !== undefined) withBattery += 1
    const reasons: { reason: HealthReason; dueAt: number }[] = []
    if (battery !== undefined && life !== undefined) {
      const isLow = battery.low || battery.volt <= assumptions.emptyV
      if (isLow) low += 1
      const dueAt = isLow ? now : now + life.p05 * YEAR_MS
      if (dueAt <= now + horizonMs) reasons.push({ reason: isLow ? 'battery_low' : 'battery', dueAt })
    }
    const end = yearsEnd(meter)
    if (end !== undefined && end <= now + horizonMs) {
      if (end <= now) overAge += 1
      reasons.push({ reason: 'over_age', dueAt: end })
    }
    if (reasons.length === 0) return
    due.push({ row, reasons: reasons.sort((a, b) => a.dueAt - b.dueAt), life, age })
  })
  // Of two that are due now the one that says so itself comes first.
  const said = ({ reasons }: MeterDue) => (reasons[0]?.reason === 'battery_low' ? 0 : 1)
  due.sort((a, b) => (a.reasons[0]?.dueAt ?? 0) - (b.reasons[0]?.dueAt ?? 0) || said(a) - said(b) || a.row - b.row)
  return { due, decline, withBattery, low, overAge }
}

/** When a small meter has served its years, Unix ms. */
function yearsEnd({ installedYear, maxFlowM3H }: MeterState): number | undefined {
  if (installedYear === 0 || maxFlowM3H === undefined || maxFlowM3H > SMALL_M3H) return undefined
  return Date.UTC(installedYear + MOST_YEARS + 1, 0, 1)
}
