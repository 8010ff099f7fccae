import { buildNetwork, compileHydraulics, linepack, type Network, type SteadySolver } from '@gastwin/twin'
import { SeededRandom } from '../seeded-random.ts'
import { type DistrictDemand, drawDistrictDemand, SnapWeather } from './district-demand.ts'
import { measureDistrict, type SensorFault } from './instruments.ts'
import { DAY_MS, type LeakScenarioPlan, STEP_MS } from './scenario-plan.ts'
import { type Customer, DENSITY_KG_M3, drawStreetDistrict, shuffled } from './street-district.ts'
import type { TelemetryRow } from './telemetry-rows.ts'
import { differFromDocument, type WrongDiameter } from './true-district.ts'

const UTC_OFFSET = 8 * 3_600_000
const ATMOSPHERE_PA = 100_700
/** Slow noise of a gate's pressure, and how much of it is left after a step: four hours' memory. */
const SLOW_PA = 100
const MEMORY = 0.98

export interface LeakEvent {
  readonly kind: 'leak' | 'rupture'
  readonly growth: string
  readonly started_at: number
  readonly zone: string
  readonly pipe: string
  readonly fraction: number
  readonly share_of_zone_mean_flow: number
  /** Mean of the last 24 h, m³/s. */
  readonly standard_flow_m3_s: number
  /** m³/s, one value a step from the begin of the data. */
  readonly course: Float32Array
}

export interface LeakScenario {
  readonly plan: LeakScenarioPlan
  readonly from: number
  readonly to: number
  /** What the utility believes. */
  readonly network: Network
  /** What is, without the hole: the perfect model of the ceiling. */
  readonly trueNetwork: Network
  readonly rows: readonly TelemetryRow[]
  readonly events: readonly LeakEvent[]
  readonly distractors: readonly {
    readonly kind: string
    readonly asset?: string
    readonly from: number
    readonly to: number
  }[]
  readonly wrongDiameters: readonly WrongDiameter[]
  /** m³/s. */
  readonly zoneMeanFlow: readonly number[]
}

/** Simulates one district from its plan: the same plan gives the same rows. */
export function simulateLeakScenario(plan: LeakScenarioPlan): LeakScenario {
  const random = new SeededRandom(plan.seed, 72)
  const district = drawStreetDistrict(random)
  const network = buildNetwork(district.document)
  const from = Date.UTC(2026, 0, 5) + random.below(60) * DAY_MS
  const steps = Math.round((plan.days * DAY_MS) / STEP_MS)
  const disturbance = disturb(random, plan, district.customers, network, from)
  const weather = new SnapWeather(plan.seed, UTC_OFFSET, disturbance.snap)
  const demand = drawDistrictDemand(district.customers, {
    seed: plan.seed,
    from,
    steps,
    weather,
    holidays: new Set(disturbance.holiday === undefined ? [] : [weather.dayNumber(disturbance.holiday)]),
    begins: disturbance.begins,
  })
  const zoneMeanFlow = meanByZone(network, district.customers, demand)
  const hole = plan.leak === null ? null : drawHole(random, network, plan, zoneMeanFlow)
  const withHole = differFromDocument(new SeededRandom(plan.seed, 73), district.document, hole)
  const without = differFromDocument(new SeededRandom(plan.seed, 73), district.document, null)
  const truth = buildNetwork(withHole.document)
  const history = runTruth(plan, network, truth, district.customers, demand, hole, disturbance, from)
  const last = history.leak.subarray(Math.max(0, steps - 288))
  return {
    plan,
    from,
    to: from + steps * STEP_MS,
    network,
    trueNetwork: buildNetwork({ ...without.document, meters: district.document.meters }),
    rows: measureDistrict(plan.seed, network, district.customers, history, disturbance.faults, weather),
    events:
      hole === null || plan.leak === null
        ? []
        : [
            {
              kind: plan.leak.kind,
              growth: plan.leak.growth,
              started_at: from + hole.step * STEP_MS,
              zone: hole.zone,
              pipe: hole.pipe,
              fraction: hole.fraction,
              share_of_zone_mean_flow: plan.leak.share,
              standard_flow_m3_s: last.reduce((sum, value) => sum + value, 0) / last.length,
              course: history.leak,
            },
          ],
    distractors: disturbance.list,
    wrongDiameters: withHole.wrongDiameters,
    zoneMeanFlow,
  }
}

