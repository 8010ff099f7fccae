import type { Quantity } from '../reading/report.ts'
import { fullDay, type ReadingPlan } from './reading-plan.ts'

/** How the meters behind a concentrator are reached; `cellular` meters speak for themselves. */
export const METER_INTERFACES = ['lora', 'm_bus', 'rs_485'] as const
export type MeterInterface = (typeof METER_INTERFACES)[number]
export const UPLINKS = ['cellular', 'micro_power_radio', 'lan'] as const
export type Uplink = (typeof UPLINKS)[number]
export const METER_PROTOCOLS = ['cjt188', 'dlt645'] as const
export type MeterProtocol = (typeof METER_PROTOCOLS)[number]

/** Meters that pass on for one another. @source wireless concentrated reading scheme, §3.3.2 (S1-05) */
export const MOST_HOPS = 8

/** What the archive says of one meter behind a concentrator. */
export interface ArchivedMeter {
  /** Device number. */
  readonly number: number
  readonly protocol: MeterProtocol
  readonly interface: MeterInterface
  /** Place in the concentrator's list of collectors from 1, 0 for none. */
  readonly collector: number
  /** The register that is read. */
  readonly quantity: Quantity
  readonly plan: ReadingPlan
}

/** What the archive says of a concentrator: which meters it has to read, and how. */
export interface ConcentratorArchive {
  readonly id: string
  readonly number: number
  /** Degrees; NaN when unknown. */
  readonly lon: number
  readonly lat: number
  readonly zone: string | null
  readonly uplink: Uplink
  readonly collectors: readonly { readonly id: string; readonly interface: MeterInterface }[]
  readonly meters: readonly ArchivedMeter[]
  /** Device numbers of others that may bring values of its meters, and reach them when it does not. */
  readonly neighbours: readonly number[]
  /** Readings before this instant are not asked for, Unix ms; 0 when the meters were there all along. */
  readonly since: number
}

/** The plan of a meter that has none of its own: the register as it stands at midnight. */
export const DAILY_PLAN: ReadingPlan = { every: 'day', slots: [0] }
/** An hourly plan reads at every full hour. */
export const HOURLY_PLAN: ReadingPlan = { every: 'hour', slots: fullDay(4) }

/** Why a path to a meter cannot be: undefined when it can. @param hops meters that pass on, nearest to the concentrator first */
export function routeFault(meter: number, hops: readonly number[]): string | undefined {
  if (hops.length > MOST_HOPS) return `${hops.length} hops, ${MOST_HOPS} are the most`
  if (hops.includes(meter)) return 'the path goes through its own end'
  return new Set(hops).size < hops.length ? 'the path goes in a circle' : undefined
}
