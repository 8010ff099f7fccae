import {
  buildNetwork,
  compileHydraulics,
  type Meter,
  type NetworkDocument,
  type NetworkNode,
  type Pipe,
  type Rtu,
  type Valve,
} from '@gastwin/twin'
import { BOILER, BUSINESS, STOVE, WATER_HEATER } from '../city/meters.ts'
import type { Business } from '../fleet/demand/business-load.ts'
import type { Home } from '../fleet/demand/home-draws.ts'
import type { SeededRandom } from '../seeded-random.ts'

export const DENSITY_KG_M3 = 0.68176
export const SPAN_PA = 160_000
const SIZES_M = [0.0514, 0.0736, 0.1022, 0.1593]
const SPACING_M = 78
const COLUMNS = 12
const ROWS = 11
const GATE_PRESSURE_PA = 200_600
const LARGEST_DROP_PA = 2600
const ORIGIN = { lon: 103.2, lat: 36.1 }

/** A customer of the district: who burns, and the meter that counts it. */
export interface Customer {
  readonly meter: Meter
  readonly use:
    | { readonly kind: 'home'; readonly home: Home }
    | { readonly kind: 'business'; readonly business: Business }
}

/** What a utility would write down about an invented district of two zones, and who lives in it. */
export interface StreetDistrict {
  readonly document: NetworkDocument
  readonly customers: readonly Customer[]
}

/** A district of some 200 nodes at about 1 bar(g): streets with few loops, two zones, two to four gates, one metered pipe between the zones. */
export function drawStreetDistrict(random: SeededRandom): StreetDistrict {
  const draft = layStreets(random)
  const customers = settle(random, draft)
  const rtus = instrument(random, draft)
  const meters = customers.map((customer) => customer.meter)
  const document: NetworkDocument = {
    format: 'gastwin-network/1',
    name: 'invented district',
    time_zone: 'Asia/Shanghai',
    fluid: {
      kind: 'gas',
      density_kg_m3: DENSITY_KG_M3,
      density_state: { pressure_pa: 101_325, temperature_k: 293.15 },
      viscosity_pa_s: 1.0709e-5,
      temperature_k: 283.15,
      compressibility: { law: 'linear', offset: 1, slope_per_bar: -0.0022 },
    },
    friction: { law: 'nikuradse', laminar: 'additive' },
    ambient: { law: 'barometric' },
    nodes: draft.nodes,
    pipes: draft.pipes,
    valves: draft.valves,
    regulators: [],
    sources: draft.gates.map(({ node }) => ({ node, pressure_pa: GATE_PRESSURE_PA, temperature_k: 283.15 })),
    demands: [],
    zones: [0, 1].map((zone) => ({
      id: `Z${zone + 1}`,
      name: `district ${zone + 1}`,
      inlets: [
        ...draft.gates.filter((gate) => gate.zone === zone).map((gate) => ({ edge: gate.pipe, sign: 1 as const })),
        { edge: draft.between, sign: zone === 0 ? (-1 as const) : (1 as const) },
      ],
    })),
    meters,
    rtus,
  }
  return { document: { ...document, pipes: sizeMains(document, customers) }, customers }
}

interface Draft {
  readonly nodes: NetworkNode[]
  readonly pipes: Pipe[]
  readonly valves: Valve[]
  readonly gates: { readonly node: string; readonly pipe: string; readonly zone: number }[]
  readonly between: string
  /** Ends of service pipes and some junctions. */
  readonly taps: string[]
}

