/** What can be wrong behind or in a meter. */
export const LOW_FLOW_KINDS = [
  'leak_behind_meter',
  'flow_never_stops',
  'appliance_left_on',
  'prolonged_small_flow',
  'night_flow',
  'dead_meter',
  'meter_too_large',
  'over_flow',
  'sudden_increase',
] as const
export type LowFlowKind = (typeof LOW_FLOW_KINDS)[number]

/** One thing found at a meter, with how sure it is. */
export interface LowFlowFinding {
  readonly kind: LowFlowKind
  /** Unix ms: best estimate of the begin; the end, null while it lasts. */
  readonly since: number
  readonly until: number | null
  /** Unix ms: the reading with which it could be told. */
  readonly toldAt: number
  /** m³/h, 90 % interval; null where no flow is meant. */
  readonly flowM3H: { readonly p05: number; readonly p50: number; readonly p95: number } | null
  readonly probability: number
  /** Plain English. */
  readonly explanation: string
}

/** Flow in the words of an explanation. @param flowM3H m³/h */
export function flowText(flowM3H: number): string {
  return flowM3H < 1 ? `${Number((flowM3H * 1000).toPrecision(2))} L/h` : `${Number(flowM3H.toPrecision(3))} m³/h`
}

const NEVER_D = 30
const LEFT_ON_D = 4
const DAY = 86_400_000

/** What a constant flow that began within the record is called. @param until Unix ms; null while it lasts @param at Unix ms */
export function lastingKind(since: number, until: number | null, at: number): LowFlowKind {
  const days = (at - since) / DAY
  if (days >= NEVER_D) return 'flow_never_stops'
  return until !== null && days < LEFT_ON_D ? 'appliance_left_on' : 'leak_behind_meter'
}
