import { buildNetwork, compileHydraulics, type Network, type NetworkDocument } from '@gastwin/twin'
import { FLOW_SENSOR, type Sensors, sensorsOf } from '../sensors.ts'
import type { Snapshot } from '../snapshot.ts'

/** A repeatable stream of random numbers. */
export function randomStream(seed: number) {
  let state = seed >>> 0
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
  return { uniform, normal }
}

export interface TrueCityOptions {
  readonly seed: number
  readonly across: number
  readonly down: number
  /** Share of the grid's chords that exist; 0 gives a tree. */
  readonly loops?: number
  readonly pressureSensors?: number
  readonly wrongDiameters?: number
  readonly roughnessError?: number
  /** Lasting error of each node's expected withdrawal, relative, one standard deviation. */
  readonly lasting?: number
  /** Passing error of each node's withdrawal and of each zone's level, relative, one standard deviation. */
  readonly passing?: number
  readonly common?: number
  /** Fixed errors of sensors and errors of friction as Gaussian as the estimator takes them to be; bounded otherwise. */
  readonly gaussian?: boolean
}

export const DIAMETERS = [0.0514, 0.0736, 0.1022, 0.1593]

/** A district as the utility believes it, and as it is: other roughness, some other diameters, other withdrawals. */
export class TrueCity {
  readonly network: Network
  readonly truth: Network
  readonly sensors: Sensors
  /** Edge number and true diameter of the wrong ones. */
  readonly wrong = new Map<number, number>()
  readonly fixedError: Float64Array
  readonly usual: Float64Array
  readonly lasting: Float64Array
  readonly #random: ReturnType<typeof randomStream>
  readonly #solver: ReturnType<typeof compileHydraulics>
  readonly #options: Required<TrueCityOptions>
  readonly #hour = 3_600_000

