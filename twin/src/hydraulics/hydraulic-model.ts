import { type CompressibilityLaw, compressibilityLaw } from '../gas/compressibility.ts'
import { specificGasConstant } from '../gas/density.ts'
import { type Network, pipeOf, regulatorOf } from '../network/network.ts'
import type { Friction } from '../network/network-document.ts'
import { analyseSymmetric, type SymbolicFactor } from '../sparse/symbolic-factor.ts'
import { REFERENCE_TEMPERATURE_K } from '../units/reference-state.ts'
import { type FrictionKind, type LaminarKind, turbulentFriction } from './friction.ts'

const ASSUMED_VISCOSITY_PA_S = 1.1e-5
const ASSUMED_ROUGHNESS_M = 1e-4
const STANDARD_GRAVITY = 9.81

export const PIPE_LAW = 0
export const LINK_LAW = 1
export const REGULATOR_LAW = 2
export const COMPRESSOR_LAW = 3

/** Nikuradse's factor depends on the pipe alone: it is worked out once and then taken as fixed. */
const INNER_LAW: Readonly<Record<Friction['law'], FrictionKind>> = {
  nikuradse: 'fixed',
  fixed: 'fixed',
  colebrook: 'colebrook',
  'swamee-jain': 'swamee-jain',
  hofer: 'hofer',
  // A law for water; for gas the nearest with the roughness at hand.
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
  readonly compressibility: CompressibilityLaw
  /** R_s T L/(D A²) and R_s T/A²·ζ: factors of Z λ m|m| and Z m|m|. */
  readonly lossFactor: Float64Array
  readonly minorFactor: Float64Array
  /** g (h_from − h_to)/(R_s T). */
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
  const viscosity = document.fluid.viscosity_pa_s ?? ASSUMED_VISCOSITY_PA_S
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
    outletPressure: column(),
    law: new Uint8Array(count),
  }
  const value = { lambda: 0, slope: 0 }
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
    model.lossFactor[edge] = (energy * length) / (diameter * area * area)
    model.minorFactor[edge] = (energy * minor) / (area * area)
    model.heightFactor[edge] = (gravity * ((nodes.heightM[from] ?? 0) - (nodes.heightM[to] ?? 0))) / energy
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
    model.outletPressure[edge] = regulatorOf(network, edge)?.outlet_pressure_pa ?? 0
  }
  const compressors: number[] = []
  for (let edge = edges.first.compressor; edge < count; edge++) {
    const row = document.compressors?.[edge - edges.first.compressor]
    compressors.push(edge)
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
    friction: INNER_LAW[friction.law],
    laminar: friction.laminar ?? (friction.law === 'fixed' ? 'none' : 'additive'),
    compressibility: compressibilityLaw(document.fluid.compressibility, fluidTemperature),
    regulators: downstreamFirst(network, regulators),
    compressors: Int32Array.from(compressors),
    sourceNode: Int32Array.from(document.sources, (source) => nodes.numberOf.get(source.node) ?? -1),
    sourcePressure: Float64Array.from(document.sources, (source) => source.pressure_pa),
    demand,
    symbolic: analyseSymmetric(nodes.count, edges.from, edges.to),
  }
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
