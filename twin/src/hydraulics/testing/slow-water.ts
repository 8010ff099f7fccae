import type { NetworkDocument } from '../../network/network-document.ts'

export interface SlowSolution {
  /** Metres of head by node. */
  readonly head: ReadonlyMap<string, number>
  /** m³/s by edge. */
  readonly flow: ReadonlyMap<string, number>
}

/**
 * A second hand for water: heads and volume flows instead of pressures and masses, each node's head found by bisection of its own
 * balance, node after node, until nothing moves. Slow, and with nothing in common with the solver but the physics.
 *
 * @param sweeps  passes over all nodes
 */
export function solveWaterSlowly(document: NetworkDocument, sweeps = 4000): SlowSolution {
  const density = document.fluid.density_kg_m3 ?? 1000
  const gravity = 9.81
  const height = new Map(document.nodes.map((node) => [node.id, node.height_m ?? 0]))
  const head = new Map(document.nodes.map((node) => [node.id, 50]))
  const fixed = new Set<string>()
  for (const { node, pressure_pa } of document.sources) {
    head.set(node, (height.get(node) ?? 0) + (pressure_pa - 101_325) / (density * gravity))
    fixed.add(node)
  }
  const demand = new Map((document.demands ?? []).map((row) => [row.node, row.mass_flow_kg_s / density]))
  const edges = [
    ...document.pipes.map((pipe) => ({ ...pipe, flowOf: (drop: number) => pipeFlow(pipe, drop, document) })),
    ...(document.compressors ?? []).map((pump) => ({
      ...pump,
      // Lift − coefficient (ρ q)^n = −drop; nothing flows backwards.
      flowOf: (drop: number) => {
        const rise = (pump.pressure_lift_pa ?? 0) + drop * density * gravity
        const { coefficient, exponent } = pump.lift_loss ?? { coefficient: 1, exponent: 1 }
        return rise <= 0 ? 0 : (rise / coefficient) ** (1 / exponent) / density
      },
    })),
  ]
  const at = new Map<string, { readonly edge: (typeof edges)[number]; readonly sign: number }[]>()
  for (const edge of edges)
    for (const [node, sign] of [
      [edge.from, -1],
      [edge.to, 1],
    ] as const)
      at.set(node, [...(at.get(node) ?? []), { edge, sign }])
  const surplus = (node: string, level: number): number => {
    let sum = -(demand.get(node) ?? 0)
    for (const { edge, sign } of at.get(node) ?? []) {
      const before = edge.from === node ? level : (head.get(edge.from) ?? 0)
      const after = edge.to === node ? level : (head.get(edge.to) ?? 0)
      sum += sign * edge.flowOf(before - after)
    }
    return sum
  }
  for (let sweep = 0; sweep < sweeps; sweep++) {
    let moved = 0
    for (const { id } of document.nodes) {
      if (fixed.has(id)) continue
      let [low, high] = [-500, 500]
      for (let i = 0; i < 60; i++) {
        const middle = (low + high) / 2
        if (surplus(id, middle) > 0) low = middle
        else high = middle
      }
      moved = Math.max(moved, Math.abs((head.get(id) ?? 0) - low))
      head.set(id, low)
    }
    if (moved < 1e-11) break
  }
  const flow = new Map(edges.map((e) => [e.id, e.flowOf((head.get(e.from) ?? 0) - (head.get(e.to) ?? 0))]))
  return { head, flow }
}

/** m³/s that a loss of head drives through a pipe, by the formula in its textbook form solved for the flow. */
function pipeFlow(pipe: NetworkDocument['pipes'][number], drop: number, document: NetworkDocument): number {
  const { length_m: length, diameter_m: diameter } = pipe
  const size = Math.abs(drop)
  const minor = (pipe.loss_coefficient ?? 0) / (2 * 9.81 * ((Math.PI / 4) * diameter ** 2) ** 2)
  const loss = (flow: number): number => {
    const velocity = flow / ((Math.PI / 4) * diameter ** 2)
    if (document.friction?.law === 'hazen-williams')
      return (
        (10.667 * length * flow ** 1.852) / ((pipe.hazen_williams_c ?? 0) ** 1.852 * diameter ** 4.871) +
        minor * flow ** 2
      )
    const reynolds = (velocity * diameter * (document.fluid.density_kg_m3 ?? 0)) / (document.fluid.viscosity_pa_s ?? 1)
    const k = (pipe.roughness_m ?? 0) / diameter
    const turbulent = 0.25 / Math.log10(k / 3.7 + 5.74 / Math.max(reynolds, 1) ** 0.9) ** 2
    const t = Math.min(1, Math.max(0, (reynolds - 2300) / 1700))
    const w = t * t * (3 - 2 * t)
    const laminar =
      (32 * (document.fluid.viscosity_pa_s ?? 0) * length * velocity) /
      ((document.fluid.density_kg_m3 ?? 1) * 9.81 * diameter ** 2)
    return w * ((turbulent * length * velocity ** 2) / (diameter * 2 * 9.81)) + (1 - w) * laminar + minor * flow ** 2
  }
  let [low, high] = [0, 10]
  for (let i = 0; i < 70; i++) {
    const middle = (low + high) / 2
    if (loss(middle) < size) low = middle
    else high = middle
  }
  return Math.sign(drop) * low
}