  constructor(options: TrueCityOptions) {
    this.#options = {
      loops: 0.4,
      pressureSensors: 14,
      wrongDiameters: 0,
      roughnessError: 0.3,
      lasting: 0.08,
      passing: 0.25,
      common: 0.1,
      gaussian: false,
      ...options,
    }
    this.#random = randomStream(options.seed)
    const { uniform, normal } = this.#random
    const believed = this.#document()
    const pipes = believed.pipes.map((pipe) => {
      const factor = 1 + this.#options.roughnessError * (2 * uniform() - 1)
      return { ...pipe, roughness_m: (pipe.roughness_m ?? 0) * factor }
    })
    const inner = believed.pipes.map((_, i) => i).filter((i) => i >= 2)
    for (let k = 0; k < this.#options.wrongDiameters; k++) {
      const i = inner.splice(Math.floor(uniform() * inner.length), 1)[0] ?? 0
      const pipe = pipes[i]
      if (pipe === undefined) continue
      const at = DIAMETERS.indexOf(pipe.diameter_m)
      const diameter = DIAMETERS[at === 0 ? 1 : at - 1] ?? pipe.diameter_m
      pipes[i] = { ...pipe, diameter_m: diameter }
      this.wrong.set(i, diameter)
    }
    this.network = buildNetwork(believed)
    this.truth = buildNetwork({ ...believed, pipes })
    this.sensors = sensorsOf(this.network)
    this.#solver = compileHydraulics(this.truth)
    this.fixedError = this.sensors.fixedError.map((s) =>
      this.#options.gaussian ? s * normal() : s * Math.sqrt(3) * (2 * uniform() - 1),
    )
    this.usual = Float64Array.from(this.network.nodes.ids, (_, i) =>
      i < 2 || uniform() < 0.3 ? 0 : 4e-3 * uniform() ** 2 + 4e-4,
    )
    this.lasting = this.usual.map(() => Math.max(-0.8, this.#options.lasting * normal()))
  }

  /** One hour's truth and what the utility knows of it. @param leak kg/s taken at a node besides */
  hour(t: number, leak?: { readonly node: number; readonly flow: number }) {
    const { normal } = this.#random
    const { passing, common } = this.#options
    const level = 0.45 + 0.9 * Math.exp(-((((t % 24) - 7) / 2.5) ** 2)) + 1.1 * Math.exp(-((((t % 24) - 19) / 3) ** 2))
    const withdrawal = this.usual.map((w) => w * level)
    const shared = 1 + common * normal()
    const own = withdrawal.map(
      (w, i) => w * shared * Math.max(0, (1 + (this.lasting[i] ?? 0)) * (1 + passing * normal())),
    )
    if (leak !== undefined) own[leak.node] = (own[leak.node] ?? 0) + leak.flow
    const set = Float64Array.from(this.#solver.model.sourcePressure, (p) => p - 800 * level + 200 * normal())
    const solution = this.#solver.solve({ demands: own, sourcePressure: set })
    if (solution.status !== 'converged') throw new Error(`the truth has no solution: ${solution.status}`)
    const measured = new Float64Array(this.sensors.count)
    for (let k = 0; k < measured.length; k++) {
      const place = this.sensors.place[k] ?? 0
      const fixed = this.fixedError[k] ?? 0
      const noise = this.sensors.noise[k] ?? 0
      if (this.sensors.kind[k] === FLOW_SENSOR) {
        const flow = solution.massFlow[place] ?? 0
        measured[k] = flow * (1 + fixed + (this.sensors.relativeNoise[k] ?? 0) * normal()) + noise * normal()
      } else measured[k] = 5 * Math.round(((solution.pressure[place] ?? 0) + fixed + noise * normal()) / 5)
    }
    const snapshot: Snapshot = {
      at: t * this.#hour,
      measured,
      withdrawal,
      withdrawalSigma: withdrawal.map((w) => w * passing),
      commonSigma: new Float64Array(this.network.zones.count + 1).fill(common),
      sourceSigma: new Float64Array(set.length).fill(2000),
    }
    return { snapshot, pressure: solution.pressure.slice(), massFlow: solution.massFlow.slice(), withdrawal: own }
  }

  #document(): NetworkDocument {
    const { across, down, loops, pressureSensors } = this.#options
    const { uniform } = this.#random
    const id = (x: number, y: number) => `n${x}-${y}`
    const nodes = [
      { id: 's0', kind: 'gate_station', zone: 'Z' },
      { id: 's1', kind: 'gate_station', zone: 'Z' },
    ]
    const pipes: { id: string; from: string; to: string; length_m: number; diameter_m: number; roughness_m: number }[] =
      []
    const add = (from: string, to: string, diameter_m: number, length_m = 80 + 160 * uniform()) =>
      pipes.push({ id: `p${pipes.length}`, from, to, length_m, diameter_m, roughness_m: 5e-5 })
    add('s0', id(0, 0), 0.1593, 15)
    add('s1', id(across - 1, down - 1), 0.1593, 15)
    for (let y = 0; y < down; y++)
      for (let x = 0; x < across; x++) {
        nodes.push({ id: id(x, y), kind: 'junction', zone: 'Z' })
        if (x + 1 < across && (y === 0 || uniform() < loops)) add(id(x, y), id(x + 1, y), y === 0 ? 0.1022 : 0.0514)
        if (y + 1 < down) add(id(x, y), id(x, y + 1), x === 0 || x === across - 1 ? 0.0736 : 0.0514)
      }
    const places = new Set<string>()
    while (places.size < Math.min(pressureSensors, across * down))
      places.add(id(Math.floor(uniform() * across), Math.floor(uniform() * down)))
    const at = ['s0', 's1', ...places]
    return {
      format: 'gastwin-network/1',
      name: 'true city',
      time_zone: 'UTC',
      fluid: {
        kind: 'gas',
        density_kg_m3: 0.7,
        density_state: { pressure_pa: 101_325, temperature_k: 293.15 },
        viscosity_pa_s: 1.07e-5,
        temperature_k: 283.15,
        compressibility: { law: 'linear', offset: 1, slope_per_bar: -0.0022 },
      },
      friction: { law: 'nikuradse', laminar: 'additive' },
      nodes,
      pipes,
      valves: [],
      regulators: [],
      sources: [
        { node: 's0', pressure_pa: 200_000 },
        { node: 's1', pressure_pa: 200_000 },
      ],
      zones: [
        {
          id: 'Z',
          name: 'district',
          inlets: [
            { edge: 'p0', sign: 1 },
            { edge: 'p1', sign: 1 },
          ],
        },
      ],
      meters: [],
      rtus: [
        ...at.map((place, k) => ({
          id: `rtu-${k}`,
          at: `node:${place}`,
          channels: ['pressure'] as const,
          span_pa: 160_000,
        })),
        { id: 'flow-0', at: 'edge:p0', channels: ['flow'] as const },
        { id: 'flow-1', at: 'edge:p1', channels: ['flow'] as const },
      ],
    }
  }
}
