import { type CompressibilityLaw, compressibilityLaw } from '../gas/compressibility.ts'
import { specificGasConstant } from '../gas/density.ts'
import { type Network, pipeOf, regulatorOf } from '../network/network.ts'
import type { Friction, Pipe } from '../network/network-document.ts'
import { analyseSymmetric, type SymbolicFactor } from '../sparse/symbolic-factor.ts'
import { REFERENCE_TEMPERATURE_K } from '../units/reference-state.ts'
import { type FrictionKind, type LaminarKind, turbulentFriction } from './friction.ts'

const ASSUMED_VISCOSITY_PA_S = { gas: 1.1e-5, water: 1e-3 } as const
const WATER_KG_M3 = 1000
const ASSUMED_ROUGHNESS_M = 1e-4
const STANDARD_GRAVITY = 9.81

export const PIPE_LAW = 0
export const LINK_LAW = 1
export const REGULATOR_LAW = 2
export const COMPRESSOR_LAW = 3

/** m of head = 10.667 L (m³/s)^1.852 / (C^1.852 D^4.871). @source Hazen and Williams, in SI as the US form 4.727 gives it */
const HAZEN_WILLIAMS = 4.727 * 0.3048 ** (4.871 - 3 * 1.852)
const ASSUMED_HAZEN_WILLIAMS_C = 130

/** Nikuradse's factor depends on the pipe alone: it is worked out once and then taken as fixed. */
const INNER_LAW: Readonly<Record<Friction['law'], FrictionKind>> = {
  nikuradse: 'fixed',
  fixed: 'fixed',
  colebrook: 'colebrook',
  'swamee-jain': 'swamee-jain',
  hofer: 'hofer',
  // A law for water alone; for gas the nearest with the roughness at hand.
  'hazen-williams': 'colebrook',
}

/** What a network's equations need, as numbers; everything that pressures, flows and valve positions do not change. */
export interface HydraulicModel {
  readonly network: Network
  readonly nodes: number
  readonly edges: number
  readonly from: Int32Array
  readonly to: Int32Array
  /** Which equation an edge obeys. A valve with length and diameter is a pipe, one without a link without loss. */
  readonly law: Uint8Array
  readonly friction: FrictionKind
  readonly laminar: LaminarKind
  /** Density of a liquid, kg/m³; 0 for a gas. */
  readonly liquidDensity: number
  readonly compressibility: CompressibilityLaw
  /**
   * Gas: R_s T L/(D A²) and R_s T/A²·ζ, factors of Z λ m|m| and Z m|m|, Pa². Liquid: L/(2ρ D A²) and ζ/(2ρ A²), Pa; by Hazen and
   * Williams the first is the factor of |m|^1.852.
   */
  readonly lossFactor: Float64Array
  readonly minorFactor: Float64Array
  /** Gas: g (h_from − h_to)/(R_s T). Liquid: ρ g (h_from − h_to), Pa. */
  readonly heightFactor: Float64Array
  readonly reynoldsPerFlow: Float64Array
  readonly relativeRoughness: Float64Array
  readonly fixedFriction: Float64Array
  readonly area: Float64Array
  /** R_s T of each edge, J/kg. */
  readonly gasEnergy: Float64Array
  /** Regulators in an order in which one fed directly by another comes before it. */
  readonly regulators: Int32Array
  readonly outletPressure: Float64Array
  readonly compressors: Int32Array
  readonly ratio: Float64Array
  readonly lift: Float64Array
  /** A pump's lift falls by coefficient · flow^exponent; coefficient 0 for all else. */
  readonly liftLoss: Float64Array
  readonly liftExponent: Float64Array
  /** Edges that let nothing flow backwards: compressors, pumps, pipes with a check valve. */
  readonly oneWay: Int32Array
  /** By edge, kg/s; infinite where a regulator has no limit. */
  readonly mostFlow: Float64Array
  readonly sourceNode: Int32Array
  readonly sourcePressure: Float64Array
  /** kg/s. */
  readonly demand: Float64Array
  readonly symbolic: SymbolicFactor
}

