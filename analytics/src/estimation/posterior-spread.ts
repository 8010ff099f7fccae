import type { LinearNetwork } from './linear-network.ts'
import { type ParameterLayout, type Prior, rootTimes } from './parameters.ts'

/** Places worked on together, so that their columns stay in the cache. */
const BLOCK = 512

/**
 * Standard deviations of every pressure and flow, before and after the measurements, from the linear equations.
 *
 * The covariance of the parameters is written as a sum of squares of few directions: parameters are dealt in turn, in the order in
 * which gas reaches them, into classes, each class one direction with random signs. Every variance is then met on average, and
 * exactly where parameters are no more than classes; errors come only from parameters of one class that are felt at one place.
 */
export class PosteriorSpread {
  readonly pressureSigma: Float64Array
  readonly flowSigma: Float64Array
  readonly pressurePriorSigma: Float64Array
  readonly flowPriorSigma: Float64Array
  /**
   * Float64Array[directions · stride], Pa and then kg/s: the posterior covariance of pressures at nodes and flows along edges is the
   * sum over its rows of each row times itself.
   */
  modes: Float64Array = new Float64Array(0)
  directions = 0
  /** Nodes and edges together. */
  readonly stride: number
  readonly #layout: ParameterLayout
  readonly #classes: number
  readonly #columns: readonly Int32Array[]
  readonly #squared: Float64Array
  readonly #flow: Float64Array
  readonly #scaled: Float64Array
  readonly #vector: Float64Array
  readonly #touched: Int32Array
  #carried: Float64Array = new Float64Array(0)

  constructor(
    layout: ParameterLayout,
    order: { readonly node: Int32Array; readonly edge: Int32Array },
    classes: number,
  ) {
    this.#layout = layout
    this.#classes = classes
    this.stride = layout.nodes + layout.edges
    this.pressureSigma = new Float64Array(layout.nodes)
    this.flowSigma = new Float64Array(layout.edges)
    this.pressurePriorSigma = new Float64Array(layout.nodes)
    this.flowPriorSigma = new Float64Array(layout.edges)
    this.#columns = [order.node, order.edge.map((edge) => layout.frictionAt + edge)]
    this.#squared = new Float64Array(layout.nodes)
    this.#flow = new Float64Array(layout.edges)
    this.#scaled = new Float64Array(layout.size)
    this.#vector = new Float64Array(layout.size)
    this.#touched = new Int32Array(layout.size)
  }

