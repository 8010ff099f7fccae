import { compileHydraulics, type Network, type SteadySolver } from '@gastwin/twin'
import type { LeakSettings } from './leak-settings.ts'

/** Parameters fixed errors of the model are told apart by at most; the weakest pipes and nodes are left out. */
const MOST_PIPES = 120
const MOST_NODES = 80
/** Nodes of a zone for which a large leak is solved; others follow the nearest. */
const MOST_LOOKED = 60
/** Error of friction that a calibration leaves at least. */
const CALIBRATED = 0.03

/** What is known of a stretch of time, usually an hour: means. */
export interface PatternInput {
  /** Float64Array[nodes], kg/s: withdrawals of metered business. */
  readonly metered: Float64Array
  /** Float64Array[nodes], kg/s: what homes take, as their zones' inlets say, by their share. */
  readonly homes: Float64Array
  /** Float64Array[sources], Pa absolute; and the standard deviation of each. */
  readonly sourcePressure: Float64Array
  readonly sourceSigma: Float64Array
  /** Float64Array[rows]: Pa or kg/s; NaN where nothing was measured. */
  readonly measured: Float64Array
  /** Samples behind each measured value. */
  readonly samples: Float64Array
  readonly valveOpen: Uint8Array
}

/** Residuals of a stretch of time and how they follow what may be wrong. Rows are pressures, then flows. */
export interface Picture {
  readonly rows: number
  /** Hours that it is the mean of. */
  readonly hours: number
  /** Measured minus expected; NaN where nothing was measured. */
  readonly residual: Float64Array
  /** Float64Array[rows · parameters]. */
  readonly byParameter: Float64Array
  /** Float64Array[rows · nodes], per kg/s out of the node while the zone's inlets are unchanged. */
  readonly byLeak: Float64Array
  /** Float64Array[rows · rows]: covariance of what differs from hour to hour. */
  readonly covariance: Float64Array
}

/**
 * The pressures and split of flows that a network should show, and how both would change with a leak, with an error of the map
 * or of an instrument. Homes' use is what the zone's inlets deliver beyond metered business, so a leak first appears as use of
 * all homes together and then as the difference between that and its true place.
 */
export class PatternModel {
  readonly network: Network
  readonly solver: SteadySolver
  /** RTU row of each pressure row, then of each flow row; node or edge of each. */
  readonly rtus: readonly number[]
  readonly pressureNodes: Int32Array
  readonly flowEdges: Int32Array
  readonly rows: number
  /** RTU row of the pressure at each source, −1 when it is not measured. */
  readonly sourceRtus: readonly number[]
  readonly parameters: number
  readonly priorSigma: Float64Array
  /** Index of the first parameter of shares of homes: those that drift. */
  readonly sharesAt: number
  readonly shareSigma: Float64Array
  #resistance: Float64Array | undefined
  readonly #looked = new Map<number, { readonly looked: readonly number[]; readonly nearest: Int32Array }>()
  readonly #settings: LeakSettings
  readonly #span: Float64Array
  readonly #pipes: Int32Array
  readonly #nodes: Int32Array
  readonly #homesAt: Float64Array
  readonly #sourceSpan: Float64Array

