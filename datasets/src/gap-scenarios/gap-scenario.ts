import type { NetworkDocument } from '@gastwin/twin'
import type { TheftKind } from './scenario-theft.ts'

/** Shares of a gap, m³ at the reference state, as DESIGN §4 defines them. */
export interface TrueShares {
  readonly leak: number
  readonly theft: number
  readonly meter_bias: number
  readonly temperature_pressure: number
  readonly timing: number
  readonly unread: number
  readonly unexplained: number
}

/** One zone and UTC day. */
export interface TrueZoneDay {
  readonly zone: string
  /** Unix ms. */
  readonly from: number
  readonly to: number
  readonly supply_m3: number
  readonly sales_m3: number
  readonly linepack_change_m3: number
  readonly gap_m3: number
  readonly shares: TrueShares
}

export interface TrueTheft {
  readonly meter: string
  readonly zone: string
  readonly kind: TheftKind
  /** Unix ms; null when it began before the data. */
  readonly from: number | null
  readonly mean_m3_per_day: number
}

/** A leak that began within the data, beside what always seeps. */
export interface TrueLeak {
  readonly zone: string
  /** Unix ms. */
  readonly from: number
  /** When it was mended; null when it goes on. */
  readonly until: number | null
  /** m³/h once it has grown. */
  readonly m3_per_hour: number
}

/** One row of telemetry, in order of arrival. */
export interface ScenarioRow {
  /** Unix ms. */
  readonly time: number
  readonly asset: string
  readonly quantity: 'index_m3' | 'standard_index_m3' | 'standard_flow_m3_s' | 'pressure_pa' | 'temperature_k'
  readonly value: number
}

/** An invented town with everything that a utility would see of it, and what truly happened. */
export interface GapScenario {
  readonly document: NetworkDocument
  readonly rows: readonly ScenarioRow[]
  readonly truth: {
    readonly zoneDays: readonly TrueZoneDay[]
    readonly thefts: readonly TrueTheft[]
    /** Those that `leaks` asked for. */
    readonly leaks: readonly TrueLeak[]
    readonly stoppedMeters: readonly { readonly meter: string; readonly from: number | null }[]
    /**
     * m³ a day that a meter without fault of its gain would have counted more, by meter: of those that stand still since they do, of
     * others over all hours. What flows too slowly for any meter of the size is no part of it.
     */
    readonly missedPerDay: ReadonlyMap<string, number>
  }
}

export interface GapScenarioOptions {
  readonly seed: number
  /** Days with truth; seven days before them are there so that every meter has an earlier reading. */
  readonly days?: number
  /** Zones; drawn when not given. */
  readonly zones?: number
  /** Homes in a zone, about; drawn when not given. */
  readonly homes?: number
  /** Share of the zones that get a leak of 1.5 … 9 % of their use, half of which are mended; none when not given. */
  readonly leaks?: number
}
