import { compressibilityAt, compressibilitySlope } from '../gas/compressibility.ts'
import { frictionLoss } from './friction.ts'
import { COMPRESSOR_LAW, type HydraulicModel, PIPE_LAW } from './hydraulic-model.ts'

/** An edge carries nothing, obeys its equation, or (a regulator) carries whatever its outlet takes, or just its most. */
export const OFF = 0
export const EQUATION = 1
export const HOLDING = 2
export const LIMITED = 3

/** Loss of an edge without loss, Pa² per kg/s: 0.01 mPa per kg/s at 1 bar, which makes flows through it unique. */
const LINK_LOSS = 2
/** The same for a liquid, Pa per kg/s. */
const LIQUID_LINK_LOSS = 1e-5
/** Pressures below this are taken as this inside correction terms, Pa: iterates may pass through nonsense. */
const LOWEST_PRESSURE = 1000
/** Flow from which a cold start is linearised, m/s. */
const START_VELOCITY = 3
const LIQUID_START_VELOCITY = 0.5

/**
 * The equation of every edge at squared pressures π (Pa²; the pressures themselves, Pa, for a liquid) and mass flow m:
 * F = π₁ − π₂ + height − loss(m), with ∂F/∂π₁, −∂F/∂π₂ and the inverse of −∂F/∂m.
 * @source isothermal Darcy form with real-gas density and height, as used by STANET and pandapipes
 */
export class EdgeEquations {
  /** Pa². */
  readonly residual: Float64Array
  readonly fromSlope: Float64Array
  readonly toSlope: Float64Array
  /** kg/s per Pa². */
  readonly conductance: Float64Array
  /** Friction's share of the loss, Pa², signed like the flow: −∂F/∂(relative change of λ). */
  readonly friction: Float64Array
  /** Multiplier of λ by edge, 1 unless set. */
  readonly resistance: Float64Array
  /** Pressure of each node at the last evaluation, Pa, not below LOWEST_PRESSURE; of a gas only. */
  readonly pressure: Float64Array
  readonly #model: HydraulicModel
  readonly #value = { lambda: 0, slope: 0 }
  readonly #resolution: number

  /** @param resolution pressure that may be neglected, Pa: below it the slope of a purely quadratic loss is held */
  constructor(model: HydraulicModel, resolution: number) {
    this.#model = model
    this.#resolution = resolution
    this.residual = new Float64Array(model.edges)
    this.fromSlope = new Float64Array(model.edges)
    this.toSlope = new Float64Array(model.edges)
    this.conductance = new Float64Array(model.edges)
    this.friction = new Float64Array(model.edges)
    this.resistance = new Float64Array(model.edges).fill(1)
    this.pressure = new Float64Array(model.nodes)
  }

  /**
   * Evaluates all edges that obey their equation.
   * @param squared  Float64Array[nodes], Pa²
   * @param start    linearise around a usual velocity instead of the present flow
   */
  evaluate(squared: Float64Array, massFlow: Float64Array, mode: Uint8Array, start: boolean): void {
    const { nodes, edges, from, to, law, liquidDensity } = this.#model
    if (liquidDensity === 0)
      for (let node = 0; node < nodes; node++)
        this.pressure[node] = Math.sqrt(Math.max(squared[node] as number, LOWEST_PRESSURE * LOWEST_PRESSURE))
    for (let edge = 0; edge < edges; edge++) {
      if (mode[edge] !== EQUATION) continue
      const a = squared[from[edge] as number] as number
      const b = squared[to[edge] as number] as number
      const flow = massFlow[edge] as number
      if (law[edge] !== PIPE_LAW) this.#link(edge, a, b, flow, start)
      else if (liquidDensity > 0) this.#liquidPipe(edge, a, b, flow, start)
      else this.#pipe(edge, a, b, flow, start)
    }
  }

