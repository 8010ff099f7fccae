import type { Solution, SteadySolver } from '@gastwin/twin'
import type { ParameterLayout } from './parameters.ts'
import { FLOW_SENSOR, type Sensors } from './sensors.ts'

/** Solves the network at given parameters; its arrays are reused. */
export class Forward {
  readonly solver: SteadySolver
  readonly #layout: ParameterLayout
  readonly #demands: Float64Array
  readonly #resistance: Float64Array
  readonly #source: Float64Array
  readonly #outlet: Float64Array

  constructor(solver: SteadySolver, layout: ParameterLayout) {
    this.solver = solver
    this.#layout = layout
    this.#demands = new Float64Array(layout.nodes)
    this.#resistance = new Float64Array(layout.edges)
    this.#source = new Float64Array(solver.model.sourceNode.length)
    this.#outlet = solver.model.outletPressure.slice()
  }

  /** Withdrawals of the last solve, kg/s. */
  get withdrawal(): Float64Array {
    return this.#demands
  }

  solve(parameters: Float64Array, commonPart: Float64Array, valveOpen: Uint8Array | undefined): Solution {
    const { nodes, edges, groupOf, commonAt, frictionAt, sourceAt, outletAt } = this.#layout
    const { regulators } = this.solver.model
    for (let i = 0; i < nodes; i++)
      this.#demands[i] =
        (parameters[i] as number) +
        (parameters[commonAt + (groupOf[i] as number)] as number) * (commonPart[i] as number)
    for (let e = 0; e < edges; e++) this.#resistance[e] = Math.exp(parameters[frictionAt + e] as number)
    for (let s = 0; s < this.#source.length; s++) this.#source[s] = parameters[sourceAt + s] as number
    for (let r = 0; r < regulators.length; r++)
      this.#outlet[regulators[r] as number] = parameters[outletAt + r] as number
    return this.solver.solve({
      demands: this.#demands,
      resistanceFactor: this.#resistance,
      sourcePressure: this.#source,
      outletPressure: this.#outlet,
      ...(valveOpen === undefined ? {} : { valveOpen }),
    })
  }
}

/** What the sensors would read: Pa or kg/s; NaN where no gas is. @param out Float64Array[sensors] */
export function expectedReadings(
  solution: { readonly pressure: Float64Array; readonly massFlow: Float64Array },
  layout: ParameterLayout,
  sensors: Sensors,
  parameters: Float64Array,
  out: Float64Array,
): void {
  for (let k = 0; k < sensors.count; k++) {
    const place = sensors.place[k] as number
    const fixed = parameters[layout.sensorAt + k] as number
    out[k] =
      sensors.kind[k] === FLOW_SENSOR
        ? (solution.massFlow[place] as number) * (1 + fixed)
        : (solution.pressure[place] as number) + fixed
  }
}

/** Variance of one reading's noise. @param value the expected reading */
export function noiseVariance(sensors: Sensors, k: number, value: number, samples: number): number {
  const noise = sensors.noise[k] as number
  const relative = (sensors.relativeNoise[k] as number) * value
  return (noise * noise + relative * relative) / samples
}