function layStreets(random: SeededRandom): Draft {
  const nodes: NetworkNode[] = []
  const pipes: Pipe[] = []
  const valves: Valve[] = []
  const place = new Map<string, { x: number; y: number }>()
  const border = COLUMNS / 2 + random.below(3) - 1
  const zoneOf = (column: number): number => (column < border ? 0 : 1)
  const addNode = (kind: string, x: number, y: number, zone: number): string => {
    const id = `n${String(nodes.length + 1).padStart(5, '0')}`
    place.set(id, { x, y })
    nodes.push({
      id,
      kind,
      lon: ORIGIN.lon + x / 89_900,
      lat: ORIGIN.lat + y / 111_000,
      height_m: Math.round((50 + 6 * Math.sin(x / 300) + 4 * Math.cos(y / 220)) * 100) / 100,
      zone: `Z${zone + 1}`,
    })
    return id
  }
  const addPipe = (from: string, to: string, diameter = SIZES_M[0] as number, detour = 1): string => {
    const [a, b] = [place.get(from), place.get(to)]
    const length = a === undefined || b === undefined ? 50 : Math.hypot(a.x - b.x, a.y - b.y) * detour
    const id = `p${String(pipes.length + 1).padStart(5, '0')}`
    const steel = random.chance(0.2)
    pipes.push({
      id,
      from,
      to,
      length_m: Math.round(Math.max(length, 6) * 100) / 100,
      diameter_m: diameter,
      roughness_m: steel ? 1e-4 : 3e-5,
      material: steel ? 'steel' : 'PE',
    })
    return id
  }
  const grid = Array.from({ length: COLUMNS * ROWS }, (_, i) => {
    const column = i % COLUMNS
    const row = Math.floor(i / COLUMNS)
    return addNode(
      'junction',
      (column + random.between(-0.25, 0.25)) * SPACING_M,
      (row + random.between(-0.25, 0.25)) * SPACING_M,
      zoneOf(column),
    )
  })
  const streets = shuffled(
    random,
    grid.flatMap((_, i) => [
      ...(i % COLUMNS < COLUMNS - 1 ? [[i, i + 1] as const] : []),
      ...(i < COLUMNS * (ROWS - 1) ? [[i, i + COLUMNS] as const] : []),
    ]),
  )
  // A random tree per zone, then a few streets more, which close loops.
  const root = grid.map((_, i) => i)
  const find = (i: number): number => (root[i] === i ? i : find(root[i] as number))
  let loops = 8 + random.below(10)
  const crossing: (readonly [number, number])[] = []
  const spare: (readonly [number, number])[] = []
  for (const [a, b] of streets) {
    if (zoneOf(a % COLUMNS) !== zoneOf(b % COLUMNS)) {
      crossing.push([a, b])
      continue
    }
    if (find(a) === find(b)) {
      spare.push([a, b])
      continue
    }
    root[find(a)] = find(b)
    addPipe(grid[a] as string, grid[b] as string, SIZES_M[0], random.between(1, 1.15))
  }
  for (const [a, b] of spare) if (loops-- > 0) addPipe(grid[a] as string, grid[b] as string)
  const mains = pipes.length
  const [west, east] = crossing[random.below(crossing.length)] as readonly [number, number]
  const between = addPipe(grid[west] as string, grid[east] as string, 0.1022)
  const taps: string[] = []
  for (const at of shuffled(random, grid).slice(0, 62)) {
    const { x, y } = place.get(at) as { x: number; y: number }
    const tap = addNode('delivery', x + random.between(-30, 30), y + random.between(-30, 30), zoneNumber(nodes, at))
    addPipe(at, tap)
    taps.push(tap)
  }
  taps.push(...shuffled(random, grid).slice(0, 40))
  const gates = [0, 1].flatMap((zone) => {
    const inZone = grid.filter((id) => zoneNumber(nodes, id) === zone)
    return shuffled(random, inZone)
      .slice(0, random.chance(0.5) ? 1 : 2)
      .map((main) => {
        const { x, y } = place.get(main) as { x: number; y: number }
        const node = addNode('gate_station', x + 12, y + 9, zone)
        return { node, pipe: addPipe(node, main, 0.1593), zone }
      })
  })
  // Valves stand in mains: the pipe ends at a node of its own.
  for (const i of shuffled(
    random,
    Array.from({ length: mains }, (_, k) => k),
  ).slice(0, 18)) {
    const pipe = pipes[i] as Pipe
    const id = `v${String(valves.length + 1).padStart(4, '0')}`
    const end = nodes.find((node) => node.id === pipe.to) as NetworkNode
    nodes.push({ ...end, id: `n-${id}`, kind: 'junction' })
    pipes[i] = { ...pipe, to: `n-${id}` }
    valves.push({
      id,
      from: `n-${id}`,
      to: pipe.to,
      open: true,
      actuator: random.chance(0.2) ? 'remote' : 'manual',
      operable: true,
    })
  }
  return { nodes, pipes, valves, gates, between, taps }
}