  #pipe(edge: number, a: number, b: number, flow: number, start: boolean): void {
    const model = this.#model
    const { compressibility, heightFactor } = model
    const physical = a > LOWEST_PRESSURE * LOWEST_PRESSURE && b > LOWEST_PRESSURE * LOWEST_PRESSURE
    const p1 = this.pressure[model.from[edge] as number] as number
    const p2 = this.pressure[model.to[edge] as number] as number
    const sum = p1 + p2
    const product = p1 * p2
    const perSum = 1 / sum
    const mean = (2 / 3) * (sum - product * perSum)
    const z = compressibilityAt(compressibility, mean)
    const zSlope = compressibilitySlope(compressibility, mean)
    const perZ = 1 / z
    const linearised = start
      ? (START_VELOCITY * (model.area[edge] as number) * mean) / (model.gasEnergy[edge] as number)
      : flow
    const lossFactor = (model.lossFactor[edge] as number) * (this.resistance[edge] as number)
    const minorFactor = model.minorFactor[edge] as number
    frictionLoss(
      model.friction,
      model.laminar,
      linearised,
      model.reynoldsPerFlow[edge] as number,
      model.relativeRoughness[edge] as number,
      model.fixedFriction[edge] as number,
      this.#value,
    )
    const size = Math.abs(linearised)
    const slope = lossFactor * this.#value.slope + 2 * minorFactor * size
    const loss = start ? slope * flow : lossFactor * this.#value.lambda + minorFactor * flow * size
    this.friction[edge] = z * lossFactor * this.#value.lambda
    const height = heightFactor[edge] as number
    const buoyancy = (2 / 3) * (sum * sum - product)
    this.residual[edge] = a - b + height * buoyancy * perZ - z * loss
    // ∂/∂p1 and ∂/∂p2 of what depends on pressure besides π₁ − π₂ itself.
    const share1 = p1 * perSum
    const share2 = p2 * perSum
    const byMean = -zSlope * (height * buoyancy * perZ * perZ + loss)
    const by1 = height * (2 / 3) * (p1 + sum) * perZ + byMean * (2 / 3) * (1 - share2 * share2)
    const by2 = height * (2 / 3) * (p2 + sum) * perZ + byMean * (2 / 3) * (1 - share1 * share1)
    this.fromSlope[edge] = physical ? withinReason(1 + by1 / (2 * p1)) : 1
    this.toSlope[edge] = physical ? withinReason(1 - by2 / (2 * p2)) : 1
    const steep = z * slope
    const flattest = 0.8 * (0.02 * lossFactor + minorFactor) * this.#resolution * mean
    this.conductance[edge] = 1 / (steep * steep >= flattest ? steep : Math.sqrt(flattest))
  }

  #liquidPipe(edge: number, a: number, b: number, flow: number, start: boolean): void {
    const model = this.#model
    const lossFactor = (model.lossFactor[edge] as number) * (this.resistance[edge] as number)
    const minorFactor = model.minorFactor[edge] as number
    const usual = LIQUID_START_VELOCITY * (model.area[edge] as number) * model.liquidDensity
    const at = start ? usual : flow
    frictionLoss(
      model.friction,
      model.laminar,
      at,
      model.reynoldsPerFlow[edge] as number,
      model.relativeRoughness[edge] as number,
      model.fixedFriction[edge] as number,
      this.#value,
    )
    const slope = lossFactor * this.#value.slope + 2 * minorFactor * Math.abs(at)
    const loss = start ? slope * flow : lossFactor * this.#value.lambda + minorFactor * flow * Math.abs(flow)
    this.friction[edge] = lossFactor * this.#value.lambda
    this.residual[edge] = a - b + (model.heightFactor[edge] as number) - loss
    this.fromSlope[edge] = 1
    this.toSlope[edge] = 1
    // Near rest the slope vanishes: it is held where the loss is a tenth of what may be neglected, as if the loss were quadratic.
    const perSquare =
      Math.abs(loss) > 0 && flow !== 0 && !start ? Math.abs(loss) / (flow * flow) : slope / Math.abs(2 * usual)
    this.conductance[edge] = 1 / Math.max(slope, 2 * Math.sqrt(perSquare * 0.1 * this.#resolution), LIQUID_LINK_LOSS)
  }

  #link(edge: number, a: number, b: number, flow: number, start: boolean): void {
    const { law, liquidDensity } = this.#model
    this.toSlope[edge] = 1
    if (liquidDensity > 0) {
      this.#liquidLink(edge, a, b, flow, start)
      return
    }
    const { ratio, lift } = this.#model
    this.conductance[edge] = 1 / LINK_LOSS
    if (law[edge] === COMPRESSOR_LAW) {
      const p1 = Math.sqrt(Math.max(a, LOWEST_PRESSURE * LOWEST_PRESSURE))
      const r = ratio[edge] as number
      const outlet = r * p1 + (lift[edge] as number)
      this.residual[edge] = outlet * outlet - b - LINK_LOSS * flow
      this.fromSlope[edge] = (outlet * r) / p1
      return
    }
    this.residual[edge] = a - b - LINK_LOSS * flow
    this.fromSlope[edge] = 1
  }

  /** A link without loss, or a pump: the lift falls with the flow. */
  #liquidLink(edge: number, a: number, b: number, flow: number, start: boolean): void {
    const { law, ratio, lift, liftLoss, liftExponent } = this.#model
    const isPump = law[edge] === COMPRESSOR_LAW
    const r = isPump ? (ratio[edge] as number) : 1
    const shutoff = isPump ? (lift[edge] as number) : 0
    const coefficient = liftLoss[edge] as number
    this.fromSlope[edge] = r
    let slope = LIQUID_LINK_LOSS
    let fallen = LIQUID_LINK_LOSS * flow
    if (coefficient > 0) {
      const n = liftExponent[edge] as number
      // A cold start takes the pump where half its lift is used up.
      const at = start ? (shutoff / (2 * coefficient)) ** (1 / n) : flow
      const size = Math.abs(at)
      const drop = coefficient * size ** n * Math.sign(at)
      slope += n * coefficient * Math.max(size, 1e-9) ** (n - 1)
      fallen += drop + (start ? (slope - LIQUID_LINK_LOSS) * (flow - at) : 0)
    }
    this.conductance[edge] = 1 / slope
    this.residual[edge] = r * a + shutoff - b - fallen
  }
}

/** Slopes are near 1 wherever pressures are physical; an iterate that is not must not turn the matrix indefinite. */
function withinReason(slope: number): number {
  return Math.min(2, Math.max(0.5, slope))
}
