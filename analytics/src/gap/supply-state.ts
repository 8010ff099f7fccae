import { filledErrors } from './inlet-errors.ts'
import type { EdgeHours } from './inlet-hours.ts'
import type { ZoneDays } from './zone-days.ts'

/**
 * How far the supply of a period was measured: at every hour of every inlet; with hours that were filled; or so little that no gap can
 * be stated.
 */
export const SUPPLY_STATES = ['measured', 'partly', 'not_measured'] as const
export type SupplyState = (typeof SUPPLY_STATES)[number]

export interface SupplyKnowledge {
  readonly state: SupplyState
  /** m³ by which the supply may differ either way, 90 %, for the hours that were filled. */
  readonly doubt: number
}

/** A gap is stated when this part of what came in was measured, and what was filled may err by so little of the supply. */
const LEAST_HEARD = 0.5
const MOST_DOUBT = 0.1
/** A zone that passes nearly everything on is judged by this part of what passes. */
const OF_PASSED = 0.25
const NINETY = 1.645

export function supplyKnowledge(
  zone: ZoneDays,
  inlets: readonly { readonly edge: number }[],
  edges: ReadonlyMap<number, EdgeHours>,
  { fromDay, toDay }: { readonly fromDay: number; readonly toDay: number },
): SupplyKnowledge {
  const sum = (of: Float64Array) => of.subarray(fromDay, toDay).reduce((total, v) => total + v, 0)
  let variance = 0
  let isWhole = inlets.length > 0
  for (const { edge } of inlets) {
    const known = edges.get(edge)
    if (known === undefined) continue
    for (const errors of filledErrors(known, zone.supply.length, fromDay, toDay)) variance += sum(errors) ** 2
    if (known.measured.subarray(fromDay * 24, toDay * 24).includes(0)) isWhole = false
  }
  const doubt = NINETY * Math.sqrt(variance)
  const passed = sum(zone.passed)
  if (isWhole) return { state: 'measured', doubt: 0 }
  const isKnown =
    passed > 0 &&
    sum(zone.heard) >= LEAST_HEARD * passed &&
    doubt <= MOST_DOUBT * Math.max(Math.abs(sum(zone.supply)), OF_PASSED * passed)
  return { state: isKnown ? 'partly' : 'not_measured', doubt }
}
