import { compileHydraulics, EDGE_MODES, type Network, type SteadySolver } from '@gastwin/twin'
import { LargeLeak } from './large-leak.ts'
import type { LeakSettings } from './leak-settings.ts'

/** Parameters fixed errors of the model are told apart by at most; the weakest pipes and nodes are left out. */
const MOST_PIPES = 120
const MOST_NODES = 80
/** Pa along any edge and kg/s at any node by which a solution may be off. */
const EXACT = { pressureTolerance: 1e-3, flowTolerance: 1e-8 }
/** The same for a large leak in a network of so many nodes, where each solve takes long: instruments are off by tens of pascals. */
const ROUGH = { pressureTolerance: 5, flowTolerance: 1e-5 }
const MANY_NODES = 5_000
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
  /** For large leaks in a large network, when first asked for. */
  #rough: SteadySolver | undefined
  #largeLeak: LargeLeak | undefined
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
    this.solver = compileHydraulics(network, EXACT)
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
    const { nodes } = model
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
    const upper = byNode.subarray(0, pressures * nodes)
    const lower = byNode.subarray(pressures * nodes)
    if (!solver.pressureSensitivities(pressureNodes, upper)) return undefined
    if (!solver.flowSensitivities(flowEdges, lower)) return undefined
    const byFriction = this.#byFriction(byNode)
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
    const zoneOf = network.nodes.zone
    for (let r = 0; r < rows; r++)
      for (let node = 0; node < nodes; node++) {
        const zone = zoneOf[node] as number
        if (zone < 0) continue
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
        row[frictionAt + k] = byFriction[r * this.#pipes.length + k] as number
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
    this.#largeLeak ??= new LargeLeak(this.network)
    if (this.network.nodes.count > MANY_NODES) this.#rough ??= this.solver.companion(ROUGH)
    const rough = this.#rough ?? this.solver
    const byLeak = this.#largeLeak.effects(picture, input, zone, flow, usual, (homes, metered) =>
      this.#rowsOf(rough, { ...input, homes, metered }, input.valveOpen),
    )
    return { ...picture, byLeak }
  }

  /** What the rows should show: Pa and kg/s; undefined when the network cannot be solved so. */
  expected(input: PatternInput, valveOpen: Uint8Array): Float64Array | undefined {
    return this.#rowsOf(this.solver, input, valveOpen)
  }

  #rowsOf(solver: SteadySolver, input: PatternInput, valveOpen: Uint8Array): Float64Array | undefined {
    const solution = solver.solve({
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

  /** Effect of a relative change of the chosen pipes' friction on every row: [rows · pipes]. @param byNode of withdrawals */
  #byFriction(byNode: Float64Array): Float64Array {
    const { solver, rows, pressureNodes, flowEdges } = this
    const { nodes, from, to } = solver.model
    const linear = solver.linearised
    const pipes = this.#pipes
    const out = new Float64Array(rows * pipes.length)
    pipes.forEach((pipe, k) => {
      if (linear?.mode[pipe] !== EDGE_MODES.equation) return
      const lost = (linear.conductance[pipe] as number) * (linear.friction[pipe] as number)
      for (let r = 0; r < rows; r++) {
        // Flow that friction keeps back counts as given back at the pipe's one end and taken at the other.
        const drop =
          (byNode[r * nodes + (to[pipe] as number)] as number) - (byNode[r * nodes + (from[pipe] as number)] as number)
        const own = flowEdges[r - pressureNodes.length] === pipe ? 1 : 0
        out[r * pipes.length + k] = (drop - own) * lost
      }
    })
    return out
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
      if (zone >= 0) total[zone] = (total[zone] as number) + (homes[node] as number)
    }
    for (let r = 0; r < rows; r++)
      for (let node = 0; node < nodes; node++) {
        const zone = network.nodes.zone[node] as number
        const weight = homes[node] as number
        if (zone < 0 || weight === 0) continue
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
