import {
  compileHydraulics,
  type IsolationPlan,
  type Network,
  type PressuresAfter,
  planIsolation,
  pressuresAfter,
  referenceDensity,
  UsageError,
  type ValveCondition,
} from '@gastwin/twin'
import { EXIT, numberOption, readOptions, type Verb } from './command-line.ts'
import { NETWORK_OPTIONS, NETWORK_USAGE, printNotes, readNetworkInput } from './network-input.ts'

const USAGE = `gastwin isolate NET --edge ID [--stuck VALVE …] [--closed VALVE …] [--remote-only | --by-hand] [--valves-per-customer N] ${NETWORK_USAGE} [--json]`

export const isolate: Verb = {
  summary: 'which valves to close around a fault, and what that does to everybody else',
  usage: USAGE,
  run: async (args) => {
    const { values, positionals } = readOptions(
      args,
      {
        json: { type: 'boolean', default: false },
        edge: { type: 'string' },
        stuck: { type: 'string', multiple: true, default: [] },
        closed: { type: 'string', multiple: true, default: [] },
        'remote-only': { type: 'boolean', default: false },
        'by-hand': { type: 'boolean', default: false },
        'valves-per-customer': { type: 'string', default: '1' },
        ...NETWORK_OPTIONS,
      } as const,
      USAGE,
    )
    const [file, ...more] = positionals
    if (
      file === undefined ||
      more.length > 0 ||
      values.edge === undefined ||
      (values['remote-only'] && values['by-hand'])
    )
      throw new UsageError('CLI_USAGE', `expected one network and --edge (usage: ${USAGE})`)
    const { network, notes } = await readNetworkInput(file, values)
    const conditions = conditionsOf(network, values.stuck, values.closed)
    const solver = compileHydraulics(network)
    const valveOpen = network.edges.open.slice()
    for (const id of values.closed) valveOpen[network.edges.numberOf.get(id) ?? -1] = 0
    const { status, pressure } = solver.solve({ valveOpen })
    const plan = planIsolation(network, values.edge, {
      conditions,
      actuators: values['remote-only'] ? 'remote_only' : values['by-hand'] ? 'manual_only' : 'any',
      valvesPerCustomer: numberOption('valves-per-customer', values['valves-per-customer'], 0, 1e6),
      ...(status === 'converged' ? { pressure: pressure.slice() } : {}),
    })
    const after = plan.feasible ? pressuresAfter(solver, plan, { valveOpen }) : undefined
    const report = isolationReport(network, plan, after)
    printNotes(notes)
    if (values.json) console.log(JSON.stringify({ ...report, notes }))
    else print(report)
    return plan.feasible ? EXIT.ok : EXIT.failed
  },
}

function conditionsOf(
  network: Network,
  stuck: readonly string[],
  closed: readonly string[],
): ReadonlyMap<string, ValveCondition> {
  const conditions = new Map<string, ValveCondition>()
  const { edges } = network
  const add = (id: string, condition: ValveCondition) => {
    const edge = edges.numberOf.get(id) ?? -1
    if (edge < edges.first.valve || edge >= edges.first.regulator)
      throw new UsageError('NET_UNKNOWN', `the network has no valve "${id}"`)
    conditions.set(id, condition)
  }
  for (const id of closed) add(id, 'closed')
  for (const id of stuck) add(id, 'inoperable')
  return conditions
}

/** A plan by ids. Valves are closed in the order given; only a person on site opens them again. */
function isolationReport(network: Network, plan: IsolationPlan, after: PressuresAfter | undefined) {
  const { cutOff } = plan
  const meters = Array.from(cutOff.meters, (meter) => network.meters.idOf(meter))
  const demand = cutOff.demandKgS
  return {
    edge: plan.target,
    feasible: plan.feasible,
    obstacle: plan.obstacle,
    close: plan.close.map((valve) => valve.id),
    steps: plan.close.map(({ id, actuator, travelMinutes }) => ({
      valve: id,
      actuator,
      travel_minutes: travelMinutes,
    })),
    minutes_total: plan.minutesTotal,
    already_closed: plan.alreadyClosed,
    held_back_by: plan.heldBackBy,
    isolated_nodes: Array.from(plan.isolatedNodes, (node) => network.nodes.ids[node] ?? ''),
    cut_off: {
      nodes: Array.from(cutOff.nodes, (node) => network.nodes.ids[node] ?? ''),
      pipes: Array.from(cutOff.pipes, (edge) => network.edges.ids[edge] ?? ''),
      meters,
      demand_kg_s: demand,
      demand_standard_m3_s: demand === null ? null : demand / referenceDensity(network.document.fluid),
      commercial: cutOff.commercial,
      industrial: cutOff.industrial,
      protected: cutOff.protected,
    },
    resulting: resultingOf(after),
    vent_standard_m3: plan.gasToVentM3,
    restore: restoreSteps(plan, meters),
  }
}

type Report = ReturnType<typeof isolationReport>

function resultingOf(after: PressuresAfter | undefined) {
  if (after === undefined) return null
  const { status, worstNode, lowest, below } = after
  return {
    status,
    worst_node: worstNode,
    min_pressure_pa: lowest?.pressure ?? null,
    node: lowest?.id ?? null,
    limit_pa: lowest?.limit ?? null,
    below_minimum: below.map(({ id, pressure, limit, before }) => ({
      node: id,
      pressure_pa: pressure,
      min_pressure_pa: limit,
      before_pa: before,
    })),
  }
}

/** Gas must not come back to an open burner: every meter is shut before the first valve opens and visited after the last. */
function restoreSteps(plan: IsolationPlan, meters: readonly string[]) {
  if (!plan.feasible) return []
  const shut = meters.length === 0 ? [] : [{ action: 'shut_meters', by: 'person', meters }]
  const visit = meters.length === 0 ? [] : [{ action: 'visit_meters', by: 'person', meters }]
  const open = plan.restore.map((valve) => ({ action: 'person_opens', by: 'person', valve }))
  return [...shut, ...open, ...visit].map((step, i) => ({ order: i + 1, ...step }))
}

function print(report: Report): void {
  const { cut_off: cut, resulting } = report
  if (!report.feasible) {
    console.log(`${report.edge}: cannot be isolated (${report.obstacle})`)
    return
  }
  console.log(`${report.edge}: close ${report.close.length} valves`)
  for (const { valve, actuator, travel_minutes } of report.steps)
    console.log(`  ${valve.padEnd(20)} ${actuator}${travel_minutes === null ? '' : `, ${travel_minutes} min`}`)
  if (report.held_back_by.length > 0) console.log(`relies on ${report.held_back_by.join(', ')} to hold gas back`)
  console.log(`cut off: ${cut.nodes.length} nodes, ${cut.meters.length} meters, ${cut.demand_kg_s ?? 'unknown'} kg/s`)
  for (const { meter, kind } of cut.protected) console.log(`  protected: ${kind}, meter ${meter}`)
  console.log(`gas to vent: ${report.vent_standard_m3.toFixed(1)} m³`)
  if (resulting !== null)
    console.log(
      resulting.status === 'converged'
        ? `elsewhere: lowest ${((resulting.min_pressure_pa ?? 0) / 1000).toFixed(2)} kPa at ${resulting.node}, ${resulting.below_minimum.length} nodes below their minimum`
        : `elsewhere: ${resulting.status} at ${resulting.worst_node}`,
    )
  console.log('a person on site opens the valves again; the platform never does')
}