interface Hole {
  readonly pipe: string
  readonly fraction: number
  readonly zone: string
  readonly step: number
  /** m³/s when fully open. */
  readonly flow: number
}

function drawHole(random: SeededRandom, network: Network, plan: LeakScenarioPlan, mean: readonly number[]): Hole {
  const { edges, zones } = network
  // A place is as likely as it is long; inlets are not drawn, they lie before or at the flow meter.
  const inlets = new Set(zones.inlets.flat().map((inlet) => inlet.edge))
  const choices = network.document.pipes.map((_, i) => i).filter((i) => !inlets.has(i) && (edges.zone[i] ?? -1) >= 0)
  const total = choices.reduce((sum, i) => sum + (edges.lengthM[i] ?? 0), 0)
  let at = random.next() * total
  const pipe =
    choices.find((i) => {
      at -= edges.lengthM[i] ?? 0
      return at < 0
    }) ?? (choices[0] as number)
  const zone = edges.zone[pipe] as number
  return {
    pipe: edges.ids[pipe] as string,
    fraction: random.between(0.05, 0.95),
    zone: zones.ids[zone] as string,
    step: Math.round(((plan.leak?.day ?? 5) * DAY_MS) / STEP_MS),
    flow: (plan.leak?.share ?? 0) * (mean[zone] as number),
  }
}

interface Disturbance {
  readonly faults: SensorFault[]
  readonly begins: Map<number, number>
  readonly list: { kind: string; asset?: string; from: number; to: number }[]
  holiday?: number
  snap?: { from: number; to: number; kelvin: number }
  valve?: { edge: number; from: number; to: number }
}

function disturb(
  random: SeededRandom,
  plan: LeakScenarioPlan,
  customers: readonly Customer[],
  network: Network,
  from: number,
): Disturbance {
  const found: Disturbance = { faults: [], begins: new Map(), list: [] }
  const sensors = shuffled(
    random,
    network.document.rtus.filter((rtu) => rtu.channels.length === 1 && rtu.channels[0] === 'pressure'),
  )
  for (const kind of plan.distractors) {
    const begin = from + random.between(2, plan.days - 2) * DAY_MS
    if (kind === 'stuck' || kind === 'rtu_drift') {
      const asset = sensors.pop()?.id ?? ''
      const to = begin + (kind === 'stuck' ? random.between(0.3, 1.5) : random.between(3, 6)) * DAY_MS
      const totalPa = random.between(800, 2500) * (random.chance(0.5) ? 1 : -1)
      found.faults.push({ kind, asset, from: begin, to, totalPa })
      found.list.push({ kind, asset, from: begin, to })
    } else if (kind === 'valve') {
      const edge = redundantValve(random, network)
      if (edge < 0) continue
      const to = begin + random.between(3, 12) * 3_600_000
      found.valve = { edge, from: begin, to }
      found.list.push({ kind, asset: network.edges.ids[edge] as string, from: begin, to })
    } else if (kind === 'new_consumer') {
      const works = customers.flatMap(({ use }, i) => (use.kind === 'business' ? [i] : []))
      const c = random.pick(works)
      found.begins.set(c, Math.round((begin - from) / STEP_MS))
      found.list.push({ kind, asset: customers[c]?.meter.id ?? '', from: begin, to: Number.POSITIVE_INFINITY })
    } else if (kind === 'holiday') {
      found.holiday = begin
      found.list.push({ kind, from: begin, to: begin + DAY_MS })
    } else {
      const start = Math.floor(begin / DAY_MS) * DAY_MS
      found.snap = { from: start, to: start + 2 * DAY_MS, kelvin: random.between(-7, -3) }
      found.list.push({ kind, from: start, to: start + 2 * DAY_MS })
    }
  }
  return found
}