  /**
   * @param rows       Float64Array[m · size], derivatives of the readings that are used
   * @param covarying  Float64Array[m · size], rows times the prior covariance
   * @param inverse    Float64Array[m · m], inverse of the readings' covariance
   * @param noise      Float64Array[m], variance of each reading's noise
   */
  update(
    linear: LinearNetwork,
    prior: Prior,
    commonPart: Float64Array,
    rows: Float64Array,
    covarying: Float64Array,
    inverse: Float64Array,
    noise: Float64Array,
  ): void {
    const { size, nodes, edges } = this.#layout
    const m = noise.length
    const width = this.stride
    if (this.#carried.length < m * width) this.#carried = new Float64Array(m * width)
    for (let k = 0; k < m; k++)
      this.#carry(linear, commonPart, covarying.subarray(k * size, (k + 1) * size), this.#carried, k * width)
    for (const column of [this.pressureSigma, this.flowSigma, this.pressurePriorSigma, this.flowPriorSigma])
      column.fill(0)
    const directions = this.#deal(prior)
    const noiseClasses = Math.min(m, this.#classes)
    this.directions = directions.length + noiseClasses
    if (this.modes.length < this.directions * width) this.modes = new Float64Array(this.directions * width)
    else this.modes.fill(0)
    const weights = new Float64Array(this.directions * m)
    const felt = new Float64Array(m)
    directions.forEach((members, direction) => {
      this.#scaled.fill(0)
      for (const j of members) this.#scaled[j] = signOf(j)
      rootTimes(this.#layout, prior, this.#scaled, this.#vector)
      let touched = 0
      let moves = false
      for (let j = 0; j < size; j++) {
        if (this.#vector[j] === 0) continue
        this.#touched[touched++] = j
        if (j < this.#layout.sensorAt || j >= this.#layout.sourceAt) moves = true
      }
      // A sensor's fixed error moves no gas.
      if (moves) {
        const own = this.modes.subarray(direction * width, (direction + 1) * width)
        this.#carry(linear, commonPart, this.#vector, own, 0)
        add(own, 0, nodes, this.pressurePriorSigma)
        add(own, nodes, edges, this.flowPriorSigma)
      }
      for (let k = 0; k < m; k++) {
        let sum = 0
        const at = k * size
        for (let t = 0; t < touched; t++) {
          const j = this.#touched[t] as number
          sum += (this.#vector[j] as number) * (rows[at + j] as number)
        }
        felt[k] = sum
      }
      weigh(inverse, felt, m, weights, direction * m)
    })
    for (let first = 0; first < noiseClasses; first++) {
      felt.fill(0)
      for (let k = first; k < m; k += this.#classes) felt[k] = signOf(k) * Math.sqrt(noise[k] as number)
      weigh(inverse, felt, m, weights, (directions.length + first) * m)
    }
    this.#takeAway(weights, m)
    for (let direction = 0; direction < this.directions; direction++) {
      const own = this.modes.subarray(direction * width, (direction + 1) * width)
      add(own, 0, nodes, this.pressureSigma)
      add(own, nodes, edges, this.flowSigma)
    }
    for (const column of [this.pressureSigma, this.flowSigma, this.pressurePriorSigma, this.flowPriorSigma])
      for (let j = 0; j < column.length; j++) column[j] = Math.sqrt(column[j] as number)
  }

  /** Classes of uncertain parameters. */
  #deal(prior: Prior): number[][] {
    const { commonAt, frictionAt, sensorAt, sourceAt, size } = this.#layout
    const directions: number[][] = []
    const deal = (members: Iterable<number>): void => {
      const used = Array.from(members).filter((j) => (prior.sigma[j] as number) > 0)
      const classes = Math.min(this.#classes, used.length)
      const first = directions.length
      for (let c = 0; c < classes; c++) directions.push([])
      used.forEach((j, i) => {
        directions[first + (i % classes)]?.push(j)
      })
    }
    for (const column of this.#columns) deal(column)
    deal(range(commonAt, frictionAt))
    deal(range(sensorAt, sourceAt))
    deal(range(sourceAt, size))
    return directions
  }

  /** Pressures and flows that follow a change of parameters, written at `at`. */
  #carry(linear: LinearNetwork, commonPart: Float64Array, change: Float64Array, out: Float64Array, at: number): void {
    const { nodes, edges, commonAt, frictionAt, sourceAt, outletAt, groupOf } = this.#layout
    const withdrawal = new Float64Array(nodes)
    for (let i = 0; i < nodes; i++)
      withdrawal[i] =
        (change[i] as number) + (change[commonAt + (groupOf[i] as number)] as number) * (commonPart[i] as number)
    const squared = this.#squared
    squared.fill(0)
    const { sourceNode } = linear.model
    for (let s = 0; s < sourceNode.length; s++) {
      const node = sourceNode[s] as number
      squared[node] = (linear.slope[node] as number) * (change[sourceAt + s] as number)
    }
    for (const { order, outlet, share } of linear.holding)
      squared[outlet] =
        (squared[outlet] as number) + (linear.slope[outlet] as number) * share * (change[outletAt + order] as number)
    linear.tangent(withdrawal, change.subarray(frictionAt, frictionAt + edges), squared, this.#flow)
    for (let i = 0; i < nodes; i++) {
      const pressure = linear.pressure[i] as number
      out[at + i] = pressure > 0 ? (squared[i] as number) / (linear.slope[i] as number) : 0
    }
    out.set(this.#flow, at + nodes)
  }

  /** Subtracts from every direction what the readings give away of it; by blocks of places that stay at hand. */
  #takeAway(weights: Float64Array, m: number): void {
    const width = this.stride
    const carried = this.#carried
    const modes = this.modes
    for (let begin = 0; begin < width; begin += BLOCK) {
      const end = Math.min(width, begin + BLOCK)
      for (let direction = 0; direction < this.directions; direction++) {
        const own = modes.subarray(direction * width + begin, direction * width + end)
        const at = direction * m
        let k = 0
        for (; k + 3 < m; k += 4) {
          const w0 = weights[at + k] as number
          const w1 = weights[at + k + 1] as number
          const w2 = weights[at + k + 2] as number
          const w3 = weights[at + k + 3] as number
          const c0 = carried.subarray(k * width + begin, k * width + end)
          const c1 = carried.subarray((k + 1) * width + begin, (k + 1) * width + end)
          const c2 = carried.subarray((k + 2) * width + begin, (k + 2) * width + end)
          const c3 = carried.subarray((k + 3) * width + begin, (k + 3) * width + end)
          for (let j = 0; j < own.length; j++)
            own[j] =
              (own[j] as number) -
              w0 * (c0[j] as number) -
              w1 * (c1[j] as number) -
              w2 * (c2[j] as number) -
              w3 * (c3[j] as number)
        }
        for (; k < m; k++) {
          const w = weights[at + k] as number
          const base = k * width + begin
          for (let j = 0; j < own.length; j++) own[j] = (own[j] as number) - w * (carried[base + j] as number)
        }
      }
    }
  }
}

function weigh(inverse: Float64Array, felt: Float64Array, m: number, out: Float64Array, at: number): void {
  for (let k = 0; k < m; k++) {
    let sum = 0
    for (let l = 0; l < m; l++) sum += (inverse[k * m + l] as number) * (felt[l] as number)
    out[at + k] = sum
  }
}

function add(own: Float64Array, from: number, count: number, squares: Float64Array): void {
  for (let j = 0; j < count; j++) {
    const x = own[from + j] as number
    squares[j] = (squares[j] as number) + x * x
  }
}

function* range(from: number, to: number): Generator<number> {
  for (let j = from; j < to; j++) yield j
}

/** A sign that depends on the number alone and follows no pattern. */
function signOf(j: number): number {
  let x = Math.imul(j + 1, 0x9e3779b1)
  x = Math.imul(x ^ (x >>> 15), 0x85ebca77)
  return ((x ^ (x >>> 13)) & 1) === 0 ? 1 : -1
}