/** Compiles the gas equations of a network. */
export function buildHydraulicModel(network: Network): HydraulicModel {
  const { document, nodes, edges } = network
  const count = edges.count
  const fluidTemperature = document.fluid.temperature_k ?? REFERENCE_TEMPERATURE_K
  const gasConstant = specificGasConstant(document.fluid)
  const viscosity = document.fluid.viscosity_pa_s ?? ASSUMED_VISCOSITY_PA_S[document.fluid.kind]
  const gravity = document.gravity_m_s2 ?? STANDARD_GRAVITY
  const friction = document.friction ?? { law: 'nikuradse', laminar: 'additive' }
  const column = () => new Float64Array(count)
  const model = {
    lossFactor: column(),
    minorFactor: column(),
    heightFactor: column(),
    reynoldsPerFlow: column(),
    relativeRoughness: column(),
    fixedFriction: column(),
    area: column(),
    gasEnergy: column(),
    ratio: column().fill(1),
    lift: column(),
    liftLoss: column(),
    liftExponent: column().fill(1),
    mostFlow: column().fill(Number.POSITIVE_INFINITY),
    outletPressure: column(),
    law: new Uint8Array(count),
  }
  const value = { lambda: 0, slope: 0 }
  const liquidDensity = document.fluid.kind === 'water' ? (document.fluid.density_kg_m3 ?? WATER_KG_M3) : 0
  const byHazenWilliams = liquidDensity > 0 && friction.law === 'hazen-williams'
  const oneWay: number[] = []
  const temperatureAt = (node: number): number => {
    const own = nodes.temperature[node] ?? Number.NaN
    return Number.isNaN(own) ? fluidTemperature : own
  }
  for (let edge = 0; edge < count; edge++) {
    const from = edges.from[edge] ?? -1
    const to = edges.to[edge] ?? -1
    const energy = (gasConstant * (temperatureAt(from) + temperatureAt(to))) / 2
    const diameter = edges.diameterM[edge] ?? Number.NaN
    const length = edges.lengthM[edge] ?? Number.NaN
    const pipe = pipeOf(network, edge)
    const minor = pipe?.loss_coefficient ?? 0
    // Without length or minor loss there is no equation to solve for the flow.
    const isPipe = edge < edges.first.regulator && diameter > 0 && (length > 0 || (length === 0 && minor > 0))
    model.gasEnergy[edge] = energy
    model.law[edge] =
      edge < edges.first.regulator
        ? isPipe
          ? PIPE_LAW
          : LINK_LAW
        : edge < edges.first.compressor
          ? REGULATOR_LAW
          : COMPRESSOR_LAW
    if (!isPipe) continue
    const area = (Math.PI / 4) * diameter * diameter
    const roughness = edges.roughnessM[edge] ?? Number.NaN
    model.area[edge] = area
    if (pipe?.one_way === true) oneWay.push(edge)
    const fall = (nodes.heightM[from] ?? 0) - (nodes.heightM[to] ?? 0)
    const perFlow = liquidDensity > 0 ? 1 / (2 * liquidDensity) : energy
    model.lossFactor[edge] = byHazenWilliams
      ? hazenWilliamsFactor(length, diameter, hazenWilliamsC(pipe, roughness), liquidDensity, gravity)
      : (perFlow * length) / (diameter * area * area)
    model.minorFactor[edge] = (perFlow * minor) / (area * area)
    model.heightFactor[edge] = liquidDensity > 0 ? liquidDensity * gravity * fall : (gravity * fall) / energy
    model.reynoldsPerFlow[edge] = diameter / (viscosity * area)
    model.relativeRoughness[edge] = (roughness > 0 ? roughness : ASSUMED_ROUGHNESS_M) / diameter
    if (friction.law === 'fixed') model.fixedFriction[edge] = pipe?.friction_factor ?? 0
    else if (friction.law === 'nikuradse') {
      turbulentFriction('nikuradse', 0, model.relativeRoughness[edge] ?? 0, 0, value)
      model.fixedFriction[edge] = value.lambda
    }
  }
  const regulators: number[] = []
  for (let edge = edges.first.regulator; edge < edges.first.compressor; edge++) {
    regulators.push(edge)
    const row = regulatorOf(network, edge)
    model.outletPressure[edge] = row?.outlet_pressure_pa ?? 0
    model.mostFlow[edge] = row?.max_mass_flow_kg_s ?? Number.POSITIVE_INFINITY
  }
  const compressors: number[] = []
  for (let edge = edges.first.compressor; edge < count; edge++) {
    const row = document.compressors?.[edge - edges.first.compressor]
    compressors.push(edge)
    oneWay.push(edge)
    model.liftLoss[edge] = row?.lift_loss?.coefficient ?? 0
    model.liftExponent[edge] = row?.lift_loss?.exponent ?? 1
    model.ratio[edge] = row?.ratio ?? 1
    model.lift[edge] = row?.pressure_lift_pa ?? 0
  }
  const demand = new Float64Array(nodes.count)
  for (const row of document.demands ?? []) {
    const node = nodes.numberOf.get(row.node) ?? -1
    demand[node] = (demand[node] ?? 0) + row.mass_flow_kg_s
  }
  return {
    ...model,
    network,
    nodes: nodes.count,
    edges: count,
    from: edges.from,
    to: edges.to,
    liquidDensity,
    friction: byHazenWilliams ? 'hazen-williams' : INNER_LAW[friction.law],
    laminar: friction.laminar ?? (friction.law === 'fixed' ? 'none' : 'additive'),
    compressibility: compressibilityLaw(document.fluid.compressibility, fluidTemperature),
    regulators: downstreamFirst(network, regulators),
    compressors: Int32Array.from(compressors),
    oneWay: Int32Array.from(oneWay),
    sourceNode: Int32Array.from(document.sources, (source) => nodes.numberOf.get(source.node) ?? -1),
    sourcePressure: Float64Array.from(document.sources, (source) => source.pressure_pa),
    demand,
    symbolic: analyseSymmetric(nodes.count, edges.from, edges.to),
  }
}

/** C as given; a roughness above 1 can only be one, too. */
function hazenWilliamsC(pipe: Pipe | undefined, roughness: number): number {
  return pipe?.hazen_williams_c ?? (roughness > 1 ? roughness : ASSUMED_HAZEN_WILLIAMS_C)
}

/** Pa per (kg/s)^1.852. */
function hazenWilliamsFactor(length: number, diameter: number, c: number, density: number, gravity: number): number {
  return (density * gravity * HAZEN_WILLIAMS * length) / (c ** 1.852 * diameter ** 4.871 * density ** 1.852)
}

function downstreamFirst(network: Network, regulators: readonly number[]): Int32Array {
  const { from, to } = network.edges
  const fedFrom = new Map<number, number[]>()
  for (const edge of regulators) {
    const node = from[edge] ?? -1
    fedFrom.set(node, [...(fedFrom.get(node) ?? []), edge])
  }
  const order: number[] = []
  const visited = new Set<number>()
  const visit = (edge: number): void => {
    if (visited.has(edge)) return
    visited.add(edge)
    for (const next of fedFrom.get(to[edge] ?? -1) ?? []) visit(next)
    order.push(edge)
  }
  for (const edge of regulators) visit(edge)
  return Int32Array.from(order)
}
