import type { MeterInterface, MeterProtocol, Uplink } from '../concentrator/concentrator.ts'
import type { ReadingPlan } from '../concentrator/reading-plan.ts'

/** `gastwin-network/1`: what the utility believes about its network. SI units, pressures absolute; unknown fields are kept. */

export type LonLat = readonly [lon: number, lat: number]

export type NodeKind = 'junction' | 'gate_station' | 'regulator_station' | 'delivery' | (string & {})

export interface NetworkNode {
  readonly id: string
  readonly kind: NodeKind
  readonly lon?: number | null
  readonly lat?: number | null
  readonly x_m?: number | null
  readonly y_m?: number | null
  readonly height_m?: number | null
  readonly zone?: string | null
  readonly min_pressure_pa?: number | null
  readonly max_pressure_pa?: number | null
  readonly temperature_k?: number | null
}

interface Edge {
  readonly id: string
  readonly from: string
  readonly to: string
}

export interface Pipe extends Edge {
  /** 0 for a joint without loss. */
  readonly length_m: number
  readonly diameter_m: number
  readonly roughness_m?: number | null
  readonly loss_coefficient?: number | null
  readonly friction_factor?: number | null
  /** Extension: Hazen–Williams coefficient C, with that law. */
  readonly hazen_williams_c?: number | null
  /** Extension: a check valve lets nothing flow from `to` to `from`. */
  readonly one_way?: boolean | null
  readonly material?: string | null
  readonly installed_year?: number | null
  readonly pressure_tier?: string | null
  readonly zone?: string | null
  readonly geometry?: readonly LonLat[] | null
}

export interface Valve extends Edge {
  readonly open: boolean
  readonly actuator?: 'remote' | 'manual' | null
  readonly operable?: boolean | null
  readonly travel_minutes?: number | null
  readonly length_m?: number | null
  readonly diameter_m?: number | null
  readonly roughness_m?: number | null
  /** Extension: 14-digit device number of the actuator (remote valves). */
  readonly device_number?: string | null
  readonly zone?: string | null
}

export interface Regulator extends Edge {
  readonly outlet_pressure_pa: number
  readonly max_mass_flow_kg_s?: number | null
}

export interface Compressor extends Edge {
  readonly ratio?: number | null
  readonly pressure_lift_pa?: number | null
  /** Extension: a pump's lift falls with its flow by coefficient · flow^exponent, Pa and kg/s; it passes nothing backwards. */
  readonly lift_loss?: { readonly coefficient: number; readonly exponent: number } | null
}

export interface Source {
  readonly node: string
  readonly pressure_pa: number
  readonly temperature_k?: number | null
}

export interface Demand {
  readonly node: string
  readonly mass_flow_kg_s: number
}

export interface Zone {
  readonly id: string
  readonly name: string
  readonly inlets: readonly { readonly edge: string; readonly sign: 1 | -1 }[]
  /** Extension: outline for the map. */
  readonly outline?: readonly LonLat[] | null
  /** Extension: nominal working pressure of the zone's pipes, Pa absolute. */
  readonly nominal_pressure_pa?: number | null
}

export type MeterClass = 'residential' | 'commercial' | 'industrial'

export interface Meter {
  /** The 14-digit device number is the id of a meter (decimal string without leading zeros). */
  readonly id: string
  readonly node: string
  /** That of its node when not said. */
  readonly zone?: string | null
  readonly kind: 'gas' | 'water' | 'heat' | 'electricity'
  readonly size?: string | null
  readonly class?: MeterClass | null
  readonly installed_year?: number | null
  readonly corrector?: boolean | null
  readonly placement?: 'indoor' | 'outdoor' | 'stairwell' | null
  readonly read_schedule?: string | null
  readonly protected?: string | null
  /** Extension: name of the vendor profile by which its frames are read. */
  readonly profile?: string | null
  readonly lon?: number | null
  readonly lat?: number | null
}

/** Extension: meters kept beside the document, because millions do not fit into one JSON text. */
export interface MetersFile {
  readonly format: 'gastwin-meter-columns/1'
  /** Folder beside the document that holds `<column>.bin`. */
  readonly folder: string
  readonly count: number
  /** Type of each column, as in METER_COLUMN_TYPES. */
  readonly columns: Readonly<Record<string, string>>
  /** Words behind the numbers of `class`, `size`, `protected`. */
  readonly words: Readonly<Record<string, readonly (string | null)[]>>
}