  /** @param homesAt homes at each node */
  constructor(network: Network, settings: LeakSettings, homesAt: Float64Array) {
    this.network = network
    this.#settings = settings
    this.#homesAt = homesAt
    this.solver = compileHydraulics(network, { pressureTolerance: 1e-3, flowTolerance: 1e-8 })
    const { model } = this.solver
    const { rtus, document } = network
    const pressureRtus: number[] = []
    const flowRtus: number[] = []
    const atSource = new Map<number, number>()
    document.rtus.forEach((rtu, i) => {
      const node = rtus.node[i] as number
      const edge = rtus.edge[i] as number
      if (rtu.channels.includes('pressure') && node >= 0) {
        if (model.sourceNode.includes(node)) atSource.set(node, i)
        else pressureRtus.push(i)
      }
      if (rtu.channels.includes('flow') && edge >= 0) flowRtus.push(i)
    })
    this.rtus = [...pressureRtus, ...flowRtus]
    this.pressureNodes = Int32Array.from(pressureRtus, (i) => rtus.node[i] as number)
    this.flowEdges = Int32Array.from(flowRtus, (i) => rtus.edge[i] as number)
    this.rows = this.rtus.length
    this.sourceRtus = Array.from(model.sourceNode, (node) => atSource.get(node) ?? -1)
    const spanOf = (i: number): number => document.rtus[i]?.span_pa ?? settings.assumedSpanPa
    this.#span = Float64Array.from(pressureRtus, spanOf)
    this.#sourceSpan = Float64Array.from(this.sourceRtus, (i) => (i < 0 ? settings.assumedSpanPa : spanOf(i)))
    this.#pipes = longest(network, MOST_PIPES)
    this.#nodes = heaviest(homesAt, MOST_NODES)
    const offsets = pressureRtus.length + this.sourceRtus.length
    this.sharesAt = offsets + flowRtus.length + this.#pipes.length
    this.parameters = this.sharesAt + this.#nodes.length
    this.shareSigma = Float64Array.from(
      this.#nodes,
      (node) => settings.homeLasting / Math.sqrt(Math.max(1, homesAt[node] as number)),
    )
    this.priorSigma = Float64Array.from([
      ...this.#span.map((span) => span * settings.offsetOfSpan),
      ...this.#sourceSpan.map((span) => span * settings.offsetOfSpan),
      ...flowRtus.map(() => settings.flowGain),
      ...Array.from(this.#pipes, () => settings.frictionError),
      ...this.shareSigma,
    ])
  }

  /**
   * Takes what calibration says of the pipes.
   * @param resistance  Float64Array[edges]: factor of friction
   * @param sigma       Float64Array[edges]: standard deviation of its logarithm
   */
  calibrate(resistance: Float64Array, sigma: Float64Array): void {
    this.#resistance = resistance
    const first = this.sharesAt - this.#pipes.length
    this.#pipes.forEach((pipe, k) => {
      this.priorSigma[first + k] = Math.max(CALIBRATED, sigma[pipe] as number)
    })
  }

  /** Standard deviation of what the homes at each node take within an hour, kg/s. */
  homesSigma(homes: Float64Array): Float64Array {
    return homes.map(
      (flow, node) => (flow * this.#settings.homeHourly) / Math.sqrt(Math.max(1, this.#homesAt[node] as number)),
    )
  }

  /** Noise of the mean of some samples of a source's transmitter, Pa. */
  sourceNoise(source: number, samples: number): number {
    return (this.#settings.noiseOfSpan * (this.#sourceSpan[source] as number)) / Math.sqrt(samples)
  }

  /** Residuals and sensitivities; undefined when the network cannot be solved so. */
  picture(input: PatternInput): Picture | undefined {
    const { network, solver, rows, pressureNodes, flowEdges, parameters } = this
    const { model } = solver
    const { nodes, edges } = model
    const demands = input.metered.map((value, node) => value + (input.homes[node] as number))
    const solution = solver.solve({
      demands,
      sourcePressure: input.sourcePressure,
      valveOpen: input.valveOpen,
      ...(this.#resistance === undefined ? {} : { resistanceFactor: this.#resistance }),
    })
    if (solution.status !== 'converged') return undefined
    const pressures = pressureNodes.length
    const byNode = new Float64Array(rows * nodes)
    const byFriction = new Float64Array(rows * edges)
    const upper = byNode.subarray(0, pressures * nodes)
    const lower = byNode.subarray(pressures * nodes)
    if (!solver.pressureSensitivities(pressureNodes, upper)) return undefined
    if (!solver.flowSensitivities(flowEdges, lower)) return undefined
    solver.pressureResistanceSensitivities(pressureNodes, byFriction.subarray(0, pressures * edges), upper)
    solver.flowResistanceSensitivities(flowEdges, byFriction.subarray(pressures * edges), lower)
    const residual = new Float64Array(rows)
    for (let r = 0; r < rows; r++)
      residual[r] =
        (input.measured[r] as number) -
        (r < pressures
          ? (solution.pressure[pressureNodes[r] as number] as number)
          : (solution.massFlow[flowEdges[r - pressures] as number] as number))
    const bySource = this.#bySource(byNode, input.sourcePressure)
    const spread = this.#spreads(byNode, input.homes)
    // From here on a withdrawal is one whose zone's total is already counted.
    for (let node = 0; node < nodes; node++) {
      const zone = network.nodes.zone[node] as number
      if (zone < 0) continue
      for (let r = 0; r < rows; r++)
        byNode[r * nodes + node] = (byNode[r * nodes + node] as number) - (spread[zone * rows + r] as number)
    }
    const byParameter = new Float64Array(rows * parameters)
    const sources = this.sourceRtus.length
    for (let r = 0; r < rows; r++) {
      const row = byParameter.subarray(r * parameters, (r + 1) * parameters)
      if (r < pressures) row[r] = 1
      // A source that reads too high lets all expected pressures be too high.
      for (let s = 0; s < sources; s++) row[pressures + s] = -(bySource[r * sources + s] as number)
      if (r >= pressures) row[sources + r] = solution.massFlow[flowEdges[r - pressures] as number] as number
      const frictionAt = sources + rows
      for (let k = 0; k < this.#pipes.length; k++)
        row[frictionAt + k] = byFriction[r * edges + (this.#pipes[k] as number)] as number
      for (let k = 0; k < this.#nodes.length; k++) {
        const node = this.#nodes[k] as number
        row[this.sharesAt + k] = (byNode[r * nodes + node] as number) * (input.homes[node] as number)
      }
    }
    const covariance = this.#covariance(input, byNode, bySource, solution.massFlow)
    return { rows, hours: 1, residual, byParameter, byLeak: byNode, covariance }
  }

  /**
   * A picture whose effects of a leak in a zone are those of a leak of the given size, found by solving for it at nodes all over the zone: what a
   * large leak does is not in proportion to what a small one does.
   * @param flow  kg/s
   */
  secant(picture: Picture, input: PatternInput, zone: number, flow: number): Picture {
    const usual = this.expected(input, input.valveOpen)
    if (usual === undefined) return picture
    const { nodes } = this.network
    let total = 0
    for (let node = 0; node < nodes.count; node++) if (nodes.zone[node] === zone) total += input.homes[node] as number
    const kept = Math.max(0, 1 - flow / Math.max(total, 1e-9))
    const homes = input.homes.map((value, node) => (nodes.zone[node] === zone ? value * kept : value))
    const byLeak = picture.byLeak.slice()
    const metered = input.metered.slice()
    const { looked, nearest } = this.#lookedAt(zone)
    for (const node of looked) {
      metered[node] = (input.metered[node] as number) + flow
      const changed = this.expected({ ...input, homes, metered }, input.valveOpen)
      metered[node] = input.metered[node] as number
      if (changed === undefined) continue
      for (let r = 0; r < picture.rows; r++)
        byLeak[r * nodes.count + node] = ((changed[r] as number) - (usual[r] as number)) / flow
    }
    // Elsewhere what is in proportion is corrected as at the nearest place that was looked at.
    nearest.forEach((seen, node) => {
      if (seen < 0 || seen === node) return
      for (let r = 0; r < picture.rows; r++) {
        const row = r * nodes.count
        const linear = picture.byLeak[row + seen] as number
        const ratio = Math.abs(linear) < 1e-9 ? 1 : (byLeak[row + seen] as number) / linear
        byLeak[row + node] = (byLeak[row + node] as number) * Math.min(3, Math.max(0.3, ratio))
      }
    })
    return { ...picture, byLeak }
  }

  /** Nodes of a zone for which a large leak is solved, and for each node the nearest of them; −1 outside of the zone. */
  #lookedAt(zone: number): { readonly looked: readonly number[]; readonly nearest: Int32Array } {
    const known = this.#looked.get(zone)
    if (known !== undefined) return known
    const { nodes, edges, adjacency } = this.network
    const own = Array.from({ length: nodes.count }, (_, node) => node).filter((node) => nodes.zone[node] === zone)
    const every = Math.max(1, Math.ceil(own.length / MOST_LOOKED))
    const looked = own.filter((_, i) => i % every === 0)
    const nearest = new Int32Array(nodes.count).fill(-1)
    for (const node of looked) nearest[node] = node
    const queue = [...looked]
    for (const node of queue)
      for (let i = adjacency.start[node] as number; i < (adjacency.start[node + 1] as number); i++) {
        const edge = adjacency.item[i] as number
        const other = (edges.from[edge] === node ? edges.to[edge] : edges.from[edge]) as number
        if (nodes.zone[other] !== zone || nearest[other] !== -1) continue
        nearest[other] = nearest[node] as number
        queue.push(other)
      }
    const made = { looked, nearest }
    this.#looked.set(zone, made)
    return made
  }

  /** What the rows should show: Pa and kg/s; undefined when the network cannot be solved so. */
  expected(input: PatternInput, valveOpen: Uint8Array): Float64Array | undefined {
    const solution = this.solver.solve({
      demands: input.metered.map((value, node) => value + (input.homes[node] as number)),
      sourcePressure: input.sourcePressure,
      valveOpen,
      ...(this.#resistance === undefined ? {} : { resistanceFactor: this.#resistance }),
    })
    if (solution.status !== 'converged') return undefined
    return Float64Array.from([
      ...Array.from(this.pressureNodes, (node) => solution.pressure[node] as number),
      ...Array.from(this.flowEdges, (edge) => solution.massFlow[edge] as number),
    ])
  }

  /** Effect of each source's pressure on every row: [rows · sources]. */
  #bySource(byNode: Float64Array, sourcePressure: Float64Array): Float64Array {
    const { network, rows, flowEdges, pressureNodes, solver } = this
    const { sourceNode, from, to, nodes } = solver.model
    const { adjacency } = network
    const conductance = solver.linearised?.conductance ?? new Float64Array(solver.model.edges)
    const mode = solver.linearised?.mode
    const out = new Float64Array(rows * sourceNode.length)
    sourceNode.forEach((node, s) => {
      const push = 2 * (sourcePressure[s] as number)
      for (let i = adjacency.start[node] as number; i < (adjacency.start[node + 1] as number); i++) {
        const edge = adjacency.item[i] as number
        if (mode?.[edge] === 0) continue
        const more = push * (conductance[edge] as number)
        const other = (from[edge] === node ? to[edge] : from[edge]) as number
        for (let r = 0; r < rows; r++) {
          const at = r * sourceNode.length + s
          out[at] = (out[at] as number) - more * (byNode[r * nodes + other] as number)
          if (r >= pressureNodes.length && flowEdges[r - pressureNodes.length] === edge)
            out[at] = (out[at] as number) + (from[edge] === node ? more : -more)
        }
      }
    })
    return out
  }

  /** Mean effect of the homes of each zone: [zones · rows]. */
  #spreads(byNode: Float64Array, homes: Float64Array): Float64Array {
    const { network, rows } = this
    const nodes = network.nodes.count
    const out = new Float64Array(network.zones.count * rows)
    const total = new Float64Array(network.zones.count)
    for (let node = 0; node < nodes; node++) {
      const zone = network.nodes.zone[node] as number
      const weight = homes[node] as number
      if (zone < 0 || weight === 0) continue
      total[zone] = (total[zone] as number) + weight
      for (let r = 0; r < rows; r++)
        out[zone * rows + r] = (out[zone * rows + r] as number) + weight * (byNode[r * nodes + node] as number)
    }
    for (let zone = 0; zone < total.length; zone++)
      for (let r = 0; r < rows; r++)
        out[zone * rows + r] = (out[zone * rows + r] as number) / Math.max(total[zone] as number, 1e-12)
    return out
  }

  #covariance(input: PatternInput, byNode: Float64Array, bySource: Float64Array, massFlow: Float64Array): Float64Array {
    const { rows, pressureNodes, flowEdges } = this
    const settings = this.#settings
    const nodes = this.network.nodes.count
    const sources = this.sourceRtus.length
    const out = new Float64Array(rows * rows)
    for (let r = 0; r < rows; r++) {
      const samples = Math.max(1, input.samples[r] as number)
      const sigma =
        r < pressureNodes.length
          ? settings.noiseOfSpan * (this.#span[r] as number)
          : settings.flowNoise * (Math.abs(massFlow[flowEdges[r - pressureNodes.length] as number] as number) + 2e-3)
      out[r * rows + r] = (sigma * sigma) / samples + (r < pressureNodes.length ? 4 : 1e-10)
    }
    const add = (column: (r: number) => number): void => {
      for (let r = 0; r < rows; r++) {
        const x = column(r)
        if (x === 0) continue
        for (let c = 0; c <= r; c++) out[r * rows + c] = (out[r * rows + c] as number) + x * column(c)
      }
    }
    for (let s = 0; s < sources; s++)
      add((r) => (bySource[r * sources + s] as number) * (input.sourceSigma[s] as number))
    for (let k = 0; k < this.#nodes.length; k++) {
      const node = this.#nodes[k] as number
      const sigma =
        ((input.homes[node] as number) * settings.homeHourly) / Math.sqrt(Math.max(1, this.#homesAt[node] as number))
      add((r) => (byNode[r * nodes + node] as number) * sigma)
    }
    for (let r = 0; r < rows; r++) for (let c = 0; c < r; c++) out[c * rows + r] = out[r * rows + c] as number
    return out
  }
}

/** Mean of the pictures of some hours: their own errors average out, lasting ones stay. */
export function meanPicture(pictures: readonly Picture[]): Picture | undefined {
  const [first] = pictures
  if (first === undefined || pictures.length === 1) return first
  const count = pictures.length
  const mean = (of: (picture: Picture) => Float64Array, by: number): Float64Array => {
    const out = new Float64Array(of(first).length)
    for (const picture of pictures) {
      const values = of(picture)
      for (let i = 0; i < out.length; i++) out[i] = (out[i] as number) + (values[i] as number) / by
    }
    return out
  }
  return {
    rows: first.rows,
    hours: count,
    residual: mean((picture) => picture.residual, count),
    byParameter: mean((picture) => picture.byParameter, count),
    byLeak: mean((picture) => picture.byLeak, count),
    covariance: mean((picture) => picture.covariance, count * count),
  }
}

function longest(network: Network, most: number): Int32Array {
  const { edges } = network
  const weight = (edge: number): number =>
    (edges.lengthM[edge] ?? 0) / Math.max(1e-6, (edges.diameterM[edge] ?? 1) ** 5) || 0
  const pipes = network.document.pipes.map((_, i) => i)
  return Int32Array.from(pipes.sort((a, b) => weight(b) - weight(a)).slice(0, most)).sort()
}

function heaviest(homesAt: Float64Array, most: number): Int32Array {
  const nodes = Array.from(homesAt.keys()).filter((node) => (homesAt[node] as number) > 0)
  return Int32Array.from(nodes.sort((a, b) => (homesAt[b] as number) - (homesAt[a] as number)).slice(0, most)).sort()
}
