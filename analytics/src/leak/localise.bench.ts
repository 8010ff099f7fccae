import process from 'node:process'
import { compileHydraulics, type Network, referenceDensity, type SteadySolver } from '@gastwin/twin'
import { largeMesh } from '../estimation/testing/large-mesh.ts'
import { randomStream } from '../estimation/testing/true-city.ts'
import { LEAK_DEFAULTS } from './leak-settings.ts'
import { PatternHistory } from './pattern-history.ts'
import type { PatternInput } from './pattern-model.ts'
import { PatternTrace } from './pattern-trace.ts'
import { BLOCK_H } from './trace-source.ts'
import { UseForecast } from './use-forecast.ts'
import { ZoneLeak } from './zone-leak.ts'

const HOUR = 3_600_000
const HOMES = 4
const LEARNED_H = 12
/** Leak of a rupture and of a small one, as shares of what the whole network takes. */
const RUPTURE = 0.01
const SMALL = 0.002
/** A winter's day: mains lose some tens of kilopascals. */
const BUSY = 4

/**
 * Times the placing of leaks in a meshed city by the classes that watch live: a rupture by the first slot after it, from measured
 * pressures to pipes with probabilities, and a small leak hour by hour. The truth has other friction and other withdrawals than the map.
 */
export async function run(options: {
  readonly json: boolean
  readonly pipes?: number
  readonly sensors?: number
  readonly zones?: number
  readonly ruptures?: number
}): Promise<Record<string, number | string>> {
  const side = Math.round(Math.sqrt((options.pipes ?? 50_000) / 2))
  const across = Math.round(Math.sqrt(options.zones ?? 9))
  const network = largeMesh(side, Number(options.sensors ?? 100), 1, across)
  const city = new MeasuredCity(network)
  const began = performance.now()
  const settings = { ...LEAK_DEFAULTS, calibrateAfterH: Number.POSITIVE_INFINITY }
  const history = new PatternHistory(network, settings, new Float64Array(network.nodes.count).fill(HOMES))
  const compiled = performance.now() - began
  const blocks: number[] = []
  for (let hour = 0; hour < LEARNED_H; hour++) {
    history.takeHour(hour, (hour + 0.5) * HOUR, city.hour(hour), NO_MEANS)
    if (hour % BLOCK_H !== BLOCK_H - 1) continue
    const start = performance.now()
    history.learn(hour - BLOCK_H + 1, 0, false)
    blocks.push(performance.now() - start)
  }
  const ruptures = Array.from({ length: Number(options.ruptures ?? 5) }, (_, k) => placeRupture(city, history, k))
  const small = followSmall(city, history)
  const result = {
    pipes: network.edges.countOf.pipe,
    nodes: network.nodes.count,
    sensors: network.rtus.count,
    zones: network.zones.count,
    places: history.places.count,
    compile_ms: round(compiled),
    three_hours_learned_ms: round(median(blocks)),
    rupture_placed_median_ms: round(median(ruptures.map(({ ms }) => ms))),
    rupture_placed_worst_ms: round(Math.max(...ruptures.map(({ ms }) => ms))),
    rupture_placed_cpu_ms: round(median(ruptures.map(({ cpuMs }) => cpuMs))),
    rupture_true_pipe_ranks: ruptures.map(({ rank }) => rank).join(', '),
    rupture_metres_to_true_pipe: ruptures.map(({ metres }) => Math.round(metres)).join(', '),
    ...small,
    resident_mb: Math.round(process.memoryUsage.rss() / 1e6),
  }
  if (!options.json) for (const [key, value] of Object.entries(result)) console.log(key, value)
  return result
}

const NO_MEANS = { pressure: new Float64Array(0), massFlow: new Float64Array(0) }

/** A city whose pipes and homes differ from the map. */
class MeasuredCity {
  readonly network: Network
  readonly #truth: SteadySolver
  readonly #usual: Float64Array
  readonly #lasting: Float64Array
  readonly #resistance: Float64Array
  readonly #normal: () => number

  constructor(network: Network) {
    this.network = network
    const { normal } = randomStream(5)
    this.#normal = normal
    this.#truth = compileHydraulics(network)
    this.#usual = this.#truth.model.demand.map((use) => BUSY * use)
    this.#lasting = this.#usual.map(() => Math.exp(0.1 * normal()))
    this.#resistance = new Float64Array(network.edges.count).map(() => Math.exp(0.1 * normal()))
  }

  /** kg/s. */
  get total(): number {
    return this.#usual.reduce((sum, use) => sum + use, 0)
  }