function settle(random: SeededRandom, draft: Draft): Customer[] {
  const customers: Customer[] = []
  const add = (node: string, zone: string, meter: Partial<Meter>, use: Customer['use']): void => {
    const id = `m${String(customers.length + 1).padStart(6, '0')}`
    customers.push({
      meter: { id, node, zone, kind: 'gas', corrector: false, placement: 'indoor', ...meter },
      use,
    })
  }
  const zoneName = (id: string): string => draft.nodes.find((node) => node.id === id)?.zone ?? ''
  const homes = 800 + random.below(60)
  const crowd = draft.taps.map(() => random.between(0.3, 1.7))
  const total = crowd.reduce((sum, value) => sum + value, 0)
  draft.taps.forEach((tap, i) => {
    const here = Math.round((homes * (crowd[i] as number)) / total)
    for (let k = 0; k < here; k++) {
      const profile = STOVE | (random.chance(0.85) ? WATER_HEATER : 0) | (random.chance(0.75) ? BOILER : 0)
      const home = { key: random.below(1e9), profile, scale: Math.exp(random.normal(-0.06, 0.35)) }
      add(tap, zoneName(tap), { size: 'G2.5', class: 'residential' }, { kind: 'home', home })
    }
  })
  const kinds = Object.values(BUSINESS)
  for (const tap of shuffled(random, draft.taps).slice(0, 8 + random.below(6))) {
    const business = { key: random.below(1e9), profile: random.pick(kinds), busyFlow: random.between(0.0006, 0.004) }
    const large = business.busyFlow > 0.002
    const meter = { size: 'G25', class: large ? 'industrial' : 'commercial', corrector: large } as const
    add(tap, zoneName(tap), meter, { kind: 'business', business })
  }
  return customers
}

function instrument(random: SeededRandom, draft: Draft): Rtu[] {
  const rtus: Rtu[] = []
  const gates = draft.gates.map((gate) => gate.node)
  const others = shuffled(
    random,
    draft.nodes.filter((node) => node.kind !== 'gate_station' && !node.id.startsWith('n-')).map((node) => node.id),
  )
  for (const at of [...gates, ...others.slice(0, 14 + random.below(4))]) {
    const id = `rtu-p${String(rtus.length + 1).padStart(3, '0')}`
    rtus.push({ id, at, channels: gates.includes(at) ? ['pressure', 'temperature'] : ['pressure'], span_pa: SPAN_PA })
  }
  for (const at of [...draft.gates.map((gate) => gate.pipe), draft.between])
    rtus.push({ id: `rtu-f-${at}`, at, channels: ['flow'] })
  rtus.push({ id: 'rtu-air', at: gates[0] as string, channels: ['temperature'] })
  return rtus
}

/** Widens mains until the peak's pressure drop is bearable. */
function sizeMains(document: NetworkDocument, customers: readonly Customer[]): readonly Pipe[] {
  const peak = new Map<string, number>()
  for (const { meter, use } of customers) {
    const flow = use.kind === 'home' ? 1.7e-4 : use.business.busyFlow
    peak.set(meter.node, (peak.get(meter.node) ?? 0) + flow * DENSITY_KG_M3)
  }
  const demands = [...peak].map(([node, mass_flow_kg_s]) => ({ node, mass_flow_kg_s }))
  let pipes = document.pipes
  for (let round = 0; round < 40; round++) {
    const network = buildNetwork({ ...document, pipes, demands, meters: [] })
    const { status, pressure } = compileHydraulics(network).solve()
    const drop = (pipe: number): number =>
      Math.abs((pressure[network.edges.from[pipe] as number] ?? 0) - (pressure[network.edges.to[pipe] as number] ?? 0))
    let lowest = GATE_PRESSURE_PA
    for (const value of pressure) if (value < lowest) lowest = value
    if (status === 'converged' && GATE_PRESSURE_PA - lowest <= LARGEST_DROP_PA) break
    const order = pipes
      .map((_, i) => i)
      .sort((a, b) => drop(b) / (pipes[b]?.length_m ?? 1) - drop(a) / (pipes[a]?.length_m ?? 1))
    const wide = new Set(order.filter((i) => (pipes[i]?.diameter_m ?? 1) < 0.15).slice(0, 4))
    pipes = pipes.map((pipe, i) =>
      wide.has(i) ? { ...pipe, diameter_m: SIZES_M.find((size) => size > pipe.diameter_m + 1e-6) ?? 0.1593 } : pipe,
    )
  }
  return pipes
}

function zoneNumber(nodes: readonly NetworkNode[], id: string): number {
  return nodes.find((node) => node.id === id)?.zone === 'Z1' ? 0 : 1
}

export function shuffled<T>(random: SeededRandom, items: readonly T[]): T[] {
  const list = [...items]
  for (let i = list.length - 1; i > 0; i--) {
    const k = random.below(i + 1)
    const kept = list[i] as T
    list[i] = list[k] as T
    list[k] = kept
  }
  return list
}