/** A manual valve in a loop: closing it leaves nobody without gas. */
function redundantValve(random: SeededRandom, network: Network): number {
  const { edges } = network
  const solver = compileHydraulics(network)
  const manual = network.document.valves.flatMap((valve, i) =>
    valve.actuator === 'manual' ? [edges.first.valve + i] : [],
  )
  for (const edge of shuffled(random, manual)) {
    const valveOpen = edges.open.slice()
    valveOpen[edge] = 0
    const { pressure } = solver.solve({ valveOpen })
    if (!pressure.some(Number.isNaN)) return edge
  }
  return -1
}

function meanByZone(network: Network, customers: readonly Customer[], demand: DistrictDemand): number[] {
  const sums = network.zones.ids.map(() => 0)
  customers.forEach(({ meter }, c) => {
    const zone = network.zones.numberOf.get(meter.zone ?? '') ?? 0
    let sum = 0
    for (let step = 0; step < demand.steps; step++) sum += demand.flow[c * demand.steps + step] as number
    sums[zone] = (sums[zone] as number) + sum / demand.steps
  })
  return sums
}

function runTruth(
  plan: LeakScenarioPlan,
  network: Network,
  truth: Network,
  customers: readonly Customer[],
  demand: DistrictDemand,
  hole: Hole | null,
  disturbance: Disturbance,
  from: number,
) {
  const { steps } = demand
  const rtus = network.document.rtus
  const pressureAt = rtus
    .filter((rtu) => rtu.channels.includes('pressure'))
    .map((rtu) => truth.nodes.numberOf.get(rtu.at) ?? -1)
  const flowAt = rtus
    .filter((rtu) => rtu.channels.includes('flow'))
    .map((rtu) => truth.edges.numberOf.get(rtu.at) ?? -1)
  const history = {
    from,
    steps,
    pressure: new Float64Array(steps * pressureAt.length),
    flow: new Float64Array(steps * flowAt.length),
    use: demand.flow,
    leak: new Float32Array(steps),
  }
  const solver = compileHydraulics(truth, { pressureTolerance: 1e-3, flowTolerance: 1e-8 })
  const stations = new Stations(plan.seed, truth, demand, customers)
  const nodeOf = customers.map(({ meter }) => truth.nodes.numberOf.get(meter.node) ?? -1)
  const holeNode = truth.nodes.numberOf.get('hole') ?? -1
  const valveOpen = truth.edges.open.slice()
  const demands = new Float64Array(truth.nodes.count)
  const pack = new LinepackFlows(truth, solver)
  const valve =
    disturbance.valve === undefined
      ? -1
      : (truth.edges.numberOf.get(network.edges.ids[disturbance.valve.edge] ?? '') ?? -1)
  let holePressure = 200_000
  const repaired = ((plan.leak?.until ?? Number.POSITIVE_INFINITY) * DAY_MS) / STEP_MS
  for (let step = 0; step < steps; step++) {
    const at = from + step * STEP_MS
    demands.fill(0)
    let total = 0
    for (let c = 0; c < nodeOf.length; c++) {
      const flow = demand.flow[c * steps + step] as number
      const node = nodeOf[c] as number
      demands[node] = (demands[node] as number) + flow * DENSITY_KG_M3
      total += flow
    }
    if (hole !== null && holeNode >= 0 && step >= hole.step && step < repaired) {
      const grown = plan.leak?.growth === 'growing' ? Math.min(1, (step - hole.step + 1) / (2 * 288)) : 1
      // Flow through an orifice: √(gauge pressure · density), 1 at 2 bar.
      const push = Math.sqrt(((holePressure - ATMOSPHERE_PA) * holePressure) / (99_300 * 200_000))
      const leak = hole.flow * grown * (Number.isFinite(push) ? push : 0)
      history.leak[step] = leak
      demands[holeNode] = (demands[holeNode] as number) + leak * DENSITY_KG_M3
    }
    if (valve >= 0 && disturbance.valve !== undefined)
      valveOpen[valve] = at >= disturbance.valve.from && at < disturbance.valve.to ? 0 : 1
    const solution = solver.solve({ demands, valveOpen, sourcePressure: stations.pressures(total) })
    if (holeNode >= 0) holePressure = solution.pressure[holeNode] as number
    pressureAt.forEach((node, k) => {
      history.pressure[step * pressureAt.length + k] = solution.pressure[node] as number
    })
    const stored = pack.next(solution.pressure)
    flowAt.forEach((edge, k) => {
      history.flow[step * flowAt.length + k] =
        ((solution.massFlow[edge] as number) + (stored[edge] as number)) / DENSITY_KG_M3
    })
  }
  return history
}