  /** What is known of an hour; the homes' use is what their zone's inlets say, a leak included. */
  hour(hour: number, leakNode = -1, leakFlow = 0): PatternInput {
    const { nodes, rtus, edges, zones } = this.network
    const level = 0.9 + 0.1 * Math.sin(hour / 4)
    const demands = this.#usual.map((use, i) => use * level * (this.#lasting[i] ?? 1) * (1 + 0.1 * this.#normal()))
    if (leakNode >= 0) demands[leakNode] = (demands[leakNode] ?? 0) + leakFlow
    const solution = this.#truth.solve({ demands, resistanceFactor: this.#resistance })
    if (solution.status !== 'converged') throw new Error(`the true network is ${solution.status}`)
    const delivered = new Float64Array(zones.count)
    const known = new Float64Array(zones.count)
    for (let i = 0; i < nodes.count; i++) {
      const zone = nodes.zone[i] ?? 0
      delivered[zone] = (delivered[zone] ?? 0) + (demands[i] ?? 0)
      known[zone] = (known[zone] ?? 0) + (this.#usual[i] ?? 0)
    }
    const atSource = new Set(this.#truth.model.sourceNode)
    const sensors = [...rtus.node].filter((node) => !atSource.has(node))
    return {
      metered: new Float64Array(nodes.count),
      homes: this.#usual.map(
        (use, i) => (use * (delivered[nodes.zone[i] ?? 0] ?? 0)) / (known[nodes.zone[i] ?? 0] ?? 1),
      ),
      sourcePressure: this.#truth.model.sourcePressure.slice(),
      sourceSigma: this.#truth.model.sourcePressure.map(() => 30),
      measured: Float64Array.from(sensors, (node) => (solution.pressure[node] ?? 0) + 20 * this.#normal()),
      samples: new Float64Array(sensors.length).fill(12),
      valveOpen: edges.open.slice(),
    }
  }
}

/** One rupture as the watch places it: from the slot's measured values to the incident's pipes. */
function placeRupture(city: MeasuredCity, history: PatternHistory, k: number) {
  const { network } = city
  const { edges, nodes } = network
  const pipe = (7919 * (k + 1)) % edges.countOf.pipe
  const node = edges.from[pipe] ?? 0
  const zone = history.places.zone[history.places.pipe.indexOf(pipe)] ?? 0
  const flow = RUPTURE * city.total
  const input = city.hour(LEARNED_H, node, flow)
  const density = referenceDensity(network.document.fluid)
  const forecast = new UseForecast(LEAK_DEFAULTS, [HOMES * nodes.count])
  const use = input.homes.reduce((sum, home, i) => sum + (nodes.zone[i] === zone ? home : 0), 0) / density
  for (let hour = 0; hour < 24; hour++) forecast.take(hour, { hourOfDay: hour, rest: false }, [use], 285)
  const watched = new ZoneLeak(network, zone, LEAK_DEFAULTS, density, forecast.zone(0))
  const cpu = process.cpuUsage()
  const start = performance.now()
  const picture = history.model.picture(input)
  if (picture === undefined) throw new Error('no picture of the slot')
  watched.break(LEARNED_H * HOUR, flow / density)
  watched.placeBreak(
    history.places,
    history.filter,
    (size) => history.model.secant(picture, input, zone, size),
    (own, shown, largest) => history.compare(own, shown, largest),
  )
  const candidates = watched.incidents()[0]?.candidates ?? []
  const ms = performance.now() - start
  const { user, system } = process.cpuUsage(cpu)
  const id = edges.ids[pipe] ?? ''
  const best = edges.numberOf.get(candidates[0]?.pipe ?? '') ?? -1
  return {
    ms,
    cpuMs: (user + system) / 1000,
    rank: candidates.findIndex((candidate) => candidate.pipe === id) + 1,
    metres: streetsBetween(network, best, pipe) * 100,
  }
}

/** A leak too small for a rupture, hour by hour, for every place of its zone. */
function followSmall(city: MeasuredCity, history: PatternHistory): Record<string, number> {
  const { network } = city
  const node = Math.floor(network.nodes.count * 0.37)
  const zone = network.nodes.zone[node] ?? 0
  const filter = history.filter.copy()
  const trace = new PatternTrace(network, filter.size, history.places, zone, LEARNED_H)
  const times: number[] = []
  for (let hour = LEARNED_H; hour < LEARNED_H + 6; hour++) {
    history.takeHour(hour, (hour + 0.5) * HOUR, city.hour(hour, node, SMALL * city.total), NO_MEANS)
    const start = performance.now()
    const picture = history.picture(hour, hour + 1)
    if (picture === undefined) throw new Error('no picture of the hour')
    const innovation = history.compare(filter, picture, 2 * SMALL * city.total)
    if (trace.take(picture, innovation)) filter.learn(innovation)
    times.push(performance.now() - start)
  }
  return {
    small_leak_places: trace.candidates.length,
    small_leak_hour_ms: round(median(times.slice(1))),
  }
}

/** Crossings from one pipe to another along the grid. */
function streetsBetween(network: Network, a: number, b: number): number {
  const at = (edge: number): readonly number[] =>
    (network.nodes.ids[network.edges.from[edge] ?? 0] ?? '0/0').split('/').map(Number)
  const [ax = 0, ay = 0] = at(a)
  const [bx = 0, by = 0] = at(b)
  return Math.abs(ax - bx) + Math.abs(ay - by)
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN
}

function round(x: number): number {
  return Math.round(x * 100) / 100
}
