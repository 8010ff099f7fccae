import type { Consumer } from '../metering/consumer.ts'
import type { Tampering } from '../metering/tampering.ts'
import type { UnmeteredTap } from '../metering/unmetered-tap.ts'
import type { Leak } from '../physics/leak.ts'

/** Everything a scenario does to the city, known before it begins. Times are Unix ms. */
export interface ScenarioPlan {
  readonly leaks: readonly Leak[]
  readonly taps: readonly UnmeteredTap[]
  /** By row of the meter. */
  readonly tampering: ReadonlyMap<number, Tampering>
  readonly steady: ReadonlyMap<number, NonNullable<Consumer['steady']>>
  /** Businesses whose load is this factor of what their meter was chosen for. */
  readonly shrunk: ReadonlyMap<number, number>
  readonly drifts: readonly RtuDrift[]
  readonly silentCells: readonly SilentCell[]
  /** Remote valves that will not turn. */
  readonly stuck: ReadonlySet<string>
  readonly attacks: readonly Attack[]
  /** Share of meters with which an image that is not the factory's does not come up, 0…1. */
  readonly bootFailures: number
  /** When a crew opens on site what commands have closed; Infinity if never. */
  readonly crewOpensAt: number
  /** What is true, in the order of time. */
  readonly truth: readonly TruthEvent[]
}

/** Somebody speaks in a meter's name: at `from` and every so often until `until`. */
export interface Attack {
  readonly kind: 'clone' | 'replay' | 'flood'
  readonly device: number
  readonly from: number
  readonly until: number
  readonly everyMs: number
}

/** An instrument that goes wrong slowly. */
export interface RtuDrift {
  readonly rtu: string
  readonly from: number
  readonly pressurePaPerDay: number
  /** Change of the flow reading, share per day. */
  readonly flowSharePerDay: number
}

export interface SilentCell {
  readonly pci: number
  readonly from: number
  readonly until: number
}

/** One line of the truth file. */
export interface TruthEvent {
  /** Unix ms. */
  readonly at: number
  readonly event: string
  readonly asset?: string
  readonly zone?: string
  readonly lon?: number
  readonly lat?: number
  /** More about it, e.g. `area_m2`, `share`, `until`. */
  readonly [detail: string]: unknown
}

export const NOTHING: ScenarioPlan = {
  leaks: [],
  taps: [],
  tampering: new Map(),
  steady: new Map(),
  shrunk: new Map(),
  drifts: [],
  silentCells: [],
  stuck: new Set(),
  attacks: [],
  bootFailures: 0,
  crewOpensAt: Number.POSITIVE_INFINITY,
  truth: [],
}

/** Lays plans over each other; for a meter named twice the later plan holds. */
export function combine(...plans: readonly Partial<ScenarioPlan>[]): ScenarioPlan {
  const all = plans.map((p) => ({ ...NOTHING, ...p }))
  return {
    leaks: all.flatMap((p) => p.leaks),
    taps: all.flatMap((p) => p.taps),
    tampering: new Map(all.flatMap((p) => [...p.tampering])),
    steady: new Map(all.flatMap((p) => [...p.steady])),
    shrunk: new Map(all.flatMap((p) => [...p.shrunk])),
    drifts: all.flatMap((p) => p.drifts),
    silentCells: all.flatMap((p) => p.silentCells),
    stuck: new Set(all.flatMap((p) => [...p.stuck])),
    attacks: all.flatMap((p) => p.attacks),
    bootFailures: Math.max(...all.map((p) => p.bootFailures)),
    crewOpensAt: Math.min(...all.map((p) => p.crewOpensAt)),
    truth: all.flatMap((p) => p.truth).sort((a, b) => a.at - b.at),
  }
}