/** Pressures at the gates: a set value each, slow noise of about 0.1 %, and a droop of about 1 % with load. */
class Stations {
  readonly #set: number[]
  readonly #slow: number[]
  readonly #droop: number[]
  readonly #random: SeededRandom
  readonly #mean: number
  readonly #out: Float64Array

  constructor(seed: number, truth: Network, demand: DistrictDemand, customers: readonly Customer[]) {
    this.#random = new SeededRandom(seed, 75)
    const { sources } = truth.document
    this.#set = sources.map((source) => source.pressure_pa + this.#random.normal(0, 150))
    this.#slow = sources.map(() => this.#random.normal(0, SLOW_PA))
    this.#droop = sources.map(() => this.#random.between(0.006, 0.012))
    let sum = 0
    for (let i = 0; i < demand.flow.length; i++) sum += demand.flow[i] as number
    this.#mean = (sum / demand.flow.length) * customers.length
    this.#out = new Float64Array(sources.length)
  }

  pressures(total: number): Float64Array {
    this.#set.forEach((set, k) => {
      const slow = (this.#slow[k] as number) * MEMORY + this.#random.normal(0, SLOW_PA * Math.sqrt(1 - MEMORY ** 2))
      this.#slow[k] = slow
      this.#out[k] = set + slow - ((this.#droop[k] as number) * 1e5 * (total - this.#mean)) / (3 * this.#mean)
    })
    return this.#out
  }
}

/** What the pipes take up or give back between two steps, as extra flow of the zones' inlets, kg/s by edge. */
class LinepackFlows {
  readonly #truth: Network
  readonly #solver: SteadySolver
  readonly #held: Float64Array
  readonly #before: Float64Array
  readonly #extra: Float64Array
  #first = true

  constructor(truth: Network, solver: SteadySolver) {
    this.#truth = truth
    this.#solver = solver
    this.#held = new Float64Array(truth.edges.count)
    this.#before = new Float64Array(truth.zones.count)
    this.#extra = new Float64Array(truth.edges.count)
  }

  next(pressure: Float64Array): Float64Array {
    const { zones, edges } = this.#truth
    linepack(this.#solver.model, pressure, this.#held)
    const now = new Float64Array(zones.count)
    for (let edge = 0; edge < edges.count; edge++) {
      const zone = edges.zone[edge] as number
      const held = this.#held[edge] as number
      if (zone >= 0 && held > 0) now[zone] = (now[zone] as number) + held
    }
    this.#extra.fill(0)
    zones.inlets.forEach((inlets, zone) => {
      const change = this.#first ? 0 : ((now[zone] as number) - (this.#before[zone] as number)) / (STEP_MS / 1000)
      const own = inlets.filter(
        (inlet) => inlet.sign > 0 && this.#truth.nodes.kind[edges.from[inlet.edge] ?? -1] === 'gate_station',
      )
      for (const { edge } of own) this.#extra[edge] = (this.#extra[edge] as number) + change / own.length
    })
    this.#before.set(now)
    this.#first = false
    return this.#extra
  }
}