export interface Rtu {
  readonly id: string
  /** Node or edge id. */
  readonly at: string
  readonly channels: readonly ('pressure' | 'flow' | 'temperature' | 'gas')[]
  readonly span_pa?: number | null
  /** What a value means, in words that begin with the kind: `instant`, `mean`, `mean of the hour that ends at the time`. */
  readonly sample?: string | null
  /** Extension: what it measures; `air` is a weather station, gas when not said. */
  readonly medium?: 'gas' | 'air' | null
  /** Extension: 14-digit device number. */
  readonly device_number?: string | null
  readonly zone?: string | null
}

/** Extension: a concentrator that reads meters for the platform. Intervals of its plans are the meter's own `plan`, or daily. */
export interface ConcentratorRow {
  readonly id: string
  readonly device_number: string
  readonly zone?: string | null
  readonly lon?: number | null
  readonly lat?: number | null
  readonly uplink?: Uplink | null
  readonly collectors?: readonly { readonly id: string; readonly interface: MeterInterface }[] | null
  readonly meters: readonly ConcentratorMeterRow[]
  /** Ids of others that may bring values of its meters, and reach them when it does not. */
  readonly neighbours?: readonly string[] | null
  /** ISO 8601: readings before are not asked for. */
  readonly since?: string | null
}

/** A meter behind a concentrator. */
export interface ConcentratorMeterRow {
  /** Id of the meter. */
  readonly meter: string
  readonly protocol?: MeterProtocol | null
  readonly interface?: MeterInterface | null
  /** Id of its collector. */
  readonly collector?: string | null
  readonly plan?: ReadingPlan | null
}

export type Compressibility =
  | { readonly law: 'constant'; readonly z: number }
  | { readonly law: 'linear'; readonly offset: number; readonly slope_per_bar: number }
  | { readonly law: 'inverse_linear'; readonly b1: number; readonly b2_per_pa: number }
  | { readonly law: 'papay'; readonly critical_pressure_pa: number; readonly critical_temperature_k: number }

export interface Fluid {
  readonly kind: 'gas' | 'water'
  readonly density_kg_m3?: number | null
  readonly density_state?: { readonly pressure_pa: number; readonly temperature_k: number } | null
  readonly molar_mass_kg_mol?: number | null
  readonly gas_constant_j_mol_k?: number | null
  readonly viscosity_pa_s?: number | null
  readonly temperature_k?: number | null
  readonly compressibility?: Compressibility | null
}

export interface Friction {
  readonly law: 'nikuradse' | 'colebrook' | 'swamee-jain' | 'hofer' | 'hazen-williams' | 'fixed'
  readonly laminar?: 'none' | 'additive' | 'switch' | null
}

export type Ambient =
  | { readonly law: 'barometric' }
  | { readonly law: 'linear'; readonly at_zero_pa: number; readonly slope_pa_per_m: number }
  | { readonly law: 'constant'; readonly pressure_pa: number }

/** Extension: what the map draws beneath the network. */
export interface Basemap {
  readonly streets: readonly { readonly class: 'arterial' | 'collector' | 'local'; readonly line: readonly LonLat[] }[]
  readonly water: readonly { readonly polygon: readonly LonLat[] }[]
  readonly parks?: readonly { readonly polygon: readonly LonLat[] }[]
  readonly places: readonly {
    readonly name: string
    readonly name_en: string
    readonly lon: number
    readonly lat: number
  }[]
}

export interface NetworkDocument {
  readonly format: 'gastwin-network/1'
  readonly name: string
  readonly time_zone: string
  readonly fluid: Fluid
  readonly friction?: Friction | null
  readonly gravity_m_s2?: number | null
  readonly ambient?: Ambient | null
  readonly nodes: readonly NetworkNode[]
  readonly pipes: readonly Pipe[]
  readonly valves: readonly Valve[]
  readonly regulators: readonly Regulator[]
  readonly compressors?: readonly Compressor[]
  readonly sources: readonly Source[]
  readonly demands?: readonly Demand[]
  readonly zones: readonly Zone[]
  readonly meters: readonly Meter[]
  /** Extension: more meters in files beside the document. */
  readonly meters_file?: MetersFile | null
  readonly rtus: readonly Rtu[]
  readonly concentrators?: readonly ConcentratorRow[] | null
  readonly basemap?: Basemap | null
}
